#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A change of the policy reaches connections that run: who downloads, and sends nothing but acknowledgements, is cut
# within a second of reload, block, resume and new names of devices; what is paused or let through works within one.
# So over TCP, over QUIC (downloads of a real client), and with datagrams, to who is silent too.
# shellcheck source=tests/net/household.sh disable=SC2119
. "$(dirname "$0")/household.sh"

# A second, and what a command and a few probes take on this machine at this time.
LIMIT_MS=${LIMIT_MS:-1000} SLACK_MS=0
# machine, address
WAYS="tv,$WEB4 tv,$WEB6 router,$WEB4 router,$WEB6"

# The lists say nothing, or block the film; the names of devices change too.
configure() { # RULE [LINE...]
	local rule=$1
	shift
	CONF_MORE=$(printf '%s\n' "$@") test_list "$rule"
}

download() { # JOB MACHINE ADDRESS NAME: how it ended and when, in milliseconds, is the last line of its log
	# shellcheck disable=SC2016
	house_bg "$1" "$2" sh -c 'curl -sSk -o /dev/null --resolve "$1" "$2"; echo "ended $(date +%s%3N)"' sh \
		"$4:443:$([[ $3 == *:* ]] && echo "[$3]" || echo "$3")" "https://$4/drip"
}

ended() { tail -n 1 "$HOUSE/$1.log" | grep -q '^ended '; }

# The flow is decided and stays in the kernel; then the download says nothing any more.
kept() { ns_exec router conntrack -L -p tcp -f "$1" 2>/dev/null | grep 'dport=443 ' | grep -v 'mark=0 ' | grep -c ESTABLISHED; }
all_kept() { [ "$($1 ipv4)" -eq 4 ] && [ "$($1 ipv6)" -eq 4 ]; }
start_all() {
	local way
	for way in $WAYS; do
		download "film-$way" "${way%,*}" "${way#*,}" film.example
		download "other-$way" "${way%,*}" "${way#*,}" other.example
	done
	until_true 5 all_kept kept || fail "$1: the downloads are not kept"
}

# cut WHAT: the film ends in time on every way, by a reset, and nothing else does.
cut() {
	local way worst=0 ms
	for way in $WAYS; do
		until_true 5 ended "film-$way" || fail "$1: the film of $way goes on"
		grep -q reset "$HOUSE/film-$way.log" || fail "$1: $way ended by: $(cat "$HOUSE/film-$way.log")"
		ms=$(($(sed -n 's/^ended //p' "$HOUSE/film-$way.log") - BEGAN))
		[ $ms -le "$worst" ] || worst=$ms
	done
	echo "$1: cut after $worst ms at most"
	[ "$worst" -le $((LIMIT_MS + SLACK_MS)) ] || fail "$1: cut after $worst ms"
	for way in $WAYS; do
		! ended "other-$way" || fail "$1: the other download of $way ended: $(cat "$HOUSE/other-$way.log")"
		pkill -P "${HOUSE_PID[other-$way]}" curl
	done
}

# works WHAT: the film can be had on every way, in time.
works() {
	local way ms
	for way in $WAYS; do
		until_true 5 answered "${way%,*}" tls "${way#*,}" -n film.example || fail "$1: no film for $way"
	done
	until_true 5 reaches dns $LAN4 -n film.example
	ms=$(($(now_ms) - BEGAN))
	echo "$1: works after $ms ms"
	[ $ms -le $((LIMIT_MS + SLACK_MS)) ] || fail "$1: works after $ms ms"
}

change() {
	BEGAN=$(now_ms)
	tacet_ctl stats >/dev/null
	for _ in 1 2 3 4; do reaches tls $WEB4 -n quiet.example; done
	SLACK_MS=$(($(now_ms) - BEGAN))
	BEGAN=$(now_ms)
	tacet_ctl "$@" >/dev/null || fail "tacet $*"
	echo "$*: told after $(($(now_ms) - BEGAN)) ms"
}

house_up
house_serve
house_serve_quic || echo "gtlsserver (package ngtcp2-server) is not installed: QUIC is left out"
configure '||nothing.test^'
tacet_start

start_all reload
configure '||film.example^'
change reload
cut reload

change pause
works pause
start_all resume
change resume
cut resume

change pause --list test 3
works "pause of a list"
start_all "end of a pause"
BEGAN=$((BEGAN + 3000))
sleep "$(awk -v ms=$((BEGAN - $(now_ms))) 'BEGIN { print (ms > 0 ? ms / 1000 : 0) }')"
cut "end of a pause"

change allow film.example
works allow
start_all block
change block film.example
cut block

# A name for a device: what blocks for it alone has an effect with the reload that brings it.
configure '||nothing.test^'
tacet_ctl resume >/dev/null
change reload
works "reload without the rule"
start_all "a device with a name"
configure '||film.example^' '[device the tv]' "address = $TV4/32" '[device six]' 'address = 2001:db8::/32' \
	'[device router]' "address = $WAN4"
sed -i 's/^format = adblock$/&\nonly = the tv, six, router/' $HOUSE/tacet.conf
change reload
cut "a device with a name"
# Datagrams: the same flow is refused, and works again, both within the time. Who said "push" once is sent twenty a
# second, and says nothing any more.
house_bg echo net python3 -c 'import socket, sys, threading, time
def push(s, to):
	while True:
		s.sendto(b"x", to)
		time.sleep(0.05)
def serve(address):
	s = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM)
	s.bind((address, 4433))
	while True:
		said, who = s.recvfrom(100)
		if said == b"push":
			threading.Thread(target=push, args=(s, who)).start()
		else:
			s.sendto(said, who)
for a in sys.argv[1:]:
	threading.Thread(target=serve, args=(a,)).start()' $TRACKER4 $TRACKER6
# Twenty datagrams a second, or one; a line with the time whenever it is otherwise than before.
talk() { # JOB MACHINE ADDRESS SAID
	house_bg "$1" "$2" python3 -uc 'import socket, sys, time
s = socket.socket(socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET, socket.SOCK_DGRAM)
s.connect((sys.argv[1], 4433))
s.settimeout(0.05)
listens, before, heard = sys.argv[2] == "push", None, 0
if listens:
	s.send(b"push")
while True:
	at = time.time()
	try:
		if not listens:
			s.send(b"x")
		s.recv(100)
		now, heard = "answered", time.time()
		if not listens:
			time.sleep(0.05)
	except ConnectionRefusedError:
		now = "refused"
		time.sleep(0.05)
	except TimeoutError:
		now = before
		if listens and at - heard > 0.3:
			now, at = "silent", heard
	if now != before:
		print(now, int(at * 1000))
	before = now' "$3" "$4"
}
now_says() { tail -n 1 "$HOUSE/$1.log" | grep -q "^$2 "; }
turned() { # TO WHAT JOB...: all are that now, since when after the change?
	local job ms to=$1 what=$2
	shift 2
	for job; do
		until_true 3 now_says "$job" "$to" || fail "$what: $job: $(tail -n 2 "$HOUSE/$job.log")"
		ms=$(($(awk 'END { print $2 }' "$HOUSE/$job.log") - BEGAN))
		echo "$what: $job $to after $ms ms"
		[ $ms -le $((LIMIT_MS + SLACK_MS)) ] || fail "$what: $job: $ms ms"
	done
}
configure '||nothing.test^'
change reload

# Downloads over QUIC, slow enough to last: when the last byte of each came is the time of its file. gtlsclient takes
# its server name from its first argument, which has to resolve.
for name in film other; do printf '%s\n' "$WEB4 four.$name.example" "$WEB6 six.$name.example"; done >$HOUSE/hosts
stream() { # JOB MACHINE ADDRESS NAME PATH
	local name
	name=$([[ $3 == *:* ]] && echo six || echo four).$4
	rm -rf "${HOUSE:?}/$1"
	mkdir "$HOUSE/$1"
	house_bg "$1" "$2" gtlsclient -q --initial-rtt=50ms --download="$HOUSE/$1" "$name" 443 "https://$name/$5"
}
came() { echo $(($(date -r "$HOUSE/$1/"* +%s%3N) - BEGAN)); }
listening() { [ "$(ns_exec net ss -Huln sport = :443 | grep -c "$WEB4\|$WEB6")" -eq 2 ]; }
streams_served() {
	house_h3 $WEB4
	house_h3 $WEB6
	until_true 5 listening || fail "no HTTP/3"
}
streams() { # WHAT: film and other of every way begin anew, and stay in the kernel
	local way
	for way in $WAYS; do
		stream "film-$way" "${way%,*}" "${way#*,}" film.example 20000000
		stream "other-$way" "${way%,*}" "${way#*,}" other.example 20000000
	done
	BEGAN=$(now_ms)
	for way in $WAYS; do
		until_true 5 eval "[ \$(came film-$way) -gt 0 ] && [ \$(came other-$way) -gt 0 ]" ||
			fail "$1: no download over QUIC for $way: $(tail -n 2 "$HOUSE/film-$way.log")"
	done
	until_true 5 all_kept quic_kept ||
		fail "$1: the downloads over QUIC are not kept: $(quic_kept ipv4), $(quic_kept ipv6)"
}
quic_kept() { ns_exec router conntrack -L -p udp -f "$1" 2>/dev/null | grep 'dport=443 ' | grep -vc 'mark=0 '; }
streams_cut() { # WHAT: no byte of the film came after the time, and those of the other did
	local way worst=-9999
	sleep "$(awk -v ms=$((BEGAN + LIMIT_MS + SLACK_MS + 500 - $(now_ms))) 'BEGIN { print (ms > 0 ? ms / 1000 : 0) }')"
	for way in $WAYS; do
		[ "$(came "film-$way")" -le "$worst" ] || worst=$(came "film-$way")
		until_true 5 eval "[ \$(came other-$way) -gt $(($(now_ms) - BEGAN)) ]" ||
			fail "$1: the other download over QUIC of $way ended after $(came "other-$way") ms: $(tail -n 1 "$HOUSE/other-$way.log" $HOUSE/h3-*.log)"
	done
	echo "$1: QUIC cut after $worst ms at most"
	[ "$worst" -le $((LIMIT_MS + SLACK_MS)) ] || fail "$1: QUIC cut after $worst ms"
}
streams_end() {
	local way
	for way in $WAYS; do
		house_end "film-$way" KILL
		house_end "other-$way" KILL
	done
	ns_exec router conntrack -D -p udp --dport 443 >/dev/null 2>&1
	ns_exec router conntrack -D -f ipv6 -p udp --dport 443 >/dev/null 2>&1
	streams_served
}
streams_work() { # WHAT: a byte of each comes in time
	local way ms
	for way in $WAYS; do stream "film-$way" "${way%,*}" "${way#*,}" film.example segment; done
	for way in $WAYS; do
		until_true 5 eval "[ \$(came film-$way) -gt 0 ]" || fail "$1: no film over QUIC for $way"
	done
	ms=$(($(now_ms) - BEGAN))
	echo "$1: QUIC works after $ms ms"
	[ $ms -le $((LIMIT_MS + SLACK_MS)) ] || fail "$1: QUIC works after $ms ms"
}
if command -v gtlsserver >/dev/null; then
	# A queue shorter than a socket's buffer: gtlsserver may abort where that is full.
	ns_exec net tc qdisc add dev eth0 root tbf rate 40mbit burst 64kb limit 50kb || fail "no slow line"
	for machine in tv router; do ns_exec $machine mount --bind $HOUSE/hosts /etc/hosts || fail "no hosts on $machine"; done
	streams_served
	streams reload
	configure '||film.example^'
	change reload
	streams_cut reload
	streams_end
	change pause
	streams_work pause
	streams_end
	streams resume
	change resume
	streams_cut resume
	streams_end
	change allow film.example
	streams_work allow
	streams_end
	ns_exec net tc qdisc del dev eth0 root
fi

configure '||nothing.test^'
tacet_ctl resume >/dev/null
change reload
for machine in tv router; do
	dns_says NOERROR $TRACKER4 $machine $PUBLIC4 -n metrics.example
	dns_says NOERROR $TRACKER6 $machine $PUBLIC6 -n metrics.example -t AAAA
done
for machine in tv router; do
	for address in $TRACKER4 $TRACKER6; do
		talk "talk-$machine,$address" "$machine" "$address" x
		talk "push-$machine,$address" "$machine" "$address" push
	done
done
TALKS=$(cd $HOUSE && ls -- talk-*.log) PUSHES=$(cd $HOUSE && ls -- push-*.log)
# shellcheck disable=SC2086
{
	for job in ${TALKS//.log/} ${PUSHES//.log/}; do until_true 5 now_says "$job" answered || fail "no datagrams: $job"; done
	change block metrics.example
	turned refused block ${TALKS//.log/}
	turned silent block ${PUSHES//.log/}
	change resume
	turned answered resume ${TALKS//.log/} ${PUSHES//.log/}
}
tacet_stop || fail "tacet ended with $?: $(tail -n 3 $HOUSE/tacet.log)"
