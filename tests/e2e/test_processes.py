# SPDX-License-Identifier: GPL-3.0-or-later
"""Clients that vanish, helpers that fork, processes without a client, tree
connects that come and go, shares and users side by side."""

import os

from conftest import PASSWORD, USER, run, wait_for_end, wait_until
from test_tree import walk
from test_wall_clock import PARTS

FILES = 500


def test_a_client_that_vanishes_in_the_middle_of_a_request(
        smbd, tmp_path):
    (tmp_path / 'file').write_bytes(b'x' * 10000)
    server = smbd(objects='latency inject', share_lines=[
        'inject:op = pwrite', 'inject:ms = 3000'])
    client = server.client()
    client.run('lcd %s' % tmp_path)
    client.send('put file')
    wait_until(lambda: server.report()['smb2_requests']
               .get('SMB2_OP_CREATE', {}).get('count', 0) >= 1 and
               (server.share / 'file').exists(), what='the write')
    pids = server.measured()
    client.kill()
    wait_for_end(pids)
    report = server.report()
    assert 'PANIC' not in server.logs()
    assert report['departed_processes'] == 1
    requests = report['smb2_requests']
    assert requests['SMB2_OP_CREATE']['count'] == 1
    # It has no reply to be counted with, so it is an error.
    assert requests['SMB2_OP_WRITE']['count'] == 1
    assert requests['SMB2_OP_WRITE']['errors'] == 1


def test_forked_helpers_leave_the_counters_alone(smbd, small_tree, tmp_path):
    server = smbd(objects='latency aio_fork')
    client = server.client()
    for command in (*small_tree, 'lcd %s' % tmp_path, 'mget tree'):
        client.run(command)
    (pid,) = {int(path.name.split('-')[1])
              for path in server.latency.glob('smbd-*')}
    children = run('pgrep', '-P', pid).stdout.split()
    assert children, 'aio_fork has not forked'
    report = server.final_report()
    assert report['vfs_operations']['pwrite']['count'] == FILES
    assert report['vfs_operations']['pwrite']['bytes'] == FILES * 10240
    assert report['smb2_requests']['SMB2_OP_WRITE']['count'] == FILES
    assert report['departed_processes'] == 1
    time = report['time']
    assert abs(sum(time[part] for part in PARTS) - time['wall_us']) <= \
        time['wall_us'] * 0.001


def test_ops_of_processes_without_a_client_are_under_other(smbd):
    """The RPC worker for DFS uses the share without a client or a request."""
    server = smbd(global_lines=['host msdfs = yes'],
                  share_lines=['msdfs root = yes'])
    (server.share / 'link').symlink_to('msdfs:127.0.0.1\\elsewhere')
    server.tool('rpcclient', '127.0.0.1', '-c',
                r'dfsadd \\\\latency\\share\\link latency other comment')
    report = server.final_report()
    roots = {path[0][1] for path, _ in walk(report['tree'], ())
             if path[-1][1] == 'create_dfs_pathat'}
    assert roots and roots <= {'other', 'tree connect'}
    clients = {entry['client'] for entry in server.report(
        '--by', 'client,op')['vfs_operations_by']
        if entry['op'] == 'create_dfs_pathat'}
    assert clients == {'(none)'}


def test_tree_connects_that_come_and_go_use_the_same_memory(smbd):
    server = smbd()
    client = server.client()
    for _ in range(50):
        client.run('tdis')
        client.run('tcon share')
        client.run('mkdir dir')
        client.run('rmdir dir')
    (segment,) = server.latency.glob('smbd-*')
    assert os.stat(segment).st_blocks * 512 <= 128 << 10
    report = server.final_report()
    assert report['tree_connects'] == 51
    assert report['vfs_operations']['connect']['count'] == 51
    assert report['vfs_operations']['mkdirat']['count'] == 50


def test_shares_and_users_are_told_apart(smbd, tmp_path):
    server = smbd(start=False)
    for name, user in (('one', 'root'), ('two', 'nobody')):
        path = server.directory / name
        path.mkdir(mode=0o777)
        server.share_lines += [
            '[%s]' % name, 'path = %s' % path, 'read only = no',
            'guest ok = yes', 'force user = ' + user,
            'vfs objects = latency']
    server.start()
    for share, times in (('one', 3), ('two', 5)):
        for _ in range(times):
            server.smbclient('ls', share=share, check=False,
                             user='%s%%%s' % (USER, PASSWORD))
    server.final_report()
    counts = {(entry['share'], entry['user']): entry['count']
              for entry in server.report('--by', 'share,user,op')[
                  'vfs_operations_by'] if entry['op'] == 'connect'}
    assert counts == {('one', 'root'): 3, ('two', 'nobody'): 5}
    for option, value, expected in (('--share', 'one', 3),
                                    ('--user', 'nobody', 5),
                                    ('--client', '127.0.0.1', 8)):
        report = server.report(option, value)
        assert report['vfs_operations']['connect']['count'] == expected
