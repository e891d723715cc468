# SPDX-License-Identifier: GPL-3.0-or-later
"""Counts per op equal, to the unit, an independent count of the same calls."""

import re

from conftest import list_ops


def calls_traced(output, pids):
    """{op: calls} of bpftrace's map, send and plain calls together."""
    calls = {}
    for name, pid, count in re.findall(
            r'^@\[\S*:smb_vfs_call_(\w+), (\d+)\]: (\d+)$', output, re.M):
        if int(pid) in pids and not name.endswith('_recv'):
            op = re.sub('_send$', '', name)
            calls[op] = calls.get(op, 0) + int(count)
    return calls


def copy_traced(server, tracer, vfs_library, commands):
    """A copy: its report, and the calls of each op seen by uprobes."""
    trace = tracer('uprobe:%s:smb_vfs_call_* { @[probe, pid] = count(); }'
                   % vfs_library)
    client = server.client()
    for command in commands:
        client.run(command)
    pids = server.measured()
    assert pids
    report = server.final_report()
    return report, calls_traced(trace.stop(), pids)


def measured_smbd(smbd, *lines):
    # In [global], so that no tree connect is without the module.
    return smbd(objects='',
                global_lines=['vfs objects = latency', *lines])


def calls(report):
    return {op: counters['count'] + counters['untimed']
            for op, counters in report['vfs_operations'].items()}


# What the module calls by smb_vfs_call_*(), too; else it calls the next layer's
# function itself.
CALLED_TWICE = ['connect', 'disconnect', 'pwrite']


def calls_expected(report):
    return {op: count * (2 if op in CALLED_TWICE else 1)
            for op, count in calls(report).items()}


def test_counts_of_a_copy_equal_calls_seen_by_uprobes(
        smbd, tree, tracer, vfs_library):
    server = measured_smbd(smbd)
    report, traced = copy_traced(server, tracer, vfs_library, tree.copy_in)

    assert tree.copied(server.share)
    ours = calls(report)
    assert ours['pwrite'] >= tree.FILES
    assert set(ours) <= set(list_ops())
    assert report['unmeasured'] == 0
    assert calls_expected(report) == traced


def test_exempt_ops_are_counted_and_not_timed(
        smbd, small_tree, tracer, vfs_library):
    exempt = ['readdir', 'telldir', 'translate_name', 'openat', 'pwrite']
    server = measured_smbd(smbd, 'latency:exempt = ' + ' '.join(exempt))
    report, traced = copy_traced(server, tracer, vfs_library, small_tree)

    assert calls_expected(report) == traced
    for op, counters in report['vfs_operations'].items():
        timed, untimed = counters['count'], counters['untimed']
        assert (timed == 0) == (op in exempt) == (untimed > 0), op
