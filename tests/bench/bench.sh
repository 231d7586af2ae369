#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# bench.sh (`make bench`) - ratios, measured in turn in one run; absolute rates say more of the
# machine than of tacet. ROUNDS=N (9), MEGABYTES=N of the capture (300).
#   a  bulk TCP through the router, with tacet / without
#   b  new TLS connections a second, with tacet / without and / a bare queue program
#   c  tacet audit of a capture, time / tcpdump's and / ndpiReader's
#   d  instructions from the frame of a ClientHello to its name, without the decision and what is
#      learnt from it (engine_habit_flow), of one in a segment (callgrind counts) and one in a QUIC Initial (single steps count: valgrind hides a
#      processor's instructions for SHA-256 from nettle; its own count is told beside it). Bytes of
#      a flow.
# ONLY=ab, c or d measures nothing else.
# A ratio is taken between neighbours in time; the table shows medians and ranges.
set -u
here=$(cd "$(dirname "$0")" && pwd)
ROUNDS=${ROUNDS:-9}
MEGABYTES=${MEGABYTES:-300}

# ratio FILE LABEL [GOAL]: lines "value of tacet, value of the other". GOAL: ">= 0.90" or "<= 2.0".
ratio() {
	awk '$2 > 0 { print $1 / $2 }' "$1" | sort -g | awk -v label="$2" -v goal="${3:-}" '
		{ v[NR] = $1 }
		END {
			if (!NR) { printf "%-54s not measured\n", label; exit }
			m = NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2
			split(goal, g, " ")
			met = g[1] == ">=" ? m >= g[2] : m <= g[2]
			printf "%-54s %6.2f   %-8s %-7s %.2f to %.2f\n", label, m, goal, goal == "" ? "" : met ? "met" : "missed", v[1], v[NR]
		}'
}
middle() { sort -g | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] + 0 }'; }

# seconds COMMAND...: of one run, what it prints apart.
seconds() {
	local t0=$EPOCHREALTIME
	"$@" >/dev/null 2>&1 || { echo "bench: $1 failed: $*" >&2; echo 0; return; }
	awk "BEGIN { print $EPOCHREALTIME - $t0 }"
}

# c needs no household, and tcpdump does not run in a user namespace: before the rest.
bench_audit() {
	local build capture dir i t d n
	build=$(cd "${BUILD:-build}" && pwd) || exit 1
	capture=$build/bench-$MEGABYTES.pcap
	[ -s "$capture" ] || "$build/tools/mkpcap" "$capture" "$MEGABYTES" \
		<(sed -n 's/^||\(.*\)^$/\1/p' "$here"/../../blocklists/{ads,telemetry,tv}.txt) || exit 1
	dir=$(mktemp -d) || exit 1
	trap 'rm -rf "$dir"' EXIT
	trap 'exit 130' INT TERM HUP
	printf '[tacet]\ndata_dir = %s\n' "$here/../../blocklists" >"$dir/conf"
	cat "$capture" >/dev/null
	echo "c: $(du -m "$capture" | cut -f1) MB of capture, $ROUNDS rounds"
	: >"$dir/tcpdump"
	: >"$dir/ndpi"
	for ((i = 0; i < ROUNDS; i++)); do
		d=$(seconds tcpdump -r "$capture" -w /dev/null)
		t=$(seconds "$build/tacet" audit -c "$dir/conf" "$capture")
		echo "$t $d" >>"$dir/tcpdump"
		! command -v ndpiReader >/dev/null || {
			n=$(seconds ndpiReader -q -i "$capture")
			echo "$t $n" >>"$dir/ndpi"
		}
	done
	header
	ratio "$dir/tcpdump" "c  audit of a capture, time: tacet / tcpdump -w" '<= 2.0'
	ratio "$dir/ndpi" "c  audit of a capture, time: tacet / ndpiReader" '<= 1.0'
	printf '   medians: tacet %.2f s, tcpdump %.2f s\n\n' "$(cut -d' ' -f1 "$dir/tcpdump" | middle)" \
		"$(cut -d' ' -f2 "$dir/tcpdump" | middle)"
	rm -rf "$dir"
	trap - EXIT INT TERM HUP
}

# counted WAY COUNT: instructions of engine_frame over a capture of so many connections, without those
# of policy_decide and engine_habit_flow; then those of SHA-256 compression among them.
counted() {
	"$build/tools/packings" many "$1" "$2" "$dir/$1.pcap" &&
		valgrind --tool=callgrind --collect-atstart=no --toggle-collect=engine_frame \
			--callgrind-out-file="$dir/$1.out" "$build/tacet" audit -c "$dir/conf" "$dir/$1.pcap" \
			>/dev/null 2>"$dir/err" || { echo "bench: $(tail -n 1 "$dir/err")" >&2; return 1; }
	callgrind_annotate --inclusive=yes --threshold=100 "$dir/$1.out" 2>/dev/null | awk '
		{ n = $1; gsub(",", "", n) }
		/PROGRAM TOTALS/ { all = n }
		/:policy_decide / && !policy { policy = n }
		/:engine_habit_flow / && !habit { habit = n }
		/sha256_compress/ && n > sha { sha = n }
		END { print all - policy - habit, sha + 0 }'
}

# figure LABEL GOAL FIGURE
figure() {
	awk -v label="$1" -v goal="$2" -v n="$3" 'BEGIN {
		printf "%-54s %6d   %-8s %s\n", label, n, "<= " goal, n <= goal ? "met" : "missed" }'
}

bench_hello() {
	local build dir n=1000 all none quic stepped bytes
	command -v valgrind >/dev/null || { printf 'd: valgrind is not installed: not measured\n\n'; return; }
	build=$(cd "${BUILD:-build}" && pwd) || exit 1
	dir=$(mktemp -d) || exit 1
	printf '[tacet]\ndata_dir = %s\n' "$here/../../blocklists" >"$dir/conf"
	echo "d: $n hellos under callgrind, 4 by single steps"
	# The same connections with and without their hellos: what is left is the hellos' own.
	if read -r -a all < <(counted tls $n) && read -r -a none < <(counted tls-none $n) &&
		read -r -a quic < <(counted quic $n); then
		header
		figure "d  a ClientHello in one segment" 6000 $(((all[0] - none[0]) / n))
		stepped=$("$build/bench/steps" "$dir/quic.pcap") || stepped=$((quic[0] / n))
		figure "d  a QUIC Initial, a new flow" 40000 "$stepped"
		bytes=$("$build/bench/steps")
		figure "d  bytes of a decided flow, besides its name" 160 "$bytes"
		figure "d  the same undecided, besides a buffer from the pool" 256 "$bytes"
		printf '   callgrind says %d of a QUIC Initial: SHA-256 without instructions of its own is %d of these\n\n' \
			$((quic[0] / n)) $((quic[1] / n))
	fi
	rm -rf "$dir"
}
header() { printf '%-54s %6s   %-8s %-7s %s\n' '' MEDIAN GOAL '' RANGE; }

case ${HOUSE_INSIDE:-}${ONLY:-} in
'') bench_hello && bench_audit ;;
c) bench_audit && exit ;;
d) bench_hello && exit ;;
esac
# shellcheck source=tests/net/household.sh disable=SC2119
. "$here/../net/household.sh"

house_up
house_serve
house_bg load net "$BUILD/tools/load" serve $MANY4 $MANY6 -a 64
until_true 5 grep -q serving $HOUSE/load.log || fail "$(cat $HOUSE/load.log)"
# processes: both ends of each connection are processes of this kernel, where noting them would be
# counted as if the router did it. What a router forwards has none.
tacet_conf <<-E
	processes = no
	[tacet]
	data_dir = $here/../../blocklists
E
sed -i '/^level/s/0/2/' $HOUSE/tacet.conf

# bytes a second of one large download; new connections a second.
bulk() {
	ns_exec tv curl -s -o /dev/null -w '%{speed_download}\n' --resolve "film.example:80:$WEB4" \
		"http://film.example/bytes/2000000000"
}
# cpu_us JOB: processor time of a job so far. Noise of the machine moves it less than a rate.
cpu_us() { awk '{ print $1 / 1000 }' "/proc/${HOUSE_PID[$1]}/schedstat"; }
# connections [JOB]: "rate microseconds-of-processor-a-connection" of client, server and JOB, with what
# the kernel did on their behalf.
connections() {
	local line job before=0 after=0
	for job in load "$@"; do before=$(awk "BEGIN { print $before + $(cpu_us "$job") }"); done
	line=$(ns_exec tv "$BUILD/tools/load" run $MANY4 -a 64 -n film.example -c 16 -d 2)
	for job in load "$@"; do after=$(awk "BEGIN { print $after + $(cpu_us "$job") }"); done
	[ "$(field failed "$line")" = 0 ] || echo "bench: connections failed: $line" >&2
	awk "BEGIN { print $(field rate "$line"),
		($(field cpu_us "$line") + $after - $before) / $(field connections "$line") }"
}

# The least that decides by name: packets with payload go up until the flow is marked.
bare_start() {
	house_bg bare router "$BUILD/tools/acceptall" 77 0x1
	until_true 5 grep -q ready $HOUSE/bare.log || fail "$(cat $HOUSE/bare.log)"
	ns_exec router iptables-restore -w --noflush <<-E
	*mangle
	-A PREROUTING -i lan -m connmark --mark 0x1/0x1 -j ACCEPT
	-A PREROUTING -i lan -p tcp -m length --length 69: -j NFQUEUE --queue-num 77 --queue-bypass
	-A POSTROUTING -m mark --mark 0x1/0x1 -j CONNMARK --save-mark
	COMMIT
	E
}
bare_stop() {
	ns_exec router iptables -w -t mangle -F PREROUTING
	ns_exec router iptables -w -t mangle -F POSTROUTING
	house_end bare
}

echo "a, b: a household, $ROUNDS rounds"
bulk >/dev/null
connections >/dev/null
for ((i = 0; i < ROUNDS; i++)); do
	n1=$(bulk)
	read -r c1 u1 < <(connections)
	tacet_start
	t=$(bulk)
	read -r ct ut < <(connections tacet)
	tacet_stop || fail "tacet ended with $?: $(tail -n 3 $HOUSE/tacet.log)"
	bare_start
	read -r cb ub < <(connections bare)
	bare_stop
	n2=$(bulk)
	read -r c2 u2 < <(connections)
	awk "BEGIN { print $t, ($n1 + $n2) / 2 }" >>$HOUSE/bulk
	awk "BEGIN { print $ct, ($c1 + $c2) / 2 }" >>$HOUSE/conn
	awk "BEGIN { print ($u1 + $u2) / 2, $ut }" >>$HOUSE/conn-cpu
	echo "$ct $cb" >>$HOUSE/bare
	echo "$ub $ut" >>$HOUSE/bare-cpu
done
header
ratio $HOUSE/bulk "a  bulk TCP through the router: tacet / nothing" '>= 0.95'
ratio $HOUSE/conn "b  new TLS connections a second: tacet / nothing" '>= 0.90'
ratio $HOUSE/bare "b  new TLS connections a second: tacet / bare queue" '>= 0.95'
ratio $HOUSE/conn-cpu "b  the same a second of processor: tacet / nothing"
ratio $HOUSE/bare-cpu "b  the same a second of processor: tacet / bare queue"
printf '   medians without tacet: %.1f Gbit/s, %.0f connections a second\n' \
	"$(awk '{ print $2 * 8e-9 }' $HOUSE/bulk | middle)" "$(cut -d' ' -f2 $HOUSE/conn | middle)"
