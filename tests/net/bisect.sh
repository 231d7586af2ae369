#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# tacet trouble: what was blocked for a device, most suspicious first; --bisect finds the rule, or the rules, that an
# app needs, and writes the exception. The app is a shell function that asks for its names; it is asked what it says.
# shellcheck source=tests/net/household.sh disable=SC2119
. "$(dirname "$0")/household.sh"

house_up
house_serve
CONF_MORE=$(printf '[device tv]\naddress = %s/32\n[list test]\nrole = ads\n[list unknown]\nfile = %s' $TV4 $HOUSE/unknown.txt)
for i in {01..12}; do echo "||t$i.test^"; done >$HOUSE/test.txt
for i in {01..04}; do echo "||u$i.test^"; done >$HOUSE/unknown.txt
tacet_conf <<-E
	[tacet]
	data_dir = $HOUSE_HERE/../../blocklists
	bundled_lists = no
	[block]
	answer_ttl_s = 0
	$(echo "$CONF_MORE" | sed "s|^\[list test\]|&\nfile = $HOUSE/test.txt|")
	E
tacet_start

ask_all() {
	local i
	for i in {01..12}; do
		probe tv dns $PUBLIC4 -n "a.t$i.test" >/dev/null
		probe tv dns $PUBLIC4 -n "b.t$i.test" -t AAAA >/dev/null
	done
	for i in 01 02 02 03 03 03 04; do probe tv dns $PUBLIC4 -n "u$i.test" >/dev/null; done
	probe tv tls $WEB4 -n u04.test -w 300 >/dev/null
	probe router dns $PUBLIC4 -n u01.test >/dev/null
}
ask_all

# The table: of the tv alone; without a known role first, those tried more often first, then trackers.
tacet_ctl trouble tv >$HOUSE/out || fail "trouble: $(cat $HOUSE/out)"
[ "$(awk 'NR > 1 && NR < 6 { printf "%s:%s ", $1, $5 }' $HOUSE/out)" = "u03.test:3 u02.test:2 u04.test:2 u01.test:1 " ] ||
	fail "not most suspicious first: $(cat $HOUSE/out)"
[ "$(wc -l <$HOUSE/out)" -eq 29 ] || fail "rows: $(cat $HOUSE/out)"
grep -qE '^a\.t07\.test +ads +[0-9:]{8} +[0-9:]{8} +1 +nxdomain +test \|\|t07\.test\^$' $HOUSE/out || fail "$(cat $HOUSE/out)"
tacet_ctl trouble --json tv | jq -se 'length == 29 and all(.type == "refusal" and .device == "tv") and
	any(.name == "u04.test" and .proto == "tcp" and .how == "reset" and (has("qtype") | not)) and
	any(.name == "u03.test" and .qtype == "A" and .count == 3 and .list == "unknown" and .last >= .first)' >/dev/null ||
	fail "--json: $(tacet_ctl trouble --json tv | tail -n 3)"
tacet_ctl trouble $WAN4 | grep -q u01.test || fail "a device by its address"
tacet_ctl trouble nobody | grep -q '^nothing was blocked for nobody' || fail "nobody: $(tacet_ctl trouble nobody)"

# works NAME...: the app: all of its names have addresses.
works() {
	local name
	for name; do
		[ "$(field rcode "$(probe tv dns $PUBLIC4 -n "$name")")" = NOERROR ] || return 1
	done
}

# bisect WRITE NEEDED...: answers as the app does, until the end; QUESTIONS and STATUS are left.
bisect() {
	local write=$1 chunk
	shift
	QUESTIONS=0
	: >$HOUSE/said
	coproc TALK { tacet_ctl trouble --bisect --for 60s -c $HOUSE/tacet.conf tv 2>&1; }
	local pid=$TALK_PID
	exec {from}<&"${TALK[0]}" {to}>&"${TALK[1]}"
	while IFS= read -r -d ']' -u $from chunk || [ -n "$chunk" ]; do
		echo "$chunk]" >>$HOUSE/said
		case $chunk in
		*'Does it work now?'*)
			QUESTIONS=$((QUESTIONS + 1))
			works "$@" && echo y >&$to || echo n >&$to ;;
		*'Write it there'*) echo "$write" >&$to ;;
		esac
	done
	exec {from}<&- {to}>&-
	wait "$pid"
	STATUS=$?
	[ "$(tacet_ask stats | jq '.data.exceptions | length')" -eq 0 ] ||
		fail "rules of now are left: $(tacet_ask stats | jq -c .data.exceptions)"
}

bisect n b.t09.test
[ $STATUS -eq 0 ] && grep -q '^  t09\.test  (ads, blocked by ||t09\.test^ of list test)$' $HOUSE/said ||
	fail "one of sixteen: $(cat $HOUSE/said)"
[ "$(grep -c 'blocked by' $HOUSE/said)" -eq 1 ] || fail "more than one: $(cat $HOUSE/said)"
[ $QUESTIONS -le 6 ] || fail "$QUESTIONS questions for one of sixteen"
echo "one of sixteen rules: $QUESTIONS questions"
dns_says NXDOMAIN '' tv $PUBLIC4 -n b.t09.test
grep -q '^allow' $HOUSE/tacet.conf && fail "it was written without being wanted"

bisect y a.t02.test u03.test b.t11.test
[ $STATUS -eq 0 ] && [ "$(grep -c 'blocked by' $HOUSE/said)" -eq 3 ] && grep -q written $HOUSE/said ||
	fail "three of sixteen: $(cat $HOUSE/said)"
echo "three of sixteen rules: $QUESTIONS questions"
[ "$(sed -n 's/^allow = //p' $HOUSE/tacet.conf | sort | tr '\n' ' ')" = "t02.test t11.test u03.test " ] ||
	fail "written: $(tail -n 6 $HOUSE/tacet.conf)"
works a.t02.test u03.test b.t11.test || fail "the exceptions are written and do not hold"
works u01.test && fail "more than the exceptions is let through"

# Not everything that is broken was broken by a block.
bisect y not.there.t01.test nothing.tracker.test u01.test
[ $STATUS -eq 0 ] || fail "names of rules: $(cat $HOUSE/said)"
works() { return 1; }
bisect y
[ $STATUS -eq 1 ] && [ $QUESTIONS -eq 1 ] && grep -q 'blocking is not what breaks it' $HOUSE/said || fail "$(cat $HOUSE/said)"
tacet_ctl trouble --bisect tv >$HOUSE/out 2>&1 </dev/null && fail "no answers, and it is done"
[ "$(tacet_ask stats | jq '.data.exceptions | length')" -eq 0 ] || fail "without answers rules of now are left"

# A rule of now is taken back alone.
tacet_ctl allow --device tv u02.test >/dev/null && tacet_ctl allow u02.test >/dev/null || fail allow
tacet_ctl resume --device tv u02.test >$HOUSE/out && grep -q 'taken back: 1' $HOUSE/out || fail "$(cat $HOUSE/out)"
tacet_ctl resume --device tv u02.test >$HOUSE/out 2>&1 && fail "taken back twice"
tacet_ask stats | jq -e '.data.exceptions | length == 1 and (.[0] | .name == "u02.test" and (has("device") | not))' >/dev/null ||
	fail "$(tacet_ask stats | jq -c .data.exceptions)"
tacet_stop || fail "tacet ended with $?: $(tail -n 3 $HOUSE/tacet.log)"
