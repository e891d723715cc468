# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is not root reads with the directory's group: the same, to the unit."""

import fcntl
import json
import os
import re
import shutil
import signal
import sqlite3
import struct
import subprocess
import tempfile
import time
from contextlib import closing
from pathlib import Path

import pytest

from conftest import READER, run, wait_for_end, wait_until
from test_stat_interval import flat
from test_stat_metrics import get

# Of nobody here.
USER, OWN_GROUP, GROUP = 64010, 64011, 64012
FILES = 500

MEMBER = ['setpriv', '--reuid=%d' % USER, '--regid=%d' % OWN_GROUP,
          '--groups=%d' % GROUP, '--inh-caps=-all', '--bounding-set=-all',
          '--no-new-privs']
STRANGER = ['setpriv', '--reuid=%d' % USER, '--regid=%d' % OWN_GROUP,
            '--clear-groups']


@pytest.fixture(name='place', scope='module')
def fixture_place():
    """A directory that others can reach, with the reader; pytest's are not."""
    place = Path(tempfile.mkdtemp(prefix='vfs_latency-'))
    place.chmod(0o755)
    shutil.copy2(READER, place / 'smblatency-stat')
    (place / 'smblatency-stat').chmod(0o755)
    yield place
    shutil.rmtree(place)


@pytest.fixture(name='server')
def fixture_server(smbd, place):
    """An smbd whose segments the group may read."""
    server = smbd(start=False)
    server.latency = place / 'latency'
    server.latency.mkdir()
    os.chown(server.latency, 0, GROUP)
    server.latency.chmod(0o2750)
    server.global_lines.append('latency:directory = %s' % server.latency)
    yield server.start()
    shutil.rmtree(server.latency)


def reader(server, *words):
    return [server.latency.parent / 'smblatency-stat',
            '--segments', server.latency, *words]


def ask(who, server, *words, check=True):
    return run(*who, *reader(server, *words), check=check)


def report(who, server, *options):
    return json.loads(ask(who, server, '--json', *options).stdout)


def segments(server):
    return sorted(path.name for path in server.latency.glob('smbd-*.segment'))


def one_lives_one_is_dead(server, small_tree):
    """Of two clients' smbds one is killed; nobody has folded its segment."""
    server.smbclient(small_tree)
    stays = server.client()
    stays.run('mkdir stays')
    (living,) = server.measured()
    goes = server.client()
    goes.run('mkdir gone')
    (pid,) = set(server.measured()) - {living}
    os.kill(pid, signal.SIGKILL)
    wait_for_end([pid])
    goes.kill()
    assert any(name.startswith('smbd-%d-' % pid) for name in segments(server))
    return stays


def same(server, *options):
    """What a member is told and what root is told, without what goes on with
    the clock; the member is asked first, since root folds."""
    numbers = []
    for who in MEMBER, ():
        one = report(who, server, *options)
        assert one['problems'] == []
        numbers.append(flat(one))
    return numbers


def test_a_member_sees_what_root_sees(server, small_tree):
    one_lives_one_is_dead(server, small_tree)
    before = segments(server)
    member, root = same(server, '--by', 'share,user,client,op')
    assert member['vfs_operations', 'pwrite', 'count'] == FILES
    assert member['vfs_operations', 'mkdirat', 'count'] >= 3
    # Root has folded the dead, and nobody before.
    assert len(segments(server)) < len(before)
    assert member == root


def test_all_files_are_for_the_group(server):
    """Whoever makes them: smbd, root's commands, folding."""
    first = server.client()
    first.run('ls')
    ask((), server, 'all', 'off')
    ask((), server, 'all', 'on')
    ask((), server, 'all', 'reset')
    pids = server.measured()
    first.close()
    wait_for_end(pids)
    server.client().run('ls')
    ask((), server, '--json')
    found = {path.name: path.stat() for path in server.latency.iterdir()}
    kinds = {re.sub('[0-9a-f]{5,}|[0-9]+', 'N', name) for name in found}
    assert kinds >= {'lock', 'control', 'departed.segment',
                     'smbd-N-N.segment'}
    assert any('baseline' in kind for kind in kinds)
    assert {(st.st_uid, st.st_gid, oct(st.st_mode & 0o7777))
            for st in found.values()} == {(0, GROUP, '0o640')}
    assert report(MEMBER, server)['problems'] == []
    assert 'No smbd' not in ask(MEMBER, server, 'all', 'status').stdout


@pytest.mark.parametrize('mode', [0o700, 0o750, 0o755])
def test_without_setgid_files_are_roots(smbd, place, mode):
    server = smbd(start=False)
    server.latency = place / ('latency%o' % mode)
    server.latency.mkdir(mode=mode)
    server.latency.chmod(mode)
    server.global_lines.append('latency:directory = %s' % server.latency)
    server.start().smbclient('ls')
    ask((), server, '--json')
    assert {oct(path.stat().st_mode & 0o7777)
            for path in server.latency.iterdir()} == {'0o600'}
    for words in ['--json'], ['slow'], ['top', '-b', '-c', '1']:
        result = ask(STRANGER, server, *words, check=False)
        assert result.returncode == 1 and result.stdout == ''
        assert 'Permission denied' in result.stderr


READS = [['--json'], ['-s'], ['--by', 'user'], ['--tree'], ['--openmetrics'],
         ['-i', '0.1', '-c', '1'], ['now'], ['slow'], ['files'],
         ['connections'], ['errors'], ['why'], ['all', 'status'],
         ['top', '-b', '-i', '0.1', '-c', '1'], ['html']]
CHANGES = [['all', 'off'], ['all', 'threshold', '5'], ['all', 'reset'],
           ['trace', '-t', '1']]


def test_who_may_do_what(server):
    server.client().run('ls')
    (pid,) = server.measured()
    for words in READS:
        ours = ask(MEMBER, server, *words, check=False)
        roots = ask((), server, *words, check=False)
        assert ours.returncode == roots.returncode, (words, ours.stderr)
        assert ours.stderr == roots.stderr, words
        if words not in (['--openmetrics'], ['html']):
            assert bool(ours.stdout) == bool(roots.stdout), words
    before = flat(report((), server))
    for words in [*CHANGES, [str(pid), 'off'], [str(pid), 'reset']]:
        result = ask(MEMBER, server, *words, check=False)
        assert result.returncode == 1, words
        assert re.search(r'/latency(/lock: cannot lock|: cannot write).*: '
                         'Permission denied', result.stderr), result.stderr
    # Nothing has changed.
    assert flat(report((), server)) == before
    assert ' yes ' in ask((), server, 'all', 'status').stdout

    for words in [*READS, *CHANGES]:
        result = ask(STRANGER, server, *words, check=False)
        assert result.returncode == 1 and result.stdout == '', words
        assert re.search(r'cannot open the segment directory \S*: Permission '
                         r'denied; root can, .*vfs_latency\(8\)',
                         result.stderr), (words, result.stderr)


def test_the_exporter_serves_the_same(server, small_tree):
    one_lives_one_is_dead(server, small_tree)
    process = subprocess.Popen(
        [*MEMBER, *map(str, reader(server, 'exporter',
                                   '--listen=127.0.0.1:0'))],
        stdout=subprocess.PIPE, universal_newlines=True)
    try:
        url = re.search(r'http://\S+', process.stdout.readline()).group(0)
        ours = get(url)[2]
    finally:
        process.terminate()
        assert process.wait(10) == 0
        process.stdout.close()
    roots = ask((), server, '--prometheus').stdout

    def counts(text):
        return sorted(line for line in text.splitlines()
                      if re.match(r'\w*operation\w*\{', line))
    assert any('pwrite' in line and line.endswith(' %d' % FILES)
               for line in counts(roots))
    assert counts(ours) == counts(roots)


def test_the_history_is_the_recorders(server, small_tree):
    """Root reads it, and leaves nothing that its owner cannot use."""
    history = server.latency.parent / 'history'
    history.mkdir(mode=0o700)
    os.chown(history, USER, OWN_GROUP)
    database = history / 'history.db'

    def record(who):
        return run(*who, *reader(server, 'record', '--database', database,
                                 '-i', '0.1', '-c', '1'))

    def recorded(who):
        return json.loads(run(*who, *reader(server)[:1], '--json',
                              '--database', database, '--to', 'now').stdout)

    def pwrites(told):
        return told['vfs_operations'].get('pwrite', {}).get('count')

    def owners():
        return {(path.name, path.stat().st_uid) for path in history.iterdir()
                if path.stat().st_uid != USER}

    server.smbclient('ls')
    record(MEMBER)
    one_lives_one_is_dead(server, small_tree)
    record(MEMBER)
    assert pwrites(recorded(MEMBER)) == FILES
    assert pwrites(recorded(())) == FILES
    server.smbclient([small_tree[0], 'mkdir again', 'cd again',
                      *small_tree[1:]])
    # A reader of root's that stays, and has made -wal and -shm.
    with closing(sqlite3.connect(database)) as reads:
        reads.execute('SELECT count(*) FROM interval').fetchone()
        assert {path.name for path in history.iterdir()} > {
            'history.db-wal', 'history.db-shm'}
        assert owners() == set()
        record(MEMBER)
    assert pwrites(recorded(MEMBER)) == pwrites(recorded(())) == 2 * FILES
    record(())
    assert owners() == set()
    record(MEMBER)


def test_a_member_that_keeps_the_lock_holds_up_no_smbd(server):
    server.smbclient('ls')
    pid = os.fork()
    if pid == 0:
        os.setgroups([GROUP])
        os.setgid(OWN_GROUP)
        os.setuid(USER)
        with open(server.latency / 'lock', 'rb') as lock:
            # struct flock of 64 bits.
            fcntl.fcntl(lock, fcntl.F_OFD_SETLK, struct.pack(
                'hhqqixxxx', fcntl.F_RDLCK, os.SEEK_SET, 0, 0, 0))
            time.sleep(60)
        os._exit(0)
    try:
        inode = ':%d ' % (server.latency / 'lock').stat().st_ino
        wait_until(lambda: any(
            ' READ ' in line and inode in line for line in
            Path('/proc/locks').read_text().splitlines()), what='the lock')
        before = len(segments(server))
        server.smbclient(['mkdir one'])
        wait_until(lambda: not server.measured(), what='its end')
        # It has counted. Nobody has folded it, so nobody has waited for that.
        assert len(segments(server)) == before + 1
        assert server.complaints() == []
        # Root's report is late, root's change fails.
        change = subprocess.Popen(
            reader(server, 'all', 'reset'), stderr=subprocess.PIPE,
            universal_newlines=True)
        told = report((), server)
        assert told['problems'] == []
        assert told['vfs_operations']['mkdirat']['count'] >= 1
        assert 'locked by another process' in change.communicate()[1]
        assert change.returncode == 1
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
