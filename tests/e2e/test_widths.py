# SPDX-License-Identifier: GPL-3.0-or-later
"""Every view at some widths of a terminal: from 80 columns on no line is longer
than that, below it ends as well; and locales make no difference.
"""

import os
import subprocess

import pytest

from conftest import READER
from test_stat_history import Recorder
from test_stat_interval import columns_of

WIDTHS = (1, 2, 7, 20, 40, 79, 80, 81, 90, 100, 106, 107, 120, 132, 200, 300)
FITS = 80
LOCALES = ('C', 'C.UTF-8', 'POSIX', 'xx_XX.unknown')

EVERYTHING = 'share,user,client,request,layer,op'
LIVE = {
    'report': [],
    'by client': ['--by', 'client'],
    'by everything': ['--by', EVERYTHING],
    'ops, histograms, sizes': ['--ops', '--distribution', '--sizes'],
    'tree': ['--tree', '--ops'],
    'folded': ['--folded', '--ops'],
    'interval': ['-i', '0.01', '--count=2'],
    'interval by everything': ['-i', '0.01', '--count=2', '--by', EVERYTHING],
    'slow': ['slow'],
    'errors': ['errors'],
    'errors by': ['errors', '--by', 'share,user,client,op'],
    'now': ['now'],
    'files': ['files'],
    'files by': ['files', '--by', 'share,user,client'],
    'directories': ['files', '--dirs=2'],
    'connections': ['connections'],
    'why': ['why'],
    'status': ['all', 'status'],
    'against': ['--against', 'BASELINE'],
    'top': ['top', '--batch', '-i', '0.05', '--count=1'],
}
PAST = {
    'past': ['--to', 'now'],
    'past by everything': ['--to', 'now', '--by', EVERYTHING],
    'past steps': ['--to', 'now', '-i', '1s'],
    'past slow': ['--to', 'now', 'slow'],
    'past files': ['--to', 'now', 'files'],
    'past why': ['--to', 'now', 'why'],
    'history': ['history'],
}
OTHERS = {
    'merge': ['merge', 'BASELINE', 'BASELINE'],
    'help': ['--help'],
    'list of ops': ['--list-ops'],
}
# These cut lines for terminals only.
WHOLE = ('slow', 'past slow')
VIEWS = [*LIVE, *PAST, *OTHERS]


class Views:
    """A server that has something for each view: with names that are long."""

    def __init__(self, server, directory):
        self.server = server
        self.baseline = directory / 'baseline.json'
        name = 'ä' * 40 + '写真' * 20
        (directory / name).write_bytes(bytes(8 << 20))
        self.recorder = Recorder(server).start()
        client = server.client()
        for command in ('lcd %s' % directory, 'put "%s"' % name,
                        'get missing', 'mkdir "%s"' % ('d' * 200)):
            client.run(command)
        self.recorder.next()
        client.run('ls')
        client.run('allinfo "%s"' % name)
        self.recorder.next()
        self.recorder.stop()
        self.baseline.write_text(server.show('--json'), encoding='utf-8')

    def words(self, view):
        if view in LIVE:
            words = ['--segments', self.server.latency, *LIVE[view]]
        elif view in PAST:
            words = ['--database', self.recorder.database, *PAST[view]]
        else:
            words = OTHERS[view]
        return [str(self.baseline if word == 'BASELINE' else word)
                for word in words]

    def show(self, view, width, **environment):
        """What it prints, which must be UTF-8."""
        result = subprocess.run(
            [READER, *self.words(view)], stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, timeout=60, check=False,
            env={**os.environ, 'COLUMNS': str(width), **environment})
        assert (result.returncode, result.stderr) == (0, b''), (view, width)
        return result.stdout.decode()

    def check(self, view, width):
        text = self.show(view, width)
        assert text
        if width >= FITS and view not in WHOLE:
            for line in text.splitlines():
                assert columns_of(line) <= width, (view, width, line)


@pytest.fixture(scope='module')
def views(shared_smbd, tmp_path_factory):
    return Views(shared_smbd(global_lines=['latency:slow threshold = 1']),
                 tmp_path_factory.mktemp('views'))


@pytest.mark.parametrize('view', VIEWS)
def test_it_fits(views, view):
    for width in WIDTHS:
        views.check(view, width)


@pytest.mark.parametrize('view', [*PAST, *OTHERS])
def test_no_locale_makes_a_difference(views, view):
    one, *others = (views.show(view, 100, LC_ALL=name) for name in LOCALES)
    assert all(other == one for other in others)
