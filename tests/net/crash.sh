#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kill -9 under load: no allowed connection fails, and after the next start and stop not one rule
# is left, and nobody else's is changed.
# shellcheck source=tests/net/household.sh disable=SC2119
. "$(dirname "$0")/household.sh"

house_up
house_bg load net "$BUILD/tools/load" serve $MANY4 $MANY6 -a 64
until_true 5 grep -q serving $HOUSE/load.log || fail "$(cat $HOUSE/load.log)"

# Somebody else's rules, in the same tables and in a table of their own.
for cmd in iptables ip6tables; do
	ns_exec router $cmd -w -N THEIRS
	ns_exec router $cmd -w -A THEIRS -m mark --mark 0x1 -j RETURN
	ns_exec router $cmd -w -A FORWARD -j THEIRS
	ns_exec router $cmd -w -t mangle -A PREROUTING -i lan -p tcp --dport 25 -j MARK --set-xmark 0x1/0xff
	ns_exec router $cmd -w -t mangle -A POSTROUTING -o wan -p tcp --dport 25 -j ACCEPT
done
ns_exec router nft add table inet theirs
ns_exec router nft add chain inet theirs input '{ type filter hook input priority 5 ; }'
ns_exec router nft add rule inet theirs input tcp dport 2323 drop

# Every rule and every chain that somebody made, without counters.
rules() {
	local cmd
	for cmd in iptables-save ip6tables-save; do
		ns_exec router $cmd | sed -n 's/ \[[0-9:]*\]//; /^-A\|^\*\|^:.* -$/p' |
			awk '/^\*/ { table = $1; next } { print table, $0 }' | sort
	done
	ns_exec router nft list tables | grep -v ' \(filter\|nat\|mangle\|raw\)$'
	ns_exec router nft list table inet theirs
}
rules >$HOUSE/before
grep -q THEIRS $HOUSE/before || fail "the rules cannot be listed"

test_list '||tracker.test^'
tacet_start
rules | cmp -s - $HOUSE/before && fail "a running tacet has no rules"
ns_exec tv "$BUILD/tools/load" run $MANY4 -a 64 -n film.example -k 1000 -r 400 >$HOUSE/run4 &
run4=$!
ns_exec tv "$BUILD/tools/load" run $MANY6 -a 64 -n film.example -k 1000 -r 400 >$HOUSE/run6 &
run6=$!
sleep 1
up=$(figure queue_packets)
[ "$up" -gt 100 ] || fail "only $up packets came up to tacet: nothing would be tested"
tacet_stop KILL
wait $run4 $run6
for line in "$(cat $HOUSE/run4)" "$(cat $HOUSE/run6)"; do
	[ "$(field connections "$line")" = 1000 ] && [ "$(field failed "$line")" = 0 ] ||
		fail "connections failed while tacet was killed: $line"
done
# What it would have blocked passes now, and is not refused by rules that were left behind.
line=$(probe tv tls $MANY4 -n ads.tracker.test)
[ "$(field end "$line")" = answered ] || fail "after a crash the household is open: $line"

tacet_start
refused reset tv tls $MANY4 -n ads.tracker.test
refused reset tv tls $MANY6 -n ads.tracker.test
tacet_stop || fail "tacet ended with $?: $(tail -n 3 $HOUSE/tacet.log)"
rules >$HOUSE/after
diff $HOUSE/before $HOUSE/after || fail "rules were left behind or changed"

# The same by hand, without another start.
tacet_start
tacet_stop KILL
tacet_ctl run --cleanup -c $HOUSE/tacet.conf || fail "run --cleanup"
rules >$HOUSE/after
diff $HOUSE/before $HOUSE/after || fail "run --cleanup left rules behind"
