#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lists compile: an index answers as the lists it is made of, here, in low memory, and among other
# lists; a damaged one is refused.
# shellcheck source=tests/cli/cli.bash
. tests/cli/cli.bash

ends 0 lists compile -o "$tmp/index" blocklists/*.txt
complains_not
prints "^$tmp/index: [1-9][0-9]* rules of $(ls blocklists/*.txt | wc -l) lists, [1-9][0-9]* bytes\$"
[ "$(cd "$tmp" && ls index*)" = $'index\nindex.lines' ] || bad "left: $(ls "$tmp")"

# Names of rules, below them, and others.
sed -n 's/^||\([a-z0-9.-]*\)^.*/\1\nbelow.\1\nx\1/p' blocklists/*.txt >"$tmp/names"
[ "$(wc -l <"$tmp/names")" -gt 500 ] || bad "few names: $(wc -l <"$tmp/names")"
ends 0 lists match --json --names "$tmp/names" blocklists/*.txt
cp "$tmp/out" "$tmp/want"
grep -c '"verdict":"block"' "$tmp/want" >"$tmp/blocked"
[ "$(cat "$tmp/blocked")" -gt 300 ] || bad "few are blocked: $(cat "$tmp/blocked")"
ends 0 lists match --json --names "$tmp/names" "$tmp/index"
cmp -s "$tmp/out" "$tmp/want" || bad "the index answers otherwise: $(diff "$tmp/want" "$tmp/out" | head -n 4)"
# Without the lines beside it all but the line is told.
mkdir "$tmp/alone" && cp "$tmp/index" "$tmp/alone/"
ends 0 lists match --json --names "$tmp/names" "$tmp/alone/index"
sed 's/"line":[0-9]*/"line":0/' "$tmp/want" | cmp -s - "$tmp/out" || bad "without lines: $(head -n 3 "$tmp/out")"

# 1 MiB holds a part of these rules; the file is the same.
seq -f '||name%.0f.example.com^' 60000 >"$tmp/many"
ends 0 lists compile -o "$tmp/whole" "$tmp/many"
ends 0 lists compile --memory 1 -o "$tmp/parts" "$tmp/many"
prints '60000 rules of 1 list,'
cmp "$tmp/whole" "$tmp/parts" || bad "low memory gives another file"
cmp "$tmp/whole.lines" "$tmp/parts.lines" || bad "low memory gives other lines"

# As the only list of a configuration.
printf '[tacet]\ndata_dir = %s/blocklists\nbundled_lists = no\n[list all]\nfile = %s/index\n' "$PWD" "$tmp" >"$tmp/own"
ends 10 explain --offline -c "$tmp/own" logs.netflix.com
prints '^  list +telemetry.txt$'
# Among other lists: it answers as those that it is made of, with their lines.
set -- blocklists/*.txt
ends 0 lists compile -o "$tmp/first" "$1" "$2"
ends 0 lists compile -o "$tmp/merged" "$tmp/first" "${@:3}"
prints "rules of $# lists*"
for made in "$tmp/merged" "$tmp/first ${*:3}"; do
	# shellcheck disable=SC2086
	ends 0 lists match --json --names "$tmp/names" $made
	cmp -s "$tmp/out" "$tmp/want" || bad "$made answers otherwise: $(diff "$tmp/want" "$tmp/out" | head -n 4)"
done
printf 'other.example\n' >"$tmp/other"
printf '[list other]\nfile = %s/other\n' "$tmp" >>"$tmp/own"
ends 10 explain --offline -c "$tmp/own" logs.netflix.com
prints '^  list +telemetry.txt$'
ends 10 explain --offline -c "$tmp/own" other.example
prints '^  list +other$'
# As a list of exceptions all of it allows.
sed -i 's/^file = .*index$/&\naction = allow/' "$tmp/own"
ends 0 explain --offline -c "$tmp/own" logs.netflix.com
# And aside, as run takes it: a copy, with its lines.
sed -i '/^action/d' "$tmp/own"
printf '[lists]\ncache = %s/cache\n' "$tmp" >>"$tmp/own"
ends 0 lists compile -c "$tmp/own"
ends 0 lists match --json --names "$tmp/names" "$tmp/cache/lists.idx"
cmp -s "$tmp/out" "$tmp/want" || bad "aside: $(diff "$tmp/want" "$tmp/out" | head -n 4)"
head -c 5000 "$tmp/index" >"$tmp/half"
sed -i 's/index$/half/' "$tmp/own"
ends 0 lists compile -c "$tmp/own"
complains 'list all: content: .*instead of.*the old one stays'
ends 0 lists match --json --names "$tmp/names" "$tmp/cache/lists.idx"
cmp -s "$tmp/out" "$tmp/want" || bad "an index cut short: $(diff "$tmp/want" "$tmp/out" | head -n 4)"

# Alone it is taken as it is, with its lines; and without them.
printf '[tacet]\ndata_dir = %s/blocklists\nbundled_lists = no\n[lists]\ncache = %s/cache\n[list all]\nfile = %s\n' \
	"$PWD" "$tmp" "$tmp/index" >"$tmp/own"
ends 0 lists compile -c "$tmp/own"
complains_not
cmp "$tmp/index" "$tmp/cache/lists.idx" || bad "an index alone was compiled again"
ends 0 lists match --json --names "$tmp/names" "$tmp/cache/lists.idx"
cmp -s "$tmp/out" "$tmp/want" || bad "alone: $(diff "$tmp/want" "$tmp/out" | head -n 4)"
ends 0 lists show --offline --json -c "$tmp/own"
[ "$(jq -c '[.name, .state, .rules > 1000]' "$tmp/out")" = '["all","ok",true]' ] || bad "$(cat "$tmp/out")"
cp "$tmp/first" "$tmp/alone/index"
rm -f "$tmp/alone/index.lines"
sed -i "s|^file = .*|file = $tmp/alone/index\nshrink_percent = 100|" "$tmp/own"
ends 0 lists compile -c "$tmp/own"
complains_not
cmp "$tmp/first" "$tmp/cache/lists.idx" || bad "an index without lines is not taken"
ends 0 lists compile -c "$tmp/own"
prints '^nothing changed$'

# What cannot be: nothing is written, the old file stays.
cp "$tmp/index" "$tmp/before"
ends 1 lists compile -o "$tmp/index" blocklists/acr.txt "$tmp/not-there"
complains 'not-there: No such file'
cmp -s "$tmp/index" "$tmp/before" || bad "the old index is gone"
ends 1 lists compile -o "$tmp/no-folder/index" blocklists/acr.txt
complains 'no-folder/index.*: No such file'
ends 2 lists compile blocklists/acr.txt
ends 2 lists compile -o "$tmp/x"
ends 2 lists compile -o "$tmp/x" --memory 0 blocklists/acr.txt
ends 2 lists compile -o "$tmp/x" --format cheese blocklists/acr.txt
ends 0 lists compile --help
prints '^usage: '

# Damage is seen, wherever it is.
size=$(wc -c <"$tmp/index")
for at in 8 12 16 40 $((size / 2)) $((size - 1)); do
	cp "$tmp/before" "$tmp/index"
	printf '\252' | dd of="$tmp/index" bs=1 seek="$at" conv=notrunc 2>/dev/null
	ends 1 lists match --names "$tmp/names" "$tmp/index"
	complains "reading index: $tmp/index: .*compile it again"
done
head -c $((size / 2)) "$tmp/before" >"$tmp/index"
ends 1 lists match --names "$tmp/names" "$tmp/index"
complains 'instead of'
finish
