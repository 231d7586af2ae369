#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# How long a client's library tries before it gives up, for each way to refuse: getaddrinfo (glibc, through python3),
# curl, and a browser (chromium, headless, if it is installed). In a household of namespaces, with real packets; prints
# seconds, the median of GIVEUP_RUNS, "-" where a client has no such packets, ">N" where it was still trying.
# Takes some six minutes: GIVEUP_LIMIT seconds each at most, four at a time.
# shellcheck source=tests/net/household.sh disable=SC2119
. "$(dirname "$0")/../net/household.sh"

LIMIT=${GIVEUP_LIMIT:-330}
RUNS=${GIVEUP_RUNS:-3}
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome) || browser=

house_up
house_serve
house_serve_quic || echo "no gtlsserver: nobody answers QUIC, which is blocked all the same"
CONF_MORE=$(for kind in dns:nxdomain dns:null dns:nodata dns:refused dns:stall dns:drop tcp:reset tcp:unreach tcp:stall \
	tcp:drop udp:unreach udp:stall udp:drop; do
		printf '[name %s.%s.tracker.test]\n%s = %s\n' "${kind#*:}" "${kind%:*}" "${kind%:*}" "${kind#*:}"
	done)
test_list '||tracker.test^'
tacet_start

# A server that takes connections and never speaks: it is the client that gives up, and not the server.
house_bg silent net python3 -c 'import socket, sys, time
kept = [socket.create_server((sys.argv[1], 443), backlog=64)]
while True:
	kept.append(kept[0].accept())' "$MANY4"
until_true 5 reaches tls $MANY4 -n allowed.example -w 200 || sleep 0.5

# Each prints the seconds until it failed, as the client itself measures them.
within() { # COMMAND...
	local out
	out=$(ns_exec tv timeout "$LIMIT" "$@" 2>/dev/null)
	[ $? -eq 124 ] && echo ">$LIMIT" || echo "$out"
}

getaddrinfo() { # KIND NAME
	[ "$1" = dns ] || { echo -; return; }
	within python3 -c 'import socket, sys, time
start = time.monotonic()
try:
	socket.create_connection((socket.getaddrinfo(sys.argv[1], 443)[0][4][0], 443))
except OSError:
	print(f"{time.monotonic() - start:.1f}")' "$2"
}

curl_tls() {
	case $1 in
	dns) within curl -sk -o /dev/null -w '%{time_total}\n' "https://$2/" | sed 's/\(\.[0-9]\).*/\1/' ;;
	tcp) within curl -sk -o /dev/null -w '%{time_total}\n' --resolve "$2:443:$MANY4" "https://$2/" | sed 's/\(\.[0-9]\).*/\1/' ;;
	udp) echo - ;;
	esac
}

# The time from the request for a picture to its error, as the page sees it.
browse() {
	local dir out args=()
	[ -n "$browser" ] || { echo -; return; }
	dir=$(mktemp -d -p $HOUSE)
	case $1 in
	tcp) args=("--host-resolver-rules=MAP $2 $MANY4") ;;
	# A hello in two packets: the first arrives, and somebody has to be there who answers it.
	udp) args=("--host-resolver-rules=MAP $2 $TRACKER4" "--origin-to-force-quic-on=$2:443" --enable-quic) ;;
	esac
	out=$(ns_exec tv timeout "$LIMIT" "$browser" --headless --no-sandbox --disable-gpu --no-first-run \
		--user-data-dir="$dir" --ignore-certificate-errors --disable-background-networking \
		--disable-component-update "${args[@]}" --dump-dom "data:text/html,<body><script>
		start=performance.now(); picture=new Image();
		picture.onerror=()=>document.body.dataset.ms=performance.now()-start;
		picture.src='https://$2/'; document.body.append(picture)</script>" 2>/dev/null)
	rm -rf "$dir"
	out=$(sed -n 's/.*data-ms="\([-0-9.]*\)".*/\1/p' <<<"$out")
	[ -n "$out" ] && awk -v ms="$out" 'BEGIN { printf "%.1f\n", ms / 1000 }' || echo ">$LIMIT"
}

measure() { # CLIENT KIND STEP
	local i took=0
	for ((i = 0; i < RUNS; i++)); do
		case $took in ">"* | ??.* | ???.*) ;; *) took=$("$1" "$2" "$3.$2.tracker.test") ;; esac # once is enough
		echo "$took"
	done >"$HOUSE/giveup.$1.$2.$3"
}

rows='dns:nxdomain dns:null dns:nodata dns:refused dns:stall dns:drop tcp:reset tcp:unreach tcp:stall tcp:drop udp:unreach
	udp:stall udp:drop'
clients='getaddrinfo curl_tls browse'
others=$(jobs -rp | wc -l)
for client in $clients; do
	for row in $rows; do
		while [ "$(jobs -rp | wc -l)" -ge $((others + 4)) ]; do sleep 0.2; done
		measure "$client" "${row%:*}" "${row#*:}" &
	done
done
# shellcheck disable=SC2016
until_true $((LIMIT * (RUNS + 1))) eval '[ "$(cat $HOUSE/giveup.* | wc -l)" -eq $((39 * RUNS)) ]'

median() { sort -V "$1" | sed -n "$(((RUNS + 1) / 2))p"; }
printf '%-5s %-9s %12s %8s %9s\n' kind step getaddrinfo curl browser
for row in $rows; do
	printf '%-5s %-9s %12s %8s %9s\n' "${row%:*}" "${row#*:}" "$(median "$HOUSE/giveup.getaddrinfo.${row%:*}.${row#*:}")" \
		"$(median "$HOUSE/giveup.curl_tls.${row%:*}.${row#*:}")" "$(median "$HOUSE/giveup.browse.${row%:*}.${row#*:}")"
done
echo "glibc $(ldd --version | sed -n '1s/.* //p'), $(curl --version | awk '{ print $1, $2; exit }')${browser:+, $("$browser" --version 2>/dev/null | awk '{ print $1, $2 }')}"
