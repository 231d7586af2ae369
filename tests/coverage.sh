#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# coverage.sh - builds for coverage in a directory of its own, runs every test there and prints the
# line coverage of src/ by room. Exit status 1 below COVERAGE_MIN percent (85) or if a test fails.
# COVERAGE_TARGET=check-unit takes the unit tests alone.
set -u
cd "$(dirname "$0")/.." || exit 1
build=${COVERAGE_BUILD:-build/coverage}
target=${COVERAGE_TARGET:-check-built}
min=${COVERAGE_MIN:-85}
: "${MAKE:=make}"
command -v gcovr >/dev/null || {
	echo "coverage: no gcovr: install it (packaging/packages.txt)" >&2
	exit 1
}
find "$build" -name '*.gcda' -exec rm -f {} + 2>/dev/null
# Rooms that the tests run as other users write their counts too.
umask 0
"$MAKE" --no-print-directory BUILD="$build" CFLAGS="-O0 -g --coverage" HARDEN=-fPIE "$target"
tests=$?
csv=$(mktemp) || exit 1
trap 'rm -f "$csv"' EXIT
trap 'exit 130' INT TERM
gcovr --root . --filter 'src/' --gcov-ignore-parse-errors --csv "$csv" "$build" || exit 1
awk -F, -v min="$min" '
	FNR == 1 {
		for (i = 1; i <= NF; i++)
			column[$i] = i
		next
	}
	{
		split($column["filename"], at, "/")
		room = at[2]
		if (!(room in lines))
			order[++rooms] = room
		lines[room] += $column["line_total"]
		hit[room] += $column["line_covered"]
		all += $column["line_total"]
		all_hit += $column["line_covered"]
	}
	function show(name, part, whole) {
		printf "%-12s %6d of %6d lines %6.1f %%\n", name, part, whole, whole ? 100 * part / whole : 0
	}
	END {
		for (i = 1; i <= rooms; i++)
			show(order[i], hit[order[i]], lines[order[i]])
		show("src", all_hit, all)
		if (!all || 100 * all_hit / all < min) {
			printf "coverage: less than %d %%\n", min
			exit 1
		}
	}' "$csv" || exit 1
[ $tests -eq 0 ] || {
	echo "coverage: tests failed" >&2
	exit 1
}
