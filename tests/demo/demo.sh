#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# demo.sh (`make demo`) - an evening in front of a television, without and with tacet: a TV, a router
# and an internet of real servers in network namespaces. Ends with what got through and what did
# not; exit status 0 only if every byte of content arrived and no telemetry did.
tracked=(
	# app, name, what catalogue.tsv says it is for
	"netflix logs.netflix.com telemetry"
	"netflix customerevents.netflix.com telemetry"
	"spotify log.spotify.com telemetry"
	"spotify crashdump.spotify.com telemetry"
	"spotify analytics.spotify.com telemetry"
	"tv-menu acr-eu-prd.samsungcloud.tv screen-recognition"
	"tv-menu log-config.samsungacr.com screen-recognition"
	"tv-menu ads.samsungads.com ads"
	"tv-menu devicelog.samsungcloudsolution.net telemetry"
	"tv-menu smetrics.samsung.com telemetry"
)
content=(
	# app, name, so many requests of so many bytes, what it is
	"netflix api-global.netflix.com 2 20000 API"
	"netflix secure.netflix.com 1 8000 login"
	"netflix occ-0-1490-1489.1.nflxso.net 12 60000 artwork"
	"netflix ipv4-c012-fra001-ix.1.oca.nflxvideo.net 24 8000000 video"
	"netflix ipv6-c012-fra001-ix.1.oca.nflxvideo.net 24 400000 audio"
	"spotify apresolve.spotify.com 1 2000 API"
	"spotify api.spotify.com 2 20000 API"
	"spotify i.scdn.co 10 60000 artwork"
	"spotify audio-fa.scdn.co 10 3000000 audio"
	"tv-menu configprd.samsungcloudsolution.net 1 20000 settings"
	"tv-menu osb.samsungqbe.com 4 40000 menu"
)
TRACKERS=$(printf '%s\n' "${tracked[@]}" | cut -d' ' -f2)
# shellcheck source=tests/net/household.sh disable=SC2119
. "$(dirname "$0")/../net/household.sh"
root=$(cd "$(dirname "$0")/../.." && pwd)
bold='' plain=''
[ ! -t 1 ] || bold=$'\e[1m' plain=$'\e[0m'
say() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }
problems=0
check() { # TEXT STATUS
	[ "$2" -eq 0 ] || problems=$((problems + 1))
	printf '  %-4s %s\n' "$([ "$2" -eq 0 ] && echo ok || echo FAIL)" "$1"
}

# try APP NAME WAY PROBE-ARGUMENTS...: one line "app name way reached|refused end ms".
try() {
	local app=$1 name=$2 way=$3 line end reached=refused
	line=$(probe tv "${@:4}" -n "$name")
	end=$(field end "$line")
	[ "$end" != answered ] || reached=reached
	if [ "$4" = dns ]; then
		end=$(field rcode "$line")
		case $(field answers "$line") in
		'') reached=refused ;;
		0.0.0.0 | ::) reached=refused end="null" ;; # an address that leads nowhere
		esac
	fi
	echo "$app $name $way $reached ${end:-silence} $(field ms "$line")"
}

# Telemetry as apps send it: by the router's resolver, by one they carry with them, and straight to
# an address they know, over TLS and QUIC.
telemetry() { # FILE
	local line app name role
	for line in "${tracked[@]}"; do
		read -r app name role <<<"$line"
		try "$app" "$name" dns:router dns $LAN4
		try "$app" "$name" dns:built-in dns $PUBLIC4
		try "$app" "$name" dns:built-in6 dns $PUBLIC6 -t AAAA
		try "$app" "$name" tls:address tls $TRACKER4
		try "$app" "$name" tls:address6 tls $TRACKER6
		[ "$quic" = no ] || try "$app" "$name" quic:address quic $TRACKER4
	done >"$1"
}

# evening FILE: the content of every app; "app name kind expected got" a line. Netflix asks a resolver
# of its own, the others the router.
evening() {
	local line app name times bytes kind got dns address i urls
	for line in "${content[@]}"; do
		read -r app name times bytes kind <<<"$line"
		dns=$LAN4
		[ "$app" != netflix ] || dns=$PUBLIC4
		address=$(field answers "$(probe tv dns "$dns" -n "$name")")
		urls=()
		for ((i = 0; i < times; i++)); do urls+=("https://$name/bytes/$bytes" -o /dev/null); done
		got=$(ns_exec tv curl -sk --max-time 60 --resolve "$name:443:${address:-0.0.0.0}" \
			-w '%{size_download}\n' "${urls[@]}" | awk '{ n += $1 } END { print n + 0 }')
		echo "$app $name $kind $((times * bytes)) $got"
	done >"$1"
}

# film: seconds that it takes to fetch the video alone, the best of three.
film() {
	local i t0 t1 best=999999
	for i in 1 2 3; do
		t0=$(now_ms)
		ns_exec tv curl -sk -o /dev/null --resolve "film.nflxvideo.net:443:$WEB4" \
			https://film.nflxvideo.net/bytes/300000000 || { echo 0; return; }
		t1=$(($(now_ms) - t0))
		[ $t1 -ge $best ] || best=$t1
	done
	awk "BEGIN { printf \"%.2f\", $best / 1000 }"
}

say "A household: a TV, a router, an internet of real servers (network namespaces, all private)"
house_up
house_serve
quic=yes
house_serve_quic 2>/dev/null || quic=no
echo "  tv $TV4, router $LAN4 and $WAN4, internet 198.51.100.0/24, 203.0.113.0/24, 2001:db8:1::/48"

say "1. The evening without tacet"
telemetry $HOUSE/before
evening $HOUSE/content-before
without=$(film)
echo "  $(grep -c ' reached ' $HOUSE/before) of $(wc -l <$HOUSE/before) tries to report home went through"

say "2. The same with tacet on the router, bundled lists, defaults; what \`tacet watch\` shows:"
tacet_conf <<-END
	[tacet]
	data_dir = $root/blocklists
	[device living-room-tv]
	mac = $(ns_exec tv ip -br link show eth0 | awk '{ print $3 }')
	END
sed -i '/^level/s/0/2/' $HOUSE/tacet.conf
tacet_start
house_bg watch router "$BUILD/tacet" watch --verdict block
until_true 5 figure_is watchers_now 1 || fail "watch: $(cat $HOUSE/watch.log)"
# Live, each kind of refusal of an app once.
tail -n +1 -f --pid "${HOUSE_PID[watch]}" $HOUSE/watch.log 2>/dev/null |
	awk '{ for (i = 1; i <= NF && $i != "block"; i++); key = $(i + 1) " " $(i + 3); for (i += 6; i <= NF; i++) key = key " " $i }
		!seen[key]++ { print "  " substr($0, 1, 110); fflush() }' &
live=$!
: >$HOUSE/seen.log
WIRE_BYTES=400 wire_start
telemetry $HOUSE/after
evening $HOUSE/content
wire_stop
with=$(film)
sleep 0.3
house_end watch
wait $live
forged=$(figure answered) reset=$(figure reset) unreachable=$(figure unreachable)

say "3. Who phones home, and how far it came"
printf '  %-8s %-36s %-18s %-9s %s\n' APP NAME FOR WITHOUT 'WITH TACET'
for line in "${tracked[@]}"; do
	read -r app name role <<<"$line"
	printf '  %-8s %-36s %-18s %-9s %s\n' "$app" "$name" "$role" \
		"$(awk -v n="$name" '$2 == n { all++; r += $4 == "reached" } END { print r + 0 " of " all }' $HOUSE/before)" \
		"$(awk -v n="$name" '$2 == n { all++; r += $4 == "reached"; if (!e[$5]++) how = how " " tolower($5); if ($6 + 0 > m) m = $6 + 0 }
			END { print r + 0 " of " all ":" how ", at most " m + 0 " ms" }' $HOUSE/after)"
done

say "4. What the evening was about"
printf '  %-8s %-42s %-9s %12s %12s\n' APP NAME '' 'BYTES ASKED' 'ARRIVED'
awk '{ printf "  %-8s %-42s %-9s %12d %12d\n", $1, $2, $3, $4, $5 }' $HOUSE/content
echo "  the film: $without s without tacet, $with s with it"
echo "  tacet: $forged forged DNS answers, $reset TCP resets, $unreachable ICMP refusals"

say "5. Check"
arrived=$(awk '{ n += $5 } END { printf "%.0f MB", n / 1e6 }' $HOUSE/content)
! awk '$4 != $5' $HOUSE/content $HOUSE/content-before | grep .
check "every byte of content arrived ($arrived)" $?
grep -q ' reached ' $HOUSE/before
check "without tacet telemetry does go through: there is something to stop" $?
tries=$(wc -l <$HOUSE/after)
! grep ' reached ' $HOUSE/after
check "with tacet none of $tries tries reached home" $?
! awk '$6 >= 100' $HOUSE/after | grep .
check "each was refused within 100 ms, so that no app waits" $?
left=0
for name in $TRACKERS; do ! wire_has_name "$name" || { left=1; echo "       $name"; }; done
wire_has_name nflxvideo.net || left=1
check "on the wire behind the router: no question and no ClientHello with such a name" $left
[ "$(wire_payload $TRACKER4)" -eq 0 ] && [ "$(wire_payload $TRACKER6)" -eq 0 ]
check "on the wire: not one byte of payload, TLS or QUIC, to their addresses" $?
! grep -F "$TRACKERS" $HOUSE/seen.log
check "in the servers' own logs: none of them" $?
tacet_stop && ! ns_exec router iptables-save | grep -i tacet
check "tacet ended and took its rules away" $?
# The machine may have become busier meanwhile: without is measured once more.
again=$(film)
awk "BEGIN { exit !($with > 0 && ($with < 1.5 * $without + 0.2 || $with < 1.5 * $again + 0.2)) }"
check "the film took about as long ($without s before, $with s with tacet, $again s after)" $?
say "$([ $problems -eq 0 ] && echo "All as it should be." || echo "$problems of these checks failed.")"
[ $problems -eq 0 ]
