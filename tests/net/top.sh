#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# tacet top on a terminal (tmux) before a tacet at work: rows and decisions of real traffic, keys,
# other sizes, pause and resume that change the wire, a terminal without colours; --once and --json.
# shellcheck source=tests/net/household.sh disable=SC2119
. "$(dirname "$0")/household.sh"

command -v tmux >/dev/null || skip "tmux is not installed: make deps"
house_up
house_serve
test_list '||tracker.test^'
tacet_start

term() { ns_exec router tmux -f /dev/null -S $HOUSE/tmux-"$T" "$@"; }
screen() { term capture-pane -p; }
on_screen() { screen | grep -qE -- "$1"; }
not_on_screen() { ! on_screen "$1"; }
must_show() { until_true 5 on_screen "$1" || fail "not on the screen: $1"$'\n'"$(screen)"; }
must_hide() { until_true 5 not_on_screen "$1" || fail "still on the screen: $1"$'\n'"$(screen)"; }
press() { term send-keys "$@"; }
top_start() { # NAME TERMINAL COLS ROWS
	T=$1
	term new-session -d -x "$3" -y "$4" "TERM=$2 $BUILD/tacet top; echo ended \$?; sleep 60"
}

top_start a screen 80 24
must_show '^tacet enforce  privacy level 0'
if screen | grep -q 'without ncurses'; then skip "this tacet was built without ncurses"; fi
for i in 1 2 3; do
	refused reset tv tls $TRACKER4 -n "n$i.tracker.test"
	answered tv tls $WEB4 -n film.example
done
must_show '^n3\.tracker\.test .* block +[0-9]+ \|\|tracker\.test\^$'
must_show '^film\.example .* allow +[0-9]+ -$'
must_show '^[0-9:]{8} block flow .*n3\.tracker\.test$'
must_show '^LAST DECISIONS'
[ "$(screen | wc -l)" -eq 24 ] || fail "not 24 lines"

press b
must_hide film.example
press b
must_show '^film\.example'
press /
press -l n2.
press Enter
must_hide n3.tracker.test
press e
must_show '^rule +\|\|tracker\.test\^'
press x
must_show '^n2\.tracker\.test'
press / Escape
must_show n3.tracker.test
press h
must_show 'hold the picture'
press x

# Held: what comes is not shown before it goes on.
press Space
must_show '^held'
answered tv tls $WEB4 -n later.example
sleep 0.5
not_on_screen later.example || fail "held, and shown"
press Space
must_show later.example

press p
must_show 'for all devices\?'
press y
must_show 'PAUSED until [0-9:]+ UTC'
answered tv tls $TRACKER4 -n n1.tracker.test
press p
must_hide PAUSED
refused reset tv tls $TRACKER4 -n n1.tracker.test

# Allow asks first, and lets that name alone through; r takes it back.
press /
press -l n1.
press Enter a
must_show 'Allow n1\.tracker\.test for an hour, on all devices\? y/n'
press n
refused reset tv tls $TRACKER4 -n n1.tracker.test
press a
press y
must_show 'allowed for an hour'
answered tv tls $TRACKER4 -n n1.tracker.test
refused reset tv tls $TRACKER4 -n n2.tracker.test
press r
must_show 'blocking again'
refused reset tv tls $TRACKER4 -n n1.tracker.test
press P
must_show 'only devices with a name'
press / Escape
must_show '^memory [0-9.]+ MB  rules 1'
must_show 'packets [0-9]+ up, [0-9]+ in kernel'

term resize-window -x 120 -y 40
must_show 'DEVICE +APP +ROLE +VERDICT +/MIN +COUNT RULE'
term resize-window -x 60 -y 15
must_hide 'LAST DECISIONS'
must_show '^NAME +ROLE +VERDICT +/MIN$'
term resize-window -x 20 -y 3
must_show '^needs 40x5'
term resize-window -x 80 -y 24

# tacet is started again; the screen goes on.
tacet_stop
must_show 'no connection'
tacet_start
must_show '^tacet enforce'
refused reset tv tls $TRACKER4 -n again.tracker.test
must_show again.tracker.test
press q
must_show '^ended 0$'

top_start b vt100 80 24
refused reset tv tls $TRACKER4 -n mono.tracker.test
must_show '^mono\.tracker\.test .* block '
term capture-pane -p -e | grep -q "$(printf '\033')\[[0-9;]*3[0-7]m" && fail "colours on a vt100"
press q
must_show '^ended 0$'
top_start c no-such-terminal 80 24
must_show 'terminal "no-such-terminal" is not known'

# For scripts.
tacet_ctl top </dev/null 2>$HOUSE/err && fail "top without a terminal"
grep -q -- --once $HOUSE/err || fail "no way out is said: $(cat $HOUSE/err)"
house_bg once router "$BUILD/tacet" top --once --seconds 2 --size 60x15
house_bg json router "$BUILD/tacet" top --json --seconds 2
sleep 0.5
refused reset tv tls $TRACKER4 -n once.tracker.test
wait "${HOUSE_PID[once]}" || fail "--once: $(cat $HOUSE/once.log)"
wait "${HOUSE_PID[json]}" || fail "--json: $(cat $HOUSE/json.log)"
unset "HOUSE_PID[once]" "HOUSE_PID[json]"
grep -qE '^once\.tracker\.test .* block ' $HOUSE/once.log || fail "--once: $(cat $HOUSE/once.log)"
jq -e '.stats.mode == "enforce" and any(.names[]; .name == "once.tracker.test" and .blocked == 1)' \
	$HOUSE/json.log >/dev/null || fail "--json: $(cat $HOUSE/json.log)"
tacet_stop
tacet_ctl top --once 2>/dev/null
[ $? -eq 3 ] || fail "no tacet, and not exit status 3"
