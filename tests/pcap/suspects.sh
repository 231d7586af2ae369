#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# suspects.sh - a made household, an hour long: a TV that tells what is on its screen every 15 s over
# one connection, another that does so every minute over a new one each time (the periods that are
# known of LG and Samsung), a counter that two phones run into; and a film, pages, pushes and a clock
# that are none of that. Runs from the top of the source.
set -u
tacet=${BUILD:-build}/tacet
here=tests/pcap
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
fail() { echo "FAIL: $*" >&2; exit 1; }
for tool in python3 jq; do command -v $tool >/dev/null || { echo "skipped: no $tool: make deps"; exit 77; }; done

python3 $here/household.py >"$tmp/hour.pcap" || fail "no capture"
printf '[tacet]\ndata_dir = %s/blocklists\n' "$PWD" >"$tmp/conf"
"$tacet" audit --json -c "$tmp/conf" "$tmp/hour.pcap" >"$tmp/out" || fail "audit"
said() { jq -s --arg n "$1" "map(select(.type == \"suspect\" and .name == \$n)) | first | $2" "$tmp/out"; }
true_of() { [ "$(said "$1" "$2")" = true ] || fail "$1: not '$2': $(said "$1" .)"; }

true_of screen15.example '.why == ["periodic"] and (.period_ms - 15000 | fabs) < 300 and .regular_permille >= 900 and .flows == 1'
true_of screen60.example '.why == ["periodic"] and (.period_ms - 60000 | fabs) < 1200 and .regular_permille >= 900 and .flows == .bursts'
true_of counter.example '.why == ["shared"] and .devices == 2'
trackers='["counter.example","screen15.example","screen60.example"]'
found=$(jq -sc 'map(select(.type == "suspect").name) | sort' "$tmp/out")
jq -rn --argjson t "$trackers" --argjson f "$found" '"synthetic: suspected \($f | length), of them trackers \([$f[] | select(IN($t[]))] | length): precision \([$f[] | select(IN($t[]))] | length) of \($f | length), recall \([$t[] | select(IN($f[]))] | length) of \($t | length)"'
[ "$found" = "$trackers" ] || fail "suspected: $found"

# Nothing is done about them, until it is asked for.
[ "$(jq -s 'map(select(.type == "flow" and .verdict != "allow")) | length' "$tmp/out")" = 0 ] || fail "something is blocked"
"$tacet" audit -c "$tmp/conf" "$tmp/hour.pcap" >"$tmp/table" || fail "audit"
grep -Eq '^    screen15.example  every 1[45]\.[0-9] s \((9[0-9]|100) %\)  .* up, .* down$' "$tmp/table" || fail "the table does not say so: $(cat "$tmp/table")"
printf '[rules]\nblock = screen15.example\n' >>"$tmp/conf"
"$tacet" audit --json -c "$tmp/conf" "$tmp/hour.pcap" >"$tmp/out" || fail "audit"
[ "$(said screen15.example .)" = null ] || fail "what is on a list is no suspect"
