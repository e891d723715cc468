# SPDX-License-Identifier: GPL-3.0-or-later
"""Home shares of 300 users, and departed that are as large as they may become:
clients connect as fast as without, and nothing is lost."""

import os
import re
import subprocess
import time

from conftest import BUILD, READER, run

USERS = 300
# Of those that were there before.
DEAD = 3000


def home_shares(server, objects):
    """A share for each user, as [homes] gives."""
    for number in range(USERS):
        server.share_lines += ['[home%d]' % number,
                               'path = %s' % server.share, 'read only = no',
                               'vfs objects = ' + objects]
    return server.start()


def connect(server, number):
    """How long it took smbclient, in s."""
    start = time.monotonic()
    server.smbclient('ls', share='home%d' % number)
    return time.monotonic() - start


def median(values):
    return sorted(values)[len(values) // 2]


def due(server):
    """Lets the next smbd fold, as if the last time were long ago."""
    lock = server.latency / 'lock'
    if lock.exists():
        os.utime(lock, (1, 1))


def test_home_shares_of_many_users(smbd):
    server = home_shares(smbd(objects='', start=False), 'latency')
    took = []
    for number in range(USERS):
        if number % 20 == 0:
            due(server)
        took.append(connect(server, number))
    # They do not pile up where nobody asks for a report.
    assert len(list(server.latency.glob('smbd-*'))) < 60
    report = server.final_report('--by', 'share,op')
    assert sum(1 for entry in report['vfs_operations_by']
               if entry['op'] == 'connect') == USERS
    assert report['vfs_operations']['connect']['count'] == USERS
    assert report['unmeasured'] == 0
    assert server.complaints() == []
    # The last ones find the departed of all others.
    assert median(took[-30:]) < 2 * median(took[:30])


def leave_dead(server):
    """Segments of processes that have ended, of as many shares."""
    with subprocess.Popen(
            [BUILD / 'tests' / 'make_segments', server.latency, str(DEAD),
             str(DEAD)], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE) as maker:
        assert maker.stdout.readline() == b'ready\n'
        maker.stdin.close()


def report_without_a_word(server):
    result = run(READER, '--segments', server.latency, '-s')
    assert result.stderr == ''


def test_departed_at_their_limit(smbd):
    server = home_shares(smbd(objects='', start=False), 'latency')
    alone = median([connect(server, number) for number in range(20)])
    leave_dead(server)

    def connects():
        took = []
        for number in range(20):
            due(server)
            took.append(connect(server, number))
        return median(took)

    # Many are dead: no client waits until they are added up.
    assert connects() < 2 * alone
    report_without_a_word(server)
    # There is room for no more shares.
    shares = {entry['share'] for entry in
              server.report('--by', 'share')['vfs_operations_by']}
    assert '(others)' in shares and len(shares) < DEAD / 4
    assert (server.latency / 'departed.segment').stat().st_size <= 32 << 20
    # Whether one of these was the client that is meant is not known.
    client = min(entry['client'] for entry in server.report(
        '--by', 'client')['vfs_operations_by'] if entry['client'] != '(others)')
    left_out = server.report('--client', client)['summed_up_requests']
    assert left_out > 0
    assert re.search(r'^Not known whose, and left out: %d requests of \(others\)$'
                     % left_out, server.show('--client', client), re.M)
    stranger = run(READER, '--segments', server.latency, '--client',
                   '203.0.113.9', check=False)
    assert stranger.returncode == 1
    assert 'no tree connect is known from client 203.0.113.9' in stranger.stderr
    assert '(others) are not kept' in stranger.stderr
    assert server.report()['summed_up_requests'] == 0
    assert connects() < 2 * alone
    for _ in range(3):
        report_without_a_word(server)
    assert server.final_report()['departed_processes'] == DEAD + 60
    assert server.complaints() == []
