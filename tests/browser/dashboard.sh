#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The dashboard in a real browser at a tacet at work: dashboard.mjs has what is looked at; what
# happens on the wire meanwhile is done here, as it asks for. `make browser` brings what it
# needs. UPDATE=1 writes the outline anew; the pictures are in $BUILD/browser.
# shellcheck source=tests/net/household.sh disable=SC2119
. "$(dirname "$0")/../net/household.sh"

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
# shellcheck source=tests/browser/needs.bash
. "$here/needs.bash"
"$BUILD/tacet" web --listen 192.0.2.1 >/dev/null 2>&1
[ $? -eq 2 ] || skip "this tacet was built without libmicrohttpd"

TRACKERS="logs.netflix.com customerevents.netflix.com log.spotify.com ads.samsungads.com log-config.samsungacr.com tracker.test"
house_up
house_serve
tacet_conf <<-E
	[tacet]
	data_dir = $top/blocklists
	[device living-room-tv]
	mac = $(ns_exec tv ip -br link show eth0 | awk '{ print $3 }')
	[list mine]
	file = $HOUSE/test.txt
	format = adblock
E
printf '||tracker.test^\n' >$HOUSE/test.txt
tacet_start
house_bg web-ui router "$BUILD/tacet" web --control --records 60000 --history $HOUSE/history.db
until_true 5 ns_exec router curl -so /dev/null http://127.0.0.1:4780/ || fail "tacet web: $(cat $HOUSE/web-ui.log)"

evening() {
	local n
	for n in $TRACKERS api-global.netflix.com film.nflxvideo.net i.scdn.co; do
		probe tv dns $LAN4 -n "$n" >/dev/null
		probe tv tls $WEB4 -n "$n" >/dev/null
	done
}

# flood MANY FROM: questions for names of their own, at most 8,000 a second and 200 without answer.
flood() {
	ns_exec tv python3 -c '
import socket, struct, sys, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.connect((sys.argv[1], 53))
s.settimeout(0.002)
many, first, waiting, start = int(sys.argv[2]), int(sys.argv[3]), 0, time.monotonic()
for i in range(many):
    labels = (b"n%d" % (first + i), b"tracker", b"test", b"")
    name = b"".join(bytes([len(l)]) + l for l in labels)
    s.send(struct.pack(">HHHHHH", i & 0xffff, 0x100, 1, 0, 0, 0) + name + struct.pack(">HH", 1, 1))
    waiting, tries = waiting + 1, 0
    while waiting >= 200 or i > (time.monotonic() - start) * 8000:
        try:
            s.recv(512)
            waiting -= 1
        except TimeoutError:
            tries += 1
            if tries == 100:
                waiting = 0' $LAN4 "$1" "$2"
}

# act WHAT [ARGUMENT]: answers with one line.
act() {
	case $1 in
	evening) evening && echo "done" ;;
	ask) field end "$(probe tv tls $TRACKER4 -n "$2")" ;;
	flood) flood "$2" "$3" && echo "done" ;;
	faint) # tacet web stands still meanwhile
		kill -STOP "${HOUSE_PID[web-ui]}"
		flood "$2" "$3"
		kill -CONT "${HOUSE_PID[web-ui]}"
		echo "done"
		;;
	stop)
		tacet_stop
		echo "done"
		;;
	start) tacet_start && echo "done" ;;
	*) echo "what is $1?" ;;
	esac
}

# A browser must not find the settings of who runs it, nor leave any.
mkdir -p "$BUILD/browser" $HOUSE/home
mkfifo $HOUSE/answers $HOUSE/orders
ns_exec router env HOME=$HOUSE/home XDG_CONFIG_HOME=$HOUSE/home TMPDIR=$HOUSE/home BROWSER="$BROWSER" \
	MODULES="$BUILD/browser/node_modules" PICTURES="$BUILD/browser" HERE="$here" UPDATE="${UPDATE:-}" \
	timeout 500 node "$here/dashboard.mjs" <$HOUSE/answers >$HOUSE/orders 2>$HOUSE/browser.log &
HOUSE_PID[browser]=$!
exec 4>$HOUSE/answers 5<$HOUSE/orders
while read -r what argument <&5; do
	# shellcheck disable=SC2086 # words of their own
	act $what $argument >&4
done
wait "${HOUSE_PID[browser]}"
rc=$?
unset "HOUSE_PID[browser]"
cat $HOUSE/browser.log
[ $rc -eq 0 ] || fail "the browser found something, or ended with $rc"
