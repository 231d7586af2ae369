#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A change of the policy reaches connections that run: who downloads, and sends nothing but acknowledgements, is cut
# within a second of reload, block, resume and new names of devices; what is paused or let through works within one.
# shellcheck source=tests/net/household.sh disable=SC2119
. "$(dirname "$0")/household.sh"

LIMIT_MS=${LIMIT_MS:-1000}
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
	[ $worst -le "$LIMIT_MS" ] || fail "$1: cut after $worst ms"
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
	[ $ms -le "$LIMIT_MS" ] || fail "$1: works after $ms ms"
}

change() {
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
tacet_stop || fail "tacet ended with $?: $(tail -n 3 $HOUSE/tacet.log)"
