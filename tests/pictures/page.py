# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of `smblatency-stat html`, of the history of a copy."""

from load import OBJECTS, copy, scenario
from conftest import READER, run  # pylint: disable=wrong-import-order
from test_stat_history import Recorder  # pylint: disable=wrong-import-order

WIDTH = 1200


@scenario(objects=OBJECTS)
def scene(bench):
    """The page as HTML."""
    recorder = Recorder(bench.server, interval='0.5').start()
    for _ in copy(bench, 12, range(5, 8)):
        pass
    recorder.next()
    recorder.stop()
    return run(READER, 'html', '--database', recorder.database,
               '--from', '-1h').stdout


def settle(browser):
    browser.wait_for("document.querySelectorAll('.chart canvas').length == 2")
    # The other tables and the calls would make it three times as long.
    browser.ask("""for (const one of document.querySelectorAll(
        '#requests, #calls, #who, #about, #latencies .table + .table')) {
        one.remove(); }""")
