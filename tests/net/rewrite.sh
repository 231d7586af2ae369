#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Rules with $dnsrewrite: the client gets the code or the addresses of the rule, no question leaves the
# house, and what it opens to such an address has the name.
# shellcheck source=tests/net/household.sh disable=SC2119
. "$(dirname "$0")/household.sh"

# shellcheck disable=SC2016
rules=('||gone.example^$dnsrewrite=NXDOMAIN' '@@||gone.example^$important' '||closed.example^$dnsrewrite=REFUSED'
	'||empty.example^$dnsrewrite=NOERROR' '||zero.example^$dnsrewrite=0.0.0.0'
	'||six.example^$dnstype=AAAA,dnsrewrite=NOERROR;;'
	"||away.example^\$dnsrewrite=$WEB4" "||away.example^\$dnsrewrite=NOERROR;AAAA;$WEB6"
	"||two.example^\$dnsrewrite=$WEB4" "||two.example^\$dnsrewrite=$TRACKER4"
	"||tracker.test^" "||ads.tracker.test^\$dnsrewrite=$WEB4"
	'||back.example^$dnsrewrite=NXDOMAIN' '@@||back.example^$dnsrewrite'
	'||alias.example^' '||alias.example^$dnsrewrite=film.example')
house_up
house_serve
CONF_MORE=$(printf '[block]\ndns = null') test_list "${rules[@]}"
tacet_start
watch_start --type dns
wire_start

for server in $LAN4 $LAN6 $PUBLIC4 $PUBLIC6; do
	dns_says NXDOMAIN '' tv "$server" -n gone.example
	dns_says REFUSED '' tv "$server" -n a.closed.example
	dns_says NOERROR '' tv "$server" -n empty.example
	dns_says NOERROR 0.0.0.0 tv "$server" -n zero.example
	dns_says NOERROR '' tv "$server" -n six.example -t AAAA
	dns_says NOERROR "$WEB4" tv "$server" -n away.example
	dns_says NOERROR "$WEB6" tv "$server" -n away.example -t AAAA
	dns_says NOERROR "$WEB4,$TRACKER4" tv "$server" -n two.example
	dns_says NOERROR '' tv "$server" -n away.example -t HTTPS
	dns_says NOERROR "$WEB4" tv "$server" -n ads.tracker.test
	dns_says NOERROR '' tv "$server" -n ads.tracker.test -t AAAA
	dns_says NOERROR "$WEB4" tv "$server" -n back.example
done
for server in 127.0.0.1 $ISP4 $PUBLIC6; do
	dns_says NOERROR "$WEB4" router "$server" -n ads.tracker.test
	dns_says REFUSED '' router "$server" -n closed.example
done
line=$(probe tv dns $PUBLIC4 -n away.example)
[ "$(field ttl "$line")" = 60 ] || fail "the answer of a rule is remembered otherwise: $line"
wire_stop
wire_has_name back.example || fail "the wire is not watched"
for name in gone.example closed.example empty.example zero.example away.example two.example tracker.test; do
	wire_has_name $name && fail "a question for $name left the house"
done
# The names of whoever goes there: the tracker's is not blocked where a rule sends it elsewhere.
answered tv tls $WEB4 -n ads.tracker.test
# A rule's answer is for datagrams; other names are refused over TCP, other answers pass.
dns_says NOERROR $TRACKER4 tv $PUBLIC4 -n ads.tracker.test -T
refused reset tv dns $PUBLIC4 -n gone.example -T
# What a resolver alone could do is left to it.
dns_says NOERROR "$WEB4" tv $PUBLIC4 -n alias.example

watched '.qname == "gone.example" and .verdict == "block" and .how == "nxdomain" and .rcode == "NXDOMAIN"'
watched '.qname == "a.closed.example" and .verdict == "block" and .how == "refused" and .rcode == "REFUSED"'
watched '.qname == "zero.example" and .verdict == "block" and .how == "null"'
watched ".qname == \"away.example\" and .verdict == \"allow\" and .how == \"rewrite\" and .answers == [\"$WEB4\"]"
tacet_ctl explain ads.tracker.test >$HOUSE/out || fail "explain: $(cat $HOUSE/out)"
grep -q rewrite $HOUSE/out || fail "explain does not say that a rule answers: $(cat $HOUSE/out)"

# In mode monitor nobody is answered.
CONF_MORE='mode = monitor' test_list "${rules[@]}"
tacet_ctl reload >/dev/null || fail "reload"
dns_says NOERROR $TRACKER4 tv $PUBLIC4 -n ads.tracker.test
watched '.qname == "ads.tracker.test" and .verdict == "log"'
tacet_stop || fail "tacet ended with $?: $(tail -n 3 $HOUSE/tacet.log)"
