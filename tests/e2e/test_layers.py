# SPDX-License-Identifier: GPL-3.0-or-later
"""Layers: which there are, what they are called, what lies between them."""

import re

import pytest

def two_shares(smbd, projects, archive):
    """An smbd whose share `archive` has other modules than `share`."""
    server = smbd(objects='', start=False)
    (server.directory / 'archive').mkdir()
    server.share_lines = [
        'vfs objects = ' + projects, '[archive]',
        'path = %s' % (server.directory / 'archive'), 'read only = no',
        'vfs objects = ' + archive]
    return server.start()


def between(report):
    """{(shares, layer): what lies below it}"""
    return {(tuple(stack['shares']), layer['layer']): layer
            for stack in report['between_layers']
            for layer in stack['layers']}


@pytest.mark.parametrize('archive, lower', [
    ('latency acl_xattr latency:bottom', 'bottom'),
    ('latency acl_xattr latency', 'latency#2')])
def test_a_module_of_another_share_is_not_blamed(smbd, archive, lower):
    server = two_shares(smbd, 'latency', archive)
    server.smbclient('mkdir x; ls', share='archive')
    server.smbclient(['mkdir d%d' % number for number in range(50)])
    report = server.final_report()
    costs = between(report)
    assert set(costs) == {(('share',), 'latency'), (('archive',), 'latency'),
                          (('archive',), lower)}

    projects = costs[('share',), 'latency']
    assert projects['next_layer'] is None and projects['between'] == []
    assert projects['operations']['mkdirat']['count'] == 50
    of_archive = costs[('archive',), 'latency']
    assert of_archive['next_layer'] == lower
    assert of_archive['between'] == ['acl_xattr']
    assert of_archive['operations']['mkdirat']['count'] == 1
    # Nothing is lost, nothing is there twice.
    assert sum(layer['self_ns'] for layer in costs.values()) == \
        sum(entry['self_ns'] for entry in report['layers'])

    text = server.show('-s')
    assert re.search(r'^What lies between layers latency and %s '
                     r'\(acl_xattr\), on archive:' % lower, text, re.M)
    assert re.search(r'^What lies below layer latency, on share:', text,
                     re.M)


def test_one_layer_says_what_is_below_where_there_are_others(smbd):
    server = two_shares(smbd, 'latency', 'latency acl_xattr streams_xattr')
    for share in 'share', 'archive':
        server.smbclient('mkdir x', share=share)
    server.final_report()
    text = server.show('-s')
    assert 'What lies below layer latency, on share:' in text
    assert ('What lies below layer latency (acl_xattr streams_xattr), '
            'on archive:') in text


def test_a_single_layer_is_not_explained(smbd):
    server = smbd()
    server.smbclient('mkdir x')
    server.final_report()
    assert 'What lies' not in server.show('-s')
