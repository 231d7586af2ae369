# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154 # tacet and tmp are cli.bash's
# lists_cases.bash (sourced, behind cli.bash) - asks `lists match` the cases of a table.

# check_cases FILE: lines of VERDICT, NAME, TYPE, CLIENT, CLIENT NAME and rules, parted by tabs,
# "-" for what is not said. Every rule is a line of one list; how many cases there were is in $cases.
check_cases() {
	local fields got n=0 ask
	cases=0
	while IFS=$'\t' read -ra fields; do
		n=$((n + 1))
		case ${fields[0]-} in '' | '#'*) continue ;; esac
		cases=$((cases + 1))
		ask=()
		[ "${fields[2]}" = - ] || ask+=(--qtype "${fields[2]}")
		[ "${fields[3]}" = - ] || ask+=(--client "${fields[3]}")
		[ "${fields[4]}" = - ] || ask+=(--client-name "${fields[4]}")
		printf '%s\n' "${fields[@]:5}" >"$tmp/case"
		got=$(printf '%s\n' "${fields[1]}" | "$tacet" lists match --names - "${ask[@]}" "$tmp/case") ||
			bad "$1:$n: lists match fails"
		got=${got#*$'\t'}
		[ "${got%%$'\t'*}" = "${fields[0]}" ] || bad "$1:$n: ${fields[*]}: it is $got"
	done <"$1"
}
