#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# coverage.sh (`make coverage-corpus`) - builds for coverage in a directory of its own, runs the
# committed corpora of all fuzz targets of room dissect there and prints the line coverage of each
# dissector. Exit status 1 if one has less than COVERAGE_MIN percent (95) or a corpus fails.
set -u
cd "$(dirname "$0")/../.." || exit 1
build=${COVERAGE_BUILD:-build/coverage-corpus}
min=${COVERAGE_MIN:-95}
: "${MAKE:=make}"
command -v gcovr >/dev/null || {
	echo "coverage: no gcovr: install it (packaging/packages.txt)" >&2
	exit 1
}
targets=$(grep -l '^/\* room: dissect \*/$' tests/fuzz/fuzz_*.c | sed 's,.*/fuzz_\(.*\)\.c,\1,')
programs=$(printf "$build/replay/%s " $targets)
find "$build" -name '*.gcda' -exec rm -f {} + 2>/dev/null
# shellcheck disable=SC2086 # lists of words
"$MAKE" -s --no-print-directory BUILD="$build" CFLAGS="-O0 -g --coverage" HARDEN=-fPIE $programs >/dev/null || exit 1
for p in $programs; do
	"$p" >/dev/null || { echo "coverage: $p failed" >&2; exit 1; }
done
csv=$(mktemp) || exit 1
trap 'rm -f "$csv"' EXIT
trap 'exit 130' INT TERM
gcovr --root . --filter 'src/dissect/' --gcov-ignore-parse-errors --csv "$csv" "$build/obj/dissect" || exit 1
awk -F, -v min="$min" '
	FNR == 1 {
		for (i = 1; i <= NF; i++)
			column[$i] = i
		next
	}
	{
		whole = $column["line_total"]
		part = $column["line_covered"]
		if (!whole)
			next
		printf "%-28s %4d of %4d lines %6.1f %%\n", $column["filename"], part, whole, 100 * part / whole
		files++
		if (100 * part / whole < min)
			low = low " " $column["filename"]
	}
	END {
		if (low)
			printf "coverage: less than %d %%:%s\n", min, low
		exit low != "" || !files
	}' "$csv"
