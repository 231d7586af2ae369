#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# tacet web at a tacet at work: rows and log of real traffic, figures that agree, pause and resume
# that change the wire, a new start of tacet, refused names and sites, the token, streams that
# nobody reads, and the privacy level.
# shellcheck source=tests/net/household.sh disable=SC2119
. "$(dirname "$0")/household.sh"

"$BUILD/tacet" web --listen 192.0.2.1 >/dev/null 2>&1
[ $? -eq 2 ] || skip "this tacet was built without libmicrohttpd"
house_up
house_serve
test_list '||tracker.test^'
tacet_start
URL=http://127.0.0.1:4780

fetch() { ns_exec router curl -s --max-time 5 "$@"; }
status() { fetch -o /dev/null -w '%{http_code}' "$@"; }
is_status() { local want=$1 got; shift; got=$(status "$@"); [ "$got" = "$want" ] || fail "$*: $got, not $want"; }
shows() { fetch "$URL$1" | jq -e "$2" >/dev/null; }
must_show() { until_true 5 shows "$1" "$2" || fail "$1: not $2: $(fetch "$URL$1" | head -c 2000)"; }
web_start() {
	house_bg web-ui router "$BUILD/tacet" web "$@"
	until_true 5 fetch -o /dev/null $URL/ || fail "tacet web: $(cat $HOUSE/web-ui.log)"
}

web_start --control
must_show /api/v1/hello '.connected and .control and .privacy == 0'

# A stream, and what it brings.
house_bg stream router curl -sN $URL/api/v1/events
until_true 5 grep -q '^event: stats' $HOUSE/stream.log || fail "no stats in the stream"
for i in 1 2 3; do
	refused reset tv tls $TRACKER4 -n "n$i.tracker.test"
	answered tv tls $WEB4 -n film.example
done
must_show /api/v1/names 'any(.name == "n3.tracker.test" and .blocked == 1 and .contacts == 1 and .verdict == "block" and .rule == "||tracker.test^")'
must_show /api/v1/names 'any(.name == "film.example" and .contacts == 3 and .blocked == 0)'
must_show /api/v1/devices 'length == 1 and .[0].blocked == 3'
must_show '/api/v1/log?verdict=block&name=tracker.test' '.total >= 3 and all(.rows[]; .verdict == "block")'
must_show '/api/v1/log?limit=1' '.rows | length == 1'
must_show /api/v1/minutes '(map(.[3]) | add) == 3'
must_show '/api/v1/explain?name=x.tracker.test' '.verdict == "block"'
must_show /api/v1/flows 'type == "array"'
until_true 5 grep -q 'data:.*n3.tracker.test' $HOUSE/stream.log || fail "no record in the stream"

# A stream goes on behind the last record that its client has; what another start of tacet web
# numbered says nothing to this one: everything since comes.
goes_on() { ns_exec router timeout 1 curl -sN -H "Last-Event-ID: $1" $URL/api/v1/events | grep -c '^event: record'; }
first=$(sed -n 's/^id: //p' $HOUSE/stream.log | head -n 1)
all() { grep -c '^event: record' $HOUSE/stream.log; }
behind_first() { [ "$(goes_on "$first")" -eq $(($(all) - 1)) ]; }
until_true 8 behind_first || fail "behind $first come $(goes_on "$first") of $(all)"
[ "$(goes_on 1-5)" -ge "$(all)" ] || fail "behind the numbers of another start come $(goes_on 1-5) of $(all)"

# What is wrong is said.
is_status 400 "$URL/api/v1/log?limit=x"
is_status 400 "$URL/api/v1/log?verdict=maybe"
is_status 400 "$URL/api/v1/explain"
is_status 404 "$URL/no-such-page"
is_status 404 "$URL/api/v1/no-such-thing"
is_status 421 -H 'Host: rebound.example' "$URL/api/v1/stats"
is_status 403 -H 'Origin: http://evil.example' "$URL/api/v1/stats"
is_status 403 -H 'Sec-Fetch-Site: cross-site' "$URL/api/v1/stats"
is_status 415 -d 'seconds=1' "$URL/api/v1/pause"
is_status 405 -X DELETE "$URL/api/v1/pause"
head -c 10000 /dev/zero >$HOUSE/long
is_status 413 -H 'Content-Type: application/json' --data-binary @$HOUSE/long "$URL/api/v1/pause"
fetch -D - -o /dev/null $URL/ | grep -qi "^content-security-policy: default-src 'none'" || fail "no CSP"

# Pause and resume change the wire.
order() { is_status "$1" -H 'Content-Type: application/json' -d "$3" "$URL/api/v1/$2"; }
order 200 pause '{"seconds":600}'
answered tv tls $TRACKER4 -n n1.tracker.test
must_show /api/v1/stats '.paused_until'
order 200 resume '{}'
refused reset tv tls $TRACKER4 -n n1.tracker.test
order 200 allow '{"name":"n1.tracker.test","seconds":600}'
answered tv tls $TRACKER4 -n n1.tracker.test
refused reset tv tls $TRACKER4 -n n2.tracker.test
order 200 resume '{}'
refused reset tv tls $TRACKER4 -n n1.tracker.test
order 200 pause '{"seconds":600,"rule":"n3.tracker.test"}'
answered tv tls $TRACKER4 -n n3.tracker.test
refused reset tv tls $TRACKER4 -n n1.tracker.test
order 200 resume '{}'
order 400 allow '{}'
order 400 allow '{"name":"not a name"}'
order 404 block '{"name":"n1.tracker.test"}'
order 400 pause '{"seconds":"soon"}'
order 400 pause 'not json'

# Figures for Prometheus agree with the socket's, and its own tool takes them.
fetch $URL/metrics >$HOUSE/metrics
[ "$(awk '$1 == "tacet_blocked_total" { print $2 }' $HOUSE/metrics)" = "$(figure blocked)" ] || fail "metrics: blocked"
grep -qx 'tacet_up 1' $HOUSE/metrics || fail "metrics: no tacet_up"
if command -v promtool >/dev/null; then
	promtool check metrics <$HOUSE/metrics || fail "promtool: $(promtool check metrics <$HOUSE/metrics 2>&1 | head -n 3)"
else
	grep -Ev '^(# (HELP|TYPE) tacet_[a-z0-9_]+ .+|tacet_[a-z0-9_]+(\{[a-z]+="[a-z_0-9]*"\})? [0-9]+)$' $HOUSE/metrics && fail "metrics"
fi

# What is made for other tools names figures and fields that are there.
integrations=$HOUSE_HERE/../../packaging/integrations
for figure in $(grep -ohE 'tacet_[a-z0-9_]+' "$integrations"/{prometheus-rules.yml,grafana-dashboard.json} | sort -u); do
	grep -qE "^${figure}[ {]" $HOUSE/metrics || fail "$figure is not in /metrics"
done
for field in $(grep -ohE 'value_json\.[a-z_]+' "$integrations"/home-assistant.yaml | cut -d. -f2 | sort -u); do
	shows /api/v1/stats "has(\"$field\")" || fail "$field is not in /api/v1/stats"
done

# Streams that nobody reads: bounded in number and memory.
house_bg dead router python3 -c "
import socket, time
dead = [socket.create_connection(('127.0.0.1', 4780)) for i in range(20)]
for s in dead:
    s.sendall(b'GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n')
time.sleep(600)"
streams_are() { [ "$(fetch $URL/metrics | awk '$1 == "tacet_web_streams" { print $2 }')" = "$1" ]; }
until_true 5 streams_are 16 ||
	fail "not 16 streams: $(fetch $URL/metrics | grep streams)"
rss() { awk '/^VmRSS/ { print $2 }' /proc/"${HOUSE_PID[web-ui]}"/status; }
before=$(rss)
for i in $(seq 60); do probe tv dns $LAN4 -n "s$i.tracker.test" >/dev/null; done
must_show '/api/v1/log?name=s60.tracker.test' '.total >= 1'
[ $(($(rss) - before)) -lt 8000 ] || fail "memory grew from $before to $(rss) kB"
house_end dead KILL
house_end stream

# tacet ends and starts again; the level rises: what was kept is forgotten.
tacet_stop
must_show /api/v1/hello '.connected == false'
is_status 503 $URL/api/v1/stats
fetch $URL/metrics | grep -qx 'tacet_up 0' || fail "tacet_up while it is down"
mac=$(ns_exec tv ip -br link show eth0 | awk '{ print $3 }')
sed -i 's/^level = 0/level = 2/' $HOUSE/tacet.conf
tacet_start
must_show /api/v1/hello '.connected and .privacy == 2'
must_show /api/v1/log '.total == 0'
answered tv tls $WEB4 -n film.example
refused reset tv tls $TRACKER4 -n n9.tracker.test
must_show '/api/v1/log' '.total >= 1'
for what in devices apps names log flows stats minutes; do fetch "$URL/api/v1/$what"; done >$HOUSE/told
grep -q n9.tracker.test $HOUSE/told || fail "level 2 tells what was stopped"
! grep -e film.example -e "$mac" -e "$TV4" $HOUSE/told || fail "level 2 tells too much"
house_end web-ui
[ $? -eq 0 ] || fail "tacet web ended badly: $(cat $HOUSE/web-ui.log)"
! grep . $HOUSE/web-ui.log | grep -v 'the dashboard is on' || fail "tacet web complains"

# A token; and no right to change anything without --control.
echo 0123456789abcdef0123 >$HOUSE/token
chmod 600 $HOUSE/token
web_start --token-file $HOUSE/token
is_status 200 $URL/
is_status 401 $URL/api/v1/stats
is_status 401 $URL/metrics
is_status 200 -H 'Authorization: Bearer 0123456789abcdef0123' $URL/metrics
is_status 401 -H 'Authorization: Bearer 0123456789abcdef0124' $URL/metrics
for i in $(seq 9); do is_status 401 -H "Authorization: Bearer guess-$i" $URL/metrics; done
is_status 429 -H 'Authorization: Bearer 0123456789abcdef0123' $URL/metrics
is_status 200 --interface 127.0.0.2 -H 'Authorization: Bearer 0123456789abcdef0123' $URL/metrics
house_end web-ui
web_start --token-file $HOUSE/token
is_status 403 -H 'Authorization: Bearer 0123456789abcdef0123' -H 'Content-Type: application/json' -d '{}' $URL/api/v1/pause
house_end web-ui
chmod 644 $HOUSE/token
ns_exec router "$BUILD/tacet" web --token-file $HOUSE/token 2>/dev/null && fail "a token that all may read is taken"
tacet_stop
