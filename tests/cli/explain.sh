#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# explain --offline: the bundled lists' answer to names, one by one and many at once.
# shellcheck source=tests/cli/cli.bash
. tests/cli/cli.bash

# A name that a default list blocks, and one that an app needs.
blocked=logs.netflix.com needed=api-global.netflix.com
ends 10 explain --offline -c "$tmp/conf" $blocked
complains_not
prints "^$blocked: block by null$" # failures.conf
prints "^  rule +\|\|$blocked\^$"
prints '^  list +telemetry$'
prints '^  app +netflix$'
prints '^  evidence +[ABC] '
ends 0 explain --offline -c "$tmp/conf" $needed
prints "^$needed: allow$"
prints '^  reason +essential$'
ends 0 explain -c "$tmp/conf" nobody-knows.example
prints '^  reason +no_rule$'
# Case and the final dot mean nothing.
ends 10 explain -c "$tmp/conf" LOGS.Netflix.COM.
prints "^$blocked: block"
# For several the status says that it was done.
ends 0 explain -c "$tmp/conf" $blocked $needed
[ "$(grep -c '^[a-z]' "$tmp/out")" -eq 2 ] || bad "two names: $(cat "$tmp/out")"
for name in a..b 'white space.example' '' "$(printf 'a.%.0s' {1..200})"; do
	ends 1 explain -c "$tmp/conf" "$name"
	prints 'neither a host name nor an address'
done

# An address is where a connection goes: networks of lists speak of it.
printf '%s\n' 203.0.113.0/24 '@@203.0.113.128/25' 2001:db8:b::/48 >"$tmp/nets"
printf '[tacet]\ndata_dir = %s\nbundled_lists = no\n[list nets]\nfile = %s\n' "$PWD/blocklists" "$tmp/nets" >"$tmp/nets.conf"
ends 10 explain -c "$tmp/nets.conf" 203.0.113.7
prints '^203.0.113.7: block by reset$'
prints '^  candidates nets +203.0.113.0/24 +list_block$'
ends 0 explain -c "$tmp/nets.conf" 203.0.113.200
prints '^  rule +@@203.0.113.128/25$'
prints '^ +nets +203.0.113.0/24 +list_block$'
ends 10 explain --json -c "$tmp/nets.conf" 2001:DB8:b:0::9
jq -e '.name == "2001:db8:b::9" and .rule == "2001:db8:b::/48" and .line == 3 and .how == "reset" and
	.wire.dns == null and .wire.udp == "unreach"' "$tmp/out" >/dev/null || bad "an address: $(cat "$tmp/out")"
ends 0 explain -c "$tmp/nets.conf" 198.51.100.7

ends 10 explain --json -c "$tmp/conf" $blocked
jq -e --arg n $blocked '.name == $n and .verdict == "block" and .how == "null" and .app == "netflix"
	and .role == "telemetry" and .list == "telemetry" and .rule == "||\($n)^" and .line > 0
	and (.candidates | map(.says) | index("list_block") and index("essential"))' "$tmp/out" >/dev/null ||
	bad "--json: $(cat "$tmp/out")"
# The line is where the rule stands.
[ "$(sed -n "$(jq .line "$tmp/out")p" blocklists/telemetry.txt | grep -c "^||$blocked^\|^$blocked")" -eq 1 ] ||
	bad "line $(jq .line "$tmp/out") of telemetry.txt is not the rule"

# Many: one object a line, in the order asked. Every rule of a list that is on blocks its own name.
sed -n 's/^||\([a-z0-9.-]*\)^$/\1/p' blocklists/telemetry.txt blocklists/ads.txt >"$tmp/names"
[ "$(wc -l <"$tmp/names")" -gt 50 ] || bad "hardly a rule in the lists"
ends 0 explain --offline -c "$tmp/conf" --names "$tmp/names" --json
jq -r 'select(.verdict == "block" and (.how | IN("nxdomain", "null")) and .list != null and .rule != null).name' "$tmp/out" |
	diff "$tmp/names" - || bad "a rule of a default list does not block its own name"
# From a pipe, with line ends of either kind, without one at the end, and an empty line.
printf '%s\r\n\n%s\nnobody-knows.example' $blocked $needed |
	"$tacet" explain -c "$tmp/conf" --names - --json >"$tmp/out" || bad "--names -: status $?"
[ "$(jq -r .verdict "$tmp/out" | tr '\n' ' ')" = "block allow allow " ] || bad "--names -: $(cat "$tmp/out")"
jq -e 'has("candidates") | not' "$tmp/out" >/dev/null || bad "candidates of many names"
ends 1 explain -c "$tmp/conf" --names "$tmp/not-there"
complains '^tacet: explain: .*not-there: No such file'
# Noise is told from names and harms nothing.
head -c 20000 /dev/urandom >"$tmp/noise"
ends 1 explain --json -c "$tmp/conf" --names "$tmp/noise"
jq -e . "$tmp/out" >/dev/null || bad "noise is not told as JSON"

# The user's own rules beat everything; mode monitor blocks nothing.
{ cat "$tmp/conf"; printf '[rules]\nallow = %s\nblock = %s\n' $blocked $needed; } >"$tmp/own"
ends 0 explain -c "$tmp/own" $blocked
prints '^  reason +user_allow$'
ends 10 explain -c "$tmp/own" $needed
prints '^  reason +user_block$'
{ cat "$tmp/conf"; echo 'mode = monitor'; } >"$tmp/monitor"
ends 0 explain -c "$tmp/monitor" $blocked
prints "^$blocked: log"
ends 1 explain -c "$tmp/not-there" $blocked
complains '^tacet: .*not-there: No such file'
ends 1 explain --offline --names /
complains 'explain: /: '
ends 2 explain --offline --socket "$tmp/none" $blocked
# A line longer than any name is one name that is none, not several.
printf '%02000d\n' 7 >"$tmp/long"
ends 1 explain --offline --json --names "$tmp/long"
[ "$(wc -l <"$tmp/out")" = 1 ] || bad "a long line came out as $(wc -l <"$tmp/out") names"
finish
