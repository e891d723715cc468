# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules and dashboard: a real Prometheus has data for each of their queries,
and alerts fire for what is slow or hangs, and for nothing else."""

import json
import re
import shutil

import pytest

from conftest import TOP, run, wait_until
from test_stat_metrics import Prometheus, exporter  # noqa: F401

RULES = TOP / 'packaging/prometheus/smblatency.rules.yml'
DASHBOARD = TOP / 'packaging/grafana/smblatency.json'

# Windows and limits of minutes become seconds: a test has no time.
FASTER = ((r'\[(5|15)m\]', '[10s]'), (r'for: \d+m', 'for: 0s'),
          (r'> 30\b', '> 4'), (r'> 60\b', '> 5'))


def faster(directory):
    """The rules, made quick; where they are."""
    text = RULES.read_text()
    for pattern, instead in FASTER:
        text, count = re.subn(pattern, instead, text)
        assert count, pattern
    (directory / 'rules.yml').write_text(text)
    return directory / 'rules.yml'


@pytest.fixture
def prometheus(tmp_path, exporter):  # noqa: F811
    """prometheus(server): one that evaluates our rules over its metrics."""
    started = []

    def start(server):
        started.append(Prometheus(tmp_path, exporter(
            server, '--by', 'client'), faster(tmp_path)))
        wait_until(lambda: started[0].query('up{job="samba"} == 1'),
                   timeout=60, what='the first scrape')
        return started[0]

    yield start
    for one in started:
        one.stop()


def rules_of(prometheus):  # pylint: disable=redefined-outer-name
    groups = prometheus.ask('rules')['groups']
    return [rule for group in groups for rule in group['rules']]


def firing(prometheus):  # pylint: disable=redefined-outer-name
    """Names of the alerts that fire."""
    return {alert['labels']['alertname']
            for alert in prometheus.ask('alerts')['alerts']
            if alert['state'] == 'firing'}


def variables(dashboard):
    return {v['name']: v for v in dashboard['templating']['list']}


def queries(dashboard):
    """(panel, query), as Grafana makes it with "All" chosen everywhere."""
    names = variables(dashboard)
    for panel in dashboard['panels']:
        for target in panel.get('targets', ()):
            text = target['expr'].replace('$__rate_interval', '10s')
            for name, variable in names.items():
                text = text.replace('$' + name, variable.get('allValue', ''))
            assert '$' not in text, text
            yield panel['title'], text


def without_limits(query):
    """What an alert compares with its limits."""
    return re.sub(r'\s>\s*[\d.]+', '', query)


def test_rules_pass_their_test(tmp_path):
    for file in RULES.parent.iterdir():
        shutil.copy(file, tmp_path)
    run('promtool', 'check', 'rules', RULES.name, cwd=tmp_path)
    run('promtool', 'test', 'rules', 'smblatency.rules.test.yml',
        cwd=tmp_path)


def test_every_query_has_data_and_nothing_fires_on_a_healthy_server(
        smbd, tmp_path, prometheus):  # pylint: disable=redefined-outer-name
    server = smbd()
    asked = prometheus(server)
    client = server.client()
    # A request that is pending, and ends.
    (server.share / 'watched').mkdir()
    watcher = server.client()
    (tmp_path / 'file').write_bytes(b'x' * 10000)
    copy = ['lcd %s' % tmp_path, 'put file copy', 'get copy back', 'ls',
            'rm copy', 'rm copy']
    dashboard = json.loads(DASHBOARD.read_text())
    wanted = dict()
    for number, (panel, query) in enumerate(queries(dashboard)):
        wanted['%s %d' % (panel, number)] = query
    seen_firing = set()

    def all_have_data():
        (server.share / 'watched' / 'new').write_text('x')
        for command in copy:
            client.run(command)
        (server.share / 'watched' / 'new').unlink()
        seen_firing.update(firing(asked))
        for name, query in list(wanted.items()):
            if asked.query(query):
                del wanted[name]
        return not wanted

    watcher.send('notify watched')
    try:
        wait_until(all_have_data, timeout=60, what='the dashboard')
    except AssertionError:
        raise AssertionError('no data: %s\n%s' % (
            sorted(wanted), asked.ask('targets'))) from None
    for name, variable in variables(dashboard).items():
        found = re.match(r'label_values\((.*), (\w+)\)',
                         variable.get('definition', ''))
        assert found or variable['type'] == 'datasource'
        if found:
            query = found.group(1)
            for other in variables(dashboard):
                query = query.replace('$' + other, '.*')
            labels = [dict(key) for key in asked.query(query)]
            assert labels and all(found.group(2) in of for of in labels), name
    rules = rules_of(asked)
    assert len(rules) == RULES.read_text().count('expr:')
    for rule in rules:
        assert rule['health'] == 'ok', rule
        query = without_limits(rule['query'])
        wait_until(lambda query=query: asked.query(query), what=query)
    # Machines that run tests may really lack CPUs.
    assert seen_firing <= {'SmbWaitsForCpu'}


@pytest.mark.parametrize('ms, alert, silent', [
    # Calls that end, each above the limit, and none as long as a hung one.
    (1500, 'SmbOperationsSlow', {'SmbOperationHangs', 'SmbRequestHangs'}),
    # One that is slow when it ends is no mistake: it ends late, too.
    (8000, 'SmbOperationHangs', set())])
def test_an_alert_fires_for_what_is_slow_and_for_what_hangs(
        smbd, prometheus, ms, alert,  # pylint: disable=redefined-outer-name
        silent):
    server = smbd(objects='latency inject', share_lines=[
        'inject:op = mkdirat', 'inject:ms = %d' % ms, 'inject:sleep = yes'])
    asked = prometheus(server)
    client = server.client()
    # A series that is new has no rate yet.
    client.run('mkdir before')
    wait_until(lambda: asked.query(
        'smblatency_vfs_operation_duration_seconds_count{op="mkdirat"}'),
        timeout=30, what='the scrape of a call')
    wait_until(lambda: not firing(asked) - {'SmbWaitsForCpu'}, timeout=60,
               what='silence')
    made = []

    def fires():
        if client.answered():
            made.append('mkdir d%d' % len(made))
            client.send(made[-1])
        now = firing(asked)
        assert not now & silent or alert in now
        return alert in now

    wait_until(fires, timeout=60, what=alert)
    client.wait()
