# SPDX-License-Identifier: GPL-3.0-or-later
"""record, history, --from and --to: what was, to the unit."""

import json
import os
import re
import signal
import sqlite3
import subprocess
import time
from pathlib import Path

import pytest

from conftest import (READER, TOP, path_asked_for, run, wait_for_end,
                      wait_until)
from test_stat_interval import difference, flat, settled
from test_wall_clock import PARTS

BY = '--by', 'share,user,client,request,op'


class Recorder:
    """smblatency-stat record on a server, into a database of its own."""

    def __init__(self, server, *options, interval='0.2'):
        self.server = server
        self.database = server.directory / 'history.db'
        self.options = ['-i', interval, *options]
        self.process = None

    def command(self):
        return [READER, '--segments', self.server.latency, 'record',
                '--database', self.database, *self.options]

    def start(self):
        before = self.records()
        self.process = subprocess.Popen(
            self.command(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            universal_newlines=True)
        assert 'recording every' in self.process.stdout.readline()
        # What it found when it came is recorded, too.
        wait_until(lambda: self.records() != before, what='the first record')
        return self

    def ask(self, question):
        """The first row of the answer."""
        with sqlite3.connect('file:%s?mode=ro' % self.database, uri=True,
                             timeout=10) as database:
            return database.execute(question).fetchone()

    def records(self):
        """Something that changes with each record."""
        if not self.database.exists():
            return None
        try:
            state = self.ask('SELECT taken_ns FROM state')
            return state and state + self.ask(
                'SELECT count(*), max(end_ns) FROM interval WHERE level = 0')
        except sqlite3.OperationalError:
            return None             # it is being made

    def next(self):
        """Waits until all of what has happened by now is recorded."""
        for _ in range(2):
            before = self.records()
            wait_until(lambda seen=before: self.records() != seen,
                       what='a record')

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        _, errors = self.process.communicate(timeout=30)
        assert self.process.returncode == 0
        return errors

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.process.stderr.close()

    def report(self, *options):
        return json.loads(run(READER, '--json', '--database', self.database,
                              '--to', 'now', *options).stdout)


def without_self(numbers):
    """Self times of what was under way are cut off at 0, as in intervals."""
    return {k: v for k, v in numbers.items() if k[-1] != 'self_ns'}


def add(numbers, more):
    for key, value in more.items():
        numbers[key] = numbers.get(key, 0) + value
    return numbers


@pytest.fixture(name='recorded', scope='module', params=[
    '1h', '1h,0.4s:1h,2s:1h', '0.2s,0.3s:0.6s,1s:1h', '1h/5k,0.3s:1h,1s:1h'],
                ids=['as recorded', 'summed up', 'forgotten', 'bounded'])
def fixture_recorded(request, shared_smbd, small_tree):
    """A server whose recorder was killed 20 times, while clients came and went
    and the counters were reset: it, the recorder, and what was counted."""
    server = shared_smbd()
    stays = server.client()
    stays.run('mkdir stays')
    before = settled(server, *BY)
    recorder = Recorder(server, '--keep', request.param,
                        interval='0.05').start()
    counted, clients = {}, []
    for number in range(20):
        clients.append(server.client())
        clients[-1].run('mkdir dir%d' % number)
        server.smbclient(['cd dir%d' % number, *small_tree[:3],
                          'mput tree' if number == 5 else 'ls'])
        if number % 3 == 2:
            # It ends while somebody records, or while nobody does.
            pids = server.measured()
            (clients.pop(0).close if number % 2 else clients.pop(0).kill)()
            wait_until(lambda seen=pids: len(server.measured()) < len(seen))
        recorder.kill()
        stays.run('mkdir stays/%d' % number)
        if number == 10:
            add(counted, difference(settled(server, *BY), before))
            # Those that are connected now count from the reset on.
            counted['tree_connects',] -= len(clients) + 1
            run(READER, '--segments', server.latency, 'all', 'reset')
            before = {}
        recorder.start()
    add(counted, difference(settled(server, *BY), before))
    recorder.next()
    yield server, recorder, counted
    recorder.kill()


def test_the_history_is_the_difference_of_the_counters(recorded):
    _, recorder, counted = recorded
    history = recorder.report(*BY)
    assert history['interval']
    # 20 that did one thing, and 6 of those that stayed.
    assert history['departed_processes'] == 26
    counted['departed_processes',] = 26
    assert without_self(flat(history)) == without_self(counted)
    assert counted['smb2_requests', 'SMB2_OP_WRITE', 'count'] >= 500


def test_the_wall_clock_of_the_history_adds_up(recorded):
    server, recorder, _ = recorded
    recorder.next()
    time_ = recorder.report()['time']
    assert sum(time_[part] for part in PARTS) == time_['wall_us']
    assert time_['vfs_us'] > 0
    now = server.report()['time']
    assert time_['event_loop_turns'] > now['event_loop_turns']


def test_the_history_equals_an_interval_report_of_the_same_time(smbd,
                                                                small_tree):
    server = smbd()
    client = server.client()
    client.run('mkdir before')
    settled(server)
    recorder = Recorder(server).start()
    recorder.next()
    watch = subprocess.Popen(
        [READER, '--segments', server.latency, '--json', '-i', '1000', *BY],
        stdout=subprocess.PIPE, universal_newlines=True)
    wait_until(lambda: 'poll' in Path('/proc/%d/wchan' % watch.pid
                                      ).read_text(), what='its snapshot')
    begin = time.time()
    for command in small_tree:
        client.run(command)
    settled(server)
    recorder.next()
    end = time.time()
    recorder.stop()
    watch.send_signal(signal.SIGINT)
    interval = json.loads(watch.communicate(timeout=30)[0])
    history = recorder.report('--from', stamp(begin - 0.3), '--to',
                              stamp(end + 0.3), *BY)
    assert flat(history) == flat(interval)
    assert history['smb2_requests']['SMB2_OP_WRITE']['count'] == 500
    for name, values in interval['vfs_operations'].items():
        past = history['vfs_operations'][name]
        # What is known of the extremes is never less.
        assert values['min_ns'] <= past['min_ns']
        assert past['max_ns'] <= values['max_ns']
        for percentile in 'p50_ns', 'p99_ns':
            assert past[percentile] == pytest.approx(values[percentile],
                                                     rel=0.125, abs=8)


def stamp(seconds):
    """RFC 3339, as --from and --to take it."""
    return time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(seconds)) + \
        ('%.3fZ' % (seconds % 1))[1:]


def test_what_is_summed_up_is_the_same(recorded, request):
    """Each level that is whole is the same as the others, to the unit."""
    server, recorder, counted = recorded
    kind = request.node.callspec.id
    recorder.next()
    # Sums of each level and what is not yet in it.
    questions = [
        'SELECT sum(vfs_ns), sum(turns), sum(departed), sum(running_ns), '
        'sum(waiting_client_ns), max(end_ns) FROM interval WHERE '
        'level = %d OR (level < %d AND parent = 0)' % (level, level)
        for level in (0, 1, 2)]
    with sqlite3.connect(recorder.database) as database:
        answers = [database.execute(question).fetchone()
                   for question in questions]
        levels = database.execute('SELECT count(DISTINCT level) FROM interval'
                                  ).fetchone()[0]
        orphans = database.execute(
            'SELECT count(*) FROM counts WHERE id >> 16 NOT IN '
            '(SELECT id FROM interval)').fetchone()[0]
        sizes = database.execute(
            'SELECT (SELECT sum(bytes) FROM interval), '
            '(SELECT sum(length(nodes)) FROM counts)').fetchone()
        fine, = database.execute('SELECT sum(bytes) FROM interval '
                                 'WHERE level = 0').fetchone()
    assert orphans == 0 and sizes[0] == sizes[1]
    # Unless it was told to, it sums up nothing so soon.
    assert levels == (1 if 'as recorded' in kind else 3)
    if levels == 1:
        return
    if 'bounded' in kind:
        # A step of 0.3 s is kept or forgotten as a whole.
        assert fine <= 2 * 5000
    if 'summed' not in kind:
        assert answers[0][1] < answers[2][1]
    else:
        assert answers[0] == answers[1] == answers[2]
    assert server and counted


def test_plain_totals_are_those_of_the_reports(recorded, request):
    """sqlite3 alone reads sums by request and by op."""
    _, recorder, _ = recorded
    if 'summed' not in request.node.callspec.id:
        return
    recorder.next()
    begin, end = recorder.ask('SELECT min(begin_ns), max(end_ns) FROM interval '
                              'WHERE level = 1')
    report = recorder.report('--from', stamp(begin / 1e9 - 0.001), '--to',
                             stamp(end / 1e9 + 0.001))
    ask = recorder.ask
    for view, name, rows in (
            ('request_totals', 'request', report['smb2_requests']),
            ('op_totals', 'op', report['vfs_operations'])):
        for level in 1, 2:
            assert ask('SELECT count(DISTINCT share), min(share) FROM %s WHERE '
                       'level = %d' % (view, level)) == (1, 'share')
        for key, row in rows.items():
            calls, errors, seconds = ask(
                "SELECT sum(calls), sum(errors), sum(seconds) FROM %s WHERE "
                "level = 1 AND %s = '%s'" % (view, name, key))
            assert calls == row['count'] and errors == row['errors'], key
            assert seconds == pytest.approx(row['total_ns'] / 1e9, rel=1e-6)


def test_steps_and_views_of_the_past(recorded):
    _, recorder, counted = recorded
    whole = recorder.report()
    steps = [json.loads(line) for line in run(
        READER, '--json', '--database', recorder.database, '--from', '-1h',
        '-i', '0.3').stdout.splitlines()]
    assert len(steps) > 2
    summed = {}
    for step in steps:
        add(summed, flat(step))
    assert without_self(summed) == without_self(flat(whole))
    words = '--database', recorder.database, '--from', '-1h'
    for view, expected in (
            ([], 'SMB2_OP_CREATE'), (['-s'], 'openat'), (['-d'], '|'),
            (['--tree'], 'create_file'), (['--by', 'client'], '127.0.0.1'),
            (['--folded'], ';openat '), (['errors'], 'ENO'),
            (['-i', '1s', '-c', '1'], 'smbd')):
        assert expected in run(READER, *words, *view).stdout, view
    assert run(READER, *words, '--share', 'share').stdout
    result = run(READER, *words, '--share', 'nonsense', check=False)
    assert result.returncode == 1 and 'share' in result.stderr


def test_the_second_recorder_is_refused(recorded):
    _, recorder, _ = recorded
    result = run(*recorder.command(), check=False)
    assert result.returncode == 1
    assert result.stderr == 'smblatency-stat: %s: another recorder is ' \
        'writing to it\n' % recorder.database


def one_line(*words):
    """What a command says that fails."""
    result = run(READER, *words, check=False)
    assert result.returncode == 1 and result.stdout == ''
    lines = result.stderr.splitlines()
    assert len(lines) == 1, lines
    return lines[0]


def test_what_cannot_be_told_is_said_in_a_line(recorded, tmp_path):
    _, recorder, _ = recorded
    here = '--database', recorder.database
    assert 'systemctl enable --now smblatency-recorder' in one_line(
        '--from', '-1h', '--database', tmp_path / 'none')
    assert 'smblatency-stat record' in one_line(
        'history', '--database', tmp_path / 'none')
    assert re.search('so early: the history covers 20.* to 20', one_line(
        '--from', '2001-01-01', '--to', '2001-01-02', *here))
    foreign = tmp_path / 'foreign'
    foreign.write_bytes(os.urandom(8192))
    assert 'not an smblatency-stat database' in one_line(
        '--from', '-1h', '--database', foreign)
    other = tmp_path / 'other'
    with sqlite3.connect(other) as database:
        database.execute('CREATE TABLE mail (text)')
    for words in (['--from', '-1h'], ['history'], ['record', '-c', '1']):
        assert 'a database that belongs to another program' in one_line(
            *words, '--database', other)
    # Nothing in it was changed.
    with sqlite3.connect(other) as database:
        assert database.execute('SELECT name FROM sqlite_master').fetchall() \
            == [('mail',)]


def test_a_damaged_history_is_refused(recorded, tmp_path):
    _, recorder, _ = recorded
    copy = tmp_path / 'copy'
    with sqlite3.connect(recorder.database) as database:
        database.execute('VACUUM INTO ?', (str(copy),))
    with sqlite3.connect(copy) as database:
        database.execute("UPDATE counts SET nodes = x'01ff'")
    assert 'is damaged' in one_line('--from', '-1h', '--database', copy)
    with sqlite3.connect(copy) as database:
        database.execute('PRAGMA user_version = 1')
    for words in (['--from', '-1h'], ['history'], ['record', '-c', '1']):
        assert 'has version 1, but this program knows version 2: move it ' \
            'away' in one_line(*words, '--database', copy)
    data = bytearray(copy.read_bytes())
    data[4096:] = os.urandom(len(data) - 4096)
    copy.write_bytes(data)
    assert one_line('--from', '-1h', '--database', copy)


def test_a_full_disk_makes_a_longer_interval(smbd, tmpfs):
    """Nothing is lost: what had no room is in the next interval."""
    server = smbd()
    client = server.client()
    before = settled(server, *BY)
    recorder = Recorder(server)
    recorder.database = tmpfs(2 << 20) / 'history.db'
    recorder.start()
    filler = recorder.database.parent / 'filler'
    with open(filler, 'wb', buffering=0) as file:
        try:
            while True:
                file.write(b'x' * 4096)
        except OSError:
            pass
    for number in range(20):
        client.run('mkdir full%d' % number)
        time.sleep(0.05)
    filler.unlink()
    after = settled(server, *BY)
    recorder.next()
    errors = recorder.stop()
    assert 'recording again' in errors
    assert len(errors.splitlines()) <= 4
    assert without_self(flat(recorder.report(*BY))) == \
        without_self(difference(after, before))


def test_a_wiped_directory_is_not_counted_twice(smbd):
    """As after a reboot: the counters begin anew, the history goes on."""
    server = smbd()
    client = server.client()
    client.run('mkdir first')
    settled(server)
    recorder = Recorder(server).start()
    for number in range(5):
        client.run('mkdir a%d' % number)
    settled(server)
    recorder.next()
    recorder.kill()
    client.close()
    wait_for_end(server.measured())
    # Nobody knows what came after the last record.
    for file in server.latency.iterdir():
        file.unlink()
    client = server.client()
    client.run('mkdir second')
    after = settled(server)
    recorder.start()
    recorder.next()
    recorder.stop()
    history = flat(recorder.report())
    key = 'vfs_operations', 'mkdirat', 'count'
    assert history[key] == 5 + after[key]
    gaps = json.loads(run(READER, 'history', '--json', '--database',
                          recorder.database).stdout)['longer']
    assert len(gaps) <= 2


def test_the_questions_of_the_documentation_have_answers(recorded, request):
    _, recorder, _ = recorded
    kind = request.node.callspec.id
    text = (TOP / 'docs' / 'history.md').read_text()
    questions = re.findall(r'((?:^    .*\n)+);?', text.split(
        'Five views are for people')[1], re.M)
    assert len(questions) == 5
    with sqlite3.connect(recorder.database) as database:
        for question in questions:
            database.execute(question.strip().rstrip(';'))
        rows = database.execute(questions[3].strip().rstrip(';')).fetchall()
        if kind in ('summed up', 'bounded'):
            assert [row[1] for row in rows] == ['127.0.0.1']
        columns = [row[1] for table in (
            'interval', 'key', 'path', 'counts', 'total', 'slow_op', 'level',
            'file_step', 'file', 'file_rest')
                   for row in database.execute(
                       'PRAGMA table_info(%s)' % table)]
    for column in columns:
        # One figure in several ways.
        column = re.sub('^(missed|others|most|unknown)_', '', column)
        if not column.endswith('_ns') or column in ('begin_ns', 'step_ns'):
            assert '`%s`' % column in text, column


def test_slow_operations_are_kept_once(smbd):
    server = smbd(objects='latency inject', share_lines=[
        'inject:op = mkdirat', 'inject:ms = 30',
        'latency:slow threshold = 10'])
    client = server.client()
    recorder = Recorder(server).start()
    client.run('mkdir one')
    recorder.next()
    recorder.kill()
    client.run('mkdir two')
    recorder.start()
    recorder.next()
    recorder.stop()
    with sqlite3.connect(recorder.database) as database:
        found = database.execute('SELECT path, op, share FROM slow_op '
                                 'WHERE op = "mkdirat" ORDER BY end_ns'
                                 ).fetchall()
    assert [(path_asked_for(path), *rest) for path, *rest in found] == [
        ('one', 'mkdirat', 'share'), ('two', 'mkdirat', 'share')]

    # They come out as they come from the segments, the pid known or not.
    def read(text):
        ops = [json.loads(line) for line in text.splitlines()]
        for op in ops:
            op.pop('pid')
        return ops
    words = READER, 'slow', '--database', recorder.database, '--from', '-1h'
    assert read(run(*words, '--json').stdout) == read(
        server.show('slow', '--json'))
    assert 'mkdirat in create_file (latency)' in run(*words).stdout
    middle = stamp(database_middle(recorder, 'mkdirat'))
    later = read(run(READER, 'slow', '--json', '--database', recorder.database,
                     '--from', middle).stdout)
    assert {path_asked_for(op['path']) for op in later} == {'two'}
    assert run(*words, '--share', 'SHARE', '--json').stdout
    assert 'no slow operation was recorded at that time' in run(
        *words, '--share', 'other').stderr
    assert 'so early' in one_line('slow', '--database', recorder.database,
                                  '--from', '2001-01-01', '--to', '2001-01-02')


FIGURES = ('time_ns', 'requests', 'failures', 'read_bytes', 'written_bytes')


def of_files(shown):
    """What each file had, and all together, as (path, figure)."""
    found = {(entry['path'], figure): entry[figure]
             for entry in shown['files'] for figure in FIGURES}
    found.update({(kind, figure): shown[kind][figure]
                  for kind in ('all', 'unknown') for figure in FIGURES})
    return found


def test_files_of_the_past(smbd):
    server = smbd()
    for name in 'one', 'two', 'three':
        (server.share / name).write_bytes(bytes(1000))

    def now():
        settled(server)
        return of_files(json.loads(server.show('files', '--json')))

    client = server.client()
    client.run('get one /dev/null')
    before = now()
    # A step every second: those of the first intervals that sum up.
    recorder = Recorder(server, '--keep', '1h,1s:1h').start()
    steps = 'SELECT count(*) FROM file_step'
    for name in 'one', 'two', 'one', 'missing':
        client.run('get %s /dev/null' % name)
        seen = recorder.ask(steps)
        wait_until(lambda count=seen: recorder.ask(steps) != count,
                   what='a step')
    recorder.stop()
    middle = now()
    words = 'files', '--database', recorder.database, '--from', '-1h'

    def past(*options):
        return json.loads(run(READER, *words, '--json', *options).stdout)

    wanted = {key: value - before.get(key, 0)
              for key, value in middle.items()}
    found = of_files(past())
    assert {k: v for k, v in found.items() if v} == {
        k: v for k, v in wanted.items() if v}
    assert found['one', 'read_bytes'] == 2000
    assert found['two', 'read_bytes'] == 1000
    assert all(set(entry['missed'].values()) == {0}
               for entry in past()['files'])
    # Each step has its own.
    begin, end = recorder.ask(
        'SELECT begin_ns, end_ns FROM file JOIN file_step ON id = step '
        'WHERE path = "two"')
    only = past('--from', stamp(begin / 1e9), '--to', stamp(end / 1e9))
    assert {entry['path'] for entry in only['files']
            if entry['read_bytes']} == {'two'}
    assert past('--by', 'user,client')['files'][0]['client'] == '127.0.0.1'
    assert past('--share', 'other')['files'] == []
    text = run(READER, *words).stdout
    assert re.match(r'From \d{4}-.* to .*\n +Time ms', text)
    assert re.search(r'^.* share +two$', text, re.M)
    assert 'so early' in one_line(*words[:3], '--from', '2001-01-01', '--to',
                                  '2001-01-02')

    # What nobody recorded is in no step.
    client.run('get three /dev/null')
    recorder.start()
    client.run('get two /dev/null')
    recorder.stop()
    after = of_files(past())
    assert ('three', 'requests') not in after
    assert after['two', 'read_bytes'] == 2000
    assert after['one', 'read_bytes'] == 2000


def test_no_files_are_recorded_yet(smbd):
    server = smbd()
    server.client().run('ls')
    recorder = Recorder(server).start()
    recorder.next()
    recorder.kill()
    assert 'no files are recorded' in one_line(
        'files', '--database', recorder.database, '--from', '-1h')


def database_middle(recorder, op):
    """A time between the first and the last slow op of this name."""
    first, last = recorder.ask("SELECT min(end_ns), max(end_ns) FROM slow_op "
                               "WHERE op = '%s'" % op)
    return (first + last) / 2e9


def test_why_it_was_slow(smbd, small_tree):
    """The causes of the past are those that were found then."""
    server = smbd(objects='latency:top inject latency:bottom', share_lines=[
        'inject:op = openat', 'inject:ms = 5'])
    recorder = Recorder(server).start()
    client = server.client()
    for command in small_tree:
        client.run(command)
    settled(server)
    recorder.next()
    recorder.stop()
    then = json.loads(run(READER, 'why', '--json', '--database',
                          recorder.database, '--from', '-1h').stdout)
    now = json.loads(server.show('why', '--json'))
    assert then['state'] == now['state'] == 'found'
    assert then['findings'][0]['cause'] == now['findings'][0]['cause']
    assert then['requests'] == now['requests'] > 500
    text = run(READER, 'why', '--database', recorder.database, '--from', '-1h'
               ).stdout
    assert 'at the end' in text and '1. ' in text
    assert 'share' in one_line('why', '--database', recorder.database,
                               '--from', '-1h', '--share', 'nonsense')
    assert 'so early' in one_line('why', '--database', recorder.database,
                                  '--from', '2001-01-01', '--to', '2001-01-02')


def with_slow_mkdir(shared_smbd, ms):
    """A server and some load, mkdirat delayed by so many ms."""
    server = shared_smbd(objects='latency inject', share_lines=[
        'inject:op = mkdirat', 'inject:ms = %d' % ms, 'inject:sleep = yes'])
    client = server.client()
    for number in range(60):
        client.run('mkdir dir%d' % number)
    client.run('ls')
    settled(server, '--by', 'share,op')
    return server


@pytest.fixture(name='slower', scope='module')
def fixture_slower(shared_smbd, tmp_path_factory):
    """Two servers with the same load, one op 20 % slower in the second: the
    report of the first as a file, the second."""
    # So much that a busy machine makes no other op slower by as much.
    servers = [with_slow_mkdir(shared_smbd, ms) for ms in (50, 60)]
    before = tmp_path_factory.mktemp('json') / 'before.json'
    before.write_text(servers[0].show('--json'))
    by = before.with_name('by.json')
    by.write_text(servers[0].show('--json', '--by', 'share,op'))
    return before, by, servers[1]


def test_what_became_slower_is_the_first_row(slower):
    before, by, server = slower
    report = json.loads(server.show('--json', '--against', before))
    first = report['vfs_operations'][0]
    assert first['op'] == 'mkdirat'
    assert first['count_before'] == first['count_after'] == 60
    assert first['change_ns'] >= 60 * 5000000
    assert first['ratio'] == pytest.approx(
        first['avg_after_ns'] / first['avg_before_ns'], rel=1e-3)
    assert report['smb2_requests'][0]['request'] == 'SMB2_OP_CREATE'
    changes = [abs(row['change_ns']) for row in report['vfs_operations']]
    assert changes == sorted(changes, reverse=True)

    rows = server.show('-s', '--against', before).split('VFS operations')[1]
    assert rows.splitlines()[2].split()[0] == 'mkdirat'
    rows = server.show('--by', 'share,op', '--against', by)
    assert re.search(r'share +op .*\nshare +mkdirat +60 +60 ', rows)
    lines = server.show('--folded', '--against', before).splitlines()
    assert all(re.search(r' \d+ \d+$', line) for line in lines)
    slow = [line.split() for line in lines if ';mkdirat ' in line]
    assert len(slow) == 1 and int(slow[0][-1]) >= int(slow[0][-2]) + 300000
    assert 'SMB2_OP_CREATE;create_file;mkdirat' in ' '.join(
        line.split(' ')[0] for line in lines)


def test_what_is_marked(slower, shared_smbd):
    before, _, _ = slower
    # More than what anything else on a busy machine makes of the other rows.
    server = with_slow_mkdir(shared_smbd, 300)
    report = json.loads(server.show('--json', '--against', before))
    assert report['vfs_operations'][0]['op'] == 'mkdirat'
    assert report['vfs_operations'][0]['beyond_noise']
    rows = server.show('-s', '--against', before).split('VFS operations')[1]
    assert re.match(r' *mkdirat .* \*$', rows.splitlines()[2])


def test_what_most_rows_have_become_is_told(slower, tmp_path):
    before, _, server = slower
    report = json.loads(before.read_text())
    for table in 'smb2_requests', 'vfs_operations':
        for row in report[table].values():
            # Those of buckets that are as wide as they are long.
            if all(lower >= 64 for lower, _, _ in row['histogram']):
                row['histogram'] = [[4 * lower, 4 * upper, count] for
                                    lower, upper, count in row['histogram']]
                for key in 'total_ns', 'self_ns', 'min_ns', 'max_ns':
                    row[key] *= 4
    slow = tmp_path / 'slow.json'
    slow.write_text(json.dumps(report))
    found = json.loads(server.show('--json', '--against', slow))
    assert 0.1 < found['median_ratio']['vfs_operations'] < 0.8
    assert re.search(r'VFS operations .*; half of the rows take 0\.\d\d '
                     'times as long, or less$',
                     server.show('-s', '--against', slow), re.M)


@pytest.mark.parametrize('columns', [20, 40, 60, 79, 80, 120])
def test_comparisons_fit(slower, columns):
    before, by, server = slower
    for words in ['-s', '--against', before], \
            ['--by', 'share,op', '--against', by]:
        text = run(READER, '--segments', server.latency, *words,
                   env=dict(os.environ, COLUMNS=str(columns))).stdout
        tables = text.split('\n\n')[1:]
        for line in '\n'.join(table.split('\n', 1)[1]
                              for table in tables).splitlines():
            assert len(line) <= columns, line


def test_a_time_against_another(recorded):
    _, recorder, _ = recorded
    begin, end = recorder.ask('SELECT min(begin_ns), max(end_ns) FROM interval')
    middle = stamp((begin + end) / 2e9)
    here = '--database', recorder.database, '--from', middle, '--json'
    report = json.loads(run(READER, *here, '--against',
                            '-1h..' + middle).stdout)
    whole = recorder.report()['smb2_requests']['SMB2_OP_CREATE']['count']
    row = {row['request']: row for row in report['smb2_requests']}[
        'SMB2_OP_CREATE']
    assert row['count_before'] > 0
    assert row['count_before'] + row['count_after'] == whole
    # Against itself nothing has changed.
    report = json.loads(run(READER, *here, '--against',
                            middle + '..now').stdout)
    for row in report['smb2_requests'] + report['vfs_operations']:
        assert row['change_ns'] == 0 and not row['beyond_noise']
    assert 'nothing is recorded for that time' in one_line(
        *here, '--against', '2001-01-01..2001-01-02')
    assert 'No such file' in one_line(*here, '--against', '/nonexistent')


@pytest.mark.parametrize('words', [
    ['record', '--keep', '1d/x'], ['record', '--keep', '1d,5m'],
    ['record', '--keep', '1h,5m:1m'], ['--keep', '1d'],
    ['--against', 'x..y'], ['--against', '-1h..-2h', '--from', '-1h'],
    ['--against', 'x', '-i', '1'], ['--against', 'x', '--tree'],
    ['--from', 'x'], ['--from', '25:00'], ['--to', ''], ['--from', '-x'],
    ['--from', '-1h', '--to', '-2h'], ['--database', 'x'],
    ['--from', '-1h', '12'], ['--from', '-1h', '--by', 'process'],
    ['--from', '-1h', '--openmetrics'], ['history', '-s'],
    ['record', '--by', 'share'], ['record', 'x'],
    ['slow', '--from', '-1h', '--follow'], ['why', '--from', '-1h', '-i', '1'],
    ['files', '--from', '-1h', '-i', '1'], ['files', '--from', '-1h', '12'],
    ['files', '--database', 'x'], ['slow', '--database', 'x'], ['why', '--database', 'x'], ['now', '--from', '-1h']])
def test_wrong_usage(words):
    result = run(READER, *words, check=False)
    assert result.returncode == 2 and result.stdout == ''
    assert len(result.stderr.splitlines()) == 1


def test_the_database_is_no_symlink(tmp_path):
    """Whose directory it is in could plant one for root; on the way to it
    there may be some."""
    (tmp_path / 'real').mkdir()
    (tmp_path / 'way').symlink_to('real')
    real, link = tmp_path / 'way' / 'history.db', tmp_path / 'link.db'

    def record(database):
        return run(READER, '--segments', tmp_path / 'none', 'record', '-i',
                   '0.1', '-c', '1', '--database', database, check=False)

    assert record(real).returncode == 0
    run(READER, 'history', '--database', real)
    link.symlink_to(real)
    for result in record(link), run(READER, 'history', '--database', link,
                                    check=False):
        assert result.returncode == 1
        assert '%s: is a symlink' % link in result.stderr
    link.unlink()
    link.symlink_to(tmp_path / 'real' / 'made.db')
    assert record(link).returncode == 1
    assert not (tmp_path / 'real' / 'made.db').exists()
