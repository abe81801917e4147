"""Runs both sides on the same texts and finds where they differ."""
import base64
import json
import subprocess
import unicodedata

import oracles
import texts


def as_request(text, pair=None, **options):
    fields = dict(options)
    for name, value in (("text", text), ("pair", pair)):
        if isinstance(value, bytes):
            fields["base64" if name == "text" else "pair64"] = base64.b64encode(value).decode()
        elif value is not None:
            fields[name] = value
    return fields


def ours(program, folder, requests):
    """[(ids, types)] by the program tests/tokenize.c."""
    data = "".join(json.dumps(r) + "\n" for r in requests).encode()
    done = subprocess.run([str(program), str(folder)], input=data, capture_output=True)
    assert done.returncode == 0, f"{folder}: status {done.returncode}: {done.stderr.decode()[:2000]}"
    return [(a["ids"], a["types"]) for a in map(json.loads, done.stdout.splitlines())]


def known(text):
    """Whether Python's older Unicode knows all of a text: PCRE2 on Debian 12 knows no newer letters, see tokenizer_pattern.h."""
    return all(unicodedata.category(c) != "Cn" for c in texts.as_text(text))


def suited(name, some):
    """The texts on which a tokenizer has to agree: all, unless it has an expression that PCRE2 matches."""
    return [t for t in some if known(t)] if name in oracles.BY_PCRE2 else some


def save(tokenizers, folder):
    for name, tokenizer in tokenizers.items():
        (folder / name).mkdir(parents=True, exist_ok=True)
        tokenizer.save(str(folder / name / "tokenizer.json"))


BATCH = 5000  # texts at a time: the reference keeps much about each token


def differences(program, folder, tokenizer, some):
    """[(text, theirs, ours)] of the single texts whose ids or types differ."""
    result = []
    for start in range(0, len(some), BATCH):
        batch = some[start:start + BATCH]
        theirs = tokenizer.encode_batch([texts.as_text(t) for t in batch])
        mine = ours(program, folder, [as_request(t) for t in batch])
        assert len(mine) == len(batch)
        result += [(t, a.ids, b[0]) for t, a, b in zip(batch, theirs, mine) if a.ids != b[0] or a.type_ids != b[1]]
    return result


def pair_differences(program, folder, tokenizer, some, limit):
    """The same for neighbours as pairs, cut to `limit` tokens, every third without special tokens."""
    result = []
    for special in (True, False):
        pairs = [(a, b) for i, (a, b) in enumerate(zip(some, some[1:])) if (i % 3 == 0) != special]
        tokenizer.enable_truncation(limit)
        theirs = [tokenizer.encode(texts.as_text(a), texts.as_text(b), add_special_tokens=special) for a, b in pairs]
        tokenizer.no_truncation()
        mine = ours(program, folder, [as_request(a, b, special=special, max=limit) for a, b in pairs])
        result += [(p, a.ids, b[0]) for p, a, b in zip(pairs, theirs, mine) if a.ids != b[0] or a.type_ids != b[1]]
    return result
