#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Reloads of a large list that changes each time, under questions and a running download: no
# question is lost or answered against the lists, the download misses nothing, and memory is flat.
#   RELOADS=200 RULES=1000000 tests/run.sh tests/net/reload.sh
# shellcheck source=tests/net/household.sh disable=SC2119
. "$(dirname "$0")/household.sh"

RELOADS=${RELOADS:-10} RULES=${RULES:-50000} RATE=${RATE:-500}

# Two lists that have nine rules of ten in common, and what is asked for in both.
rules() {
	awk -v n="$RULES" -v seed="$1" 'BEGIN {
		print "||tracker.test^"
		for (i = 1; i < n; i++)
			printf "||n%d.%s%d.example^\n", i * 7919 % 100003, i % 10 ? "ads" : "x" seed, i
	}'
}
# memory FIELD: of the daemon, in KiB.
memory() { awk -v f="$1:" '$1 == f { print $2 }' "/proc/${HOUSE_PID[daemon]}/status"; }
# Bytes of TCP payload that the internet's servers sent, and that the TV received. A queue cuts
# packets of several segments into single ones, each with a header of its own: it is not counted.
HEADERS=52 # IPv4, TCP with timestamps
count_payload() {
	ns_exec net iptables -w -t raw -A OUTPUT -p tcp --sport 443 || fail "nothing counts what is sent"
	ns_exec tv iptables -w -t raw -A PREROUTING -p tcp --sport 443 || fail "nothing counts what arrives"
}
payload() { # MACHINE
	ns_exec "$1" iptables -w -t raw -nvxL | awk -v h="$HEADERS" '/spt:443/ { print $2 - $1 * h }'
}
lost_payload() { echo $(($(payload net) - $(payload tv))); }
nothing_lost() { [ "$(lost_payload)" -eq 0 ]; }

# A sanitizer that keeps what was freed would look like growth.
export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}quarantine_size_mb=0:thread_local_quarantine_size_kb=0

house_up
house_serve
rules 1 >$HOUSE/1.txt
rules 2 >$HOUSE/2.txt
test_list '||tracker.test^'
tacet_start
HOUSE_PID[daemon]=$(pgrep -P "${HOUSE_PID[tacet]}" -x tacet || echo "${HOUSE_PID[tacet]}")

count_payload
house_bg film tv curl -4sk --limit-rate 1M -o /dev/null "https://film.example/bytes/4000000000"
house_bg questions tv python3 "$HOUSE_HERE/questions.py" $PUBLIC4 "$RATE" tracker.test film.example $WEB4
until_true 5 grep -q asking $HOUSE/questions.log || fail "$(cat $HOUSE/questions.log)"
longest=0 all=0
for ((i = 1; i <= RELOADS; i++)); do
	cp $HOUSE/$((i % 2 + 1)).txt $HOUSE/next.txt
	mv $HOUSE/next.txt $HOUSE/test.txt
	t=$(now_ms)
	tacet_ctl reload >/dev/null || fail "reload $i: $(tail -n 3 $HOUSE/tacet.log)"
	t=$(($(now_ms) - t))
	all=$((all + t))
	[ $t -le $longest ] || longest=$t
	[ $i -ne 3 ] || { first=$(memory VmRSS); first_anon=$(memory RssAnon); }
done
last=$(memory VmRSS) last_anon=$(memory RssAnon)
kill -0 "${HOUSE_PID[film]}" || fail "the download ended"
sent=$(payload net)
house_end film
house_end questions
line=$(tail -n 1 $HOUSE/questions.log)
echo "$RELOADS reloads of $RULES rules, $((all / RELOADS)) ms each, $longest ms the longest; $line;" \
	"resident $first to $last KiB, of it not the index $first_anon to $last_anon KiB"

[ "$(field lost "$line")" = 0 ] || fail "questions were lost: $line"
[ "$(field wrong "$line")" = 0 ] || fail "answers against the lists: $line"
[ "$(field asked "$line")" -gt $((all * RATE / 2000)) ] || fail "too few questions: $line"
[ "$sent" -gt $((all * 100)) ] || fail "the download stood: $sent bytes"
until_true 2 nothing_lost || fail "the download lost $(lost_payload) of $(payload net) bytes"
[ "$(figure reloads)" = "$RELOADS" ] || fail "$(figure reloads) reloads"
for name in queue_kernel_dropped queue_user_dropped queue_lost reloads_failed inject_failed; do
	figure_is $name 0 || fail "$name is $(figure $name)"
done
[ $last_anon -le $((first_anon + 512)) ] && [ $last -le $((first + 1024)) ] ||
	fail "memory grew: $first to $last KiB, anonymous $first_anon to $last_anon KiB"
tacet_stop || fail "tacet ended with $?: $(tail -n 3 $HOUSE/tacet.log)"
