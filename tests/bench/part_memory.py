# SPDX-License-Identifier: GPL-3.0-or-later
"""Memory that tree connects add: in the segment, and private to smbd.

After the small-file copy, and with 1, 100 and 1,000 tree connects of one
client that have only been made. Segment: bytes in use behind the header, as
the header says. Private: what the client's smbd has more of than without the
module. That is what no file has and no other process maps: of each mapping in
/proc/PID/smaps the lesser of Anonymous and Private_Dirty, and swap. Private_Dirty
alone would also count the segment, smbd's databases and, where its file lies on
a tmpfs, the module's own code, as long as nobody else maps them.
"""

import struct
from pathlib import Path

from ways import WAYS

USED_OFFSET, HEADER_SIZE_OFFSET, LINE = 128, 16, 64
TREES = [1, 100, 1000]
WANTED = ['latency old', 'latency', 'latency x2']


def segment_bytes(smbd):
    data = smbd.segments()[-1].read_bytes()
    used, = struct.unpack_from('=I', data, USED_OFFSET)
    header, = struct.unpack_from('=I', data, HEADER_SIZE_OFFSET)
    return used * LINE - header


def private_bytes(pid):
    total, dirty = 0, 0
    for line in Path('/proc/%d/smaps' % pid).read_text().splitlines():
        if line.startswith('Private_Dirty:'):
            dirty = int(line.split()[1])
        elif line.startswith('Anonymous:'):
            total += min(dirty, int(line.split()[1]))
        elif line.startswith('Swap:'):
            total += int(line.split()[1])
    return 1024 * total


def one(bench, way, trees, commands):
    with bench.smbd(way) as smbd:
        client = smbd.connect()
        client.do(*['tcon share'] * (trees - 1))
        client.do(*commands)
        # Statements between which smbd does nothing more.
        segment = segment_bytes(smbd) if way.objects else 0
        size = smbd.segments()[-1].stat().st_size if way.objects else 0
        private = private_bytes(client.pid)
        client.close()
        return segment, size, private


def measure(bench, options):
    rows = []
    cases = [('%d files copied' % options.files, 1,
              bench.tree(options.files))]
    cases += [('connected only', trees, []) for trees in TREES]
    for what, trees, commands in cases:
        for name in options.ways(WANTED):
            if name != 'latency' and not commands:
                continue
            segment, size, private = one(bench, WAYS[name], trees, commands)
            _, _, without = one(bench, WAYS['none'], trees, commands)
            rows.append({'tree connects': trees, 'way': name, 'what': what,
                         'segment KiB each': segment / trees / 1024,
                         'file KiB': size / 1024,
                         'private KiB each': (private - without) / trees /
                         1024})
            options.progress(rows[-1])
    return {'memory': rows}
