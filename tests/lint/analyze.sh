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
# into a structure that somebody else frees. Both analysers want an optimised build: the fortified
# headers warn without one.
if gcc --version >/dev/null 2>&1; then
	for f in $files; do
		gcc "$@" -O2 -fanalyzer -Wno-analyzer-malloc-leak -fdiagnostics-path-format=none \
			-c -o /dev/null "$f" >>"$out" 2>&1
	done
	finish "gcc -fanalyzer"
else
	missing gcc
fi

# The checker of clang that is silent on FILE, and why.
silent() { # FILE
	case $1 in
	# utlist's lists are circular backwards: clang takes a head for one that is not its own `prev`.
	src/habit/sessions.c) echo core.NullDereference ;;
	# uthash's HASH_DEL: clang takes a row that has a `prev` for one that the head still points to.
	src/view/model.c) echo unix.Malloc ;;
	esac
}

if clang --version >/dev/null 2>&1; then
	for f in $files; do
		checker=$(silent "$f")
		clang "$@" -O2 --analyze -Xclang -analyzer-output=text \
			${checker:+-Xclang -analyzer-config -Xclang "silence-checkers=$checker"} \
			-o /dev/null "$f" >>"$out" 2>&1
	done
	finish "clang --analyze"
else
	missing clang
fi

# What cppcheck does not say, and why.
# *Called: getgrnam and fgetpwent are called where there is one thread: run, and audit of a live
# interface; not by those of audit that read captures side by side. web has one thread as well.
# readdir is safe on a stream of one's own.
# nullPointer in server.c: accept4 takes no address as well.
quiet="getgrnamCalled fgetpwentCalled readdirCalled nullPointer:src/control/server.c"

if cppcheck --version >/dev/null 2>&1; then
	# Of the system's headers it sees those alone whose macros are loops and lists: with all of them
	# it takes minutes a file. The words of our own macros do not matter to it.
	system=$(mktemp -d) || exit 1
	trap 'rm -rf "$out" "$system"' EXIT
	mkdir "$system/libmnl"
	for h in uthash.h utlist.h libmnl/libmnl.h; do
		[ ! -f "/usr/include/$h" ] || ln -s "/usr/include/$h" "$system/$h"
	done
	set --
	for word in VERSION DATADIR SYSCONFDIR RUNSTATEDIR; do
		set -- "$@" "-DTACET_$word=\"x\""
	done
	for what in $quiet missingIncludeSystem "*:$system/*"; do
		set -- "$@" "--suppress=$what"
	done
	# shellcheck disable=SC2086
	cppcheck -q --std=c11 --enable=warning,portability --inline-suppr --library=posix \
		--library=gnu -DWITH_NFTABLES=1 -DWITH_CAPNG=1 "$@" -Isrc -Iinclude "-I$system" \
		$files >>"$out" 2>&1
	finish cppcheck
else
	missing cppcheck
fi

[ $ran -gt 0 ] || {
	echo "analyze: no analyser is installed" >&2
	exit 1
}
exit $bad
