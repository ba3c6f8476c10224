#!/usr/bin/python3
"""
test_suites.py: the bounded part of `make suites`, for `make check`: parts of suites that are marked quick, untraced and traced, test by test. Skips a suite
whose packages are not installed, with the reason; on CI that is a failure.
"""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import suites


def main():
    quick = [suite for suite in suites.all_suites() if suite.quick]
    missing = {suite.name: suites.missing_packages(suite) for suite in quick}
    return suites.compare([suite for suite in quick if not missing[suite.name]], quick=True,
                          skipped={name: "needs " + " ".join(packages) for name, packages in missing.items() if packages})


sys.exit(main())
