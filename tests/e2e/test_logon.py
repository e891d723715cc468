# SPDX-License-Identifier: GPL-3.0-or-later
"""How long it takes to log on, and what a tree connect takes of that."""

import re

SESSION, FIRST, TREE = ('(session set up)', '(first tree connect)',
                        '(tree connect)')
OTHER = ['[other]', 'path = /', 'vfs objects = latency']


def steps(report):
    return {name: (row['count'], row['total_ns'] / 1e9)
            for name, row in report['logon'].items()}


def test_what_a_tree_connect_waits_for_is_of_its_share(smbd):
    server = smbd(share_lines=['root preexec = sleep 1', *OTHER])
    server.smbclient('ls', share='other')
    server.client()
    report = server.report('--by', 'share')
    found = {(row['share'], row['request']): (row['count'],
                                              row['total_ns'] / 1e9)
             for row in report['logon_by']}
    for step in SESSION, FIRST, TREE:
        assert found['share', step][0] == found['other', step][0] == 1
    for share in 'share', 'other':
        # A part, and another one, of the whole.
        assert found[share, SESSION][1] > 0
        assert found[share, SESSION][1] + found[share, TREE][1] <= \
            found[share, FIRST][1]
    assert 1 <= found['share', TREE][1]
    assert found['other', TREE][1] < found['share', TREE][1] - 0.5
    # Neither an operation of the tree connect took that, nor its root.
    tree = {node['name']: node for node in report['tree']}
    assert tree['tree connect']['total_ns'] < 0.5e9
    assert not any('(' in node['name']
                   for node in tree['tree connect']['children'])

    text = server.show()
    assert re.search(r'^Logon \(us\)', text, re.M) and TREE in text
    metrics = server.show('--openmetrics')
    value = re.search(r'^smblatency_logon_seconds_sum\{(?=[^}]*share="share")'
                      r'[^}]*request="\(tree connect\)"[^}]*\} ([\d.]+)$',
                      metrics, re.M)
    assert float(value.group(1)) >= 1


def test_it_stays_when_the_process_has_ended(smbd):
    server = smbd()
    for _ in range(3):
        server.smbclient('ls')
    found = steps(server.final_report())
    assert {count for count, _ in found.values()} == {3}
    assert set(found) == {SESSION, FIRST, TREE}
    server.show('all', 'reset')
    assert server.report()['logon'] == {}
    server.smbclient('ls')
    assert {count for count, _ in steps(server.final_report()).values()} == {1}


def test_a_later_tree_connect_is_no_logon(smbd):
    server = smbd()
    client = server.client()
    client.run('ls;' * 10)
    client.run('tcon share')
    found = steps(server.report())
    assert found[TREE][0] == 2
    assert found[SESSION][0] == found[FIRST][0] == 1


def test_a_tree_connect_that_fails(smbd):
    server = smbd(share_lines=['root preexec = false',
                               'root preexec close = yes'])
    result = server.smbclient('ls', check=False)
    assert result.returncode != 0
    row = server.final_report()['logon']
    assert set(row) == {TREE}
    assert row[TREE]['errors'] == row[TREE]['count'] == 1
