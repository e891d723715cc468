# SPDX-License-Identifier: GPL-3.0-or-later
"""The op table of include/latency_ops.h beside the VFS table of a Samba.

For script/samba-headers, which refuses a Samba whose table is another, and
for wscript, which asks for the versions. Knows how the two are written down,
and nothing else.
"""

import os
import re
import subprocess
import tempfile

OPS = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))),
                   'include', 'latency_ops.h')

# What the rows become for slots(): one line a slot, '@slot@result@parameters';
# the last two are empty where the table leaves them to code written by hand.
SLOTS = '''
#define OP(ret, name, class, params, args, path, doc) @name@ret@params
#define OP_BY_HAND(name, class, doc) @name@@
#define OP_PAIR_TOO(name) @name##_send@@ @name##_recv@@
#define OP_PAIR(name, class, doc) OP_PAIR_TOO(name)
#include "%s"
'''


def versions():
    """{interface version: Samba releases}: {47: '4.17', 49: '4.19 to 4.21'}"""
    with open(OPS, encoding='utf-8') as f:
        rows = re.findall(r'^VFS_VERSION\((\d+), (\d+), (\d+)\)$', f.read(),
                          re.M)
    releases = {}
    for number, major, minor in rows:
        releases.setdefault(int(number), []).append(major + '.' + minor)
    return {number: ' to '.join(sorted({found[0], found[-1]}, key=found.index))
            for number, found in releases.items()}


def known():
    """The versions as a text: '47 to 53 (Samba 4.17 to 4.25)'."""
    releases = versions()
    first, last = min(releases), max(releases)
    return '%d to %d (Samba %s to %s)' % (
        first, last, releases[first].split()[0], releases[last].split()[-1])


def slots_of_table(version):
    """{slot: (result, parameters)} of the op table; parameters without the
    handle, (None, None) for wrappers written by hand."""
    with tempfile.TemporaryDirectory() as empty:
        # The version comes from the command line instead.
        with open(empty + '/latency_config.h', 'w', encoding='ascii'):
            pass
        text = subprocess.run(
            [os.environ.get('CC') or 'gcc', '-E', '-P', '-I' + empty,
             '-DLATENCY_VFS_VERSION=%d' % version, '-'],
            input=SLOTS % OPS, stdout=subprocess.PIPE, check=True,
            universal_newlines=True).stdout
    found = {}
    for slot, result, parameters in re.findall(r'@\s*(\w+)\s*@([^@]*)@([^@]*)',
                                               text):
        if parameters.strip():
            parameters = parameters.strip()[1:-1]
            found[slot] = (type_of(result), types_of(parameters))
        else:
            found[slot] = (None, None)
    return found


def slots_of_samba(vfs_h):
    """{slot: (result, parameters)} of struct vfs_fn_pointers."""
    with open(vfs_h, encoding='utf-8', errors='replace') as f:
        text = re.sub(r'/\*.*?\*/', ' ', f.read(), flags=re.S)
    struct = re.search(r'struct vfs_fn_pointers \{(.*?)\n\};', text, re.S)
    found = {}
    for declaration in struct.group(1).split(';') if struct else ():
        function = re.match(r'(.*?)\(\s*\*\s*(\w+)_fn\s*\)\s*\((.*)\)\s*$',
                            declaration.strip(), re.S)
        if function:
            result, slot, parameters = function.groups()
            found[slot] = (type_of(result), types_of(parameters)[1:])
    return found


def type_of(text):
    """A type in one spelling."""
    text = re.sub(r'\s*\*\s*', ' *', ' '.join(text.split()))
    text = re.sub(r'\* \*', '**', text)
    return re.sub(r'\bstruct (files_struct|vfs_handle_struct)\b', r'\1', text)


def types_of(parameters):
    """The types of 'type name, type name'."""
    return [type_of(re.sub(r'(?<=[\s*])\w+$', '', one.strip()))
            for one in parameters.split(',')]


def function(types):
    result, parameters = types
    return '%s(%s)' % (result + ('' if result.endswith('*') else ' '),
                       ', '.join(parameters))


def differences(vfs_h, version):
    """How Samba's table differs from ours for a version, as lines of text;
    for a version without rows, from that of the version before it."""
    releases = versions()
    nearest = max([known for known in releases if known <= version] or
                  [min(releases)])
    ours, theirs = slots_of_table(nearest), slots_of_samba(vfs_h)
    lines = ['  new slot: %s: %s' % (slot, function(theirs[slot]))
             for slot in theirs if slot not in ours]
    lines += ['  missing slot: ' + slot for slot in ours if slot not in theirs]
    lines += ['  changed slot: %s: %s, was %s'
              % (slot, function(theirs[slot]), function(ours[slot]))
              for slot in theirs
              if slot in ours and ours[slot][0] and ours[slot] != theirs[slot]]
    return nearest, lines
