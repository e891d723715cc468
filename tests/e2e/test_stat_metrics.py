# SPDX-License-Identifier: GPL-3.0-or-later
"""Metrics: a real Prometheus scrapes the exporter, promtool checks it."""

import json
import re
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request

import pytest

from conftest import READER, run, wait_until
from test_stat_interval import settled

OPEN = 'application/openmetrics-text; version=1.0.0'


def free_port():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


@pytest.fixture
def exporter():
    """exporter(server, options...): the base URL of one that runs."""
    started = []

    def start(server, *options):
        process = subprocess.Popen(
            [READER, 'exporter', '--segments', server.latency,
             '--listen=127.0.0.1:0', *options], stdout=subprocess.PIPE,
            universal_newlines=True)
        started.append(process)
        line = process.stdout.readline()
        return re.search(r'(http://\S+)/metrics', line).group(1)

    yield start
    for process in started:
        process.terminate()
        assert process.wait(10) == 0
        process.stdout.close()


def get(url, accept=None, method='GET', data=None):
    request = urllib.request.Request(url, method=method, data=data)
    if accept:
        request.add_header('Accept', accept)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read().decode()


def promtool(text):
    result = run('promtool', 'check', 'metrics', stdin=None, input=text,
                 check=False)
    return result.returncode, result.stdout + result.stderr


def test_answers(smbd, exporter):
    server = smbd()
    server.client().run('ls')
    url = exporter(server)
    status, headers, body = get(url + '/metrics')
    assert status == 200
    assert headers['Content-Type'] == \
        'text/plain; version=0.0.4; charset=utf-8'
    assert promtool(body) == (0, '')
    assert '# EOF' not in body

    status, headers, body = get(url + '/metrics', OPEN + ',text/plain;q=0.5')
    assert headers['Content-Type'] == OPEN + '; charset=utf-8'
    assert body.endswith('# EOF\n') and body.count('# EOF') == 1

    assert get(url + '/')[0] == 200
    assert 'text/html' in get(url + '/')[1]['Content-Type']
    assert get(url + '/other')[0] == 404
    status, headers, body = get(url + '/metrics', method='HEAD')
    assert (status, body) == (200, '')
    status, headers, body = get(url + '/metrics', method='POST', data=b'x' * 9)
    assert status == 405 and headers['Allow'] == 'GET, HEAD'
    assert get(url + '/metrics', method='DELETE')[0] == 405


def test_no_segments_yet(smbd, exporter):
    server = smbd()
    status, _, body = get(exporter(server) + '/metrics')
    assert status == 200 and 'smblatency_processes 0\n' in body
    assert promtool(body) == (0, '')


def test_openmetrics_for_the_textfile_collector(smbd):
    server = smbd()
    server.client().run('ls')
    text = server.show('--openmetrics')
    assert text.endswith('# EOF\n')
    # The collector's parser takes it; the linter misses the counters' help.
    status, said = promtool(text)
    assert status in (0, 3) and 'error while' not in said
    assert promtool(server.show('--prometheus')) == (0, '')


def buckets_of(text):
    """By name and labels: the buckets, each its bound and count."""
    series = {}
    for labels, bound, value in re.findall(
            r'^(\w+_bucket\{.*),le="([^"]+)"\} (\d+)$', text, re.M):
        series.setdefault(labels, []).append((float(bound), int(value)))
    return series


def test_buckets_are_cumulative_and_end_in_the_count(smbd):
    server = smbd()
    server.smbclient(['mkdir x', 'ls'])
    report = server.final_report()
    series = buckets_of(server.show('--prometheus'))
    assert len(series) == sum(len(report[table]) for table in (
        'smb2_requests', 'pending', 'logon', 'vfs_operations'))
    for buckets in series.values():
        assert buckets == sorted(buckets)
        counts = [count for _, count in buckets]
        assert counts == sorted(counts)


def test_a_resolution_adds_bounds_and_changes_no_count(smbd, exporter):
    server = smbd()
    server.smbclient(['mkdir x', 'ls'])
    report = server.final_report()
    usual = buckets_of(server.show('--prometheus'))
    assert usual == buckets_of(server.show('--prometheus', '--resolution=1'))
    coarser = usual
    for resolution, bounds in (1, 27), (2, 53), (4, 105), (8, 256):
        url = exporter(server, '--resolution=%d' % resolution)
        body = get(url + '/metrics')[2]
        assert promtool(body) == (0, '')
        series = buckets_of(body)
        assert series.keys() == usual.keys()
        for labels, buckets in series.items():
            assert len(buckets) == bounds
            assert set(coarser[labels]) <= set(buckets)
        coarser = series
    # At the full one each bucket is one of the histogram's.
    for name, dimension, table in (
            ('smb2_request', 'request', 'smb2_requests'),
            ('vfs_operation', 'op', 'vfs_operations')):
        for key, row in report[table].items():
            labels, = [
                labels for labels in coarser if '%s="%s"' % (dimension, key)
                in labels and labels.startswith('smblatency_%s_duration'
                                                % name)]
            below = dict(coarser[labels])
            counted = 0
            for _, upper, count in row['histogram']:
                counted += count
                bound = float('inf') if upper is None else upper / 1e9
                assert below[bound] == counted
            assert counted == row['count'] == below[float('inf')]


def test_users_and_clients_only_on_demand_and_bounded(smbd):
    server = smbd()
    server.smbclient('ls')
    assert 'user="' not in server.show('--prometheus')
    text = server.show('--prometheus', '--by', 'user,client')
    assert 'user="root",client="127.0.0.1"' in text
    result = run(READER, '--prometheus', '--by', 'process', check=False)
    assert result.returncode == 2


@pytest.mark.parametrize('said', [b'', b'GET /metrics HTTP/1.1\r\nX: '])
def test_idle_clients_do_not_keep_a_scrape_waiting(smbd, exporter, said):
    server = smbd()
    server.client().run('ls')
    url = exporter(server)
    host, port = url.replace('http://', '').split(':')
    idle = []
    try:
        for _ in range(100):
            idle.append(socket.create_connection((host, int(port))))
            idle[-1].sendall(said)
        started = time.monotonic()
        assert get(url + '/metrics')[0] == 200
        assert time.monotonic() - started < 5
    finally:
        for connection in idle:
            connection.close()


def test_clients_that_do_not_read_give_way(smbd, exporter):
    server = smbd()
    server.client().run('ls')
    url = exporter(server)
    host, port = url.replace('http://', '').split(':')
    slow = []
    try:
        for _ in range(60):
            slow.append(socket.create_connection((host, int(port))))
            slow[-1].sendall(b'GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n')
        assert get(url + '/metrics')[0] == 200
    finally:
        for connection in slow:
            connection.close()


@pytest.mark.parametrize('listen', ['[]:0', '[:0', ']:0', '::1:0', '[::1:0'])
def test_what_is_no_address_is_not_listened_on(tmp_path, listen):
    result = run(READER, 'exporter', '--segments', tmp_path, '--listen',
                 listen, check=False, timeout=20)
    assert result.returncode == 2
    assert listen in result.stderr


def test_shares_without_a_label(smbd):
    server = smbd()
    server.client().run('ls')
    text = server.show('--prometheus', '--max-shares', '0')
    assert set(re.findall(r'share="([^"]*)"', text)) == {'(others)'}
    assert 'share="share"' in server.show('--prometheus')


# --- Prometheus -------------------------------------------------------------------

class Prometheus:
    def __init__(self, directory, target, rules=None):
        assert shutil.which('prometheus'), 'see script/install-packages'
        self.url = 'http://127.0.0.1:%d' % free_port()
        (directory / 'prometheus.yml').write_text(json.dumps({
            'global': {'scrape_interval': '1s', 'scrape_timeout': '1s',
                       'evaluation_interval': '1s'},
            'rule_files': [str(rules)] if rules else [],
            'scrape_configs': [{
                'job_name': 'samba', 'static_configs': [
                    {'targets': [target.replace('http://', '')]}]}]}))
        self.process = subprocess.Popen(
            ['prometheus', '--config.file=%s/prometheus.yml' % directory,
             '--storage.tsdb.path=%s/data' % directory,
             '--web.listen-address=' + self.url.replace('http://', ''),
             '--log.level=error'])

    def ask(self, what, **arguments):
        try:
            with urllib.request.urlopen('%s/api/v1/%s?%s' % (
                    self.url, what, urllib.parse.urlencode(arguments)),
                    timeout=20) as answer:
                return json.load(answer)['data']
        except OSError:
            return None

    def query(self, query):
        data = self.ask('query', query=query)
        return {tuple(sorted(r['metric'].items())): float(r['value'][1])
                for r in data['result']} if data else {}

    def scraped(self, count):
        """Has this count of requests been scraped?"""
        found = self.query('sum(smblatency_smb2_request_duration_seconds'
                           '_count)')
        return found and list(found.values())[0] >= count

    def stop(self):
        self.process.terminate()
        self.process.wait()


def octave(ns):
    """The bucket of the metrics that a duration is in."""
    bound = 512
    while ns >= bound:
        bound *= 2
    return bound


def test_prometheus_scrapes_and_its_quantiles_are_ours(
        smbd, exporter, small_tree, tmp_path):
    server = smbd()
    url = exporter(server)
    prometheus = Prometheus(tmp_path, url)
    try:
        wait_until(lambda: prometheus.query('up{job="samba"} == 1'),
                   timeout=60, what='the first scrape')
        client = server.client()
        for command in small_tree:
            client.run(command)
        settled(server)
        report = server.report()
        total = sum(r['count'] for r in report['smb2_requests'].values())
        wait_until(lambda: prometheus.scraped(total), timeout=30,
                   what='the scrape after the copy')
        target, = prometheus.ask('targets')['activeTargets']
        assert target['health'] == 'up' and target['lastError'] == ''

        for name, dimension, of in (
                ('smb2_request', 'request', report['smb2_requests']),
                ('vfs_operation', 'op', report['vfs_operations'])):
            metric = 'smblatency_%s_duration_seconds' % name
            quantile = prometheus.query(
                'histogram_quantile(0.99, sum by (le, %s) (%s_bucket))'
                % (dimension, metric))
            count = prometheus.query('sum by (%s) (%s_count)'
                                     % (dimension, metric))
            errors = prometheus.query(
                'sum by (%s) (smblatency_%s_errors_total)'
                % (dimension, name))
            for key, values in of.items():
                label = ((dimension, key),)
                assert count[label] == values['count']
                assert errors[label] == values['failures']
                theirs = quantile[label] * 1e9
                assert octave(values['p99_ns']) / 2 <= theirs * 1.0001 and \
                    theirs <= octave(values['p99_ns']) * 1.0001, key
    finally:
        prometheus.stop()
