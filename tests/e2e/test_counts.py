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


def test_counts_of_a_copy_equal_calls_seen_by_uprobes(
        smbd, tree, tracer, vfs_library):
    # In [global], so that no tree connect is without the module: then each op
    # is called twice, by smbd and by the module.
    server = smbd(objects='', global_lines=['vfs objects = latency'])
    trace = tracer('uprobe:%s:smb_vfs_call_* { @[probe, pid] = count(); }'
                   % vfs_library)
    client = server.client()
    for command in tree.copy_in:
        client.run(command)
    pids = server.measured()
    assert pids
    report = server.final_report()
    traced = calls_traced(trace.stop(), pids)

    assert tree.copied(server.share)
    ours = {op: counters['count'] + counters['untimed']
            for op, counters in report['vfs_operations'].items()}
    assert ours['pwrite'] >= tree.FILES
    assert set(ours) <= set(list_ops())
    assert report['unmeasured'] == 0
    assert {op: 2 * count for op, count in ours.items()} == traced
