#!/usr/bin/env python3
"""Adds up test reports and prints the closing line "N passed, N failed, N skipped".

    count.py UNIT.json REPORT.xml...

UNIT.json is meson's log of the unit programs, REPORT.xml are JUnit files. A program that dies leaves no failed case in JUnit
(only those that it came to are there), so the log tells of it.
"""
import json
import sys
import xml.etree.ElementTree as tree

BAD = {"FAIL", "ERROR", "TIMEOUT", "INTERRUPT", "UNEXPECTEDPASS"}


def count_programs(path):
    """How many unit programs did not end well, or 1 where there is no log."""
    try:
        with open(path, encoding="utf-8") as lines:
            return sum(json.loads(line)["result"] in BAD for line in lines)
    except OSError:
        return 1


def main(log, paths):
    passed = failed = skipped = suites = 0
    for path in paths:
        for suite in tree.parse(path).iter("testsuite"):
            before = failed
            for case in suite.iter("testcase"):
                if case.find("failure") is not None or case.find("error") is not None:
                    failed += 1
                elif case.find("skipped") is not None:
                    skipped += 1
                else:
                    passed += 1
            suites += failed > before and path.endswith("unit.xml")
    failed += max(0, count_programs(log) - suites)
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
