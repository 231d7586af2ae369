#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Lists that are no good, and compiles that fail: what was in force stays, and everybody is told.
# shellcheck source=tests/net/household.sh disable=SC2119
. "$(dirname "$0")/household.sh"

house_up
house_serve
CACHE=$HOUSE/cache
names() { seq -f "||n%g.$2^" "$1"; }
conf() { # more lines of [list other]
	tacet_conf <<-E
	[tacet]
	data_dir = $HOUSE_HERE/../../blocklists
	bundled_lists = no
	[lists]
	cache = $CACHE
	[list test]
	file = $HOUSE/test.txt
	[list other]
	file = $HOUSE/other.txt
	$1
	E
}
ctl() { ns_exec router "$BUILD/tacet" "$@" >$HOUSE/out 2>$HOUSE/err; }
# reloads STATUS [TEXT]: `tacet reload` ends so, and says that.
reloads() {
	local got
	ctl reload ${FORCE:+--force}
	got=$?
	[ $got = "$1" ] || fail "reload ended with $got, not $1: $(cat $HOUSE/err)"
	[ -z "${2:-}" ] || grep -q "$2" $HOUSE/err || fail "reload does not say '$2': $(cat $HOUSE/err)"
}
# list NAME JQ-CONDITION
list() {
	ctl lists show --json || fail "lists show: $(cat $HOUSE/err)"
	jq -es "map(select(.name == \"$1\"))[0] | $2" $HOUSE/out >/dev/null || fail "$1 is not $2: $(cat $HOUSE/out)"
}
# What is asked here is what is decided, not how soon: a compile may go on beside it.
asked() { # NAME RCODE
	local line
	line=$(probe tv dns $PUBLIC4 -n "$1") || fail "probe"
	[ "$(field rcode "$line")" = "$2" ] || fail "$1 has no $2: $line"
}
blocks() { asked "$1" NXDOMAIN; }
passes() { asked "$1" NOERROR; }
said() { grep -q "$1" $HOUSE/tacet.log || fail "the log does not say '$1': $(tail -n 5 $HOUSE/tacet.log)"; }
index() { stat -c '%i %Y' $CACHE/lists.idx; }
compiler() { pgrep -P "$daemon" -f 'lists compile'; }

names 400 test.example >$HOUSE/test.txt
names 10 other.example >$HOUSE/other.txt
conf ''
tacet_start
daemon=$(pgrep -P "${HOUSE_PID[tacet]}" -x tacet || echo "${HOUSE_PID[tacet]}")
blocks n7.test.example
blocks n7.other.example
passes n11.other.example
list test '.state == "ok" and .rules == 400 and .generation == 1'
ctl lists show && grep -Eq "^test +ok +400 +0 .* auto +$HOUSE/test.txt" $HOUSE/out || fail "lists show: $(cat $HOUSE/out)"

# Where nothing changed nothing is done.
reloads 0
said 'reload: nothing changed, 410 rules, in force after'
list test '.generation == 1'

# What is no list does not take the place of one; what is new of the other is taken all the same.
printf '<!DOCTYPE html>\n<html>\n' >$HOUSE/test.txt
names 11 other.example >$HOUSE/other.txt
reloads 1 'list test: content: .*web page.*the old one stays'
blocks n7.test.example
blocks n11.other.example
list test '.state == "kept" and .why == "content" and .rules == 400 and .generation == 1'
list other '.state == "ok" and .rules == 11 and .generation == 2'
tacet_ask stats | jq -e '.data | .lists_kept == 1 and (.lists[0] | .state == "kept" and .why == "content")' >/dev/null ||
	fail "stats: $(tacet_ask stats)"
said 'list test: content: .*web page'
ctl stats && grep -q '^  test .*400 rules, 0 lines skipped; kept: content' $HOUSE/out || fail "stats: $(cat $HOUSE/out)"
ctl lists show && grep -q 'web page' $HOUSE/out || fail "lists show: $(cat $HOUSE/out)"
: >$HOUSE/test.txt
reloads 1 'list test: content: .*empty'
rm $HOUSE/test.txt
reloads 1 'list test: file: .*No such file'
names 150 test.example >$HOUSE/test.txt
reloads 1 'list test: shrunk: .*150 rules, 400 before'
blocks n399.test.example
FORCE=yes reloads 0
passes n399.test.example
blocks n149.test.example
list test '.state == "ok" and .rules == 150 and .generation == 2'
sum=$(sha256sum <$HOUSE/other.txt)
conf "sha256 = ${sum%% *}"
reloads 0
names 12 other.example >$HOUSE/other.txt
reloads 1 'list other: checksum: '
blocks n11.other.example
passes n12.other.example
conf ''
reloads 0
blocks n12.other.example
figure_is reloads_failed 0 || fail "reloads that took what was good are no failures"

# What `lists update` fetched is in force when it ends; where it may not say so, at the next reload.
mkdir $HOUSE/fetched
conf "[list fetched]
url = file://$HOUSE/published"
sed -i "s|^cache = .*|&\ndir = $HOUSE/fetched|" $HOUSE/tacet.conf
reloads 1 'list fetched: file: not fetched yet'
reloads 1 'list fetched: file: not fetched yet'
list fetched '.state == "missing"'
names 200 fetched.example >$HOUSE/published
ctl lists update -c $HOUSE/tacet.conf || fail "lists update: $(cat $HOUSE/err)"
blocks n200.fetched.example
names 90 fetched.example >$HOUSE/published
ctl lists update -c $HOUSE/tacet.conf && fail "lists update takes a list that shrank"
blocks n200.fetched.example
ctl lists update --force -c $HOUSE/tacet.conf || fail "lists update --force: $(cat $HOUSE/err)"
passes n200.fetched.example
chown -R 65534:65534 $HOUSE/fetched
names 300 fetched.example >$HOUSE/published
ns_exec router setpriv --reuid 65534 --regid 65534 --clear-groups \
	"$BUILD/tacet" lists update -c $HOUSE/tacet.conf 2>$HOUSE/err || fail "lists update by a user: $(cat $HOUSE/err)"
[ ! -s $HOUSE/err ] || fail "lists update by a user says $(cat $HOUSE/err)"
passes n300.fetched.example
reloads 0
blocks n300.fetched.example
[ -e $CACHE/fetched.kept ] || fail "no copy of the last good one"
conf ''
reloads 0
passes n300.fetched.example
[ ! -e $CACHE/fetched.kept ] || fail "a copy of a list that is no more"

# Nothing changed: the index stays the one that it was. After a restart too, and nothing is compiled.
before=$(index)
reloads 0
tacet_stop || fail "tacet ended with $?: $(tail -n 3 $HOUSE/tacet.log)"
tacet_start
[ "$(index)" = "$before" ] || fail "compiled without need"
list test '.generation == 2'
blocks n149.test.example
# The last good one of a list survives a restart.
printf '<html>\n' >$HOUSE/test.txt
tacet_stop
tacet_start
blocks n149.test.example
list test '.state == "kept"'
# A damaged index is compiled anew, at the start and at a reload.
names 150 test.example >$HOUSE/test.txt
tacet_stop
printf x | dd of=$CACHE/lists.idx bs=1 seek=300 conv=notrunc status=none
tacet_start
blocks n149.test.example
cp $CACHE/lists.idx $HOUSE/damaged
printf x | dd of=$HOUSE/damaged bs=1 seek=300 conv=notrunc status=none
mv $HOUSE/damaged $CACHE/lists.idx
reloads 0
blocks n149.test.example
daemon=$(pgrep -P "${HOUSE_PID[tacet]}" -x tacet || echo "${HOUSE_PID[tacet]}")

# A compile that is killed; another reload asked for meanwhile is answered by the next one, and
# others are served all the time.
names 300000 big.example >$HOUSE/test.txt
ns_exec router "$BUILD/tacet" reload 2>$HOUSE/first >/dev/null &
first=$!
until_true 5 compiler || fail "nothing is compiled aside"
ns_exec router "$BUILD/tacet" reload 2>$HOUSE/second >/dev/null &
second=$!
figure_is compiling 1 || fail "stats during a compile"
blocks n149.test.example
kill -KILL "$(compiler)"
wait $first && fail "a reload whose compile was killed did not fail"
grep -q 'killed by signal 9' $HOUSE/first || fail "reload says $(cat $HOUSE/first)"
blocks n149.test.example
wait $second || fail "the second reload failed: $(cat $HOUSE/second)"
blocks n299999.big.example
figure_is reloads_failed 1 || fail "a reload that failed is not counted"
[ -z "$(find $CACHE -name '*.new*')" ] || fail "left behind: $(ls $CACHE)"

# A full disk.
tacet_stop
ns_exec router mount -t tmpfs -o mode=0700,size=1m tmpfs $CACHE
names 150 test.example >$HOUSE/test.txt
tacet_start
ns_exec router sh -c "head -c 2M /dev/zero >$CACHE/fill" 2>/dev/null
names 160 test.example >$HOUSE/test.txt
reloads 1 'No space left'
blocks n149.test.example
passes n155.test.example
ns_exec router rm $CACHE/fill
reloads 0
blocks n155.test.example

# A directory where others may write is not used: a start goes on without it, a reload does not.
tacet_stop
ns_exec router chmod 0777 $CACHE
tacet_start
said 'others may write there.*compiled in memory'
blocks n155.test.example
list test '.rules == 160'
reloads 1 'others may write there'
blocks n155.test.example
tacet_stop || fail "tacet ended with $?: $(tail -n 3 $HOUSE/tacet.log)"
