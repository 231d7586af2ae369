#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A device that asks for one blocked name 200 times a second: hardly a question is decided for itself, one record tells
# of them all, and others do not feel it. STORM_SECONDS: how long; the figures that count are those of 60.
# shellcheck source=tests/net/household.sh disable=SC2119
. "$(dirname "$0")/household.sh"

SECONDS_LONG=${STORM_SECONDS:-10}
RATE=200
ask() { ns_exec "$1" python3 "$HOUSE_HERE/asker.py" "${@:2}"; }

house_up
house_serve
test_list '||tracker.test^'
tacet_start
watch_start --type dns

# Somebody else, before it and during it, at the same pace.
calm=$(ask router $PUBLIC4 film.example 50 "$(awk -v s="$SECONDS_LONG" 'BEGIN { print (s < 20 ? 3 : 10) }')")
before=$(figure 'questions') repeats=$(figure repeats)
house_bg storm tv python3 "$HOUSE_HERE/asker.py" $PUBLIC4 ads.tracker.test $RATE "$SECONDS_LONG"
busy=$(ask router $PUBLIC4 film.example 50 "$(awk -v s="$SECONDS_LONG" 'BEGIN { print s - 1 }')")
until_true 5 grep -q asked= $HOUSE/storm.log
storm=$(cat $HOUSE/storm.log)
asked=$(field asked "$storm")
costly=$(($(figure questions) - before - $(figure repeats) + repeats - $(field asked "$busy")))
echo "storm: $storm"
echo "others before: $calm"
echo "others during: $busy"
echo "decided for themselves: $costly of $asked"
[ "$asked" -ge "$(awk -v s="$SECONDS_LONG" 'BEGIN { print int(s * 190) }')" ] || fail "no storm: $storm"
[ "$(field answered "$storm")" -ge $((asked * 99 / 100)) ] || fail "questions without an answer: $storm"
[ "$costly" -lt 20 ] || fail "$costly questions of the storm were decided for themselves"
[ "$(field answered "$busy")" = "$(field asked "$busy")" ] || fail "others lost answers: $busy"
awk -v a="$(field p50 "$calm")" -v b="$(field p50 "$busy")" -v c="$(field p75 "$calm")" -v d="$(field p75 "$busy")" \
	'BEGIN { exit !(b <= a * 1.5 + 0.3 && d <= c * 1.5 + 0.5) }' || fail "others wait longer"

# Who asks again as soon as he is answered is slowed down, and hears the end of it at once.
circle=$(ask tv $PUBLIC4 circle.tracker.test 0 8)
echo "in a circle: $circle"
[ "$(field asked "$circle")" -le 160 ] || fail "asking in a circle is not damped: $circle"
[ "$(field answered "$circle")" -ge $(($(field asked "$circle") - 1)) ] || fail "no answer in time: $circle"
tacet_ctl allow circle.tracker.test >/dev/null
dns_says NOERROR $TRACKER4 tv $PUBLIC4 -n circle.tracker.test
# One record for all of it, when it has been quiet for ten seconds.
told() { jq -s '[.[] | select(.qname == "ads.tracker.test")]' $HOUSE/watch.log; }
until_true 14 eval 'told | jq -e "any(.repeats)"' || fail "no summary: $(told | jq -c .[-1])"
told | jq -e --argjson n "$asked" 'length <= 6 and (map(select(.repeats)) | length == 1) and
	(map(.repeats // 1) | add) == $n and (map(select(.repeats))[0] | .verdict == "block" and .how == "nxdomain" and
	.rule == "||tracker.test^" and (.until > .time))' >/dev/null || fail "records: $(told | jq -c .)"

tacet_stop || fail "tacet ended with $?: $(tail -n 3 $HOUSE/tacet.log)"
