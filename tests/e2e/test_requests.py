# SPDX-License-Identifier: GPL-3.0-or-later
"""SMB2 requests: each is counted, once, and timed from arrival to reply."""

import subprocess

import pytest

from conftest import NOTIFY_TRIES, WAYS, run

# smbd's profile counters have names of their own for some.
PROFILE_NAMES = {'SMB2_OP_QUERY_DIRECTORY': 'smb2_find'}
# They work on no tree connect, so there is nowhere to count them.
NO_TREE = {'smb2_negprot', 'smb2_sesssetup', 'smb2_logoff', 'smb2_tcon',
           'smb2_cancel', 'smb2_keepalive'}
REFUSED = ['NT_STATUS_FILE_CLOSED', 'NT_STATUS_INVALID_PARAMETER',
           'NT_STATUS_OBJECT_NAME_NOT_FOUND', 'NT_STATUS_CANCELLED']
PROFILED = ['vfs objects = latency', 'smbd profiling level = on']


def profile_name(opcode):
    return PROFILE_NAMES.get(opcode,
                             'smb2_' + opcode[len('SMB2_OP_'):].lower())


def counts(report):
    return {profile_name(opcode): counters['count']
            for opcode, counters in report['smb2_requests'].items()}


def profile_counts(profile):
    """Since 4.24 smbd counts failed requests once more, under a name of
    their own."""
    return {name: counters['count'] for name, counters in profile.items()
            if name.startswith('smb2_') and not name.endswith('_failed')
            and counters['count'] != 0 and name not in NO_TREE}


@pytest.fixture(scope='module')
def copy(shared_smbd, tree):
    """Reports of us and of smbd over the 10,000-file copy."""
    server = shared_smbd(objects='', global_lines=PROFILED)
    client = server.client()
    for command in tree.copy_in:
        client.run(command)
    return server.final_report(), server.profile()


def test_requests_of_a_copy_equal_the_profile_counters(copy):
    report, profile = copy
    assert report['smb2_requests']['SMB2_OP_WRITE']['count'] == 10000
    assert counts(report) == profile_counts(profile)


def test_request_times_exceed_the_profile_by_receive_and_send(copy):
    """smbd's profile starts a request at its dispatch and stops it when the
    reply is made; ours are from arrival to sent."""
    report, profile = copy
    beyond = 0
    for opcode, ours in report['smb2_requests'].items():
        theirs = profile[profile_name(opcode)]['time']
        # Theirs are the sum of single times cut to microseconds.
        assert ours['total_ns'] / 1000 >= theirs - ours['count'], opcode
        beyond += ours['total_ns'] / 1000 - theirs
    time = report['time']
    assert beyond <= time['receive_us'] + time['send_us'] + time['smb_us']


def test_a_way_to_talk_to_smbd_is_what_it_says(smbd, way):
    server = smbd()
    client = server.client(options=way)
    shown = run('smbstatus', '-p', '-s', server.conf).stdout
    dialect, protection = way[0].split('=')[-1], way[2].split('=')[-1]
    assert dialect in shown
    assert ('AES-128-GCM' in shown or 'AES-128-CCM' in shown) == \
        (protection == 'encrypt')
    client.close()


def test_requests_of_small_files_equal_the_profile_counters(
        smbd, small_tree, way):
    server = smbd(objects='', global_lines=PROFILED)
    client = server.client(options=way)
    for command in small_tree:
        client.run(command)
    client.run('ls tree/dir0/*')
    client.run('get tree/dir0/file00 /dev/null')
    report = server.final_report()
    assert report['smb2_requests']['SMB2_OP_WRITE']['count'] == 500
    assert counts(report) == profile_counts(server.profile())
    errors = {opcode: counters['errors_by_code'] for opcode, counters
              in report['smb2_requests'].items() if counters['errors'] != 0}
    # smbclient looks whether a directory is there before it makes it, and asks
    # for DFS referrals.
    assert {opcode: sum(codes.values()) for opcode, codes in errors.items()} \
        == {'SMB2_OP_CREATE': 6, 'SMB2_OP_IOCTL': 1}
    assert all(len(codes) == 1 for codes in errors.values()), errors


def test_each_reply_is_signed_encrypted_and_sent_within_its_request(
        smbd, small_tree, way):
    server = smbd(objects='', global_lines=PROFILED)
    client = server.client(options=way)
    for command in small_tree:
        client.run(command)
    report = server.final_report()
    sent = 0
    for opcode, counters in report['smb2_requests'].items():
        assert 0 < counters['send_ns'] < counters['total_ns'], opcode
        sent += counters['send_ns']
    # The wall clock has the requests on no tree connect, too.
    assert 0.9 * sent <= report['time']['send_us'] * 1000 + 1000
    for root in report['tree']:
        below = [node for node in root['children'] if node['name'] == '(send)']
        assert sum(node['count'] for node in below) == root.get('count', 0) \
            or not root['name'].startswith('SMB2_OP')


# Requests that name no tree connect, so that there is nowhere to count them:
# FSCTL_SMBTORTURE_FORCE_UNACKED_TIMEOUT, of newer versions of this test.
NAMELESS = {'smb2.multichannel.oplocks.test2': {'smb2_ioctl': 1}}


# Tests of smbtorture that send compounds, requests that go async (notify,
# locks, pipes), deferred and cancelled ones, over several channels.
@pytest.mark.parametrize('protection', ['off', 'sign', 'encrypt'])
@pytest.mark.parametrize('test', [
    'smb2.compound.related1', 'smb2.compound.related4',
    'smb2.compound.unrelated1', 'smb2.compound.invalid1',
    'smb2.compound.compound-break', 'smb2.compound.interim2',
    'smb2.compound_find', 'smb2.compound_async',
    'smb2.notify.dir', 'smb2.notify.close', 'smb2.notify.tdis',
    'smb2.lock.lock', 'smb2.lock.async', 'smb2.lock.cancel',
    'smb2.lock.cancel-tdis', 'smb2.lock.cancel-logoff',
    'smb2.oplock.exclusive1', 'smb2.oplock.batch1',
    'smb2.dir.many', 'smb2.ioctl.copy_chunk_simple', 'smb2.rw.rw1',
    'smb2.create.open', 'smb2.setinfo', 'smb2.getinfo.qfile_buffercheck',
    'smb2.durable-open.open-lease', 'smb2.multichannel.oplocks.test2',
    'smb2.multichannel.generic.interface_info', 'smb2.session.reconnect1'])
def test_requests_of_smbtorture_equal_the_profile_counters(
        smbd, test, protection):
    """But for those that smbd refuses before its profile counts them: an
    unknown file id, an element after one that failed."""
    for _ in range(NOTIFY_TRIES):
        server = smbd(objects='', global_lines=PROFILED + [
            'server multi channel support = yes'])
        try:
            server.torture(test, '--client-protection=' + protection,
                           check=False)
            break
        except subprocess.TimeoutExpired:
            assert 'notify' in test
    report = server.final_report()
    theirs = profile_counts(server.profile())
    ours = counts(report)
    assert sum(theirs.values()) > 0
    refused = {}
    for opcode, counters in report['smb2_requests'].items():
        assert sum(counters['errors_by_code'].values()) == counters['errors']
        refused[profile_name(opcode)] = sum(
            counters['errors_by_code'].get(code, 0) for code in REFUSED)
    for name in {*ours, *theirs}:
        more = ours.get(name, 0) - theirs.get(name, 0)
        fewer = NAMELESS.get(test, {}).get(name, 0)
        assert -fewer <= more <= refused.get(name, 0), name
