#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lists.sh (`make bench-lists`) - what the index of lists costs, beside a table of strings (uthash),
# dnsmasq and unbound with the same names in the same run. SIZES="100000 1000000" are the numbers of
# rules; 5000000 takes some minutes more. The names are drawn, always the same ones;
# TACET_LISTS=DIR takes the files there (hosts, domains, Adblock) as a further size.
# Times are of the processor. A server is asked over loopback in a network namespace of its own.
set -u
if [ "${LISTS_INSIDE:-}" != yes ]; then
	LISTS_INSIDE=yes exec unshare --net --pid --fork --kill-child --mount-proc -- "$BASH" "$0" "$@"
fi
SIZES=${SIZES:-100000 1000000}
tool=$(cd "${BUILD:-build}" && pwd)/bench/lists
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
ip link set lo up
limit_peak=128 limit_low=32

field() { sed -n "s/.*\b$1=\([0-9.]*\).*/\1/p" <<<"$2"; }
calc() { awk "BEGIN { printf \"$1\", $2 }"; }
row() { printf '%-58s %10s   %s\n' "$1" "$2" "${3:-}"; }
# goal VALUE LIMIT: of a million rules.
goal() { [ "$size" = 1000000 ] && awk "BEGIN { print $1 <= $2 ? \"<= $2 met\" : \"<= $2 missed\" }"; }

# instructions NAMES: of one look-up, by callgrind.
instructions() {
	command -v valgrind >/dev/null || { echo -; return; }
	head -n 2000 "$1" >"$work/few"
	valgrind --tool=callgrind --collect-atstart=no --toggle-collect=index_find \
		--callgrind-out-file="$work/callgrind" "$tool" count "$work/index" <"$work/few" >/dev/null 2>"$work/err"
	awk '/^summary:/ { printf "%.0f", $2 / 2000 }' "$work/callgrind"
}

cpu_ticks() { awk '{ print $14 + $15 }' "/proc/$1/stat"; }
resident() { awk '/^VmRSS/ { print $2 * 1024 }' "/proc/$1/status"; }

# ask FILE COUNT: so many questions of the file, one after the other; the number of answers.
ask() {
	python3 - "$1" "$2" <<-'P'
	import socket, struct, sys
	names = [l.strip() for l in open(sys.argv[1])][:int(sys.argv[2])]
	s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	s.settimeout(5)
	got = 0
	for i, name in enumerate(names):
	    q = struct.pack(">6H", i & 0xffff, 0x100, 1, 0, 0, 0)
	    q += b"".join(bytes([len(l)]) + l.encode() for l in name.split(".")) + b"\0\0\1\0\1"
	    s.sendto(q, ("127.0.0.1", 5300))
	    try:
	        s.recv(4096)
	        got += 1
	    except OSError:
	        pass
	print(got)
	P
}

# server LABEL COMMAND...: resident bytes a rule over `empty`, time of a hit and of a miss.
server() {
	local label=$1 pid n=3000 before hit miss
	shift
	"$@" >"$work/server" 2>&1 &
	pid=$!
	for ((i = 0; i < 600; i++)); do
		[ "$(ask "$work/hits" 1)" = 0 ] || break
		kill -0 $pid 2>/dev/null || { row "$label" - "did not start: $(tail -n 1 "$work/server")"; return; }
	done
	server_rss=$(resident $pid)
	before=$(cpu_ticks $pid)
	[ "$(ask "$work/hits" $n)" = $n ] || echo "lists.sh: $label left questions unanswered" >&2
	hit=$(($(cpu_ticks $pid) - before))
	before=$(cpu_ticks $pid)
	[ "$(ask "$work/misses" $n)" = $n ] || echo "lists.sh: $label left questions unanswered" >&2
	miss=$(($(cpu_ticks $pid) - before))
	kill $pid
	wait $pid 2>/dev/null
	server_hit=$(calc %.1f "$hit * 1e6 / $(getconf CLK_TCK) / $n")
	server_miss=$(calc %.1f "$miss * 1e6 / $(getconf CLK_TCK) / $n")
}

peers() {
	local empty
	if command -v dnsmasq >/dev/null; then
		local run=(dnsmasq --no-daemon --port=5300 --no-resolv --no-hosts --listen-address=127.0.0.1
			--bind-interfaces --user=root --cache-size=0)
		: >"$work/empty"
		server dnsmasq "${run[@]}" --conf-file="$work/empty"
		empty=$server_rss
		sed 's|.*|address=/&/#|' "$work/names" >"$work/conf"
		server dnsmasq "${run[@]}" --conf-file="$work/conf"
		row "dnsmasq: bytes a rule, resident" "$(calc %.1f "($server_rss - $empty) / $size")"
		row "dnsmasq: a question that is a hit / a miss, us" "$server_hit / $server_miss"
	fi
	if command -v unbound >/dev/null; then
		printf 'server:\n interface: 127.0.0.1\n port: 5300\n username: ""\n chroot: ""\n directory: ""\n pidfile: ""\n use-syslog: no\n do-daemonize: no\n module-config: "iterator"\n local-zone: "." refuse\nremote-control:\n control-enable: no\n' >"$work/unbound.empty"
		server unbound unbound -d -c "$work/unbound.empty"
		empty=$server_rss
		{ sed '/^remote/,$d' "$work/unbound.empty"; sed 's|.*| local-zone: "&" always_null|' "$work/names"; } >"$work/unbound.conf"
		server unbound unbound -d -c "$work/unbound.conf"
		row "unbound: bytes a rule, resident" "$(calc %.1f "($server_rss - $empty) / $size")"
		row "unbound: a question that is a hit / a miss, us" "$server_hit / $server_miss"
	fi
}

# measure FILE...: lists.
measure() {
	local c low hits misses uh um table
	c=$("$tool" compile "$work/index" 67108864 "$@") || exit 1
	low=$("$tool" compile "$work/low" 6291456 "$@") || exit 1
	cmp -s "$work/index" "$work/low" || { echo "lists.sh: with little memory the index differs" >&2; exit 1; }
	cat "$@" | sed -n 's/^||\([a-z0-9.-]*\)^$/\1/p; /^[a-z0-9.-]*$/p' | sort -u >"$work/names"
	size=$(wc -l <"$work/names")
	shuf -n 50000 --random-source=<(yes) "$work/names" >"$work/hits"
	"$tool" make-misses 70000 >"$work/misses"
	hits=$("$tool" ask "$work/index" <"$work/hits")
	misses=$("$tool" ask "$work/index" <"$work/misses")
	cat "$@" >"$work/rules"
	uh=$("$tool" uthash "$work/rules" <"$work/hits")
	um=$("$tool" uthash "$work/rules" <"$work/misses")
	table=$(field warm_ns "$um")
	echo "$size names in $(field lines "$c") lines"
	row "bytes a rule on disk" "$(calc %.2f "$(field bytes "$c") / $size")" "$(goal "$(field bytes "$c") / $size" 7)"
	row "bytes a rule resident" "$(calc %.2f "$(field resident "$hits") / $size")" "$(goal "$(field resident "$hits") / $size" 7)"
	row "compiling, s" "$(field cpu_s "$c")" "$(goal "$(field cpu_s "$c")" 2)"
	row "  lines a second" "$(calc %.0f "$(field lines "$c") / $(field cpu_s "$c")")"
	row "  peak memory, MB" "$(calc %.0f "$(field peak_kb "$c") / 1024")" "$(goal "$(field peak_kb "$c") / 1024" $limit_peak)"
	row "  with little memory, s" "$(field cpu_s "$low")"
	row "  with little memory, peak MB" "$(calc %.0f "$(field peak_kb "$low") / 1024")" "$(goal "$(field peak_kb "$low") / 1024" $limit_low)"
	row "opening a compiled index, checksum and all, ms" "$(field open_ms "$hits")" "$(goal "$(field open_ms "$hits")" 20)"
	row "a hit, us, cold / warm" "$(calc %.2f "$(field cold_ns "$hits") / 1000") / $(calc %.2f "$(field warm_ns "$hits") / 1000")" "$(goal "$(field cold_ns "$hits") / 1000" 8)"
	row "a miss of five labels, us, cold / warm" "$(calc %.2f "$(field cold_ns "$misses") / 1000") / $(calc %.2f "$(field warm_ns "$misses") / 1000")"
	row "a miss, time / that of a uthash string table" "$(calc %.2f "$(field warm_ns "$misses") / $table")" "$(goal "$(field warm_ns "$misses") / $table" 0.4)"
	row "instructions of a hit / of a miss" "$(instructions "$work/hits") / $(instructions "$work/misses")"
	row "uthash: bytes a rule" "$(calc %.1f "$(field bytes "$uh") / $size")"
	row "uthash: a hit / a miss of five labels, us" "$(calc %.2f "$(field warm_ns "$uh") / 1000") / $(calc %.2f "$table / 1000")"
	[ "$size" -gt 1500000 ] || peers
	echo
}

for n in $SIZES; do
	"$tool" make "$n" >"$work/made" && measure "$work/made"
done
if [ -n "${TACET_LISTS:-}" ]; then
	mapfile -t files < <(find "$TACET_LISTS" -name '*.hosts' -o -name '*.domains' -o -name '*.adblock' | sort)
	measure "${files[@]}"
fi
