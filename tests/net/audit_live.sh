#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# tacet audit of an interface and of a command: it sees what it should, and blocks nothing.
# shellcheck source=tests/net/household.sh disable=SC2119
. "$(dirname "$0")/household.sh"

house_up
house_serve
test_list '||tracker.test^'

traffic() {
	answered tv tls $TRACKER4 -n ads.tracker.test
	answered tv tls $WEB6 -n film.example
	dns_says NOERROR $TRACKER4 tv $PUBLIC4 -n ads.tracker.test
}

# heard JQ-CONDITION: a record of the audit fulfils it.
heard() { recorded "$1" $HOUSE/audit.log >/dev/null || fail "audit: no record with $1: $(tail -n 3 $HOUSE/audit.log)"; }

# An interface, ended by a signal.
house_bg audit router sh -c "exec '$BUILD/tacet' audit -c $HOUSE/tacet.conf --json -i lan 2>$HOUSE/audit.err"
until_true 5 grep -q watching $HOUSE/audit.err ||
	fail "audit -i lan: $(cat $HOUSE/audit.err)"
traffic
sleep 0.3
house_end audit INT || fail "audit -i ended with $?: $(cat $HOUSE/audit.err)"
heard '.type == "flow" and .name == "ads.tracker.test" and .verdict == "block" and .via == "tls" and .reached'
heard '.type == "flow" and .name == "film.example" and .verdict == "allow"'
heard '.type == "dns" and .qname == "ads.tracker.test" and .verdict == "block"'
tail -n 1 $HOUSE/audit.log | jq -e '.type == "summary"' >/dev/null || fail "audit ends with its summary"

# By time; a table.
out=$(ns_exec router "$BUILD/tacet" audit -c $HOUSE/tacet.conf -i lan --duration 1 & sleep 0.4; traffic; wait)
grep -q 'ads.tracker.test' <<<"$out" || fail "no table of an audit: $out"

# A command, on the TV. Its status is the audit's.
if [ ! -w /sys/fs/cgroup ] && [ ! -w /sys/fs/cgroup/unified ]; then
	echo "without root no cgroup can be made: audit of a command is left out"
	exit 0
fi
ns_exec tv "$BUILD/tacet" audit -c $HOUSE/tacet.conf --json -- \
	"$BUILD/tools/probe" tls $TRACKER4 -n ads.tracker.test >$HOUSE/audit.log 2>$HOUSE/audit.err ||
	fail "audit of a command: $(cat $HOUSE/audit.err)"
sed -i '/^end=/d' $HOUSE/audit.log
heard '.type == "flow" and .name == "ads.tracker.test" and .verdict == "block"'
ns_exec tv "$BUILD/tacet" audit -c $HOUSE/tacet.conf --json -- sh -c 'exit 7' >/dev/null 2>&1
rc=$?
[ $rc -eq 7 ] || fail "the command ended with 7, its audit with $rc"
ns_exec tv "$BUILD/tacet" audit -c $HOUSE/tacet.conf --json -- $HOUSE/no-such-command >/dev/null 2>$HOUSE/audit.err &&
	fail "audit of a command that is not there"
grep -q 'no-such-command: No such file' $HOUSE/audit.err || fail "$(cat $HOUSE/audit.err)"
# What the rest of the house does is not the command's.
ns_exec tv "$BUILD/tacet" audit -c $HOUSE/tacet.conf --json -- sleep 1 >$HOUSE/audit.log 2>/dev/null &
sleep 0.4
traffic
wait $!
grep -q tracker.test $HOUSE/audit.log && fail "the audit of a command saw others: $(cat $HOUSE/audit.log)"
ns_exec tv iptables-save | grep -i tacet && fail "audit left rules behind"
exit 0
