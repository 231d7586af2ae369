#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --monitor blocks nothing and records what it would have blocked; so does a list with "log = yes".
# shellcheck source=tests/net/household.sh disable=SC2119
. "$(dirname "$0")/household.sh"

house_up
house_serve
test_list '||tracker.test^'

nothing_blocked() {
	local machine address
	watch_start
	for machine in tv router; do
		for address in $TRACKER4 $TRACKER6; do
			answered $machine tls "$address" -n ads.tracker.test
			answered $machine http "$address" -n ads.tracker.test
		done
		dns_says NOERROR $TRACKER4 $machine $PUBLIC4 -n ads.tracker.test
		dns_says NOERROR $TRACKER6 $machine $PUBLIC6 -n ads.tracker.test -t AAAA
		dns_says NOERROR $TRACKER4 $machine $PUBLIC4 -n metrics.shop.test
	done
	watched ".type == \"flow\" and .name == \"ads.tracker.test\" and .verdict == \"log\" and .reason == \"$1\" and .reached"
	watched ".type == \"dns\" and .qname == \"ads.tracker.test\" and .verdict == \"log\" and .reason == \"$1\" and .rcode == \"NOERROR\""
	watched ".type == \"dns\" and .qname == \"metrics.shop.test\" and .verdict == \"log\""
	[ "$(figure blocked)" = 0 ] && [ "$(figure logged)" -gt 0 ] || fail "stats: $(tacet_ask stats)"
	house_end watch
	tacet_stop || fail "tacet ended with $?: $(tail -n 3 $HOUSE/tacet.log)"
}

tacet_start --monitor
nothing_blocked monitor
echo 'log = yes' >>$HOUSE/tacet.conf
tacet_start
nothing_blocked log_list
