#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What goes wrong ends in a message that names it and in the right exit status, or in nothing worse.
# shellcheck source=tests/net/household.sh disable=SC2119
. "$(dirname "$0")/household.sh"

house_up
house_serve
test_list '||tracker.test^'

# says STATUS PATTERN COMMAND...: ends by itself so, and says so on standard error.
says() {
	local want=$1 pattern=$2 rc
	shift 2
	timeout 10 "$@" >$HOUSE/out 2>$HOUSE/err </dev/null
	rc=$?
	[ $rc -eq "$want" ] || fail "$*: status $rc, not $want: $(cat $HOUSE/err)"
	grep -qi -- "$pattern" $HOUSE/err || fail "$*: no '$pattern' in: $(cat $HOUSE/err)"
}
# timeout runs programs, not functions.
router=(nsenter --target "${HOUSE_PID[router]}" --net --mount --)
run=("${router[@]}" "$BUILD/tacet" run -c "$HOUSE/tacet.conf")

# No privileges.
says 1 'tacet: .*\(permitted\|privilege\|root\|CAP_NET_ADMIN\)' \
	"${router[@]}" setpriv --bounding-set -all --inh-caps -all --no-new-privs \
	"$BUILD/tacet" run -c $HOUSE/tacet.conf

# A kernel without queues; one without events of conntrack: that one still blocks.
says 1 'this kernel has no nfnetlink_queue' "${router[@]}" "$BUILD/tools/without" nfnetlink \
	"$BUILD/tacet" run -c $HOUSE/tacet.conf
house_bg tacet router "$BUILD/tools/without" conntrack "$BUILD/tacet" run -c $HOUSE/tacet.conf
until_true 10 tacet_ask stats || fail "tacet does not answer: $(tail -n 5 $HOUSE/tacet.log)"
grep -q 'load the module nf_conntrack_netlink' $HOUSE/tacet.log || fail "$(cat $HOUSE/tacet.log)"
refused reset tv tls $TRACKER4 -n ads.tracker.test
tacet_stop || fail "tacet ended with $?: $(tail -n 3 $HOUSE/tacet.log)"

# The queue belongs to another program.
house_bg other router "$BUILD/tools/acceptall" 4780
until_true 5 grep -q ready $HOUSE/other.log || fail "$(cat $HOUSE/other.log)"
says 1 'queue.*4780' "${run[@]}"
house_end other

# Two of them.
tacet_start
says 1 'stats.sock\|already' "${run[@]}"
refused reset tv tls $TRACKER4 -n ads.tracker.test # and the first still works
tacet_stop KILL

# A socket that a killed one left is taken over.
[ -S $STATS ] || fail "no stale socket to test with"
tacet_start

# A reload that fails changes nothing; a list that is not there leaves the one that was.
good=$(cat $HOUSE/tacet.conf)
printf '%s\n[block]\ntcp = explode\n' "$good" >$HOUSE/tacet.conf
says 1 'tacet.conf:[0-9]*: ' "${router[@]}" "$BUILD/tacet" reload
printf '%s\n' "$good" | sed "s|test.txt|none.txt|" >$HOUSE/tacet.conf
says 1 'none.txt' "${router[@]}" "$BUILD/tacet" reload
printf '%s\n' "$good" >$HOUSE/tacet.conf
refused reset tv tls $TRACKER4 -n ads.tracker.test
[ "$(figure reloads_failed)" = 1 ] || fail "failed reloads are not counted"

# Clients that misbehave: garbage, 64 KiB without a newline, one that never reads.
python3 - $STATS $CONTROL <<'P' || fail "a misbehaving client"
import json, os, socket, sys

def client(path):
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(5)
    s.connect(path)
    f = s.makefile("rb")
    assert json.loads(f.readline())["type"] == "hello"
    return s, f

for path in sys.argv[1:]:
    s, f = client(path)
    for garbage in (b"\x00\xff\xfe\n", b"{\"cmd\":\n", b"[" * 5000 + b"\n", b"{}\n", b"no_such\n"):
        s.sendall(garbage)
        answer = json.loads(f.readline())
        assert answer["ok"] is False and answer["error"]["key"], answer
    s.sendall(b"stats\n")
    assert json.loads(f.readline())["ok"] is True, "unusable after garbage"
    s, f = client(path)
    try:
        s.sendall(b"x" * 65537)
        rest = f.read()
    except ConnectionError:
        rest = b""
    assert rest.count(b"\n") <= 1, rest
never = [client(sys.argv[1])[0] for _ in range(5)]
for s in never:
    s.settimeout(0.2)
    s.sendall(b"watch\n")
    try:
        for _ in range(20000):
            s.sendall(b"stats\n")
    except OSError:
        pass
os._exit(0)
P
refused reset tv tls $TRACKER4 -n ads.tracker.test
tacet_ask stats >/dev/null || fail "tacet does not answer after misbehaving clients"
tacet_stop || fail "tacet ended with $?: $(tail -n 3 $HOUSE/tacet.log)"

# Lists and configuration at the start.
sed -i 's|test.txt|none.txt|' $HOUSE/tacet.conf
tacet_start
grep -q 'none.txt: No such file.*the old one stays' $HOUSE/tacet.log || fail "$(cat $HOUSE/tacet.log)"
refused reset tv tls $TRACKER4 -n ads.tracker.test
tacet_stop
rm -r /var/cache/tacet
tacet_start
grep -q 'none.txt: No such file.*it is left out' $HOUSE/tacet.log || fail "$(cat $HOUSE/tacet.log)"
figure_is lists_missing 1 || fail "$(tacet_ask stats)"
answered tv tls $TRACKER4 -n ads.tracker.test
tacet_stop
test_list '||tracker.test^'
echo 'colour = blue' >>$HOUSE/tacet.conf
says 1 "tacet.conf:[0-9]*: .*colour" "${run[@]}"
says 1 'nowhere.conf: No such file' "${router[@]}" "$BUILD/tacet" run -c $HOUSE/nowhere.conf
says 2 'usage\|unknown\|unrecognized' "${router[@]}" "$BUILD/tacet" run --no-such-option
says 3 'no tacet is running' "${router[@]}" "$BUILD/tacet" stats

# A full disk where the records go.
test_list '||tracker.test^'
"$BUILD/tools/mkpcap" $HOUSE/small.pcap 2 >/dev/null
says 1 'No space left' sh -c "$BUILD/tacet audit -c $HOUSE/tacet.conf --json $HOUSE/small.pcap >/dev/full"
