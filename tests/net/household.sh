#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# household.sh (sourced) - a TV, a router and an internet of real servers, for tests and the demo.
#
#   tv -- lan [router] wan -- net
#
# The script that sources it runs once more inside a mount, pid and network namespace of its own
# (as an ordinary user: inside a user namespace as well). /run and /var/cache are private there: nothing
# outside is touched, any number of households stand side by side, and when the script ends, in
# whatever way, the kernel takes everything away.
set -u
export PATH=$PATH:/usr/sbin:/sbin LC_ALL=C

# Addresses. The internet is made of documentation addresses (RFC 5737, RFC 3849).
TV4=192.168.77.2 TV6=2001:db8:77::2 LAN4=192.168.77.1 LAN6=2001:db8:77::1
WAN4=198.51.100.1 WAN6=2001:db8:1:f::1
WEB4=198.51.100.7 WEB6=2001:db8:1::7             # every name, but for
TRACKER4=203.0.113.7 TRACKER6=2001:db8:1:b::7    # the names in $TRACKERS and what is below them
ISP4=198.51.100.53 ISP6=2001:db8:1::53           # the provider's resolver: what the router asks
MANY4=203.0.113.128 MANY6=2001:db8:1:c::80        # and the 63 after them, for load
PUBLIC4=203.0.113.53 PUBLIC6=2001:db8:1:a::53    # a resolver hard-coded in apps
TRACKERS=${TRACKERS:-tracker.test logs.example metrics.example}
# ALIAS,TARGET: names that are a CNAME of another
CNAMES=${CNAMES:-metrics.shop.test,collect.tracker.test}

HOUSE_HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
BUILD=$(cd "${BUILD:-build}" && pwd) || exit 1
export BUILD
HOUSE=/run/household
declare -A HOUSE_PID

skip() { echo "skipped: $*"; exit 77; }
fail() { echo "FAIL: $*" >&2; exit 1; }
now_ms() { echo $((${EPOCHREALTIME/./} / 1000)); }

# Runs the calling script again inside namespaces. Killing the outer shell, also by SIGKILL, kills
# the inner one, which is process 1 of its namespace: the kernel then kills all that is left.
house_enter() {
	[ "${HOUSE_INSIDE:-}" = yes ] && [ $$ -eq 1 ] && return
	local tool
	for tool in unshare nsenter setpriv ip iptables ip6tables dnsmasq python3 openssl curl jq; do
		command -v $tool >/dev/null || skip "$tool is not installed: make deps"
	done
	local how=(--mount --net --ipc --pid --fork --kill-child --mount-proc) why child rc
	[ "$(id -u)" -eq 0 ] || how+=(--user --map-root-user)
	if ! why=$(unshare "${how[@]}" sh -c 'mount -t tmpfs tmpfs /run && iptables -w -t mangle -S' 2>&1 >/dev/null); then
		if [ "$(id -u)" -eq 0 ]; then
			skip "this kernel or container refuses namespaces to root: ${why##*$'\n'}"
		fi
		skip "run as root: this kernel refuses namespaces to ordinary users: ${why##*$'\n'}"
	fi
	HOUSE_INSIDE=yes setpriv --pdeathsig KILL unshare "${how[@]}" -- "$BASH" "$0" "$@" <&0 &
	child=$!
	# shellcheck disable=SC2064
	trap "kill -KILL $child 2>/dev/null; exit 130" INT TERM HUP
	wait $child
	rc=$?
	exit $rc
}

# ns_exec MACHINE COMMAND...: tv, router or net.
ns_exec() {
	local pid=${HOUSE_PID[$1]}
	shift
	nsenter --target "$pid" --net --mount -- "$@"
}

# house_bg JOB MACHINE COMMAND...: in the background; what it prints goes to $HOUSE/JOB.log.
house_bg() {
	local job=$1 pid=${HOUSE_PID[$2]}
	shift 2
	nsenter --target "$pid" --net --mount -- "$@" >"$HOUSE/$job.log" 2>&1 </dev/null &
	HOUSE_PID[$job]=$!
}

# house_end JOB [SIGNAL]: ends a job of house_bg and returns its exit status.
house_end() {
	local pid=${HOUSE_PID[$1]:-}
	[ -n "$pid" ] || return 0
	unset "HOUSE_PID[$1]"
	kill -"${2:-TERM}" "$pid" 2>/dev/null
	wait "$pid" 2>/dev/null
}

# until_true SECONDS COMMAND...: tries every 50 ms.
until_true() {
	local end=$(($(now_ms) + $1 * 1000))
	shift
	until "$@" >/dev/null 2>&1; do
		[ "$(now_ms)" -lt $end ] || return 1
		sleep 0.05
	done
}

house_machine() { # NAME RESOLVER
	local resolv
	echo "nameserver $2" >"$HOUSE/resolv.$1"
	resolv=$(readlink -m /etc/resolv.conf)
	[ -e "$resolv" ] || { mkdir -p "${resolv%/*}" && : >"$resolv"; } 2>/dev/null
	# shellcheck disable=SC2016
	unshare --net --mount sh -c 'mount --bind "$1" "$2"; echo up >"$3"; exec sleep 100000' \
		sh "$HOUSE/resolv.$1" "$resolv" "$HOUSE/up.$1" &
	HOUSE_PID[$1]=$!
	until_true 5 test -s "$HOUSE/up.$1" || fail "no namespace for $1"
	house_sysctl "$1" net/ipv6/conf/all/accept_dad 0 net/ipv6/conf/default/accept_dad 0 \
		net/ipv6/conf/default/disable_ipv6 0 net/ipv4/ip_local_port_range "1024 65000"
	ns_exec "$1" ip link set lo up
}

house_sysctl() { # MACHINE PATH VALUE...
	# shellcheck disable=SC2016
	ns_exec "$1" sh -c 'while [ $# -gt 0 ]; do echo "$2" >"/proc/sys/$1" || exit 1; shift 2; done' sh "${@:2}" ||
		fail "settings of $1"
}

house_address() { # MACHINE INTERFACE ADDRESS/LENGTH...
	local machine=$1 dev=$2 a
	shift 2
	for a; do
		case $a in
		*:*) ns_exec "$machine" ip -6 addr add "$a" dev "$dev" nodad ;;
		*) ns_exec "$machine" ip addr add "$a" dev "$dev" ;;
		esac || fail "address $a on $machine"
	done
	ns_exec "$machine" ip link set "$dev" up
}

house_up() {
	mount -t tmpfs -o mode=0755 tmpfs /run || fail "no private /run"
	mkdir -p /var/cache && mount -t tmpfs -o mode=0755 tmpfs /var/cache || fail "no private /var/cache"
	mkdir -p $HOUSE
	house_machine tv $LAN4
	house_machine router 127.0.0.1
	house_machine net $ISP4
	ip link add eth0 netns "${HOUSE_PID[tv]}" type veth peer name lan netns "${HOUSE_PID[router]}" &&
		ip link add eth0 netns "${HOUSE_PID[net]}" type veth peer name wan netns "${HOUSE_PID[router]}" ||
		fail "no veth pairs"
	house_address tv eth0 $TV4/24 fd77::2/64 $TV6/64
	house_address router lan $LAN4/24 fd77::1/64 $LAN6/64
	house_address router wan $WAN4/24 $WAN6/64
	house_address net eth0 198.51.100.2/24 2001:db8:1:f::2/64
	house_address net lo $WEB4/32 $WEB6/128 $TRACKER4/32 $TRACKER6/128 $ISP4/32 $ISP6/128 \
		$PUBLIC4/32 $PUBLIC6/128
	ns_exec net ip route add local $MANY4/26 dev lo
	ns_exec net ip -6 route add local $MANY6/122 dev lo
	ns_exec tv ip route add default via $LAN4
	ns_exec tv ip -6 route add default via $LAN6
	ns_exec router ip route add default via 198.51.100.2
	ns_exec router ip -6 route add default via 2001:db8:1:f::2
	ns_exec net ip -6 route add 2001:db8:77::/64 via $WAN6
	ns_exec router iptables -w -t nat -A POSTROUTING -o wan -j MASQUERADE || fail "no MASQUERADE"
	# Loads conntrack on IPv6 too: with and without tacet are then alike.
	ns_exec router ip6tables -w -t mangle -A POSTROUTING -m conntrack --ctstate INVALID -j DROP
	# Short lives of closed flows: thousands of connections a second must not fill the table.
	house_sysctl router net/ipv4/ip_forward 1 net/ipv6/conf/all/forwarding 1 \
		net/netfilter/nf_conntrack_acct 1 net/netfilter/nf_conntrack_tcp_timeout_time_wait 1 \
		net/netfilter/nf_conntrack_tcp_timeout_close 1
}

# The internet's servers and the router's resolver.
house_serve() {
	local name args=() a
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=household \
		-keyout $HOUSE/key.pem -out $HOUSE/cert.pem 2>/dev/null || fail "openssl: no certificate"
	for name in $TRACKERS; do args+=("--address=/$name/$TRACKER4" "--address=/$name/$TRACKER6"); done
	for name in $CNAMES; do
		args+=("--cname=$name" "--host-record=${name#*,},$TRACKER4,$TRACKER6")
	done
	for a in $ISP4 $ISP6 $PUBLIC4 $PUBLIC6; do args+=("--listen-address=$a"); done
	# --no-daemon: does not change its user, which a user namespace does not allow.
	house_bg dns net dnsmasq --no-daemon --conf-file=/dev/null --no-resolv --no-hosts --cache-size=0 \
		--bind-interfaces --local-ttl=60 --log-queries=extra --address=/#/$WEB4 --address=/#/$WEB6 "${args[@]}"
	house_bg router-dns router dnsmasq --no-daemon --conf-file=/dev/null --no-resolv --no-hosts \
		--bind-interfaces --listen-address=127.0.0.1 --listen-address=$LAN4 --listen-address=$LAN6 \
		--cache-size=1000 --server=$ISP4
	house_bg web net /usr/bin/env PATH=/usr/bin:/bin:"$PATH" python3 "$HOUSE_HERE/internet.py" \
		$HOUSE $WEB4 $WEB6 $TRACKER4 $TRACKER6
	until_true 10 grep -q serving $HOUSE/web.log || fail "web server: $(tail -n 3 $HOUSE/web.log)"
	until_true 5 reaches dns $LAN4 -n ready.example ||
		fail "no DNS: $(tail -n 3 $HOUSE/dns.log $HOUSE/router-dns.log)"
	until_true 5 reaches tls $WEB4 -n ready.example || fail "no way from tv to net over IPv4"
	until_true 5 reaches tls $WEB6 -n ready.example || fail "no way from tv to net over IPv6"
}

# house_h3 ADDRESS: another one in its place. gtlsserver may abort when a connection times out.
house_h3() {
	house_end "h3-$1" KILL
	house_bg "h3-$1" net gtlsserver -q --handshake-timeout=1h -d $HOUSE/www "$1" 443 $HOUSE/key.pem $HOUSE/cert.pem
}

# HTTP/3 servers, where ngtcp2 is installed. $HOUSE/www holds what they serve.
house_serve_quic() {
	local a
	command -v gtlsserver >/dev/null || return 1
	mkdir -p $HOUSE/www
	head -c 200000 /dev/urandom >$HOUSE/www/segment
	for a in $WEB4 $WEB6 $TRACKER4 $TRACKER6; do house_h3 "$a"; done
	for a in $WEB4 $WEB6 $TRACKER4 $TRACKER6; do
		until_true 5 reaches quic "$a" -n ready.example || fail "no HTTP/3 on $a"
	done
}
reaches() { probe tv "$@" -w 500 | grep -q end=answered; }

house_down() {
	local job
	for job in "${!HOUSE_PID[@]}"; do house_end "$job"; done
}

# probe MACHINE ARGUMENTS...: see tools/probe.c
probe() {
	local machine=$1
	shift
	ns_exec "$machine" "$BUILD/tools/probe" "$@"
}

# field KEY LINE: of "key=value key=value".
field() {
	local word
	for word in $2; do
		[ "${word%%=*}" = "$1" ] && { echo "${word#*=}"; return; }
	done
}

# refused END PROBE-ARGUMENTS...: it ended so, and within 100 ms.
refused() {
	local want=$1 line ms
	shift
	line=$(probe "$@") || fail "probe $*"
	[ "$(field end "$line")" = "$want" ] || fail "$* should end by $want: $line"
	ms=$(field ms "$line")
	[ "${ms%.*}" -lt 100 ] || fail "$* was refused too late: $line"
}

# answered PROBE-ARGUMENTS...
answered() {
	local line
	line=$(probe "$@") || fail "probe $*"
	[ "$(field end "$line")" = answered ] || fail "$* should have been answered: $line"
}

# dns_says RCODE ANSWERS MACHINE SERVER PROBE-ARGUMENTS...: within 100 ms; ANSWERS '' = none.
dns_says() {
	local rcode=$1 want=$2 line ms
	shift 2
	line=$(probe "$1" dns "${@:2}") || fail "probe $*"
	[ "$(field rcode "$line")" = "$rcode" ] || fail "dns $*: no $rcode: $line"
	[ "$(field answers "$line")" = "$want" ] || fail "dns $*: not '$want': $line"
	ms=$(field ms "$line")
	[ "${ms%.*}" -lt 100 ] || fail "dns $*: too late: $line"
}

# --- tacet --------------------------------------------------------------------------------------

STATS=/run/tacet/stats.sock CONTROL=/run/tacet/control.sock

# tacet_conf: standard input behind what every configuration of the household needs. Names are told
# of everything, so that tests can look at what was allowed.
tacet_conf() {
	{
		cat <<-E
		[sockets]
		stats = $STATS
		control = $CONTROL
		group = root
		[privacy]
		level = 0
		[network]
		lan = lan
		E
		cat
	} >$HOUSE/tacet.conf
}

# test_list RULE...: a configuration whose only list is made of these rules (Adblock syntax).
# CONF_MORE: more lines of configuration.
test_list() {
	printf '%s\n' "$@" >$HOUSE/test.txt
	tacet_conf <<-E
	[tacet]
	data_dir = $HOUSE_HERE/../../blocklists
	bundled_lists = no
	${CONF_MORE:-}
	[list test]
	file = $HOUSE/test.txt
	format = adblock
	E
}

# tacet_start [ARGUMENT...]: tacet run on the router; returns when its stats socket answers.
tacet_start() {
	[ -x "$BUILD/tacet" ] || fail "$BUILD/tacet is not built"
	house_bg tacet router "$BUILD/tacet" run --foreground -c $HOUSE/tacet.conf "$@"
	until_true 10 tacet_ask stats || fail "tacet does not answer: $(tail -n 5 $HOUSE/tacet.log)"
}
tacet_stop() { house_end tacet "${1:-TERM}"; }

# tacet_ctl COMMAND...: the client commands, on the router.
tacet_ctl() { ns_exec router "$BUILD/tacet" "$@"; }

# tacet_ask REQUEST [SOCKET]: one request as it stands; prints the answer's lines.
tacet_ask() { python3 "$HOUSE_HERE/ask.py" "${2:-$STATS}" "$1"; }

# figure NAME: one number of the stats.
figure() { tacet_ask stats | jq -r ".data.$1"; }

figure_is() { [ "$(figure "$1")" = "$2" ]; }

# watch_start [FILTER...]: records go to $HOUSE/watch.log from now on.
watch_start() {
	house_bg watch router "$BUILD/tacet" watch --json "$@"
	until_true 5 figure_is watchers_now 1 || fail "watch: $(cat $HOUSE/watch.log)"
}

# watched JQ-CONDITION: a record that fulfils it comes within 3 s.
watched() { until_true 3 recorded "$1" || fail "no record with $1: $(tail -n 3 $HOUSE/watch.log)"; }
recorded() { jq -e -n "first(inputs | select($1))" "${2:-$HOUSE/watch.log}"; }

# --- what left the house ------------------------------------------------------------------------

# WIRE_BYTES: of a packet, all if not set.
wire_start() {
	rm -f $HOUSE/wire.pcap
	house_bg wire router "$BUILD/tools/wire" record wan $HOUSE/wire.pcap "${WIRE_BYTES:-65535}"
	until_true 5 grep -q listening $HOUSE/wire.log || fail "$(cat $HOUSE/wire.log)"
}
wire_stop() {
	sleep 0.2
	house_end wire INT || fail "$(tail -n 1 $HOUSE/wire.log)"
}

# wire_has_name NAME: is it in a ClientHello, a Host header (as text) or a DNS question (as labels)?
wire_has_name() {
	local label labels='' text=${1//./\\.}
	local IFS=.
	for label in $1; do labels+=$(printf '\\x%02x%s' ${#label} "$label"); done
	grep -qazPi "$text|$labels" $HOUSE/wire.pcap
}

# wire_count FILTER: how many packets left that the pcap filter fits.
wire_count() { "$BUILD/tools/wire" count $HOUSE/wire.pcap "$1" || fail "the wire cannot be read"; }

# wire_payload ADDRESS: how many packets with payload went there.
wire_payload() {
	wire_count "dst host $1 and (udp or
		(ip and tcp and ip[2:2] - ((ip[0] & 15) << 2) - ((tcp[12] & 0xf0) >> 2) != 0) or
		(ip6 and ip6[6] = 6 and ip6[4:2] - ((ip6[52] & 0xf0) >> 2) != 0))"
}

house_enter "$@"

# Run by itself: the household without tacet works, and what looks at its wire sees.
[ "${BASH_SOURCE[0]}" = "$0" ] || return 0
house_up
house_serve
house_serve_quic || echo "no gtlsserver: HTTP/3 is left out"
wire_start
for machine in tv router; do
	for address in $TRACKER4 $TRACKER6 $WEB4 $WEB6; do
		answered $machine tls "$address" -n seen.example
		answered $machine http "$address" -n seen.example
		! command -v gtlsserver >/dev/null || answered $machine quic "$address" -n seen.example
		refused refused $machine tls "$address" -p 444
		refused unreach $machine udp "$address"
	done
	for server in $ISP4 $ISP6 $PUBLIC4 $PUBLIC6; do
		dns_says NOERROR $TRACKER4 $machine "$server" -n asked.tracker.test
		dns_says NOERROR $WEB6 $machine "$server" -n other.example -t AAAA
		dns_says NOERROR $TRACKER4 $machine "$server" -n metrics.shop.test -T
	done
done
wire_stop
wire_has_name seen.example && wire_has_name asked.tracker.test || fail "the wire shows no names"
wire_has_name never.example && fail "the wire shows a name that nobody asked for"
[ "$(wire_payload $TRACKER4)" -ge 4 ] && [ "$(wire_payload $TRACKER6)" -ge 4 ] &&
	[ "$(wire_payload 192.0.2.1)" -eq 0 ] || fail "the wire's payload is miscounted"
grep -q "tls $TRACKER6 seen.example" $HOUSE/seen.log || fail "the servers do not say what they see"
grep -q 'query.*asked.tracker.test' $HOUSE/dns.log || fail "the resolvers do not say what they see"
