# SPDX-License-Identifier: GPL-3.0-or-later
"""The panels of the Grafana dashboard, drawn from the same queries: a real
Prometheus answers them, uPlot draws what it says."""

import json
import re
import subprocess
import time

from load import OBJECTS, TOP, copy, scenario
from conftest import READER  # pylint: disable=wrong-import-order
from test_dashboard import DASHBOARD, variables  # pylint: disable=wrong-import-order
from test_stat_metrics import Prometheus  # pylint: disable=wrong-import-order

WIDTH = 1200
# Rows of panels that would show no more.
LEFT_OUT = {'Shares', 'Clients'}
UPLOT = TOP / '.page/node_modules/uplot/dist'
DRAW = TOP / 'tests/pictures/dashboard.html'


def panels(dashboard):
    """Those of the rows that are shown."""
    row = None
    for panel in dashboard['panels']:
        if panel['type'] == 'row':
            row = panel['title']
        if row not in LEFT_OUT:
            yield panel


def answers(prometheus, dashboard, panel, start, end):
    """[(legend, [[time, value]])] of all that a panel asks."""
    for target in panel.get('targets', ()):
        query = target['expr'].replace('$__rate_interval', '5s')
        for name, variable in variables(dashboard).items():
            query = query.replace('$' + name, variable.get('allValue', ''))
        found = prometheus.ask('query_range', query=query, start=start,
                               end=end, step=1)
        for series in found['result']:
            legend = re.sub(r'{{(\w+)}}', lambda m, s=series:
                            s['metric'].get(m.group(1), ''),
                            target.get('legendFormat', ''))
            yield legend, [[at, float(value)]
                           for at, value in series['values']]


def drawn(prometheus, start, end):
    """The page that draws them."""
    dashboard = json.loads(DASHBOARD.read_text())
    data = [{'title': panel['title'], 'type': panel['type'],
             'at': panel['gridPos'],
             'unit': panel.get('fieldConfig', {}).get('defaults', {}).get(
                 'unit', 'none'),
             'series': list(answers(prometheus, dashboard, panel, start, end))}
            for panel in panels(dashboard)]
    # NaN, where there was nothing to divide by, is no JSON.
    text = json.dumps(data).replace('NaN', 'null').replace('</', '<\\/')
    page = DRAW.read_text()
    for name, what in (('STYLE', (UPLOT / 'uPlot.min.css').read_text()),
                       ('UPLOT', (UPLOT / 'uPlot.iife.min.js').read_text()),
                       ('DATA', text)):
        page = page.replace('@%s@' % name, what)
    return page


@scenario(objects=OBJECTS)
def scene(bench):
    """The panels as HTML."""
    exporter = subprocess.Popen(
        [READER, 'exporter', '--segments', bench.server.latency,
         '--listen=127.0.0.1:0', '--by', 'client'], stdout=subprocess.PIPE,
        universal_newlines=True)
    url = re.search(r'(http://\S+)/metrics', exporter.stdout.readline())
    prometheus = Prometheus(bench.files.parent, url.group(1))
    try:
        start = time.time()
        for _ in copy(bench, 24, range(9, 13)):
            time.sleep(1)
        time.sleep(2)
        return drawn(prometheus, start, time.time())
    finally:
        prometheus.stop()
        exporter.terminate()
        exporter.wait()
        exporter.stdout.close()


def settle(browser):
    browser.resize(WIDTH, 100)
