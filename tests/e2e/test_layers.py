# SPDX-License-Identifier: GPL-3.0-or-later
"""Layers: which there are, what they are called, what lies between them."""

import json
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


def test_layers_beyond_the_limit_are_counted_as_unmeasured(smbd):
    layers = 130
    server = smbd(objects=' '.join('latency:l%d' % n for n in range(layers)))
    server.smbclient('mkdir x')
    report = server.final_report()
    # The first of the tree connect, since so many layers fill the tree.
    counts = {entry['layer']: entry['count'] for entry in report['layers']
              if entry['op'] == 'connect'}
    assert len(counts) == 127 and set(counts.values()) == {1}
    # At least that one in each of the others.
    assert report['unmeasured'] >= layers - 127
    assert report['unmeasured_tree_connects'] == 0
    said = [line for line in server.complaints() if 'layer' in line]
    assert len(said) == len(set(said)) == 1


@pytest.mark.parametrize('objects, layers', [
    ('latency:', {'latency'}),
    ('latency: acl_xattr latency:bottom', {'latency', 'bottom'})])
def test_a_layer_without_a_name_has_that_of_the_module(
        smbd, objects, layers):
    server = smbd(objects=objects)
    server.smbclient('mkdir x')
    report = server.final_report()
    assert report['problems'] == []
    assert {entry['layer'] for entry in report['layers']} == layers
    assert all(entry['count'] == 1 for entry in report['layers']
               if entry['op'] == 'mkdirat')
    assert report['vfs_operations']['mkdirat']['count'] == 1


def test_layers_of_long_names_are_apart(smbd):
    name = 'a-layer-whose-name-is-longer-than-the-field-that-it-is-kept-in-by-far-'
    server = smbd(objects='latency:%s1 acl_xattr latency:%s2' % (name, name))
    server.smbclient('mkdir x')
    counts = [entry['count'] for entry in server.final_report()['layers']
              if entry['op'] == 'mkdirat']
    assert counts == [1, 1]


def test_a_share_of_a_long_name_is_found_by_it(smbd):
    """80 CJK characters are a legal share name, of 240 bytes."""
    names = ['測' * 79 + last for last in '一二']
    server = smbd(objects='', start=False)
    for name in names:
        server.share_lines += ['[%s]' % name, 'path = %s' % server.share,
                               'read only = no', 'vfs objects = latency']
    server.start()
    for number, name in enumerate(names):
        server.smbclient(['mkdir d%d%d' % (number, n)
                          for n in range(number + 1)], share=name)
    server.final_report()
    for number, name in enumerate(names):
        report = server.report('--share', name, '--by', 'share')
        assert [entry['share'] for entry in report['vfs_operations_by']] == \
            [name]
        assert report['vfs_operations']['mkdirat']['count'] == number + 1


def test_a_long_slow_path_keeps_the_name_of_its_file(smbd):
    server = smbd(objects='latency inject', share_lines=[
        'inject:op = mkdirat', 'inject:ms = 30', 'latency:slow threshold = 20'])
    directory = server.share
    for _ in range(4):
        directory = directory / ('d' * 200)
    directory.mkdir(parents=True)
    path = str(directory.relative_to(server.share)).replace('/', '\\')
    server.smbclient('cd %s; mkdir the-slow-one' % path)
    paths = [json.loads(line)['path']
             for line in server.show('slow', '--json').splitlines()]
    assert any(path.endswith('the-slow-one') for path in paths)
