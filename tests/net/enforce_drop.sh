#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# "drop" for every kind: silence towards the client and towards the world.
# shellcheck source=tests/net/household.sh disable=SC2119
. "$(dirname "$0")/household.sh"

house_up
house_serve
CONF_MORE=$(printf '[block]\ndns = drop\ntcp = drop\nudp = drop') test_list '||tracker.test^'
tacet_start
wire_start

silent() {
	local line
	line=$(probe "$@" -w 400)
	[ "$(field end "$line")" = timeout ] || fail "$* should have been met with silence: $line"
}
for machine in tv router; do
	for address in $TRACKER4 $TRACKER6; do
		silent $machine tls "$address" -n ads.tracker.test
		silent $machine quic "$address" -n ads.tracker.test
		answered $machine tls "$address" -n shop.example
	done
	for server in $PUBLIC4 $PUBLIC6; do
		silent $machine dns "$server" -n ads.tracker.test
		dns_says NOERROR $WEB4 $machine "$server" -n film.example
	done
done
[ "$(figure dropped)" -ge 8 ] || fail "dropped packets are not counted: $(figure dropped)"

wire_stop
wire_has_name film.example || fail "the wire is not watched"
wire_has_name tracker.test && fail "a blocked name left the house"
[ "$(wire_count "udp and (dst host $TRACKER4 or dst host $TRACKER6)")" -eq 0 ] || fail "an Initial left"
tacet_stop || fail "tacet ended with $?: $(tail -n 3 $HOUSE/tacet.log)"
