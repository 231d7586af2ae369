#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A hundred clients that watch and never read: memory stays within what the configuration says, one
# that reads hears of everything, and no answer is late because of them. Answers to DNS questions are timed
# in turns, without and with them, in the same run.
# shellcheck source=tests/net/household.sh disable=SC2119
. "$(dirname "$0")/household.sh"

# A sanitizer that keeps what was freed would look like growth.
export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}quarantine_size_mb=0:thread_local_quarantine_size_kb=0
DEAD=100 QUESTIONS=1500 BUFFER=65536
house_up
house_serve
CONF_MORE="[sockets]
clients = 110
client_buffer_bytes = $BUFFER" test_list '||tracker.test^'
tacet_start
watch_start --type dns

# So many blocked questions, one after the other: sorted times of their answers in microseconds.
ask_on() {
	ns_exec tv python3 -c '
import socket, struct, sys, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.connect((sys.argv[1], 53))
s.settimeout(2)
for i in range(int(sys.argv[2])):
    labels = (b"n%d" % i, b"tracker", b"test", b"")
    name = b"".join(bytes([len(l)]) + l for l in labels)
    began = time.monotonic()
    s.send(struct.pack(">HHHHHH", i, 0x100, 1, 0, 0, 0) + name + struct.pack(">HH", 1, 1))
    s.recv(512)
    print(int((time.monotonic() - began) * 1e6))' $LAN4 $QUESTIONS || fail "a question was not answered"
}
# of FILES QUANTILE-IN-THOUSANDTHS
of() { sort -n "$1" | awk -v q="$2" '{ t[NR] = $1 } END { print t[int((NR - 1) * q / 1000) + 1] }'; }
rss() { awk '/^VmRSS/ { print $2 }' /proc/"${HOUSE_PID[tacet]}"/status; }

ask_on >/dev/null
before=$(rss)
: >$HOUSE/without
: >$HOUSE/with
rounds=3
for ((round = 0; round < rounds; round++)); do
	ask_on >>$HOUSE/without
	house_bg dead router python3 -c "
import socket, time
dead = []
for i in range($DEAD):
    s = socket.socket(socket.AF_UNIX)
    s.connect('$STATS')
    s.sendall(b'watch\n')
    dead.append(s)
time.sleep(600)"
	until_true 10 figure_is watchers_now $((DEAD + 1)) || fail "$(figure watchers_now) watch"
	ask_on >>$HOUSE/with
	after=$(rss)
	house_end dead KILL
	until_true 10 figure_is watchers_now 1 || fail "dead clients stay"
done
lost=$(figure events_lost)
# What the one that reads got and what it was told that it missed: where all clients together keep the
# machine from running it for a tenth of a second, its buffer is full too.
all=$(((2 * rounds + 1) * QUESTIONS))
told() { jq -n "[inputs | if .type == \"lost\" then .count elif .type == \"dns\" then $1 else 0 end] | add" $HOUSE/watch.log; }
told_all() { [ "$(told 1)" = $all ]; }
until_true 5 told_all || fail "who reads was told of $(told 1) of $all"
missed=$(told 0)
[ "$missed" -lt $((all / 5)) ] || fail "who reads missed $missed of $all"
[ "$lost" -gt $((DEAD * QUESTIONS / 2)) ] || fail "only $lost events were lost: the clients are not dead enough"

for q in 500 990; do
	without=$(of $HOUSE/without $q) with=$(of $HOUSE/with $q)
	echo "answers, quantile 0.$q: $without us without, $with us with $DEAD dead watchers, ratio $(awk "BEGIN { printf \"%.2f\", $with / $without }")"
done
echo "memory: $before kB before, $after kB with them, $((lost / rounds)) events lost a round; who reads missed $missed"
# The median is what they cost; a busy machine shows in the tail alone.
[ "$(of $HOUSE/with 500)" -lt $((2 * $(of $HOUSE/without 500) + 200)) ] || fail "answers are late because of them"
[ "$(of $HOUSE/with 990)" -lt $((5 * $(of $HOUSE/without 990) + 5000)) ] || fail "some answers are late because of them"
# A buffer grows by doubling: at most twice what may wait. A sanitizer fences what is allocated.
most=$((DEAD * 2 * BUFFER / 1024 + 2048))
! grep -q __asan_init "$BUILD/tacet" || most=$((2 * most))
[ $((after - before)) -lt $most ] || fail "memory grew from $before to $after kB"
tacet_stop || fail "tacet ended with $?"
