#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A tracker behind a CNAME of the service's own domain: its answer does not reach the client.
# shellcheck source=tests/net/household.sh disable=SC2119
. "$(dirname "$0")/household.sh"

CNAMES="metrics.shop.test,collect.tracker.test img.shop.test,cdn.example fine.shop.test,collect.tracker.test vital.shop.test,collect.tracker.test"
house_up
house_serve
test_list '||tracker.test^' '@@||fine.shop.test^'
# A catalogue for which one of the shop's names is essential.
mkdir $HOUSE/data
{
	grep ^domain $HOUSE_HERE/../../blocklists/catalogue.tsv
	printf 'vital.shop.test\texact\tShop\tshop\tapi\tplayback\tmade for this test\n'
} >$HOUSE/data/catalogue.tsv
sed -i "s|^data_dir = .*|data_dir = $HOUSE/data|" $HOUSE/tacet.conf
tacet_start
watch_start --type dns

for server in $PUBLIC4 $PUBLIC6; do
	dns_says NXDOMAIN '' tv "$server" -n metrics.shop.test
	dns_says NXDOMAIN '' tv "$server" -n metrics.shop.test -t AAAA
	dns_says NOERROR $TRACKER4 tv "$server" -n fine.shop.test
	dns_says NOERROR $TRACKER4 tv "$server" -n vital.shop.test
	dns_says NOERROR $TRACKER4 tv "$server" -n vital.shop.test -T
done
for server in $ISP4 $ISP6; do
	dns_says NXDOMAIN '' router "$server" -n metrics.shop.test
	dns_says NOERROR $TRACKER4 router "$server" -n img.shop.test
done
# Over TCP the answer is refused with a reset, at both ends; what it leads to elsewhere passes.
for server in $PUBLIC4 $PUBLIC6; do
	for machine in tv router; do
		refused reset $machine dns "$server" -n metrics.shop.test -T
		refused reset $machine dns "$server" -n metrics.shop.test -t AAAA -T -s 9
		dns_says NOERROR $TRACKER4 $machine "$server" -n img.shop.test -T
	done
done
for server in $LAN4 $LAN6; do
	dns_says NOERROR $TRACKER4 tv "$server" -n img.shop.test -T
done
# The router's resolver is refused the answer; what it makes of that (dnsmasq says NODATA where it
# has cached a denial of another type) has no address in it.
for server in $LAN4 $LAN6; do
	for type in A AAAA; do
		line=$(probe tv dns "$server" -n metrics.shop.test -t $type)
		[ "$(field end "$line")" = answered ] && [ -z "$(field answers "$line")" ] ||
			fail "the router's resolver answers for metrics.shop.test: $line"
	done
done
for server in $PUBLIC4 $PUBLIC6 $LAN4 $LAN6; do
	dns_says NOERROR $TRACKER4 tv "$server" -n img.shop.test
	dns_says NOERROR $WEB6 tv "$server" -n shop.test -t AAAA
done
watched '.qname == "metrics.shop.test" and .verdict == "block" and .rule == "||tracker.test^" and (.chain | index("collect.tracker.test"))'
watched '.qname == "metrics.shop.test" and .verdict == "block" and .how == "reset" and .proto == "tcp" and (.chain | index("collect.tracker.test"))'
watched '.qname == "img.shop.test" and .proto == "tcp" and (.answers | length) == 1'
watched '.qname == "img.shop.test" and .verdict == "allow" and (.chain | index("cdn.example"))'
watched '.qname == "fine.shop.test" and .verdict == "allow" and .rule == "@@||fine.shop.test^" and (.chain | index("collect.tracker.test"))'
watched '.qname == "vital.shop.test" and .verdict == "allow" and .reason == "essential" and (.chain | index("collect.tracker.test"))'
tacet_stop || fail "tacet ended with $?: $(tail -n 3 $HOUSE/tacet.log)"
