# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting for the network is told from waiting for the client."""

import os
import time

import pytest

from network_box import Network

FILES = 60


@pytest.fixture
def network():
    made = []

    def make(delay_ms):
        made.append(Network())
        made[-1].open(delay_ms)
        return made[-1]

    yield make
    for one in made:
        one.close()


def requests(report):
    return sum(row['count'] for row in report['smb2_requests'].values())


def grown(first, second):
    return {part: second['time'][part] - first['time'][part]
            for part in first['time']}


def learn(client):
    """Until it is seen to wait for each reply."""
    for _ in range(4):
        client.run('ls')


@pytest.mark.parametrize('delay_ms', [0, 1, 10])
def test_a_round_trip_of_each_request_is_the_networks(smbd, network, tmp_path,
                                                      delay_ms):
    net = network(delay_ms)
    server = net.start(smbd(start=False))
    for number in range(FILES):
        (tmp_path / ('file%02d' % number)).write_bytes(os.urandom(10240))
    client = net.client(server)
    client.run('prompt')
    client.run('lcd %s' % tmp_path)
    learn(client)
    first = server.report()
    client.run('mput file*')
    second = server.report()
    time_ = grown(first, second)
    rtt_us = net.min_rtt_us(server)
    assert rtt_us >= 2000 * delay_ms

    # smbclient makes one request at a time.
    expected = (requests(second) - requests(first)) * rtt_us
    assert requests(second) - requests(first) >= 3 * FILES
    if delay_ms == 0:
        # On a busy machine it passes while smbd sends. The minimum may have
        # been a larger one at the beginning.
        assert 0 < time_['waiting_network_us'] <= 2 * expected
    else:
        assert abs(time_['waiting_network_us'] - expected) <= 0.1 * expected
    if delay_ms == 10:
        assert time_['waiting_network_us'] > 3 * time_['waiting_client_us']


def test_a_client_that_thinks_is_not_the_network(smbd, network):
    net = network(2)
    server = net.start(smbd(start=False))
    client = net.client(server)
    learn(client)
    reports = [server.report()]
    for thinks_s in 0, 0.05:
        for _ in range(40):
            client.run('mkdir a')
            client.run('rmdir a')
            time.sleep(thinks_s)
        reports.append(server.report())
    quick, slow = (grown(*reports[i:i + 2]) for i in (0, 1))
    assert quick['waiting_network_us'] > 0
    assert abs(slow['waiting_network_us'] - quick['waiting_network_us']) <= \
        0.1 * quick['waiting_network_us']
    assert slow['waiting_client_us'] - quick['waiting_client_us'] >= \
        0.8 * 40 * 50000


def test_what_many_requests_wait_for_together_is_not_the_networks(
        smbd, network, tmp_path):
    """They come sooner than a round trip after a reply: for another one, or
    because the client has thought; that is not known."""
    net = network(10)
    server = smbd(start=False)
    server.global_lines += ['smb2 max write = 65536']
    net.start(server)
    (tmp_path / 'large').write_bytes(os.urandom(48 << 20))
    client = net.client(server)
    client.run('lcd %s' % tmp_path)
    learn(client)
    first = server.report()
    client.run('put large')
    second = server.report()
    time_ = grown(first, second)
    writes = second['smb2_requests']['SMB2_OP_WRITE']['count']
    assert writes >= 192
    # Opened, closed, and what came before all of them were under way.
    assert time_['waiting_network_us'] <= 12 * net.min_rtt_us(server)
    assert time_['waiting_client_us'] > time_['waiting_network_us']


def test_no_part_goes_back_while_a_round_trip_is_waited_for(smbd, network):
    net = network(20)
    server = net.start(smbd(start=False))
    client = net.client(server)
    before = server.report()['time']
    seen = 0
    client.send(';'.join(['mkdir a', 'rmdir a']))
    for _ in range(30):
        client.wait()
        client.send('ls')
        while not client.answered():
            after = server.report()['time']
            seen += 1
            for part in set(before) - {'under_way_us'}:
                assert after[part] >= before[part], part
            before = after
    client.wait()
    assert seen >= 30


def test_nothing_is_the_networks_where_requests_are_not_followed(smbd):
    server = smbd(global_lines=['server min protocol = NT1'])
    client = server.client(options=['--option=clientminprotocol=NT1',
                                    '--option=clientmaxprotocol=NT1'])
    client.run('mkdir a')
    assert server.final_report()['time']['waiting_network_us'] == 0
