#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lists match: the statements of tacet-lists(5) on AdGuard's DNS filtering syntax, one by one.
# shellcheck source=tests/cli/cli.bash
. tests/cli/cli.bash
# shellcheck source=tests/cli/lists_cases.bash
. tests/cli/lists_cases.bash

# Without the libraries for them there are no expressions and no U-labels.
left_out='^#'
printf '/^a+$/\n' >"$tmp/expression"
"$tacet" lists check "$tmp/expression" >/dev/null 2>&1 || left_out="$left_out"$'|\t(@@)?/'
printf '||\303\274.test^\n' >"$tmp/label"
"$tacet" lists check "$tmp/label" >/dev/null 2>&1 || left_out="$left_out"$'|\303\274'
grep -vE "$left_out" tests/cli/lists_semantics.tsv >"$tmp/cases"
check_cases "$tmp/cases"
[ "$cases" -ge 100 ] || bad "only $cases cases"
finish
