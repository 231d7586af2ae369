# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Completion for bash. What there is, tacet itself is asked.

_tacet()
{
	local tacet=${COMP_WORDS[0]} cur=${COMP_WORDS[COMP_CWORD]} words=

	if [ "$COMP_CWORD" -eq 1 ]; then
		words=$("$tacet" help 2>/dev/null | sed -n 's/^  \([a-z][a-z]*\) .*/\1/p')
	elif [[ $cur == -* ]]; then
		words="--help $("$tacet" "${COMP_WORDS[1]}" --help 2>/dev/null | grep -oE -- '--[a-z][a-z-]*')"
	else
		case ${COMP_WORDS[COMP_CWORD - 1]} in
		--verdict) words="allow log block" ;;
		--type) words="flow dns state session" ;;
		esac
	fi
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur" | sort -u)
}
complete -o default -F _tacet tacet
