# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154
#
# What the bpftrace scripts share; they source this file. POSIX sh.
#
# LATENCY_SO names the module to trace instead of the one that smbd loads.

# Ctrl-C is for the tracer; we wait for what it has to say.
trap : INT

say() {
	echo "${0##*/}: $*" >&2
}

# The comment at the top of a script is its help.
usage() {
	sed -n '1d; /^# SPDX/d; /^# shellcheck/d; /^#/!q; s/^# \{0,1\}//p' "$0"
	exit "$1"
}

wrong() {
	say "$* (-h: help)"
	exit 2
}

# A number of milliseconds, decimals allowed, as nanoseconds.
to_ns() {
	case "$1" in
	''|.|*[!0-9.]*|*.*.*) wrong "not a number of milliseconds: $1" ;;
	esac
	awk -v ms="$1" 'BEGIN { printf "%.0f\n", ms * 1000000 }'
}

# A whole number, for what $1 says.
whole() {
	case "$2" in
	''|*[!0-9]*) wrong "not $1: $2" ;;
	esac
}

# Sets samba, smbd's directory of libraries, module and headers.
find_module() {
	PATH=$PATH:/usr/local/samba/sbin:/usr/local/sbin:/usr/sbin:/sbin
	samba=$(smbd -b 2>/dev/null | sed -n 's/^ *MODULESDIR: //p')
	module=${LATENCY_SO:-$samba/vfs/latency.so}
	if [ ! -r "$module" ]; then
		say "cannot read $module: is vfs_latency installed?"
		exit 1
	fi
	for headers in "$tools" "$tools/../include"; do
		[ ! -r "$headers/latency_events.h" ] || return 0
	done
	say "latency_events.h is neither beside this script nor in ../include"
	exit 1
}

# Prints a clause that ends the script after so many seconds, if given.
end_after() {
	[ -z "$1" ] || echo "interval:s:$1 { exit(); }"
}

# Are there tracepoints of this group?
have_tracepoints() {
	[ -d "/sys/kernel/tracing/events/$1" ] ||
		[ -d "/sys/kernel/debug/tracing/events/$1" ]
}

# Strings are cut after so many bytes, about the most that fits into the stack
# of a program of bpftrace 0.17.
longest=95

# trace PROGRAM: runs it, in the process $pid if that is set.
trace() {
	if [ "$(id -u)" != 0 ]; then
		say "must run as root"
		exit 1
	fi
	if ! command -v bpftrace >/dev/null; then
		say "bpftrace is not installed"
		exit 1
	fi
	# Versions that know the new name of this limit warn of the old one.
	case "$(bpftrace --help 2>&1)" in
	*BPFTRACE_MAX_STRLEN*) limit=BPFTRACE_MAX_STRLEN ;;
	*) limit=BPFTRACE_STRLEN ;;
	esac
	env "$limit=$((longest + 1))" \
	BPFTRACE_MAX_PROBES=2000 BPFTRACE_MAX_BPF_PROGS=2000 \
		bpftrace -B line ${pid:+-p "$pid"} -I "$headers" \
		--include latency_events.h -e "$1"
}
