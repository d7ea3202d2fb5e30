# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Limn authors
"""Runs Python's unit tests and prints TAP, so that each counts in the summary."""

import io
import unittest


def main(module):
    tests = list(flatten(unittest.defaultTestLoader.loadTestsFromModule(module)))
    print(f'1..{len(tests)}')
    good = True
    for number, test in enumerate(tests, 1):
        result = unittest.TextTestRunner(stream=io.StringIO()).run(test)
        for _, trace in result.failures + result.errors:
            good = False
            for line in trace.splitlines():
                print(f'# {line}')
        skip = f' # SKIP {result.skipped[0][1]}' if result.skipped else ''
        print(f"{'ok' if result.wasSuccessful() else 'not ok'} {number} {test.id().partition('.')[2]}{skip}")
    return 0 if good else 1


def flatten(suite):
    for item in suite:
        if isinstance(item, unittest.TestSuite):
            yield from flatten(item)
        else:
            yield item
