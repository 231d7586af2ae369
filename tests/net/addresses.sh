#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Networks of lists: what goes to a listed address is refused, TCP by a reset and UDP by ICMP,
# over IPv4 and IPv6, whatever it is called; other addresses and allowed names are served.
# shellcheck source=tests/net/household.sh disable=SC2119
. "$(dirname "$0")/household.sh"

house_up
house_serve
test_list "${TRACKER4%.*}.0/28" "${TRACKER6%::*}::/64" "$WEB4" "@@$WEB4/31" '@@||fine.tracker.test^'
tacet_start
watch_start --type flow

for machine in tv router; do
	for address in $TRACKER4 $TRACKER6; do
		refused reset $machine tls "$address" -n shop.example
		refused reset $machine tls "$address"
		refused reset $machine http "$address" -n shop.example
		refused unreach $machine quic "$address" -n shop.example
		answered $machine tls "$address" -n ads.fine.tracker.test
	done
	for address in $WEB4 $WEB6; do
		answered $machine tls "$address" -n film.example
		answered $machine tls "$address"
		answered $machine http "$address" -n film.example
	done
done
watched '.name == "shop.example" and .verdict == "block" and .how == "reset" and .rule == "203.0.113.0/28"'
watched '.name == "shop.example" and .verdict == "block" and .how == "unreach" and .via == "quic"'
watched '.name == "film.example" and .verdict == "allow"'
tacet_stop || fail "tacet ended with $?: $(tail -n 3 $HOUSE/tacet.log)"
