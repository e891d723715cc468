# SPDX-License-Identifier: GPL-3.0-or-later
"""The diagnosis names what is the matter. tests/causes/run makes all causes
happen; here is what is quick of it, and how the answers are given."""

import json
import re
import sys
import textwrap

import pytest

from conftest import READER, TOP, run

sys.path.insert(0, str(TOP / 'tests' / 'causes'))
from causes import (SCENARIOS, answered,  # pylint: disable=wrong-import-position
                    run_scenario)

NUMBER = re.compile(r'\d[\d,.]*\d|\d')


def figure_text(figure):
    """A figure as it must be said."""
    value, unit = figure['value'], figure['unit']
    steps = {'ns': [(1e9, 's'), (1e6, 'ms'), (1e3, 'us'), (1, 'ns')]}.get(
        unit.split('_')[0], [(2 ** 30, 'GiB'), (2 ** 20, 'MiB'),
                             (2 ** 10, 'KiB'), (1, 'bytes')])
    if unit == 'count':
        return format(round(value), ',')
    if unit == 'per_s':
        return format(round(value), ',') + ' a second'
    if unit == 'ratio':
        return '%.*f %%' % (value < 0.0995, 100 * value)
    size, name = next((step for step in steps if value >= step[0]), steps[-1])
    value /= size
    digits = 0 if size == 1 or value >= 99.95 else 1 if value >= 9.995 else 2
    return '%.*f %s%s' % (digits, value, name, '/s' * unit.endswith('_per_s'))


def check_numbers(sentence, figures):
    """Each number in it is the text of a figure, and that of its value."""
    for figure in figures:
        assert figure['text'] == figure_text(figure), figure
    left = re.sub(r' by \S+@\S+\.$', '', sentence)
    for text in sorted((one['text'] for one in figures), key=len,
                       reverse=True):
        left = re.sub(r'(?<![\d,.])%s(?![\w])' % re.escape(text), '', left)
    assert not NUMBER.search(left), (sentence, left)


def lines_of(finding):
    """So many lines of 80 columns it takes; all but the title are indented."""
    named = dict(finding, page=finding['page'].split('#')[1])
    return sum(len(textwrap.wrap(text % named, width, break_long_words=False,
                                 break_on_hyphens=False))
               for width, text in (
        (80, "1. %(title)s: 100 %% of the clients' time (%(confidence)s)"),
        (77, '%(evidence)s'),
        (77, "Do: %(do)s. See '%(command)s', and %(page)s in the guide")))


def check_answer(answer):
    figures = answer['figures'] + (
        answer['findings'][0]['figures'] if answer['state'] == 'found' else [])
    check_numbers(answer['verdict'], figures)
    for finding in answer['findings']:
        check_numbers(finding['evidence'], finding['figures'])
        assert finding['share'] >= 0.05
        assert lines_of(finding) <= 5, finding
    shares = [one['share'] for one in answer['findings']]
    assert shares == sorted(shares, reverse=True)


@pytest.mark.parametrize('name', [name for name in SCENARIOS
                                  if SCENARIOS[name].short])
def test_the_cause_comes_first(modules, tmp_path_factory, name):
    function = SCENARIOS[name]
    answer = run_scenario(function, tmp_path_factory.mktemp(name), modules)
    check_answer(answer)
    assert answered(answer, function) in function.expected, \
        json.dumps(answer, indent=1)


@pytest.fixture(scope='module')
def busy(shared_smbd, tmp_path_factory):
    """An smbd one of whose modules is slow, on a share with a hostile name."""
    server = shared_smbd('latency:top inject latency:bottom', share_lines=[
        'inject:op = openat', 'inject:ms = 10'])
    files = tmp_path_factory.mktemp('files')
    for number in range(30):
        (files / ('file%d' % number)).write_bytes(b'x')
    client = server.client()
    client.run('prompt')
    client.run('lcd %s' % files)
    client.run('mput file*')
    return server


def test_a_finding_is_five_lines_of_80_columns(busy):
    text = busy.show('why')
    findings = re.split(r'^(?=\d+\. )', text, flags=re.M)[1:]
    assert findings
    for finding in findings:
        lines = finding.split('\n\n')[0].strip().splitlines()
        assert len(lines) <= 5, finding
        assert all(len(line) <= 80 for line in lines), finding


def test_people_are_told_what_programs_are(busy):
    answer = busy.report('why')
    text = ' '.join(busy.show('why').split())
    check_answer(answer)
    assert answer['findings'][0]['title'] in text
    assert 'slow_module' in [one['cause'] for one in answer['findings']]
    # Nothing has happened in between: the figures are the same.
    assert answer['findings'][0]['evidence'] in text
    assert answer['findings'][0]['do'] in text


@pytest.mark.parametrize('options', [[], ['-s']])
def test_a_report_ends_with_the_verdict(busy, options):
    """With its first sentence. Meanwhile time passes, so that shares shrink."""
    verdict = busy.report('why')['verdict'].split('. ')[0].rstrip('.') + '.'
    pattern = re.escape(verdict).replace('\\ ', ' ')
    pattern = re.sub(r'\d+ %', r'\\d+ %', pattern)
    assert re.search(' ' + pattern + '$',
                     ' '.join(busy.show(*options).split()))


@pytest.mark.parametrize('options', [['-d'], ['--by', 'user'], ['--tree'],
                                     ['--sizes'], ['-j']])
def test_other_views_have_no_verdict(busy, options):
    title = busy.report('why')['findings'][0]['title']
    assert title + ':' not in busy.show(*options)


def test_it_fits_a_narrow_terminal(busy):
    result = run(READER, '--segments', busy.latency, 'why',
                 env={'COLUMNS': '40', 'PATH': '/usr/bin:/bin'})
    assert all(len(line) <= 40 for line in result.stdout.splitlines())


def test_an_interval_has_only_what_happened_in_it(busy):
    answer = busy.report('why', '-i', '1.5')
    check_answer(answer)
    assert answer['interval'] and answer['requests'] == 0
    assert answer['state'] == 'idle' and not answer['findings']


def test_only_of_a_client_that_there_is(busy):
    assert busy.report('why', '--client', '127.0.0.1')['requests'] > 0
    result = run(READER, '--segments', busy.latency, 'why', '--user', 'nobody',
                 check=False)
    assert result.returncode == 1 and "by user nobody" in result.stderr


def test_a_bad_segment_makes_it_untrusted(busy):
    bad = busy.latency / 'smbd-1-0000000000000001.segment'
    bad.write_bytes(b'x' * 4096)
    try:
        result = run(READER, '--segments', busy.latency, 'why', '--json',
                     check=False)
        answer = json.loads(result.stdout)
        assert answer['state'] == 'untrusted'
        assert answer['verdict'].startswith('The data cannot be trusted')
        check_answer(answer)
    finally:
        bad.unlink()


def test_nothing_counted_is_explained(tmp_path):
    result = run(READER, '--segments', tmp_path / 'none', 'why', check=False)
    assert result.returncode == 1 and result.stdout == '' and result.stderr


def test_every_cause_is_in_the_manual_page_and_the_guide():
    causes = re.findall(r'^(\w+) +', run(READER, 'causes').stdout, re.M)
    page = run('man', '-l', READER.parent / 'man' / 'smblatency-stat.1',
               env={'MANWIDTH': '80', 'PATH': '/usr/bin:/bin',
                    'MAN_KEEP_FORMATTING': '', 'LC_ALL': 'C'}).stdout
    guide = (TOP / 'docs' / 'guide.md').read_text()
    assert len(causes) >= 16
    for cause in causes:
        assert re.search(r'^ +%s\b' % cause, page, re.M), cause
        assert '\n## %s\n' % cause.replace('_', '-') in guide, cause
