# SPDX-License-Identifier: GPL-3.0-or-later
"""smbtorture's tests, every single one, with the module and without.

Many fail against a plain smbd: they must fail the same, by the statuses and the
places in smbtorture's source that their complaints name. Each suite runs twice
without the module, and once with it in each place that it can have. If a test
gives something else, its suite is run again, on both sides; it differs if nothing
was seen on both. Those that do not always give the same without the module are
named.
"""

import contextlib
import os
import re
import select
import shutil
import subprocess
import time

from conftest import PASSWORD, USER
from pool import Pool

TEST_S = 60             # a test that takes longer hangs
TRIES = 3               # how often what differs is asked again
AT_ONCE = 2             # runs of smbtorture

AROUND = 'acl_xattr streams_xattr'
FRUIT = 'fruit streams_xattr'


def places(others):
    return {'above': 'latency:top ' + others,
            'below': others + ' latency:bottom',
            'both sides': 'latency:top %s latency:bottom' % others}


# Name: vfs objects without the module; with it, by place; which suites.
GROUPS = {
    'plain': ('', {'alone': 'latency'}, r'smb2\.'),
    'waiting': ('', {'alone': 'latency'}, r'smb2\.'),
    'fruit': (FRUIT, places(FRUIT), r'vfs\.(un)?fruit'),
    'around': (AROUND, places(AROUND), r'smb2\.|vfs\.(acl|streams)_xattr'),
}
QUICK = ['smb2.compound', 'smb2.ioctl', 'smb2.rename', 'smb2.streams',
         'vfs.fruit']

# Minutes each, in which hardly anything happens: one beside the other.
WAITING = ['smb2.lease', 'smb2.oplock', 'smb2.replay', 'smb2.notify',
           'smb2.aio_delay', 'smb2.change_notify_disabled']
# Half a minute or more of work each: only alone.
LONG = ['smb2.scan', 'smb2.maxfid', 'smb2.bench', 'smb2.compound_find']

# Two wait for ever for what somebody else does, the third looks at that.
LEFT_OUT = ['smb2.hold-oplock', 'smb2.hold-sharemode', 'smb2.check-sharemode']


def suites():
    """{suite: its tests, by the names that smbtorture takes}."""
    def ask(option):
        return subprocess.run(['smbtorture', option], check=True, text=True,
                              stdout=subprocess.PIPE).stdout.splitlines()[1:]

    tests = [name.rpartition('.')[0] for name in ask('--list')]
    return {suite: [test for test in tests
                    if test == suite or test.startswith(suite + '.')]
            for suite in ask('--list-suites')
            if suite.startswith(('smb2.', 'vfs.')) and suite not in LEFT_OUT}


def is_called(test, name):
    """Is this the name of the test in smbtorture's output?"""
    return test.endswith('.' + name)


# --- a run of smbtorture ------------------------------------------------------------

def outputs(process):
    """Its lines as they come; None each time when a second has passed."""
    rest = b''
    while True:
        if not select.select([process.stdout], [], [], 1)[0]:
            yield None
            continue
        data = os.read(process.stdout.fileno(), 65536)
        if not data:
            return
        *lines, rest = (rest + data).split(b'\n')
        for line in lines:
            yield line.decode(errors='replace')


class Running:
    """The results so far: {test: (result, what its complaint names)}."""

    def __init__(self, tests):
        self.tests = list(tests)        # that have no result yet
        self.results = {}
        self.latest = None
        self.complaint = None           # lines of it, while there are more

    def result(self, text):
        self.latest = self.tests.pop(0)
        self.results[self.latest] = text, ()

    def ended(self, name, text):
        """A test of this name; those before it have no result."""
        self.latest = None
        if any(is_called(test, name) for test in self.tests):
            while not is_called(self.tests[0], name):
                self.result('no result')
            self.result(text)

    def complained(self):
        """Of what: the statuses and the places in smbtorture's source."""
        if self.latest is not None:
            self.results[self.latest] = self.results[self.latest][0], tuple(
                re.findall(r'NT_STATUS_\w+|\w+\.c:\d+',
                           '\n'.join(self.complaint)))
        self.complaint = None

    def line(self, line):
        """Takes a line of output. True: a test has begun or ended."""
        found = re.match(r'(success|failure|error|skip): (.*?)( \[)?$', line)
        if self.complaint is not None:
            if line == ']':
                self.complained()
            else:
                self.complaint.append(line)
        elif found:
            self.ended(found.group(2), found.group(1))
            self.complaint = [] if found.group(3) else None
            return True
        return line.startswith('test: ')


def run_tests(server, tests):
    """{test: its result} of these tests, one after the other."""
    running = Running(tests)
    for entry in server.share.iterdir():
        shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    while running.tests:
        # Where one hangs or ends smbtorture, the others come after it.
        before = len(running.tests)
        with subprocess.Popen(
                ['smbtorture', '//127.0.0.1/share', '-p', str(server.port),
                 '-U', '%s%%%s' % (USER, PASSWORD), '-s', server.conf,
                 '--option=torture:localdir=%s' % server.share,
                 *running.tests], stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT, cwd=server.directory) as process:
            since = time.monotonic()
            for line in outputs(process):
                if line is not None and running.line(line):
                    since = time.monotonic()
                elif time.monotonic() - since > TEST_S:
                    process.kill()
                    if running.tests:
                        running.result('hangs')
                    break
        if len(running.tests) == before:
            running.result('no result')
            running.complaint = None
    return running.results


# --- comparing ----------------------------------------------------------------------

class Suite:
    """What a suite's tests have given: without, and with the module."""

    def __init__(self, name, tests, without, places_of):
        self.name = name
        self.tests = tests
        self.without = without          # two servers
        self.places = places_of         # {place: server}
        self.seen = {}                  # {place or None: {test: set}}
        self.unsteady = set()           # tests that differ without the module

    def add(self, place, results):
        for test in self.tests:
            self.seen.setdefault(place, {}).setdefault(test, set()).add(
                results[test])

    def run(self, pool):
        jobs = [(None, self.without[0]), *self.places.items(),
                (None, self.without[1])]
        for (place, _), results in zip(jobs, pool.map(
                lambda job: run_tests(job[1], self.tests), jobs)):
            self.add(place, results)
        for _ in range(TRIES):
            again = [place for place in self.places if self.differ(place)]
            if not again:
                break
            jobs = [(None, self.without[0]),
                    *((place, self.places[place]) for place in again)]
            for (place, _), results in zip(jobs, pool.map(
                    lambda job: run_tests(job[1], self.tests), jobs)):
                self.add(place, results)
        self.unsteady = {test for test, results in self.seen[None].items()
                         if len(results) > 1}

    def differ(self, place):
        return [test for test in self.tests
                if not self.seen[place][test] & self.seen[None][test]]

    def count(self, kind):
        return sum(any(result[0] == kind for result in results)
                   for results in self.seen[None].values())

    def row(self):
        return ('%-30s %5d' + 5 * ' %5d' + ' %8d  %s') % (
            self.name, len(self.tests), self.count('success'),
            self.count('failure') + self.count('error'), self.count('skip'),
            self.count('hangs') + self.count('no result'),
            sum(len(self.seen[place][test] - self.seen[None][test]) > 0
                for place in self.places for test in self.tests),
            len(self.unsteady),
            ', '.join('%s: %d differ' % (place, len(self.differ(place)))
                      for place in self.places if self.differ(place)) or
            'same')


HEAD = ('%-30s' + 6 * ' %5s' + ' %8s  %s') % (
    'suite', 'tests', 'good', 'bad', 'skip', 'hang', 'again', 'unsteady',
    'with the module')


def compare(torture, group, chosen, at_once):
    """These suites of a group, compared one after the other."""
    objects, with_it, _ = GROUPS[group]
    done = []
    with contextlib.ExitStack() as stack:
        without = [stack.enter_context(torture.smbd(objects))
                   for _ in range(2)]
        servers = {place: stack.enter_context(torture.smbd(value))
                   for place, value in with_it.items()}
        pool = stack.enter_context(Pool(at_once))
        for suite, tests in chosen.items():
            done.append(Suite(suite, tests, without, servers))
            done[-1].run(pool)
            print(done[-1].row(), flush=True)
        for place, server in servers.items():
            report = server.final_report()
            assert report['unmeasured'] == 0, place
            assert report['vfs_operations'], place
    return done


def compare_group(torture, group, chosen):
    objects, with_it, _ = GROUPS[group]
    print('    %s; %s; without: %s' % (group, '; '.join(
        '%s: %s' % item for item in with_it.items()), objects or 'nothing'))
    print(HEAD, flush=True)
    if group != 'waiting':
        return compare(torture, group, chosen, AT_ONCE)
    with Pool(len(chosen)) as pool:
        return sum(pool.map(lambda suite: compare(
            torture, group, {suite: chosen[suite]}, 3), chosen), [])


def choose(torture, group, tests):
    """The suites of a group, with their tests."""
    pattern = GROUPS[group][2]
    return {suite: tests[suite] for suite in tests
            if re.match(pattern, suite) and
            (suite in QUICK or not torture.quick) and
            (suite in WAITING) == (group == 'waiting') and
            (suite not in LONG or group == 'plain')}


def run(torture):
    tests = suites()
    done = []
    for group in GROUPS:
        chosen = choose(torture, group, tests)
        if chosen:
            done += compare_group(torture, group, chosen)
    differ = ['%s, %s' % (test, place) for suite in done
              for place in suite.places for test in suite.differ(place)]
    assert not differ, 'other results with the module: ' + '; '.join(differ)
    unsteady = {test for suite in done for test in suite.unsteady}
    print('    not always the same without the module: %s' % (
        ', '.join(sorted(unsteady)) or 'none'))
    return ('%d tests of %d suites, the module in %d places: each gives the '
            'same; %d do not always without it' % (
                len({test for suite in done for test in suite.tests}),
                len({suite.name for suite in done}),
                len({place for suite in done for place in suite.places}),
                len(unsteady)))
