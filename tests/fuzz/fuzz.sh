#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# fuzz.sh [TARGET...] - builds each fuzz target with clang and runs it for FUZZ_SECONDS from its
# committed corpus plus one that grows in BUILD. Prints a line per target; a finding stays in
# BUILD/fuzz and fails. Runs from the top of the source.
set -u
build=${BUILD:-build}/fuzz
seconds=${FUZZ_SECONDS:-60}
clang=${FUZZ_CC:-clang}
command -v "$clang" >/dev/null || { echo "fuzz: $clang is not there (install clang)" >&2; exit 1; }
libs=
for l in libpcap libnetfilter_queue libmnl libnetfilter_conntrack libnetfilter_log nettle jansson inih; do
	! "${PKG_CONFIG:-pkg-config}" --exists $l 2>/dev/null || libs="$libs $l"
done
with=
for l in ZLIB:zlib LZMA:liblzma PCRE2:libpcre2-8 IDN2:libidn2; do
	"${PKG_CONFIG:-pkg-config}" --exists ${l#*:} 2>/dev/null || continue
	libs="$libs ${l#*:}"
	with="$with -DWITH_${l%:*}=1"
done
# shellcheck disable=SC2086 # a list of names
flags="-std=gnu11 -g -O1 -fno-omit-frame-pointer -Isrc -Iinclude -Itests $(${PKG_CONFIG:-pkg-config} --cflags $libs)
	-fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all -DWITH_NFTABLES=0 -DWITH_CAPNG=0 $with"
# shellcheck disable=SC2086
links="-Wl,--as-needed $(${PKG_CONFIG:-pkg-config} --libs $libs)"
mkdir -p "$build" || exit 1
failed=0
[ $# -gt 0 ] || set -- tests/fuzz/fuzz_*.c
for t; do
	t=${t##*/fuzz_}
	t=${t%.c}
	src=tests/fuzz/fuzz_$t.c
	room=$(sed -n '1,6s/.*room: *\([a-z]*\).*/\1/p' "$src")
	files=
	for r in $room $(sed -n "s/^$room://p" src/LAYERS); do
		files="$files $(ls src/"$r"/*.c 2>/dev/null)"
	done
	# shellcheck disable=SC2086 # lists of words
	if ! "$clang" $flags -DTACET_VERSION='"fuzz"' -DTACET_DATADIR='"/usr/share/tacet"' \
		-DTACET_SYSCONFDIR='"/etc"' -DTACET_RUNSTATEDIR='"/run"' \
		-o "$build/fuzz_$t" "$src" $files $links >"$build/$t.log" 2>&1; then
		echo "fuzz $t: does not build"
		sed 's/^/    /' "$build/$t.log"
		failed=1
		continue
	fi
	mkdir -p "$build/corpus/$t"
	rc=0
	"$build/fuzz_$t" -max_total_time="$seconds" -max_len=4096 -timeout=10 -rss_limit_mb=1024 \
		-print_final_stats=1 -artifact_prefix="$build/$t-" \
		"$build/corpus/$t" "tests/fuzz/corpus/$t" >"$build/$t.log" 2>&1 || rc=$?
	runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$build/$t.log")
	cover=$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$build/$t.log" | tail -n 1)
	if [ $rc -eq 0 ]; then
		echo "fuzz $t: ${runs:-?} runs, ${cover:-?} edges, no finding"
	else
		echo "fuzz $t: FINDING after ${runs:-?} runs (exit $rc)"
		tail -n 40 "$build/$t.log" | sed 's/^/    /'
		failed=1
	fi
done
exit $failed
