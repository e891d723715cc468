# SPDX-License-Identifier: GPL-3.0-or-later
"""The full screen of `smblatency-stat top` during a copy."""

import html
import re

from load import OBJECTS, copy, scenario
from conftest import READER  # pylint: disable=wrong-import-order
from test_top import Terminal  # pylint: disable=wrong-import-order

WIDTH = 1010
COLUMNS, LINES = 116, 36

# As a terminal has them by default.
COLOURS = {30: '#000', 31: '#b21818', 32: '#187818', 33: '#8a5a00',
           34: '#1818b2', 35: '#8a188a', 36: '#187878', 37: '#555'}

FRAME = """<!DOCTYPE html><html data-ready="yes"><meta charset="utf-8">
<style>body { margin: 0; padding: 12px; background: #fff; color: #111;
width: max-content; } pre { margin: 0; font: 14px/17px "DejaVu Sans Mono",
monospace; }</style><pre>%s</pre></html>
"""


def style(codes):
    """CSS of what is in force after these SGR codes."""
    rules = []
    front, back = '#111', '#fff'
    for code in codes:
        if code == 1:
            rules.append('font-weight: bold')
        elif code == 2:
            rules.append('opacity: 0.6')
        elif code == 4:
            rules.append('text-decoration: underline')
        elif code in COLOURS:
            front = COLOURS[code]
    if 7 in codes:
        front, back = back, front
    return '; '.join(rules + ['color: ' + front, 'background: ' + back])


def as_html(screen):
    """What tmux's capture-pane -e prints, as HTML."""
    codes, parts = set(), []
    for text, sgr in re.findall(r'([^\x1b]*)(?:\x1b\[([\d;]*)m|$)', screen):
        parts.append('<span style="%s">%s</span>' % (style(sorted(codes)),
                                                     html.escape(text)))
        for code in map(int, filter(None, sgr.split(';'))):
            if code in (0, 39):
                codes -= set(COLOURS) if code else set(codes)
            elif code == 22:
                codes -= {1, 2}
            elif code in (24, 27):
                codes.discard(code - 20)
            else:
                codes -= set(COLOURS) if code in COLOURS else set()
                codes.add(code)
        if sgr == '':
            codes = set()
    return FRAME % ''.join(parts)


@scenario(objects=OBJECTS)
def scene(bench):
    """The screen as HTML."""
    terminal = Terminal(bench.files.parent, width=COLUMNS, height=LINES)
    try:
        for number, _ in enumerate(copy(bench, 16, range(8, 11))):
            if number == 1:
                # Now there is something to show.
                terminal.start(READER, '--segments', bench.server.latency,
                               'top', '-i', '0.5')
            screen = terminal.screen('-e')
        return as_html(screen)
    finally:
        terminal.close()


def settle(browser):
    browser.resize(WIDTH, 100)
