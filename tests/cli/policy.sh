#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Sections of tacet-policy(5) as explain replays them: device, app and time decide.
# shellcheck source=tests/cli/cli.bash
. tests/cli/cli.bash

cat "$tmp/conf" - >"$tmp/policy" <<'EOF'
[device tablet]
address = 192.0.2.7
group = kids
[device tv]
address = 192.0.2.8
action = log
[group kids]
dns = nodata
[app netflix]
action = block
only = kids
when = sun-thu 20:00-6:00
[app netflix]
tcp = drop
answer_ttl_s = 7
EOF
export TZ=UTC # 2026-03-30 is a Monday
needed=api-global.netflix.com blocked=logs.netflix.com
ends 10 explain -c "$tmp/policy" --at '2026-03-30 20:00' --device tablet $needed
prints "^$needed: block by nodata$"
prints '^  list +\[app netflix\]$'
prints '^  reason +section_block$'
prints '^  tcp +drop$'
prints '^  udp +unreach$'
ends 10 explain -c "$tmp/policy" --at '2026-03-31 05:59' --device tablet $needed
ends 0 explain -c "$tmp/policy" --at '2026-03-31 06:00' --device tablet $needed
ends 0 explain -c "$tmp/policy" --at '2026-03-30 20:00' --device tv $needed
ends 0 explain -c "$tmp/policy" --at '2026-03-30 20:00' $needed
ends 10 explain -c "$tmp/policy" --at '2026-03-30 20:00' --json $blocked
jq -e '.wire == {"dns":"null","tcp":"drop","udp":"unreach","answer_ttl_s":7}' "$tmp/out" >/dev/null ||
	bad "the wire: $(cat "$tmp/out")"
ends 0 explain -c "$tmp/policy" --device tv $blocked
prints "^$blocked: log$"
prints '^  section +\[device tv\]$'
# Every candidate is shown, the section that won and those that did not.
ends 10 explain -c "$tmp/policy" --at '2026-03-30 20:00' --device tablet $needed
prints '^  (candidates|          ) \[app netflix\] +section_block$'
prints ' catalogue +@@.*netflix.com\^.* +essential$'
ends 0 explain -c "$tmp/policy" --device tv $blocked
prints ' \[device tv\] +section_log$'
# An hour alone is of today.
sed "s/^when = .*/when = $(date +%a | tr A-Z a-z)-$(date -d tomorrow +%a | tr A-Z a-z) 6:00-22:00/" "$tmp/policy" >"$tmp/today"
for at in 08:00 12:00 16:00 20:00; do ends 10 explain -c "$tmp/today" --at $at --device tablet $needed; done
for at in 24:00 8 12:60 '2026-03-30' noon; do ends 2 explain -c "$tmp/policy" --at "$at" $needed; done

# Mistakes are told with their line.
wrong() { # MESSAGE LINE...
	local message=$1
	shift
	{ cat "$tmp/conf"; printf '%s\n' "$@"; } >"$tmp/wrong"
	ends 1 explain -c "$tmp/wrong" $needed
	complains "$message"
}
wrong "\[role adds\]: a role is one of" '[role adds]' 'action = block'
wrong "when: 'mun 8:00-9:00' is no times" '[app netflix]' 'when = mun 8:00-9:00'
wrong "only: there is no \[device den\]" '[app netflix]' 'only = den'
wrong "app netflx\]: the catalogue has no such app" '[app netflx]' 'action = block'
wrong "group 'a' is on line [0-9]+ already" '[group a]' '[group a]'
wrong "action: must be allow or log, not 'block'" '[group a]' 'action = block'
wrong "group 'a': a device has that name" '[device a]' 'address = 192.0.2.1' '[group a]'
finish
