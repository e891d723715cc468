#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The build of vfs_latency.

Run by the waflib of the Samba source (see script/waf), which also holds the
headers for modules/. Two rules of the design are kept here: only modules/ and
tests/modules/ are compiled with Samba's headers in reach, and nothing is
linked with Samba, whose private symbols change with every security update.

Files are found by pattern, so adding one needs no change here:
  modules/*.c              the module, latency.so
  lib/*.c                  common code, for the module, the reader, the tests
  reader/*.c               what is counted in all segments together
  history/*.c              what was counted, in a database
  diagnosis/*.c            what it means
  web/*.js                 scripts of the page that the command html prints
  utils/**/*.c             the reader, smblatency-stat
  docs/man/NAME.N[.in]     manual pages; .in goes through script/make-man
  tests/versions/*.c       compiled once for each version of Samba's VFS
  tests/unit/test_*.c      one cmocka program each, built plain and sanitized
  tests/bench/NAME.c       one program each, for the benchmark
  tests/modules/NAME.c     one small VFS module each, for the tests
  tests/fuzz/fuzz_*.c      one fuzzer each, sanitized, where the compiler is clang
"""

import os
import re
import shutil
import subprocess
import sys

from waflib import Build, Configure, Errors, Logs, Utils

sys.path.insert(0, 'script')
import vfs_table  # pylint: disable=wrong-import-position

APPNAME = 'vfs_latency'
VERSION = '0.1.0'
top = '.'
out = os.environ.get('BUILD') or 'build'

# A changed wscript configures again by itself, with the same options.
Configure.autoconfig = True

WARNINGS = ['-Wall', '-Wextra', '-Werror', '-Wmissing-prototypes',
            '-Wstrict-prototypes']
SANITIZE = ['-fsanitize=address,undefined', '-fno-sanitize-recover=all',
            '-fno-omit-frame-pointer', '-DLATENCY_INVARIANTS=1']

# For code that runs once in a while, among much else: what counts is how many
# lines of the instruction cache it takes, not how its jumps are aligned.
DENSE = ['-falign-%s=1' % what for what in ('functions', 'jumps', 'loops',
                                            'labels')]

# Instrumented for libFuzzer; the program is linked with more. That each
# comparison is told to libFuzzer takes two thirds of the time, and a segment is
# changed by a mutator of its own.
FUZZED = ['-fsanitize=fuzzer-no-link', '-fno-sanitize-coverage=trace-cmp']
FUZZER = ['-fsanitize=fuzzer']

# Libraries: (name, header, library, Debian package). A new one needs a line
# here and one in script/install-packages.
READER_LIBS = [
    ('POPT', 'popt.h', 'popt', 'libpopt-dev'),
    ('JANSSON', 'jansson.h', 'jansson', 'libjansson-dev'),
    ('MICROHTTPD', 'microhttpd.h', 'microhttpd', 'libmicrohttpd-dev'),
    ('SQLITE', 'sqlite3.h', 'sqlite3', 'libsqlite3-dev'),
    ('TERMINFO', 'term.h', 'tinfo', 'libncurses-dev'),
]
TEST_LIBS = [('CMOCKA', 'cmocka.h', 'cmocka', 'libcmocka-dev')]

# Below the top of the header directory of script/samba-headers.
SAMBA_INCLUDES = '''bin/default bin/default/include bin/default/source3 .
    source3 source3/include include lib lib/replace lib/talloc lib/tevent
    lib/tdb/include'''.split()
SAMBA_DEFINES = ['_XOPEN_SOURCE_EXTENDED=1', '__STDC_WANT_LIB_EXT1__=1',
                 'HAVE_CONFIG_H=1', '_SAMBA_BUILD_=4']

# Where npm puts the libraries of the page.
PAGE_LIBRARIES = '.page'

READER = 'smblatency-stat'
READER_MAIN = 'utils/smblatency_stat.c'


def options(opt):
    opt.load('compiler_c gnu_dirs')
    group = opt.add_option_group('vfs_latency options')
    group.add_option('--with-samba-source', metavar='DIR',
                     help='the source of the installed Samba (default: '
                     'fetched with apt)')
    group.add_option('--other-samba', action='store_true', default=False,
                     help='build for the Samba of --with-samba-source, '
                     'whatever smbd is installed here')
    group.add_option('--with-modulesdir', metavar='DIR', dest='modulesdir',
                     help="where smbd looks for VFS modules (default: ask "
                     "'smbd -b')")
    group.add_option('--enable-developer', action='store_true', default=False,
                     dest='developer', help='build the unit tests, plain and '
                     'sanitized, with every make')
    group.add_option('--enable-page', action='store_true', default=None,
                     dest='page', help='fail if the libraries of the page '
                     'that the command html prints cannot be fetched with npm')
    group.add_option('--disable-page', action='store_false', dest='page',
                     help='build without that page')


# --- configure --------------------------------------------------------------

def configure(conf):
    conf.load('compiler_c gnu_dirs')
    conf.env.PYTHON = [sys.executable]
    conf.env.DEVELOPER = conf.options.developer
    conf.env.prepend_value('CFLAGS', ['-std=gnu11', '-O2', '-g'] + WARNINGS)
    conf.env.append_value('DEFINES', ['_GNU_SOURCE=1'])
    if conf.options.developer:
        # See lib/invariant.h; with the sanitizers they are always checked.
        conf.env.append_value('CFLAGS', ['-DLATENCY_INVARIANTS=1'])
    conf.env.cshlib_PATTERN = '%s.so'
    # gcc has no such option.
    conf.env.FUZZER = conf.check_cc(
        cflags=FUZZED, linkflags=FUZZED, mandatory=False,
        msg='Checking for libFuzzer')
    # clang ignores some of these, and says so.
    conf.env.DENSE = DENSE if conf.check_cc(
        cflags=DENSE + ['-Werror'], mandatory=False,
        msg='Checking for code without gaps') else []
    configure_samba(conf)
    configure_libraries(conf)
    configure_page(conf)
    conf.define('LATENCY_VERSION', VERSION)
    conf.write_config_header('latency_config.h')


def configure_samba(conf):
    """Headers, version and directories of the Samba we build for."""
    headers = os.environ['SAMBA_HEADERS']
    with open(headers + '/VERSION', encoding='utf-8') as f:
        part = dict(re.findall(r'^SAMBA_VERSION_(\w+)=(\d+)', f.read(), re.M))
    version = '.'.join([part['MAJOR'], part['MINOR'], part['RELEASE']])
    for name, mark in (('PRE_RELEASE', 'pre'), ('RC_RELEASE', 'rc')):
        if name in part:
            version += mark + part[name]
    with open(headers + '/source3/include/vfs.h', encoding='utf-8',
              errors='replace') as f:
        interface = int(re.search(
            r'^#define\s+SMB_VFS_INTERFACE_VERSION\s+(\d+)', f.read(),
            re.M).group(1))
    conf.msg('Samba to build for', '%s (VFS interface %d)'
             % (version, interface))

    conf.env.SAMBA_HEADERS = headers

    # As system headers: Samba's own code does not pass -Wextra.
    for name in SAMBA_INCLUDES:
        conf.env.append_value('CFLAGS_SAMBA', [
            '-isystem', os.path.normpath(os.path.join(headers, name))])
    conf.env.DEFINES_SAMBA = SAMBA_DEFINES

    settings = ask_smbd(conf)
    if conf.options.modulesdir:
        conf.env.MODULESDIR = os.path.abspath(conf.options.modulesdir)
    elif 'MODULESDIR' in settings:
        conf.env.MODULESDIR = settings['MODULESDIR'] + '/vfs'
    else:
        conf.fatal('smbd is not installed here, so I cannot ask it where it '
                   'looks for modules: add --with-modulesdir=DIR')
    conf.msg('Directory for the module', conf.env.MODULESDIR)
    conf.define('LATENCY_MODULES_DIRECTORY', conf.env.MODULESDIR)
    conf.env.LOCKDIR = settings.get('LOCKDIR', '')
    # An smbd of another version cannot load this module to check it.
    installed = re.search(r'Version (\d+\.\d+\.\d+\w*)',
                          settings.get('-V', ''))
    conf.env.CHECK_WITH_SMBD = (
        conf.env.SMBD if installed and installed.group(1) == version else [])

    conf.env.SAMBA_VERSION = version
    conf.define('LATENCY_SAMBA_VERSION', version)
    conf.define('LATENCY_VFS_VERSION', interface)


def ask_smbd(conf):
    """The build options of the installed smbd; empty without one."""
    path = conf.environ.get('PATH', '').split(':')
    path += ['/usr/local/samba/sbin', '/usr/sbin', '/sbin']
    if not conf.find_program('smbd', path_list=path, mandatory=False):
        return {}
    text = conf.cmd_and_log(conf.env.SMBD + ['-b'], quiet=True)
    settings = dict(re.findall(r'^\s+(MODULESDIR|LOCKDIR): (.*\S)', text,
                               re.M))
    settings['-V'] = conf.cmd_and_log(conf.env.SMBD + ['-V'], quiet=True)
    return settings


def configure_libraries(conf):
    missing = []
    for name, header, library, package in READER_LIBS + TEST_LIBS:
        # cmocka.h wants these four before it.
        found = conf.check_cc(
            fragment='#include <stdarg.h>\n#include <stddef.h>\n'
                     '#include <stdint.h>\n#include <setjmp.h>\n'
                     '#include <%s>\nint main(void) { return 0; }\n' % header,
            lib=library, uselib_store=name, mandatory=False,
            msg='Checking for %s' % header)
        if found:
            conf.env['FOUND_' + name] = True
        elif (name, header, library, package) in READER_LIBS:
            missing.append(package)
    if missing:
        conf.fatal('These libraries are missing. Install them as root:\n'
                   '  apt-get install --no-install-recommends '
                   + ' '.join(missing))
    # Since glibc 2.34 it is part of libc.
    conf.env.LIB_PTHREAD = ['pthread']
    conf.env.LIB_M = ['m']
    # The probes become nothing without it.
    conf.check_cc(header_name='sys/sdt.h', mandatory=False,
                  define_name='HAVE_SYS_SDT_H')


def configure_page(conf):
    """The libraries of the page that html prints: what npm fetches for
    web/package-lock.json. They stay in .page/, for builds to come, even without
    a network."""
    conf.env.PAGE_LIBRARIES = ''
    # smblatency-build, which is for the module, has no web/.
    if conf.options.page is False or not conf.path.find_dir('web'):
        return
    conf.start_msg('Libraries of the page')
    problem = fetch_page_libraries(conf)
    if problem and conf.options.page:
        conf.fatal('The libraries of the page cannot be fetched: ' + problem)
    conf.end_msg('none, so there is no command html: ' + problem
                 if problem else PAGE_LIBRARIES,
                 color='YELLOW' if problem else 'GREEN')
    if not problem:
        conf.env.PAGE_LIBRARIES = os.path.abspath(
            os.path.join(PAGE_LIBRARIES, 'node_modules'))


def fetch_page_libraries(conf):
    """Returns what was wrong, in words; None: they are there."""
    with open('web/package-lock.json', encoding='utf-8') as f:
        wanted = f.read()
    stamp = os.path.join(PAGE_LIBRARIES, 'fetched')
    if os.path.exists(stamp):
        with open(stamp, encoding='utf-8') as f:
            if f.read() == wanted:
                return None
    if not conf.find_program('npm', mandatory=False, quiet=True):
        return 'npm is not installed'
    os.makedirs(PAGE_LIBRARIES, exist_ok=True)
    for name in 'package.json', 'package-lock.json':
        shutil.copy('web/' + name, PAGE_LIBRARIES)
    try:
        npm = subprocess.run(
            conf.env.NPM + ['ci', '--ignore-scripts', '--no-audit',
                            '--no-fund', '--fetch-retries=1'],
            cwd=PAGE_LIBRARIES, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            universal_newlines=True, timeout=120)
    except subprocess.TimeoutExpired:
        return 'npm has not ended after two minutes'
    if npm.returncode != 0:
        conf.to_log(npm.stdout)
        return 'npm failed (see config.log)'
    with open(stamp, 'w', encoding='utf-8') as f:
        f.write(wanted)
    return None


# --- build ------------------------------------------------------------------

class BuildTestsContext(Build.BuildContext):
    '''builds the tests too (script/run-tests runs them)'''
    cmd = 'build_tests'
    fun = 'build_tests'


def check_smbd_version(bld):
    """Refuse to build for a Samba that an upgrade has replaced since."""
    if not bld.env.CHECK_WITH_SMBD:
        return
    text = bld.cmd_and_log(bld.env.SMBD + ['-V'], quiet=True)
    if 'Version ' + bld.env.SAMBA_VERSION not in text:
        bld.fatal('This build is configured for Samba %s, but smbd is now:\n'
                  '  %s\nRun ./configure again.'
                  % (bld.env.SAMBA_VERSION, text.strip()))


def build(bld):
    check_smbd_version(bld)
    includes = [bld.bldnode, 'include', 'lib', 'reader', 'history',
                'diagnosis', 'utils', 'utils/doctor', 'utils/metrics',
                'utils/top']
    bld(rule='${PYTHON} ${SRC[0].abspath()} ${SAMBA_HEADERS} ${TGT}',
        source='script/make-ntstatus', target='ntstatus_names.h',
        ext_out=['.h'], name='make-ntstatus')
    build_page(bld)
    build_common(bld, '', includes, [])
    modules = bld.path.ant_glob('modules/*.c')
    if modules:
        build_module(bld, modules, 'latency', bld.env.MODULESDIR)
    build_manual(bld)
    install_extras(bld)
    if bld.env.DEVELOPER or bld.cmd == 'build_tests':
        build_test_programs(bld, includes)


def build_page(bld):
    bld(rule="${PYTHON} ${SRC[0].abspath()} ${TGT} '%s' '${PAGE_LIBRARIES}'"
             % bld.path.make_node('web').abspath(),
        source=['script/make-page'] + bld.path.ant_glob('web/*'),
        target='page_text.c', vars=['PAGE_LIBRARIES'], name='make-page')


def build_common(bld, prefix, includes, flags):
    """The floors of the reader, once as they are installed, once sanitized.

    Static libraries, so that the module takes only what it calls, and the
    unit tests reach the reader's code.
    """
    env = bld.env.derive()
    env.append_value('CFLAGS', flags)
    env.append_value('LINKFLAGS', flags)
    libraries = [name for name, _, _, _ in READER_LIBS] + ['PTHREAD', 'M']
    use = []
    # In the order in which they are linked: each may use those behind it, and
    # sees no header of those before it.
    for target, sources, seen in (
            ('latency-report', 'utils/**/*.c', None),
            ('latency-diagnosis', 'diagnosis/*.c', 6),
            ('latency-history', 'history/*.c', 5),
            ('latency-reader', 'reader/*.c', 4),
            ('latency-common', 'lib/*.c', 3)):
        hidden = (['-fPIC', '-fvisibility=hidden', *bld.env.DENSE]
                  if seen == 3 else [])
        files = bld.path.ant_glob(sources, excl=[READER_MAIN])
        if seen is None:
            files.append(bld.path.find_or_declare('page_text.c'))
        bld.stlib(source=files,
                  target=prefix + target, env=env, includes=includes[:seen],
                  use=libraries if seen is None else [], install_path=None,
                  cflags=hidden)
        use.append(prefix + target)
    if bld.path.find_node(READER_MAIN):
        bld.program(source=READER_MAIN, target=prefix + READER, env=env,
                    includes=includes, use=use + libraries,
                    install_path=None if prefix else '${BINDIR}')
    return env, use + libraries


def build_module(bld, source, target, directory, cflags=(), linkflags=()):
    """A VFS module, with Samba's symbols left for smbd to provide."""
    use = ['SAMBA']
    if bld.path.ant_glob('lib/*.c'):
        use.append('latency-common')
    bld.shlib(source=source, target=target, use=use,
              includes=[bld.bldnode, 'include', 'lib', 'modules'],
              cflags=['-fvisibility=hidden', '-fno-plt', *bld.env.DENSE,
                      *cflags],
              linkflags=list(linkflags), install_path=None)
    module = bld.path.find_or_declare(target + '.so')
    if directory:
        bld.install_files(directory, module, chmod=Utils.O644)
    bld(rule=check_module, source=module, target=target + '.so.checked',
        name='check ' + target, cls_keyword=lambda task: 'Checking')


def check_module(task):
    """Every symbol that the module leaves open must exist in smbd.

    dlopen() by smbd would fail with the same complaint, but at a client's
    connect, and in a log.
    """
    module = task.inputs[0].abspath()
    bld = task.generator.bld
    symbols = bld.cmd_and_log(['nm', '-D', '--defined-only', module],
                              quiet=True)
    if ' samba_init_module' not in symbols:
        Logs.error('%s does not export samba_init_module (is it _PUBLIC_?)',
                   module)
        return 1
    if bld.env.CHECK_WITH_SMBD:
        env = dict(os.environ, LD_PRELOAD=module, LD_BIND_NOW='1')
        smbd = subprocess.run(bld.env.CHECK_WITH_SMBD + ['-V'], env=env,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              universal_newlines=True)
        if smbd.returncode != 0 or 'cannot be preloaded' in smbd.stdout:
            found = re.search(r'undefined symbol: (\S+)', smbd.stdout)
            Logs.error('%s would not load into smbd: %s', module,
                       'the symbol %s is missing in it'
                       % found.group(1).rstrip(',') if found else smbd.stdout)
            return 1
    task.outputs[0].write('')
    return 0


def build_manual(bld):
    for page in bld.path.ant_glob(['docs/man/*.[1-9]', 'docs/man/*.[1-9].in']):
        name = page.name
        if name.endswith('.in'):
            name = name[:-3]
            if not bld.path.find_node(READER_MAIN):
                continue
            made = bld.path.find_or_declare('man/' + name)
            bld(rule='${PYTHON} ${SRC[0].abspath()} ${SRC[1].abspath()} '
                     '${SRC[2].abspath()} ${TGT}',
                source=[bld.path.find_node('script/make-man'), page,
                        bld.path.find_or_declare(READER)],
                target=made, name='make-man ' + name)
            page = made
        bld.install_files('${MANDIR}/man' + name[-1], page)


def install_extras(bld):
    """Files that are installed as they are, where they exist."""
    for tool in bld.path.ant_glob('tools/*'):
        runs = os.access(tool.abspath(), os.X_OK)
        bld.install_files('${DATADIR}/vfs_latency/tools', tool,
                          chmod=Utils.O755 if runs else Utils.O644)
    bld.install_files('${DATADIR}/vfs_latency/tools',
                      'include/latency_events.h')
    # The test stays beside the rules: a copy of them is there to be changed.
    for directory in 'prometheus', 'grafana':
        bld.install_files('${DATADIR}/vfs_latency/' + directory,
                          bld.path.ant_glob('packaging/%s/*' % directory))
    completion = bld.path.find_node('utils/%s.bash' % READER)
    if completion:
        bld.install_as('${DATADIR}/bash-completion/completions/' + READER,
                       completion)
    units = bld.path.ant_glob('utils/*.service')
    for template in bld.path.ant_glob('utils/*.service.in'):
        unit = bld.path.find_or_declare(template.name[:-3])
        bld(features='subst', source=template, target=unit,
            BINDIR=Utils.subst_vars('${BINDIR}', bld.env), VERSION=VERSION)
        units.append(unit)
    bld.install_files('${PREFIX}/lib/systemd/system', units)
    bld.install_as('${PREFIX}/lib/sysusers.d/smblatency.conf',
                   'utils/smblatency.sysusers')
    tmpfiles = bld.path.find_or_declare('smblatency.tmpfiles')
    bld(features='subst', source='utils/smblatency.tmpfiles.in',
        target=tmpfiles, LOCKDIR=bld.env.LOCKDIR or '/run/samba')
    bld.install_as('${PREFIX}/lib/tmpfiles.d/smblatency.conf', tmpfiles)


# --- tests ------------------------------------------------------------------

def build_tests(bld):
    build(bld)


def build_test_programs(bld, includes):
    # The op table of every version of Samba, whichever we build for.
    for version in vfs_table.versions():
        bld.objects(source='tests/versions/op_table.c',
                    target='tests/op_table_%d' % version, idx=version,
                    includes=['tests/versions', 'include'],
                    defines=['LATENCY_VFS_VERSION=%d' % version])
    for source in bld.path.ant_glob('tests/modules/*.c'):
        build_module(bld, [source], 'tests/' + source.name[:-2], None)
    # The module once more, for the benchmark: as without <sys/sdt.h>.
    without = bld.path.find_node('tests/bench/without_probes.h')
    build_module(bld, bld.path.ant_glob('modules/*.c'),
                 'tests/without_probes', None,
                 ['-include', without.abspath()])
    # And with calls that can be made to fail, for script/torture.
    fault = bld.path.find_node('tests/torture/fault.c')
    build_module(bld, bld.path.ant_glob('modules/*.c') + [fault],
                 'tests/faulty', None, (),
                 ['-Wl,--wrap=' + name for name in re.findall(
                     r'^WRAP\([^,]*, (\w+),', fault.read(), re.M)])
    for source in bld.path.ant_glob('tests/bench/*.c'):
        bld.program(source=[source], target='tests/' + source.name[:-2],
                    includes=includes + ['modules'],
                    use=['latency-history', 'latency-reader',
                         'latency-common', 'SQLITE'],
                    install_path=None)
    units = bld.path.ant_glob('tests/unit/test_*.c')
    if units and not bld.env.FOUND_CMOCKA:
        bld.fatal('The unit tests need cmocka. Install it as root, then run '
                  './configure again:\n  apt-get install libcmocka-dev')
    helpers = bld.path.ant_glob('tests/unit/*.c', excl=['**/test_*.c'])
    sanitized = build_common(bld, 'sanitize/', includes, SANITIZE + (
        FUZZED if bld.env.FUZZER else []))
    env, use = sanitized
    if bld.env.FUZZER:
        build_fuzzers(bld, env, use, includes)
    plain = (bld.env, [name.replace('sanitize/', '') for name in use])
    for prefix, (env, use) in (('', plain), ('sanitize/', sanitized)):
        for source in units:
            bld.program(source=[source] + helpers, env=env.derive(),
                        target=prefix + 'tests/' + source.name[:-2],
                        includes=includes + ['tests/unit'],
                        use=use + ['CMOCKA'], install_path=None)


def build_fuzzers(bld, env, use, includes):
    # In place of those in the library: they do not try for long what no writer
    # is there to end.
    impatient = env.derive()
    impatient.append_value('DEFINES', ['READ_SPINS=2', 'READ_YIELDS=2',
                                       'SEGMENT_TRIES=2',
                                       'PUBLISH_TRIES=1'])
    bld.objects(source=['lib/sequence.c', 'lib/segment_reader.c',
                        'lib/control.c'],
                target='sanitize/impatient', env=impatient,
                includes=includes)
    helpers = bld.path.ant_glob('tests/fuzz/*.c', excl=['**/fuzz_*.c'])
    for source in bld.path.ant_glob('tests/fuzz/fuzz_*.c'):
        bld.program(source=[source] + helpers, env=env.derive(),
                    target='sanitize/tests/' + source.name[:-2],
                    includes=includes + ['tests/fuzz'],
                    use=['sanitize/impatient'] + use,
                    linkflags=FUZZER, install_path=None)


# --- install and uninstall ----------------------------------------------------

waf_install = Build.inst.run


def install_or_say_why(self):
    """One line instead of waf's trace where a user may not write."""
    try:
        return waf_install(self)
    except Errors.WafError as problem:
        Logs.error('%s. Is this run as root?',
                   str(problem).strip().splitlines()[-1].split(': ')[-1])
        return 1


Build.inst.run = install_or_say_why


def remove_own_directories(self, target):
    """waf removes every directory that uninstall leaves empty; /usr/local/bin
    and smbd's module directory are not ours to remove."""
    directory = os.path.dirname(target)
    while '/vfs_latency' in directory:
        try:
            os.rmdir(directory)
        except OSError:
            return
        directory = os.path.dirname(directory)


Build.inst.rm_empty_dirs = remove_own_directories
