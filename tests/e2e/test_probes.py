# SPDX-License-Identifier: GPL-3.0-or-later
"""USDT probes, and the tools that use them, on living smbds."""

import os
import re
import shutil
import signal
import subprocess
import threading
import time
from pathlib import Path

import pytest

from conftest import (BUILD, TOP, end_bpftrace, list_ops, run, session_pids,
                      wait_until)

TOOLS = TOP / 'tools'
DELAY_MS = 20

# Probes that are not of a single op.
OTHER_PROBES = {
    'vfs_latency': {'op_entry', 'op_return', 'slow_op', 'wait_start',
                    'wait_end', 'turn'},
    'smb2': {'request_start', 'request_end'},
}


def probe_notes(module):
    """[(provider, probe, semaphore, arguments)] as readelf lists them."""
    return re.findall(
        r'Provider: (\S+)\s+Name: (\S+)\s+Location: \S+, Base: \S+, '
        r'Semaphore: (\S+)\s+Arguments: (.*)', run('readelf', '-n', module).stdout)


def usdt(modules, probe):
    return 'usdt:%s/latency.so:%s' % (modules, probe)


def counts(output, name):
    """{key: number} of a bpftrace map."""
    return {key: int(value) for key, value in re.findall(
        r'^@%s\[(.*)\]: (-?\d+)$' % name, output, re.M)}


def trace_client(tracer, server, program):
    """A tracer of the process of a client that is connected, and has idled
    since before the tracer came."""
    pid, = server.measured()
    return tracer(program, '-I', TOP / 'include', '--include',
                  'latency_events.h', '-p', str(pid))


def idle_report(server):
    """The report once smbd has nothing to do: a client has its answer a
    little before the turn that sent it has been counted."""
    last = []

    def settled():
        last.append(server.report())
        return len(last) > 1 and last[-1]['time']['event_loop_turns'] == \
            last[-2]['time']['event_loop_turns']

    wait_until(settled, what='the end of a turn')
    return last[-1]


# --- the probes -----------------------------------------------------------------

@pytest.fixture(scope='module')
def notes():
    return probe_notes(BUILD / 'latency.so')


def test_module_has_an_entry_and_a_return_probe_of_every_op(notes):
    ours = {name for provider, name, _, _ in notes
            if provider == 'vfs_latency'}
    assert ours == OTHER_PROBES['vfs_latency'] | {
        op + end for op in list_ops() for end in ('_entry', '_return')}
    assert {name for provider, name, _, _ in notes if provider == 'smb2'} == \
        OTHER_PROBES['smb2']


def test_every_probe_has_a_semaphore_in_writable_memory(notes):
    sections = run('readelf', '-SW', BUILD / 'latency.so').stdout
    start, size, flags = re.search(
        r'\] \.probes\s+PROGBITS\s+(\S+) \S+ (\S+) \S+\s+(\S+)',
        sections).groups()
    assert 'W' in flags
    end = int(start, 16) + int(size, 16)
    for _, name, semaphore, _ in notes:
        assert int(start, 16) <= int(semaphore, 16) < end, name


def test_arguments_are_where_every_tracer_can_read_them(notes):
    """At most 12, in registers or on the stack: bcc and perf do not know
    symbols in a library."""
    for _, name, _, arguments in notes:
        assert len(arguments.split()) <= 12, name
        assert 'rip' not in arguments, name


def test_return_events_equal_the_counters_and_their_durations(
        smbd, tree, tracer, modules):
    server = smbd()
    client = server.client()
    before = idle_report(server)['vfs_operations']
    trace = trace_client(tracer, server, '''
        %s { @entry[str(arg0)] = count(); }
        %s { @count[str(arg0)] = count(); @ns[str(arg0)] = sum(arg2);
             @bytes[str(arg0)] = sum(arg3); }
        ''' % (usdt(modules, 'vfs_latency:op_entry'),
               usdt(modules, 'vfs_latency:op_return')))
    for command in tree.copy_in:
        client.run(command)
    client.run('get tree/dir000/file00 /dev/null')
    after = idle_report(server)['vfs_operations']
    output = trace.stop()

    def grown(field):
        result = {}
        for op, counters in after.items():
            growth = counters[field] - before.get(op, {field: 0})[field]
            if growth != 0:
                result[op] = growth
        return result

    assert grown('count')['pwrite'] >= tree.FILES
    assert counts(output, 'count') == grown('count')
    assert counts(output, 'entry') == grown('count')
    assert counts(output, 'ns') == grown('total_ns')
    moved = {op: n for op, n in counts(output, 'bytes').items() if n != 0}
    assert moved == grown('bytes')


def test_the_probes_of_single_ops_see_the_same(
        smbd, small_tree, tracer, modules):
    server = smbd()
    client = server.client()
    before = idle_report(server)['vfs_operations']
    ops = 'openat', 'pwrite', 'close', 'create_file', 'fcntl', 'readdir'
    trace = trace_client(tracer, server, ' '.join(
        '%s { @%s = count(); }' %
        (usdt(modules, 'vfs_latency:%s_%s' % (op, end)), op + end)
        for op in ops for end in ('entry', 'return')))
    for command in small_tree:
        client.run(command)
    after = idle_report(server)['vfs_operations']
    output = trace.stop()
    for op in ops:
        count = after[op]['count'] - before.get(op, {'count': 0})['count']
        for end in 'entry', 'return':
            assert re.search(r'^@%s: %d$' % (op + end, count), output, re.M), \
                (op, end, count)


def test_exempt_ops_fire_no_probes(smbd, small_tree, tracer, modules):
    server = smbd(share_lines=['latency:exempt = stat'])
    client = server.client()
    trace = trace_client(tracer, server, usdt(
        modules, 'vfs_latency:op_return') + '{ @count[str(arg0)] = count(); }')
    for command in small_tree:
        client.run(command)
    stat = idle_report(server)['vfs_operations']['stat']
    seen = counts(trace.stop(), 'count')
    assert seen['pwrite'] == 500
    assert stat['count'] == 0 and stat['untimed'] > 0 and 'stat' not in seen


def test_requests_started_and_ended_are_those_of_the_report(
        smbd, small_tree, tracer, modules):
    server = smbd()
    client = server.client()
    before = idle_report(server)['smb2_requests']
    trace = trace_client(tracer, server, '''
        %s { @start[arg1] = count(); @mid[arg0] = count(); }
        %s { @end[arg1] = count(); @name[str(arg4)] = count();
             @ns[str(arg4)] = sum(arg2); @mid[arg0] = count(); }
        ''' % (usdt(modules, 'smb2:request_start'),
               usdt(modules, 'smb2:request_end')))
    for command in small_tree:
        client.run(command)
    client.run('ls')
    after = idle_report(server)['smb2_requests']
    output = trace.stop()

    def grown(field):
        result = {}
        for opcode, counters in after.items():
            growth = counters[field] - before.get(opcode, {field: 0})[field]
            if growth != 0:
                result[opcode[len('SMB2_OP_'):]] = growth
        return result

    assert grown('count')['WRITE'] == 500
    assert counts(output, 'name') == grown('count')
    assert counts(output, 'ns') == grown('total_ns')
    # [MS-SMB2] 2.2.1.
    codes = {'CREATE': 5, 'CLOSE': 6, 'WRITE': 9, 'QUERY_DIRECTORY': 14}
    by_code = counts(output, 'start')
    assert by_code == counts(output, 'end')
    for name, code in codes.items():
        assert by_code[str(code)] == grown('count')[name]
    assert set(counts(output, 'mid').values()) == {2}


def test_events_tell_share_user_client_layer_path_and_request(
        smbd, tracer, modules, tmp_path):
    server = smbd(objects='latency:top latency:bottom')
    client = server.client()
    (tmp_path / 'file').write_bytes(b'12345')
    trace = trace_client(tracer, server, '''
        %s { $r = (struct latency_request_event *)arg5;
             @request[str($r->name), str($r->path), $r->path_length,
                      $r->bytes] = count(); }
        %s { $e = (struct latency_op_event *)arg5;
             @which[str($e->op), str($e->layer), str($e->share)] = count();
             @whose[str($e->user), str($e->client), str($e->path)] = count();
             @what[$e->opcode, $e->path_length, $e->async, $e->bytes,
                   $e->error, $e->offset] = count(); }
        ''' % (usdt(modules, 'smb2:request_end'),
               usdt(modules, 'vfs_latency:pwrite_return')))
    client.run('mkdir directory')
    client.run('put %s directory/file' % (tmp_path / 'file'))
    output = trace.stop()
    assert counts(output, 'which') == {'pwrite, bottom, share': 1,
                                       'pwrite, top, share': 1}
    assert counts(output, 'whose') == {'root, 127.0.0.1, directory/file': 2}
    assert counts(output, 'what') == {'9, 14, 1, 5, 0, 0': 2}
    requests = counts(output, 'request')
    assert requests['WRITE, directory/file, 14, 5'] == 1
    assert requests['CLOSE, directory/file, 14, 0'] == 1


def test_path_of_a_name_in_a_directory_is_relative_to_the_share(
        smbd, tracer, modules):
    server = smbd()
    (server.share / 'a' / 'b').mkdir(parents=True)
    client = server.client()
    trace = trace_client(tracer, server, ' '.join(
        '%s { @[str(arg0), "%s", str(arg1)] = count(); }' %
        (usdt(modules, 'vfs_latency:%s_%s' % (op, end)), end)
        for op in ('create_file', 'mkdirat', 'unlinkat')
        for end in ('entry', 'return')))
    client.run('mkdir a/b/c')
    client.run('rmdir a/b/c')
    events = set(counts(trace.stop(), ''))
    for op in 'create_file', 'mkdirat', 'unlinkat':
        for end in 'entry', 'return':
            # Since Samba 4.22 mkdirat makes another name, that is renamed.
            assert any(event.startswith('%s, %s, a/b/' % (op, end))
                       for event in events if op == 'mkdirat' or
                       event.endswith('a/b/c')), events
    assert not [event for event in events if 'a/b/a/b' in event]


def test_waits_and_turns_add_up_to_the_time_of_the_report(
        smbd, small_tree, tracer, modules):
    """Each wait and turn is told of with what the segment counts for it."""
    server = smbd()
    client = server.client()
    client.run('ls')
    trace = trace_client(tracer, server, '''
        %s { @other = sum(arg2); }
        %s { @[str(arg0)] = sum(arg2); @waits = count(); }
        %s { @vfs = sum(arg0); @smb = sum(arg1); @receive = sum(arg2);
             @send = sum(arg3); @other = sum(arg4); @turns = count(); }
        ''' % tuple(usdt(modules, 'vfs_latency:' + probe)
                    for probe in ('wait_start', 'wait_end', 'turn')))
    # An idle smbclient may send an echo at any time, also while bpftrace ends.
    before = idle_report(server)['time']
    for command in small_tree:
        client.run(command)
    least = idle_report(server)['time']
    output = trace.stop()
    most = idle_report(server)['time']
    seen = dict(re.findall(r'^@(\w+): (\d+)$', output, re.M))
    for part in 'vfs', 'smb', 'receive', 'other':
        name = part + '_us'
        assert least[name] - before[name] - 2 <= int(seen[part]) / 1000 <= \
            most[name] - before[name] + 2, part
    waited = counts(output, '')
    # What of a wait was for a CPU is a part of its own in the report. After the
    # trace there may have been more waiting for the client.
    less, more = ({part: time['waiting_%s_us' % part] -
                   before['waiting_%s_us' % part]
                   for part in ('async', 'cpu')} for time in (least, most))
    assert less['async'] - 2 <= waited['async'] / 1000 <= \
        more['async'] + more['cpu'] + 2


# --- the tools --------------------------------------------------------------------

class Tool:
    """One of tools/, from attached to ended by Ctrl-C.

    What bpftrace prints while it runs may be lost when it ends, so wait for
    the last line that matters; what it prints at the end is complete.
    """

    def __init__(self, module, name, attached, *arguments):
        self.process = subprocess.Popen(
            [str(TOOLS / name), *map(str, arguments)], stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, universal_newlines=True,
            env=dict(os.environ, LATENCY_SO=str(module)),
            start_new_session=True)
        self.lines = []
        self.wait_for(attached)

    def wait_for(self, pattern):
        """Read its output up to a line that matches."""
        killer = threading.Timer(60, self.kill)
        killer.start()
        try:
            for line in self.process.stdout:
                self.lines.append(line)
                if re.search(pattern, line):
                    return
        finally:
            killer.cancel()
        raise AssertionError('no %s in:\n%s%s' % (
            pattern, ''.join(self.lines), self.process.stderr.read()))

    def stop(self):
        output, errors = end_bpftrace(
            self.process, self.bpftrace,
            lambda: os.killpg(self.process.pid, signal.SIGINT))
        assert self.process.returncode == 0, errors
        # Where CAP_SYS_RESOURCE or tracefs is missing, as in some containers,
        # bpftrace warns of that, whatever it runs.
        assert not re.search(
            'WARNING: (?!.*RLIMIT_MEMLOCK|failed to detach probe)',
            errors), errors
        return ''.join(self.lines) + output

    def bpftrace(self):
        """Its pid, or that of what else the tool runs; else the tool's."""
        pids = session_pids(self.process.pid)
        for pid in pids:
            if Path('/proc/%d/comm' % pid).read_text() == 'bpftrace\n':
                return pid
        return self.process.pid

    def kill(self):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


@pytest.fixture
def tool(modules):
    made = []

    def make(*arguments):
        made.append(Tool(modules / 'latency.so', *arguments))
        return made[-1]

    yield make
    for one in made:
        one.kill()


@pytest.fixture
def slow(smbd, modules, tmp_path):
    """slow(op): a client of an smbd whose op takes DELAY_MS longer; its
    write() makes a file of a name that no other test has."""
    def make(op):
        server = smbd(objects='latency inject', share_lines=[
            'inject:op = ' + op, 'inject:ms = %d' % DELAY_MS])
        client = server.client()
        client.run('mkdir directory')
        (tmp_path / 'file').write_bytes(b'x' * 1000)
        client.write = lambda name: client.run(
            'put %s directory/%s' % (tmp_path / 'file', name))
        client.pid, = server.measured()
        return client
    return make


@pytest.mark.parametrize('name', ['smbslower.bt', 'smbdist.bt', 'smbstacks.bt',
                                  'tsmbd.bt'])
def test_tool_says_its_usage(name):
    assert 'usage: %s ' % name in run(TOOLS / name, '-h').stdout
    wrong = run(TOOLS / name, '-p', 'nonsense', '-?', check=False)
    assert wrong.returncode == 2 and not wrong.stdout


def test_tsmbd_reports_nothing_when_bpftrace_fails(smbd, modules):
    server = smbd()
    server.client()
    pid, = server.measured()
    result = run(TOOLS / 'tsmbd.bt', pid, check=False, env=dict(
        os.environ, LATENCY_SO=str(modules / 'latency.so'),
        BPFTRACE_MAP_KEYS_MAX='many'))
    assert result.returncode == 1 and not result.stdout
    assert 'BPFTRACE_MAP_KEYS_MAX' in result.stderr


@pytest.mark.parametrize('op', ['pwrite', 'openat'])
def test_smbslower_catches_a_slow_op_and_its_request_with_the_path(
        slow, tool, op):
    client = slow(op)
    trace = tool('smbslower.bt', 'TIME', '-p', client.pid, DELAY_MS)
    client.write('the-file')
    request = 'CREATE' if op == 'openat' else 'WRITE'
    trace.wait_for('REQ %s .*directory/the-file' % request)
    lines = [line.split() for line in trace.stop().splitlines()
             if re.match(r'\d\d:\d\d:\d\d ', line)]
    ops = [line for line in lines if line[4] == 'latency:' + op]
    assert ops and all(
        line[1] == str(client.pid) and float(line[2]) >= DELAY_MS and
        line[3] == 'OP' and line[6:9] == ['share', 'root', '127.0.0.1']
        for line in ops)
    assert 'directory/the-file' in [line[9] for line in ops if len(line) > 9]
    ends = [line for line in lines if line[3:5] == ['REQ', request]]
    assert 'directory/the-file' in [line[9] for line in ends]
    assert all(line[6:9] == ['share', 'root', '127.0.0.1'] for line in ends)


def test_smbslower_prints_rows_and_nothing_else(slow, tool):
    """Also for requests that have no path, as FLUSH after CREATE has."""
    client = slow('pwrite')
    trace = tool('smbslower.bt', 'TIME', '-p', client.pid, DELAY_MS)
    client.run('ls')
    client.write('the-file')
    trace.wait_for('REQ WRITE ')
    rows = re.split(r'^TIME .*\n', trace.stop(), flags=re.M)[1]
    assert [row for row in rows.splitlines()
            if row and not re.match(r'\d\d:\d\d:\d\d ', row)] == []


def test_smbslower_shows_the_end_of_a_long_path(slow, tool):
    client = slow('pwrite')
    name = 'x' * 150 + '.the-end'
    trace = tool('smbslower.bt', 'TIME', '-o', '-p', client.pid, DELAY_MS)
    client.write(name)
    trace.wait_for('latency:pwrite')
    line, = re.findall(r'latency:pwrite.*', trace.stop())
    path = line.split()[-1].rstrip('.')
    # Newer versions of bpftrace mark what they have cut.
    assert path.endswith('.the-end') and path in name


def assert_three_slow(output, key):
    """A histogram has three events, from 20 ms up: in the bucket of 16.4 to
    32.8 ms, but on a busy machine one or the other may take longer."""
    rows = re.search(r'^@us\[%s\]: ?\n((?:\[.*\n)+)' % key, output,
                     re.M).group(1)
    buckets = re.findall(r'^\[(\w+), \w+\) +(\d+) \|', rows, re.M)
    assert buckets[0][0] == '16K', rows
    assert sum(int(count) for _, count in buckets) == 3, rows


def test_smbdist_shows_the_slow_op_in_its_bucket(slow, tool):
    client = slow('pwrite')
    trace = tool('smbdist.bt', 'Tracing', '-n', 'pwrite', '-b', 'share', '-p',
                 client.pid)
    for number in range(3):
        client.write('file%d' % number)
    assert_three_slow(trace.stop(), 'pwrite, share')


def test_smbdist_shows_requests(slow, tool):
    client = slow('pwrite')
    trace = tool('smbdist.bt', 'Tracing', '-p', client.pid)
    for number in range(3):
        client.write('file%d' % number)
    output = trace.stop()
    assert_three_slow(output, 'WRITE')
    assert '@us[CREATE]' in output and '@us[CLOSE]' in output


@pytest.mark.parametrize('share_lines', [[], ['aio write size = 0']],
                         ids=['async', 'sync'])
def test_smbdist_shows_sizes_and_only_of_ops_that_moved_bytes(
        smbd, tool, tmp_path, share_lines):
    server = smbd(share_lines=share_lines)
    client = server.client()
    pid, = server.measured()
    trace = tool('smbdist.bt', 'Tracing', '-s', '-b', 'client', '-p', pid)
    for number, size in enumerate((1000, 4096, 4096, 8191, 8192)):
        source = tmp_path / str(number)
        source.write_bytes(b'x' * size)
        client.run('put %s %s' % (source, source.name))
    (tmp_path / 'empty').touch()
    client.run('put %s empty' % (tmp_path / 'empty'))
    output = trace.stop()
    assert set(re.findall(r'^@bytes\[(.*)\]:', output, re.M)) == \
        {'pwrite, 127.0.0.1'}
    rows = re.findall(r'^\[(\w+), \w+\) +(\d+) \|', output, re.M)
    assert [row for row in rows if row[1] != '0'] == \
        [('512', '1'), ('4K', '3'), ('8K', '1')], output
    assert '@us' not in output


def test_smbdist_has_no_sizes_of_requests():
    result = run(TOOLS / 'smbdist.bt', '-s', '-n', 'WRITE', check=False)
    assert result.returncode == 2 and not result.stdout
    assert 'WRITE' in result.stderr


def test_smbstacks_counts_stacks_of_slow_ops(slow, tool):
    client = slow('openat')
    trace = tool('smbstacks.bt', 'Tracing', '-n', 'openat', '-p', client.pid,
                 DELAY_MS)
    client.write('file')
    times = re.findall(r'^@times\[openat, \n(?:.+\n)+?\]: (\d+)$',
                       trace.stop(), re.M)
    assert sum(map(int, times)) >= 1


@pytest.fixture
def tracefs():
    """Mounted, if only for the test."""
    path = '/sys/kernel/tracing'
    mounted = os.path.isdir(path + '/events')
    if not mounted:
        result = run('mount', '-t', 'tracefs', 'vfs_latency-test', path,
                     check=False)
        if result.returncode != 0:
            pytest.skip('cannot mount tracefs: ' + result.stderr)
    yield
    if not mounted:
        # Lazily: what has just ended may still be using it.
        run('umount', '-l', path)


def has_perf_events(pid):
    """Has the process, or another one of its session, opened any?"""
    for one in session_pids(pid):
        for fd in Path('/proc/%d/fd' % one).glob('*'):
            try:
                if 'perf_event' in os.readlink(fd):
                    return True
            except OSError:
                pass            # It has closed it, or ended.
    return False


@pytest.mark.skipif(not shutil.which('perf'), reason='perf is not installed')
def test_smbstacks_unwinds_by_debug_information(slow, tool, tracefs):
    client = slow('openat')
    trace = tool('smbstacks.bt', 'Recording', '-d', '-n', 'openat', '-p',
                 client.pid, DELAY_MS)
    wait_until(lambda: has_perf_events(trace.process.pid), what='perf')
    # Which does not say when it has enabled them.
    for number in range(20):
        client.write('file%d' % number)
    output = trace.stop()
    assert re.search(r'^\d+ times, [\d.]+ ms in all$', output, re.M)
    assert 'latency_openat' in output
    assert 'smbd_smb2_request_process_create' in output


def test_tsmbd_reports_what_smblatency_stat_does(smbd, small_tree, tool):
    server = smbd()
    client = server.client()
    client.run('ls')
    before = idle_report(server)
    pid, = server.measured()
    trace = tool('tsmbd.bt', 'Collecting', '-d', pid)
    for command in small_tree:
        client.run(command)
    after = idle_report(server)
    output = trace.stop()

    ran, total = (int(re.search(r'^%s: +(\d+) ms$' % what, output, re.M)
                      .group(1)) for what in ('Ran for', 'Time sum'))
    assert abs(ran - total) <= 2 + ran / 100
    for opcode, counters in after['smb2_requests'].items():
        old = before['smb2_requests'].get(opcode, {'count': 0, 'total_ns': 0})
        count = counters['count'] - old['count']
        if count:
            found = re.search(r'^%s +(\d+) +(\d+) ' % opcode, output, re.M)
            assert int(found.group(1)) == count, opcode
            assert int(found.group(2)) == \
                (counters['total_ns'] - old['total_ns']) // 1000, opcode
    assert 'SMB2_OP_WRITE distribution (microseconds)' in output
    assert 'WRITE IO distribution (microseconds)' in output


def test_tsmbd_counts_system_calls_where_the_kernel_tells(
        smbd, small_tree, tool, tracefs):
    if not os.path.isdir('/sys/kernel/tracing/events/raw_syscalls'):
        pytest.skip('the kernel has no tracepoints of system calls')
    server = smbd()
    client = server.client()
    pid, = server.measured()
    trace = tool('tsmbd.bt', 'Collecting', '-s', pid)
    for command in small_tree:
        client.run(command)
    output = trace.stop()
    calls = {name: int(count) for name, count in re.findall(
        r'^(\w+) +(\d+) +\d+$', output.split('System call')[1], re.M)}
    assert calls['pwrite64'] == 500
    assert calls['mkdirat'] == 6
    assert 'epoll_wait' not in calls
    assert int(re.search(r'^Time in syscalls: +(\d+) ms', output,
                         re.M).group(1)) > 0


def test_tsmbd_counts_no_system_call_after_its_end(
        smbd, small_tree, tool, tracefs):
    """bpftrace takes seconds to go, and the client works on meanwhile."""
    server = smbd()
    client = server.client()
    pid, = server.measured()
    for command in small_tree:
        client.run(command)
    ended = threading.Event()

    def work():
        while not ended.is_set():
            client.run('ls tree/dir0/*')

    working = threading.Thread(target=work)
    working.start()
    try:
        trace = tool('tsmbd.bt', 'Collecting', '-s', pid)
        time.sleep(0.5)
        output = trace.stop()
    finally:
        ended.set()
        working.join()
    ran, called = (int(re.search(r'^%s: +(\d+) ms$' % what, output, re.M)
                       .group(1)) for what in ('Ran for', 'Time in syscalls'))
    assert 0 < called < ran


# What SystemTap asks of a kernel before it looks at a process's probes. A
# kernel's real headers are not asked for: on Debian 13 their package brings
# the kernel itself.
KERNEL = {
    '.config': 'CONFIG_TRACEPOINTS=y\nCONFIG_UPROBES=y\n'
               'CONFIG_ARCH_SUPPORTS_UPROBES=y\n',
    'Module.symvers': '',
    'include/config/kernel.release': '6.1.0\n',
}


def test_systemtap_resolves_the_probes_of_its_script(tmp_path):
    """Its marks and their arguments, in this module. The two probes of the
    kernel are set aside: without a kernel they can be parsed only."""
    kernel = tmp_path / 'kernel'
    for name, text in KERNEL.items():
        (kernel / name).parent.mkdir(parents=True, exist_ok=True)
        (kernel / name).write_text(text)
    text = (TOOLS / 'tsmbd.stp').read_text()
    ours = tmp_path / 'ours.stp'
    ours.write_text(text.replace(
        'probe syscall_any.return\n',
        'probe call_ends = never { name = "" }\nprobe call_ends\n').replace(
        'probe syscall_any\n', 'probe never\n'))
    for passes, script in (1, TOOLS / 'tsmbd.stp'), (2, ours):
        run('stap', '-w', '-p%d' % passes, '-r', kernel, '-x', '1',
            '-G', 'syscalls=1', '-G', 'distribution=1', script,
            BUILD / 'latency.so', env=dict(
                os.environ, TMPDIR=str(tmp_path),
                SYSTEMTAP_DIR=str(tmp_path / 'systemtap')))
