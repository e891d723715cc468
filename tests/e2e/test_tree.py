# SPDX-License-Identifier: GPL-3.0-or-later
"""The calling context tree adds up, layers are told apart, and folded stacks
are the same tree."""

import os

import pytest

from test_delays import walk

LAYERS = 'latency:top acl_xattr streams_xattr fruit catia latency:bottom'
# Of the time of a request, what is no op's.
PARTS = '(send)', '(pending)'
SHARE = ['ea support = yes', 'fruit:metadata = stream']


@pytest.fixture(scope='module')
def layered(shared_smbd, small_tree):
    """The report of a copy in and back through a stack of modules."""
    server = shared_smbd(objects=LAYERS, share_lines=SHARE)
    back = server.directory / 'back'
    back.mkdir()
    for commands in (small_tree, ['lcd %s' % back, 'recurse', 'prompt',
                                  'mget tree']):
        server.smbclient(commands)
    server.smbclient('allinfo tree/dir0/file00; deltree tree')
    return server, server.final_report()


@pytest.fixture(scope='module')
def copied(shared_smbd, tree):
    """The report of the 10,000-file copy through one layer."""
    server = shared_smbd()
    server.smbclient(tree.copy_in)
    return server, server.final_report()


@pytest.fixture(params=['layered', 'copied'])
def report(request):
    return request.getfixturevalue(request.param)[1]


def nested(node, path):
    """Do the totals of the children lie within that of this node?

    Roots other than requests are made of what is below. An async child of a
    synchronous call goes on after that has returned.
    """
    return [child for child in node['children']
            if not child.get('async') or node.get('async') or len(path) == 1]


def lies_within(child):
    """What is subtracted of the parent's time: of a request that was pending
    not what its async ops took, which are children, too."""
    return child['self_ns' if child['name'] == '(pending)' else 'total_ns']


def test_total_is_at_least_that_of_the_children(report):
    seen = 0
    for path, node in walk(report['tree'], ()):
        if len(path) == 1 and not path[0][1].startswith('SMB2_OP_'):
            continue
        if path[-1][1] == '(pending)':
            # It may have waited for the async ops beside it.
            assert node['self_ns'] <= node['total_ns'], path
            continue
        below = sum(lies_within(child) for child in nested(node, path))
        assert node['total_ns'] >= below, path
        assert node['self_ns'] == node['total_ns'] - below, path
        seen += 1
    assert seen > 20


def test_self_times_below_a_request_add_up_to_its_vfs_time(report):
    for root in report['tree']:
        vfs = sum(lies_within(child) for child in root['children'])
        below = sum(node['self_ns']
                    for path, node in walk(root['children'], ()))
        assert below == vfs, root['name']


def outermost(nodes):
    """The path and node of each op that no other layer has handed on."""
    for path, node in walk(nodes, ()):
        above = path[-2] if len(path) > 1 else (None, None)
        if path[-1][1] in PARTS:
            # It is smbd's: of a request, but no op.
            assert len(path) == 2
        elif (path[-1][0] is not None or len(path) > 1) and not (
                above[0] not in (None, path[-1][0])
                and above[1] == path[-1][1]):
            yield path, node


def test_outermost_nodes_of_an_op_add_up_to_the_op(report):
    sums = {}
    for path, node in outermost(report['tree']):
        entry = sums.setdefault(path[-1][1], [0, 0])
        entry[0] += node['count']
        entry[1] += node['total_ns']
    assert sums == {op: [counters['count'], counters['total_ns']]
                    for op, counters in report['vfs_operations'].items()}


def vfs_time(report):
    return sum(child['total_ns'] for root in report['tree']
               for child in root['children'] if child['name'] not in PARTS)


def test_self_times_of_all_ops_add_up_to_vfs_time(report):
    for entries in report['vfs_operations'].values(), report['layers']:
        assert sum(entry['self_ns'] for entry in entries) == vfs_time(report)


@pytest.mark.parametrize('by', ['op', 'request,op', 'layer,request,op'])
def test_self_times_by_some_dimensions_add_up_to_vfs_time(layered, by):
    server, report = layered
    report = server.report('--by', by)
    assert sum(entry['self_ns'] for entry in report['vfs_operations_by']) == \
        vfs_time(report)


def test_an_op_takes_no_longer_than_the_requests_around_it(layered):
    server, report = layered
    requests = report['smb2_requests']
    # Only CREATE makes files and directories.
    assert report['vfs_operations']['create_file']['count'] == \
        requests['SMB2_OP_CREATE']['count']
    assert report['vfs_operations']['create_file']['total_ns'] < \
        requests['SMB2_OP_CREATE']['total_ns']


def test_roots_are_requests_with_their_counts(report):
    requests = {root['name']: root['count'] for root in report['tree']
                if root['name'].startswith('SMB2_OP_')}
    assert requests == {name: counters['count'] for name, counters
                        in report['smb2_requests'].items()}
    assert {root['name'] for root in report['tree']} - set(requests) <= \
        {'tree connect', 'async completion', 'other'}


def test_ops_are_of_the_layer_they_ran_in(layered):
    server, report = layered
    layers = {}
    for entry in report['layers']:
        layers.setdefault(entry['layer'], {})[entry['op']] = entry['count']
    assert set(layers) == {'top', 'bottom'}
    # These the modules between hand on one to one; the attributes they keep
    # in extended attributes are calls of theirs.
    for op in 'create_file', 'pwrite', 'mkdirat':
        assert layers['top'][op] == layers['bottom'][op] > 0, op
    assert layers['bottom']['fsetxattr'] >= layers['top'].get('fsetxattr', 0)


def test_time_between_layers_is_what_was_injected_there(
        smbd, small_tree, tmp_path):
    log = tmp_path / 'log'
    server = smbd(objects=LAYERS.replace('catia', 'inject catia'),
                  share_lines=SHARE + [
                      'inject:op = create_file', 'inject:ms = 2',
                      'inject:log = %s' % log])
    server.smbclient(small_tree)
    report = server.final_report()
    injected = int(log.read_text().split()[2])
    # Within the same call: the layers' create_file, less what other ops of
    # the top layer's own took between them.
    cost = sum(node['self_ns'] for path, node in walk(report['tree'], ())
               if path[-1] == ('top', 'create_file'))
    assert injected <= cost <= injected * 1.05


def test_three_layers_nest_in_order(smbd):
    server = smbd(objects='latency:a catia latency:b latency:c')
    server.smbclient('mkdir x; rmdir x')
    paths = [path for path, _ in walk(server.final_report()['tree'], ())
             if path[-1] == ('c', 'mkdirat')]
    assert paths
    for path in paths:
        assert path[-3:] == (('a', 'mkdirat'), ('b', 'mkdirat'),
                             ('c', 'mkdirat'))


def test_same_name_twice_is_two_layers(smbd):
    server = smbd(objects='latency latency')
    server.smbclient('mkdir x')
    counts = {entry['layer']: entry['count']
              for entry in server.final_report()['layers']
              if entry['op'] == 'mkdirat'}
    assert counts == {'latency': 1, 'latency#2': 1}


def test_folded_stacks_are_the_tree(copied):
    server, report = copied
    folded = {}
    for line in server.show('--folded').splitlines():
        stack, value = line.rsplit(' ', 1)
        assert ' ' not in value and value.isdigit()
        assert stack not in folded
        folded[stack] = int(value)
    tree = dict(stacks(report['tree'], ()))
    expected = {stack: node['self_ns'] / 1000
                for stack, node in tree.items() if node['self_ns'] >= 1000}
    assert set(expected) - set(folded) == set()
    for stack, microseconds in expected.items():
        assert abs(folded[stack] - microseconds) <= 1, stack
    # So the widths of a flame graph are the totals.
    for stack in tree:
        width = sum(value for other, value in folded.items()
                    if other == stack or other.startswith(stack + ';'))
        below = [node['self_ns'] for other, node in tree.items()
                 if other == stack or other.startswith(stack + ';')]
        assert abs(width - sum(below) / 1000) <= len(below), stack


def stacks(nodes, above):
    """(folded stack, node); with one layer its name is left out."""
    for node in nodes:
        frames = above + (node['name'] +
                          (' (async)' if node.get('async') else ''),)
        yield ';'.join(frames), node
        yield from stacks(node['children'], frames)


def test_tree_connect_after_the_copy_takes_at_most_128_kib(smbd, tree):
    server = smbd()
    client = server.client()
    for command in tree.copy_in:
        client.run(command)
    (segment,) = server.latency.glob('smbd-*')
    assert os.stat(segment).st_blocks * 512 <= 128 << 10
