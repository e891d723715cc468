# SPDX-License-Identifier: GPL-3.0-or-later
"""How many bytes requests and ops move: each call in the bucket of its size."""

import json
import re

import pytest

from conftest import READER, run

SIZES = (1, 511, 512, 1000, 4096, 4096, 8191, 8192, 65536)
BUCKETS = [[1, 512, 2], [512, 1024, 2], [4096, 8192, 3], [8192, 16384, 1],
           [65536, 131072, 1]]
WAYS = {
    'async': ([], []),
    'sync': ([], ['aio read size = 0', 'aio write size = 0']),
    'encrypted': (['smb encrypt = required'], []),
    '2.02': (['server max protocol = SMB2_02'], []),
    'two layers': ([], ['vfs objects = latency:top latency:bottom']),
}


@pytest.fixture(params=WAYS)
def server(smbd, request):
    global_lines, share_lines = WAYS[request.param]
    return smbd(global_lines=global_lines, share_lines=share_lines)


def copy(client, directory):
    """Put and get a file of each size, and an empty one."""
    for number, size in enumerate(SIZES + (0,)):
        source = directory / str(number)
        source.write_bytes(b'x' * size)
        client.run('put %s %s' % (source, source.name))
        client.run('get %s /dev/null' % source.name)


def sizes(report):
    """{request or op: its sizes} of all that moved bytes."""
    return {name: counters['sizes']
            for key in ('smb2_requests', 'vfs_operations')
            for name, counters in report[key].items() if 'sizes' in counters}


def read_ops(report):
    """By which op the files were read: where smbd can, it uses sendfile."""
    return {name for name in sizes(report)
            if name not in ('SMB2_OP_READ', 'SMB2_OP_WRITE', 'pwrite')}


def assert_as_copied(report, times=1):
    buckets = [[lower, upper, times * count]
               for lower, upper, count in BUCKETS]
    seen = sizes(report)
    assert seen['SMB2_OP_WRITE'] == seen['SMB2_OP_READ'] == buckets
    assert seen['pwrite'] == buckets
    [read] = read_ops(report)
    assert seen[read] == buckets
    for name in 'SMB2_OP_WRITE', 'SMB2_OP_READ':
        assert report['smb2_requests'][name]['bytes'] == times * sum(SIZES)


def test_each_call_is_in_the_bucket_of_its_size(server, tmp_path):
    client = server.client()
    copy(client, tmp_path)
    assert_as_copied(server.report('--json'))
    by_user = json.loads(server.show('--json', '--by', 'user,request'))
    [write] = [row for row in by_user['smb2_requests_by']
               if row['request'] == 'SMB2_OP_WRITE']
    assert write['bytes'] == sum(SIZES)
    # Of the departed, with those of another.
    client.close()
    copy(server.client(), tmp_path)
    assert_as_copied(server.final_report('--json'), times=2)


def test_they_begin_again_after_a_reset_and_add_up_in_a_merge(smbd, tmp_path):
    server = smbd()
    client = server.client()
    copy(client, tmp_path)
    (tmp_path / 'before').write_text(server.show('--json'))
    run(READER, '--segments', server.latency, 'all', 'reset')
    assert sizes(server.report()) == {}
    copy(client, tmp_path)
    (tmp_path / 'after').write_text(server.show('--json'))
    assert_as_copied(json.loads((tmp_path / 'after').read_text()))
    merged = run(READER, '--json', 'merge', tmp_path / 'before',
                 tmp_path / 'after').stdout
    assert_as_copied(json.loads(merged), times=2)


def test_wrong_sizes_are_not_merged(smbd, tmp_path):
    server = smbd()
    copy(server.client(), tmp_path)
    text = server.show('--json')
    for wrong in '[3, 512, 2]', '[1, 513, 2]', '[1, 512, -2]', '[1, 512]', '7':
        changed = tmp_path / 'changed'
        changed.write_text(text.replace('[1, 512, 2]', wrong)
                           .replace('[1,512,2]', wrong))
        result = run(READER, 'merge', changed, check=False)
        assert result.returncode == 1 and not result.stdout
        assert '.sizes[0]' in result.stderr, result.stderr


def test_only_null_is_no_end(smbd, tmp_path):
    """-1 is not, in the last bucket of either histogram."""
    server = smbd()
    copy(server.client(), tmp_path)
    for name, last in ('sizes', 8 << 20), ('histogram', 128849018880):
        report = server.report('--json')
        for counters in report['smb2_requests'].values():
            if name in counters:
                total = sum(count for _, _, count in counters[name])
                counters[name] = [[last, -1, total]]
        (tmp_path / 'changed').write_text(json.dumps(report))
        result = run(READER, 'merge', tmp_path / 'changed', check=False)
        assert result.returncode == 1 and not result.stdout
        assert '.%s[0]' % name in result.stderr, result.stderr


def rows(text, name):
    """[(value, count)] of the lines with a count of a histogram."""
    lines = re.search(r'^%s sizes \(bytes\)\n.*\n((?: .*\n)+)' % name, text,
                      re.M).group(1)
    return [row for row in re.findall(r'^ *(\w+) \|@* +(\d+)$', lines, re.M)
            if row[1] != '0']


def test_they_are_shown_for_people(smbd, tmp_path):
    server = smbd()
    copy(server.client(), tmp_path)
    expected = [('1', '2'), ('512', '2'), ('4K', '3'), ('8K', '1'), ('64K', '1')]
    text = server.show('--sizes')
    assert rows(text, 'SMB2_OP_WRITE') == expected
    assert 'pwrite sizes' not in text and 'CREATE sizes' not in text
    text = server.show('--sizes', '-s')
    assert rows(text, 'SMB2_OP_READ') == rows(text, 'pwrite') == expected
    assert 'sizes (bytes)' not in server.show('-s', '-d')
