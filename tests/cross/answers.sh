#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# One index file gives the same answers here and on a 32-bit big-endian machine (MIPS, as in routers),
# and both compile the same file from the same lists. The other machine is qemu-mips.
set -u
cd "$(dirname "$0")/../.." || exit 1
BUILD=${BUILD:-build}
for tool in mips-linux-gnu-gcc qemu-mips; do
	command -v $tool >/dev/null || { echo "skipped: $tool is not installed: make check-cross installs it"; exit 77; }
done
fail() { echo "FAIL: $*" >&2; exit 1; }
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP

# Of the libraries the index needs none; uthash is headers alone, the same for every machine.
there=$BUILD/mips/bench/lists here=$BUILD/bench/lists
make -s CC=mips-linux-gnu-gcc BUILD="$BUILD/mips" SANITIZE= CFLAGS=-O2 CPPFLAGS='-idirafter /usr/include' \
	PKG_CFLAGS= PKG_LIBS=-lm HARDEN= HARDEN_LD=-static WITH_PCRE2=0 WITH_IDN2=0 WITH_ZLIB=0 WITH_LZMA=0 \
	"$there" >"$work/make" 2>&1 || fail "the build for MIPS: $(tail -n 5 "$work/make")"

"$here" make 100000 >"$work/rules" || exit 1
cat >>"$work/rules" <<-'R'
	@@||needed.example^
	||example^$important
	||v6.example^$dnstype=aaaa
	*-telemetry.vendor.example
	||ichnaea*.film.example^
	203.0.113.0/24
	203.0.113.7
	2001:db8:7::/48
R
sed 's/^||//; s/\^$//' "$work/rules" | grep '^[a-z0-9.-]*$' | shuf -n 5000 --random-source=<(yes) >"$work/names"
"$here" make-misses 5000 >>"$work/names"
printf '%s\n' needed.example a.needed.example x.example v6.example eu-telemetry.vendor.example \
	ichnaea-web.film.example 203.0.113.9 203.0.113.7 198.51.100.1 >>"$work/names"

"$here" compile "$work/index" 67108864 "$work/rules" >/dev/null || fail "compiling here"
qemu-mips "$there" compile "$work/theirs" 1048576 "$work/rules" >/dev/null || fail "compiling there"
cmp "$work/index" "$work/theirs" || fail "the files differ"
"$here" answers "$work/index" <"$work/names" >"$work/answers" || fail "asking here"
qemu-mips "$there" answers "$work/index" <"$work/names" >"$work/theirs.answers" || fail "asking there"
cmp "$work/answers" "$work/theirs.answers" || fail "the answers differ"
[ "$(grep -vc ' - ' "$work/answers")" -gt 5000 ] || fail "too few rules found: $(tail -n 3 "$work/answers")"
grep -q '^203.0.113.7 203.0.113.7' "$work/answers" || fail "no answer for an address: $(grep ^203 "$work/answers")"
# shellcheck disable=SC2016
grep -q '^x.example ||example^$important' "$work/answers" || fail "no important rule: $(grep '^x.ex' "$work/answers")"
