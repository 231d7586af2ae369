#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The units of systemd: its own checker takes them, and with exactly the rights that tacet.service
# grants the daemon does all of its work: queue, rules, forged answers, whose connections they are,
# the group of its socket, pause, reload, its rules taken out.
# shellcheck source=tests/net/household.sh disable=SC2119
. "$(dirname "$0")/household.sh"

house_up
house_serve
top=$HOUSE_HERE/../..
mkdir $HOUSE/units
for unit in "$top"/packaging/systemd/*; do
	name=${unit##*/}
	sed "s|@SBINDIR@|$BUILD|" "$unit" >$HOUSE/units/"${name%.in}"
done
if command -v systemd-analyze >/dev/null; then
	# What it says of other units of this machine is theirs.
	said=$(cd $HOUSE/units && systemd-analyze --man=no verify ./*.service ./*.timer 2>&1 | grep -i tacet)
	[ -z "$said" ] || fail "systemd-analyze: $said"
else
	echo "no systemd-analyze: the units are not checked by it"
fi

unit() { sed -n "s/^$1=//p" $HOUSE/units/tacet.service; }
caps=$(unit CapabilityBoundingSet | tr 'A-Z ' 'a-z,' | sed 's/cap_/+/g')
[ -n "$caps" ] || fail "tacet.service bounds nothing"
test_list '||tracker.test^'
sed -i 's/^group = root/group = daemon/' $HOUSE/tacet.conf
tacet_start
means=$(figure processes) # whose connections they are is known by: bpf, where all rights are there
tacet_stop

# As systemd starts it: root, of these capabilities alone, and no way to others.
as_unit() { setpriv --bounding-set="-all,$caps" --inh-caps=-all --no-new-privs "$BUILD/tacet" "$@"; }
export -f as_unit
export caps
house_bg tacet router bash -c 'as_unit run -c $0' $HOUSE/tacet.conf
until_true 10 tacet_ask stats || fail "tacet does not answer: $(tail -n 5 $HOUSE/tacet.log)"
! grep -iE 'permitted|denied|privileges' $HOUSE/tacet.log || fail "tacet lacks a right"

[ "$(stat -c %G $STATS)" = daemon ] || fail "the stats socket is for $(stat -c %G $STATS)"

find_tacet() {
	pid=${HOUSE_PID[tacet]}
	while [ "$(cat /proc/"$pid"/comm)" != tacet ]; do pid=$(pgrep -P "$pid") || fail "where is tacet?"; done
}
end_tacet() {
	kill -TERM "$pid"
	wait "${HOUSE_PID[tacet]}" || fail "tacet ended with $?: $(tail -n 3 $HOUSE/tacet.log)"
	unset "HOUSE_PID[tacet]"
}
# Permitted, in effect, bound.
caps_are() { [ "$(awk '/^Cap(Prm|Eff|Bnd)/ { printf "%s ", $2 }' /proc/"$pid"/status)" = "$* " ]; }
find_tacet
two=0000000000003000 # NET_ADMIN, NET_RAW
if caps_are $two $two $two; then
	echo "tacet keeps NET_ADMIN and NET_RAW alone"
	kept=both
else
	kept=others
	grep -q ' capng_' <(nm -D "$BUILD/tacet" 2>/dev/null) && fail "it keeps $(grep ^Cap /proc/"$pid"/status)"
	echo "built without libcap-ng: it keeps what the unit grants"
fi

watch_start
dns_says NXDOMAIN '' tv $LAN4 -n ads.tracker.test      # queue, answer in the server's name
refused reset tv tls $TRACKER4 -n ads.tracker.test     # rules, connection marks
refused unreach tv quic $TRACKER4 -n ads.tracker.test     # ICMP
refused reset tv tls $TRACKER6 -n ads.tracker.test
answered tv tls $WEB4 -n film.example
[ "$(figure processes)" = "$means" ] || fail "processes are known by $(figure processes), not $means: $(cat $HOUSE/tacet.log)"
if [ "$means" = bpf ]; then
	ns_exec router curl -sk --max-time 5 -o /dev/null --resolve ads.tracker.test:443:$TRACKER4 https://ads.tracker.test/
	watched '.type == "flow" and .name == "ads.tracker.test" and .process == "curl" and .user == "root"'
else
	echo "no BPF here: processes are known by $means"
fi
tacet_ctl pause 1m >/dev/null || fail "pause"
answered tv tls $TRACKER4 -n ads.tracker.test
tacet_ctl resume >/dev/null || fail "resume"
printf '||other.test^\n' >>$HOUSE/test.txt
tacet_ctl reload >/dev/null || fail "reload: $(tail -n 2 $HOUSE/tacet.log)"
dns_says NXDOMAIN '' tv $LAN4 -n x.other.test
house_end watch
end_tacet
! ns_exec router iptables-save | grep -i tacet || fail "its rules are still there"
ns_exec router bash -c 'as_unit run --cleanup -c $0' $HOUSE/tacet.conf || fail "cleanup with the unit's rights"

# A kernel that lets nobody read what it noted without CAP_BPF: that stays, and is bound to nothing new.
if [ "$means" = bpf ] && [ "$kept" = both ]; then
	house_bg tacet router "$BUILD/tools/without" bpf-reads bash -c 'as_unit run -c $0' $HOUSE/tacet.conf
	until_true 10 tacet_ask stats || fail "tacet does not answer: $(tail -n 5 $HOUSE/tacet.log)"
	find_tacet
	caps_are 0000008000003000 0000008000003000 $two || fail "without leave to read: $(grep ^Cap /proc/"$pid"/status)"
	end_tacet
fi
