#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A device that asks the router's own resolver: what is paused or allowed for it alone reaches it although
# the router asks on for it, and each question is told of once, as the device's.
# shellcheck source=tests/net/household.sh disable=SC2119
. "$(dirname "$0")/household.sh"

house_up
house_serve
CONF_MORE="[device tv]
mac = $(ns_exec tv ip -br link show eth0 | awk '{ print $3 }')" test_list '||tracker.test^'
tacet_start
watch_start --type dns

# Records of a name, each as its client and verdict.
told() { jq -r "select(.qname == \"$1\") | \"\(.device) \(.verdict)\"" $HOUSE/watch.log; }
told_once() { # NAME VERDICT
	watched ".qname == \"$1\""
	sleep 0.3
	[ "$(told "$1")" = "tv $2" ] || fail "$1 is told of as: $(told "$1" | tr '\n' ';')"
}

# Blocked for all; the router has asked too, and is remembered as refused.
for server in $LAN4 $LAN6; do dns_says NXDOMAIN '' tv "$server" -n a.tracker.test; done
dns_says NXDOMAIN '' router $PUBLIC4 -n b.tracker.test
dns_says NXDOMAIN '' router $PUBLIC4 -n b.tracker.test

tacet_ctl pause --device tv 60 >/dev/null || fail "pause"
dns_says NOERROR $TRACKER4 tv $LAN4 -n b.tracker.test
dns_says NOERROR $TRACKER4 tv $LAN6 -n c.tracker.test
dns_says NOERROR $TRACKER6 tv $LAN4 -n c.tracker.test -t AAAA
dns_says NOERROR $TRACKER4 tv $LAN4 -n d.tracker.test -T
# What the router wants for itself is blocked as before, also of what a device was told a moment ago.
dns_says NXDOMAIN '' router $PUBLIC4 -n e.tracker.test
dns_says NXDOMAIN '' router $PUBLIC6 -n c.tracker.test
told_once d.tracker.test log
[ "$(figure relayed)" -ge 4 ] || fail "$(figure relayed) questions were relayed"
tacet_ctl resume >/dev/null || fail "resume"
dns_says NXDOMAIN '' tv $LAN4 -n f.tracker.test

# What may pass is told of once as well,.
questions=$(figure questions)
dns_says NOERROR $WEB4 tv $LAN4 -n once.example
told_once once.example allow
[ "$(figure questions)" = $((questions + 1)) ] || fail "$(($(figure questions) - questions)) questions were seen"
tacet_stop || fail "tacet ended with $?"
