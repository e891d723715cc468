# SPDX-License-Identifier: GPL-3.0-or-later
"""A failing call reaches the client with the same status, with and without
the module, and is counted by its code."""

import errno
import os
import re
import shutil
import tempfile
from collections import Counter
from pathlib import Path

import pytest

from conftest import WAYS, run, wait_for_end, wait_until

# What is done on a share that has the file `file` and the directory `dir`.
COMMANDS = [
    'lcd SOURCE', 'put source new', 'get file /dev/null', 'ls', 'allinfo file',
    'mkdir newdir', 'ls dir/*', 'rename file renamed', 'del renamed',
    'setmode dir/inner +r', 'utimes dir/inner 1 2 3 4', 'du', 'rmdir newdir',
    'hardlink dir/inner link', 'scopy dir/inner copied', 'volume',
    'altname dir/inner', 'deltree dir', 'rmdir dir',
    'put source newdir/new', 'get nothing /dev/null']
OPS = ['openat', 'create_file', 'mkdirat', 'unlinkat', 'renameat', 'fstat',
       'pwrite', 'pread', 'fdopendir', 'close', 'fntimes',
       'fset_dos_attributes', 'fget_dos_attributes', 'fsetxattr', 'disk_free',
       'linkat', 'stat', 'connect']
ERRORS = ['ENOSPC', 'EACCES', 'EIO']


def prepare(share):
    (share / 'dir').mkdir(parents=True)
    for name in 'file', 'dir/inner':
        (share / name).write_bytes(b'x' * 20000)


def section(name, path, objects, lines=()):
    return ['[%s]' % name, 'path = %s' % path, 'read only = no',
            'force user = root', 'vfs objects = ' + objects, *lines]


def answers(server, share, source, way):
    """What the client is told, command by command."""
    return normal(server.smbclient(
        [command.replace('SOURCE', str(source)) for command in COMMANDS],
        share=share, check=False, options=way))


def request_errors(report):
    """{code: how often} over all requests."""
    return sum((Counter(counters['errors_by_code'])
                for counters in report['smb2_requests'].values()), Counter())


def codes_of(told):
    """{code: how often} that the client was told. smbclient says itself that
    there is no such file when it gets no entries, whatever the reason."""
    return Counter(re.findall(
        r'(?!NT_STATUS_NO_SUCH_FILE listing)\bNT_STATUS_\w+', told))


def normal(result):
    """What smbclient said, but for times, rates and ids."""
    text = result.stdout + result.stderr
    text = re.sub(r'[^\n]*(create|access|write|change)_time:[^\n]*', '', text)
    text = re.sub(r'\([^)]*(kb|kB|KiloBytes)[^)]*\)', '', text)
    text = re.sub(r'\w+ \w+ +\d+ \d\d:\d\d:\d\d \d{4}|\d+ blocks .*', '', text)
    text = re.sub(r'0x[0-9a-f]+', '', text)
    return re.sub('measured|ordinary', 'SHARE', text)


@pytest.fixture(scope='module')
def source(tmp_path_factory):
    directory = tmp_path_factory.mktemp('source')
    (directory / 'source').write_bytes(os.urandom(30000))
    return directory


@pytest.fixture(scope='module')
def server(shared_smbd):
    """A share for each op and error, with and without the module."""
    server = shared_smbd(start=False)
    for error in ERRORS:
        for op in OPS:
            for kind, objects in (('measured', 'latency inject'), ('ordinary', 'inject')):
                name = '%s-%s-%s' % (kind, op, error)
                path = server.directory / name
                prepare(path)
                server.share_lines += section(name, path, objects, [
                    'inject:op = ' + op,
                    'inject:errno = %d' % getattr(errno, error)])
    return server.start()


@pytest.mark.parametrize('way', WAYS)
@pytest.mark.parametrize('op', OPS)
def test_injected_error_reaches_the_client_the_same(server, source, op, way):
    # Over the ways, each op has each error.
    error = ERRORS[(OPS.index(op) + list(WAYS).index(way)) % len(ERRORS)]
    told, panics = {}, {}
    for kind in 'measured', 'ordinary':
        before = server.logs().count('INTERNAL ERROR')
        name = '%s-%s-%s' % (kind, op, error)
        if (server.directory / name).exists():
            shutil.rmtree(server.directory / name)
        prepare(server.directory / name)
        told[kind] = answers(server, name, source, WAYS[way])
        panics[kind] = server.logs().count('INTERNAL ERROR') - before
    assert told['measured'] == told['ordinary']
    # smbd itself panics where fstat() or fdopendir() fails for a directory that
    # it has just opened (4.17: fd_handle_destructor).
    assert panics['measured'] == panics['ordinary']
    assert op in ('fstat', 'fdopendir') or panics['measured'] == 0
    # Some errors are nobody's business: smbd goes on without that call.
    name = 'measured-%s-%s' % (op, error)
    report = server.report('--share', name)
    counters = report['vfs_operations'][op]
    assert counters['errors'] >= 1
    assert sum(counters['errors_by_code'].values()) == counters['errors']
    assert error in counters['errors_by_code'] or \
        any(code.startswith('NT_STATUS_') for code in counters['errors_by_code'])
    if op in ('openat', 'create_file', 'connect', 'pwrite'):
        assert 'NT_STATUS_' in told['measured']
    if op == 'fdopendir':
        assert report['smb2_requests']['SMB2_OP_QUERY_DIRECTORY']['errors'] > 0
    # A tree connect is no request of the tree that it has not made.
    if not told['measured'].startswith('tree connect failed'):
        codes = set(codes_of(told['measured']))
        if panics['measured']:
            codes.discard('NT_STATUS_CONNECTION_DISCONNECTED')
        assert codes <= set(request_errors(report))
    assert all(code.startswith('NT_STATUS_')
               for code in request_errors(report))


def test_errors_are_as_many_as_the_client_saw(smbd, way):
    server = smbd()
    (server.share / 'dir').mkdir()
    told = server.smbclient(
        ['get missing /dev/null'] * 40 + ['mkdir dir'] * 30 +
        ['get dir /dev/null'] * 20, check=False, options=way)
    seen = codes_of(told.stdout + told.stderr)
    assert seen == {'NT_STATUS_OBJECT_NAME_NOT_FOUND': 40,
                    'NT_STATUS_OBJECT_NAME_COLLISION': 30,
                    'NT_STATUS_FILE_IS_A_DIRECTORY': 20}
    assert server.final_report()['smb2_requests']['SMB2_OP_CREATE'][
        'errors_by_code'] == seen


def test_a_request_whose_client_vanishes_failed_as_its_connection_did(
        smbd, way):
    """Not with the status that smbd presets in a reply."""
    server = smbd()
    client = server.client(options=way)
    client.run('mkdir dir')
    client.send('notify dir')
    wait_until(lambda: '/dir' in run('smbstatus', '-N', '-s',
                                     server.conf).stdout,
               what='a pending NOTIFY')
    pids = server.measured()
    client.kill()
    wait_for_end(pids)
    errors = server.report()['smb2_requests']['SMB2_OP_NOTIFY'][
        'errors_by_code']
    assert sum(errors.values()) == 1
    assert set(errors) <= {'NT_STATUS_END_OF_FILE',
                           'NT_STATUS_CONNECTION_RESET',
                           'NT_STATUS_CONNECTION_DISCONNECTED'}


def test_a_full_file_system_reaches_the_client_the_same(
        smbd, source, tmpfs, tmp_path, way):
    (tmp_path / 'big').write_bytes(os.urandom(3 << 20))
    server = smbd(start=False)
    told = {}
    for kind, objects in (('measured', 'latency'), ('ordinary', '')):
        server.share_lines += section(kind, tmpfs(1 << 20), objects)
    server.start()
    for kind in 'measured', 'ordinary':
        told[kind] = normal(server.smbclient(
            ['lcd %s' % tmp_path, 'put big'], share=kind, check=False,
            options=way))
    assert told['measured'] == told['ordinary']
    assert 'NT_STATUS_DISK_FULL' in told['measured']
    report = server.final_report()
    assert report['vfs_operations']['pwrite']['errors_by_code']['ENOSPC'] >= 1
    assert report['smb2_requests']['SMB2_OP_WRITE'][
        'errors_by_code']['NT_STATUS_DISK_FULL'] >= 1


@pytest.fixture
def public():
    """A directory that everybody can reach: pytest's are root's."""
    with tempfile.TemporaryDirectory() as directory:
        os.chmod(directory, 0o755)
        yield Path(directory)


def test_missing_permission_reaches_the_client_the_same(
        smbd, source, public, way):
    server = smbd(start=False)
    for kind, objects in (('measured', 'latency'), ('ordinary', '')):
        path = public / kind
        prepare(path)
        path.chmod(0o755)
        (path / 'file').chmod(0)
        server.share_lines += section(kind, path, objects,
                                      ['force user = nobody'])
    server.start()
    told = {kind: answers(server, kind, source, way)
            for kind in ('measured', 'ordinary')}
    assert told['measured'] == told['ordinary']
    assert 'NT_STATUS_ACCESS_DENIED' in told['measured']
    assert 'NT_STATUS_OBJECT_NAME_NOT_FOUND' in told['measured']
    ops = server.final_report()['vfs_operations']
    assert any('EACCES' in counters['errors_by_code']
               for counters in ops.values())
    codes = ops['create_file']['errors_by_code']
    assert codes['NT_STATUS_ACCESS_DENIED'] >= 1
    assert codes['NT_STATUS_OBJECT_NAME_NOT_FOUND'] >= 1


def test_failure_that_sets_no_errno_has_no_code(smbd):
    """What is in errno then is of an older failure."""
    server = smbd(objects='latency inject', share_lines=[
        'inject:op = brl_unlock_windows', 'inject:errno = -1'])
    server.torture('smb2.lock.unlock', check=False)
    counters = server.final_report()['vfs_operations']['brl_unlock_windows']
    assert counters['errors'] >= 1
    assert counters['errors_by_code'] == {'other': counters['errors']}
