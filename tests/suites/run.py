#!/usr/bin/python3
"""
run.py [SUITE [PART]]: `make suites`: every suite that is described here, or one; installs what it needs. Prints TAP and, at the end, `N passed, N failed`.
"""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import suites


def main():
    chosen = [suite for suite in suites.all_suites() if suite.name in sys.argv[1:2] or len(sys.argv) == 1]
    if not chosen:
        print("run.py: no such suite; there are %s" % " ".join(suite.name for suite in suites.all_suites()), file=sys.stderr)
        return 2
    if len(sys.argv) > 2:
        for suite in chosen:
            suite.parts, suite.least = [part for part in suite.parts if sys.argv[2] in part], 0
    return suites.compare(chosen)


sys.exit(main())
