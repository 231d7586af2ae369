#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# tacet audit as a page, without the household, compared, of several captures at a time, and its
# progress on a terminal. UPDATE=1 writes tests/cli/report.outline anew.
# shellcheck source=tests/cli/cli.bash
. tests/cli/cli.bash

command -v python3 >/dev/null || { echo "skipped: no python3: make deps"; exit 77; }
pcap=$PWD/tests/pcap conf=$PWD/tests/pcap/catalogue.conf
cp "$pcap/catalogue.pcap" "$tmp/annas evening.pcap"
page=$tmp/page.html

# One page that needs nothing else, its owner's alone, of the structure that was looked at.
ends 0 audit -c "$conf" --html "$page" "$tmp/annas evening.pcap"
complains_not
prints '^3 of 3 apps phone home: 5 names'
[ "$(stat -c %a "$page")" = 600 ] || bad "the page is not its owner's alone"
tests/cli/outline.py <"$page" >"$tmp/outline" || bad "the page is no HTML"
[ -z "${UPDATE:-}" ] || cp "$tmp/outline" tests/cli/report.outline
diff -u tests/cli/report.outline "$tmp/outline" || bad "the structure of the page"
has() { grep -qF -- "$1" "$page" || bad "the page has no '$1'"; }
has "<h1>3 of 3 apps phone home: 5 names, 4.6&#160;kB up; 3 names would be blocked.</h1>"
has "$(sha256sum <"$pcap/catalogue.pcap" | cut -d' ' -f1)"
has "$(sha256sum <blocklists/catalogue.tsv | cut -d' ' -f1)"
has "tacet $("$tacet" --version | grep -oE '[0-9]+\.[0-9.]+')"
! grep -oE '(src|href|action|srcset|data)=|url\(|@import|<(link|iframe|object|embed|base)' "$page" | grep . ||
	bad "the page asks for something"
# The hash of its policy is that of its script.
want=$(sed -n '/<script>/,/<\/script>/p' "$page" | sed '1s/.*<script>//; s/<\/script>.*//' |
	head -c -1 | openssl dgst -sha256 -binary 2>/dev/null | base64)
has "'sha256-$want'"
# The same again, to standard output.
ends 0 audit -c "$conf" --html - "$tmp/annas evening.pcap"
cmp -s "$tmp/out" "$page" || bad "--html - is not the same page"

# What cannot be written is told, and leaves nothing.
mkdir "$tmp/dir"
ends 1 audit -c "$conf" --html "$tmp/dir/no/page" "$pcap/tls.pcap"
complains '^tacet: audit: page: .*/no/page: No such file'
ends 1 audit -c "$conf" --html /dev/full "$pcap/tls.pcap"
complains 'page: /dev/full: No space left'
ends 2 audit --compare --html x a b
ends 2 audit --compare a
ends 2 audit --jobs 0 a
ends 2 audit --jobs 2 -i lo
ends 2 audit --json --html - a

# Without the household: no output has an address, a MAC, or the name of a device or file.
printf '[tacet]\ndata_dir = %s/blocklists\n[device annas-tv]\nmac = %s\n' "$PWD" \
	"$(jq -r '.mac // empty' "$pcap/catalogue.jsonl" | head -n 1)" >"$tmp/named.conf"
personal='annas|([0-9a-f]{2}:){5}|192\.168\.|203\.0\.113|198\.51\.100|2001:db8|fd77|in-addr\.arpa'
ends 0 audit -c "$tmp/named.conf" --json "$tmp/annas evening.pcap" "$pcap/dns.pcap"
grep -qE "$personal" "$tmp/out" || bad "nothing to leave out: the search is blind"
ends 0 audit -c "$tmp/named.conf" --html "$page" "$tmp/annas evening.pcap" "$pcap/dns.pcap"
grep -q annas-tv "$page" || bad "the device is not named without --anonymize"
for how in '' --json "--html -" "--html $page"; do
	# shellcheck disable=SC2086 # words
	ends 0 audit -c "$tmp/named.conf" --anonymize $how "$tmp/annas evening.pcap" "$pcap/dns.pcap" "$pcap/addresses.pcap"
	! grep -nE "$personal" "$tmp/out" || bad "--anonymize $how tells it"
	grep -q device-1 "$tmp/out" || [ "$how" = "--html $page" ] || bad "--anonymize $how: no device-1"
done
! grep -nE "$personal" "$page" || bad "--anonymize: the page tells it"

# Several at a time: the same table as one by one, put together; records are whole lines.
captures=("$pcap"/{tls,http,quic,dns}.pcap)
ends 0 audit -c "$conf" --jobs 3 "${captures[@]}"
cp "$tmp/out" "$tmp/three"
ends 0 audit -c "$conf" --jobs 2 "${captures[@]}"
cmp "$tmp/out" "$tmp/three" || bad "the table depends on who was first"
for c in "${captures[@]}"; do "$tacet" audit -c "$conf" --json "$c" | tail -n 1; done |
	jq -s '{flows: map(.flows) | add, questions: map(.questions) | add, bytes_out: map(.bytes_out) | add, frames: map(.counters.frames) | add}' >"$tmp/want"
ends 0 audit -c "$conf" --json --jobs 3 "${captures[@]}"
jq -e . "$tmp/out" >/dev/null || bad "--jobs: not JSON"
tail -n 1 "$tmp/out" | jq '{flows, questions, bytes_out, frames: .counters.frames}' | diff - "$tmp/want" ||
	bad "--jobs: other figures"
ends 1 audit -c "$conf" --jobs 2 "$pcap/tls.pcap" "$tmp/none.pcap" "$pcap/http.pcap"
complains 'none.pcap: No such file'
prints 'would be blocked\.'

# Compared with itself nothing changed; of what is new it is told.
ends 0 audit -c "$conf" --compare "$pcap/tls.pcap" "$pcap/tls.pcap"
prints '^Of what phones home 0 names are new and 0 gone'
ends 0 audit -c "$conf" --json --compare "$pcap/http.pcap" "$pcap/tls.pcap"
jq -se 'last.type == "comparison" and (map(select(.change == "new")) | length) == last.new and last.new > 0' "$tmp/out" >/dev/null ||
	bad "--compare --json: $(tail -n 1 "$tmp/out")"
ends 1 audit -c "$conf" --compare "$pcap/tls.pcap" "$tmp/none.pcap"

# Progress goes to a terminal alone, and is taken away again; the table fits it.
python3 -c "
import sys
b = open(sys.argv[1], 'rb').read()
open(sys.argv[2], 'wb').write(b[:24] + 5000 * b[24:])" "$pcap/tls.pcap" "$tmp/long.pcap"
cat >"$tmp/terminal.py" <<'P'
import fcntl, os, pty, struct, sys, termios
pid, fd = pty.fork()
if not pid:
    fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 60, 0, 0))
    os.execv(sys.argv[1], sys.argv[1:])
out = b""
while True:
    try:
        more = os.read(fd, 65536)
    except OSError:
        break
    if not more:
        break
    out += more
os.waitpid(pid, 0)
sys.stdout.buffer.write(out)
P
python3 "$tmp/terminal.py" "$tacet" audit -c "$conf" "$tmp/long.pcap" >"$tmp/screen"
grep -q 'long.pcap: [0-9.]* [kMG]B, [0-9]* %' "$tmp/screen" || bad "no progress on a terminal: $(head -c 300 "$tmp/screen")"
tr '\r' '\n' <"$tmp/screen" | sed 's/\x1b\[[0-9;]*[mK]//g' | awk 'length > 60' | grep . && bad "lines wider than the terminal"
ends 0 audit -c "$conf" "$tmp/long.pcap"
complains_not
finish
