# SPDX-License-Identifier: GPL-3.0-or-later
"""Nothing to report: the reader says why, and nothing that is not so."""

import os

import pytest

from conftest import READER, run


def why(server, *words):
    """What the reader says, asked as an administrator asks it."""
    result = run(READER, '--configfile', server.conf, *words, check=False)
    assert result.returncode == 1
    assert result.stdout == ''
    return result.stderr


@pytest.fixture
def tmpfs_latency(tmpfs):
    path = tmpfs(1 << 20)
    (path / 'latency').mkdir(mode=0o700)
    return path


# --- no segments ------------------------------------------------------------------

def test_a_directory_that_is_not_there(tmp_path):
    for words in [], ['--json'], ['--tree'], ['slow']:
        result = run(READER, '--segments', tmp_path / 'none', *words,
                     check=False)
        assert result.returncode == 1 and result.stdout == ''
        assert 'there is no directory %s' % (tmp_path / 'none') in \
            result.stderr
        assert 'no client' not in result.stderr
        assert 'vfs objects' not in result.stderr


def test_a_parent_that_is_not_there(tmp_path):
    said = run(READER, '--segments', tmp_path / 'no' / 'ne', check=False)
    assert 'nor its parent %s' % (tmp_path / 'no') in said.stderr


def test_no_share_is_measured(smbd):
    assert 'no share has "vfs objects = latency"' in why(smbd(objects=''))


def test_no_smbd_is_running(smbd):
    server = smbd()
    server.stop()
    assert 'no smbd is running' in why(server)


def test_nobody_has_come(smbd):
    said = why(smbd())
    assert 'no running smbd has loaded the module' in said
    assert 'share' in said


def test_the_directory_is_read_only(smbd, tmpfs_latency):
    assert os.system('mount -o remount,ro %s' % tmpfs_latency) == 0
    server = smbd(global_lines=['latency:directory = %s/latency'
                                % tmpfs_latency])
    server.client().run('ls')
    said = why(server)
    assert 'read-only' in said
    assert 'has loaded the module but has no segment; its log says why' in \
        said
    assert 'no client' not in said


def test_the_directory_was_changed(smbd, tmp_path):
    server = smbd()
    server.client().run('ls')
    (pid,) = server.measured()
    server.conf.write_text(server.conf.read_text().replace(
        '[global]', '[global]\nlatency:directory = %s' % (tmp_path / 'new'),
        1))
    assert 'smbd %d counts in %s, as' % (pid, server.latency) in why(server)


# --- processes --------------------------------------------------------------------

def test_a_process_that_counts_nothing(smbd):
    server = smbd()
    server.client().run('ls')
    assert 'there is no process 4194303' in why(server, 4194303)
    assert 'process %d is not smbd' % os.getpid() in why(server, os.getpid())
    parent = int((server.directory / 'session').read_text())
    if parent in server.pids():
        assert 'smbd %d is the parent' % parent in why(server, parent)


# --- filters ----------------------------------------------------------------------

@pytest.mark.parametrize('words', [[], ['--json'], ['--tree'], ['--folded'],
                                   ['--by', 'op']])
def test_names_that_match_nothing(smbd, words):
    server = smbd()
    server.client().run('ls')
    for option, value, there in (
            ('--share', 'nowhere', 'of share nowhere; there is only: share'),
            ('--user', 'nobody\\x', 'by user nobody\\x; there is only: root'),
            ('--client', '::9', 'from client ::9; there is only: 127.0.0.1')):
        assert 'no tree connect ' + there in why(server, option, value, *words)


def test_metrics_of_nothing_are_metrics(smbd):
    server = smbd()
    server.client().run('ls')
    result = run(READER, '--segments', server.latency, '--prometheus',
                 '--user', 'nobody')
    assert 'smblatency_processes 1' in result.stdout
    assert 'there is only: root' in result.stderr


def test_names_have_no_case(smbd):
    server = smbd()
    server.client().run('ls')
    report = server.report('--share', 'SHARE', '--user', 'Root')
    assert report['tree_connects'] == 1
