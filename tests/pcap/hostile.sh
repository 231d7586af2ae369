#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# hostile.sh - captures that are cut, damaged or no captures: `audit` ends with 0 or 1, never by a
# signal, and says what is wrong with one it cannot read. Runs from the top of the source; with a
# tacet that was built with sanitizers, a report fails. Seeded: two runs do the same.
set -u
export LC_ALL=C TZ=UTC ASAN_OPTIONS=exitcode=99 UBSAN_OPTIONS=exitcode=99:print_stacktrace=1
tacet=${BUILD:-build}/tacet
here=tests/pcap
conf=$here/golden.conf
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
failed=0
bad() { echo "FAIL: $*" >&2; failed=1; }

[ -x "$tacet" ] || { echo "$tacet is not built" >&2; exit 1; }
for tool in python3 jq; do
	command -v $tool >/dev/null || { echo "skipped: no $tool: make deps"; exit 77; }
done

# run WHAT CAPTURE...: sets status; what it prints is whole JSON lines with a summary.
run() {
	local what=$1
	shift
	"$tacet" audit --json -c $conf "$@" >"$tmp/out" 2>"$tmp/err"
	status=$?
	[ $status -le 1 ] || bad "$what: ended with $status: $(head -n 5 "$tmp/err")"
	! grep -qE 'Sanitizer|runtime error' "$tmp/err" || bad "$what: $(head -n 30 "$tmp/err")"
	! grep -qv '^tacet: ' "$tmp/err" || bad "$what: a message of no shape: $(cat "$tmp/err")"
	[ $status -eq 0 ] || grep -q '^tacet: ' "$tmp/err" || bad "$what: failed without a message"
	jq -e -n 'last(inputs).type == "summary"' "$tmp/out" >/dev/null 2>&1 ||
		bad "$what: the records are not whole"
}

# refused WHAT PATTERN CAPTURE: cannot be read, and the message, of one line, says why.
refused() {
	run "$1" "$3"
	[ $status -eq 1 ] || bad "$1: status $status"
	grep -qE "^tacet: capture file: .*$2" "$tmp/err" && [ "$(wc -l <"$tmp/err")" -eq 1 ] ||
		bad "$1: says '$(cat "$tmp/err")'"
}

: >"$tmp/empty"
refused "an empty file" 'empty: ' "$tmp/empty"
refused "a directory" 'is a directory' "$tmp"
refused "no file" 'No such file' "$tmp/not-there"
printf 'GIF89a is no capture, and longer than the head of one' >"$tmp/gif"
refused "another format" 'not a capture' "$tmp/gif"
refused "a list" 'not a capture' $here/data/golden.txt
refused "nothing on standard input" 'standard input: ' - </dev/null
head -c 5000 /dev/zero >"$tmp/zeros"
refused "zeros" 'not a capture' "$tmp/zeros"
# Root reads it all the same.
head -c 24 $here/dns.pcap >"$tmp/closed"
chmod 0 "$tmp/closed"
[ "$(id -u)" -eq 0 ] || refused "a file of somebody else" 'Permission denied' "$tmp/closed"
# A good file beside a bad one is read, and the status tells of the bad one.
run "a bad file first" "$tmp/gif" $here/dns.pcap
[ $status -eq 1 ] && [ "$(grep -c '"type":"dns"' "$tmp/out")" -gt 10 ] || bad "a bad file hides a good one"

# Cut anywhere: whole frames count; in the middle of one it says that the file breaks off.
size=$(wc -c <$here/dns.pcap)
for ((n = 1; n < size; n += n < 120 ? 1 : 41)); do
	head -c $n $here/dns.pcap >"$tmp/cut"
	run "dns.pcap cut at $n" "$tmp/cut"
	[ $n -ge 24 ] || [ $status -eq 1 ] || bad "half a file header passes ($n bytes)"
	# 24 of the file, 16 + 74 of the first frame
	case $n in
	24) [ $status -eq 0 ] || bad "a capture without frames is one" ;;
	25 | 30 | 41 | 100) [ $status -eq 1 ] && grep -q 'after [0-9]* frames' "$tmp/err" ||
		bad "cut at $n: $status, $(cat "$tmp/err")" ;;
	esac
done

# Every packet, and every capture, at every length; TRUNCATE=DIR: also the small ones of a directory.
"${BUILD:-build}/tools/truncate" "$here"/*.pcap ${TRUNCATE:+"$TRUNCATE"} >"$tmp/out" 2>&1 || bad "truncate: $(tail -n 20 "$tmp/out")"

# Every packet at every length, and with bits flipped.
for capture in "$here"/*.pcap; do
	name=$(basename "$capture")
	"$here/variants.py" cuts "$capture" "$tmp/cuts" || bad "no cuts of $name"
	run "cuts of $name" "$tmp/cuts"
	[ $status -eq 0 ] || bad "cuts of $name: $(cat "$tmp/err")"
	"$here/variants.py" flips "$capture" "$tmp/flips" 1 5000 || bad "no flips of $name"
	run "flips of $name" "$tmp/flips"
	[ $status -eq 0 ] || bad "flips of $name: $(cat "$tmp/err")"
done

# Damaged files, a hundred a run.
mkdir "$tmp/formats" "$tmp/damaged"
"$here/variants.py" formats $here/dns.pcap "$tmp/formats" || bad "no formats of dns.pcap"
seed=0
for base in $here/dns.pcap $here/quic.pcap "$tmp"/formats/*; do
	seed=$((seed + 1))
	"$here/variants.py" damage "$base" "$tmp/damaged" $seed 100 || bad "no damage to ${base##*/}"
	run "damage to ${base##*/} (seed $seed)" "$tmp"/damaged/*
done
rm -rf "$tmp/damaged"/*
head -c 2000000 /dev/urandom | split -b 20000 - "$tmp/damaged/noise-"
run "noise" "$tmp"/damaged/noise-*
# Noise behind a good head.
for n in "$tmp"/damaged/noise-*; do
	{ head -c 24 $here/dns.pcap; cat "$n"; } >"$n.pcap"
	rm "$n"
done
run "noise behind a head" "$tmp"/damaged/*
exit $failed
