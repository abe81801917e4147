#!/usr/bin/env python3
"""Adds up JUnit reports and prints the closing line "N passed, N failed, N skipped"."""
import sys
import xml.etree.ElementTree as tree


def main(paths):
    passed = failed = skipped = 0
    for path in paths:
        for case in tree.parse(path).iter("testcase"):
            if case.find("failure") is not None or case.find("error") is not None:
                failed += 1
            elif case.find("skipped") is not None:
                skipped += 1
            else:
                passed += 1
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
