#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Whose connections they are: of PROCESSES curls (default 40) that live a moment each, every other
# one blocked, at least 99 of 100 are told with their own process; units; containers; and what is
# left without the right to BPF.
# shellcheck source=tests/net/household.sh disable=SC2119
. "$(dirname "$0")/household.sh"

many=${PROCESSES:-40}
house_up
house_serve
test_list '||tracker.test^'
tacet_start
means=$(figure processes)
if [ "$means" != bpf ]; then
	[ "${TACET_NEEDS_BPF:-}" ] && fail "no BPF: $(cat $HOUSE/tacet.log)"
	echo "no BPF here ($(grep -o 'processes: [^;]*' $HOUSE/tacet.log)): short-lived processes are left out"
fi

# A process by a name of its own asks for a name of its own.
mkdir $HOUSE/bin
swarm() { # MACHINE FIRST LAST
	# shellcheck disable=SC2016
	ns_exec "$1" sh -c 'i=$1; while [ $i -le $2 ]; do
		[ $((i % 2)) = 0 ] && name=n$i.film.example || name=n$i.tracker.test
		ln -s "$(command -v curl)" $3/c$i
		$3/c$i -sk -o /dev/null --max-time 5 https://$name/
		rm $3/c$i; i=$((i + 1)); done' sh "$2" "$3" $HOUSE/bin
}

# told FIRST LAST TYPE: how many of them have a record of that type with their own process.
told() {
	jq -n --argjson first "$1" --argjson last "$2" --arg type "$3" '[inputs | select(.type == $type) |
		{n: ((.name // .qname // "") | capture("^n(?<n>[0-9]+)[.]").n | tonumber), p: (.process // "")} |
		select(.n >= $first and .n <= $last and .p == "c\(.n)").n] | unique | length' $HOUSE/watch.log
}
enough() { [ $((100 * $(told "$1" "$2" "$3"))) -ge $((99 * ($2 - $1 + 1))) ]; }

# A systemd of the test's own on the router, with nothing to do, in a cgroup of its own: units by the hands that
# really make them.
units_up() {
	local root
	for root in systemd-run /lib/systemd/systemd; do
		command -v $root >/dev/null || { echo "no $root: units are left out"; return 1; }
	done
	for root in /sys/fs/cgroup/unified /sys/fs/cgroup; do [ -e $root/cgroup.procs ] && break; done
	UNITS=$root/household-$(cut -d- -f1 /proc/sys/kernel/random/uuid)
	mkdir "$UNITS" 2>/dev/null || { echo "$root cannot be written to: units are left out"; return 1; }
	trap units_down EXIT
	mkdir -p $HOUSE/units $HOUSE/user /run/systemd/system
	for unit in basic shutdown exit; do echo '[Unit]' >$HOUSE/units/$unit.target; done
	# shellcheck disable=SC2016
	house_bg units router sh -c 'echo 0 >"$1/cgroup.procs"; exec unshare --mount --cgroup sh -c "
		umount -l /sys/fs/cgroup; mount -t cgroup2 none /sys/fs/cgroup &&
		exec env XDG_RUNTIME_DIR=$2/user SYSTEMD_UNIT_PATH=$2/units /lib/systemd/systemd --user --unit=basic.target"' \
		sh "$UNITS" $HOUSE
	until_true 5 test -S $HOUSE/user/systemd/private || fail "no systemd: $(cat $HOUSE/units.log)"
}
units() { nsenter --target "${HOUSE_PID[units]}" --net --mount --cgroup -- env XDG_RUNTIME_DIR=$HOUSE/user "$@" >>$HOUSE/units.log 2>&1; }
units_down() {
	trap - EXIT
	house_end units KILL
	# shellcheck disable=SC2016
	until_true 5 sh -c 'echo 1 >"$1/cgroup.kill"; find "$1" -depth -type d -exec rmdir {} +; [ ! -e "$1" ]' sh "$UNITS"
}

if [ "$means" = bpf ]; then
	watch_start
	swarm router 1 "$many"
	# A question that is blocked opens no connection: both kinds together make it whole.
	until_true 5 enough 1 "$many" dns || fail "DNS: $(told 1 "$many" dns) of $many: $(tail -n 3 $HOUSE/watch.log)"
	echo "questions told with their process: $(told 1 "$many" dns) of $many"
	flows=$(jq -n '[inputs | select(.type == "flow" and .name).name] | unique | length' $HOUSE/watch.log)
	right=$(told 1 "$many" flow)
	echo "connections told with their process: $right of $flows"
	# Of few one alone is over a hundredth.
	[ "$flows" -ge $((many / 2)) ] && { [ $((100 * (flows - right))) -le "$flows" ] || [ $((flows - right)) -le 1 ]; } ||
		fail "connections: $right of $flows"

	# Refused at its ClientHello, the process is gone before anybody can look.
	for i in 9001 9003 9005; do
		ln -s "$(command -v curl)" $HOUSE/bin/c$i
		ns_exec router $HOUSE/bin/c$i -sk --max-time 5 --resolve n$i.tracker.test:443:$TRACKER4 https://n$i.tracker.test/
	done
	watched '.type == "flow" and .name == "n9005.tracker.test" and .how == "reset" and .process == "c9005" and .user == "root"'
	[ "$(told 9001 9005 flow)" = 3 ] || fail "refused connections: $(told 9001 9005 flow) of 3"

	# A container: namespaces of its own, its connections forwarded.
	ns_exec tv unshare --pid --fork --mount-proc bash -c "exec -a x $HOUSE/bin/c9001 -sk https://n9002.film.example/ -o /dev/null"
	watched '.type == "flow" and .name == "n9002.film.example" and .process == "c9001" and .mac'

	# UDP that is not connected, over IPv6.
	ns_exec router python3 -c 'import socket
q = bytes.fromhex("1234010000010000000000000561736b6564047465737400001c0001")
s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM); s.sendto(q, ("'$PUBLIC6'", 53))'
	watched '.type == "dns" and .qname == "asked.test" and (.process | startswith("python"))'

	if units_up; then
		units systemd-run --user --scope --unit=scoped curl -sk https://scoped.film.example/ -o /dev/null ||
			fail "systemd-run: $(cat $HOUSE/units.log)"
		units systemd-run --user --unit=served "$(command -v curl)" -sk https://served.film.example/ -o /dev/null ||
			fail "systemd-run: $(cat $HOUSE/units.log)"
		# The records tell them when they are gone, too.
		for unit in scoped.scope served.service; do
			watched '.type == "flow" and .name == "'${unit%.*}'.film.example" and .process == "curl" and .unit == "'$unit'" and
				(.cgroup | endswith("/app.slice/'$unit'"))'
		done
		units_down
	fi
	tacet_ctl watch --name a.tracker.test --count 1 >$HOUSE/line.log & pid=$!
	until_true 5 figure_is watchers_now 2
	ns_exec router curl -sk --max-time 5 --resolve a.tracker.test:443:$TRACKER4 https://a.tracker.test/
	wait $pid
	grep -q '/curl ' $HOUSE/line.log || fail "watch does not show the process: $(cat $HOUSE/line.log)"
	house_end watch

	# A command that is audited.
	ns_exec router "$BUILD/tacet" audit -c $HOUSE/tacet.conf --json -- curl -sk --max-time 5 https://film.example/ -o /dev/null \
		>$HOUSE/audit.log 2>$HOUSE/audit.err || fail "audit: $(cat $HOUSE/audit.err)"
	recorded '.type == "flow" and .name == "film.example" and .process == "curl"' $HOUSE/audit.log >/dev/null ||
		fail "audit of a command: $(cat $HOUSE/audit.log)"
fi
tacet_stop || fail "tacet ended with $?: $(tail -n 3 $HOUSE/tacet.log)"

# Without the right to BPF the socket tells, while it is there.
house_bg tacet router setpriv --bounding-set=-bpf,-sys_admin,-perfmon "$BUILD/tacet" run -c $HOUSE/tacet.conf
until_true 10 tacet_ask stats || fail "tacet does not answer: $(tail -n 5 $HOUSE/tacet.log)"
figure_is processes proc || fail "processes: $(figure processes)"
grep -q 'processes: .*the user is known' $HOUSE/tacet.log || fail "it does not say so: $(cat $HOUSE/tacet.log)"
watch_start
# shellcheck disable=SC2016
ns_exec router bash -c 'exec 3<>/dev/tcp/'$WEB4'/80; printf "GET / HTTP/1.1\r\nHost: long.film.example\r\n\r\n" >&3; head -c 1 <&3 >/dev/null; sleep 1'
watched '.type == "flow" and .name == "long.film.example" and .user == "root"'
tacet_stop

# Not wanted: not done.
sed -i 's/^lan = lan/&\nprocesses = no/' $HOUSE/tacet.conf
tacet_start
figure_is processes off || fail "processes: $(figure processes)"
tacet_stop || fail "tacet ended with $?"
