# SPDX-License-Identifier: GPL-3.0-or-later
"""A delay injected below the module is seen where it is, and only there."""

import os
import time

import pytest

from test_wall_clock import seconds

TOLERANCE = 0.05
# For how many files, so that a case takes seconds.
FILES = {1: 250, 10: 40, 100: 6}
SYNC = ['aio read size = 0', 'aio write size = 0']
CLIENT_DELAY_S = 1


class Run:
    """What the report says of some files copied in and read back.

    There is a layer below the delays too: it tells what the ops take without
    them, in the same run.
    """

    def __init__(self, smbd, directory, op, ms, share_lines,
                 objects='latency:top inject latency:bottom'):
        files = FILES[ms]
        log = directory / 'inject.log'
        server = smbd(objects=objects, share_lines=[
            'inject:op = ' + op, 'inject:ms = %d' % ms,
            'inject:log = %s' % log, *share_lines])
        source = directory / 'source'
        back = directory / 'back'
        for path in source, back:
            path.mkdir()
        for number in range(files):
            (source / ('file%03d' % number)).write_bytes(os.urandom(10240))
        client = server.client()
        for command in ('prompt', 'lcd %s' % source, 'mput file*',
                        'lcd %s' % back, 'mget file*'):
            client.run(command)
        self.report = server.final_report()
        assert all((back / file.name).read_bytes() == file.read_bytes()
                   for file in source.iterdir())
        self.time = self.report['time']
        name, calls, nanoseconds = log.read_text().split()
        assert name == op
        self.calls, self.injected_ns = int(calls), int(nanoseconds)
        self.nodes = list(walk(self.report['tree'], ()))

    def sum(self, key, wanted):
        return sum(node[key] for path, node in self.nodes
                   if wanted(path, node))

    def close(self, value, expected=None):
        expected = self.injected_ns if expected is None else expected
        return abs(value - expected) <= TOLERANCE * self.injected_ns


def walk(nodes, above):
    """(names from the root on, node) for each node."""
    for node in nodes:
        path = above + ((node.get('layer'), node['name']),)
        yield path, node
        yield from walk(node['children'], path)


CASES = [(op, ms, lines) for ms in (1, 10, 100) for op, lines in (
    ('openat', []), ('create_file', []), ('fstat', []),
    ('pread', []), ('pwrite', []), ('pread', SYNC), ('pwrite', SYNC))]


@pytest.mark.parametrize('op, ms, lines', CASES, ids=[
    '%s-%dms-%s' % (op, ms, 'sync' if lines or op[0] != 'p' else 'async')
    for op, ms, lines in CASES])
def test_delay_is_seen_in_its_op_parents_and_request_only(
        smbd, tmp_path, op, ms, lines):
    if ms == 100 and op == 'fstat':
        lines = lines + ['inject:every = 4']
    run = Run(smbd, tmp_path, op, ms, lines)
    asynchronous = op in ('pread', 'pwrite') and not lines
    assert run.calls >= FILES[ms] // 4
    assert run.injected_ns >= run.calls * ms * 1000000

    # In the op, above the delays but not below.
    layers = {(entry['layer'], entry['op']): entry
              for entry in run.report['layers']}
    top, bottom = layers['top', op], layers['bottom', op]
    assert top['count'] == bottom['count']
    assert run.close(top['total_ns'] - bottom['total_ns'])
    assert bottom['max_ns'] < top['max_ns']

    # In no sibling: between the layers there is nothing else.
    if not asynchronous:
        # There the timer calls the lower layer, on behalf of nobody.
        assert run.close(run.sum('self_ns', lambda path, node:
                                 path[-1] == ('top', op)))
    assert run.close(run.sum('self_ns', lambda path, node:
                             path[-1][0] == 'top' and path[-1][1] != op), 0)

    # In all that is above it, up to its request.
    for path, node in run.nodes:
        below = sum(child['self_ns'] for longer, child in run.nodes
                    if longer[:len(path)] == path)
        # What was pending has waited for the async op beside it.
        if path[0][1].startswith('SMB2_OP_') and \
                path[-1][1] != '(pending)':
            assert run.close(node['total_ns'], below), path
    for name, counters in run.report['smb2_requests'].items():
        assert counters['total_ns'] >= run.sum(
            'self_ns', lambda path, node: path[0][1] == name and
            path[-1] == ('top', op))

    # In the right line of the wall clock.
    if asynchronous:
        waiting = run.time['waiting_async_us'] * 1000
        # Where CPUs are busy, a part of it was waiting for one.
        assert waiting + run.time['waiting_cpu_us'] * 1000 >= \
            run.injected_ns * (1 - TOLERANCE)
        # The op itself takes its time as well.
        assert waiting <= run.injected_ns * (1 + TOLERANCE) + \
            bottom['total_ns']
        assert run.time['vfs_us'] * 1000 <= run.sum(
            'self_ns', lambda path, node: path[-1][0] is not None
            and path[-1] != ('top', op)) + TOLERANCE * run.injected_ns
    else:
        others = run.sum('self_ns', lambda path, node: path[-1][0] is not None
                         and not node.get('async')
                         and path[-1] != ('top', op))
        assert run.close(run.time['vfs_us'] * 1000 - others)


def test_a_slow_client_is_waited_for(smbd):
    server = smbd()
    client = server.client()
    client.run('ls')
    before = server.report()
    # This delay is what is tested.
    time.sleep(CLIENT_DELAY_S)
    client.run('ls')
    after = server.report()
    passed = seconds(after) - seconds(before)
    more = {key: after['time'][key] - before['time'][key]
            for key in after['time']}
    assert more['waiting_client_us'] >= CLIENT_DELAY_S * 1e6
    assert more['waiting_async_us'] <= (passed - CLIENT_DELAY_S) * 1e6
    assert more['vfs_us'] + more['smb_us'] <= \
        (passed - CLIENT_DELAY_S) * 1e6 + 1000
