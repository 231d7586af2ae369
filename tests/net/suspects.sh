#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Uploads by clockwork over one connection, which the kernel keeps: they are heard, and the host is suspected while
# the connection is open. A film stays in the kernel.
# shellcheck source=tests/net/household.sh disable=SC2119
. "$(dirname "$0")/household.sh"

house_up
house_serve
test_list '||tracker.test^'
tacet_start
# NAME PATH SECONDS: asks again and again, over one connection; for / it uploads.
cat >$HOUSE/client.py <<'P'
import http.client, socket, ssl, sys, time

name, path, every = sys.argv[1:]
tls = ssl.create_default_context()
tls.check_hostname, tls.verify_mode = False, ssl.CERT_NONE
c = http.client.HTTPSConnection(name)
c.sock = tls.wrap_socket(socket.create_connection((name, 443)), server_hostname=name)
due = time.time()
while True:
    c.request("POST" if path == "/" else "GET", path, body=bytes(800) if path == "/" else None)
    c.getresponse().read()
    due += float(every)
    time.sleep(max(0, due - time.time()))
P
house_bg clockwork tv python3 -u $HOUSE/client.py clockwork.example / 5.2 # a period below 5 s is none
house_bg film tv python3 -u $HOUSE/client.py film.example /bytes/300000 0.5
heard() { tacet_ask flows | jq -en 'first(inputs | select(.data.name == "clockwork.example" and .data.packets_out > 1))'; }
until_true 5 heard || fail "no upload: $(cat $HOUSE/clockwork.log)"
sleep 1.5
tacet_ask flows >/dev/null # as every 30 s, the figures of what is kept
before=$(figure queue_packets)
suspected() { tacet_ask suspects | jq -en 'first(inputs | select(.data.name == "clockwork.example"))' >$HOUSE/suspect; }
until_true 50 suspected || fail "not suspected: $(tacet_ask suspects; cat $HOUSE/clockwork.log)"
jq -e '.data | (.why == ["periodic"]) and (.period_ms - 5200 | fabs) < 300 and .flows == 1 and .bytes_out > 1500' $HOUSE/suspect >/dev/null ||
	fail "suspected, but: $(cat $HOUSE/suspect)"
[ "$(tacet_ask suspects | grep -c '"type":"suspect"')" -eq 1 ] || fail "others are suspected too: $(tacet_ask suspects)"
queued=$(($(figure queue_packets) - before))
echo "queued meanwhile: $queued packets, of $(tacet_ask flows | jq -s 'map(.data.packets_out // 0) | add') that devices sent"
[ $queued -le 30 ] || fail "$queued packets were queued"
[ "$(cat $HOUSE/clockwork.log $HOUSE/film.log)" = '' ] || fail "$(cat $HOUSE/clockwork.log $HOUSE/film.log)"
tacet_stop || fail "tacet ended with $?: $(tail -n 3 $HOUSE/tacet.log)"
