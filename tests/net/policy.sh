#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Two devices and one without a name with different policies at the same time: who is blocked, how it fails,
# and from when to when. The router itself is the tablet over IPv6 and nobody over IPv4.
# shellcheck source=tests/net/household.sh disable=SC2119
. "$(dirname "$0")/household.sh"

# In this time zone it is 19:59:45 on a Monday: the edge of a schedule comes in fifteen seconds.
edge=$(($(date +%s) + 15))
second=$(((edge - 72000 + 86400) % 86400))
TZ=$(printf 'XXX%02d:%02d:%02d' $((second / 3600)) $((second / 60 % 60)) $((second % 60)))
export TZ

house_up
house_serve
CONF_MORE=$(cat <<-E
	[device tv]
	address = $TV4
	dns = nodata
	tcp = drop
	answer_ttl_s = 7
	[device tablet]
	address = $WAN6
	group = kids
	[group kids]
	dns = refused
	tcp = reset
	[role ads]
	dns = drop
	[list test]
	only = kids, tv
	[list late]
	file = $HOUSE/late.txt
	only = kids
	when = 20:00-21:00
	E
)
echo '||film.example^' >$HOUSE/late.txt
printf '||tracker.test^\n||logs.netflix.com^\n||samsungacr.com^\n' >$HOUSE/test.txt
tacet_conf <<-E
	[tacet]
	data_dir = $HOUSE_HERE/../../blocklists
	bundled_lists = no
	$(echo "$CONF_MORE" | sed "s|^\[list test\]|&\nfile = $HOUSE/test.txt\nformat = adblock|")
	E
tacet_start
answered router tls $WEB6 -n film.example

# Each fails in its own way; who has no section is not blocked by a list that is for others.
dns_says NOERROR '' tv $PUBLIC4 -n ads.tracker.test
dns_says REFUSED '' router $PUBLIC6 -n ads.tracker.test
dns_says NOERROR $TRACKER4 router $PUBLIC4 -n ads.tracker.test
probe tv tls $TRACKER4 -n ads.tracker.test -w 400 | grep -q end=timeout || fail "no silence for the tv"
refused reset router tls $TRACKER6 -n ads.tracker.test
answered router tls $TRACKER4 -n ads.tracker.test
for device in tv tablet; do
	tacet_ctl explain --device $device ads.tracker.test >$HOUSE/out
	[ $? -eq 10 ] || fail "explain --device $device: $(cat $HOUSE/out)"
done
tacet_ctl explain ads.tracker.test >$HOUSE/out || fail "explain: $(cat $HOUSE/out)"

# A pause of one app on one device leaves the rest blocked, and ends alone.
tacet_ctl pause --device tv --app netflix 60 >/dev/null || fail "pause --app"
dns_says NOERROR $WEB4 tv $PUBLIC4 -n logs.netflix.com
dns_says NOERROR '' tv $PUBLIC4 -n samsungacr.com
dns_says REFUSED '' router $PUBLIC6 -n samsungacr.com -t AAAA
tacet_ctl resume --device tv >/dev/null || fail "resume --device"
dns_says NOERROR '' tv $PUBLIC4 -n logs.netflix.com

# A pause for one device leaves the rest blocked; a rule of now is over it; resume ends all.
tacet_ctl pause --device kids --list test 60 >/dev/null || fail "pause --device"
answered router tls $TRACKER6 -n ads.tracker.test
dns_says NOERROR $TRACKER4 router $PUBLIC6 -n ads.tracker.test
dns_says NOERROR '' tv $PUBLIC4 -n ads.tracker.test
# Each says when it ends, whatever else is paused, and what does not end by itself says nothing.
tacet_ctl pause 600 >$HOUSE/paused && tacet_ctl block --device tablet --for 1m shop.example >$HOUSE/out || fail "block"
[[ $(cat $HOUSE/paused $HOUSE/out) =~ ^"blocking is paused until "(.*Z).*"blocked until "(.*Z)$ ]] &&
	apart=$(($(date -d "${BASH_REMATCH[1]}" +%s) - $(date -d "${BASH_REMATCH[2]}" +%s))) &&
	[ $apart -ge 535 ] && [ $apart -le 541 ] || fail "they end so: $(cat $HOUSE/paused $HOUSE/out)"
tacet_ctl reload >$HOUSE/out && [ "$(cat $HOUSE/out)" = reloaded ] || fail "reload says: $(cat $HOUSE/out)"
tacet_ctl resume >/dev/null && tacet_ctl pause --device kids --list test 60 >/dev/null || fail "resume, pause --device"
tacet_ctl block --device tablet --for 1m shop.example >/dev/null || fail "block"
refused reset router tls $WEB6 -n shop.example
answered tv tls $WEB4 -n shop.example
tacet_ctl allow --device tv tracker.test >/dev/null || fail "allow"
dns_says NOERROR $TRACKER4 tv $PUBLIC4 -n ads.tracker.test
tacet_ask stats | jq -e '.data.exceptions | map(.kind) == ["pause", "block", "allow"] and
	(.[0] | .device == "kids" and has("until")) and (.[2] | .name == "tracker.test" and (has("until") | not))' \
	>/dev/null || fail "exceptions: $(tacet_ask stats | jq -c .data.exceptions)"
tacet_ctl reload >/dev/null || fail "reload"
answered router tls $TRACKER6 -n ads.tracker.test
tacet_ctl resume >/dev/null || fail "resume"
refused reset router tls $TRACKER6 -n ads.tracker.test
answered router tls $WEB6 -n shop.example
dns_says NOERROR '' tv $PUBLIC4 -n ads.tracker.test
tacet_ctl pause --device den >$HOUSE/out 2>&1 && fail "a pause for nobody"
grep -q 'no device or group "den"' $HOUSE/out || fail "pause --device den: $(cat $HOUSE/out)"

# 20:00: a flow that is open and its app are refused, for the one device alone.
for who in "router,[$WEB6]" "tv,$WEB4"; do
	# shellcheck disable=SC2016
	house_bg "film-${who%,*}" "${who%,*}" sh -c 'curl -sSk -o /dev/null --connect-to "::$0" "$1"; date +ended=%s%3N' \
		"${who#*,}" https://film.example/drip
done
late() { probe router tls $WEB6 -n film.example -w 400 | grep -q end=reset; }
late && fail "blocked before its time"
until_true 18 late || fail "not blocked at 20:00: $(TZ=$TZ date)"
[ "$(date +%H%M)" = 2000 ] || fail "blocked at $(date)"
answered tv tls $WEB4 -n film.example
answered router tls $WEB4 -n film.example
until_true 2 grep -q ended= $HOUSE/film-router.log
ms=$(($(sed -n 's/^ended=//p' $HOUSE/film-router.log) - edge * 1000))
grep -q reset $HOUSE/film-router.log && [ $ms -ge 0 ] && [ $ms -le 1000 ] ||
	fail "the download that ran was not cut at 20:00, but after $ms ms: $(cat $HOUSE/film-router.log)"
echo "a download was cut $ms ms after its time had come"
grep -q . $HOUSE/film-tv.log && fail "the tv's download ended: $(cat $HOUSE/film-tv.log)"
tacet_stop || fail "tacet ended with $?: $(tail -n 3 $HOUSE/tacet.log)"
