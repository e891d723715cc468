# SPDX-License-Identifier: GPL-3.0-or-later
"""Clients come and go, by thousands: each is counted, and nothing is left of
them: no files, no memory of smbd's, no descriptors, nothing in /dev/shm.

So are tree connects within one smbd.
"""

import os
import re
from pathlib import Path

from conftest import PASSWORD, USER, wait_for_end
from impacket import smb3structs
from impacket.smbconnection import SMBConnection
from pool import Pool

AT_ONCE = 4
# So much more memory may be what malloc() has not given back.
SLACK_KB = 512
# A segment grows by what is hit for the first time, such as a longer duration.
SLACK_SEGMENT = 128 << 10
FIRST = 100             # until caches of Samba are filled


def state(pid):
    """What a process holds."""
    status = Path('/proc/%d/status' % pid).read_text()
    return {'memory': sum(int(size) for size in re.findall(
                r'^Rss(?:Anon|Shmem):\s+(\d+)', status, re.M)),
            'descriptors': len(os.listdir('/proc/%d/fd' % pid)),
            'mappings': len(Path('/proc/%d/maps' % pid
                                 ).read_text().splitlines())}


def shared_memory():
    """Names that are ours; those of unit tests and fuzzers are theirs."""
    return {name for name in os.listdir('/dev/shm') if 'latency' in name
            and not name.startswith(('latency-unit', 'latency-fuzz'))}


def compare(before, after, what):
    assert after['descriptors'] <= before['descriptors'], \
        '%s: %s, then %s' % (what, before, after)
    assert after['mappings'] <= before['mappings'] + 2, \
        '%s: %s, then %s' % (what, before, after)
    assert after['memory'] <= before['memory'] + SLACK_KB, \
        '%s: %s, then %s' % (what, before, after)


def connects(torture):
    """How many there were."""
    number = torture.rounds(10000, 300)
    shared = shared_memory()
    with torture.smbd() as server:
        parent, = [pid for pid in server.pids()
                   if os.getsid(pid) == pid]
        done = 0

        def one(_):
            server.smbclient('ls')

        def many(how_many):
            nonlocal done
            with Pool(AT_ONCE) as pool:
                for _ in pool.map(one, range(how_many)):
                    done += 1
                    torture.progress(done, number, 'connects')

        many(FIRST)
        before, others = state(parent), set(server.pids())
        many(number - FIRST)
        report = server.final_report()
        assert report['processes'] == 0
        assert report['departed_processes'] == number
        for op in 'connect', 'disconnect':
            assert report['vfs_operations'][op]['count'] == number
        compare(before, state(parent), 'smbd after %d connects' % number)
        assert set(server.pids()) <= others
        left = {entry.name: entry.stat().st_size
                for entry in server.latency.iterdir()}
        assert set(left) == {'departed.segment', 'lock'}, left
        assert left['departed.segment'] < 1 << 20, left
        assert server.complaints() == []
    assert shared_memory() <= shared
    return number


def trees(torture):
    """How many tree connects of one smbd there were."""
    number = torture.rounds(5000, 500)
    with torture.smbd() as server:
        client = SMBConnection(
            '127.0.0.1', '127.0.0.1', sess_port=server.port,
            preferredDialect=smb3structs.SMB2_DIALECT_21)
        client.login(USER, PASSWORD)

        def many(how_many):
            for _ in range(how_many):
                # Connects to the tree, and disconnects from it.
                client.listPath('share', '*')

        def size():
            segment, = server.latency.glob('smbd-*.segment')
            return segment.stat().st_blocks * 512

        many(FIRST)
        pid, = server.measured()
        before, bytes_before = state(pid), size()
        many(number - FIRST)
        compare(before, state(pid), 'smbd after %d tree connects' % number)
        assert size() <= bytes_before + SLACK_SEGMENT, \
            'the segment has grown from %d to %d' % (bytes_before, size())
        client.close()
        wait_for_end([pid])
        report = server.final_report()
        assert report['tree_connects'] == number
        assert report['unmeasured'] == 0
    return number


def run(torture):
    return ('%d connects, %d tree connects in one smbd: each counted, nothing '
            'left of them' % (connects(torture), trees(torture)))
