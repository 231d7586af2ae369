#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Output that cannot be written is a failure that is told, for every command that prints.
# shellcheck source=tests/cli/cli.bash
. tests/cli/cli.bash

[ -c /dev/full ] || { echo "skipped: no /dev/full"; exit 77; }
capture=tests/pcap/tls.pcap conf=tests/pcap/golden.conf
while read -r line; do
	# shellcheck disable=SC2086 # words
	timeout 20 "$tacet" $line >/dev/full 2>"$tmp/err" </dev/null
	got=$?
	[ $got -eq 1 ] || bad "tacet $line >/dev/full: ended with $got"
	grep -qE '^tacet: (audit: )?standard output: No space left on device$' "$tmp/err" ||
		bad "tacet $line >/dev/full: says '$(cat "$tmp/err")'"
done <<E
audit -c $conf $capture
audit --json -c $conf $capture
audit --json -c $conf $capture $capture $capture
explain -c $tmp/conf logs.netflix.com
explain --json -c $tmp/conf --names tests/pcap/data/watched.txt
lists check blocklists/ads.txt
run --show-rules -c $tmp/conf
run --show-config -c $tmp/conf
audit --help
--help
--version
E
# Records that nobody reads any more end it, and are no crash.
"$tacet" audit --json -c $conf $capture 2>"$tmp/err" | head -n 1 | jq -e .type >/dev/null || bad "no first record"
! grep -qE 'Sanitizer|runtime error' "$tmp/err" || bad "$(cat "$tmp/err")"
# In a file or a pipe the table has no colour and no control characters.
ends 0 audit -c $conf $capture
! grep -qP '[^\n\x20-\x7e]' "$tmp/out" || bad "control characters in the table"
prints 'a\.tracker\.test .* block nxdomain,reset'
finish
