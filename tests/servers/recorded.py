"""Replies as real servers gave them: read from the recordings beside the repository, where they are."""
import json

from .loopback import Reply, Stream


def lines_of(recording):
    """The recorded lines; the marks of what was trimmed away are left out."""
    sse = any(l.startswith("data:") for l in recording["lines"])
    kept = [l for l in recording["lines"] if l == "" or l.startswith(("{", "data:"))]
    return [l + "\n" + ("\n" if sse and l and "" not in recording["lines"] else "") for l in kept], sse


def reply(path):
    """What one recorded exchange answered."""
    recording = json.loads(path.read_text(encoding="utf-8"))
    if isinstance(recording, list):
        recording = recording[0]
        return Reply(recording["body"], recording["status"])
    if "lines" in recording:
        lines, sse = lines_of(recording)
        return Stream(lines, "text/event-stream" if sse else "application/x-ndjson")
    return Reply(recording["json"], recording["status"])
