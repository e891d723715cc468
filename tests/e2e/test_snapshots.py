# SPDX-License-Identifier: GPL-3.0-or-later
"""Every snapshot is consistent, at any moment of a copy."""

SNAPSHOTS = 1000


def check_counters(name, counters):
    assert sum(bucket[2] for bucket in counters['histogram']) == \
        counters['count'], name
    if counters['count'] == 0:
        return
    assert counters['min_ns'] <= counters['avg_ns'] <= counters['max_ns'], name
    assert counters['min_ns'] * counters['count'] <= counters['total_ns']
    assert counters['total_ns'] <= counters['max_ns'] * counters['count']
    percentiles = [counters[key] for key in
                   ('min_ns', 'p50_ns', 'p90_ns', 'p95_ns', 'p99_ns',
                    'p999_ns', 'max_ns')]
    assert percentiles == sorted(percentiles), name
    assert counters['errors'] <= counters['count'], name


def check_growth(name, before, now):
    for key in ('count', 'errors', 'bytes', 'total_ns', 'max_ns'):
        assert now[key] >= before[key], (name, key)
    if before['count'] != 0:
        assert now['min_ns'] <= before['min_ns'], name
    later = {bucket[0]: bucket[2] for bucket in now['histogram']}
    for lower, _, count in before['histogram']:
        assert later.get(lower, 0) >= count, (name, lower)


def counts_of_tree(nodes, above=()):
    counts = {}
    for node in nodes:
        key = above + (node.get('layer', ''), node['name'])
        counts[key] = node['count']
        counts.update(counts_of_tree(node['children'], key))
    return counts


def test_a_thousand_snapshots_during_a_copy_are_consistent(smbd, tree):
    server = smbd()
    client = server.client()
    for command in tree.copy_in[:-1]:
        client.run(command)
    before, counts = {}, {}
    taken = grown = 0
    while taken < SNAPSHOTS:
        if taken == 0 or client.answered():
            # A copy may be done before the snapshots are.
            client.send(tree.copy_in[-1])
        report = server.report()
        taken += 1
        assert report['problems'] == []
        for kind in 'vfs_operations', 'smb2_requests':
            for name, counters in report[kind].items():
                check_counters(name, counters)
                if name in before:
                    check_growth(name, before[name], counters)
                    grown += counters['count'] > before[name]['count']
        assert set(before) <= {*report['vfs_operations'],
                               *report['smb2_requests']}
        before = {**report['vfs_operations'], **report['smb2_requests']}
        now = counts_of_tree(report['tree'])
        for key, count in counts.items():
            assert now.get(key, 0) >= count, key
        counts = now
    client.wait()
    assert grown > SNAPSHOTS, 'the copy did not run meanwhile'

