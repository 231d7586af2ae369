#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Questions for blocked names are answered by tacet: none leaves the house, whoever is asked.
# shellcheck source=tests/net/household.sh disable=SC2119
. "$(dirname "$0")/household.sh"

house_up
house_serve
test_list '||tracker.test^' '||logs.example^' '@@||good.logs.example^'
tacet_start
watch_start --type dns
wire_start

for server in $LAN4 $LAN6 $PUBLIC4 $PUBLIC6; do
	dns_says NXDOMAIN '' tv "$server" -n ads.tracker.test
	dns_says NXDOMAIN '' tv "$server" -n ads.tracker.test -t AAAA
	dns_says NXDOMAIN '' tv "$server" -n LOGS.eXample -t HTTPS
	dns_says NOERROR $WEB4 tv "$server" -n film.example
	dns_says NOERROR $TRACKER6 tv "$server" -n good.logs.example -t AAAA
done
for server in 127.0.0.1 $ISP4 $ISP6 $PUBLIC4 $PUBLIC6; do
	dns_says NXDOMAIN '' router "$server" -n own.tracker.test
	dns_says NOERROR $WEB6 router "$server" -n film.example -t AAAA
done
# Over TCP, whole and in two segments, and on a port that is not DNS's own.
for machine in tv router; do
	for server in $PUBLIC4 $PUBLIC6; do
		refused reset $machine dns "$server" -n tcp.tracker.test -T
		refused reset $machine dns "$server" -n tcp.tracker.test -T -s 9
		dns_says NOERROR $WEB4 $machine "$server" -n film.example -T
		dns_says NOERROR $WEB6 $machine "$server" -n film.example -t AAAA -T -s 20
		dns_says NXDOMAIN '' $machine "$server" -n port.tracker.test -p 1053
	done
done
watched '.qname == "tcp.tracker.test" and .verdict == "block" and .how == "reset" and .proto == "tcp"'
watched '.qname == "film.example" and .verdict == "allow" and .proto == "tcp"'
watched '.qname == "port.tracker.test" and .verdict == "block" and .port == 1053'
line=$(probe tv dns $PUBLIC4 -n ads.tracker.test)
[ "$(field soa "$line")" = 1 ] && [ "$(field ttl "$line")" = 60 ] ||
	fail "a negative answer needs an SOA to be cached (RFC 2308): $line"
watched '.qname == "ads.tracker.test" and .verdict == "block" and .how == "nxdomain" and .list == "test"'
watched '.qname == "film.example" and .verdict == "allow" and .rcode == "NOERROR"'

# Other ways to say no, taken over by reload.
for how in null nodata refused; do
	CONF_MORE=$(printf '[block]\ndns = %s' $how) test_list '||tracker.test^'
	tacet_ctl reload >/dev/null || fail "reload with dns = $how"
	case $how in
	null)
		dns_says NOERROR 0.0.0.0 tv $PUBLIC4 -n a.tracker.test
		dns_says NOERROR :: tv $PUBLIC6 -n a.tracker.test -t AAAA
		dns_says NOERROR '' tv $PUBLIC6 -n a.tracker.test -t TXT ;;
	nodata) dns_says NOERROR '' tv $PUBLIC4 -n a.tracker.test ;;
	refused) dns_says REFUSED '' tv $PUBLIC4 -n a.tracker.test ;;
	esac
done

# tls MACHINE ADDRESS PORT [ALPN]: what becomes of a TLS connection without a name in its hello.
tls() {
	ns_exec "$1" timeout 5 openssl s_client -connect "$2:$3" -noservername ${4:+-alpn "$4"} >$HOUSE/tls.log 2>&1 </dev/null
	if grep -q 'BEGIN CERTIFICATE' $HOUSE/tls.log; then echo connected; else echo refused; fi
}
# A resolver that no list knows, by its port; and, by ALPN, on a port of its own choice.
for family in 4 6; do
	house_bg resolver$family net openssl s_server -$family -accept 853 -cert $HOUSE/cert.pem -key $HOUSE/key.pem -alpn dot -www
done
until_true 5 grep -q ACCEPT $HOUSE/resolver4.log || fail "$(cat $HOUSE/resolver4.log)"
for address in $WEB4 "[$WEB6]"; do
	for how in "853" "443 dot" "443 h2"; do
		# shellcheck disable=SC2086 # port and ALPN
		[ "$(tls tv "$address" $how)" = connected ] || fail "no TLS to $address $how: $(tail -n 3 $HOUSE/tls.log)"
	done
done

# Encrypted resolvers are refused on request; names that ask for them get the answer they wait for.
CONF_MORE=$(printf '[block]\nbypass = yes\ndns = refused') test_list '||tracker.test^'
dns_says NOERROR $WEB4 tv $PUBLIC4 -n film.example
tacet_ctl reload >/dev/null || fail "reload with bypass = yes"
dns_says NXDOMAIN '' tv $PUBLIC4 -n use-application-dns.net
dns_says NXDOMAIN '' tv $PUBLIC6 -n mask.icloud.com
dns_says NOERROR '' tv $PUBLIC4 -n _dns.resolver.arpa -t SVCB
dns_says REFUSED '' tv $PUBLIC4 -n dns.adguard-dns.com
for address in $WEB4 "[$WEB6]"; do
	for how in "853 refused" "853 refused dot" "443 refused dot" "443 connected h2" "443 connected"; do
		read -r port want alpn <<<"$how"
		[ "$(tls tv "$address" "$port" "$alpn")" = "$want" ] || fail "TLS to $address $how: $(tail -n 3 $HOUSE/tls.log)"
	done
done

wire_stop
wire_has_name film.example || fail "the wire is not watched"
wire_has_name tracker.test && fail "a question for tracker.test left the house"
grep -iE 'query.* (([a-z]+\.)?tracker\.test|logs\.example)' $HOUSE/dns.log && fail "a resolver was asked for a blocked name"
tacet_stop || fail "tacet ended with $?: $(tail -n 3 $HOUSE/tacet.log)"
