#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# run --show-rules, --show-config: what would be in force, without touching anything.
# shellcheck source=tests/cli/cli.bash
. tests/cli/cli.bash

# The rules are nft's or iptables-restore's own language; the numbers of the file are in them.
for backend in nft xtables; do
	printf '[network]\nbackend = %s\nlan = br-test\nmark_mask = 0x00f00000\n[queue]\nnumber = 4711\n' \
		$backend >"$tmp/rules.conf"
	ends 0 run --show-rules -c "$tmp/rules.conf"
	complains_not
	prints 4711
	prints '00f00000|f00000'
	prints br-test
	cp "$tmp/out" "$tmp/rules.$backend"
done
grep -q '^table inet tacet' "$tmp/rules.nft" || bad "no table of nft"
grep -q '^\*mangle' "$tmp/rules.xtables" || bad "no table of xtables"
for word in nft xtables; do
	[ "$(tr -cd '{' <"$tmp/rules.$word" | wc -c)" -eq "$(tr -cd '}' <"$tmp/rules.$word" | wc -c)" ] ||
		bad "rules of $word: braces"
done

# What --show-config prints is a file that says the same.
ends 0 run --show-config -c "$tmp/conf"
cp "$tmp/out" "$tmp/shown"
ends 0 run --show-config -c "$tmp/shown"
diff "$tmp/shown" "$tmp/out" || bad "--show-config does not say the same of what it printed"
prints '^\[list telemetry\]'
cat >"$tmp/mine" <<'E'
[tacet]
mode = monitor
bundled_lists = no
[block]
tcp = drop
[rules]
allow = good.example =exact.example
block = bad.example
[list mine]
file = mine.txt
format = hosts
log = yes
[device tv]
mac = 02:00:00:00:00:01
address = 192.0.2.0/28
E
echo '0.0.0.0 listed.example' >"$tmp/mine.txt"
ends 0 run --show-config -c "$tmp/mine"
cp "$tmp/out" "$tmp/shown"
for line in 'mode = monitor' 'tcp = drop' 'log = yes' 'mac = 02:00:00:00:00:01' 'address = 192.0.2.0/28' \
	'\[device tv\]' "file = $tmp/mine.txt"; do
	prints "^$line$"
done
mkdir "$tmp/elsewhere"
cp "$tmp/shown" "$tmp/elsewhere/conf"
ends 0 run --show-config -c "$tmp/elsewhere/conf"
diff "$tmp/shown" "$tmp/out" || bad "--show-config does not say the same of what it printed, elsewhere"
# The daemon's and the audit's decisions come from the same file.
ends 0 explain -c "$tmp/elsewhere/conf" --json listed.example
prints '"verdict":"log"'

ends 1 run --show-config -c "$tmp/not-there"
complains '^tacet: .*not-there: No such file'
printf '[tacet]\nmood = good\n' >"$tmp/wrong"
for what in --show-config --show-rules; do
	ends 1 run $what -c "$tmp/wrong"
	prints_nothing
	complains "^tacet: .*/wrong:2: unknown key 'mood' in \[tacet\]; did you mean 'mode'"
done
finish
