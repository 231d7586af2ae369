#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# TLS and HTTP to blocked names are reset at once, on both sides; no byte of a ClientHello leaves.
# shellcheck source=tests/net/household.sh disable=SC2119
. "$(dirname "$0")/household.sh"

house_up
house_serve
test_list '||tracker.test^' '||logs.example^'
tacet_start
watch_start --type flow
wire_start

for machine in tv router; do
	for address in $TRACKER4 $TRACKER6; do
		refused reset $machine tls "$address" -n ads.tracker.test
		refused reset $machine tls "$address" -n LOGS.example
		refused reset $machine http "$address" -n ads.tracker.test
	done
	for address in $WEB4 $WEB6; do
		answered $machine tls "$address" -n film.example
		answered $machine http "$address" -n film.example
		answered $machine tls "$address"
	done
done
watched '.name == "ads.tracker.test" and .verdict == "block" and .how == "reset" and .via == "tls"'
watched '.name == "ads.tracker.test" and .verdict == "block" and .via == "http"'
watched '.name == "film.example" and .verdict == "allow" and .reached'
wire_stop
wire_has_name film.example || fail "the wire is not watched"
for name in tracker.test logs.example; do
	wire_has_name $name && fail "$name left the house"
done
for address in $TRACKER4 $TRACKER6; do
	[ "$(wire_payload $address)" -eq 0 ] || fail "bytes of a handshake went to $address"
done
[ "$(wire_count "dst host $TRACKER4 and tcp[tcpflags] & tcp-rst != 0")" -ge 6 ] &&
	[ "$(wire_count "dst host $TRACKER6 and ip6[53] & 4 != 0")" -ge 6 ] ||
	fail "the tracker's side was not reset"

# A name on an address it shares with a blocked one; a hello in two segments.
wire_start
for machine in tv router; do
	for address in $TRACKER4 $TRACKER6; do
		answered $machine tls "$address" -n shop.example
		answered $machine tls "$address" -n shop.example -s 100
		refused reset $machine tls "$address" -n split.tracker.test -s 100
	done
done
wire_stop
wire_has_name split.tracker.test && fail "the name in a split ClientHello left the house"
grep -E 'tracker\.test|logs\.example' $HOUSE/seen.log && fail "a server saw a blocked name"
tacet_stop || fail "tacet ended with $?: $(tail -n 3 $HOUSE/tacet.log)"
