#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# coverage.sh [corpus] - builds for coverage in a directory of its own, runs tests there and prints
# line coverage. Exit status 1 below COVERAGE_MIN percent, or if a test fails.
#
# By itself (`make coverage`): every test, the lines of each room, 85 percent of all.
# COVERAGE_TARGET=check-unit takes the unit tests alone.
# corpus (`make coverage-corpus`): the committed corpora of all fuzz targets of room dissect, the
# lines of each dissector, 95 percent of each.
set -u
cd "$(dirname "$0")/.." || exit 1
: "${MAKE:=make}"
case ${1:-all} in
all)
	build=${COVERAGE_BUILD:-build/coverage} min=${COVERAGE_MIN:-85}
	run=${COVERAGE_TARGET:-check-built} part=src/ objects=
	;;
corpus)
	build=${COVERAGE_BUILD:-build/coverage-corpus} min=${COVERAGE_MIN:-95}
	run=$(grep -l '^/\* room: dissect \*/$' tests/fuzz/fuzz_*.c | sed "s,.*/fuzz_\\(.*\\)\\.c,$build/replay/\\1,")
	part=src/dissect/ objects=/obj/dissect
	;;
*)
	echo "usage: coverage.sh [corpus]" >&2
	exit 2
	;;
esac
command -v gcovr >/dev/null || {
	echo "coverage: no gcovr: install it (packaging/packages.txt)" >&2
	exit 1
}
find "$build" -name '*.gcda' -exec rm -f {} + 2>/dev/null
# Rooms that the tests run as other users write their counts too.
umask 0
# shellcheck disable=SC2086 # a list of words
"$MAKE" --no-print-directory BUILD="$build" CFLAGS="-O0 -g --coverage" HARDEN=-fPIE $run
failed=$?
if [ "${1:-all}" = corpus ]; then
	for program in $run; do "$program" >/dev/null || failed=1; done
fi
csv=$(mktemp) || exit 1
trap 'rm -f "$csv"' EXIT
trap 'exit 130' INT TERM
gcovr --root . --filter "$part" --gcov-ignore-parse-errors --csv "$csv" "$build$objects" || exit 1
awk -F, -v min="$min" -v by_file="$objects" '
	FNR == 1 {
		for (i = 1; i <= NF; i++)
			column[$i] = i
		next
	}
	!$column["line_total"] { next }
	{
		split($column["filename"], at, "/")
		name = by_file ? $column["filename"] : at[2]
		if (!(name in lines))
			order[++names] = name
		lines[name] += $column["line_total"]
		hit[name] += $column["line_covered"]
		all += $column["line_total"]
		all_hit += $column["line_covered"]
	}
	function show(name, part, whole, counts) {
		printf "%-28s %6d of %6d lines %6.1f %%\n", name, part, whole, 100 * part / whole
		if (counts && 100 * part / whole < min)
			low = low " " name
	}
	END {
		for (i = 1; i <= names; i++)
			show(order[i], hit[order[i]], lines[order[i]], by_file)
		if (all)
			show("all", all_hit, all, !by_file)
		if (low)
			printf "coverage: less than %d %%:%s\n", min, low
		exit low != "" || !all
	}' "$csv" || exit 1
[ $failed -eq 0 ] || {
	echo "coverage: tests failed" >&2
	exit 1
}
