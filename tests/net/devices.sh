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
mkdir -p $HOUSE/leases.d
CONF_MORE="[household]
leases = $HOUSE/leases.d $HOUSE/leases
vendors = $HOUSE/oui.txt" test_list '||tracker.test^'
printf '0200F0     (base 16)\t\tMaker of nothing\nF4F5D8     (base 16)\t\tGoogle, Inc.\n' >$HOUSE/oui.txt
tacet_start
watch_start --type dns
house_bg dhcp router dnsmasq --no-daemon --conf-file=/dev/null --port=0 --interface=lan --bind-interfaces \
	--dhcp-range=192.168.77.100,192.168.77.110,1h --dhcp-leasefile=$HOUSE/leases
ns_exec tv udhcpc -f -q -n -t 5 -T 1 -i eth0 -s /bin/true -x hostname:living-room >$HOUSE/udhcpc.log 2>&1 ||
	fail "no lease: $(tail -n 3 $HOUSE/udhcpc.log $HOUSE/dhcp.log)"
grep -q living-room $HOUSE/leases || fail "the server did not hear the name: $(cat $HOUSE/leases)"
until_true 3 eval '[ "$(figure hostnames)" -ge 1 ]' || fail "no host name was seen: $(tacet_ask stats)"
for server in $PUBLIC4 $PUBLIC6; do dns_says NOERROR $WEB4 tv "$server" -n named.example; done
ns_exec tv ip -6 addr del $TV6/64 dev eth0
dns_says NOERROR $WEB4 tv $PUBLIC6 -n private.example
mac=$(ns_exec tv ip -j link show dev eth0 | jq -r ".[0].address")
watched ".qname == \"named.example\" and .client == \"$TV4\" and .hostname == \"living-room\" and .mac == \"$mac\""
watched '.qname == "named.example" and (.client | contains(":")) and .hostname == "living-room"'
watched '.qname == "private.example" and .client == "2001:db8:77::abcd" and .hostname == "living-room" and .mac_local'

# What servers keep names who asked for nothing while tacet looked on: by MAC, by address of DHCPv6.
told() { # JQ-CONDITION
	tacet_ctl devices --json >$HOUSE/devices.log && jq -e -n "first(inputs | select($1))" $HOUSE/devices.log >/dev/null
}
told ".hostname == \"living-room\" and .name_from == \"dhcp\" and .mac == \"$mac\" and (.addresses | index(\"$TV4\")) and .mac_local" ||
	fail "devices: $(cat $HOUSE/devices.log)"
ns_exec tv ip link add phone link eth0 type macvlan mode bridge || fail "no macvlan"
ns_exec tv ip link set phone address f4:f5:d8:01:02:03 up
ns_exec tv ip addr add 192.168.77.77/32 dev phone
ns_exec tv ip rule add from 192.168.77.77 table 77
ns_exec tv ip route add default via $LAN4 dev phone table 77 onlink
ns_exec tv python3 -c 'import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("192.168.77.77", 0))
s.sendto(bytes.fromhex("1234010000010000000000000570686f6e65076578616d706c650000010001"), ("'$PUBLIC4'", 53))'
until_true 3 told '.mac == "f4:f5:d8:01:02:03" and .vendor == "Google, Inc." and (.hostname | not)' ||
	fail "devices: $(cat $HOUSE/devices.log)"
printf '{"Leases":[{"Address":[192,168,77,77],"Hostname":"pocket","HardwareAddress":[244,245,216,1,2,3]}]}' >$HOUSE/leases.d/lan
until_true 6 told '.mac == "f4:f5:d8:01:02:03" and .hostname == "pocket" and .name_from == "lease"' ||
	fail "devices: $(cat $HOUSE/devices.log; tacet_ask stats)"
printf '1 f4:f5:d8:01:02:03 192.168.77.77 purse *\n' >$HOUSE/leases.d/lan
until_true 6 told '.hostname == "purse"' || fail "a lease that changed: $(cat $HOUSE/devices.log)"
tacet_ctl devices | grep -q 'purse *lease *f4:f5:d8:01:02:03 *Google, Inc. *192.168.77.77' || fail "$(tacet_ctl devices)"

# An app in use, and a tracker that is no app's own.
dns_says NOERROR $WEB4 tv $PUBLIC4 -n www.netflix.com
dns_says NXDOMAIN '' tv $PUBLIC4 -n sdk.tracker.test
watched '.qname == "sdk.tracker.test" and .app == "netflix" and .app_from == "session"'
tacet_ctl sessions --json >$HOUSE/sessions.log
jq -e -n 'first(inputs | select(.type == "session" and .app == "netflix" and .state == "open" and .trackers >= 1))' $HOUSE/sessions.log >/dev/null &&
	jq -e -n 'first(inputs | select(.type == "companion" and .name == "sdk.tracker.test" and .sessions == 1 and .of == 1))' $HOUSE/sessions.log >/dev/null ||
	fail "sessions: $(cat $HOUSE/sessions.log)"
tacet_ctl sessions | grep -q 'netflix *sdk.tracker.test  in 1 of 1 session$' || fail "$(tacet_ctl sessions)"
figure_is sessions_now 1 || fail "sessions_now: $(figure sessions_now)"
[ "$(tacet_ctl suspects | tail -n 1)" = "none yet" ] && figure_is suspects 0 || fail "suspects: $(tacet_ctl suspects)"

# A hostile file: a pipe that nobody writes to, and a megabyte of it.
mkfifo $HOUSE/leases.d/pipe
head -c 2000000 /dev/urandom >$HOUSE/leases.d/large
head -c 500000 /dev/urandom >$HOUSE/leases.d/noise
refused_two() { [ "$(figure leases_refused)" -ge 2 ]; }
until_true 6 refused_two || fail "leases_refused: $(figure leases_refused)"
told '.hostname == "purse"' || fail "a name was lost: $(cat $HOUSE/devices.log)"
tacet_stop || fail "tacet ended with $?: $(tail -n 3 $HOUSE/tacet.log)"
