#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A decided flow stays in the kernel: a film brings no packets up, and its bytes are told at its end.
# shellcheck source=tests/net/household.sh disable=SC2119
. "$(dirname "$0")/household.sh"

house_up
house_serve
test_list '||tracker.test^'
tacet_start
watch_start --type flow
house_bg ends router conntrack -E -e DESTROY -p tcp --dport 443
sleep 0.3

# Packets that ever went up, as the kernel counts them.
went_up() { ns_exec router awk '$1 == 4780 { print $8 }' /proc/net/netfilter/nfnetlink_queue; }

film=100000000
for address in $WEB4 $WEB6; do
	before=$(went_up)
	[ -n "$before" ] || fail "queue 4780 is not in /proc/net/netfilter/nfnetlink_queue"
	got=$(ns_exec tv curl -sk --resolve "film.example:443:$address" -o /dev/null -w '%{size_download}' \
		"https://film.example/bytes/$film")
	[ "$got" = $film ] || fail "only $got bytes of the film from $address"
	up=$(($(went_up) - before))
	[ $up -ge 1 ] && [ $up -le 20 ] || fail "$up packets of a film from $address went up, not a handful"
done

# The flows end: the kernel tells both conntrack(8) and tacet how much it was. (conntrack -D fails
# where an entry ends by itself meanwhile.)
for family in ipv4 ipv6; do
	ns_exec router conntrack -D -f $family -p tcp --dport 443 >/dev/null 2>&1
done

# The second bytes= is the answer's direction. conntrack(8) writes IPv6 in full.
counted() {
	awk -v six="$([[ $1 == *:* ]] && echo 1)" '
		/DESTROY/ && (six ? /src=2001/ : /src=192/) {
			n = 0
			for (i = 1; i <= NF; i++)
				if ($i ~ /^bytes=/ && ++n == 2) v = substr($i, 7) + 0 # a number: "80" is more than "100"
			if (v > most) most = v
		}
		END { print most + 0 }' $HOUSE/ends.log
}
for address in $WEB4 $WEB6; do
	watched ".name == \"film.example\" and .dst == \"$address\" and .state != \"open\""
	told=$(jq -n "last(inputs | select(.dst == \"$address\" and .state != \"open\")) | .bytes_in" $HOUSE/watch.log)
	until_true 3 eval '[ "$(counted $address)" -gt $film ]' ||
		fail "conntrack counted $(counted "$address") bytes: is nf_conntrack_acct on? $(cat $HOUSE/ends.log)"
	awk -v a="$told" -v b="$(counted "$address")" 'BEGIN { d = a - b; exit !(d <= b / 100 && -d <= b / 100) }' ||
		fail "the record says $told bytes, conntrack $(counted "$address")"
done
tacet_stop || fail "tacet ended with $?: $(tail -n 3 $HOUSE/tacet.log)"
