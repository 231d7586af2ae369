#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lists match: a collection of published lists with the answers that are expected of them. It is no
# part of the source: TACET_SHARED names the folder that has lists/ in it, ../shared by default.
# shellcheck source=tests/cli/cli.bash
. tests/cli/cli.bash
# shellcheck source=tests/cli/lists_cases.bash
. tests/cli/lists_cases.bash

shared=${TACET_SHARED:-../shared}/lists
for f in dev.tar.xz dev-names.txt dev-expected.jsonl.xz semantics.jsonl; do
	[ -r "$shared/$f" ] || { echo "skipped: $shared/$f is not there"; exit 77; }
done

jq -r '[if .want then "block" else "allow" end, .name, .qtype // "-", .clientIP // "-",
	.clientName // "-"] + .rules | join("\t")' "$shared/semantics.jsonl" >"$tmp/semantics"
check_cases "$tmp/semantics"
[ "$cases" -eq "$(grep -c . "$shared/semantics.jsonl")" ] || bad "$cases cases were asked"

mkdir "$tmp/lists"
tar -xJf "$shared/dev.tar.xz" -C "$tmp/lists" || exit 1
manifest=$(find "$tmp/lists" -name MANIFEST.tsv)
# files ROLES FORMATS: the lists of which both are said, as expressions.
files() {
	awk -F '\t' -v folder="${manifest%/*}/" -v roles="^($1)\$" -v formats="^($2)\$" \
		'NR > 1 && $3 ~ roles && $2 ~ formats { print folder $1 }' "$manifest"
}

mapfile -t all < <(files '.*' '.*')
[ ${#all[@]} -gt 40 ] || bad "${#all[@]} lists were unpacked"
ends 0 lists check --quiet "${all[@]}"
complains_not
[ "$(grep -cE ' lines, [1-9][0-9]* rules' "$tmp/out")" -eq ${#all[@]} ] ||
	bad "not every list gives rules: $(grep -vE ' lines, [1-9][0-9]* rules' "$tmp/out")"

xz -dc "$shared/dev-expected.jsonl.xz" |
	jq -r '[.name, .malformed // false, .blocked, .sub.doc] | join("\t")' >"$tmp/want"

# answers COLUMN LIST...: at most one in 10,000 names is answered otherwise than the column says.
answers() {
	local column=$1 report
	shift
	ends 0 lists match --names "$shared/dev-names.txt" "$@"
	if ! report=$(cut -f 1,2 "$tmp/out" | paste "$tmp/want" - | awk -F '\t' -v column="$column" '
		$2 == "true" { next }
		{ judged++ }
		($6 == "block") != ($column == "true") { differ++; print "differs: " $5 " is " $6 }
		END {
			print judged " names, " differ + 0 " differences"
			exit !(judged > 10000 && differ * 10000 <= judged)
		}'); then
		bad "column $column: $report"
	fi
	echo "column $column: $(tail -n 1 <<<"$report")"
}
mapfile -t lists < <(files block '.*')
answers 3 "${lists[@]}"
mapfile -t lists < <(files block 'hosts|domains|adblock|wildcard')
answers 4 "${lists[@]}"
finish
