# SPDX-License-Identifier: GPL-3.0-or-later
"""Options in smb.conf that are not what they should be are named in the log."""

import pytest


@pytest.mark.parametrize('value', ['0.5', 'abc', '-1', '99999999999'])
def test_a_threshold_that_is_no_number(smbd, value):
    server = smbd(share_lines=['latency:slow threshold = ' + value])
    client = server.client()
    client.run('tcon share')
    assert server.complaints() == [
        'share share: latency:slow threshold = %s is not a whole number of '
        'milliseconds, so no operation is slow' % value]


def test_a_directory_in_a_share(smbd):
    server = smbd(share_lines=['latency:directory = /tmp/elsewhere'])
    client = server.client()
    client.run('tcon share')
    assert server.complaints() == [
        'share share: latency:directory = /tmp/elsewhere is ignored: it '
        'belongs in [global]']


def test_good_options_are_not_mentioned(smbd):
    server = smbd(share_lines=['latency:slow threshold = 100',
                               'latency:exempt = readdir'])
    server.smbclient('ls')
    assert server.complaints() == []


@pytest.mark.parametrize('where', ['share', 'global'])
def test_a_misspelt_option(smbd, where):
    server = smbd(**{where + '_lines': ['latency:slow treshold = 100']})
    server.smbclient('ls')
    client = server.client()
    client.run('ls')
    client.close()
    assert set(server.complaints()) == {
        '%s: latency:slow treshold is ignored: there is no such option. The '
        'options are latency:directory, latency:slow threshold, latency:exempt'
        % ('[global]' if where == 'global' else 'share share')}


def test_an_unknown_op_is_named_once(smbd):
    server = smbd(share_lines=['latency:exempt = raeddir readdir'])
    client = server.client()
    client.run('tcon share')
    assert server.complaints() == [
        'share share: latency:exempt names raeddir, which is not an operation']
