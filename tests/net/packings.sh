#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# One name in every legal packing (tools/packings.c), through the live queue: of a blocked name the
# whole never reaches the other side, of an allowed name all does. What cannot be sent from a
# machine like this is listed with its reason. V=1 shows the table.
# shellcheck source=tests/net/household.sh disable=SC2119
. "$(dirname "$0")/household.sh"

house_up
# No kernel in the way of TCP that the test speaks itself: the TV's does not know the connections.
for tables in iptables ip6tables; do
	ns_exec tv $tables -w -A OUTPUT -p tcp --tcp-flags RST,ACK RST -j DROP || fail "no rule against resets"
done
house_bg sink net "$BUILD/tools/packings" sink $WEB4 $WEB6
until_true 5 grep -q ready $HOUSE/sink.log || fail "sink: $(cat $HOUSE/sink.log)"

# arrived tcp|udp PORT: what the server got of the connection: bytes of the stream, or datagrams.
arrived() { awk -v proto="$1" -v port="$2" '$1 == proto && $2 == port { n = $3 } END { print n + 0 }' $HOUSE/sink.log; }

# try PACKING NAME ADDRESS: its port, and what send says, to $HOUSE/sent.
port=20000
try() {
	port=$((port + 1))
	echo "$1 $2 $3 $port $(ns_exec tv "$BUILD/tools/packings" send "$1" "$2" "$3" $port 2>&1)" >>$HOUSE/sent
}
packings=$("$BUILD/tools/packings" list | awk '$2 == "live" { print $1 }')

# The first packets wait for the neighbours' addresses.
for address in $WEB4 $WEB6; do
	until_true 10 sh -c '"$@" | grep -q arrived' sh nsenter --target "${HOUSE_PID[tv]}" --net \
		"$BUILD/tools/packings" send quic first.example "$address" 19999 || fail "no way to $address"
done

# Without tacet everything arrives: what fails here is the test's own fault.
for p in $packings; do try "$p" film.example $WEB4; try "$p" film.example $WEB6; done
grep -v 'end=arrived' $HOUSE/sent && fail "does not arrive without tacet either"
mv $HOUSE/sent $HOUSE/sent.before

test_list '||tracker.test^'
tacet_start
for p in $packings; do
	for address in $WEB4 $WEB6; do
		try "$p" film.example "$address"
		try "$p" ads.tracker.test "$address"
	done
done
sleep 0.3

known=$(sed -n 's/^\* `\([a-z0-9-]*\)`\( live\)\{0,1\}: .*/\1/p' "$HOUSE_HERE/../pcap/PACKINGS.md")
: >$HOUSE/missed
while read -r p name address port rest; do
	sent=$(field sent "$rest") end=$(field end "$rest") proto=tcp
	case $p in quic* | dns-[!t]*) proto=udp ;; esac
	case $p in dns-tcp*) proto=tcp ;; esac
	got=$(arrived $proto "$port")
	if [ "$name" = film.example ]; then
		[ "$end" = arrived ] && [ "$got" -eq "$sent" ] && verdict=passes || verdict=LOST
	else
		[ "$got" -lt "$sent" ] && [ "$end" != arrived ] && verdict=refused || verdict=LEAKED
	fi
	printf '%-34s %-18s %-2s %-8s %-8s %5s of %s\n' "$p" "$name" "$(case $address in *:*) echo 6 ;; *) echo 4 ;; esac)" \
		"$verdict" "$end" "$got" "$sent" >>$HOUSE/table
	case $verdict in
	LOST | LEAKED) echo "$p" >>$HOUSE/missed ;;
	esac
done <$HOUSE/sent
[ -z "${V:-}" ] || cat $HOUSE/table
echo "not sent, captures only (tests/pcap/packings.sh):"
"$BUILD/tools/packings" list | sed -n 's/^\([^ ]*\) capture /  \1: /p'
echo "$(wc -l <$HOUSE/table) sent: $(grep -c passes $HOUSE/table) passed, $(grep -c refused $HOUSE/table) refused"
tacet_stop || fail "tacet ended with $?: $(tail -n 3 $HOUSE/tacet.log)"
bad=$(diff <(sort -u $HOUSE/missed) <(sort -u <<<"$known" | grep .) | sed -n 's/^[<>] //p')
for p in $bad; do grep "^$p " $HOUSE/table; done
[ -z "$bad" ] || fail "not as PACKINGS.md has it:" $bad
[ "$(wc -l <$HOUSE/table)" -ge 240 ] || fail "the matrix is too small"
