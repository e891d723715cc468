# SPDX-License-Identifier: GPL-3.0-or-later
"""SIGKILL at random moments: of smbds under load, of one or of all at once, of
readers and of the recorder while they fold or begin to.

Again and again all that is left is read to the end. Then the report and the
history must have every call that ever was in a segment, once: see account.py.
What clients have been told was done is a lower bound beside that.
"""

import json
import os
import signal
import subprocess
import time

from conftest import READER, wait_for_end
from test_stat_history import Recorder

import account
from load import Load

# Kills with one smbd: one that dies in the middle of an update may leave a
# database of Samba damaged, which is not what is tested here.
KILLS_A_SERVER = 50
CLIENTS = 4
FILES = 12


class Killer:
    """Kills this and that; counts what it was."""

    def __init__(self, torture, latency, database):
        self.random = torture.random
        self.latency = latency
        self.reader = [READER, '--segments', latency, '--json']
        self.recorder = None
        self.record = [READER, '--segments', latency, 'record', '--database',
                       database, '-i', '0.05']
        self.smbds = self.readers = self.recorders = 0

    def start(self, command):
        return subprocess.Popen([str(word) for word in command],
                                stdin=subprocess.DEVNULL,
                                stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL)

    def pause(self, seconds):
        time.sleep(self.random.uniform(0, seconds))

    def kill_smbds(self, server, all_of_them):
        pids = sorted(set(server.pids()) - server.born_with)
        if not pids:
            return
        for pid in pids if all_of_them else [self.random.choice(pids)]:
            try:
                os.kill(pid, signal.SIGKILL)
                self.smbds += 1
            except ProcessLookupError:
                pass

    def kill_reader(self):
        reader = self.start(self.reader)
        self.pause(0.02)
        reader.kill()
        self.readers += reader.wait() == -signal.SIGKILL

    def kill_recorder(self):
        if self.recorder is None:
            self.recorder = self.start(self.record)
            return
        self.recorder.kill()
        self.recorders += self.recorder.wait() == -signal.SIGKILL
        self.recorder = None

    def let_smbds_fold(self):
        """The time of the lock says when it is due."""
        lock = self.latency / 'lock'
        if lock.exists():
            os.utime(lock, (1, 1))

    def strike(self, server):
        self.pause(0.15)
        number = self.random.randrange(100)
        if number < 50:
            self.kill_smbds(server, False)
        elif number < 55:
            self.kill_smbds(server, True)
        elif number < 75:
            self.kill_reader()
        elif number < 90:
            self.kill_recorder()
        else:
            self.let_smbds_fold()


def one_server(torture, killer, kills, sources):
    """Kills so many smbds of a new server; how many files were put."""
    until = killer.smbds + kills
    with torture.smbd(global_lines=['latency:directory = %s'
                                    % killer.latency],
                      preload=[torture.keep]) as server:
        server.born_with = set(server.pids())
        load = Load(server, sources, CLIENTS)
        try:
            while killer.smbds < until:
                killer.strike(server)
        finally:
            load.end()
        wait_for_end(set(server.pids()) - server.born_with)
        assert 'PANIC' not in server.logs()
    return load.put


def check(torture, killer, book, database, put):
    """All are gone: nothing is missing, nothing twice; what was compared."""
    if killer.recorder:
        killer.kill_recorder()
    report = subprocess.run(killer.reader, stdout=subprocess.PIPE, check=True)
    report = json.loads(report.stdout)
    assert report['problems'] == [], report['problems']
    assert report['processes'] == 0
    done = account.compare(book, report, 'the report')
    assert report['vfs_operations']['pwrite']['count'] >= put
    # Of one killed while it made its segment there is an empty file for a
    # minute.
    names = {entry.name for entry in killer.latency.iterdir()
             if not entry.name.endswith('.segment.new')
             or entry.stat().st_mtime < time.time() - 300}
    assert names <= {'departed.segment', 'departed.new', 'lock'}, names

    recorder = Recorder(torture)
    recorder.database = database
    recorder.start()
    recorder.next()
    assert recorder.stop() == ''
    account.compare(book, recorder.report(), 'the history', times=False)
    return done


def run_part(torture):
    kills = torture.rounds(1000, 60)
    # The account needs a second name for the same file.
    latency = torture.directory / 'latency'
    latency.mkdir(mode=0o700)
    kept = torture.directory / 'kept'
    kept.mkdir()
    sources = torture.directory / 'sources'
    sources.mkdir()
    for number in range(FILES):
        (sources / ('file%d' % number)).write_bytes(os.urandom(20000))
    torture.latency = latency
    torture.keep = account.library(torture.directory)
    database = torture.directory / 'history.db'
    book = account.Account(kept)
    killer = Killer(torture, latency, database)
    put = 0
    # The history begins before anything is counted.
    subprocess.run(killer.reader, stdout=subprocess.DEVNULL, check=False)
    recorder = Recorder(torture)
    recorder.database = database
    recorder.start().stop()
    try:
        while killer.smbds < kills:
            put += one_server(torture, killer, min(
                KILLS_A_SERVER, kills - killer.smbds), sources)
            calls, torn = check(torture, killer, book, database, put)
            torture.progress(killer.smbds, kills, 'smbds killed')
    finally:
        if killer.recorder:
            killer.kill_recorder()
    return ('%d smbds, %d readers, %d recorders killed; %d calls of %d '
            'processes, %d calls being added: none lost, none twice' % (
                killer.smbds, killer.readers, killer.recorders, calls,
                len(book.seen), torn))


def run(torture):
    os.environ['VFS_LATENCY_KEEP'] = str(torture.directory / 'kept')
    try:
        return run_part(torture)
    finally:
        del os.environ['VFS_LATENCY_KEEP']
