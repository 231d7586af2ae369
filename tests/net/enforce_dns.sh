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

wire_stop
wire_has_name film.example || fail "the wire is not watched"
wire_has_name tracker.test && fail "a question for tracker.test left the house"
grep -iE 'query.* (([a-z]+\.)?tracker\.test|logs\.example)' $HOUSE/dns.log && fail "a resolver was asked for a blocked name"
tacet_stop || fail "tacet ended with $?: $(tail -n 3 $HOUSE/tacet.log)"
