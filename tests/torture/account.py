# SPDX-License-Identifier: GPL-3.0-or-later
"""An account of all segments there ever were, kept beside the reader.

keep_segments.c, preloaded into smbd, gives each segment a second name in
another directory. So what a process had counted when it died is there to be
read, however often it was folded, or by whom. This reads it with a code of its
own, and knows as little of a segment as will do: which node has been hit how
often.
"""

import re
import struct
from collections import Counter
from pathlib import Path

from conftest import TOP, run

LINE, SUB, CHUNK = 64, 8, 16
FORMAT = (TOP / 'include' / 'latency_format.h').read_text()
OPCODES = {int(value, 16): name for value, name in re.findall(
    r'^OPCODE\((0x\w+), (\w+)',
    (TOP / 'include' / 'latency_opcodes.h').read_text(), re.M)}
ROOTS = dict(enumerate(re.findall(
    r'^\tLATENCY_ROOT_\w+.*?/\* "(.*?)" \*/', FORMAT, re.M), 32))
# Where the names of layers begin; ops follow.
LAYERS = int(re.search(r'^LATENCY_AT\(latency_header, layer, (\d+)\)', FORMAT,
                       re.M).group(1))
# They have no counters of their own, or are in a table of their own.
SUMS = {'async completion', 'tree connect', 'other',
        '(tree connect)', '(session set up)', '(first tree connect)'}


class Segment:
    """What a file counts: {path of frames: calls}, and which paths its writer
    was about to add a call to."""

    def __init__(self, data):
        self.data = data
        self.calls, self.torn = Counter(), set()
        self.total_ns = Counter()
        if data[:8] != b'SMBLATCY':
            return              # it died before it could count
        op_count, = struct.unpack_from('=I', data, 56)
        self.ops = [self.text(LAYERS + 64 * 128 + 32 * i, 30)
                    for i in range(op_count)]
        slot, = struct.unpack_from('=I', data, 132)
        while slot:
            self.add_slot(slot * LINE)
            slot, = struct.unpack_from('=I', data, slot * LINE)

    def text(self, at, size):
        return self.data[at:at + size].split(b'\0')[0].decode()

    def name(self, frame):
        layer, op = frame >> 8 & 0x7f, frame & 0xff
        if layer:
            return self.ops[op]
        return OPCODES.get(op) or ROOTS[op]

    def add_slot(self, at):
        nodes, = struct.unpack_from('=I', self.data, at + 4)
        chunks = struct.unpack_from('=88I', self.data, at + 864)
        paths = {0: ()}
        for number in range(1, nodes):
            node = (chunks[number // CHUNK] * LINE +
                    number % CHUNK * 256)
            parent, frame = struct.unpack_from('=HH', self.data, node + 4)
            count, total_ns = struct.unpack_from('=QQ', self.data, node + 8)
            untimed, = struct.unpack_from('=Q', self.data, node + 72)
            paths[number] = path = paths[parent] + (self.name(frame),)
            octaves = [line for line in struct.unpack_from(
                '=32I', self.data, node + 128) if line]
            hits = sum(sum(struct.unpack_from('=8Q', self.data, line * LINE))
                       for line in octaves)
            if hits != count:
                self.torn.add(path)
            if path[-1] not in SUMS:
                self.calls[path] += hits + untimed
                self.total_ns[path] += total_ns


class Account:
    """Of all segments in a directory."""

    def __init__(self, directory):
        self.directory = Path(directory)
        self.seen = {}

    def sums(self):
        """Calls and time by path, paths of which the time is not known, and how
        many processes have counted something."""
        for file in self.directory.iterdir():
            if file.name not in self.seen:
                self.seen[file.name] = Segment(file.read_bytes())
        calls, total_ns, torn = Counter(), Counter(), set()
        for segment in self.seen.values():
            calls.update(segment.calls)
            total_ns.update(segment.total_ns)
            torn |= segment.torn
        return (Counter({path: count for path, count in calls.items()
                         if count}), total_ns, torn)


def reported(report):
    """The same of a report: calls and time by path."""
    calls, total_ns = Counter(), Counter()

    def walk(nodes, above):
        for node in nodes:
            path = above + (node['name'],)
            if node['name'] not in SUMS:
                calls[path] += node['count']
                total_ns[path] += node['total_ns']
            walk(node['children'], path)

    walk(report['tree'], ())
    return Counter({path: count for path, count in calls.items()
                    if count}), total_ns


def compare(account, report, what, times=True):
    """Fails unless the report has what the account has, to the unit."""
    calls, total_ns, torn = account.sums()
    seen, seen_ns = reported(report)
    wrong = ['%s: %d calls, not %d' % (' > '.join(path), seen[path],
                                       calls[path])
             for path in sorted(set(calls) | set(seen))
             if calls[path] != seen[path]]
    wrong += ['%s: %d ns, not %d' % (' > '.join(path), seen_ns[path],
                                     total_ns[path])
              for path in sorted(calls) if times and path not in torn
              and total_ns[path] != seen_ns[path]]
    assert not wrong, '%s: %s' % (what, '\n'.join(wrong))
    return sum(calls.values()), len(torn)


def library(directory):
    """keep_segments.c, to be preloaded."""
    made = directory / 'keep_segments.so'
    run('cc', '-shared', '-fPIC', '-o', made,
        TOP / 'tests' / 'torture' / 'keep_segments.c', '-ldl')
    return made
