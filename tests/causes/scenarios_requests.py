# SPDX-License-Identifier: GPL-3.0-or-later
"""Scenarios: what clients ask for is the matter, not how long it takes."""

import os

from bench import scenario

OPEN_TO_WRITE = """smb.create(
    'large', DesiredAccess=0x12019f, ShareAccess=7, CreateDisposition=5)"""


@scenario('small_requests')
def small_writes(bench):
    """A file in pieces of 4 KiB."""
    client = bench.program("""
file = %s
for number in range(3000):
    smb.write(file, b'x' * 4096, number * 4096)
smb.close(file)
""" % OPEN_TO_WRITE)
    bench.start()
    client.run()


@scenario('small_requests', delay_ms=2)
def small_writes_far_away(bench):
    """The network makes it slow, but fewer requests would do."""
    client = bench.program("""
file = %s
for number in range(400):
    smb.write(file, b'x' * 4096, number * 4096)
smb.close(file)
""" % OPEN_TO_WRITE)
    bench.start()
    client.run()


@scenario('healthy', 'one_at_a_time', short=False)
def like_small_writes_small_files(bench):
    """As small, but each is a file."""
    client = bench.program("""
for number in range(600):
    smb.savefile('file%d' % number, b'x' * 4096)
""")
    bench.start()
    client.run()


@scenario('missing_names')
def missing_names(bench):
    """A program that looks for its files in many places."""
    client = bench.program("""
for number in range(1500):
    try:
        smb.loadfile('library%d' % number)
    except Exception:
        pass
""")
    bench.start()
    client.run()


@scenario('healthy', 'one_at_a_time', short=False)
def like_missing_names_found(bench):
    """A few that are not there, among many that are."""
    (bench.server.share / 'library').write_bytes(b'x' * 1000)
    client = bench.program("""
for number in range(600):
    try:
        smb.loadfile('library' if number % 10 else 'other')
    except Exception:
        pass
""")
    bench.start()
    client.run()


@scenario('refused', share=['read only = yes'])
def access_denied(bench):
    client = bench.program("""
for number in range(1500):
    try:
        smb.savefile('file%d' % number, b'x')
    except Exception:
        pass
""")
    bench.start()
    client.run()


@scenario('refused', objects='latency inject',
          share=['inject:op = pwrite', 'inject:errno = 28'])
def disk_full(bench):
    client = bench.program("""
file = %s
for number in range(2000):
    try:
        smb.write(file, b'x' * 65536, number * 65536)
    except Exception:
        pass
smb.close(file)
""" % OPEN_TO_WRITE)
    bench.start()
    client.run()


@scenario('questions')
def questions(bench):
    """The listing has told it all, but each file is asked about again."""
    for number in range(300):
        (bench.server.share / ('file%d' % number)).write_bytes(b'x')
    client = bench.program("""
for again in range(2):
    for entry in smb.list(''):
        if entry['name'].startswith('file'):
            smb.get_acl(entry['name'], 7)
""")
    bench.start()
    client.run()


@scenario('healthy', 'one_at_a_time', short=False)
def like_questions_reads(bench):
    """As many opens, but the files are read."""
    for number in range(300):
        (bench.server.share / ('file%d' % number)).write_bytes(b'x' * 4096)
    client = bench.program("""
for again in range(2):
    for entry in smb.list(''):
        if entry['name'].startswith('file'):
            smb.loadfile(entry['name'])
""")
    bench.start()
    client.run()


@scenario('repeated')
def polling(bench):
    """A program waits for a file to change."""
    (bench.server.share / 'settings').write_bytes(b'x')
    client = bench.program("""
for number in range(1000):
    smb.get_acl('settings', 7)
""")
    bench.start()
    client.run()


@scenario('questions', short=False)
def like_polling_other_files(bench):
    """As many questions, but each about a file of its own."""
    for number in range(1000):
        (bench.server.share / ('file%d' % number)).write_bytes(b'x')
    client = bench.program("""
for number in range(1000):
    smb.get_acl('file%d' % number, 7)
""")
    bench.start()
    client.run()


@scenario('streams', objects='latency streams_xattr')
def streams(bench):
    """As macOS does: has this file a stream with Finder's information?"""
    for number in range(400):
        (bench.server.share / ('file%d' % number)).write_bytes(b'x')
    client = bench.program("""
for number in range(400):
    for stream in 'AFP_AfpInfo', 'AFP_Resource':
        try:
            smb.loadfile('file%d:%s' % (number, stream))
        except Exception:
            pass
""")
    bench.start()
    client.run()


def make_directory(bench, files):
    for number in range(files):
        (bench.server.share / ('file%05d' % number)).write_bytes(b'x')


@scenario('name_search')
def name_search(bench):
    """Names in capitals, which are not there in a large directory."""
    make_directory(bench, 20000)
    client = bench.program("""
for number in range(60):
    smb.loadfile('FILE%05d' % (number * 300))
""")
    bench.start()
    client.run()


@scenario('healthy', 'one_at_a_time', short=False)
def like_name_search_as_written(bench):
    """The directory is as large, but the names are as they are written."""
    make_directory(bench, 20000)
    client = bench.program("""
for number in range(1000):
    smb.loadfile('file%05d' % (number * 17))
""")
    bench.start()
    client.run()


@scenario('listing_attributes')
def listing_attributes(bench):
    """Each file has extended attributes, of which a listing tells the size."""
    make_directory(bench, 1000)
    for path in bench.server.share.iterdir():
        for number in range(12):
            os.setxattr(path, 'user.attribute%d' % number, b'x' * 20)
    client = bench.client()
    bench.start()
    for _ in range(10):
        client.run('ls')


@scenario('healthy', 'one_at_a_time', short=False)
def like_listing_attributes_none(bench):
    """As many files and listings."""
    make_directory(bench, 1000)
    client = bench.client()
    bench.start()
    for _ in range(10):
        client.run('ls')
