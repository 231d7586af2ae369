#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A device is one at all its addresses, IPv6 privacy addresses too, and has the name of its DHCP
# request, which still reaches a real server.
# shellcheck source=tests/net/household.sh disable=SC2119
. "$(dirname "$0")/household.sh"

command -v udhcpc >/dev/null || skip "udhcpc is not installed: make deps"
house_up
house_serve
house_address tv eth0 2001:db8:77::abcd/64
test_list '||tracker.test^'
tacet_start
watch_start --type dns
house_bg dhcp router dnsmasq --no-daemon --conf-file=/dev/null --port=0 --interface=lan --bind-interfaces \
	--dhcp-range=192.168.77.100,192.168.77.110,1h --dhcp-leasefile=$HOUSE/leases
ns_exec tv udhcpc -f -q -n -t 5 -T 1 -i eth0 -s /bin/true -x hostname:living-room >$HOUSE/udhcpc.log 2>&1 ||
	fail "no lease: $(tail -n 3 $HOUSE/udhcpc.log $HOUSE/dhcp.log)"
grep -q living-room $HOUSE/leases || fail "the server did not hear the name: $(cat $HOUSE/leases)"
until_true 3 test "$(figure hostnames)" -ge 1 || fail "no host name was seen: $(tacet_ask stats)"
for server in $PUBLIC4 $PUBLIC6; do dns_says NOERROR $WEB4 tv "$server" -n named.example; done
ns_exec tv ip -6 addr del $TV6/64 dev eth0
dns_says NOERROR $WEB4 tv $PUBLIC6 -n private.example
mac=$(ns_exec tv ip -j link show dev eth0 | jq -r ".[0].address")
watched ".qname == \"named.example\" and .client == \"$TV4\" and .hostname == \"living-room\" and .mac == \"$mac\""
watched '.qname == "named.example" and (.client | contains(":")) and .hostname == "living-room"'
watched '.qname == "private.example" and .client == "2001:db8:77::abcd" and .hostname == "living-room" and .mac_local'
tacet_stop || fail "tacet ended with $?: $(tail -n 3 $HOUSE/tacet.log)"
