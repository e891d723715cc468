# SPDX-License-Identifier: GPL-3.0-or-later
"""What is under way when a report is made is what it is, and stays that."""

import time

import pytest

from test_wall_clock import PARTS

# The op hangs for so long, and is looked at so often meanwhile.
HANGS_MS = 1500
PAUSE_S = 0.02


@pytest.mark.parametrize('op, command', [
    ('openat', 'get file /dev/null'), ('fstat', 'get file /dev/null'),
    ('mkdirat', 'mkdir directory')])
def test_a_hanging_op_is_vfs_time_and_no_part_goes_back(smbd, op, command):
    server = smbd(objects='latency inject', share_lines=[
        'inject:op = ' + op, 'inject:ms = %d' % HANGS_MS])
    (server.share / 'file').write_text('x')
    client = server.client()
    reports = [server.report()]
    client.send(command)
    while not client.answered():
        reports.append(server.report())
        time.sleep(PAUSE_S)
    reports.append(server.report())
    times = [report['time'] for report in reports]

    # While it hangs, most of what passes is VFS time.
    middle = times[len(times) // 2]
    assert middle['vfs_us'] - times[0]['vfs_us'] > HANGS_MS * 1000 / 10
    assert middle['other_us'] - times[0]['other_us'] < 100000
    assert times[-1]['vfs_us'] - times[0]['vfs_us'] >= HANGS_MS * 1000 - 1
    # What is under way may turn out to be something; nothing else shrinks.
    for before, after in zip(times, times[1:]):
        for part in PARTS[:-1] + ('wall_us',):
            assert after[part] >= before[part], part
