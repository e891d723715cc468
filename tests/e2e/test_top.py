# SPDX-License-Identifier: GPL-3.0-or-later
"""smblatency-stat top: what it shows is what was counted; keys, sizes, and the
terminal afterwards. The terminal is tmux's."""

import json
import os
import re
import shlex
import signal
import subprocess

import pytest

from conftest import READER, run, wait_until
from test_stat_slow import mangled

GROUPS = ['count', 'failures', 'total_ns', 'self_ns', 'avg_ns', 'p50_ns',
          'p95_ns', 'p99_ns', 'max_ns']
BLOCKS = '▏▎▍▌▋▊▉█'
NEVER = '-i', '1000'		# no reading but the first


class Terminal:
    """A tmux of its own, with a shell in which one command runs."""

    def __init__(self, directory, width=120, height=40, locale='C.UTF-8',
                 term='tmux-256color'):
        self.socket = directory / 'tmux'
        self.log = directory / 'shell'
        self.tmux('-f', '/dev/null', 'new-session', '-d', '-x', width, '-y',
                  height, 'exec env LC_ALL=%s TERM=%s PS1="$ " sh -i'
                  % (locale, term))
        # A lonely ESC is a key at once.
        self.tmux('set', '-s', 'escape-time', '0')
        self.until('$')

    def tmux(self, *words):
        return run('tmux', '-S', self.socket, *words).stdout

    def close(self):
        run('tmux', '-S', self.socket, 'kill-server', check=False)

    def screen(self, *options):
        return self.tmux('capture-pane', '-p', *options)

    def lines(self):
        return [line.rstrip() for line in self.screen().splitlines()]

    def until(self, text):
        """Waits until a text is on the screen, or a regular expression is."""
        find = text.search if isinstance(text, re.Pattern) else \
            lambda screen: text in screen
        try:
            wait_until(lambda: find(self.screen()), what=str(text))
        except AssertionError as problem:
            raise AssertionError('%s\n%s' % (problem, self.screen())) \
                from problem
        return self.screen()

    def keys(self, *keys):
        self.tmux('send-keys', *keys)

    def type(self, text):
        self.tmux('send-keys', '-l', text)

    def start(self, *words):
        self.keys('clear; %s' % shlex.join(map(str, words)), 'Enter')

    def resize(self, width, height):
        self.tmux('resize-window', '-x', width, '-y', height)

    def flag(self, name):
        return self.tmux('display', '-p', '#{%s}' % name).strip()

    def check_restored(self):
        """Nothing is left of the full screen, and the shell can be used."""
        wait_until(lambda: self.flag('alternate_on') == '0',
                   what='the screen before')
        assert self.flag('cursor_flag') == '1'
        assert self.flag('keypad_cursor_flag') == '0'
        self.keys('stty -a; echo end-$((40+2))', 'Enter')
        screen = self.until('end-42')
        assert re.search(r'[ ;]icanon', screen)
        assert re.search(r'[ ;]echo ', screen)


@pytest.fixture
def terminal(tmp_path):
    made = []

    def make(**options):
        made.append(Terminal(tmp_path, **options))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture(scope='module')
def server(shared_smbd, small_tree):
    """An smbd at rest after a copy, its client still connected."""
    server = shared_smbd()
    client = server.client()
    for command in *small_tree, 'get missing /dev/null', 'ls':
        client.run(command)
    return server


def top(server, *options):
    return [READER, '--segments', server.latency, 'top', *options]


def pid_of(terminal):
    """The process id of what runs in this terminal, a child of its shell; None:
    nothing does."""
    shell = terminal.flag('pane_pid')
    pids = run('ps', '-o', 'pid=', '--ppid', shell, check=False).stdout.split()
    return int(pids[0]) if pids else None


def us(nanoseconds):
    value = nanoseconds / 1000
    return '%.*f' % (2 if value < 9.995 else 1 if value < 99.95 else 0, value)


def row_of(name, counters):
    """A line of the list, as JSON has it."""
    return [name.replace('SMB2_OP_', '')] + [
        us(counters[figure]) if figure.endswith('_ns') else
        str(counters[figure] + (counters['untimed'] if figure == 'count'
                                else 0)) for figure in GROUPS]


def listed(text):
    """The lines of the list: below its titles, above what is no row."""
    lines = text.splitlines()
    first = next(i for i, line in enumerate(lines)
                 if re.search(r' (Count|/s) +(Errs|Err/s) ', line))
    rows = []
    for line in lines[first + 1:]:
        if len(line.split()) < 10 or line.startswith('? help'):
            break
        rows.append(line.split())
    return rows


def expected(server, view, **only):
    """Rows of a view as JSON has them, the longest total first."""
    ops = view in ('op', 'layer')
    report = server.report('--by', ','.join([view, *only]))
    groups = report['vfs_operations_by' if ops else 'smb2_requests_by']
    groups = [group for group in groups
              if all(group[key] == only[key] for key in only)]
    groups.sort(key=lambda group: (-group['total_ns'], group[view]))
    return [row_of(group[view], group) for group in groups]


@pytest.mark.parametrize('view', [
    'request', 'op', 'client', 'user', 'share', 'process', 'layer'])
def test_the_list_is_what_json_has(server, terminal, view):
    screen = terminal(width=130, height=60)
    screen.start(*top(server, view, '--total', *NEVER))
    shown = listed(screen.until('? help'))
    assert shown == expected(server, view)
    assert shown


def test_into_a_client_its_requests_and_their_ops(server, terminal):
    screen = terminal(width=130, height=60)
    screen.start(*top(server, 'client', '--total', *NEVER))
    screen.until('1 clients')
    screen.keys('Enter')
    shown = listed(screen.until('client 127.0.0.1 > '))
    assert shown == expected(server, 'request', client='127.0.0.1')
    screen.keys('Down')
    screen.keys('Enter')
    name = shown[1][0]
    below = listed(screen.until('> request %s > ' % name))
    assert below == expected(server, 'op', client='127.0.0.1',
                             request='SMB2_OP_' + name)
    # Nothing is below an op.
    screen.keys('Enter', 'BSpace')
    assert listed(screen.until(re.compile(r'127.0.0.1 > \d+ req'))) == shown
    screen.keys('Escape')
    screen.until(re.compile('^1 clients', re.M))


def test_files_are_what_json_has(server, terminal):
    files = json.loads(server.show('files', '--json'))['files']
    screen = terminal(width=130, height=50)
    screen.start(*top(server, 'file', '--total', '--sort', 'written', *NEVER))
    text = screen.until('? help')
    rows = [line.split() for line in text.splitlines()
            if line.startswith('share: ')]
    assert len(rows) >= 20
    by_path = {file['path']: file for file in files}
    for row in rows:
        file = by_path[row[1]]
        assert row[2:] == [us(file['time_ns']), str(file['requests']),
                           str(file['failures']), str(file['read_bytes']),
                           str(file['written_bytes'])]
    written = [int(row[6]) for row in rows]
    assert written == sorted(written, reverse=True)


def test_wall_clock_is_what_json_has(smbd, small_tree, terminal):
    ended = smbd()
    ended.smbclient(small_tree)
    time = ended.final_report()['time']
    screen = terminal(width=100, height=50)
    screen.start(*top(ended, '--total', *NEVER))
    text = screen.until('? help')
    names = {'client': 'waiting_client', 'network': 'waiting_network',
             'async': 'waiting_async', 'CPU': 'waiting_cpu', 'VFS': 'vfs',
             'SMB': 'smb', 'receive': 'receive', 'send': 'send',
             'other': 'other'}
    for name, key in names.items():
        bar, percent = re.search(r'^%s +([%s]*) +([0-9.]+) %%$'
                                 % (name, BLOCKS), text, re.M).groups()
        part = time[key + '_us'] / time['wall_us']
        assert percent == '%.1f' % (100 * part)
        # A column of 83 is 1.2 %.
        assert abs(len(bar) - part * 83) <= 1
    # And what to make of it.
    verdict = json.loads(ended.show('why', '--json'))['verdict']
    screen.keys('v')
    wait_until(lambda: verdict in ' '.join(screen.screen().split()),
               what=verdict)
    screen.keys('v')
    screen.until('? help')


def test_what_is_under_way(smbd, terminal):
    hangs = smbd(objects='latency inject', share_lines=[
        'inject:op = openat', 'inject:ms = 3000'])
    (hangs.share / 'file').write_text('x')
    client = hangs.client()
    client.send('get file /dev/null')
    screen = terminal()
    screen.start(*top(hangs, 'now', '-i', '0.05'))
    screen.until(re.compile(r'^CREATE > create_file > openat  root@127.0.0.1 '
                            r'share: .* \d\.\d{3} +-$', re.M))
    client.wait()
    screen.until('0 under way')


def test_an_interval_shows_what_happened_in_it(server, terminal, tmp_path):
    (tmp_path / 'file').write_text('x')
    screen = terminal()
    screen.start(*top(server, 'request', '-i', '0.1'))
    screen.until('0 requests')
    server.clients[0].run('put %s again' % (tmp_path / 'file'))
    wait_until(lambda: 'CREATE' in screen.screen() or
               server.clients[0].run('put %s again' % (tmp_path / 'file'))
               is None, what='a CREATE')


@pytest.mark.parametrize('locale, spark, shade', [
    ('C.UTF-8', '[▁▂▃▄▅▆▇█]', '[░▒▓█]'), ('C', '[_.=+*%#-]', '[.+*#]')])
def test_the_last_minutes(server, terminal, locale, spark, shade):
    screen = terminal(locale=locale)
    screen.start(*top(server, '-i', '0.1'))

    def seen():
        server.clients[0].run('ls')
        text = screen.screen()
        return (re.search(r'^/s +\d+ .*' + spark, text, re.M) and
                re.search(r'^p99 +[0-9.-]+ .*' + spark, text, re.M) and
                re.search(r'^ +[0-9.]+ us  .*' + shade, text, re.M))

    wait_until(seen, what='a sparkline and a heat map')
    screen.keys('m')
    wait_until(lambda: 'p99 ' not in screen.screen().split('requests\n')[0],
               what='none')
    screen.keys('m')
    wait_until(seen, what='both again')
    # Those of another list begin anew.
    screen.keys('Space', 'o')
    screen.until('operations')
    assert not re.search(r' us  .*' + shade, screen.screen())


# --- keys ---------------------------------------------------------------------

@pytest.fixture
def shown(server, terminal):
    """top in a terminal, all since counting began, and never read again."""
    screen = terminal(width=130, height=60)
    screen.start(*top(server, '--total', *NEVER))
    screen.until('? help')
    return screen


def names(screen):
    return [row[0] for row in listed(screen.screen())]


def test_keys_of_lists(shown):
    for key, title in [
            ('o', 'operations'), ('c', 'clients'), ('u', 'users'),
            ('s', 'shares'), ('p', 'processes'), ('l', 'layers'),
            ('f', 'files'), ('n', 'under way'), ('r', 'requests')]:
        shown.keys(key)
        shown.until(re.compile(r'^\d+ %s$' % title, re.M))
    shown.keys('Tab')
    shown.until(re.compile(r'^\d+ operations$', re.M))
    shown.keys('BTab', 'BTab')
    shown.until(re.compile(r'^\d+ under way$', re.M))


def test_keys_of_columns(server, shown):
    shown.keys('o')
    shown.until('operations')
    groups = server.report('--by', 'op')['vfs_operations_by']

    def until_sorted(figure, reverse=False):
        def value(group):
            return group[figure] + (group['untimed'] if figure == 'count'
                                    else 0)
        groups.sort(key=lambda group: ((1 if reverse else -1) * value(group),
                                       group['op']))
        wait_until(lambda: names(shown) == [g['op'] for g in groups],
                   what='order by ' + figure)

    for number, figure in enumerate(GROUPS):
        if figure in ('count', 'failures', 'total_ns', 'self_ns'):
            shown.keys(str(number + 1))
            until_sorted(figure)
    shown.keys('<')
    until_sorted('total_ns')
    shown.keys('<', '<')
    until_sorted('count')
    shown.keys('>')
    until_sorted('failures')
    shown.keys('1', 'R')
    until_sorted('count', reverse=True)


def test_looking_for(shown):
    shown.keys('o')
    shown.until('operations')
    everything = names(shown)
    shown.keys('/')
    shown.type('STAT')
    shown.until('with /STAT_')
    wait_until(lambda: names(shown) == [name for name in everything
                                        if 'stat' in name], what='a few')
    # Letters are no commands there.
    shown.type('q')
    shown.until('0 operations with /STATq_')
    shown.keys('BSpace', 'Enter')
    shown.until(re.compile('with /STAT$', re.M))
    shown.keys('Escape')
    wait_until(lambda: names(shown) == everything, what='all')


def test_moving_is_seen(shown):
    def chosen():
        """Rows in reverse."""
        return re.findall(r'\x1b\[[\d;]*7m([A-Z_]+) ', shown.screen('-e'))

    every = names(shown)
    assert chosen() == every[:1]
    for key, at in (('Down', 1), ('j', 2), ('Up', 1), ('k', 0), ('End', -1),
                    ('Home', 0), ('NPage', -1), ('PPage', 0), ('G', -1),
                    ('g', 0)):
        shown.keys(key)
        wait_until(lambda: chosen() == [every[at]], what=key)


def test_total_pause_wall_and_help(server, terminal):
    screen = terminal()
    screen.start(*top(server, '-i', '0.05'))
    screen.until(re.compile(r'0\.\d s'))
    screen.keys('t')
    screen.until('since 20')
    screen.keys('t')
    screen.until(re.compile(r'^\S+ \d\.\d s', re.M))
    screen.keys('Space')
    before = screen.until('PAUSED')
    server.clients[0].run('ls')
    assert screen.screen() == before
    screen.keys('Space')
    wait_until(lambda: 'PAUSED' not in screen.screen(), what='no pause')
    screen.keys('w')
    wait_until(lambda: 'receive' not in screen.screen(), what='no wall clock')
    screen.keys('w')
    screen.until('receive')
    for key in '?', 'h':
        screen.keys(key)
        screen.until('Keys of smblatency-stat top')
        screen.keys('x')
        screen.until('? help')


# --- sizes --------------------------------------------------------------------

def fills(lines, height, title='op '):
    """From the first line of the screen to the last, with a list."""
    return (len(lines) == height and
            re.match(r'\d\d:\d\d:\d\d ', lines[0]) and
            any(line.startswith(title) for line in lines) and
            lines[-1].startswith('? help'))


@pytest.mark.parametrize('locale', ['C.UTF-8', 'C'])
def test_sizes(server, terminal, locale):
    screen = terminal(locale=locale)
    screen.start(*top(server, 'op', '--total', '-i', '0.1'))
    screen.until('? help')
    for width, height in ((20, 60), (60, 20), (80, 24), (200, 60), (20, 5),
                          (3, 2), (120, 40)):
        screen.resize(width, height)
        if (width, height) != (3, 2):
            wait_until(lambda: fills(screen.lines(), height),
                       what='%dx%d' % (width, height))
        if locale == 'C':
            assert screen.screen().isascii()
    screen.keys('q')
    screen.check_restored()


def test_a_frame_is_one_write(server, terminal, tmp_path):
    trace = tmp_path / 'trace'
    screen = terminal(width=200, height=60)
    screen.start('strace', '-o', trace, '-e', 'trace=write', '-e',
                 'signal=none', *top(server, 'op', '--total', *NEVER))
    screen.until('? help')
    for key in 'c', 'o', '?':
        screen.keys(key)
    # Else it may have all keys, the last among them, before it draws again.
    screen.until('Keys of smblatency-stat top')
    for key in 'x', 'p', 'o':
        screen.keys(key)
    screen.until('operations')
    screen.keys('q')
    screen.until('$')
    writes = [line for line in trace.read_text().splitlines()
              if line.startswith('write(1,')]
    # The screen is taken, drawn at first, drawn after keys, given back.
    assert 4 <= len(writes) <= 9
    assert max(int(line.rsplit('= ', 1)[1]) for line in writes) > 3000


# --- the terminal afterwards --------------------------------------------------

@pytest.mark.parametrize('way', [
    'q', 'C-c', signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT,
    signal.SIGSEGV, signal.SIGABRT])
def test_the_terminal_is_given_back(server, terminal, way):
    screen = terminal()
    screen.start(*top(server))
    screen.until('? help')
    assert screen.flag('alternate_on') == '1'
    if isinstance(way, str):
        screen.keys(way)
    else:
        os.kill(pid_of(screen), way)
    screen.check_restored()


def test_stopped_and_continued(server, terminal):
    screen = terminal()
    screen.start(*top(server, '--total', '-i', '0.1'))
    screen.until('? help')
    screen.keys('C-z')
    screen.check_restored()
    screen.keys('clear', 'Enter')
    screen.keys('fg', 'Enter')
    screen.until('? help')
    assert screen.flag('alternate_on') == '1'
    screen.keys('c')
    screen.until('1 clients')
    screen.keys('q')
    screen.check_restored()


@pytest.mark.parametrize('term, said', [
    ('dumb', 'has no full screen'), ('nonsense', 'is unknown')])
def test_terminals_that_cannot(server, terminal, term, said):
    screen = terminal(term=term)
    screen.start(*top(server))
    text = screen.until('--batch')
    assert 'smblatency-stat: the terminal type TERM=%s %s' % (term, said) in \
        ' '.join(text.split())
    assert screen.flag('alternate_on') == '0'


def test_a_terminal_of_one_screen_and_no_colours(server, terminal):
    screen = terminal(term='vt100', width=80, height=24)
    screen.start(*top(server, '--total', *NEVER))
    screen.until('? help')
    assert screen.flag('alternate_on') == '0'
    screen.keys('c')
    assert len(listed(screen.until('1 clients'))) == 1
    assert '\x1b[31m' not in screen.screen('-e')
    screen.keys('q')
    wait_until(lambda: '? help' not in screen.screen(), what='the end')
    screen.check_restored()


def test_ends_after_so_many(server, terminal):
    screen = terminal()
    screen.start(*top(server, '-i', '0.05', '-c', '3'))
    wait_until(lambda: pid_of(screen) is None and '$' in screen.screen(),
               what='its end')
    screen.check_restored()


def test_hostile_file_names(smbd, terminal):
    hostile = smbd()
    (hostile.share / 'odd').mkdir()
    names = ['a\u202eb', 'x' * 200, '写真' * 30]
    for name in [*names, 'odd/new\nline and \x1b[31mred']:
        (hostile.share / name).write_text('x')
    hostile.smbclient(['get "%s" /dev/null' % name for name in names])
    client = hostile.client()
    client.run('get odd/%s /dev/null' % mangled(client))
    screen = terminal(width=130)
    screen.start(*top(hostile, 'file', '--total', *NEVER))
    text = screen.until('? help')
    assert r'new\x0aline and \x1b[31mred' in text
    assert r'a\xe2\x80\xaeb' in text
    assert re.search(r'^\.\.(写真)+ +\d+ +4 ', text, re.M)
    screen.resize(60, 40)
    wait_until(lambda: fills(screen.lines(), 40, 'file '), what='60x40')
    screen.keys('q')
    screen.check_restored()


def test_no_terminal(server):
    result = run(*top(server), check=False)
    assert result.returncode == 1
    assert 'needs a terminal' in result.stderr and '--batch' in result.stderr


# --- as text --------------------------------------------------------------------

def batch(server, *options, columns='130', check=True):
    return run(*top(server, '-b', *options), check=check,
               env=dict(os.environ, COLUMNS=columns))


def test_batch(server):
    text = batch(server, 'op', '--total', '-c', '1').stdout
    assert listed(text) == expected(server, 'op')
    assert not re.search(r'[\x00-\x09\x0b-\x1f]', text)
    text = batch(server, '--total', '-c', '3', '-i', '0.01').stdout
    assert len(re.findall(r'^\d\d:\d\d:\d\d since ', text, re.M)) == 3
    text = batch(server, '-c', '2', '-i', '0.01').stdout
    assert len(re.findall(r'^\d\d:\d\d:\d\d 0\.\d s ', text, re.M)) == 2
    text = batch(server, 'op', '--total', '-c', '1', '--sort', 'count',
                 '--top', '2').stdout
    rows = listed(text)
    assert len(rows) == 2 and int(rows[0][1]) >= int(rows[1][1])


def test_batch_fits_20_columns(server):
    text = batch(server, 'op', '--total', '-c', '1', columns='20').stdout
    assert all(len(line) <= 20 for line in text.splitlines())


def test_filters(server):
    for name, value in (('share', 'share'), ('user', 'root'),
                        ('client', '127.0.0.1')):
        text = batch(server, '--total', '-c', '1', '--' + name, value).stdout
        assert listed(text) == expected(server, 'request')
        result = batch(server, '--total', '-c', '1', '--' + name, 'other')
        assert 'other' in result.stderr and not listed(result.stdout)
    pid = str(server.measured()[0])
    text = batch(server, 'request', pid, '--total', '-c', '1').stdout
    assert listed(text) == expected(server, 'request')


@pytest.mark.parametrize('words', [
    ['nonsense'], ['op', 'client'], ['op', '0'], ['--sort', 'nonsense'],
    ['op', '--sort', 'age'], ['--by', 'op'], ['--json'], ['1', '2']])
def test_wrong_usage(tmp_path, words):
    result = run(READER, '--segments', tmp_path, 'top', *words, check=False)
    assert result.returncode == 2
    assert result.stdout == ''
    assert len(result.stderr.splitlines()) == 1


def test_nothing_to_show(tmp_path):
    result = run(READER, '--segments', tmp_path / 'none', 'top', '-b',
                 check=False)
    assert result.returncode == 1
    assert 'nothing to report' in result.stderr


def test_batch_ends_when_nobody_reads(server):
    with subprocess.Popen(top(server, '-b', '-i', '0.01'),
                          stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL) as process:
        process.stdout.readline()
        process.stdout.close()
        assert process.wait(20) is not None
