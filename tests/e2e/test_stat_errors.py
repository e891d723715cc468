# SPDX-License-Identifier: GPL-3.0-or-later
"""Errors by code, and which of them are failures."""

import json
import os
import re
import subprocess

import pytest

from conftest import NOTIFY_TRIES, READER, run
from test_requests import NO_TREE, PROFILE_NAMES, REFUSED

ASK = ['mkdir dir', 'put {0} dir\\file', 'ls dir\\*', 'get dir\\file /dev/null',
       'get missing /dev/null', 'mkdir dir']
TABLES = 'smb2_requests', 'vfs_operations'


def samba_version():
    """(4, 24)"""
    words = run('smbd', '-V').stdout
    return tuple(map(int, re.search(r'(\d+)\.(\d+)', words).groups()))


def opcode_of(profile_name):
    """SMB2_OP_CREATE of smb2_create."""
    for opcode, name in PROFILE_NAMES.items():
        if name == profile_name:
            return opcode
    return 'SMB2_OP_' + profile_name[len('smb2_'):].upper()


@pytest.fixture
def asked(smbd, tmp_path):
    """An smbd of which a client has asked what is there, and what is not."""
    (tmp_path / 'file').write_text('x')
    server = smbd(global_lines=['smbd profiling level = on'])
    server.smbclient(['lcd %s' % tmp_path] +
                     [line.format('file') for line in ASK], check=False)
    return server


def errors(server, *options):
    """Rows of the output: [(all columns before the code, code)]."""
    text = server.show('errors', *options)
    return [line.split() for line in text.splitlines()
            if re.search(r' (failure|answer)  ', line)]


def test_answers_are_no_failures(asked):
    report = asked.final_report()
    for table in TABLES:
        for name, counters in report[table].items():
            by_code = counters['errors_by_code']
            assert sum(by_code.values()) == counters['errors'], name
            assert 0 <= counters['failures'] <= counters['errors'], name
    ops = report['vfs_operations']
    for op, code in (('translate_name', 'NT_STATUS_NONE_MAPPED'),
                     ('fgetxattr', 'ENODATA'), ('openat', 'ENOENT')):
        assert ops[op]['errors_by_code'][code] > 0
        assert ops[op]['failures'] == 0, ops[op]['errors_by_code']
    create = report['smb2_requests']['SMB2_OP_CREATE']
    assert create['errors_by_code'] == {'NT_STATUS_OBJECT_NAME_NOT_FOUND': 1,
                                        'NT_STATUS_OBJECT_NAME_COLLISION': 1}
    assert create['failures'] == 2


def test_every_view_counts_failures(asked):
    report = asked.final_report()
    text = asked.show('-s')
    assert re.search(r'^translate_name +\d+ +0 ', text, re.M)
    assert re.search(r'^SMB2_OP_CREATE +\d+ +2 ', text, re.M)
    text = asked.show('--by', 'op')
    assert re.search(r'^translate_name +\d+ +0 ', text, re.M)
    failures = report['vfs_operations']['create_file']['failures']
    assert failures > 0
    metrics = asked.show('--openmetrics')
    assert re.search(r'smblatency_vfs_operation_errors_total\{[^}]*'
                     r'op="create_file"[^}]*\} %d$' % failures, metrics, re.M)
    assert not re.search(r'smblatency_vfs_operation_errors_total\{[^}]*'
                         r'op="translate_name"[^}]*\} [1-9]', metrics)


def test_the_command_lists_every_code(asked):
    report = asked.final_report()
    rows = errors(asked)
    listed = {(row[0], row[3]): (int(row[1]), row[2]) for row in rows}
    expected = {}
    for table in TABLES:
        for name, counters in report[table].items():
            for code, count in counters['errors_by_code'].items():
                expected[(name if table == 'vfs_operations' else
                          name.replace('SMB2_OP_', ''), code)] = count
    listed = {(name.replace('SMB2_OP_', ''), code): value
              for (name, code), value in listed.items()}
    assert {key: value[0] for key, value in listed.items()} == expected
    kinds = {key: value[1] for key, value in listed.items()}
    assert kinds['translate_name', 'NT_STATUS_NONE_MAPPED'] == 'answer'
    assert kinds['CREATE', 'NT_STATUS_OBJECT_NAME_NOT_FOUND'] == 'failure'


def test_by_user_the_kind_of_an_op_is_still_known(asked):
    rows = errors(asked, '--by', 'user,op')
    assert ['answer'] == sorted({row[3] for row in rows
                                 if row[1] == 'translate_name'})


@pytest.mark.parametrize('width', [20, 40, 80, 132])
def test_it_fits_where_names_can_be_cut(asked, width):
    asked.final_report()
    text = run(READER, '--segments', asked.latency, 'errors', '--by',
               'share,op', env={**os.environ, 'COLUMNS': str(width)}).stdout
    assert 'NT_STATUS_NONE_MAPPED' in text


@pytest.mark.parametrize('test', [
    'smb2.read.eof', 'smb2.notify.mask-change', 'smb2.dir.many',
    'smb2.create.open', 'smb2.lock.lock', 'smb2.setinfo'])
def test_failed_requests_are_as_many_as_samba_counts(smbd, test):
    """From 4.24 on. Warnings, of which there is more to say than an error, are
    failures there; an element that smbd refuses is none."""
    for _ in range(NOTIFY_TRIES):
        server = smbd(objects='', global_lines=[
            'vfs objects = latency', 'smbd profiling level = on'])
        try:
            server.torture(test, check=False)
            break
        except subprocess.TimeoutExpired:
            assert 'notify' in test
    requests = server.final_report()['smb2_requests']
    if test == 'smb2.read.eof':
        read = requests['SMB2_OP_READ']
        assert read['errors_by_code']['NT_STATUS_END_OF_FILE'] > 0
        assert read['failures'] == read['errors'] - \
            read['errors_by_code']['NT_STATUS_END_OF_FILE']
    theirs = {name[:-len('_failed')]: counters['count']
              for name, counters in server.profile().items()
              if name.startswith('smb2_') and name.endswith('_failed')}
    assert bool(theirs) == (samba_version() >= (4, 24))
    for name, count in theirs.items():
        ours = requests.get(opcode_of(name),
                            {'failures': 0, 'errors_by_code': {}})
        refused = sum(ours['errors_by_code'].get(code, 0) for code in REFUSED)
        assert name in NO_TREE or \
            count <= ours['failures'] <= count + refused, name


def test_a_merged_report_keeps_them(asked, tmp_path):
    report = asked.final_report()
    (tmp_path / 'report.json').write_text(json.dumps(report))
    merged = json.loads(run(READER, 'merge', '--json',
                            *[tmp_path / 'report.json'] * 2).stdout)
    for table in TABLES:
        for name, counters in report[table].items():
            assert merged[table][name]['failures'] == 2 * counters['failures']
