# SPDX-License-Identifier: GPL-3.0-or-later
"""Every op of the table is reached by a client's command here, or
unreached_ops.txt says why it cannot be.

Each function below is one smbd and what is done with it; what matters is that
counts rise, not that all commands succeed.
"""

import os
import re
import shutil
from pathlib import Path

import pytest

from conftest import USER, list_ops, run

UNREACHED = Path(__file__).with_name('unreached_ops.txt')


def ops_with_counts(server):
    return {op for op, counters
            in server.final_report()['vfs_operations'].items()
            if counters['count'] > 0}


def everyday(make, tmp_path):
    """What people do with smbclient, over SMB3, with quotas and ACLs."""
    server = make(objects='', global_lines=['vfs objects = latency'],
                  share_lines=['smbd async dosmode = yes',
                               'ea support = yes', 'strict allocate = yes',
                               'store dos attributes = yes'])
    big = tmp_path / 'big'
    big.write_bytes(os.urandom(3 << 20))
    (server.share / 'Case').write_text('x')
    server.smbclient([
        'lcd %s' % tmp_path, 'put big', 'put big', 'get big back', 'ls',
        'allinfo big',
        'mkdir dir', 'rename big dir/big', 'scopy dir/big copied', 'volume',
        'setmode dir/big +r', 'utimes dir/big 1 2 3 4', 'hardlink copied link',
        'get CASE back', 'del copied', 'notify nothing', 'geteas link',
        'setea link name value', 'setea link name ""', 'showacls', 'ls dir/*',
        'rmdir none', 'du', 'altname link'], check=False)
    server.tool('smbcacls', '//127.0.0.1/share', 'link')
    server.tool('smbcacls', '//127.0.0.1/share', 'link', '-a',
         'ACL:Everyone:ALLOWED/0/READ')
    server.tool('smbcacls', '//127.0.0.1/share', 'link', '-C',
                'S-1-22-1-65534')
    # Nothing that is inherited, so that a default ACL has to go.
    server.tool('smbcacls', '//127.0.0.1/share', 'dir', '-S',
                'ACL:Everyone:ALLOWED/0/FULL')
    server.tool('smbcquotas', '//127.0.0.1/share', '-u', USER)
    server.tool('smbcquotas', '//127.0.0.1/share', '-S',
                'UQLIM:%s:100000/200000' % USER)
    server.tool('smbcquotas', '//127.0.0.1/share', '-F', '-S',
                'FSQLIM:100000/200000')
    return server


def renames_where_it_is_forbidden(make, tmp_path):
    server = make(objects='latency worm')
    (server.share / 'a').write_text('x')
    server.smbclient('rename a b', check=False)
    return server


def renames_of_streams(make, tmp_path):
    server = make(objects='latency streams_xattr')
    server.torture('smb2.streams.rename2', check=False)
    return server


def share_modes_of_the_file_system(make, tmp_path):
    """Which only cluster file systems have; all opens fail."""
    server = make(share_lines=['kernel share modes = yes'])
    (server.share / 'a').write_text('x')
    server.smbclient('get a /dev/null', check=False)
    return server


def small_calls(make, tmp_path):
    """Without asynchronous I/O and with sendfile and recvfile."""
    server = make(global_lines=['server signing = disabled',
                                'client signing = disabled',
                                'min receivefile size = 16384'],
                  share_lines=['use sendfile = yes', 'aio read size = 0',
                               'aio write size = 0'])
    (tmp_path / 'large').write_bytes(os.urandom(4 << 20))
    server.smbclient(['lcd %s' % tmp_path, 'put large', 'get large back'],
                     options=['--client-protection=off'])
    return server


def locks_and_leases(make, tmp_path):
    server = make(share_lines=['kernel oplocks = yes', 'posix locking = yes',
                               'smb2 leases = no'])
    for test in ('smb2.lock.lock', 'smb2.oplock.exclusive1',
                 'smb2.oplock.batch1', 'smb2.compound_async.flush_flush'):
        server.torture(test, check=False)
    return server


def durable_handles(make, tmp_path):
    server = make(share_lines=['kernel oplocks = no', 'posix locking = no',
                               'kernel share modes = no'])
    for test in ('smb2.durable-open.reopen1', 'smb2.durable-open.reopen2'):
        server.torture(test, check=False)
    return server


def listings_and_controls(make, tmp_path):
    server = make(share_lines=['fruit:aapl = yes'], objects='latency')
    for test in ('smb2.dir.one', 'smb2.dir.many', 'smb2.ioctl.sparse_qar',
                 'smb2.ioctl.sparse_punch', 'smb2.ioctl.copy_chunk_simple',
                 'smb2.setinfo', 'smb2.getinfo.complex'):
        server.torture(test, check=False)
    return server


def attributes_below_other_modules(make, tmp_path):
    """The module is below those that keep things in extended attributes."""
    server = make(objects='acl_xattr streams_xattr latency')
    source = tmp_path / 'stream'
    source.write_text('stream')
    server.smbclient(['lcd %s' % tmp_path, 'mkdir dir', 'put stream file',
                      'put stream file:stream', 'allinfo file',
                      'del file:stream'], check=False)
    for name in 'file', 'dir':
        server.tool('smbcacls', '//127.0.0.1/share', name, '-a',
             'ACL:Everyone:ALLOWED/OI|CI/FULL')
    for test in 'smb2.acls.CREATOR', 'smb2.acls.INHERITANCE':
        server.torture(test, check=False)
    return server


def compression(make, tmp_path):
    server = make(objects='latency btrfs')
    for test in ('smb2.ioctl.compress_file_flag', 'smb2.ioctl.compress_perms',
                 'smb2.ioctl.compress_set_file_attr'):
        server.torture(test, check=False)
    return server


def unix_extensions(make, tmp_path):
    """Over SMB1, which smbd still speaks where it is told to."""
    server = make(global_lines=['server min protocol = NT1',
                                'client min protocol = NT1',
                                'unix extensions = yes'],
                  share_lines=['wide links = no', 'follow symlinks = yes'])
    source = tmp_path / 'unix'
    source.write_text('unix')
    server.smbclient([
        'posix', 'lcd %s' % tmp_path, 'put unix', 'symlink unix link',
        'readlink link', 'stat link', 'chmod 600 unix', 'chown 0 0 unix',
        'chown 65534 65534 link', 'getfacl unix', 'posix_open unix 0600',
        'lock 1 w 0 10', 'unlock 1 0 10', 'posix_mkdir pdir 0700', 'ls',
        'posix_rmdir pdir', 'hardlink unix hard', 'link unix hard2',
        'posix_unlink hard'],
        check=False, options=['-m', 'NT1', '--client-protection=off'])
    server.torture('unix.info2', '--option=client max protocol=NT1',
                   check=False)
    return server


def distributed_file_system(make, tmp_path):
    server = make(objects='', global_lines=['vfs objects = latency',
                                            'host msdfs = yes'],
                  share_lines=['msdfs root = yes'])
    (server.share / 'link').symlink_to('msdfs:127.0.0.1\\elsewhere')
    server.smbclient(['ls', 'cd link', 'showconnect'], check=False)
    server.tool('rpcclient', '127.0.0.1', '-c',
         r'dfsadd \\\\latency\\share\\link latency other comment')
    server.tool('rpcclient', '127.0.0.1', '-c',
         r'dfsgetinfo \\\\latency\\share\\link latency share 1')
    return server


def snapshots(make, tmp_path):
    server = make(objects='latency shell_snap', share_lines=[
        'shell_snap:check path command = /bin/true',
        'shell_snap:create command = /bin/echo',
        'shell_snap:delete command = /bin/true'],
        global_lines=['registry shares = yes', 'include = registry',
                      'rpc_server:fsrvp = external'])
    server.tool('rpcclient', '127.0.0.1', '-c', 'fss_is_path_sup share')
    made = server.tool('rpcclient', '127.0.0.1', '-c',
                       'fss_create_expose backup ro share').stdout
    found = re.search(r'^(\S+)\((\S+)\): share ', made, re.M)
    if found:
        server.tool('rpcclient', '127.0.0.1', '-c',
                    'fss_delete share %s %s' % found.groups())
    return server


WORKLOADS = [everyday, renames_where_it_is_forbidden, renames_of_streams,
             share_modes_of_the_file_system, small_calls, locks_and_leases, durable_handles,
             listings_and_controls, attributes_below_other_modules,
             compression, unix_extensions, distributed_file_system, snapshots]


@pytest.fixture(scope='module')
def reached(modules, tmp_path_factory, shared_smbd):
    """{op: names of the workloads that reached it}."""
    found = {}
    for workload in WORKLOADS:
        server = workload(shared_smbd, tmp_path_factory.mktemp('work'))
        for op in ops_with_counts(server):
            found.setdefault(op, []).append(workload.__name__)
        server.stop()
    return found


def unreached():
    """{op: why} of unreached_ops.txt, for the Samba that is installed."""
    version = tuple(map(int, re.search(
        r'Version (\d+)\.(\d+)', run('smbd', '-V').stdout).groups()))
    return {op: why for op, since, why in re.findall(
        r'^(\w+)(?: from (\d+\.\d+))?: (.+)$',
        UNREACHED.read_text(encoding='utf-8'), re.M)
        if not since or version >= tuple(map(int, since.split('.')))}


def test_no_op_is_counted_that_is_not_in_the_table(reached):
    assert set(reached) <= set(list_ops())


@pytest.mark.parametrize('op', list_ops())
def test_op_is_reached(reached, op):
    assert op in reached or op in unreached()


def test_no_op_is_called_unreached_that_is_reached(reached):
    assert set(reached) & set(unreached()) == set()


def test_tools_are_there():
    for name in 'rpcclient', 'smbcacls', 'smbcquotas':
        assert shutil.which(name), name
