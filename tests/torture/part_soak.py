# SPDX-License-Identifier: GPL-3.0-or-later
"""A day's load in 45 minutes: clients that stay, clients that come and go, and
all who read, each as often meanwhile as else in a day.

The memory of smbd, of a report every minute, of `top`, the exporter and the
recorder, and the size of our files, must not grow once all have been in use for
a while. A client's smbd may take more as smbd itself does: the same load runs
against one without the module.
"""

import contextlib
import os
import re
import subprocess
import threading
import time
import urllib.request
from collections import defaultdict
from pathlib import Path
from statistics import median

from conftest import READER, run as run_command, wait_until
from part_connects import state
from test_stat_history import Recorder
from test_top import Terminal

SECONDS, SECONDS_QUICK = 2700, 60
FASTER = 24 * 3600 / SECONDS
RECORD_S, SCRAPE_S, REPORT_S, TOP_S = (
    seconds / FASTER for seconds in (10, 15, 60, 3))
VISITS_S = 2            # a client that comes and goes, each so many seconds
ROUND_S = 3             # of those that stay: FILES copied in, out, removed
STAYING, FILES = 2, 40
SAMPLES_A_QUARTER = 12
# By so much a process may have grown from the second quarter to the last.
MEMORY_KB = 1024
# Details of some minutes only, so that the history is thinned all the time.
KEEP = '--keep=6m/16M,5m:4w'
# And files: of names that were not there before.
FILES_KB = {'segments': 256, 'departed': 256, 'history': 24 << 10}

WITHOUT = 'smbd without the module'
DESCRIPTORS = ', descriptors'


def size_kb(*paths):
    """Of those that there are."""
    total = 0
    for path in paths:
        try:
            total += path.stat().st_blocks // 2
        except FileNotFoundError:
            pass
    return total


def clients_smbds(server):
    """Not one that is new for another reason."""
    status = run_command('smbstatus', '-p', '-s', server.conf).stdout
    return {int(pid) for pid in re.findall(r'^(\d+)\s', status, re.M)}


class Staying:
    """A client that stays, and its smbd."""

    def __init__(self, server, sources, number):
        before = clients_smbds(server)
        self.name = 'stays%d' % number
        self.out = server.directory / ('out-' + self.name)
        self.out.mkdir()
        self.client = server.client()
        self.pid, = clients_smbds(server) - before
        self.sources = sources
        self.copied = 0
        self.client.run('prompt')

    def round(self):
        """Files of names that have not been there, and a new tree connect."""
        where = '%s-%d' % (self.name, self.copied)
        for command in ('mkdir ' + where, 'cd ' + where,
                        'lcd %s' % self.sources, 'mput *', 'ls',
                        'lcd %s' % self.out, 'mget *', 'allinfo file0',
                        'get missing', 'rename file0 renamed', 'del *',
                        'cd ..', 'rmdir ' + where, 'tdis', 'tcon share'):
            self.client.run(command)
        self.copied += FILES


class Soak:
    """Who does what, each in a thread, until it ends."""

    def __init__(self, seconds):
        self.end = time.monotonic() + seconds
        self.threads = []
        self.failed = []
        self.done = defaultdict(int)

    def every(self, seconds, name, what):
        def loop():
            due = time.monotonic()
            try:
                while time.monotonic() < self.end and not self.failed:
                    what()
                    self.done[name] += 1
                    due = max(due + seconds, time.monotonic() - seconds)
                    time.sleep(max(0, min(due, self.end) - time.monotonic()))
            except Exception as problem:    # pylint: disable=broad-except
                self.failed.append('%s: %s' % (name, problem))

        self.threads.append(threading.Thread(target=loop))
        self.threads[-1].start()

    def stop(self):
        self.end = 0
        for thread in self.threads:
            thread.join()

    def wait(self):
        for thread in self.threads:
            thread.join()
        assert not self.failed, self.failed[0]


class Reader:
    """A smblatency-stat that runs all the time; what it says is wrong."""

    def __init__(self, server, directory, *words):
        self.errors = directory / ('errors-%s' % words[0].strip('-'))
        with open(self.errors, 'wb') as errors:
            self.process = subprocess.Popen(
                [READER, '--segments', server.latency, *words],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=errors)
        self.pid = self.process.pid

    def drain(self):
        """Of a report: until it has ended."""
        while self.process.stdout.read(1 << 16):
            pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def stop(self):
        self.process.terminate()
        self.process.wait(30)
        said = self.errors.read_text(errors='replace')
        assert said == '', said


def visit(server, sources):
    server.smbclient(['lcd %s' % sources, 'put file0 visitor', 'ls',
                      'get visitor /dev/null', 'del visitor'])


def child_of(pid):
    """The command that a shell runs."""
    children = Path('/proc/%d/task/%d/children' % (pid, pid))
    return int((wait_until(children.read_text, what='top')).split()[0])


def grown(samples, typical):
    """How much more the last quarter has than the second."""
    quarter = len(samples) // 4
    assert quarter >= 3, 'only %d samples' % len(samples)
    return typical(samples[-quarter:]) - typical(samples[quarter:2 * quarter])


def check(samples):
    """What each has grown by, in KB."""
    beside = max(0, grown(samples[WITHOUT], median))
    found = {}
    for name, series in samples.items():
        if name.endswith(DESCRIPTORS):
            # It has more while it works.
            more, most = grown(series, min), 0
        else:
            more, most = grown(series, median), FILES_KB.get(name, MEMORY_KB)
            found[name] = more
        if name.startswith('stays'):
            most += beside
        assert name == WITHOUT or more <= most, \
            '%s: grown by %d, not at most %d: %s' % (name, more, most, series)
    return found


def run(torture):
    seconds = torture.rounds(SECONDS, SECONDS_QUICK)
    sources = torture.directory / 'sources'
    sources.mkdir()
    for number in range(FILES):
        (sources / ('file%d' % number)).write_bytes(os.urandom(10240))
    with contextlib.ExitStack() as stack:
        return soak(torture, seconds, sources, stack)


def soak(torture, seconds, sources, stack):
    server = stack.enter_context(torture.smbd())
    without = stack.enter_context(torture.smbd(''))
    terminal = Terminal(torture.directory)
    stack.callback(terminal.close)
    parent, = [pid for pid in server.pids() if os.getsid(pid) == pid]
    staying = [Staying(server, sources, number) for number in range(STAYING)]
    beside = Staying(without, sources, STAYING)
    recorder = Recorder(server, KEEP, interval='%.3f' % RECORD_S).start()
    stack.callback(recorder.kill)
    reports = stack.enter_context(
        Reader(server, torture.directory, '-i', '%.3f' % REPORT_S))
    exporter = stack.enter_context(
        Reader(server, torture.directory, 'exporter', '--listen=127.0.0.1:0'))
    url = exporter.process.stdout.readline().split()[-1].decode()
    terminal.start(READER, '--segments', server.latency, '-i',
                   '%.3f' % TOP_S, 'top')
    terminal.until('? help')
    top = child_of(int(terminal.flag('pane_pid')))
    pids = {'smbd': parent, 'report': reports.pid, 'exporter': exporter.pid,
            'recorder': recorder.process.pid, 'top': top,
            WITHOUT: beside.pid,
            **{one.name: one.pid for one in staying}}
    samples = defaultdict(list)

    def scrape():
        with urllib.request.urlopen(url, timeout=30) as answer:
            assert b'\nsmblatency_' in answer.read()

    def sample():
        for name, pid in pids.items():
            now = state(pid)
            samples[name].append(now['memory'])
            samples[name + DESCRIPTORS].append(now['descriptors'])
        samples['segments'].append(size_kb(*(
            path for one in staying
            for path in server.latency.glob('smbd-%d-*.segment' % one.pid))))
        samples['departed'].append(
            size_kb(server.latency / 'departed.segment'))
        samples['history'].append(size_kb(*server.directory.glob(
            'history.db*')))
        torture.progress(int(seconds - (work.end - time.monotonic())),
                         seconds, 'seconds')

    work = Soak(seconds)
    stack.callback(work.stop)
    threading.Thread(target=reports.drain, daemon=True).start()
    for one in [*staying, beside]:
        work.every(ROUND_S, one.name, one.round)
    work.every(VISITS_S, 'visits', lambda: visit(server, sources))
    work.every(SCRAPE_S, 'scrapes', scrape)
    work.every(seconds / 4 / SAMPLES_A_QUARTER, 'samples', sample)
    work.wait()
    intervals = recorder.ask('SELECT count(*) FROM interval')[0]
    for reader in reports, exporter:
        reader.stop()
    assert recorder.stop() == ''
    terminal.keys('q')
    terminal.check_restored()
    report = server.final_report()
    assert report['problems'] == [], report['problems']
    assert report['departed_processes'] == STAYING + work.done['visits']
    copied = sum(one.copied for one in staying)
    assert report['vfs_operations']['pwrite']['count'] == \
        copied + work.done['visits']
    assert 'PANIC' not in server.logs()
    calls = sum(op['count'] for op in report['vfs_operations'].values())
    found = check(samples)
    return ('%d files copied both ways, %d clients came and went, %d calls, '
            '%d scrapes, history of %d intervals; grown, in KB: %s' % (
                copied, work.done['visits'], calls,
                work.done['scrapes'], intervals,
                ', '.join('%s %+d' % item for item in found.items())))
