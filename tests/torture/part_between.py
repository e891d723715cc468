# SPDX-License-Identifier: GPL-3.0-or-later
"""Every VFS module that Debian ships, between two layers of ours.

full_audit is put above all, and in another smbd below all. So what a client is
told is compared, and each call that comes in at the top and goes out at the bottom,
with its result: the same with the layers as without. And what the layers have
counted is what full_audit has logged beside them, to the unit.
"""

import collections
import contextlib
import re

from conftest import wait_for_end
from pool import Pool

AT_ONCE = 2
TRIES = 3                       # what the clock changes may differ

# Modules of the tests; and full_audit, which is there anyway.
LEFT_OUT = {'latency', 'faulty', 'without_probes', 'inject', 'bench_loop',
            'pass_through', 'two_stamps', 'full_audit'}
QUICK = ['acl_xattr', 'catia', 'fruit', 'recycle', 'streams_depot', 'worm']

COMMANDS = ['lcd {files}', 'put file', 'allinfo file', 'ls', 'get file back',
            'mkdir dir', 'rename file dir/other', 'ls dir/*', 'put file',
            'rename file dir/other', 'allinfo dir/other', 'del dir/other',
            'rmdir dir', 'del file', 'ls', 'put none']

# full_audit asks for each connectpath itself, and logs no parent_pathname.
NOT_LOGGED = {'connectpath', 'parent_pathname'}
AUDIT = ['full_audit:syslog = false', 'full_audit:prefix = AUDIT',
         'full_audit:success = all', 'full_audit:failure = all']


def stacks(module):
    """{(which end is logged, is it with the module): vfs objects}."""
    return {('top', False): 'full_audit ' + module,
            ('top', True): 'full_audit latency:top %s latency:bottom' % module,
            ('bottom', False): module + ' full_audit',
            ('bottom', True): 'latency:top %s latency:bottom full_audit'
                              % module}


def told(output):
    """Without what is another time, or takes another time."""
    output = re.sub(r'\w{3} \w{3} +\d+ \d\d:\d\d:\d\d \d{4}( \w+)?', 'TIME',
                    output)
    output = re.sub(r'([\d.]+|inf) \w+/s(ec)?\b', 'RATE', output)
    return re.sub(r'\d+ blocks', 'BLOCKS', output)


def by_op(layers, name):
    """{op: calls} of a layer, in the report's list."""
    return {entry['op']: entry['count'] for entry in layers
            if entry['layer'] == name and entry['op'] not in NOT_LOGGED}


def logged_by_op(calls):
    """The same of what full_audit has logged; of a pair, its completion."""
    ops = collections.Counter()
    for (op, _), count in calls.items():
        if op not in NOT_LOGGED and not op.endswith('_send'):
            ops[op[:-5] if op.endswith('_recv') else op] += count
    return dict(ops)


def run_once(torture, objects, end, with_it):
    """What the client was told, and {(op, result): calls}."""
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(torture.smbd(
            objects, ['log level = 1', 'max log size = 0'], AUDIT))
        result = server.smbclient(
            [command.format(files=torture.directory) for command in COMMANDS],
            check=False)
        wait_for_end(server.measured())
        calls = collections.Counter(re.findall(
            r'AUDIT\|(\w+)\|(ok|fail \([^)]*\))', server.logs()))
        if with_it and calls:
            report = server.report()
            assert report['unmeasured'] == 0, objects
            counted = by_op(report['layers'], end)
            logged = logged_by_op(calls)
            assert counted == logged, '%s: %s' % (objects, {
                op: (counted.get(op), logged.get(op))
                for op in {*counted, *logged}
                if counted.get(op) != logged.get(op)})
    return told(result.stdout + result.stderr), calls


def differences(without, with_it):
    found = []
    if without[0] != with_it[0]:
        found.append('told %r instead of %r' % (with_it[0], without[0]))
    for call in sorted({*without[1], *with_it[1]}):
        if without[1][call] != with_it[1][call]:
            found.append('%s %s: %d instead of %d' % (
                *call, with_it[1][call], without[1][call]))
    return found


def compare(torture, module):
    """Calls with the layers, at both ends; fails if anything differs."""
    calls = 0
    for end in 'top', 'bottom':
        for left in reversed(range(TRIES)):
            without, with_it = [
                run_once(torture, stacks(module)[end, answer], end, answer)
                for answer in (False, True)]
            found = differences(without, with_it)
            if not found:
                break
            assert left, '%s, seen from the %s: %s' % (
                module, end, '; '.join(found))
        calls += sum(with_it[1].values())
    return module, calls


def run(torture):
    (torture.directory / 'file').write_bytes(bytes(range(256)) * 40)
    there = sorted({file.stem for file in torture.modules.glob('*.so')} -
                   LEFT_OUT)
    chosen = QUICK if torture.quick else there
    compared = {}
    with Pool(AT_ONCE) as pool:
        for module, calls in pool.map(lambda name: compare(torture, name),
                                      chosen):
            compared[module] = calls
            torture.progress(len(compared), len(chosen), 'modules')
    dead = [module for module, calls in compared.items() if calls == 0]
    return ('%d modules, %d calls at both ends: none differs, each is counted '
            '(no share with %s here)' % (
                len(compared), sum(compared.values()),
                ', '.join(dead) or 'none of them'))
