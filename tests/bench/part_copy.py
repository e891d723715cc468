# SPDX-License-Identifier: GPL-3.0-or-later
"""The small-file copy, in every way there is. See compare.py for the method.

none is compared with itself first: that is the error of the method.
"""

from compare import compare
from ways import WAYS

WANTED = [way.name for way in WAYS.values()
          if way.against == 'none' and way.name != 'latency without probes']


def measure(bench, options):
    rows = []
    for name in options.ways(WANTED):
        rows.append(compare(bench, name, options))
        options.progress(rows[-1])
    return {'copy': rows}
