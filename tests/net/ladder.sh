#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Every step of the ladder of failures, for DNS, TCP and QUIC, over IPv4 and IPv6, of a device and of the router
# itself: how it looks to the client, when it comes, and that nothing of it leaves the house. In one household whose
# names each fail in a way of their own, and which are asked for side by side: the slow ones take ten seconds.
# shellcheck source=tests/net/household.sh disable=SC2119
. "$(dirname "$0")/household.sh"

house_up
house_serve
house_serve_quic && quic=yes || quic=

CONF_MORE=$(for kind in dns:nxdomain dns:null dns:nodata dns:refused dns:stall dns:drop tcp:reset tcp:unreach tcp:stall \
	tcp:drop udp:unreach udp:stall udp:drop; do
		printf '[name %s.%s.tracker.test]\n%s = %s\nanswer_ttl_s = 7\n' "${kind#*:}" "${kind%:*}" "${kind%:*}" "${kind#*:}"
	done
	printf '[list log]\nfile = %s\nlog = yes\n[rules]\nallow = allow.dns.tracker.test allow.tcp.tracker.test %s\n' \
		$HOUSE/log.txt allow.udp.tracker.test)
printf '||log.%s.example^\n' dns tcp udp >$HOUSE/log.txt
test_list '||tracker.test^'
tacet_start
wire_start

# try KIND STEP MACHINE FAMILY: probes in the way of that kind; for the slow steps long enough to see their end.
try() {
	local kind=$1 step=$2 name=$2.$1.tracker.test args=() address
	[ "$step" != log ] || name=log.$1.example
	case $step in stall | drop) args=(-w 9000) ;; unreach) args=(-w 1000) ;; esac
	case $kind$4 in
	dns4) address=$PUBLIC4 ;;
	dns6) address=$PUBLIC6 ;;
	*4) address=$TRACKER4 ;;
	*6) address=$TRACKER6 ;;
	esac
	case $kind in
	dns) probe "$3" dns $address -n "$name" "${args[@]}" ;;
	tcp) probe "$3" tls $address -n "$name" "${args[@]}" ;;
	udp) probe "$3" quic $address -n "$name" -r 300 "${args[@]}" ;;
	esac
}

# What each step has to look like: end, not before and not after so many milliseconds, and of DNS rcode and answer.
expected() { # KIND STEP
	case $1:$2 in
	dns:nxdomain) echo 'answered 0 600 NXDOMAIN' ;;
	dns:null) echo 'answered 0 600 NOERROR 0.0.0.0' ;;
	dns:nodata) echo 'answered 0 600 NOERROR' ;;
	dns:refused) echo 'answered 0 600 REFUSED' ;;
	dns:stall) echo 'answered 3500 6000 NOERROR' ;;
	dns:log) echo "answered 0 900 NOERROR $WEB4" ;;
	dns:allow) echo "answered 0 900 NOERROR $TRACKER4" ;;
	tcp:reset) echo 'reset 0 600' ;;
	tcp:unreach) echo 'timeout 300 2000' ;; # Linux: a connection that is up does not end by ICMP
	tcp:stall) echo 'reset 3500 9000' ;; # with the retransmission that comes then
	udp:unreach) echo 'unreach 0 600' ;;
	udp:stall) echo 'unreach 3500 6000' ;;
	*:drop) echo 'timeout 6000 11000' ;;
	*) echo 'answered 0 900' ;;
	esac
}

check() { # KIND STEP MACHINE FAMILY LINE
	local want ms
	read -ra want <<<"$(expected "$1" "$2")"
	ms=$(field ms "$5")
	ms=${ms%.*}
	[ "$(field end "$5")" = "${want[0]}" ] && [ "$ms" -ge "${want[1]}" ] && [ "$ms" -le "${want[2]}" ] ||
		fail "$*: should have ended by ${want[*]}"
	[ "$1" != dns ] || [ "${want[0]}" != answered ] || {
		[ "$(field rcode "$5")" = "${want[3]}" ] && [ "$(field answers "$5")" = "${want[4]:-}" ]
	} || fail "$*: should have been ${want[*]}"
	case $1:$2 in dns:n*) [ "$(field ttl "$5")" = 7 ] || fail "$*: not for seven seconds" ;; esac
	cells=$((cells + 1))
}

steps='dns:nxdomain dns:null dns:nodata dns:refused dns:log dns:allow tcp:reset tcp:log tcp:allow udp:unreach'
[ -z "$quic" ] || steps+=' udp:log udp:allow'
cells=0
for machine in tv router; do
	for family in 4 6; do
		for cell in dns:stall dns:drop tcp:unreach tcp:stall tcp:drop udp:stall udp:drop; do
			try "${cell%:*}" "${cell#*:}" $machine $family >"$HOUSE/cell-$cell-$machine-$family" &
		done
	done
done
for machine in tv router; do
	for family in 4 6; do
		for cell in $steps; do
			check "${cell%:*}" "${cell#*:}" $machine $family "$(try "${cell%:*}" "${cell#*:}" $machine $family)"
		done
	done
done
until_true 12 eval '[ "$(cat $HOUSE/cell-* | grep -c end=)" -eq 28 ]'
for file in "$HOUSE"/cell-*; do
	IFS=- read -r _ cell machine family <<<"${file##*/}"
	check "${cell%:*}" "${cell#*:}" "$machine" "$family" "$(cat "$file")"
done
echo "$cells cells${quic:+, QUIC that is allowed among them}"
[ "$(figure late)" -ge 4 ] || fail "late answers are not counted: $(figure late)"
[ "$(figure dropped)" -ge 12 ] || fail "dropped packets are not counted: $(figure dropped)"

# What is known to be survived comes with the catalogue; the user's own word is over it.
test_list '||logs.netflix.com^' '||logs.roku.com^' '||tracker.test^'
tacet_ctl reload >/dev/null || fail reload
dns_says NOERROR 0.0.0.0 tv $PUBLIC4 -n logs.netflix.com
dns_says NOERROR :: tv $PUBLIC6 -n scribe.logs.roku.com -t AAAA
dns_says NXDOMAIN '' tv $PUBLIC4 -n www.tracker.test
CONF_MORE=$(printf '[app netflix]\ndns = refused') test_list '||logs.netflix.com^'
tacet_ctl reload >/dev/null || fail "reload: $(tail -n 2 $HOUSE/tacet.log)"
dns_says REFUSED '' tv $PUBLIC4 -n logs.netflix.com

wire_stop
wire_has_name allow.tcp.tracker.test && wire_has_name log.dns.example || fail "the wire is not watched"
for step in nxdomain null nodata refused reset unreach stall drop; do
	wire_has_name "$step.dns.tracker.test" && fail "a question for $step.dns.tracker.test left the house"
	wire_has_name "$step.tcp.tracker.test" && fail "a hello for $step.tcp.tracker.test left the house"
done
grep -E '(reset|stall|drop|unreach)\.tcp\.tracker\.test' $HOUSE/seen.log && fail "a server saw a blocked name"
tacet_stop || fail "tacet ended with $?: $(tail -n 3 $HOUSE/tacet.log)"
