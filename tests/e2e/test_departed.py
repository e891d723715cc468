# SPDX-License-Identifier: GPL-3.0-or-later
"""What clients did is still in the report when they have gone, once."""

import os
import signal

from conftest import wait_for_end, wait_until

FILES = 500


def counts(report):
    return {op: counters['count']
            for op, counters in report['vfs_operations'].items()}


def test_nothing_is_missing_after_two_clients_have_gone(smbd, small_tree):
    server = smbd()
    clients = [server.client(), server.client()]
    for client, target in zip(clients, ('one', 'two')):
        for command in ('mkdir ' + target, 'cd ' + target, *small_tree[:-1]):
            client.run(command)
    for client in clients:
        client.send(small_tree[-1])
    for client in clients:
        client.wait()
    connected = server.report()
    assert connected['processes'] == 2

    report = server.final_report()
    assert report['processes'] == 0
    assert report['departed_processes'] == 2
    assert report['tree_connects'] == connected['tree_connects'] == 2
    assert report['vfs_operations']['pwrite']['count'] == 2 * FILES
    assert report['smb2_requests']['SMB2_OP_WRITE']['count'] == 2 * FILES
    assert report['vfs_operations']['pwrite']['bytes'] == 2 * FILES * 10240
    before, after = counts(connected), counts(report)
    assert all(after[op] >= count for op, count in before.items())
    assert after['disconnect'] == after['connect'] == 2

    # And once.
    again = server.report()
    for kind in 'vfs_operations', 'smb2_requests', 'tree', 'time':
        assert again[kind] == report[kind]


def test_departed_stay_with_share_user_and_client(smbd, small_tree):
    server = smbd()
    server.smbclient(small_tree)
    server.final_report()
    by = server.report('--by', 'share,user,client,process,op')[
        'vfs_operations_by']
    (pwrite,) = [entry for entry in by if entry['op'] == 'pwrite']
    assert (pwrite['share'], pwrite['user'], pwrite['client'],
            pwrite['process'], pwrite['count']) == \
        ('share', 'root', '127.0.0.1', 'departed', FILES)


def test_killed_smbds_are_counted_once(smbd, tree):
    """SIGKILL in the middle of a copy: what was counted stays, once."""
    server = smbd()
    clients = [server.client(), server.client()]
    for client, target in zip(clients, ('one', 'two')):
        for command in ('mkdir ' + target, 'cd ' + target, *tree.copy_in[:-1]):
            client.run(command)
    for client in clients:
        client.send(tree.copy_in[-1])
    for target in 'one', 'two':
        wait_until(lambda: sum(1 for _ in server.share.glob(
            target + '/tree/*/*')) > 300, what='the copy')
    pids = server.measured()
    assert len(pids) == 2
    # Stopped, they can be asked what they have counted.
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    for pid in pids:
        wait_until(lambda: 'T (stopped)' in open(
            '/proc/%d/status' % pid, encoding='ascii').read())
    last = server.report()
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    wait_for_end(pids)

    report = server.report()
    assert report['processes'] == 0
    assert report['departed_processes'] == 2
    assert counts(report) == counts(last)
    assert report['vfs_operations']['pwrite']['count'] >= 600
    for counters in report['vfs_operations'].values():
        assert sum(bucket[2] for bucket in counters['histogram']) == \
            counters['count']
    again = server.report()
    for kind in 'vfs_operations', 'smb2_requests', 'tree':
        assert again[kind] == report[kind]
    assert list(server.latency.glob('smbd-*')) == []


def test_next_smbd_folds_what_a_killed_one_left(smbd, small_tree):
    """Without anybody looking: segments do not pile up. The time of the lock
    says when it is due."""
    server = smbd()
    lock = server.latency / 'lock'
    for _ in range(3):
        if lock.exists():
            os.utime(lock, (1, 1))
        client = server.client()
        client.run('mkdir x')
        (pid,) = server.measured()
        os.kill(pid, signal.SIGKILL)
        wait_for_end([pid])
    assert len(list(server.latency.glob('smbd-*'))) == 1
    assert server.report()['vfs_operations']['connect']['count'] == 3


def test_an_smbd_that_ends_folds_what_others_left(smbd):
    """Also what a client that connects must not wait for: here nothing is due
    when it does."""
    server = smbd()
    killed = server.client()
    killed.run('mkdir x')
    (pid,) = server.measured()
    client = server.client()
    os.kill(pid, signal.SIGKILL)
    wait_for_end([pid])
    (last,) = set(server.measured()) - {pid}
    os.utime(server.latency / 'lock', (1, 1))
    client.close()
    wait_for_end([last])
    assert (server.latency / 'departed.segment').exists()
    (left,) = server.latency.glob('smbd-*')
    assert left.name.startswith('smbd-%d-' % last)
    assert server.report()['vfs_operations']['connect']['count'] == 2


def fold_three_times(server):
    for _ in range(3):
        os.utime(server.latency / 'lock', (1, 1))
        server.smbclient('ls')
        wait_until(lambda: (server.latency / 'lock').stat().st_mtime > 1,
                   what='an attempt')


def test_failure_to_fold_is_said_once_in_the_log(smbd):
    server = smbd()
    client = server.client()
    # Nothing can be made under the name of a directory.
    (server.latency / 'departed.new').mkdir()
    fold_three_times(server)
    client.close()
    complaints = server.complaints()
    assert complaints
    assert all('cannot be added up: departed.new' in complaint
               for complaint in complaints)
    # Each process has said so at most once.
    assert len(complaints) <= 4


def test_bad_departed_are_set_aside(smbd):
    """Said once, in all; what comes is added up again."""
    server = smbd()
    server.smbclient('ls')
    server.final_report()
    garbage = b'garbage!' * 65536
    (server.latency / 'departed.segment').write_bytes(garbage)
    fold_three_times(server)
    (bad,) = server.latency.glob('departed-*.bad')
    assert bad.read_bytes() == garbage
    (complaint,) = server.complaints()
    assert bad.name in complaint
    report = server.final_report()
    assert report['vfs_operations']['connect']['count'] == 3
    assert report['problems'] == []


def test_a_hundred_connections_are_counted_to_the_unit(smbd):
    server = smbd()
    for _ in range(100):
        server.smbclient('ls')
    report = server.final_report()
    assert report['departed_processes'] == 100
    assert report['vfs_operations']['connect']['count'] == 100
    assert report['vfs_operations']['disconnect']['count'] == 100
    assert {path.name for path in server.latency.iterdir()} == \
        {'departed.segment', 'lock'}
