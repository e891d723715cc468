# SPDX-License-Identifier: GPL-3.0-or-later
"""Percentiles are as exact as the histogram promises.

The raw durations are those that the probe op_return tells of each op.
"""

import math
import re

PERMILLE = {'p50_ns': 500, 'p90_ns': 900, 'p95_ns': 950, 'p99_ns': 990,
            'p999_ns': 999}
BOUND = 0.0625
# Below 64 ns a bucket is 8 ns wide and the bound is half of that.
BOUND_NS = 4


def test_percentiles_of_a_copy_are_within_the_bound(
        smbd, modules, tracer, small_tree):
    server = smbd()
    trace = tracer('usdt:%s:vfs_latency:op_return '
                   '{ @[str(arg0), arg2] = count(); }'
                   % (modules / 'latency.so'))
    server.smbclient(small_tree)
    report = server.final_report()
    raw = {}
    for op, duration, count in re.findall(
            r'^@\[(\w+), (\d+)\]: (\d+)$', trace.stop(), re.M):
        raw.setdefault(op, []).extend([int(duration)] * int(count))

    assert set(raw) == set(report['vfs_operations'])
    assert len(raw['pwrite']) == 500
    for op, counters in report['vfs_operations'].items():
        durations = sorted(raw[op])
        assert counters['count'] == len(durations), op
        assert counters['total_ns'] == sum(durations), op
        assert counters['min_ns'] == durations[0], op
        assert counters['max_ns'] == durations[-1], op
        for key, permille in PERMILLE.items():
            rank = math.ceil(len(durations) * permille / 1000)
            exact = durations[rank - 1]
            assert abs(counters[key] - exact) <= max(exact * BOUND,
                                                     BOUND_NS), (op, key)
        for lower, upper, count in counters['histogram']:
            assert count == sum(lower <= duration < (upper or math.inf)
                                for duration in durations), (op, lower)
