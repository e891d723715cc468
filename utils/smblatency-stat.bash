# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# bash completion for smblatency-stat. Options, commands and dimensions are asked
# of the program itself, shares of testparm.

_smblatency_stat_options() {
	"$1" --help 2>/dev/null |
		grep -oE '(^|[ ,])-(-[a-z-]+=?|[a-zA-Z])' | tr -d ' ,'
}

# The commands; with TARGET, those behind all, smbd or a pid.
_smblatency_stat_commands() {
	"$1" --help 2>/dev/null | sed -n '/^Commands:/,/^$/p' |
		sed -n "s/^    ${2:+$2 }\([a-z][a-z]*\).*/\1/p"
}

# What top lists: "top lists request, op, ..., or now, not '?'".
_smblatency_stat_lists() {
	"$1" top '?' 2>&1 | sed -n 's/.*top lists \(.*\), not .*/\1/p' |
		sed 's/, */ /g; s/ or / /'
}

# What --by takes: "sum by share, user, ..., or several of them".
_smblatency_stat_dimensions() {
	"$1" --help 2>/dev/null | sed -n '/ --by=/,/or several/p' |
		grep -oE '[a-z]+,' | tr -d ,
}

_smblatency_stat_pids() {
	pgrep -x smbd 2>/dev/null
}

_smblatency_stat_shares() {
	testparm -s 2>/dev/null | sed -n 's/^\[\(.*\)\]$/\1/p' |
		grep -vx global
}

# The commands of the program $1, or what may follow them.
_smblatency_stat_words() {
	local word command='' position=0

	for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
		case "$word" in
		-*|=) ;;
		*)
			position=$((position + 1))
			[ -n "$command" ] || command=$word
			;;
		esac
	done
	case "$command" in
	'')
		_smblatency_stat_commands "$1"
		echo "all smbd $(_smblatency_stat_pids)"
		;;
	top)
		[ "$position" -gt 1 ] || _smblatency_stat_lists "$1"
		;;
	all|smbd|[0-9]*)
		[ "$position" -gt 1 ] || _smblatency_stat_commands "$1" TARGET
		;;
	esac
}

_smblatency_stat() {
	local current=${COMP_WORDS[COMP_CWORD]} previous='' words='' prefix=''

	[ "$COMP_CWORD" -lt 1 ] || previous=${COMP_WORDS[COMP_CWORD-1]}
	# bash splits --by=share into three words.
	if [ "$current" = = ]; then
		current=''
	elif [ "$previous" = = ]; then
		previous=${COMP_WORDS[COMP_CWORD-2]}
	fi
	COMPREPLY=()
	case "$previous" in
	--by)
		words=$(_smblatency_stat_dimensions "${COMP_WORDS[0]}")
		case "$current" in
		*,*) prefix=${current%,*}, current=${current##*,} ;;
		esac
		;;
	--share) words=$(_smblatency_stat_shares) ;;
	--configfile)
		mapfile -t COMPREPLY < <(compgen -f -- "$current")
		return
		;;
	--segments)
		mapfile -t COMPREPLY < <(compgen -d -- "$current")
		return
		;;
	--user)
		mapfile -t COMPREPLY < <(compgen -u -- "$current")
		return
		;;
	--resolution) words='1 2 4 8' ;;
	--client|--listen|--max-shares|--interval|--count|-i|-c|threshold) return ;;
	*)
		case "$current" in
		-*) words=$(_smblatency_stat_options "${COMP_WORDS[0]}") ;;
		*) words=$(_smblatency_stat_words "${COMP_WORDS[0]}") ;;
		esac
		case " ${COMP_WORDS[*]} " in
		*' merge '*)
			mapfile -t COMPREPLY < <(compgen -f -- "$current")
			[ "${current#-}" != "$current" ] || return
			;;
		esac
		;;
	esac
	mapfile -t COMPREPLY < <(compgen -P "$prefix" -W "$words" -- "$current")
	case "${COMPREPLY[*]}" in
	*=) compopt -o nospace 2>/dev/null ;;
	esac
}

complete -F _smblatency_stat smblatency-stat
