#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A change of the policy reaches connections that run: who downloads, and sends nothing but acknowledgements, is cut
# within a second of reload, block, resume and new names of devices; what is paused or let through works within one.
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
start_all() {
	local way
	for way in $WAYS; do
		download "film-$way" "${way%,*}" "${way#*,}" film.example
		download "other-$way" "${way%,*}" "${way#*,}" other.example
	done
	until_true 5 eval '[ "$(kept ipv4)" -eq 4 ] && [ "$(kept ipv6)" -eq 4 ]' || fail "$1: the downloads are not kept"
}

# cut WHAT: the film ends in time on every way, by a reset, and nothing else does.
cut() {
	local way worst=0 ms
	for way in $WAYS; do
		until_true 5 ended "film-$way" || fail "$1: the film of $way goes on"
		grep -q reset "$HOUSE/film-$way.log" || fail "$1: $way ended by: $(cat "$HOUSE/film-$way.log")"
		ms=$(($(sed -n 's/^ended //p' "$HOUSE/film-$way.log") - BEGAN))
		[ $ms -le $worst ] || worst=$ms
	done
	echo "$1: cut after $worst ms at most"
	[ $worst -le $((LIMIT_MS + SLACK_MS)) ] || fail "$1: cut after $worst ms"
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
# Datagrams: the same flow is refused, and works again, both within the time.
house_bg echo net python3 -c 'import socket, sys, threading
def serve(address):
	s = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM)
	s.bind((address, 4433))
	while True:
		s.sendto(*s.recvfrom(100))
for a in sys.argv[1:]:
	threading.Thread(target=serve, args=(a,)).start()' $TRACKER4 $TRACKER6
# Twenty datagrams a second; a line with the time whenever it is otherwise than before.
talk() {
	house_bg "$1" tv python3 -uc 'import socket, sys, time
s = socket.socket(socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET, socket.SOCK_DGRAM)
s.connect((sys.argv[1], 4433))
s.settimeout(0.05)
before = None
while True:
	try:
		s.send(b"x")
		s.recv(100)
		now = "answered"
		time.sleep(0.05)
	except ConnectionRefusedError:
		now = "refused"
		time.sleep(0.05)
	except TimeoutError:
		now = before
	if now != before:
		print(now, int(time.time() * 1000))
	before = now' "$2"
}
now_says() { tail -n 1 "$HOUSE/$1.log" | grep -q "^$2 "; }
turned() { # TO WHAT: both talks are that now, since when after the change?
	local job ms
	for job in talk4 talk6; do
		until_true 3 now_says $job "$1" || fail "$2: $job: $(tail -n 2 $HOUSE/$job.log)"
		ms=$(($(awk 'END { print $2 }' $HOUSE/$job.log) - BEGAN))
		echo "$2: $job $1 after $ms ms"
		[ $ms -le $((LIMIT_MS + SLACK_MS)) ] || fail "$2: $job: $ms ms"
	done
}
configure '||nothing.test^'
change reload
for type in A AAAA; do dns_says NOERROR "$([ $type = A ] && echo $TRACKER4 || echo $TRACKER6)" tv $PUBLIC4 -n metrics.example -t $type; done
BEGAN=$(now_ms)
talk talk4 $TRACKER4
talk talk6 $TRACKER6
turned answered "datagrams"
change block metrics.example
turned refused block
change resume
turned answered resume
tacet_stop || fail "tacet ended with $?: $(tail -n 3 $HOUSE/tacet.log)"
