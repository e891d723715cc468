# SPDX-License-Identifier: GPL-3.0-or-later
"""callgrind on the client's smbd: how many instructions, and where.

Its output format is described in valgrind's manual ("Callgrind Format
Specification").
"""

import collections
import re
from pathlib import Path

from smbd import Problem, wait_until

WRAPPER = ('valgrind --tool=callgrind --trace-children=yes -q '
           '--callgrind-out-file={directory}/callgrind.%p')
TOTAL = re.compile(r'^(?:summary|totals): (\d+)', re.M)
# What lines name, by a number after the first time.
KINDS = {'ob': 'object', 'cob': 'called object',
         'fl': 'file', 'fi': 'file', 'fe': 'file',
         'cfi': 'called file', 'cfl': 'called file',
         'fn': 'function', 'cfn': 'called function'}
CLOCK = 'calls of clock_gettime()'
SCHEDSTAT = 'reading schedstat'
# What the module calls that is not the next layer.
HELPERS = re.compile(r'lib(talloc|c)\b')


def copy(bench, way, files, keep=None):
    """callgrind's output about the client's smbd, from fork to end."""
    with bench.smbd(way, wrapper=WRAPPER) as smbd:
        try:
            client = smbd.connect()
            client.do(*bench.tree(files))
        except Problem as problem:
            # A tracer of any smbd puts breakpoints into its libraries, at
            # which one that runs in valgrind ends.
            raise Problem('%s\n%s' % (problem, (
                smbd.directory / 'smbd.out').read_text())) from problem
        client.close()
        if len(list(smbd.share.glob('tree/*/*'))) != files:
            raise Problem('the copy is not complete')

        # The client's smbd is the one that ends with it.
        pid = wait_until(lambda: client.born - smbd.pids(), 60, 'smbd').pop()
        out = smbd.directory / ('callgrind.%d' % pid)
        wait_until(lambda: out.exists() and TOTAL.search(out.read_text()), 60,
                   'callgrind')
        text = out.read_text()
        if keep:
            keep.mkdir(exist_ok=True)
            (keep / ('%s-%d.callgrind' % (way.name.replace(' ', '-'), files))
             ).write_text(text)
        return text


def split(text):
    """Instructions by place: 'all'; for the module, 'latency.so' and of it
    each source file (an inlined function's is its own), and 'calls to' each
    library that helps it, with all that these call; SCHEDSTAT, which is within
    these. And, no instructions, CLOCK: how often libc's clock_gettime() is
    called."""
    names = {}
    here = {}           # object and file of this line; object that it calls
    found = collections.Counter({'all': int(TOTAL.search(text).group(1))})
    call = False        # the next line is the inclusive cost of a call
    for line in text.splitlines():
        key, is_name, value = line.partition('=')
        kind = KINDS.get(key)
        if is_name and kind:
            number, _, name = value.partition(' ')
            here[kind] = names.setdefault((kind.split()[-1], number), name)
        elif key == 'calls':
            call = True
            if here['called function'].startswith('clock_gettime@'):
                found[CLOCK] += int(value.split()[0])
        elif line[:1].isdigit() or line[:1] in ('+', '-', '*'):
            cost = int(line.split()[1])
            ours = Path(here['object']).name == 'latency.so'
            if call and here['called function'] == 'cpu_wait_ns':
                found[SCHEDSTAT] += cost
            callee = HELPERS.match(Path(here.pop('called object', '')).name)
            if call and ours and callee:
                found['calls to lib' + callee.group(1)] += cost
            elif not call and ours:
                found['latency.so'] += cost
                found[Path(here['file']).name] += cost
            call = False
    return found
