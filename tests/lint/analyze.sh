#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# analyze.sh CFLAGS... - the analysers of gcc and clang, and cppcheck, over src/. FILES="a.c b.c"
# limits it to some. Prints what they find; exit status 1 if they found anything. One that is not
# installed is left out with a note.
set -u
cd "$(dirname "$0")/../.." || exit 1
files=${FILES:-$(ls src/*/*.c)}
out=$(mktemp) || exit 1
trap 'rm -f "$out"' EXIT
trap 'exit 130' INT TERM
bad=0 ran=0

finish() { # NAME: what it wrote to $out is what it found
	ran=$((ran + 1))
	if [ -s "$out" ]; then
		cat "$out"
		echo "analyze: $1: $(grep -c -E '(warning|error|portability|performance):' "$out") findings" >&2
		bad=1
	else
		echo "analyze: $1: nothing found" >&2
	fi
	: >"$out"
}

missing() {
	echo "analyze: no $1: left out" >&2
}

# Leaks are left to the sanitizer's build of the tests: gcc 12 reports one wherever a pointer goes
# into a structure that somebody else frees. Both analysers want an optimised build: the fortified headers warn without one.
if gcc --version >/dev/null 2>&1; then
	for f in $files; do
		gcc "$@" -O2 -fanalyzer -Wno-analyzer-malloc-leak -fdiagnostics-path-format=none -c -o /dev/null "$f" >>"$out" 2>&1
	done
	finish "gcc -fanalyzer"
else
	missing gcc
fi

if clang --version >/dev/null 2>&1; then
	for f in $files; do
		clang "$@" -O2 --analyze -Xclang -analyzer-output=text -o /dev/null "$f" >>"$out" 2>&1
	done
	finish "clang --analyze"
else
	missing clang
fi

if cppcheck --version >/dev/null 2>&1; then
	flags=
	for f; do
		# The words of macros like TACET_VERSION hold quotation marks; cppcheck needs none of them.
		case $f in
		-I*) flags="$flags $f" ;;
		esac
	done
	# shellcheck disable=SC2086
	cppcheck -q --std=c11 --enable=warning,portability --inline-suppr --library=posix --library=gnu \
		--suppress=missingIncludeSystem -DTACET_VERSION= -DTACET_DATADIR= $flags $files >>"$out" 2>&1
	finish cppcheck
else
	missing cppcheck
fi

[ $ran -gt 0 ] || {
	echo "analyze: no analyser is installed" >&2
	exit 1
}
exit $bad
