# SPDX-License-Identifier: GPL-3.0-or-later
"""A fleet: what one Prometheus needs for 1,000 file servers.

A real Prometheus scrapes the exporter of one simulated server (make_segments:
so many clients, one tree connect each) as if it were many, each with labels of
its own. Its CPU time and memory are those of so many series; what 1,000 hosts
take when they are scraped each 15 s is that, multiplied: an estimate. The
exporter's CPU time is that of one host.
"""

import json
import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

from part_reader import segments
from smbd import READER, Problem, wait_until

CLIENTS = 100
SCRAPE_S, SETTLE_S, MEASURE_S = 5, 15, 60
FLEET, FLEET_SCRAPE_S = 1000, 15
APPENDED = 'prometheus_tsdb_head_samples_appended_total'
# How the exporter is asked, and as how many hosts.
WAYS = {'by share': (40, []), 'by share and client': (4, ['--by', 'client']),
        'by share, at 8 buckets': (20, ['--resolution=8'])}


def cpu_s(pid):
    fields = Path('/proc/%d/stat' % pid).read_text().rsplit(')', 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')


def resident_mib(pid):
    return int(re.search(r'^RssAnon:\s+(\d+)', Path(
        '/proc/%d/status' % pid).read_text(), re.M).group(1)) / 1024


def get(url):
    with urllib.request.urlopen(url, timeout=60) as answer:
        return answer.read()


def figure(url, name):
    """Of what Prometheus tells of itself; 0: nothing so far."""
    try:
        found = re.search(r'^%s(?:{[^}]*})? (\S+)' % name,
                          get(url + '/metrics').decode(), re.M)
    except OSError:
        return 0
    return float(found.group(1)) if found else 0


def free_port():
    with socket.socket() as one:
        one.bind(('127.0.0.1', 0))
        return one.getsockname()[1]


def prometheus(directory, target, hosts):
    """It, scraping a target as so many of them; its address."""
    address = '127.0.0.1:%d' % free_port()
    (directory / 'prometheus.yml').write_text(json.dumps({
        'global': {'scrape_interval': '%ds' % SCRAPE_S},
        'scrape_configs': [{'job_name': 'samba', 'static_configs': [
            {'targets': [target], 'labels': {'host': 'host%d' % number}}
            for number in range(hosts)]}]}))
    return subprocess.Popen(
        ['prometheus', '--config.file=%s/prometheus.yml' % directory,
         '--storage.tsdb.path=%s/data' % directory,
         '--web.listen-address=' + address, '--log.level=error'],
        ), 'http://' + address


def measure_one(directory, segments_directory, hosts, options):
    with subprocess.Popen(
            [READER, '--segments', segments_directory, 'exporter',
             '--listen=127.0.0.1:0', *options],
            stdout=subprocess.PIPE, universal_newlines=True) as exporter:
        asks = None
        try:
            url = re.search(r'http://(\S+?)/', exporter.stdout.readline())
            size = len(get('http://%s/metrics' % url.group(1)))
            asks, address = prometheus(directory, url.group(1),
                                       hosts)
            wait_until(lambda: figure(address, APPENDED), 60, 'a scrape')
            time.sleep(SETTLE_S)
            before = (cpu_s(asks.pid), cpu_s(exporter.pid),
                      figure(address, APPENDED))
            time.sleep(MEASURE_S)
            after = (cpu_s(asks.pid), cpu_s(exporter.pid),
                     figure(address, APPENDED))
            series = figure(address, 'prometheus_tsdb_head_series') / hosts
            memory = resident_mib(asks.pid)
        finally:
            exporter.terminate()
            if asks:
                asks.terminate()
                asks.wait()
    cpu, own, samples = (end - begin for begin, end in zip(before, after))
    scrapes = samples / series
    return {'series a host': series, 'KiB a scrape': size / 1024,
            'exporter CPU ms a scrape': own / scrapes * 1000,
            'Prometheus CPU ms a scrape': cpu / scrapes * 1000,
            'KiB a series': memory * 1024 / series / hosts,
            '%d hosts: series' % FLEET: series * FLEET,
            'samples/s': series * FLEET / FLEET_SCRAPE_S,
            'CPUs': cpu / scrapes * FLEET / FLEET_SCRAPE_S,
            'GiB': memory / hosts * FLEET / 1024}


def measure(_, options):
    if not shutil.which('prometheus'):
        raise Problem('there is no prometheus: see script/install-packages')
    rows = []
    for name, (hosts, words) in WAYS.items():
        with segments(CLIENTS) as directory, \
                tempfile.TemporaryDirectory() as data:
            rows.append({'metrics': name,
                         **measure_one(Path(data), directory, hosts, words)})
        options.progress(rows[-1])
    return {'fleet': rows}
