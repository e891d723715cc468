# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of `html` in a real browser: what it shows, what can be done with
it, and that it is one closed file."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from browser import CONTRAST, OVERLAPS, Browser
from conftest import BUILD, READER, run, wait_for_end
from test_stat_errors import samba_version
from test_stat_history import Recorder

# A layer's name may hold anything but blanks; smbd makes "_" of "/".
HOSTILE = '</script><script>document.title=String(4321)</script><!--'
# A path may hold all of it.
HOSTILE_PATH = 'a</script><script>document.title=String(4321)</script><!--'


@pytest.fixture(scope='module')
def browser():
    one = Browser()
    yield one
    one.close()


@pytest.fixture(scope='module')
def recorder():
    """Where the one of the server is put."""
    return {}


@pytest.fixture(scope='module')
def server(shared_smbd, tmp_path_factory, recorder):
    """One with something to see of everything, recorded, and at rest."""
    files = tmp_path_factory.mktemp('files')
    for number in range(20):
        (files / ('file%d' % number)).write_bytes(b'x' * 10000)
    one = shared_smbd('latency:top inject latency:' + HOSTILE, share_lines=[
        'inject:op = openat', 'inject:ms = 5'], global_lines=[
            'latency:slow threshold = 4'])
    path = one.share / HOSTILE_PATH
    path.parent.mkdir(parents=True)
    path.write_text('x')
    recorder['it'] = Recorder(one, interval='0.1').start()
    client = one.client()
    for command in ('prompt', 'lcd %s' % files, 'mput file*', 'mget file*',
                    'ls', 'ls nothing*'):
        client.run(command)
    # Of names that Windows has not, it sees others. Samba 4.22 opens no file by
    # one, but comes to the directories.
    for _ in Path(HOSTILE_PATH).parts[:-1]:
        client.run('cd ' + seen(client))
    client.run('get %s %s' % (seen(client), files / 'got'))
    client.close()
    wait_for_end(one.measured())
    recorder['it'].next()
    recorder['it'].stop()
    return one


def seen(client):
    return next(line.split()[0] for line in client.run('ls').splitlines()
                if '~' in line)


@pytest.fixture(scope='module')
def report(server):
    return server.final_report('-s')


@pytest.fixture(scope='module')
def page(server, report, tmp_path_factory):  # pylint: disable=unused-argument
    result = run(READER, '--segments', server.latency, 'html', check=False)
    if 'this program was built without the page' in result.stderr:
        assert result.returncode == 1 and result.stdout == ''
        assert './configure --enable-page' in result.stderr
        pytest.skip('built without the libraries of the page')
    assert result.returncode == 0 and result.stderr == ''
    file = tmp_path_factory.mktemp('page') / 'report.html'
    file.write_text(result.stdout)
    return file


@pytest.fixture(scope='module')
def past(server, recorder, page, tmp_path_factory):
    """The page of all that was recorded, beside itself."""
    directory = tmp_path_factory.mktemp('past')
    (directory / 'before.json').write_text(
        server.show('-s', '--json'))
    assert page
    (directory / 'report.html').write_text(run(
        READER, 'html', '--database', recorder['it'].database, '--from', '-1h',
        '--against', directory / 'before.json').stdout)
    return directory / 'report.html'


def data_of(page):
    return json.loads(re.search(r'id="data">(.*?)</script>',
                                page.read_text(), re.S).group(1))


@pytest.fixture
def shown(browser, page):
    """The browser, with the page as it is at first, wide and light."""
    browser.dark(False)
    browser.resize(1600)
    browser.open(page)
    browser.wait_for("""document.querySelector('g.frame[name="all"] rect')
        ?.getAttribute('width') == document.getElementById('flame')
        .clientWidth""")
    return browser


# What is shown, as it must be said.

def duration(ns):
    for size, unit in ((1e9, 's'), (1e6, 'ms'), (1e3, 'µs'), (1, 'ns')):
        if ns >= size or size == 1:
            break
    value = ns / size
    digits = 0 if size == 1 or value >= 99.95 else 1 if value >= 9.995 else 2
    return value, digits, unit


def same_duration(text, ns):
    value, digits, unit = duration(ns)
    number, said = text.split()
    # Both round the same way, but for a half.
    return said == unit and abs(float(number) - value) <= \
        0.5 * 10 ** -digits + 1e-9 and \
        len((number.split('.') + [''])[1]) == digits


def rows(browser, table):
    """The table: [{title of the column: what the cell says}]."""
    return browser.ask("""
        const table = document.getElementById(arguments[0]);
        const titles = [...table.querySelectorAll('thead th')].map(
            (head) => head.textContent);
        return [...table.querySelectorAll('tbody tr')].map((row) =>
            Object.fromEntries([...row.children].map(
                (cell, i) => [titles[i], cell.textContent])));""", table)


def press(browser, *keys):
    ActionChains(browser.driver).send_keys(*keys).perform()


def click(browser, css):
    browser.driver.find_element(By.CSS_SELECTOR, css).click()


def show_all(browser, table):
    more = browser.driver.find_element(By.CSS_SELECTOR,
                                       '#%s .more' % table)
    if more.is_displayed():
        more.click()


# --- it is true -----------------------------------------------------------------

def check_counters(browser, table, name, wanted):
    show_all(browser, table)
    found = {row[name]: row for row in rows(browser, table)}
    assert set(found) == set(wanted)
    for key, counters in wanted.items():
        row = found[key]
        assert row['Count'] == format(counters['count'], ','), key
        assert row['Failures'] == format(counters['failures'], ',')
        for title, field in (('Total', 'total_ns'), ('Average', 'avg_ns'),
                             ('Median', 'p50_ns'), ('p99', 'p99_ns'),
                             ('Max', 'max_ns')):
            assert same_duration(row[title], counters[field]), (key, title)
        if 'Self' in row:
            assert same_duration(row['Self'], counters['self_ns']), key


def test_counters_are_those_of_json(shown, report):
    check_counters(shown, 'table-requests', 'Request',
                   report['smb2_requests'])
    check_counters(shown, 'table-operations', 'Operation',
                   report['vfs_operations'])


@pytest.mark.parametrize('by', ['share', 'user', 'client'])
def test_who_it_was_is_that_of_json(shown, server, by):
    wanted = server.report('--by', by)['smb2_requests_by']
    check_counters(shown, 'table-' + by, by.capitalize(),
                   {row[by]: row for row in wanted})


def test_the_wall_clock_is_that_of_json(shown, report):
    time = report['time']
    found = shown.ask("""return [...document.querySelectorAll(
        '#wall-table tbody tr')].map((row) => [row.dataset.part,
        row.children[1].textContent, row.children[2].textContent])""")
    assert {part for part, _, _ in found} == {
        key for key in time if key.endswith('_us') and not re.match(
            'wall|cpu_|on_cpu|blocked|no_cpu', key)}
    for part, text, share in found:
        assert same_duration(text, time[part] * 1000), part
        assert abs(float(share.split()[0]) / 100 -
                   time[part] / time['wall_us']) <= 0.0051
    # The bar is as long as its parts.
    widths = shown.ask("""return [...document.querySelectorAll(
        '#wall .bar')[0].children].map(
        (part) => part.getBoundingClientRect().width)""")
    for width, (part, _, _) in zip(widths, found):
        assert width / sum(widths) == pytest.approx(
            time[part] / time['wall_us'], abs=0.003), part


def test_the_summary_is_what_why_says(shown, server):
    why = server.report('why')
    text = ' '.join(shown.driver.find_element(By.ID, 'summary').text.split())
    assert why['verdict'] in text
    assert why['findings'], why
    for finding in why['findings']:
        for key in 'title', 'evidence', 'do', 'command':
            assert ' '.join(finding[key].split()) in text


def frames(browser):
    """{name of the frame: what is said of it} for those that are drawn."""
    return browser.ask("""return [...document.querySelectorAll(
        '#flame g.frame')].map((g) => [g.getAttribute('name'),
        g.querySelector('title').textContent,
        Number(g.querySelector('rect').getAttribute('width'))])""")


def without_pending(node):
    """What a node took without its pending requests; async operations went on
    meanwhile."""
    nested = [child for child in node['children']
              if child['name'] != '(pending)']
    pending = sum(child['total_ns'] for child in node['children']) - \
        sum(child['total_ns'] for child in nested)
    return max(node['total_ns'] - pending,
               sum(without_pending(child) for child in nested))


def test_the_flame_graph_is_the_tree(shown, report):
    drawn = {name: text for name, text, _ in frames(shown)}
    assert 'SMB2_OP_CREATE' in drawn and 'top:create_file' in drawn
    for request in report['tree']:
        # Those of less than a pixel are not drawn.
        if request['name'] in drawn:
            said = re.match(r'.*?: (.*?), .*?, ([\d,]+) calls?,',
                            drawn[request['name']])
            assert same_duration(said.group(1), without_pending(request))
            assert said.group(2) == format(request['count'], ',')


def test_the_heat_map_is_the_histogram(shown, report):
    found = shown.ask("""
        const table = document.getElementById('heat-requests');
        return [...table.querySelectorAll('tbody tr')].map((row) => [
            row.children[0].textContent, [...row.children].slice(1).map(
            (cell) => [cell.title, cell.textContent, Number(
                cell.style.getPropertyValue('--heat'))])])""")
    requests = report['smb2_requests']
    assert {name for name, _ in found} == set(requests)
    for name, cells in found:
        # An octave is a power of two; the columns have no gap.
        octaves = {}
        for lower, _, calls in requests[name]['histogram']:
            octave = max(lower, 1).bit_length() - 1
            octaves[octave] = octaves.get(octave, 0) + calls
        calls = [int(title.rsplit(': ', 1)[1].split()[0].replace(',', ''))
                 for title, _, _ in cells]
        first = next(i for i, one in enumerate(calls) if one)
        least, most = min(octaves), max(octaves)
        assert calls[first:first + most - least + 1] == [
            octaves.get(octave, 0) for octave in range(least, most + 1)]
        assert sum(calls) == requests[name]['count']
        for one, (_, text, heat) in zip(calls, cells):
            share = one / requests[name]['count']
            assert heat == pytest.approx(share ** 0.5, abs=1e-3)
            assert text == ('' if one == 0 else '<1' if share < 0.01 else
                            str(int(100 * share + 0.5)))


def test_slow_operations_are_those_of_json(shown, server):
    wanted = [json.loads(line) for line in
              server.show('slow', '--json').splitlines()]
    show_all(shown, 'table-slow')
    found = rows(shown, 'table-slow')
    assert len(found) == len(wanted) > 20
    wanted.sort(key=lambda one: -one['duration_ns'])
    for row, one in zip(found, wanted):
        assert same_duration(row['Duration'], one['duration_ns'])
    assert sorted((row['Path'], row['Operation'], row['Request'])
                  for row in found) == sorted(
        (one['path'], one['op'] or 'all of the request', one['request'])
        for one in wanted)


def test_files_are_those_of_json(shown, server):
    wanted = {one['path']: one
              for one in server.report('files')['files']}
    show_all(shown, 'table-files')
    found = {row['Path']: row for row in rows(shown, 'table-files')}
    assert set(found) == set(wanted)
    for path, one in wanted.items():
        assert same_duration(found[path]['Time'], one['time_ns'])
        assert found[path]['Requests'] == format(one['requests'], ',')


# --- over time ------------------------------------------------------------------

@pytest.fixture
def timed(browser, past):
    browser.dark(False)
    browser.resize(1600)
    browser.open(past)
    browser.wait_for("document.querySelectorAll('.chart canvas').length == 2")
    return browser


def values(browser, legend):
    return [one.text for one in browser.driver.find_elements(
        By.CSS_SELECTOR, '#%s .value' % legend)]


def test_steps_add_up(past, recorder):
    data = data_of(past)
    steps, report = data['steps'], data['report']
    assert 5 < len(steps['begin_ms']) <= 242
    # They begin where intervals do.
    length = min(steps['end_ms'][i] - steps['begin_ms'][i]
                 for i in range(1, len(steps['begin_ms']) - 1))
    assert length % 100 == 0
    assert all(begin % length == 0 for begin in steps['begin_ms'][1:])
    for part, time in steps['time'].items():
        assert len(time) == len(steps['begin_ms'])
        assert abs(sum(time) - report['time'][part]) <= len(time), part
    for name, row in report['smb2_requests'].items():
        there = [one for one in steps['smb2_requests'][name] if one]
        assert sum(one[0] for one in there) == row['count']
        assert max(one[4] for one in there) >= row['max_ns']
        assert all(sum(one[6:]) == one[0] for one in there)
    del recorder


def test_charts_say_what_a_step_had(timed, past):
    data = data_of(past)
    steps = data['steps']
    # Nothing is chosen: all of it.
    name = timed.ask("return document.getElementById('latency-of').value")
    kind, name = name.split()
    whole = data['report'][kind][name]
    assert values(timed, 'latency-legend')[0] == format(whole['count'], ',')
    assert same_duration(values(timed, 'latency-legend')[1], whole['p50_ns'])
    timed.ask("document.getElementById('latency-chart').focus()")
    for step in range(3):
        press(timed, Keys.ARROW_RIGHT)
        row = (steps[kind][name] + [None] * 3)[step]
        said = values(timed, 'latency-legend')
        assert said[0] == (format(row[0], ',') if row else '0')
        for text, ns in zip(said[1:], row[1:5] if row else ()):
            assert same_duration(text, ns)
    timed.ask("document.getElementById('wall-chart').focus()")
    press(timed, Keys.END)
    parts = [part['key'] for part in data['wall_parts'][1:]]
    for text, part in zip(values(timed, 'wall-legend'), parts):
        assert float(text) == pytest.approx(
            steps['time'][part][-1] / steps['running_us'][-1], abs=0.0006)


def test_the_chart_is_drawn(timed):
    """Colors of the parts, and more than one of the heat map."""
    colors = timed.ask("""return [...document.querySelectorAll(
        '.chart canvas')].map((canvas) => {
            const pixels = canvas.getContext('2d').getImageData(0, 0,
                canvas.width, canvas.height).data;
            const found = new Set();
            for (let i = 0; i < pixels.length; i += 4) {
                found.add(pixels.slice(i, i + 3).join());
            }
            return [...found]; })""")
    assert '44,107,217' in colors[0]            # VFS
    assert len(colors[1]) > 10


def test_what_was_slow_then_and_which_files_is_that_of_json(timed, past,
                                                            recorder):
    data = data_of(past)
    words = '--database', recorder['it'].database, '--from', '-1h', '--json'
    slow = [json.loads(line) for line in
            run(READER, 'slow', *words).stdout.splitlines()]
    assert data['slow'] == slow[-500:] != []
    files = json.loads(run(READER, 'files', *words).stdout)
    assert files['files'] and data['files'] == {
        key: files[key] for key in ('files', 'all', 'dropped', 'unknown')}
    for table, wanted in ('table-slow', slow), ('table-files', files['files']):
        show_all(timed, table)
        assert {row['Path'] for row in rows(timed, table)} == {
            row['path'] or '-' for row in wanted}


def test_another_operation_can_be_chosen(timed, past):
    data = data_of(past)
    timed.driver.find_element(By.ID, 'latency-of').send_keys('pwrite')
    said = values(timed, 'latency-legend')
    assert said[0] == format(
        data['report']['vfs_operations']['pwrite']['count'], ',')


def test_what_has_changed_is_that_of_json(timed, past):
    wanted = {one['op']: one
              for one in data_of(past)['against']['vfs_operations']}
    show_all(timed, 'against-operations')
    found = {row['Operation']: row for row in rows(
        timed, 'against-operations')}
    assert set(found) == set(wanted)
    for op, one in wanted.items():
        assert found[op]['Count before'] == format(one['count_before'], ',')
        assert found[op]['Now'] == format(one['count_after'], ',')
        assert same_duration(found[op]['Average before'],
                             one['avg_before_ns'])


@pytest.mark.parametrize('width', [360, 1600])
def test_the_past_does_not_overlap(timed, width):
    timed.resize(width)
    timed.wait_for("document.querySelector('#latency-chart .uplot')"
                   ".clientWidth <= innerWidth")
    _, over, outside, wider = timed.ask(OVERLAPS)
    assert not over and not outside and wider <= 0
    assert not timed.ask(CONTRAST)[1]
    assert not timed.complaints()


# --- it can be used -------------------------------------------------------------

def test_zoom(shown):
    def width(name):
        return next((w for n, _, w in frames(shown) if n == name), 0)

    whole = width('all')
    assert width('SMB2_OP_CLOSE') < whole / 2
    shown.ask("""document.querySelector('g.frame[name="SMB2_OP_CLOSE"]')
        .dispatchEvent(new MouseEvent('click', {bubbles: true}))""")
    shown.wait_for("""Math.abs(document.querySelector(
        'g.frame[name="SMB2_OP_CLOSE"] rect').getAttribute('width') - %f) < 1
        """ % whole)
    assert width('SMB2_OP_CREATE') == 0
    click(shown, '#flame-reset')
    shown.wait_for("""document.querySelector(
        'g.frame[name="SMB2_OP_CREATE"] rect')""")
    # It shrinks as the others appear.
    shown.wait_for("""document.querySelector(
        'g.frame[name="SMB2_OP_CLOSE"] rect').getAttribute('width') < %f
        """ % (whole / 2))
    assert width('SMB2_OP_CLOSE') < whole / 2


def test_search(shown, report):
    shown.driver.find_element(By.ID, 'flame-search').send_keys('CREATE_file')
    said = shown.driver.find_element(By.ID, 'flame-found').text
    colors = dict(shown.ask("""return [...document.querySelectorAll(
        '#flame g.frame')].map((g) => [g.getAttribute('name'),
        g.querySelector('rect').getAttribute('fill')])"""))
    assert colors['top:create_file'] == 'var(--flame-found)'
    assert colors['top:openat'] != 'var(--flame-found)'

    def nodes(children):
        for node in children:
            yield node
            yield from nodes(node['children'])

    assert int(said.split()[0]) == sum(
        node['name'] == 'create_file' for node in nodes(report['tree']))


def test_keys_move_and_zoom(shown):
    shown.ask("document.getElementById('flame').focus()")

    def current():
        return shown.ask("""return document.querySelector(
            '#flame g.frame.current').getAttribute('name')""")

    assert current() == 'all'
    press(shown, Keys.ARROW_DOWN)
    largest = current()
    assert largest.startswith('SMB2_OP_')
    assert shown.driver.find_element(
        By.ID, 'flame-words').text.startswith(largest + ': ')
    press(shown, Keys.ARROW_RIGHT)
    second = current()
    assert second != largest
    press(shown, Keys.ENTER)
    shown.wait_for("""!document.querySelector('g.frame[name="%s"]')
        """ % largest)
    press(shown, Keys.ESCAPE)
    shown.wait_for("""document.querySelector('g.frame[name="%s"]')
        """ % largest)
    press(shown, Keys.ARROW_UP)
    assert current() == 'all'


def test_all_can_be_reached_by_tab(shown):
    reached = set()
    for _ in range(200):
        press(shown, Keys.TAB)
        place = shown.ask("""const one = document.activeElement;
            const all = [...document.querySelectorAll('a, button, input, '
                + '[tabindex="0"]')].filter((e) => e.offsetParent);
            return [all.indexOf(one), all.length,
                    getComputedStyle(one).outlineStyle];""")
        if place[0] < 0:
            break
        assert place[2] != 'none', 'nobody sees where the focus is'
        reached.add(place[0])
    # All but the link that is shown only then.
    assert len(reached) >= place[1] - 1 > 20


def test_sort_and_filter(shown, report):
    operations = report['vfs_operations']

    def names():
        return [row['Operation'] for row in rows(shown, 'table-operations')]

    show_all(shown, 'table-operations')
    head = '#table-operations thead th:nth-child(2) button'
    # By keys, as well as with a mouse.
    shown.driver.find_element(By.CSS_SELECTOR, head).send_keys(Keys.ENTER)
    counts = [operations[name]['count'] for name in names()]
    assert counts == sorted(counts, reverse=True) and len(counts) > 10
    click(shown, head)
    counts = [operations[name]['count'] for name in names()]
    assert counts == sorted(counts)
    assert shown.ask("""return document.querySelector(
        '#table-operations th[aria-sort]').textContent""") == 'Count'

    shown.driver.find_element(
        By.CSS_SELECTOR, '#table-operations input').send_keys('XATTR')
    assert sorted(names()) == sorted(name for name in operations
                                     if 'xattr' in name)
    assert ' of %d rows' % len(operations) in shown.driver.find_element(
        By.CSS_SELECTOR, '#table-operations output').text


# --- it is closed ---------------------------------------------------------------

def test_nothing_is_loaded(shown, page):
    for css in ('#theme', '#flame-reset', 'nav a'):
        click(shown, css)
    assert [url.split('#')[0] for url in shown.requests()
            if not url.startswith('data:')] == ['file://%s' % page]
    # The policy had nothing to refuse, and no script failed.
    assert not shown.complaints()


def test_its_policy_lets_nothing_out(shown):
    """Even what would be in it is stopped."""
    shown.ask("""
        const image = new Image(); image.src = 'http://192.0.2.1/x';
        document.body.append(image);
        fetch('http://192.0.2.1/y').catch(() => {
            document.body.dataset.refused = 'yes'; });""")
    shown.wait_for("document.body.dataset.refused")
    assert not [url for url in shown.requests() if '192.0.2.1' in url]
    assert [line for line in shown.complaints()
            if 'Content Security Policy' in line]


def test_a_hostile_name_is_only_a_name(shown, page):
    name = HOSTILE.replace('/', '_')
    assert '4321' not in shown.driver.title
    assert '<!--' not in page.read_text().split('id="data"')[1]
    assert any(name + ':' in text for text, _, _ in frames(shown))
    show_all(shown, 'table-files')
    paths = {row['Path'] for row in rows(shown, 'table-files')}
    if samba_version() < (4, 22):
        assert HOSTILE_PATH in paths
    else:
        above = str(Path(HOSTILE_PATH).parent)
        assert any(path.startswith(above) for path in paths)
    assert shown.ask("return document.scripts.length") == \
        page.read_text().split('id="data"')[0].count('<script') + \
        page.read_text().split('id="data"')[1].count('<script>')


# --- it can be read -------------------------------------------------------------

@pytest.mark.parametrize('width', [360, 1600])
def test_nothing_overlaps(shown, width):
    shown.resize(width)
    shown.wait_for("Math.abs(document.querySelector('#flame svg')"
                   ".getAttribute('width') - document.getElementById('flame')"
                   ".clientWidth) < 1")
    seen, over, outside, wider = shown.ask(OVERLAPS)
    assert seen > 100
    assert not over and not outside and wider <= 0


@pytest.mark.parametrize('dark', [False, True])
def test_contrast(shown, page, dark):
    shown.dark(dark)
    shown.open(page)
    back = shown.ask('return getComputedStyle(document.body).backgroundColor')
    assert (sum(map(int, re.findall(r'\d+', back))) < 200) == dark
    seen, bad = shown.ask(CONTRAST)
    assert seen > 100 and not bad


def test_on_paper(shown):
    shown.driver.execute_cdp_cmd('Emulation.setEmulatedMedia',
                                 {'media': 'print'})
    try:
        there = {css: shown.ask("return document.querySelector(arguments[0])"
                                ".getClientRects().length", css)
                 for css in ('nav', '#theme', '.tools input', '.tools button',
                             '.verdict', '.bar', '#flame svg', 'td')}
    finally:
        shown.driver.execute_cdp_cmd('Emulation.setEmulatedMedia',
                                     {'media': ''})
    assert [css for css, boxes in there.items() if boxes] == [
        '.verdict', '.bar', '#flame svg', 'td']


# --- the command ----------------------------------------------------------------

def test_filters(server, browser, page, tmp_path):
    assert page
    result = run(READER, '--segments', server.latency, 'html', '--user',
                 'nobody', check=False)
    assert result.returncode == 1 and result.stdout == ''
    assert 'by user nobody' in result.stderr
    file = tmp_path / 'report.html'
    file.write_text(server.show('html', '--user', 'root'))
    browser.open(file)
    assert [row['User'] for row in rows(browser, 'table-user')] == ['root']


def test_its_data_is_json(page):
    assert set(data_of(page)) == {
        'host', 'report', 'why', 'wall_parts', 'smb2_requests_by', 'slow',
        'files'}


def test_a_thousand_clients_fit(page, tmp_path):
    assert page
    tmp_path.chmod(0o700)
    made = subprocess.Popen(
        [BUILD / 'tests/make_segments', tmp_path, '1000'],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert made.stdout.readline() == b'ready\n'
        text = run(READER, '--segments', tmp_path, 'html').stdout
    finally:
        made.stdin.close()
        made.wait(30)
        made.stdout.close()
    assert len(text.encode()) <= 3000000
    assert len(json.loads(re.search(r'id="data">(.*?)</script>', text,
                                    re.S).group(1))[
        'smb2_requests_by']['client']) > 100


def test_how_far_it_is_is_said_on_a_terminal_only(recorder, past):
    words = [READER, 'html', '--database', recorder['it'].database,
             '--from', '-1h']
    assert past
    assert run(*words).stderr == ''
    ours, its = os.openpty()
    subprocess.run(words, stdout=subprocess.DEVNULL, stderr=its, check=True,
                   timeout=60)
    os.close(its)
    said = os.read(ours, 1 << 16).decode()
    os.close(ours)
    assert 'reading the history: 100 %' in said
    # Nothing of it is left.
    assert said.endswith(' ' * 26 + '\r')


def test_bad_options(server, past):
    for options, said in (
            (['--database', '/nowhere'], '--database goes with'),
            (['--from', 'soon'], '--from'),
            (['--from', '-1h', '--database', '/nowhere'], '/nowhere'),
            (['--to', '2001-01-01', '--database', past.parent / 'no'], 'no'),
            (['-s'], '--ops')):
        result = run(READER, '--segments', server.latency, 'html', *options,
                     check=False)
        assert result.returncode != 0 and result.stdout == '', options
        assert said in result.stderr, result.stderr
