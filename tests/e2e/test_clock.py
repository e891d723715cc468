# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the kernel does not keep time by the TSC, as in many virtual machines,
the module takes its time from clock_gettime(): as right, and nearly as
quick."""

import re

import pytest

CLOCK_SOURCE = '/sys/devices/system/clocksource/clocksource0/' \
               'current_clocksource'


@pytest.fixture
def server(smbd, tmp_path):
    """An smbd whose kernel seems to keep time by another clock."""
    source = tmp_path / 'current_clocksource'
    source.write_text('kvm-clock\n')
    server = smbd(start=False)
    server.wrapper = [
        # The root of a chroot is no mount, whose propagation could be set.
        'unshare', '--mount', '--propagation', 'unchanged', 'sh', '-c',
        'mount --make-rprivate /sys && mount --bind "$1" "$2" && shift 2 && '
        'exec "$@"', 'sh', source, CLOCK_SOURCE]
    return server.start()


def copy(server, small_tree):
    client = server.client()
    # It takes a moment until a clock is chosen.
    client.run('ls')
    for command in small_tree:
        client.run(command)
    return client


def test_counts_and_times_are_right_without_the_tsc(server, small_tree):
    server.profile_on()
    copy(server, small_tree)
    report = server.final_report()

    profile = server.profile()
    ops, requests = report['vfs_operations'], report['smb2_requests']
    assert ops['pwrite']['count'] == 500
    assert requests['SMB2_OP_WRITE']['count'] == \
        profile['smb2_write']['count'] == 500
    assert report['unmeasured'] == 0
    assert 0 < ops['create_file']['total_ns'] < \
        requests['SMB2_OP_CREATE']['total_ns'] < \
        report['time']['wall_us'] * 1000


def test_usual_ops_without_the_tsc_go_the_short_way(
        server, small_tree, tracer):
    module = server.modules / 'latency.so'
    client = copy(server, small_tree)
    trace = tracer(''.join(
        'uprobe:%s:%s { @%s = count(); } ' % (module, function, function)
        for function in ('op_path_string', 'find_place', 'node_record',
                         'op_timer_finish')))
    client.run('ls tree/dir0/*')
    client.run('ls tree/dir0/*')
    counted = dict(re.findall(r'^@(\w+): (\d+)$', trace.stop(), re.M))
    ops = int(counted['op_timer_finish'])
    assert ops > 400
    assert int(counted.get('op_path_string', 0)) == 0
    # A place that is new; a new extreme, or a bucket that is.
    assert int(counted.get('find_place', 0)) < ops / 20
    assert int(counted.get('node_record', 0)) < ops / 4
