# SPDX-License-Identifier: GPL-3.0-or-later
"""The transport connections: what the kernel counts of them, how they are
protected, and what is left of them when they have ended."""

import json
import os
import re
import time

import pytest

from conftest import READER, run, wait_until
from network_box import CLIENT, CLIENT6, SERVER6, Network
from second_connection import connect, second_connection

DIALECTS = {'SMB2_02': '2.0.2', 'SMB2_10': '2.1', 'SMB3_00': '3.0',
            'SMB3_02': '3.0.2', 'SMB3_11': '3.1.1'}
FIGURES = ['retransmits', 'bytes_sent', 'bytes_received', 'segments_sent']


@pytest.fixture
def network():
    made = []

    def make(delay_ms, **options):
        made.append(Network())
        made[-1].open(delay_ms, **options)
        return made[-1]

    yield make
    for one in made:
        one.close()


def connections(server, *options):
    return json.loads(server.show('connections', '--json', *options))


def only(server, *options):
    found = connections(server, *options)['connections']
    assert len(found) == 1, found
    return found[0]


def fetch(server, client, tmp_path, size):
    """The client reads a file of so many bytes."""
    (server.share / 'large').write_bytes(os.urandom(size))
    client.run('lcd %s' % tmp_path)
    client.run('get large')
    assert (tmp_path / 'large').stat().st_size == size
    # What is not acknowledged yet is so when the next reply is made.
    client.run('ls')
    client.run('ls')


def test_losses_and_bytes_are_those_of_the_kernel(smbd, network, tmp_path):
    net = network(1, lose=50)
    server = net.start(smbd(start=False))
    client = net.client(server)
    fetch(server, client, tmp_path, 4 << 20)
    # A retransmit may come after a reply, until all is acknowledged.
    for _ in range(20):
        before = net.sockets(server)
        client.run('volume')
        one = only(server)
        after = net.sockets(server)
        lost = [int(re.search(r'retrans:\d+/(\d+)', text).group(1))
                for text in (before, after)]
        if lost[0] == lost[1]:
            break
    sent, again, received = (
        [int(re.search(word + r':(\d+)', text).group(1))
         for text in (before, after)]
        for word in ('bytes_sent', 'bytes_retrans', 'bytes_received'))
    assert lost[0] == lost[1] == one['retransmits'] > 0
    assert again[0] == again[1] > 0
    assert sent[0] - again[0] < one['bytes_sent'] <= sent[1] - again[1]
    assert received[0] < one['bytes_received'] <= received[1]
    assert one['bytes_sent'] > 4 << 20
    # Each 50th was lost, and others may have been sent again in vain.
    assert one['segments_sent'] / 60 <= one['retransmits']
    assert one['min_rtt_us'] >= 2000
    assert one['min_rtt_us'] <= one['rtt_us']


def test_an_open_connection_is_shown_as_it_is(smbd, network, tmp_path):
    net = network(1)
    server = net.start(smbd(start=False))
    client = net.client(server)
    fetch(server, client, tmp_path, 4 << 20)
    one = only(server)
    assert one['open'] is True
    assert (one['client'], one['channels'], one['connections']) == \
        (CLIENT, 1, 1)
    assert one['pid'] in server.measured()
    assert one['sampled'] >= one['began']
    assert one['ended'] is None


def fetch_slowly(smbd, network, tmp_path, command, global_lines=()):
    net = network(5)
    server = smbd(global_lines=global_lines, start=False)
    net.start(server)
    net.run(*[word % {'device': net.device(0)} if isinstance(word, str)
              else word for word in command])
    began = time.monotonic()
    client = net.client(server)
    fetch(server, client, tmp_path, 2 << 20)
    return only(server), (time.monotonic() - began) * 1e6


def test_a_slow_line_is_what_limits(smbd, network, tmp_path):
    one, took_us = fetch_slowly(
        smbd, network, tmp_path,
        (0, 'tc', 'qdisc', 'add', 'dev', '%(device)s', 'root', 'tbf', 'rate',
         '10mbit', 'burst', '16kb', 'latency', '400ms'))
    assert one['busy_us'] <= took_us
    # There was always something to be sent, and the rate is the line's.
    assert one['busy_us'] >= 8 * (2 << 20) / 10
    assert 0 < one['sent_mbit_s'] <= 10.1
    assert one['receiver_limited_us'] < 0.2 * one['busy_us']
    assert one['buffer_limited_us'] < 0.1 * one['busy_us']


def test_a_small_window_of_the_client_is_what_limits(smbd, network, tmp_path):
    one, _ = fetch_slowly(
        smbd, network, tmp_path,
        (1, 'sysctl', '-qw', 'net.ipv4.tcp_rmem=8192 8192 8192'))
    assert one['receiver_limited_us'] > 0.5 * one['busy_us']
    assert one['buffer_limited_us'] < 0.2 * one['busy_us']


def test_a_small_send_buffer_is_what_limits(smbd, network, tmp_path):
    one, _ = fetch_slowly(
        smbd, network, tmp_path, (0, 'true'),
        ['socket options = TCP_NODELAY SO_SNDBUF=4096'])
    assert one['buffer_limited_us'] > 0.2 * one['busy_us']
    assert one['receiver_limited_us'] < 0.2 * one['busy_us']


def test_ipv6(smbd, network):
    net = network(0)
    server = net.start(smbd(start=False))
    net.client(server, SERVER6)
    one = only(server)
    assert one['client'] == CLIENT6
    assert one['port'] == int(re.search(r'\[%s\]:(\d+)' % CLIENT6,
                                        net.sockets(server)).group(1))
    assert one['min_rtt_us'] > 0


@pytest.mark.parametrize('protocol', DIALECTS)
def test_dialect_and_protection(smbd, protocol):
    server = smbd()
    options = ['--option=clientminprotocol=' + protocol,
               '--option=clientmaxprotocol=' + protocol]
    seen = {}
    for protection in 'off', 'sign', 'encrypt':
        if protection == 'encrypt' and protocol < 'SMB3':
            continue
        client = server.client(options=options + [
            '--client-protection=' + protection])
        client.run('mkdir a')
        client.run('rmdir a')
        one = max(connections(server)['connections'],
                  key=lambda c: c['began'])
        assert one['dialect'] == DIALECTS[protocol]
        assert one['requests'] >= 4
        seen[protection] = (one['signed_requests'] / one['requests'],
                            one['encrypted_requests'] / one['requests'])
    # What makes sure of the dialect is signed, whoever asks for that.
    assert seen['off'][1] == 0
    assert seen['off'][0] < 0.5
    assert seen['sign'] == (1, 0)
    assert seen.get('encrypt', (0, 1)) == (0, 1)
    text = server.show('connections')
    assert DIALECTS[protocol] in text and 'sign' in text


def test_what_has_ended_is_kept_by_client_and_dialect(smbd):
    server = smbd()
    counted = []
    for protocol in 'SMB3_11', 'SMB2_10', 'SMB3_11':
        client = server.client(options=[
            '--option=clientmaxprotocol=' + protocol])
        client.run('mkdir a')
        client.run('rmdir a')
        counted.append(max(connections(server)['connections'],
                           key=lambda c: c['began']))
        client.close()
    server.final_report()
    kept = connections(server)['connections']
    assert sorted(c['dialect'] for c in kept) == ['2.1', '3.1.1']
    for one in kept:
        mine = [c for c in counted if c['dialect'] == one['dialect']]
        assert (one['open'], one['pid'], one['channels']) == \
            (False, None, None)
        assert one['connections'] == one['known'] == len(mine)
        for figure in FIGURES:
            # The end of a session takes some more.
            assert one[figure] >= sum(c[figure] for c in mine) > 0 or \
                figure == 'retransmits'
        assert one['requests'] >= sum(c['requests'] for c in mine)
        assert one['began'] == min(c['began'] for c in mine)
        assert one['ended'] > max(c['began'] for c in mine)


def test_a_client_that_is_killed_is_sampled_once_more(smbd, tmp_path):
    server = smbd()
    client = server.client()
    fetch(server, client, tmp_path, 1 << 20)
    # Within 20 ms after the last sample there is none.
    time.sleep(0.1)
    client.process.kill()
    client.process.wait()
    server.final_report()
    one = only(server)
    assert one['open'] is False
    assert one['bytes_sent'] > 1 << 20


def test_of_smb1_the_connection_is_known_but_no_requests(smbd):
    server = smbd(global_lines=['server min protocol = NT1'])
    client = server.client(options=['--option=clientminprotocol=NT1',
                                    '--option=clientmaxprotocol=NT1'])
    client.run('mkdir a')
    client.run('rmdir a')
    one = only(server)
    assert one['dialect'] == '1'
    assert one['requests'] == 0
    assert one['bytes_sent'] > 0


def test_each_of_a_clients_connections_is_shown(smbd):
    server = smbd()
    client = connect(server)

    def by_port():
        found = connections(server)['connections']
        return {c['port']: c for c in found if c['open']}

    with second_connection(server, client) as second:
        # It is seen when smbd samples the next time.
        time.sleep(0.05)
        client.listPath('share', '*')
        ports = {client.getSMBServer().get_socket().getsockname()[1],
                 second.getsockname()[1]}
        assert set(by_port()) == ports
        one, other = (by_port()[port] for port in sorted(
            ports, key=lambda port: port == second.getsockname()[1]))
        assert one['pid'] == other['pid'] == server.measured()[0]
        assert one['dialect'] == other['dialect'] == '3.0'
        # The other has but negotiated.
        assert one['requests'] > 0 and other['requests'] == 0
        assert one['bytes_received'] > other['bytes_received'] > 0
        assert other['min_rtt_us'] > 0

    def has_ended():
        client.listPath('share', '*')
        return len(by_port()) == 1
    wait_until(has_ended, what='the second connection to end')
    assert by_port()[one['port']]['requests'] > one['requests']
    client.close()


def metric(server, name):
    text = server.show('--openmetrics')
    return float(re.search(r'^smblatency_%s ([\d.]+)$' % name, text,
                           re.M).group(1))


def test_metrics_are_the_sums_and_do_not_go_back(smbd, tmp_path):
    server = smbd()
    first = server.client()
    fetch(server, first, tmp_path, 1 << 20)
    second = server.client(options=['--client-protection=encrypt'])
    second.run('ls')
    found = connections(server)['connections']
    assert metric(server, 'connections_open') == 2
    assert metric(server, 'connections_total') == 2
    for figure in FIGURES + ['requests', 'encrypted_requests']:
        assert metric(server, 'connection_%s_total' % figure) == \
            sum(c[figure] for c in found)
    busy = metric(server, 'connection_busy_seconds_total')
    assert busy == pytest.approx(sum(c['busy_us'] for c in found) / 1e6)
    sent = metric(server, 'connection_bytes_sent_total')
    server.final_report()
    assert metric(server, 'connections_open') == 0
    assert metric(server, 'connections_total') == 2
    assert metric(server, 'connection_bytes_sent_total') >= sent


def test_why_tells_of_losses(smbd, network, tmp_path):
    net = network(1, lose=20)
    server = net.start(smbd(global_lines=['smb2 max read = 65536'],
                            start=False))
    fetch(server, net.client(server), tmp_path, 8 << 20)
    findings = json.loads(server.show('why', '--json'))['findings']
    supply = [f for f in findings if f['cause'] == 'supply']
    assert len(supply) == 1, findings
    lost = [f for f in supply[0]['figures'] if f['name'] == 'lost']
    assert 0.02 < lost[0]['value'] < 0.2
    assert 'of what was sent was lost' in supply[0]['evidence']


def test_only_what_is_asked_for(smbd):
    server = smbd()
    first, second = server.client(), server.client()
    first.run('ls')
    second.run('ls')
    pid = server.measured()[0]
    assert [c['pid'] for c in connections(server, str(pid))['connections']] \
        == [pid]
    assert len(connections(server, '--client', '127.0.0.1')['connections']) \
        == 2
    assert connections(server, '--client', '10.0.0.1')['connections'] == []
    for word in '--share', '--user':
        result = run(READER, '--segments', server.latency, 'connections', word,
                     'a', check=False)
        assert result.returncode != 0 and word in result.stderr


@pytest.mark.parametrize('width', [20, 40, 79, 200])
def test_lines_fit(smbd, width):
    server = smbd()
    server.client().run('ls')
    server.client().close()
    lines = run(READER, '--segments', server.latency, 'connections',
                env=dict(os.environ, COLUMNS=str(width))).stdout.splitlines()
    assert all(len(line) <= width for line in lines), lines
    assert '127.0.0.1' in lines[1 if width > 76 else 2]
