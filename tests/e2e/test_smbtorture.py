# SPDX-License-Identifier: GPL-3.0-or-later
"""smbtorture's tests give the same results with and without the module.

Many fail against a plain smbd of this configuration; they must fail the same.
"""

import re
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest

from conftest import NOTIFY_TRIES, WAYS

SUITES = ['create', 'rw', 'dir', 'lock', 'rename', 'getinfo', 'setinfo',
          'compound', 'streams']
# Those in which replies are made in all ways that there are, signed and
# encrypted: the module lends smbd a key in between.
# Of notify, what does not take minutes.
REPLY_SUITES = ['compound', 'compound_async', 'compound_find', 'notify.dir',
                'notify.tdis', 'notify.close', 'notify.logoff',
                'notify.session-reconnect', 'notify.basedir', 'lock',
                'create', 'sharemode', 'session-require-signing']
PROTECTED = ['SMB3_11-sign', 'SMB3_11-encrypt']
MODULES = 'acl_xattr streams_xattr'
# A test that depends on timing is asked again, on both sides.
TRIES = 3


def results(server, suite, way=()):
    """{test: (result, the statuses that its complaint names)}."""
    for _ in range(NOTIFY_TRIES):
        try:
            output = server.torture('smb2.' + suite, *way, check=False).stdout
            break
        except subprocess.TimeoutExpired:
            assert 'notify' in suite
    found = {}
    for result, test, complaint in re.findall(
            r'^(success|failure|skip|error): (.*?)(?: \[\n(.*?)^\])?$',
            output, re.M | re.S):
        found[test] = result, tuple(re.findall(r'NT_STATUS_\w+', complaint))
    return found


@pytest.fixture(scope='module')
def servers(shared_smbd):
    """One with the module around others, and one without."""
    lines = ['ea support = yes']
    return [shared_smbd(objects=objects, share_lines=lines)
            for objects in ('latency:top %s latency:bottom' % MODULES,
                            MODULES)]


def compare(servers, suite, way=()):
    with ThreadPoolExecutor(2) as pool:
        measured, ordinary = pool.map(
            lambda server: results(server, suite, way), servers)
    assert len(ordinary) > 0
    assert set(measured) == set(ordinary)
    differ = {test for test in ordinary if measured[test] != ordinary[test]}
    seen = {test: ({measured[test]}, {ordinary[test]}) for test in differ}
    for _ in range(TRIES):
        if not differ:
            break
        for place, server in enumerate(servers):
            for test, result in results(server, suite, way).items():
                if test in differ:
                    seen[test][place].add(result)
        differ = {test for test in differ
                  if not seen[test][0] & seen[test][1]}
    assert not differ, {test: seen[test] for test in differ}


@pytest.mark.parametrize('suite', SUITES)
def test_every_single_test_gives_the_same_result(servers, suite):
    compare(servers, suite)


@pytest.mark.parametrize('way', PROTECTED)
@pytest.mark.parametrize('suite', REPLY_SUITES)
def test_signed_and_encrypted_it_gives_the_same_result(servers, suite, way):
    compare(servers, suite, WAYS[way])


def test_the_module_was_there(servers):
    """And counted all of it in both layers."""
    report = servers[0].final_report()
    assert {entry['layer'] for entry in report['layers']} == {'top', 'bottom'}
    assert report['vfs_operations']['create_file']['count'] > 1000
    assert report['unmeasured'] == 0
