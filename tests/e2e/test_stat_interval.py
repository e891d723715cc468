# SPDX-License-Identifier: GPL-3.0-or-later
"""smblatency-stat -i: intervals add up, and fit their terminal."""

import fcntl
import json
import os
import pty
import re
import signal
import struct
import subprocess
import termios
import threading
import time
import unicodedata

from conftest import READER, run, wait_for_end, wait_until
from test_wall_clock import PARTS

ADDED = ['count', 'errors', 'bytes', 'total_ns', 'self_ns', 'untimed',
         'async', 'service_count', 'service_ns', 'service_wall_ns']


def flat(report):
    """{(what, ...): number} of all in a report that is a sum."""
    numbers = {}

    def add(key, value):
        if value:
            numbers[key] = numbers.get(key, 0) + value

    def counters(key, values):
        for name in ADDED:
            add(key + (name,), values.get(name, 0))
        for lower, _, count in values['histogram']:
            add(key + ('histogram', lower), count)
        for code, count in values['errors_by_code'].items():
            add(key + (code,), count)

    def tree(key, nodes):
        for node in nodes:
            here = key + (node['name'], node.get('layer'))
            add(here + ('count',), node['count'])
            add(here + ('total_ns',), node['total_ns'])
            tree(here, node['children'])

    for table in 'smb2_requests', 'vfs_operations':
        for name, values in report[table].items():
            counters((table, name), values)
    for table in 'layers', 'smb2_requests_by', 'vfs_operations_by':
        for group in report.get(table, []):
            key = tuple(group.get(d) for d in
                        ('share', 'user', 'client', 'layer', 'request', 'op'))
            counters((table,) + key, group)
    tree(('tree',), report['tree'])
    for name in 'tree_connects', 'departed_processes', 'unmeasured':
        add((name,), report[name])
    return numbers


def difference(after, before):
    return {key: after[key] - before.get(key, 0) for key in after
            if after[key] != before.get(key, 0)}


def settled(server, *options):
    """flat() of a report when nothing happens: a client has its answer just
    before smbd counts the request."""
    reports = [flat(server.report(*options))]

    def same():
        time.sleep(0.02)
        reports.append(flat(server.report(*options)))
        return reports[-1] == reports[-2]

    wait_until(same, what='smbd to be idle')
    return reports[-1]


class Watch:
    """smblatency-stat -i --json; its objects."""

    def __init__(self, server, *options):
        self.process = subprocess.Popen(
            [READER, '--segments', server.latency, '--json', *options],
            stdout=subprocess.PIPE, universal_newlines=True)
        # Its first snapshot is taken before its first object.
        self.lines = [self.process.stdout.readline()]
        # What it prints is read, else it waits, and intervals get longer.
        self.reader = threading.Thread(
            target=lambda: self.lines.extend(self.process.stdout))
        self.reader.start()

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        assert self.process.wait(30) == 0
        self.reader.join(30)
        return [json.loads(line) for line in self.lines]


def test_the_parts_of_a_wall_clock_add_up_over_intervals(smbd):
    """Of a call under way nobody knows yet what part of the time it is."""
    server = smbd(objects='latency inject', share_lines=[
        'inject:op = mkdirat', 'inject:ms = 1500'])
    client = server.client()
    before = server.report()['time']
    watch = Watch(server, '-i', '0.1')
    client.run('mkdir slow')
    times = [report['time'] for report in watch.stop()]
    after = server.report()['time']
    for time_ in times:
        assert sum(time_[part] for part in PARTS) == time_['wall_us']
    assert sum(time_['vfs_us'] for time_ in times) >= 1500000
    for part in 'vfs_us', 'smb_us', 'other_us':
        assert sum(time_[part] for time_ in times) <= \
            after[part] - before[part], part


def test_intervals_add_up_while_clients_come_and_go(smbd, small_tree):
    server = smbd()
    stays = server.client()
    stays.run('mkdir stays')
    by = '--by', 'share,user,client,request,op'
    before = settled(server, *by)
    watch = Watch(server, '-i', '0.05', *by)
    goes = server.client()
    for number in range(4):
        server.smbclient(['mkdir goes%d' % number, 'cd goes%d' % number,
                          *small_tree])
        stays.run('mkdir stays/%d' % number)
    pids = server.measured()
    goes.run('ls nothing')
    goes.kill()
    wait_until(lambda: len(server.measured()) < len(pids))
    settled(server, *by)
    intervals = watch.stop()
    after = flat(server.report(*by))

    assert len(intervals) >= 5
    assert sum(r['departed_processes'] for r in intervals) == 5
    summed = {}
    for report in intervals:
        assert report['interval']
        for key, value in flat(report).items():
            summed[key] = summed.get(key, 0) + value
    # What a process was within is not known to the nanosecond: self times
    # are cut off at 0, and totals of what has children.
    wanted = difference(after, before)
    assert {k: v for k, v in summed.items() if k[-1] != 'self_ns'} == \
        {k: v for k, v in wanted.items() if k[-1] != 'self_ns'}
    assert summed['smb2_requests', 'SMB2_OP_WRITE', 'count'] >= 2000


def test_intervals_by_process_count_the_departed_once(smbd):
    server = smbd()
    client = server.client()
    client.run('ls')
    watch = Watch(server, '-i', '0.05', '--by', 'process')
    pids = server.measured()
    client.run('mkdir x')
    client.close()
    wait_for_end(pids)
    intervals = watch.stop()
    for report in intervals:
        for group in report['smb2_requests_by']:
            assert 0 < group['count'] < 1000
            assert group['process'] in ('departed', str(pids[0]))


def test_merge_of_all_intervals_is_the_whole(smbd, small_tree, tmp_path):
    server = smbd()
    client = server.client()
    before = settled(server)
    watch = Watch(server, '-i', '0.05')
    for command in small_tree:
        client.run(command)
    settled(server)
    objects = watch.stop()
    (tmp_path / 'intervals').write_text(
        '\n'.join(json.dumps(one) for one in objects))
    merged = json.loads(run(READER, 'merge', '--json',
                            tmp_path / 'intervals').stdout)
    wanted = difference(flat(server.report()), before)
    assert {k: v for k, v in flat(merged).items() if k[-1] != 'self_ns'} == \
        {k: v for k, v in wanted.items() if k[-1] != 'self_ns'}


# --- on a terminal ----------------------------------------------------------------

def on_terminal(*command, rows=24, columns=80, until=None):
    """What a command prints to a terminal; Ctrl-C when `until` was seen."""
    pid, fd = pty.fork()
    if pid == 0:
        os.environ.pop('COLUMNS', None)
        fcntl.ioctl(0, termios.TIOCSWINSZ,
                    struct.pack('HHHH', rows, columns, 0, 0))
        # Else its "^C" may come anywhere, within a line, too.
        mode = termios.tcgetattr(0)
        mode[3] &= ~termios.ECHO
        termios.tcsetattr(0, termios.TCSANOW, mode)
        os.execv(command[0], [str(word) for word in command])
    output = b''
    sent = False
    while True:
        try:
            piece = os.read(fd, 1 << 16)
        except OSError:
            break
        if not piece:
            break
        output += piece
        if until and not sent and until(output.decode(errors='replace')):
            os.write(fd, b'\x03')
            sent = True
    status = os.waitpid(pid, 0)[1]
    os.close(fd)
    assert os.waitstatus_to_exitcode(status) == 0, output
    return output.decode().replace('\r\n', '\n')


def columns_of(line):
    return sum(2 if unicodedata.east_asian_width(c) in 'WF' else 1
               for c in line if not unicodedata.combining(c))


def test_header_again_on_each_screen_and_a_summary_at_ctrl_c(smbd):
    server = smbd()
    server.client().run('ls')
    text = on_terminal(
        READER, '--segments', server.latency, '-i', '0.02', rows=10,
        until=lambda out: out.count('SMB2 request') >= 3)
    lines = text.splitlines()
    headers = [number for number, line in enumerate(lines)
               if re.match('Time +SMB2 request', line)]
    assert len(headers) >= 3
    for first, second in zip(headers, headers[1:]):
        assert second - first < 10
    assert re.search(r'^--- all \d+ intervals ---$', text, re.M)
    assert 'Ran for:' in text


LONG = 'share-with-a-name-that-is-much-longer-than-a-column-of-a-terminal-has'


def test_long_names_stay_within_80_columns(smbd, small_tree):
    server = smbd(start=False)
    server.global_lines += [
        'unix extensions = no', '', '[%s]' % LONG, 'path = %s' % server.share,
        'vfs objects = latency:a-layer-with-a-long-name acl_xattr latency',
        'read only = no', 'guest ok = yes', 'force user = root', '',
        '[Größenänderungsübersichten-für-alle-möglichen-Straßenzüge]',
        'path = %s' % server.share, 'vfs objects = latency',
        'read only = no', 'force user = root', '', '[global]']
    server.start()
    for share in LONG, ('Größenänderungsübersichten-für-alle-möglichen-'
                        'Straßenzüge'):
        server.smbclient(small_tree[:1] + ['mkdir d%d' % len(share), 'ls',
                                           'get nothing'],
                         share=share, check=False)
    asked = [['-s', '-d'], ['--tree'], ['--by', 'share'],
             ['--by', 'share,user,client'],
             ['--by', 'share,user,client,process,layer,request,op'],
             ['--by', 'layer,request,op'], ['--share', LONG, '-s'],
             ['-i', '0.05', '-c', '2', '-s', '-d'],
             ['-i', '0.05', '-c', '2', '--by', 'share,user,request,op']]
    watched = server.client(share=LONG)
    for options in asked:
        watched.run('ls')
        text = on_terminal(READER, '--segments', server.latency, *options)
        for line in text.splitlines():
            assert columns_of(line) <= 80, (options, line)
    text = on_terminal(READER, 'all', 'status', '--segments', server.latency)
    assert all(columns_of(line) <= 80 for line in text.splitlines())
    assert str(server.measured()[0]) in text


def test_columns_are_aligned(smbd):
    server = smbd()
    server.smbclient(['ls', 'mkdir x', 'get nothing'], check=False)
    for option in [], ['--by', 'share,op'], ['--by', 'request,op']:
        lines = server.show('-s', *option).splitlines()
        tables = [number for number, line in enumerate(lines)
                  if re.search(r' Count .* Max$', line)]
        assert tables
        for number in tables:
            rows = lines[number + 1:]
            rows = rows[:rows.index('')] if '' in rows else rows
            assert rows
            assert {len(row) for row in rows} == {len(lines[number])}
