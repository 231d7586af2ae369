#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# record.bash DIR - records the captures of this folder anew into DIR, on the LAN side of a household
# of namespaces in which no tacet runs. No test calls it: a new recording has other ports, times
# and random bytes, so its golden output must be looked at and written anew (golden.sh, UPDATE=1).
# Needs what tests/net needs, tcpdump, and gtlsclient and gtlsserver of ngtcp2. Root.
export TRACKERS="tracker.test metrics.kino.test" BUILD=${BUILD:-build}
export CNAMES="metrics.shop.test,collect.tracker.test img.shop.test,cdn.example"
# shellcheck source=tests/net/household.sh disable=SC2119
. "$(dirname "$0")/../net/household.sh"

out=${1:?record.bash DIR}

# rec NAME: from now on into NAME.pcap, until done_rec.
rec() {
	house_bg tcpdump router tcpdump -Z root -n -U --immediate-mode -s 0 -i lan -w "$out/$1.pcap" 'tcp or udp'
	until_true 5 grep -q listening $HOUSE/tcpdump.log || fail "$(cat $HOUSE/tcpdump.log)"
}
done_rec() {
	sleep 0.3
	house_end tcpdump INT
}
get() { ns_exec tv curl -sk -o /dev/null --max-time 5 "$@" || fail "curl $*"; }
h3() { # NAME ADDRESS ARGUMENT...: the name is looked up in the TV's own /etc/hosts
	echo "$2 $1" >$HOUSE/hosts
	ns_exec tv gtlsclient -q --timeout=2s --exit-on-all-streams-close --no-pmtud "${@:3}" \
		"$1" 443 "https://$1/small" >/dev/null || fail "gtlsclient $*"
}
question() { probe tv dns "$@" >/dev/null || fail "probe dns $*"; }
# pieces ADDRESS NAME BYTES: a ClientHello in segments of so many bytes.
pieces() {
	ns_exec tv python3 - "$@" <<-'E' || fail "pieces $*"
	import socket, ssl, sys, time
	address, name, size = sys.argv[1], sys.argv[2], int(sys.argv[3])
	context = ssl.create_default_context()
	context.set_alpn_protocols(["h2", "http/1.1"])
	hello = ssl.MemoryBIO()
	try:
	    context.wrap_bio(ssl.MemoryBIO(), hello, server_hostname=name).do_handshake()
	except ssl.SSLWantReadError:
	    pass
	hello = hello.read()
	s = socket.create_connection((address, 443), 3)
	s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
	for at in range(0, len(hello), size):
	    s.sendall(hello[at:at + size])
	    time.sleep(0.005)
	s.recv(4096)
	E
}

house_up
ns_exec router ip link set lan address 02:00:00:00:77:01
ns_exec tv ip link set eth0 address 02:00:00:00:77:02
: >$HOUSE/hosts
ns_exec tv mount --bind $HOUSE/hosts /etc/hosts || fail "no /etc/hosts"
house_serve
house_serve_quic || fail "no gtlsserver"
echo small >$HOUSE/www/small
sleep 1

rec dns
for server in $LAN4 $LAN6 $PUBLIC4; do
	question $server -n film.kino.test
	question $server -n film.kino.test -t AAAA
	question $server -n film.kino.test -t HTTPS
	question $server -n a.tracker.test
	question $server -n a.tracker.test -t AAAA
done
question $LAN4 -n metrics.shop.test
question $LAN6 -n metrics.shop.test -t AAAA
question $PUBLIC6 -n img.shop.test
question $LAN4 -n good.tracker.test
question $LAN4 -n a.watched.test
question $LAN4 -n Beacon.KINO.test
question $PUBLIC4 -n over.tcp.tracker.test -T
probe tv dns 203.0.113.99 -n nobody.answers.test -w 300 >/dev/null
done_rec

rec tls
get https://film.kino.test/
get -4 https://a.tracker.test/
get -6 https://a.tracker.test/
get -4 --tls-max 1.2 https://metrics.kino.test/
get -6 --tls-max 1.2 https://img.shop.test/
get -4 --no-alpn https://good.tracker.test/
get -4 --http1.1 https://a.watched.test/
get -4 --connect-to ::$TRACKER4: https://other.example/
done_rec

rec http
get -4 http://film.kino.test/bytes/3000
get -6 http://film.kino.test/
get -4 http://a.tracker.test/pixel.gif
get -6 -X POST -d report=1 http://a.tracker.test/report
get -4 -H 'Host: a.tracker.test:80' http://$TRACKER4/
get -4 -x http://$WEB4:80 http://metrics.kino.test/through-a-proxy
done_rec

rec quic
h3 film.kino.test $WEB4
h3 film.kino.test $WEB6
h3 a.tracker.test $TRACKER4
h3 a.tracker.test $TRACKER6
h3 metrics.kino.test $TRACKER4 --version=v2draft
done_rec

rec pieces
pieces $WEB4 film.kino.test 60
pieces $TRACKER4 a.tracker.test 200
pieces $TRACKER6 b.tracker.test 40
probe tv tls $TRACKER4 -n c.tracker.test -s 1 >/dev/null
probe tv http $TRACKER4 -n d.tracker.test -s 20 >/dev/null
done_rec

# Names of addresses: handshakes without one, and a datagram that is no QUIC.
rec addresses
question $LAN4 -n a.tracker.test
question $LAN4 -n film.kino.test
ns_exec tv timeout 2 openssl s_client -connect $TRACKER4:443 -noservername </dev/null >/dev/null 2>&1
ns_exec tv timeout 2 openssl s_client -connect $WEB4:443 -noservername </dev/null >/dev/null 2>&1
ns_exec tv timeout 2 openssl s_client -connect "[$TRACKER6]:443" -noservername </dev/null >/dev/null 2>&1
probe tv udp $TRACKER4 -n a.tracker.test -w 300 >/dev/null
probe tv tls $TRACKER4 -p 444 >/dev/null
done_rec

# The bundled lists and the catalogue.
rec catalogue
for name in www.netflix.com logs.netflix.com api-global.netflix.com ichnaea.netflix.com \
	samsungacr.com lgsmartad.com dns.google app-measurement.com; do
	question $PUBLIC4 -n $name
	probe tv tls $WEB4 -n $name >/dev/null
done
h3 logs.netflix.com $WEB4
done_rec
