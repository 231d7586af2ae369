#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lists check: every bundled list is understood whole; what is wrong with others is told by line.
# shellcheck source=tests/cli/cli.bash
. tests/cli/cli.bash

ends 0 lists check blocklists/*.txt
complains_not
[ "$(wc -l <"$tmp/out")" -eq "$(ls blocklists/*.txt | wc -l)" ] || bad "a bundled list has bad lines: $(cat "$tmp/out")"
! grep -vqE '^blocklists/[a-z-]+\.txt: [0-9]+ lines, [1-9][0-9]* rules$' "$tmp/out" || bad "$(cat "$tmp/out")"

cat >"$tmp/mixed" <<'E'
! a comment
||fine.example^
0.0.0.0 hosts.example
192.0.2.1 rewritten.example
127.0.0.1 localhost
||pattern*.example^
/[a-z]+/
||modified.example^$popup
shop.example##.banner
@@||exception.example^
not a rule at all
E
ends 0 lists check "$tmp/mixed"
complains_not
prints '/mixed: 11 lines, [34] rules, '
for line in 4 5 6 7 8 9 11; do prints "/mixed:$line: [a-z].*: ."; done
! grep -qE '/mixed:(1|2|3|10):' "$tmp/out" || bad "good lines are told as bad: $(cat "$tmp/out")"
ends 0 lists check --quiet "$tmp/mixed"
[ "$(wc -l <"$tmp/out")" -eq 1 ] || bad "--quiet prints $(cat "$tmp/out")"
# What is on a line cannot play with the terminal.
printf 'good.example\n\033[2Jevil \007line\n' >"$tmp/escape"
ends 0 lists check "$tmp/escape"
prints '\\x1b\[2Jevil'
! grep -q $'[\033\007]' "$tmp/out" || bad "control characters are printed"

# Files that are no lists: told, status 1, and the good one beside them is read.
printf '<!DOCTYPE html>\n<html><body>404</body></html>\n' >"$tmp/html"
: >"$tmp/empty"
head -c 3000 /dev/urandom >"$tmp/noise"
for f in html empty noise not-there .; do
	ends 1 lists check "$tmp/$f" blocklists/acr.txt
	complains "^tacet: .*$tmp/$f"
	prints '^blocklists/acr.txt: .* rules$'
done
finish
