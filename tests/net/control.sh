#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The sockets of a tacet at work: stats, flows, metrics, explain, watch with a filter, pause,
# resume, reload; and the commands that ask them.
# shellcheck source=tests/net/household.sh disable=SC2119
. "$(dirname "$0")/household.sh"

house_up
house_serve
test_list '||tracker.test^'
tacet_start

# check JQ-CONDITION REQUEST [SOCKET]
check() { tacet_ask "$2" "${3:-$STATS}" | jq -es "$1" >/dev/null || fail "$2: not $1: $(tacet_ask "$2" "${3:-$STATS}" 2>&1)"; }

check '.[0].ok and .[0].data.mode == "enforce" and (.[0].data.lists[0] | .name == "test" and .rules == 1)' stats
check '.[0].id == 7 and .[0].ok' '{"id":7,"cmd":"stats"}'
check '.[0].ok == false and .[0].error.key == "not_permitted"' pause
check '.[0].data.verdict == "block" and .[0].data.rule == "||tracker.test^"' 'explain ads.tracker.test'
check '.[0].data.verdict == "allow"' 'explain film.example'
tacet_ctl explain ads.tracker.test >$HOUSE/out
[ $? -eq 10 ] || fail "explain of a blocked name ends with 10"
grep -q '||tracker.test^' $HOUSE/out || fail "explain does not name the rule: $(cat $HOUSE/out)"
tacet_ctl explain film.example >/dev/null || fail "explain of an allowed name ends with 0"

# watch with a filter sees that and nothing else; counters agree with what was done.
watch_start --verdict block --name tracker.test
before=$(figure reset)
for i in 1 2 3 4 5; do
	refused reset tv tls $TRACKER4 -n "n$i.tracker.test"
	answered tv tls $WEB4 -n film.example
done
watched '.name == "n5.tracker.test"'
jq -e -n '[inputs | select(.type == "flow")] | (all(.verdict == "block")) and (map(.name) | unique | length == 5)' \
	$HOUSE/watch.log >/dev/null || fail "watch: $(cat $HOUSE/watch.log)"
[ $(($(figure reset) - before)) -eq 5 ] || fail "five resets, but the figure says $(figure reset) after $before"

# flows: a connection that is open now.
house_bg slow tv curl -sk --limit-rate 100k -o /dev/null "https://long.example/bytes/10000000"
open_now() { tacet_ask flows | grep -q long.example; }
until_true 5 open_now || fail "flows: $(tacet_ask flows)"
house_end slow

# metrics: Prometheus text.
tacet_ctl metrics >$HOUSE/out || fail "metrics"
grep -q '^# TYPE tacet_[a-z_]* counter' $HOUSE/out || fail "metrics: no counter: $(head -n 3 $HOUSE/out)"
grep -Evq '^(# (HELP|TYPE) tacet_[a-z0-9_]+ .+|tacet_[a-z0-9_]+(\{[a-z]+="[a-z_0-9]*"\})? [0-9]+)$' $HOUSE/out &&
	fail "metrics: $(grep -Ev '^(# |tacet_)' $HOUSE/out | head -n 3)"
tacet_ctl stats | grep -q enforce || fail "stats as a table"
tacet_ctl stats --json | jq -e .mode >/dev/null || fail "stats --json"

# pause ends blocking at once, also for a name that was refused before; resume brings it back.
tacet_ctl pause 600 >/dev/null || fail "pause"
check '.[0].data.paused_until' stats
answered tv tls $TRACKER4 -n n1.tracker.test
dns_says NOERROR $TRACKER4 tv $PUBLIC4 -n n1.tracker.test
tacet_ctl resume >/dev/null || fail "resume"
refused reset tv tls $TRACKER4 -n n1.tracker.test
tacet_ctl pause --list test 600 >/dev/null || fail "pause of a list"
tacet_ctl explain ads.tracker.test >$HOUSE/out || fail "explain while paused: $(cat $HOUSE/out)"
grep -q '^ *\(candidates\)\? *pause .*paused' $HOUSE/out || fail "explain does not name the pause: $(cat $HOUSE/out)"
tacet_ctl resume >/dev/null || fail "resume"
tacet_ctl pause 1 >/dev/null || fail "pause"
answered tv tls $TRACKER4 -n n1.tracker.test
sleep 1.1
refused reset tv tls $TRACKER4 -n n1.tracker.test

# reload: by command and by SIGHUP; a flow that is open and now blocked is refused with its next
# packet.
test_list '||film.example^'
tacet_ctl reload >/dev/null || fail "reload"
refused reset tv tls $WEB4 -n film.example
answered tv tls $TRACKER4 -n n1.tracker.test
test_list '||tracker.test^'
kill -HUP "${HOUSE_PID[tacet]}"
until_true 5 figure_is reloads 2 || fail "no reload by SIGHUP"
answered tv tls $WEB4 -n film.example
refused reset tv tls $TRACKER4 -n n1.tracker.test
house_end watch
tacet_stop || fail "tacet ended with $?: $(tail -n 3 $HOUSE/tacet.log)"
[ ! -e $STATS ] && [ ! -e $CONTROL ] || fail "sockets are left behind"
