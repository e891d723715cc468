# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever is wrong with the segment directory, the copy succeeds, and smbd's
log says once what is wrong."""

import os
import re

import pytest

from conftest import wait_until

FILES = 500


def copy_succeeds(server, commands):
    result = server.smbclient(commands)
    assert 'NT_STATUS' not in result.stdout + result.stderr
    copies = list(server.share.glob('tree/*/*'))
    assert len(copies) == FILES
    assert {copy.stat().st_size for copy in copies} == {10240}


def complaint_of(server, client):
    """The one that a connected smbd makes when it has been busy for long
    enough to look for trouble."""
    wait_until(lambda: client.run('ls') and server.complaints(),
               what='a line in the log')
    (complaint,) = server.complaints()
    return complaint


def test_directory_is_made_where_it_is_missing(smbd, small_tree):
    server = smbd()
    assert not server.latency.exists()
    copy_succeeds(server, small_tree)
    assert server.latency.stat().st_mode & 0o7777 == 0o700
    assert {path.stat().st_mode & 0o7777
            for path in server.latency.iterdir()} == {0o600}
    assert server.complaints() == []


def with_directory(smbd, directory):
    return smbd(global_lines=['latency:directory = %s' % directory])


def test_parent_is_missing(smbd, small_tree, tmp_path):
    server = with_directory(smbd, tmp_path / 'missing' / 'latency')
    copy_succeeds(server, small_tree)
    (complaint,) = server.complaints()
    assert 'No such file or directory' in complaint
    assert str(tmp_path / 'missing') in complaint


def test_directory_is_a_file(smbd, small_tree, tmp_path):
    (tmp_path / 'latency').write_text('')
    server = with_directory(smbd, tmp_path / 'latency')
    copy_succeeds(server, small_tree)
    (complaint,) = server.complaints()
    assert 'Not a directory' in complaint


def test_tree_connects_that_find_no_room_are_counted(smbd, tmpfs):
    path = tmpfs(1 << 20)
    server = smbd(start=False, global_lines=[
        'latency:directory = %s' % (path / 'latency')])
    shares = ['share%d' % number for number in range(30)]
    for share in shares:
        server.share_lines += ['[%s]' % share, 'path = %s' % server.share,
                               'vfs objects = latency', 'guest ok = yes']
    server.latency = path / 'latency'
    client = server.start().client()
    fill(path)
    for share in shares:
        assert 'NT_STATUS' not in client.run('tcon ' + share)
    report = server.report()
    assert 0 < report['unmeasured_tree_connects'] <= len(shares)
    assert report['tree_connects'] + report['unmeasured_tree_connects'] == \
        1 + len(shares)
    assert report['unmeasured'] > report['unmeasured_tree_connects']
    assert 'Not measured for lack of room: %d tree connect' % \
        report['unmeasured_tree_connects'] in server.show()
    said = [line for line in server.complaints() if 'tree connect' in line]
    assert len(said) == 1


def test_directory_is_a_symlink(smbd, small_tree, tmp_path):
    (tmp_path / 'elsewhere').mkdir(mode=0o700)
    (tmp_path / 'latency').symlink_to(tmp_path / 'elsewhere')
    server = with_directory(smbd, tmp_path / 'latency')
    copy_succeeds(server, small_tree)
    assert len(server.complaints()) == 1
    assert list((tmp_path / 'elsewhere').iterdir()) == []


def test_directory_is_a_symlink_with_a_slash(smbd, small_tree, tmp_path):
    (tmp_path / 'elsewhere').mkdir(mode=0o700)
    (tmp_path / 'latency').symlink_to(tmp_path / 'elsewhere')
    server = with_directory(smbd, '%s/latency/' % tmp_path)
    copy_succeeds(server, small_tree)
    assert len(server.complaints()) == 1
    assert list((tmp_path / 'elsewhere').iterdir()) == []


def test_directory_is_relative(smbd, small_tree):
    """It would be made wherever smbd stands, which is the share."""
    server = with_directory(smbd, 'relative-latency')
    copy_succeeds(server, small_tree)
    (complaint,) = server.complaints()
    assert 'relative-latency does not begin with a slash' in complaint
    assert not (server.share / 'relative-latency').exists()


@pytest.mark.parametrize('owner, mode', [(65534, 0o700), (0, 0o777)])
def test_directory_is_not_roots_alone(smbd, small_tree, tmp_path, owner, mode):
    directory = tmp_path / 'latency'
    directory.mkdir()
    directory.chmod(mode)
    os.chown(directory, owner, -1)
    server = with_directory(smbd, directory)
    copy_succeeds(server, small_tree)
    (complaint,) = server.complaints()
    assert 'must belong to uid 0' in complaint
    assert list(directory.iterdir()) == []


def test_directory_is_read_only(smbd, small_tree, tmpfs):
    path = tmpfs(1 << 20)
    (path / 'latency').mkdir(mode=0o700)
    assert os.system('mount -o remount,ro %s' % path) == 0
    server = with_directory(smbd, path / 'latency')
    copy_succeeds(server, small_tree)
    (complaint,) = server.complaints()
    assert 'Read-only file system' in complaint


def fill(path):
    """Takes all blocks that are left."""
    with open(path / 'full', 'ab', buffering=0) as file:
        for size in (4096, 1):
            try:
                while True:
                    file.write(b'x' * size)
            except OSError:
                pass
    assert os.statvfs(path).f_bavail == 0


def test_file_system_is_full_from_the_start(smbd, small_tree, tmpfs):
    path = tmpfs(1 << 20)
    fill(path)
    server = with_directory(smbd, path / 'latency')
    copy_succeeds(server, small_tree)
    (complaint,) = server.complaints()
    assert 'No space left on device' in complaint


def test_file_system_fills_up_during_the_copy(smbd, small_tree, tmpfs):
    """What found room is counted, the rest is said to be uncounted."""
    path = tmpfs(1 << 20)
    server = with_directory(smbd, path / 'latency')
    server.latency = path / 'latency'
    client = server.client()
    fill(path)
    for command in small_tree:
        assert 'NT_STATUS' not in client.run(command)
    assert len(list(server.share.glob('tree/*/*'))) == FILES
    report = server.report()
    assert all('No space left on device' in problem
               for problem in report['problems'])
    complaint = complaint_of(server, client)
    assert 'No space left on device' in complaint
    counted = sum(counters['count']
                  for counters in report['vfs_operations'].values())
    assert counted > 0
    assert report['unmeasured'] > 0
    for counters in report['vfs_operations'].values():
        assert sum(bucket[2] for bucket in counters['histogram']) == \
            counters['count']

    # There is room again: the next client is counted.
    (path / 'full').unlink()
    server.smbclient('mkdir later')
    assert server.report()['vfs_operations']['mkdirat']['count'] >= 1


def test_segment_is_truncated_during_the_copy(smbd, small_tree):
    server = smbd()
    client = server.client()
    for command in small_tree[:-1]:
        client.run(command)
    client.send(small_tree[-1])
    wait_until(lambda: len(list(server.share.glob('tree/*/*'))) > 50,
               what='the copy')
    (segment,) = server.latency.glob('smbd-*')
    (pid,) = server.measured()
    os.truncate(segment, 0)
    client.wait()
    assert len(list(server.share.glob('tree/*/*'))) == FILES
    assert 'NT_STATUS' not in client.run('ls')
    assert server.measured() == [pid], 'smbd has died'
    assert 'truncated' in complaint_of(server, client)
    assert segment.stat().st_size == 0
    assert 'PANIC' not in server.logs()


def test_segment_is_removed_during_the_copy(smbd, small_tree):
    server = smbd()
    client = server.client()
    (segment,) = server.latency.glob('smbd-*')
    segment.unlink()
    for command in small_tree:
        assert 'NT_STATUS' not in client.run(command)
    assert len(list(server.share.glob('tree/*/*'))) == FILES


@pytest.mark.parametrize('name', ['departed.new', 'departed.segment'])
def test_nothing_planted_is_followed(smbd, small_tree, tmp_path, name):
    victim = tmp_path / 'victim'
    victim.write_text('precious')
    server = smbd()
    server.latency.mkdir(mode=0o700)
    (server.latency / name).symlink_to(victim)
    copy_succeeds(server, small_tree)
    server.report(check=False)
    server.report(check=False)
    assert victim.read_text() == 'precious'


def test_planted_files_are_reported_and_skipped(smbd, small_tree, tmp_path):
    server = smbd()
    copy_succeeds(server, small_tree)
    server.final_report()
    names = {}
    for number, kind in enumerate(('fifo', 'symlink', 'directory', 'foreign',
                                   'garbage', 'short')):
        path = server.latency / ('smbd-%d-%016x.segment' % (number + 1, 7))
        names[kind] = path.name
        if kind == 'fifo':
            os.mkfifo(path)
        elif kind == 'symlink':
            path.symlink_to(server.latency / 'departed.segment')
        elif kind == 'directory':
            path.mkdir()
        elif kind == 'foreign':
            path.write_bytes(
                (server.latency / 'departed.segment').read_bytes())
            os.chown(path, 65534, -1)
        elif kind == 'garbage':
            path.write_bytes(b'garbage!' * 65536)
        else:
            path.write_bytes(b'SMBLATCY')
    report = server.report()
    problems = '\n'.join(report['problems'])
    for name in names.values():
        assert re.search('^' + name, problems, re.M), name
    assert len(report['problems']) == len(names)
    assert report['vfs_operations']['pwrite']['count'] == FILES
