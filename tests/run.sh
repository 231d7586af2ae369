#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# run.sh TEST... - runs each test program with a time limit, one after the other, and counts.
# Exit status of a test: 0 passed, 77 skipped (it says why), anything else failed. What a test
# prints is shown when it fails, and always with V=1.
set -u
limit=${TEST_SECONDS:-300}
passed=0 failed=0 skipped=0 bad=
out=$(mktemp) || exit 1
trap 'rm -f "$out"' EXIT
trap 'exit 130' INT TERM
for t; do
	start=$(date +%s)
	timeout -k 5 "$limit" "$t" >"$out" 2>&1 </dev/null
	rc=$?
	took=$(($(date +%s) - start))
	name=${t#"${BUILD:-build}"/}
	case $rc in
	0) passed=$((passed + 1)) word=ok ;;
	77) skipped=$((skipped + 1)) word=skip ;;
	*) failed=$((failed + 1)) word=FAIL bad="$bad $name" ;;
	esac
	[ $rc -ne 124 ] || echo "no end within $limit s" >>"$out"
	printf '%-4s %s' "$word" "$name"
	[ $took -lt 2 ] || printf ' (%d s)' "$took"
	[ $word != skip ] || printf ': %s' "$(tail -n 1 "$out")"
	echo
	if [ $word = FAIL ] || [ -n "${V:-}" ]; then sed 's/^/    /' "$out"; fi
done
[ -z "$bad" ] || echo "failed:$bad"
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ] && [ $passed -gt 0 ]
