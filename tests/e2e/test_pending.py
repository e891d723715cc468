# SPDX-License-Identifier: GPL-3.0-or-later
"""How long a request was pending is told apart from the work on it."""

import json
import threading
import time

import pytest
from impacket import nt_errors, smb3structs
from impacket.smbconnection import SMBConnection

from conftest import PASSWORD, USER, wait_until
from test_foreign_clients import DIALECTS
from test_now import now

HELD_S = 2
WAYS = {
    'plain': ('3.0', []),
    '2.02': ('2.02', []),
    'signed': ('2.1', ['server signing = mandatory']),
    'encrypted': ('3.0', ['smb encrypt = required']),
}
EXCLUSIVE = smb3structs.SMB2_LOCKFLAG_EXCLUSIVE_LOCK
UNLOCK = smb3structs.SMB2_LOCKFLAG_UNLOCK
pytestmark = pytest.mark.parametrize('way', WAYS)


class Holder:
    """A client that opens a file, and keeps what it was granted."""

    def __init__(self, server, way):
        self.connection = SMBConnection(
            '127.0.0.1', '127.0.0.1', sess_port=server.port,
            preferredDialect=DIALECTS[WAYS[way][0]])
        self.connection.login(USER, PASSWORD)
        self.smb = self.connection.getSMBServer()
        self.tree = self.connection.connectTree('share')

    def open(self, oplock=smb3structs.SMB2_OPLOCK_LEVEL_NONE, contexts=None):
        return self.smb.create(
            self.tree, 'file',
            smb3structs.FILE_READ_DATA | smb3structs.FILE_WRITE_DATA,
            smb3structs.FILE_SHARE_READ | smb3structs.FILE_SHARE_WRITE |
            smb3structs.FILE_SHARE_DELETE, 0, smb3structs.FILE_OPEN_IF, 0,
            oplockLevel=oplock, createContexts=contexts)

    def open_with_lease(self):
        """For reading, writing, and keeping it open."""
        lease = smb3structs.SMB2_CREATE_REQUEST_LEASE()
        lease['LeaseKey'] = b'0123456789abcdef'
        lease['LeaseState'] = 7
        context = smb3structs.SMB2CreateContext()
        context['NameOffset'] = 16
        context['NameLength'] = 4
        context['DataOffset'] = 24
        context['DataLength'] = 32
        context['Buffer'] = b'RqLs' + bytes(4) + lease.getData()[:32]
        return self.open(smb3structs.SMB2_OPLOCK_LEVEL_LEASE, [context])

    def lock(self, handle, flags=EXCLUSIVE):
        """As smb.lock(), which does not work with Python 3."""
        element = smb3structs.SMB2_LOCK_ELEMENT()
        element['Offset'] = 0
        element['Length'] = 1
        element['Flags'] = flags
        packet = self.smb.SMB_PACKET()
        packet['Command'] = smb3structs.SMB2_LOCK
        packet['TreeID'] = self.tree
        lock = smb3structs.SMB2Lock()
        lock['LockCount'] = 1
        lock['LockSequence'] = 0
        lock['FileID'] = handle
        lock['Locks'] = element.getData()
        packet['Data'] = lock
        answer = self.smb.recvSMB(self.smb.sendSMB(packet))
        assert answer.isValidAnswer(nt_errors.STATUS_SUCCESS)

    def close(self, handle):
        self.smb.close(self.tree, handle)


@pytest.fixture
def server(smbd, way):
    return smbd(global_lines=WAYS[way][1] + [
        'latency:slow threshold = %d' % (HELD_S * 1000 / 2)])


def pending(server, request):
    return [entry for entry in now(server)['in_flight']
            if entry['request'] == request and
            entry['pending_ns'] is not None]


def holders(server, request):
    """Who holds what the pending request waits for."""
    [entry] = [e for e in now(server, '--configfile', server.conf)['in_flight']
               if e['request'] == request and e['pending_ns'] is not None]
    return entry['holders']


def wait_while_held(server, request, waiter, release, held):
    """Seconds for which the waiter's request was pending, at least and most."""
    thread = threading.Thread(target=waiter)
    began = time.monotonic()
    thread.start()
    wait_until(lambda: pending(server, request), what='a pending ' + request)
    seen = time.monotonic()
    assert holders(server, request) == [
        {'user': USER, 'client': '127.0.0.1', 'pid': holder, **how}
        for holder, how in held]
    for holder, how in held:
        line = 'held by %s@127.0.0.1, smbd %d: ' % (USER, holder)
        assert line in server.show('now', '--configfile', server.conf)
    # smbstatus has no answer.
    assert 'held by: unknown' in server.show('now', '--configfile', '/nonexistent')
    time.sleep(HELD_S)
    releasing = time.monotonic()
    release()
    thread.join(30)
    assert not thread.is_alive()
    return releasing - seen, time.monotonic() - began


def check(server, request, least, most, others):
    """The longest of them has pended so long, and was not worked on then."""
    report = server.final_report()
    waited = report['pending'][request]
    whole = report['smb2_requests'][request]
    assert waited['count'] == 1
    assert least * 1e9 <= waited['total_ns'] <= most * 1e9
    assert waited['total_ns'] <= whole['max_ns']
    work = whole['total_ns'] - waited['total_ns']
    assert work < HELD_S * 1e9 / 20 * whole['count']
    assert whole['self_ns'] <= work
    assert sum(entry[2] for entry in waited['histogram']) == 1
    assert whole['count'] == others + 1
    check_slow(server, request, waited['total_ns'])
    assert [entry['count'] for root in report['tree']
            if root['name'] == request for entry in root['children']
            if entry['name'] == '(pending)'] == [1]


def first_process(server):
    """Of the client that has connected first."""
    [pid] = server.measured()
    return pid


def check_slow(server, request, pending_ns):
    """It is kept as slow: as a whole, since no op was. But a NOTIFY is not."""
    kept = [entry for entry in map(json.loads, server.show(
        'slow', '--json').splitlines()) if entry['request'] == request]
    assert [(entry['op'], entry['layer'], entry['pending_ns'])
            for entry in kept] == (
        [] if request == 'SMB2_OP_NOTIFY' else [(None, None, pending_ns)])
    if kept:
        assert kept[0]['path'] == 'file'
        assert kept[0]['duration_ns'] >= pending_ns + kept[0]['vfs_ns']
        assert '%s: ok, pending for ' % request in server.show('slow')


def test_a_create_that_waits_for_an_oplock(server, way):
    holder = Holder(server, way)
    pid, other = first_process(server), Holder(server, way)
    held = holder.open(smb3structs.SMB2_OPLOCK_LEVEL_BATCH)
    least, most = wait_while_held(server, 'SMB2_OP_CREATE', other.open,
                                  lambda: holder.close(held),
                                  [(pid, {'oplock': 'BATCH'})])
    holder.connection.close()
    other.connection.close()
    check(server, 'SMB2_OP_CREATE', least, most, 1)
    shown = server.show()
    assert 'Of these, pending' in shown
    assert 'smblatency_smb2_request_pending_seconds_count' in \
        server.show('--openmetrics')


def test_a_create_that_waits_for_a_lease(server, way):
    if way == '2.02':
        return
    holder = Holder(server, way)
    pid, other = first_process(server), Holder(server, way)
    held = holder.open_with_lease()
    wait_while_held(server, 'SMB2_OP_CREATE', other.open,
                    lambda: holder.close(held), [(pid, {'lease': 'RWH'})])


def test_a_lock_that_waits_for_another(server, way):
    """Until that is given back: 4.22 tells nobody of a CLOSE that does it."""
    holder = Holder(server, way)
    pid, other = first_process(server), Holder(server, way)
    held, handle = holder.open(), other.open()
    holder.lock(held)
    least, most = wait_while_held(server, 'SMB2_OP_LOCK',
                                  lambda: other.lock(handle),
                                  lambda: holder.lock(held, UNLOCK),
                                  [(pid, {'lock': 'W', 'start': 0,
                                          'length': 1})])
    holder.connection.close()
    other.connection.close()
    check(server, 'SMB2_OP_LOCK', least, most, 2)


def test_a_notify_whose_client_goes(server, way):
    client = server.client()
    (server.share / 'watched').mkdir()
    began = time.monotonic()
    client.send('notify watched')
    wait_until(lambda: pending(server, 'SMB2_OP_NOTIFY'), what='a NOTIFY')
    seen = time.monotonic()
    time.sleep(HELD_S)
    least = time.monotonic() - seen
    client.kill()
    wait_until(lambda: not server.measured(), what='the end of its smbd')
    check(server, 'SMB2_OP_NOTIFY', least, time.monotonic() - began, 0)
