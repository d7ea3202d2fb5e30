#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Limn authors
"""The summary of a test run may neither lose a failure nor invent one."""

import io
import json
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'scripts'))

import summary  # noqa: E402  (found through the line above)
import tap  # noqa: E402

GOOD = '''TAP version 13
# random seed: R02S1
1..3
# Start of tensor tests
ok 1 /tensor/new
ok 2 /tensor/view # SKIP no large pages
# End of tensor tests
ok 3 /tensor/copy
'''
FAILING = '''TAP version 13
1..2
ok 1 /a/first
# ERROR:test.c:12:test_second: assertion failed (x == 1): (2 == 1)
not ok 2 /a/second - ERROR:test.c:12:test_second: assertion failed (x == 1): (2 == 1)
Bail out!
'''


def entry(stdout='', result='OK', returncode=0, stderr='', name='test'):
    return {'name': name, 'stdout': stdout, 'stderr': stderr, 'result': result, 'returncode': returncode}


def run(*entries, label=''):
    out = io.StringIO()
    status = summary.summarise([(label, list(entries))], out)
    return status, out.getvalue(), out.getvalue().splitlines()[-1]


class Counting(unittest.TestCase):
    def test_good(self):
        status, text, last = run(entry(GOOD))
        self.assertEqual((status, last), (0, '2 passed, 0 failed, 1 skipped'))
        self.assertIn('/tensor/view: no large pages', text)

    def test_failing(self):
        status, text, last = run(entry(FAILING, 'FAIL', -6), entry(GOOD))
        self.assertEqual((status, last), (1, '3 passed, 1 failed, 1 skipped'))
        self.assertIn('/a/second', text)
        self.assertIn('(2 == 1)', text)

    def test_crash_after_good_points(self):
        status, text, last = run(entry('1..2\nok 1 /a\n', 'FAIL', -11, 'AddressSanitizer: heap-use-after-free'))
        self.assertEqual((status, last), (1, '1 passed, 1 failed, 0 skipped'))
        self.assertIn('SIGSEGV', text)
        self.assertIn('heap-use-after-free', text)

    def test_leak_after_all_points(self):
        status, _, last = run(entry('1..1\nok 1 /a\n', 'FAIL', 23, 'LeakSanitizer: detected memory leaks'))
        self.assertEqual((status, last), (1, '1 passed, 1 failed, 0 skipped'))

    def test_fewer_points_than_planned(self):
        status, text, last = run(entry('1..3\nok 1 /a\n'))
        self.assertEqual((status, last), (1, '1 passed, 1 failed, 0 skipped'))
        self.assertIn('ran 1 of 3', text)

    def test_timeout(self):
        status, text, last = run(entry('1..2\nok 1 /a\n', 'TIMEOUT', -15))
        self.assertEqual((status, last), (1, '1 passed, 1 failed, 0 skipped'))
        self.assertIn('too long', text)

    def test_without_tap(self):
        self.assertEqual(run(entry('all is well'))[2], '1 passed, 0 failed, 0 skipped')
        self.assertEqual(run(entry('broken', 'FAIL', 1))[2], '0 passed, 1 failed, 0 skipped')
        status, text, last = run(entry('no display\n', 'SKIP', 77))
        self.assertEqual((status, last), (0, '0 passed, 0 failed, 1 skipped'))
        self.assertIn('no display', text)

    def test_whole_program_skipped(self):
        _, text, last = run(entry('1..0 # SKIP no Xvfb\n', 'SKIP'))
        self.assertEqual(last, '0 passed, 0 failed, 1 skipped')
        self.assertIn('no Xvfb', text)

    def test_unfinished_is_not_a_failure(self):
        self.assertEqual(run(entry(f'1..1\nnot ok 1 - later # {summary.UNFINISHED} soon\n'))[2], '0 passed, 0 failed, 1 skipped')

    def test_nothing_ran(self):
        self.assertEqual(run()[0], 1)
        self.assertEqual(run()[2], '0 passed, 0 failed, 0 skipped')

    def test_subtests_count_once(self):
        self.assertEqual(run(entry('1..1\n    ok 1 inner\n    1..1\nok 1 outer\n'))[2], '1 passed, 0 failed, 0 skipped')


class Printing(unittest.TestCase):
    def test_label(self):
        self.assertIn('[asan] test /a/second', run(entry(FAILING, 'FAIL', 1), label='asan')[1])

    def test_excerpt_is_short_and_keeps_the_end(self):
        text = summary.excerpt([f'line {i}' for i in range(100)])
        self.assertEqual(len(text.splitlines()), summary.EXCERPT_LINES + 1)
        self.assertIn('line 99', text)

    def test_excerpt_keeps_the_beginning_of_a_report(self):
        lines = ['before'] * 50 + ['==1==ERROR: AddressSanitizer: SEGV', '#0 in culprit'] + [f'line {i}' for i in range(100)]
        text = summary.excerpt(lines)
        self.assertNotIn('before', text)
        self.assertIn('#0 in culprit', text)
        self.assertIn('line 99', text)


class Files(unittest.TestCase):
    def test_read(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, 'testlog.json')
            with open(path, 'w', encoding='utf-8') as log:
                for item in (entry(GOOD), entry('x', 'FAIL', 1)):
                    log.write(json.dumps(item) + '\n')
            self.assertEqual(len(summary.read_log(path)), 2)

    def test_missing_log_is_a_failure(self):
        standard, sys.stdout = sys.stdout, io.StringIO()
        try:
            status = summary.main(['=/nonexistent/testlog.json'])
            text = sys.stdout.getvalue()
        finally:
            sys.stdout = standard
        self.assertEqual(status, 1)
        self.assertTrue(text.endswith('0 passed, 1 failed, 0 skipped\n'))


if __name__ == '__main__':
    sys.exit(tap.main(sys.modules[__name__]))
