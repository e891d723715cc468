# SPDX-License-Identifier: GPL-3.0-or-later
"""smblatency-stat <all|smbd|PID> <on|off|reset|status>."""

import json

import pytest

from conftest import READER, run, wait_for_end
from test_stat_interval import difference, flat, settled


def control(server, *words, check=True):
    return run(READER, '--segments', server.latency, *words, check=check)


def status(server, *words):
    text = control(server, '--json', *(words or ('all',)), 'status').stdout
    return [json.loads(line) for line in text.splitlines()]


def counted(report):
    return {key: value for key, value in report.items()
            if key[0] != 'tree_connects'}


def test_off_counts_nothing_on_counts_again(smbd):
    server = smbd()
    client = server.client()
    client.run('mkdir one')
    before = counted(settled(server))
    control(server, 'all', 'off')
    client.run('mkdir two')
    client.run('ls')
    # One that comes now starts switched off.
    late = server.client()
    late.run('mkdir three')
    assert counted(settled(server)) == before
    assert [one['measures'] for one in status(server)] == [False, False]

    control(server, 'all', 'on')
    client.run('mkdir four')
    late.run('mkdir five')
    more = difference(counted(settled(server)), before)
    assert more['vfs_operations', 'mkdirat', 'count'] == 2
    assert [one['measures'] for one in status(server)] == [True, True]


def test_the_work_of_a_smbd_that_is_off_is_not_told_apart(smbd):
    server = smbd()
    client = server.client()
    control(server, 'all', 'off')
    client.run('ls')
    before = server.report()['time']
    for number in range(20):
        client.run('mkdir directory%d' % number)
    after = server.report()['time']
    for part in 'vfs_us', 'smb_us', 'receive_us', 'send_us':
        assert after[part] == before[part], part
    assert after['other_us'] > before['other_us']
    control(server, 'all', 'on')
    client.run('mkdir more')
    client.run('ls')
    assert server.report()['time']['smb_us'] > before['smb_us']


def test_off_of_one_process(smbd):
    server = smbd()
    first = server.client()
    first.run('ls')
    pid, = server.measured()
    second = server.client()
    second.run('ls')
    control(server, pid, 'off')
    assert {one['pid']: one['measures'] for one in status(server)} == {
        one: one != pid for one in server.measured()}
    before = counted(settled(server))
    first.run('mkdir first')
    assert counted(settled(server)) == before
    second.run('mkdir second')
    more = difference(counted(settled(server)), before)
    assert more['vfs_operations', 'mkdirat', 'count'] == 1


def samples(server):
    """{metric with labels: value} of --prometheus."""
    text = control(server, '--prometheus').stdout
    return {line.rsplit(' ', 1)[0]: float(line.rsplit(' ', 1)[1])
            for line in text.splitlines() if not line.startswith('#')}


def assert_monotonic(earlier, later):
    for name, value in earlier.items():
        if '_total' in name or '_bucket' in name or '_count' in name \
                or '_sum' in name:
            assert later.get(name, -1) >= value, name


def test_by_process_counts_since_the_reset_too(smbd):
    server = smbd()
    client = server.client()
    client.run('mkdir one')
    settled(server)
    control(server, 'all', 'reset')
    client.run('mkdir two')
    settled(server)
    pid, = server.measured()
    entries = server.report('--by', 'process,op')['vfs_operations_by']
    assert [(entry['process'], entry['count']) for entry in entries
            if entry['op'] == 'mkdirat'] == [(str(pid), 1)]


def test_reset_starts_reports_at_zero_and_metrics_go_on(smbd):
    server = smbd()
    client = server.client()
    client.run('mkdir one')
    settled(server)
    before = server.report()
    metrics = samples(server)
    control(server, 'all', 'reset')
    report = server.report()
    assert report['smb2_requests'] == {} and report['vfs_operations'] == {}
    # The client is still connected: that is its tree connect since then.
    assert flat(report) == {('tree_connects',): 1}
    assert report['since'] > before['since']
    assert report['time']['wall_us'] < before['time']['wall_us'] + 10e6
    assert_monotonic(metrics, samples(server))

    client.run('mkdir two')
    report = server.report()
    assert report['vfs_operations']['mkdirat']['count'] == 1
    assert_monotonic(metrics, samples(server))
    metrics = samples(server)
    client.close()
    wait_for_end(server.measured())
    later = server.report()
    # Its own end (tree disconnect) has come on top.
    assert later['vfs_operations']['mkdirat']['count'] == 1
    assert later['departed_processes'] == 1
    assert_monotonic(metrics, samples(server))
    # The baseline of the departed remains, that of the process is gone.
    assert [path.name for path in server.latency.glob('*.baseline')] == [
        'departed.baseline']
    assert flat(server.report()) == flat(later)
    control(server, 'all', 'reset')
    assert flat(server.report()) == {}


def test_reset_of_one_process_stays_right_when_it_departs(smbd):
    server = smbd()
    first = server.client()
    first.run('mkdir a1')
    pid, = server.measured()
    second = server.client()
    second.run('mkdir b1')
    settled(server)
    control(server, pid, 'reset')
    assert server.report(pid)['vfs_operations'] == {}
    assert server.report()['vfs_operations']['mkdirat']['count'] == 1
    first.run('mkdir a2')
    assert server.report(pid)['vfs_operations']['mkdirat']['count'] == 1
    assert server.report()['vfs_operations']['mkdirat']['count'] == 2
    first.close()
    wait_for_end([pid])
    report = server.report('--by', 'process')
    assert report['vfs_operations']['mkdirat']['count'] == 2
    assert all(group['count'] < 10000 for group in report['smb2_requests_by'])
    second.close()
    wait_for_end(server.measured())
    assert server.report()['vfs_operations']['mkdirat']['count'] == 2


def test_a_bad_baseline_is_reported_and_left_out(smbd):
    server = smbd()
    client = server.client()
    client.run('mkdir one')
    control(server, 'all', 'reset')
    for baseline in server.latency.glob('*.baseline'):
        baseline.write_bytes(b'nonsense' * 100)
    report = server.report()
    assert report['vfs_operations']['mkdirat']['count'] == 1
    assert any('baseline' in problem for problem in report['problems'])


def test_status_shows_each_smbd(smbd):
    server = smbd()
    client = server.client()
    client.run('ls')
    one, = status(server)
    assert one['pid'] == server.measured()[0]
    assert one['measures'] and one['connected_trees'] == 1
    assert one['clock'] in ('tsc', 'clock_gettime')
    assert 0 < one['memory_used_bytes'] <= one['memory_bytes'] < 1 << 20
    assert one['unmeasured'] == 0 and one['threshold_ms'] is None
    control(server, one['pid'], 'threshold', '7')
    assert status(server, one['pid'])[0]['threshold_ms'] == 7
    control(server, one['pid'], 'threshold', 'smb.conf')
    assert status(server, one['pid'])[0]['threshold_ms'] is None
    text = control(server, 'all', 'status').stdout
    assert str(one['pid']) in text and one['since'][:4] in text


@pytest.mark.parametrize('words', [['off'], ['reset'], ['status']])
def test_a_process_that_is_not_measured_is_an_error(smbd, words):
    server = smbd()
    server.client().run('ls')
    result = control(server, server.session, *words, check=False)
    assert result.returncode == 1
    assert 'no smbd with pid %d is measured' % server.session in result.stderr


def test_off_before_the_first_smbd(smbd):
    server = smbd()
    control(server, 'smbd', 'off')
    client = server.client()
    client.run('mkdir one')
    report = server.report()
    assert report['vfs_operations'] == {} and report['smb2_requests'] == {}
    assert server.latency.stat().st_mode & 0o777 == 0o700
