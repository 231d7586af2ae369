#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# QUIC to blocked names is refused by ICMP before an Initial leaves; the client knows at once and
# tries TCP. HTTP/3 to others works, with a real client and server.
# shellcheck source=tests/net/household.sh disable=SC2119
. "$(dirname "$0")/household.sh"

house_up
house_serve
house_serve_quic || skip "gtlsserver (package ngtcp2-server) is not installed"
test_list '||tracker.test^'
tacet_start
watch_start --type flow
wire_start

for machine in tv router; do
	for address in $TRACKER4 $TRACKER6; do
		refused unreach $machine quic "$address" -n ads.tracker.test
		refused reset $machine tls "$address" -n ads.tracker.test
	done
	for address in $WEB4 $WEB6; do
		answered $machine quic "$address" -n film.example
	done
done
# An app that retries: the kernel limits the ICMP that it sends itself to one a second a client
# (icmp_ratelimit), and a refusal that does not arrive is a player that hangs.
for i in {1..20}; do
	refused unreach tv quic $TRACKER4 -n "n$i.tracker.test"
	refused unreach tv quic $TRACKER6 -n "n$i.tracker.test"
done
watched '.name == "ads.tracker.test" and .verdict == "block" and .how == "unreach" and .via == "quic" and .reached == false'
watched '.name == "film.example" and .verdict == "allow" and .via == "quic"'

# fetch MACHINE ADDRESS NAME: a whole HTTP/3 download, as curl or a player does.
fetch() {
	rm -rf $HOUSE/got && mkdir $HOUSE/got
	ns_exec "$1" timeout "${4:-5}" gtlsclient -q --exit-on-all-streams-close --download=$HOUSE/got \
		"$2" 443 "https://$3/segment" >$HOUSE/fetch.log 2>&1
	cmp -s $HOUSE/got/segment $HOUSE/www/segment
}
for machine in tv router; do
	fetch $machine film.example film.example || fail "HTTP/3 of an allowed name: $(tail -n 3 $HOUSE/fetch.log)"
done
# gtlsclient takes its server name from the first argument, which has to resolve.
echo "$TRACKER4 real.tracker.test" >$HOUSE/hosts
ns_exec tv mount --bind $HOUSE/hosts /etc/hosts
fetch tv real.tracker.test real.tracker.test 2 && fail "HTTP/3 of a blocked name was served"
watched '.name == "real.tracker.test" and .verdict == "block"'

wire_stop
[ "$(wire_count "udp and dst host $WEB4")" -gt 0 ] && [ "$(wire_count "udp and dst host $WEB6")" -gt 0 ] ||
	fail "the wire is not watched"
for address in $TRACKER4 $TRACKER6; do
	[ "$(wire_count "udp and dst host $address")" -eq 0 ] || fail "an Initial went to $address"
done
tacet_stop || fail "tacet ended with $?: $(tail -n 3 $HOUSE/tacet.log)"
