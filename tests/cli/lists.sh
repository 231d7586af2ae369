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
prints '/mixed: 11 lines, 5 rules, '
for line in 4 5 8 9 11; do prints "/mixed:$line: [a-z].*: ."; done
! grep -qE '/mixed:(1|2|3|6|7|10):' "$tmp/out" || bad "good lines are told as bad: $(cat "$tmp/out")"
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
# Of noise that has lines some might be a name.
head -c 3000 /dev/urandom | tr '\n' '\001' >"$tmp/noise"
for f in html empty noise not-there .; do
	ends 1 lists check "$tmp/$f" blocklists/acr.txt
	complains "^tacet: .*$tmp/$f"
	prints '^blocklists/acr.txt: .* rules$'
done

# Compressed ones are told by their beginning, whatever they are called; damage is an error.
for tool in gzip xz; do
	command -v $tool >/dev/null || continue
	{ $tool -c <"$tmp/mixed"; $tool -c <"$tmp/mixed"; } >"$tmp/packed"
	if ! "$tacet" lists check "$tmp/packed" >/dev/null 2>"$tmp/err" && grep -q 'built without' "$tmp/err"; then
		continue
	fi
	ends 0 lists check --quiet "$tmp/packed"
	prints '/packed: 22 lines, 10 rules, '
	size=$(wc -c <"$tmp/packed")
	head -c $((size - 5)) "$tmp/packed" >"$tmp/short"
	ends 1 lists check "$tmp/short"
	complains "/short: its compressed data is damaged or cut short"
	{ $tool -c <"$tmp/mixed"; echo '||rest.example^'; } >"$tmp/rest"
	ends 1 lists check "$tmp/rest"
	complains '/rest: its compressed data is damaged'
done
# What comes out is limited, not what the file holds.
if "$tacet" lists check --quiet tests/fuzz/corpus/listfile/gzip >/dev/null 2>&1; then
	head -c 270000000 /dev/zero | gzip -1c >"$tmp/bomb"
	ends 1 lists check --quiet "$tmp/bomb"
	complains '/bomb: more than 256 MiB'
fi

# lists match: every name once and in order, by which rule of which list, whatever the name.
printf '%s\n' 'a.fine.example' 'HOSTS.example.' '192.0.2.77' 'not a name' '' 'exception.example' 'other.example' >"$tmp/names"
printf '%s\n' '192.0.2.0/24' '||other.example^$dnstype=AAAA' >"$tmp/more"
ends 0 lists match --json --names "$tmp/names" "$tmp/mixed" "$tmp/more"
complains_not
got=$(jq -r '[.name, .verdict, .list // "-", .line // "-"] | join("|")' "$tmp/out" | tr '\n' ' ')
want='a.fine.example|block|mixed|2 HOSTS.example.|block|mixed|3 192.0.2.77|block|more|1 not a name|allow|-|- |allow|-|- exception.example|allow|mixed|10 other.example|block|mixed|7 '
[ "$got" = "$want" ] || bad "lists match says $got"
ends 0 lists match --qtype aaaa --names "$tmp/names" "$tmp/more"
prints '^other.example	block	more:2	||other.example^\$dnstype=aaaa$'
ends 2 lists match "$tmp/more"
ends 2 lists match --qtype BOGUS --names "$tmp/names" "$tmp/more"
ends 1 lists match --names "$tmp/not-there" "$tmp/more"

# The catalogue: clean as it comes, and each fault with its line.
ends 0 lists check --catalogue
complains_not
prints 'catalogue.tsv: [0-9]* rows, 0 findings$'
{
	echo 'domain match owner app role breaks evidence' | tr ' ' '\t'
	printf 'need.ads.example\texact\tE\t-\tauth\tlogin\tB a document\n'
} >"$tmp/rows"
echo '||ads.example^' >"$tmp/block"
printf '||ads.example^\n@@|need.ads.example^\n' >"$tmp/except"
ends 1 lists check --catalogue "$tmp/rows" "$tmp/block"
prints "/rows:2: need.ads.example: essential, but blocked by ||ads.example^ of $tmp/block"
ends 0 lists check --catalogue "$tmp/rows" "$tmp/except"
prints '/rows: 1 rows, 0 findings$'
ends 1 lists check --catalogue "$tmp/not-there"
complains '^tacet: reading catalogue: .*not-there'
finish
