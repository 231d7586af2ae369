#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Keys of Encrypted ClientHello are taken out of a real server's answers on their way, where the
# configuration says so; the rest of the answer stays. Over TCP an answer with keys is refused.
# shellcheck source=tests/net/household.sh disable=SC2119
. "$(dirname "$0")/household.sh"

# Data of HTTPS records: priority 1, target, alpn h2, ipv4hint; ech of four bytes.
PLAIN=00010000010003026832 HINT=00040004cb007107 ECH=00050004fe0d0000

house_up
house_serve
house_bg ech-dns net dnsmasq --no-daemon --conf-file=/dev/null --no-resolv --no-hosts --cache-size=0 \
	--bind-interfaces --listen-address=$WEB4 --listen-address=$WEB6 --address=/ech.example/$WEB4 \
	--dns-rr=ech.example,65,$PLAIN$HINT$ECH --dns-rr=plain.example,65,$PLAIN$HINT

# https MACHINE SERVER NAME [tcp]: the answer to a question of type HTTPS with EDNS, in hexadecimal
# without its ID; over TCP "reset" if it is refused. The kernel drops an answer whose checksum is wrong.
https() {
	ns_exec "$1" python3 - "$2" "$3" "${4:-}" <<-'E'
	import socket, sys
	server, name, tcp = sys.argv[1:]
	family = socket.AF_INET6 if ":" in server else socket.AF_INET
	sock = socket.socket(family, socket.SOCK_STREAM if tcp else socket.SOCK_DGRAM)
	sock.settimeout(3)
	sock.connect((server, 53))
	labels = b"".join(bytes([len(l)]) + l.encode() for l in name.split(".")) + b"\0"
	opt = b"\0\0\x29\4\xd0\0\0\0\0\0\0"
	ask = b"\x12\x34\1\0\0\1\0\0\0\0\0\1" + labels + b"\0\x41\0\1" + opt
	try:
	    sock.sendall(len(ask).to_bytes(2, "big") + ask if tcp else ask)
	    print(sock.recv(4096)[4 if tcp else 2:].hex())
	except ConnectionResetError:
	    print("reset")
	E
}
# says MACHINE SERVER NAME DATA [tcp]: the answer holds one record, with that data behind its length.
says() {
	local got want
	printf -v want '00410001........%04x%s' $((${#4} / 2)) "$4"
	got=$(https "$1" "$2" "$3" "${5:-}") || fail "no answer of $2 for $3"
	[[ $got =~ $want ]] || fail "$2 says of $3 to $1: $got, and not $want"
	[ "$(((16#${got:8:4})))" = 1 ] || fail "not one record: $got"
	# Its end is the end of the OPT of the answer: no byte too many or too few.
	[[ $got =~ 00002910000000....0000$|000029............0000$|000029............0000 ]] || fail "no OPT at the end: $got"
}
until_true 5 https tv $WEB4 ech.example

for keep in yes no; do
	CONF_MORE="[block]
ech = $keep
[device tv]
address = $TV4/32" test_list '||tracker.example^'
	tacet_start
	data=$PLAIN$HINT
	[ $keep = no ] || data+=$ECH
	for server in $WEB4 $WEB6; do
		says tv "$server" ech.example "$data"
		says router "$server" ech.example "$data"
		says tv "$server" plain.example $PLAIN$HINT
		for machine in tv router; do
			says $machine "$server" plain.example $PLAIN$HINT tcp
			[ $keep = no ] || says $machine "$server" ech.example "$data" tcp
			[ $keep = yes ] || [ "$(https $machine "$server" ech.example tcp)" = reset ] ||
				fail "keys of ECH came over TCP to $machine"
		done
	done
	dns_says NOERROR $WEB4 tv $WEB4 -n ech.example
	if [ $keep = no ]; then
		tacet_ctl pause --device tv 60 >/dev/null || fail "pause of a device"
		says tv $WEB4 ech.example $PLAIN$HINT$ECH
		says router $WEB4 ech.example $PLAIN$HINT
		tacet_ctl resume >/dev/null || fail "resume"
		says tv $WEB4 ech.example $PLAIN$HINT
		tacet_ctl pause 60 >/dev/null || fail "pause"
		says tv $WEB4 ech.example $PLAIN$HINT$ECH
		says tv $WEB4 ech.example $PLAIN$HINT$ECH tcp
	fi
	tacet_stop || fail "tacet ended with $?: $(tail -n 3 $HOUSE/tacet.log)"
done
