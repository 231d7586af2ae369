#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A server that asks for a second ClientHello (HelloRetryRequest): the connection works, has one record
# by the first hello, and a blocked name does not get that far.
# shellcheck source=tests/net/household.sh disable=SC2119
. "$(dirname "$0")/household.sh"

house_up
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=film.example \
	-keyout $HOUSE/key.pem -out $HOUSE/cert.pem 2>$HOUSE/req.log || fail "$(cat $HOUSE/req.log)"
for family in 4 6; do
	house_bg retry$family net openssl s_server -$family -accept 443 -cert $HOUSE/cert.pem -key $HOUSE/key.pem \
		-groups P-384 -www -tls1_3
done
test_list '||tracker.test^'
tacet_start
watch_start --type flow

# hellos MACHINE ADDRESS NAME: how many ClientHellos the client sent, and what became of it.
hellos() {
	local log=$HOUSE/client.log
	printf 'GET / HTTP/1.0\r\n\r\n' | ns_exec "$1" timeout 5 openssl s_client -connect "$2:443" -servername "$3" \
		-groups X25519:P-384 -tls1_3 -msg -ign_eof >$log 2>&1
	grep -c '^>>> .*ClientHello' $log
	if grep -q 'HTTP/1.0 200' $log; then echo answered; else echo refused; fi
}
until_true 5 grep -q ACCEPT $HOUSE/retry4.log || fail "$(cat $HOUSE/retry4.log)"
for machine in tv router; do
	for address in $WEB4 "[$WEB6]"; do
		got=$(hellos $machine "$address" film.example | xargs)
		[ "$got" = "2 answered" ] || fail "film.example at $address from $machine: $got: $(tail -n 5 $HOUSE/client.log)"
		got=$(hellos $machine "$address" ads.tracker.test | xargs)
		[ "$got" = "1 refused" ] || fail "ads.tracker.test at $address from $machine: $got"
	done
done
watched '.name == "film.example" and .verdict == "allow" and .via == "tls" and (.ja4 | startswith("t13d"))'
watched '.name == "ads.tracker.test" and .verdict == "block" and .how == "reset"'
# Of both families and machines, open and ended: never the second hello's.
[ "$(jq -r 'select(.name == "film.example") | .ja4' $HOUSE/watch.log | sort -u | wc -l)" = 1 ] ||
	fail "more than one fingerprint: $(cat $HOUSE/watch.log)"
tacet_stop || fail "tacet ended with $?: $(tail -n 3 $HOUSE/tacet.log)"
