# SPDX-License-Identifier: GPL-3.0-or-later
"""smbd under valgrind's memcheck while a client copies: no error, and no block
that is lost, is the module's.

An error is where it happens: by the first frame that is no allocator's. Samba's
own are counted and shown, not judged.
"""

import os
import re
import shutil
from pathlib import Path
from xml.etree import ElementTree

from conftest import Smbd, wait_for_end

ALLOCATORS = re.compile(r'vgpreload|libc\.so|libtalloc|ld-linux|libc-')


class CheckedSmbd(Smbd):
    """Its smbd runs in valgrind, and writes one XML file a process."""

    def start(self):
        programs = self.directory / 'bin'
        programs.mkdir()
        (programs / 'smbd').write_text(
            '#!/bin/sh\nexec valgrind --quiet --xml=yes --leak-check=full '
            '--show-leak-kinds=definite --child-silent-after-fork=no '
            '--xml-file=%s/memcheck.%%p %s "$@"\n' % (
                self.directory, shutil.which('smbd')))
        (programs / 'smbd').chmod(0o755)
        before = os.environ['PATH']
        os.environ['PATH'] = '%s:%s' % (programs, before)
        try:
            return super().start()
        finally:
            os.environ['PATH'] = before


def is_ours(error):
    """Is it the module that did it?"""
    for frame in error.find('stack'):
        name = frame.findtext('obj') or ''
        if not ALLOCATORS.search(name):
            return name.endswith('/latency.so')
    return False


def errors_of(file):
    """Of one process; the end is missing if it was killed."""
    text = file.read_text(errors='replace')
    if '</valgrindoutput>' not in text:
        text += '</valgrindoutput>'
    return ElementTree.fromstring(text).findall('error')


def run(torture):
    directory = Path(torture.directory) / 'smbd'
    directory.mkdir(mode=0o755)
    sources = torture.directory / 'sources'
    sources.mkdir()
    files = torture.rounds(500, 30)
    for number in range(files):
        (sources / ('file%d' % number)).write_bytes(os.urandom(10240))
    server = CheckedSmbd(directory, torture.modules, 'latency:top '
                         'streams_xattr latency:bottom', [], [])
    server.start()
    try:
        server.smbclient('mkdir d; cd d; prompt; lcd %s; mput *; ls; '
                         'get missing; rename file1 x; lcd %s; mget *; '
                         'deltree missing; del *' % (sources, directory),
                         timeout=1500)
        pids = server.measured()
        wait_for_end(pids, timeout=120)
        report = server.report()
        assert report['vfs_operations']['pwrite']['count'] >= files
    finally:
        server.stop()
    logs = list(directory.glob('memcheck.*'))
    errors = [error for log in logs for error in errors_of(log)]
    ours = [error for error in errors if is_ours(error)]
    assert not ours, ElementTree.tostring(ours[0], 'unicode')
    return '%d files copied, %d processes: no error of the module (%d of ' \
        'others)' % (files, len(logs), len(errors))
