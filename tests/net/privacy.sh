#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Privacy levels. A device with a planted MAC, address and host name asks for a planted name that is
# let through and one that is blocked, by DNS and TLS. Then all that tacet tells, writes and maps is
# searched: the sockets, watch, flows, metrics, top, the pages, API, stream and history of tacet web,
# logs, files that the processes hold open or have mapped. What the level forbids is nowhere; what it
# allows is found, so the search is not blind.
# shellcheck source=tests/net/household.sh disable=SC2119
. "$(dirname "$0")/household.sh"

URL=http://127.0.0.1:4780
MAC=02:00:5e:ab:cd:ef PASSED=planted-film.example STOPPED=planted.tracker.test HOSTNAME_=planted-tablet
WEB=yes
"$BUILD/tacet" web --listen 192.0.2.1 >/dev/null 2>&1
[ $? -eq 2 ] || WEB=no
house_up
ns_exec tv ip link set eth0 down && ns_exec tv ip link set eth0 address $MAC && ns_exec tv ip link set eth0 up &&
	house_address tv eth0 fd77::2/64 $TV6/64 && ns_exec tv ip route replace default via $LAN4 &&
	ns_exec tv ip -6 route replace default via $LAN6 || fail "no planted MAC"
house_serve
house_bg dhcp router dnsmasq --no-daemon --conf-file=/dev/null --port=0 --interface=lan --bind-interfaces \
	--dhcp-range=192.168.77.100,192.168.77.110,1h --dhcp-leasefile=$HOUSE/leases
test_list '||tracker.test^'
cp $HOUSE/tacet.conf $HOUSE/every.conf
history=''
"$BUILD/tacet" web --help | grep -q -- --history && history=$HOUSE/history.db

hostname_is_told() {
	command -v udhcpc >/dev/null || return 0
	ns_exec tv udhcpc -f -q -n -t 5 -T 1 -i eth0 -s /bin/true -x hostname:$HOSTNAME_ >$HOUSE/udhcpc.log 2>&1 ||
		fail "no lease: $(tail -n 3 $HOUSE/udhcpc.log)"
	until_true 3 eval '[ "$(figure hostnames)" -ge 1 ]' || fail "no host name was seen"
}

# A film that goes on while all is looked at, so that there are open flows.
evening() {
	house_bg film tv sh -c "sleep 60 | openssl s_client -quiet -connect $WEB4:443 -servername $PASSED"
	answered tv dns $LAN4 -n $PASSED
	answered tv tls $WEB4 -n $PASSED
	answered tv tls $WEB6 -n $PASSED
	dns_says NXDOMAIN '' tv $LAN4 -n $STOPPED
	refused reset tv tls $TRACKER4 -n $STOPPED
	refused reset tv tls $TRACKER6 -n $STOPPED
}

# Regular files, not programs and libraries, that a process has open or mapped.
files_of() {
	{
		readlink /proc/"$1"/fd/* 2>/dev/null
		awk '$6 ~ /^\// { print $6 }' /proc/"$1"/maps
	} | grep -v -E '^(/usr|/lib|/etc|/proc|/dev)|\.so|/tacet$' | sort -u | while read -r f; do [ ! -f "$f" ] || echo "$f"; done
}

# look LEVEL [CONFIGURATION-LINE...]: all that is told goes into $HOUSE/told/.
look() {
	local what
	rm -rf $HOUSE/told
	mkdir $HOUSE/told
	{
		sed "s/^level = 0/level = $1/" $HOUSE/every.conf
		shift
		printf '%s\n' "$@"
	} >$HOUSE/tacet.conf
	tacet_start
	[ $# -gt 0 ] || hostname_is_told
	watch_start
	if [ $WEB = yes ]; then
		# shellcheck disable=SC2086 # none or two words
		house_bg web-ui router "$BUILD/tacet" web ${history:+--history $history}
		until_true 5 ns_exec router curl -so /dev/null $URL/ || fail "tacet web: $(cat $HOUSE/web-ui.log)"
		house_bg stream router curl -sN $URL/api/v1/events
		until_true 5 grep -q '^event: stats' $HOUSE/stream.log || fail "no stream"
	fi
	house_bg once router "$BUILD/tacet" top --once --seconds 2 --size 160x50
	house_bg json router "$BUILD/tacet" top --json --seconds 2
	until_true 5 eval '[ "$(figure watchers_now)" -ge 3 ]' || fail "they do not look"
	evening
	for what in hello stats flows metrics lists devices trouble; do tacet_ask $what >$HOUSE/told/socket-$what 2>&1; done
	for what in stats flows metrics; do tacet_ctl $what >$HOUSE/told/command-$what 2>&1; done
	tacet_ctl stats --json >$HOUSE/told/command-stats-json
	wait "${HOUSE_PID[once]}" "${HOUSE_PID[json]}"
	cp $HOUSE/once.log $HOUSE/told/top-once
	cp $HOUSE/json.log $HOUSE/told/top-json
	if [ $WEB = yes ]; then
		for what in hello stats flows devices apps names log minutes lists history 'log?limit=1000' 'history?limit=1000'; do
			ns_exec router curl -s --max-time 5 "$URL/api/v1/$what" >"$HOUSE/told/web-${what%%\?*}${what##*[^?]}"
		done
		for what in / /metrics /log /openapi.json; do ns_exec router curl -s $URL$what; done >$HOUSE/told/web-pages
		cp $HOUSE/stream.log $HOUSE/told/web-stream
	fi
	for what in tacet web-ui; do
		[ -n "${HOUSE_PID[$what]:-}" ] || continue
		for f in $(files_of "${HOUSE_PID[$what]}"); do
			case $f in "$HOUSE"/test.txt | "$HOUSE"/tacet.conf | */blocklists/*) ;; *) cat "$f" ;; esac
		done >$HOUSE/told/files-of-$what
	done
	sleep 0.3
	cp $HOUSE/watch.log $HOUSE/told/watch
	[ -z "${HOUSE_PID[web-ui]:-}" ] || { house_end stream; house_end web-ui; }
	house_end watch
	house_end film
	tacet_stop
	cp $HOUSE/tacet.log $HOUSE/told/log-of-tacet
	[ $WEB = no ] || cp $HOUSE/web-ui.log $HOUSE/told/log-of-web
	[ ! -e "${history:-/none}" ] || { cat "$history"* >$HOUSE/told/history; rm -f "$history"*; }
	find /run/tacet -type f -exec cat {} + >$HOUSE/told/run 2>/dev/null
	[ "$(find $HOUSE/told -type f | wc -l)" -ge 12 ] || fail "little was looked at"
}

never() { ! grep -raiF -e "$1" $HOUSE/told >$HOUSE/found || fail "$LEVEL: '$1' is told: $(head -c 500 $HOUSE/found)"; }
# somewhere TEXT FILE...
somewhere() {
	local text=$1 f
	shift
	for f; do grep -qaiF -e "$text" $HOUSE/told/"$f" || fail "$LEVEL: no '$text' in $f"; done
}
seen_by=(watch top-once top-json)
[ $WEB = no ] || seen_by+=(web-names web-log web-stream)

LEVEL="level 0" && look 0
somewhere $PASSED "${seen_by[@]}" socket-flows command-flows
somewhere $STOPPED "${seen_by[@]}"
somewhere $MAC watch
somewhere $TV4 watch
if command -v udhcpc >/dev/null; then somewhere $HOSTNAME_ watch top-once; fi
[ -z "$history" ] || somewhere $PASSED history

LEVEL="level 1" && look 1
never $PASSED
somewhere $STOPPED "${seen_by[@]}"
somewhere $MAC watch
[ -z "$history" ] || somewhere $STOPPED history

LEVEL="level 2" && look 2
for it in $PASSED $MAC "$TV4" "$TV6" fd77::2 $HOSTNAME_; do never "$it"; done
somewhere $STOPPED "${seen_by[@]}"
grep -qE 'device-[0-9a-f]{6}' $HOUSE/told/watch || fail "no pseudonym"
[ -z "$history" ] || somewhere $STOPPED history

# A device with a name in the configuration has it told, and nothing that was let through.
LEVEL="level 2, named" && look 2 '[device planted-tv]' "mac = $MAC"
never $PASSED
somewhere planted-tv watch top-once

LEVEL="level 3" && look 3 '[device planted-tv]' "mac = $MAC"
for it in $PASSED $STOPPED $MAC "$TV4" "$TV6" fd77::2 $HOSTNAME_; do never "$it"; done
for it in watch top-once top-json; do ! grep -F planted-tv $HOUSE/told/$it || fail "level 3: $it names the device"; done
# Counters still count.
jq -e '.blocked >= 3' $HOUSE/told/command-stats-json >/dev/null || fail "level 3 does not count: $(cat $HOUSE/told/command-stats-json)"

# The level and how long things are kept are shown wherever data is.
grep -q 'privacy level 3' $HOUSE/told/top-once || fail "top does not say the level"
grep -q '"privacy":3' $HOUSE/told/socket-hello || fail "the socket does not say the level"
[ $WEB = no ] || jq -e '.privacy == 3 and .keep_minutes and .keep_records' $HOUSE/told/web-hello >/dev/null ||
	fail "the dashboard does not say the level"
