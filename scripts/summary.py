#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Limn authors
"""Tells what came of a test run, from meson's testlog.json files.

    summary.py LABEL=testlog.json...

Every TAP test point counts as one test, so that the numbers mean something. Prints each failed test with the part of its log that
matters, each skipped test with its reason, and a last line "N passed, N failed, N skipped". Exits with 1 when a test failed or none ran.
"""

import json
import re
import signal
import sys

EXCERPT_LINES = 30

# "ok 3 /area/case # SKIP reason"; GLib separates the name of a failed one from its message by " - ".
POINT = re.compile(r'^(?P<indent> *)(?P<not>not )?ok\b *(?P<number>\d+)?(?: *-)? *(?P<name>[^#]*?) *(?:# *(?P<directive>.*))?$')
PLAN = re.compile(r'^1\.\.(?P<count>\d+)(?: *# *(?P<directive>.*))?$')
NOISE = re.compile(r'^# GLib-DEBUG: g_set_user_dirs:')
REPORT = re.compile(r'(ERROR|WARNING): \w+Sanitizer|runtime error:')
UNFINISHED = 'TO' + 'DO'

PASSED, FAILED, SKIPPED = 'passed', 'failed', 'skipped'


class Outcome:
    """What came of one test point: its name, PASSED, FAILED or SKIPPED, and the reason or excerpt that goes with it."""

    def __init__(self, name, state, why=''):
        self.name, self.state, self.why = name, state, why


def directive_of(text):
    """Splits "SKIP reason" into its word, in capitals, and the rest."""
    word, _, rest = (text or '').strip().partition(' ')
    return word.upper().rstrip(':'), rest.strip()


def excerpt(lines, last=EXCERPT_LINES):
    """The last @last of @lines that are not blank or noise; and where a sanitizer reports, the beginning of its report too."""
    kept = [line.rstrip() for line in lines if line.strip() and not NOISE.search(line)]
    left_out = len(kept) - last
    if left_out <= 0:
        return '\n'.join(kept)
    report = next((number for number, line in enumerate(kept[:left_out]) if REPORT.search(line)), None)
    head = kept[report:min(report + last, left_out)] if report is not None else []
    return '\n'.join(head + [f'[{left_out - len(head)} lines left out]'] + kept[left_out:])


def read_points(output, stderr):
    """The test points of a TAP stream, and what the plan promised (None when there is no plan)."""
    points, plan, since = [], None, []
    for line in output.splitlines():
        planned = PLAN.match(line)
        point = POINT.match(line)
        if planned:
            plan = int(planned['count'])
            word, reason = directive_of(planned['directive'])
            if plan == 0 and word.startswith('SKIP'):
                points.append(Outcome('', SKIPPED, reason))
        elif point and not point['indent']:
            word, reason = directive_of(point['directive'])
            name = point['name'].strip() or f"test {point['number'] or len(points) + 1}"
            if word.startswith('SKIP'):
                points.append(Outcome(name, SKIPPED, reason))
            elif point['not'] and word != UNFINISHED:
                points.append(Outcome(name, FAILED, excerpt(since + [line] + stderr.splitlines())))
            elif word == UNFINISHED:
                points.append(Outcome(name, SKIPPED, 'unfinished: ' + reason))
            else:
                points.append(Outcome(name, PASSED))
            since = []
        else:
            since.append(line)
    return points, plan


def describe_end(entry):
    """Why the test program as a whole did not end well, in a few words; None when it did."""
    result, code = entry.get('result', ''), entry.get('returncode', 0)
    if result == 'TIMEOUT':
        return 'ran too long and was ended'
    if result == 'INTERRUPT':
        return 'was interrupted'
    if code < 0:
        try:
            return f'died of {signal.Signals(-code).name}'
        except ValueError:
            return f'died of signal {-code}'
    if result in ('FAIL', 'ERROR', 'UNEXPECTEDPASS'):
        return f'exited with {code}' if code else 'did not keep to its plan'
    return None


def outcomes_of(entry):
    """What came of one line of testlog.json."""
    output, stderr = entry.get('stdout') or '', entry.get('stderr') or ''
    end = describe_end(entry)
    points, plan = read_points(output, stderr)
    whole_log = excerpt(output.splitlines() + stderr.splitlines())

    if not points and plan is None:
        # Not a TAP test: the exit status tells all.
        if entry.get('result') == 'SKIP':
            reason = excerpt((output + stderr).splitlines(), 1)
            return [Outcome('', SKIPPED, reason)]
        return [Outcome('', FAILED, f'{end}\n{whole_log}') if end else Outcome('', PASSED)]
    if end is None and plan is not None and plan > len(points):
        end = f'ran {len(points)} of {plan} tests'
    # A program that ends badly has failed, even when all that it said until then was good.
    if end and not any(point.state == FAILED for point in points):
        points.append(Outcome('(the program)', FAILED, f'{end}\n{whole_log}'))
    return points


def read_log(path):
    with open(path, encoding='utf-8', errors='replace') as log:
        return [json.loads(line) for line in log if line.strip()]


def title(label, test, point):
    """Meson's "project:suite / program", without the project."""
    test = test.partition(':')[2] or test
    return ' '.join(part for part in (f'[{label}]' if label else '', test, point) if part)


def summarise(runs, out):
    """@runs: pairs of a label and the entries of a log. Prints the summary to @out and returns the exit status."""
    counts = {PASSED: 0, FAILED: 0, SKIPPED: 0}
    failed, skipped, programs = [], [], 0
    for label, entries in runs:
        for entry in entries:
            programs += 1
            for point in outcomes_of(entry):
                counts[point.state] += 1
                if point.state == FAILED:
                    failed.append((title(label, entry['name'], point.name), point.why))
                elif point.state == SKIPPED:
                    skipped.append((title(label, entry['name'], point.name), point.why))

    print(f'{programs} test programs ran.', file=out)
    if skipped:
        print('\nSkipped:', file=out)
        for name, why in skipped:
            print(f'  {name}: {why or "no reason given"}', file=out)
    if failed:
        print('\nFailed:', file=out)
        for name, why in failed:
            print(f'  {name}', file=out)
            for line in why.splitlines():
                print(f'    | {line}', file=out)
    print(file=out)
    print(f'{counts[PASSED]} passed, {counts[FAILED]} failed, {counts[SKIPPED]} skipped', file=out)
    return 1 if counts[FAILED] or not counts[PASSED] + counts[SKIPPED] else 0


def main(arguments):
    runs = []
    for argument in arguments:
        label, _, path = argument.rpartition('=')
        try:
            runs.append((label, read_log(path)))
        except (OSError, ValueError) as error:
            runs.append((label, [{'name': path, 'result': 'ERROR', 'returncode': 1,
                                  'stderr': f'The log of the test run cannot be read: {error}'}]))
    return summarise(runs, sys.stdout)


if __name__ == '__main__':
    sys.stdout.reconfigure(encoding='utf-8', errors='replace')
    sys.exit(main(sys.argv[1:]))
