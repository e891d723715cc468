# SPDX-License-Identifier: GPL-3.0-or-later
"""A fleet: what one Prometheus needs for 1,000 file servers.

A real Prometheus scrapes the exporter of one simulated server (make_segments:
so many clients, one tree connect each) as if it were many, each with labels of
its own. Its CPU time and memory are those of so many series; what 1,000 hosts
take when they are scraped each 15 s is that, multiplied: an estimate. The
exporter's CPU time is that of one host.
"""

import json
import re
import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from part_reader import exporter, get, segments
from smbd import Problem, cpu_ns, wait_until

CLIENTS = 100
SCRAPE_S, SETTLE_S, MEASURE_S = 5, 15, 60
FLEET, FLEET_SCRAPE_S = 1000, 15
APPENDED = 'prometheus_tsdb_head_samples_appended_total'
# How the exporter is asked, and as how many hosts.
WAYS = {'by share': (40, []), 'by share and client': (4, ['--by', 'client']),
        'by share, at 8 buckets': (20, ['--resolution=8'])}


def resident_mib(pid):
    return int(re.search(r'^RssAnon:\s+(\d+)', Path(
        '/proc/%d/status' % pid).read_text(), re.M).group(1)) / 1024


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


@contextmanager
def prometheus(directory, target, hosts):
    """One that scrapes a target as so many of them: its process, and its URL."""
    address = '127.0.0.1:%d' % free_port()
    (directory / 'prometheus.yml').write_text(json.dumps({
        'global': {'scrape_interval': '%ds' % SCRAPE_S},
        'scrape_configs': [{'job_name': 'samba', 'static_configs': [
            {'targets': [target], 'labels': {'host': 'host%d' % number}}
            for number in range(hosts)]}]}))
    with subprocess.Popen(
            ['prometheus', '--config.file=%s/prometheus.yml' % directory,
             '--storage.tsdb.path=%s/data' % directory,
             '--web.listen-address=' + address, '--log.level=error']
            ) as process:
        try:
            yield process, 'http://' + address
        finally:
            process.terminate()


def measure_one(segments_directory, hosts, options):
    with tempfile.TemporaryDirectory() as data, \
            exporter(segments_directory, *options) as (asked, url), \
            prometheus(Path(data), urlsplit(url).netloc, hosts) as (
                asks, address):
        size = len(get(url))

        def now():
            """Seconds of CPU time of both, and samples so far."""
            return (cpu_ns(asks.pid) / 1e9, cpu_ns(asked.pid) / 1e9,
                    figure(address, APPENDED))

        wait_until(lambda: figure(address, APPENDED), 60, 'a scrape')
        time.sleep(SETTLE_S)
        before = now()
        time.sleep(MEASURE_S)
        cpu, own, samples = (
            end - begin for begin, end in zip(before, now()))
        series = figure(address, 'prometheus_tsdb_head_series') / hosts
        memory = resident_mib(asks.pid)
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
        with segments(CLIENTS) as directory:
            rows.append({'metrics': name,
                         **measure_one(directory, hosts, words)})
        options.progress(rows[-1])
    return {'fleet': rows}
