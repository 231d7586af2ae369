#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lists compile without lists, and lists show --offline: the index that run maps, what it is made
# of, and which files leave the last good one in force.
# shellcheck source=tests/cli/cli.bash
. tests/cli/cli.bash

cache=$tmp/var/cache
conf() { printf '[tacet]\ndata_dir = %s/blocklists\nbundled_lists = no\n[lists]\ncache = %s\n%s\n' "$PWD" "$cache" "$1" >"$tmp/conf"; }
names() { seq -f "||n%g.$2^" "$1"; }
compile() { ends "$1" lists compile -c "$tmp/conf" "${@:2}"; }
# show NAME JQ-CONDITION
show() {
	ends 0 lists show --offline --json -c "$tmp/conf"
	jq -es "map(select(.name == \"$1\"))[0] | $2" "$tmp/out" >/dev/null || bad "$1 is not $2: $(cat "$tmp/out")"
}
# says NAME VERDICT: the index does.
says() {
	"$tacet" lists match --names - --json "$cache/lists.idx" <<<"$1" | jq -e ".verdict == \"$2\"" >/dev/null ||
		bad "$1 is not $2"
}

names 200 a.example >"$tmp/a"
names 20 b.example >"$tmp/b"
both="[list a]
file = $tmp/a
[list b]
file = $tmp/b"
conf "$both"
ends 1 lists show --offline -c "$tmp/conf"
complains 'nothing was compiled'
compile 0
prints '^compiled$'
complains_not
[ "$(stat -c %a "$cache")" = 700 ] || bad "the directory is for others too"
says n7.a.example block
says n7.b.example block
before=$(stat -c '%i %Y' "$cache/lists.idx")
compile 0
prints '^nothing changed$'
touch "$tmp/a" # another time, the same content
compile 0
prints '^nothing changed$'
[ "$(stat -c '%i %Y' "$cache/lists.idx")" = "$before" ] || bad "compiled without need"
show a '.state == "ok" and .rules == 200 and .generation == 1 and (.since | test("^20"))'
ends 0 lists show --offline -c "$tmp/conf"
prints '^LIST +STATE +RULES'
prints "^a +ok +200 +0 +[0-9]+ s +1 auto +$tmp/a$"

# No good, each with why; the other list goes on.
no_good() { # WHY TEXT
	names $((21 + i++)) b.example >"$tmp/b"
	compile 0
	prints '^compiled$'
	complains "^tacet: list a: $1: .*$2.*; the old one stays"
	show a ".state == \"kept\" and .why == \"$1\" and .rules == 200 and .generation == 1"
	says n200.a.example block
}
i=0
printf '\n<html>\n' >"$tmp/a"; no_good content 'web page'
: >"$tmp/a"; no_good content empty
printf '# nothing\n' >"$tmp/a"; no_good content 'none of its'
printf '\037\213garbage' >"$tmp/a"; no_good content damaged
rm "$tmp/a"; no_good file 'No such file'
mkfifo "$tmp/a"; no_good file 'no plain file'
rm "$tmp/a"; names 99 a.example >"$tmp/a"; no_good shrunk '99 rules, 200 before'
says n$((20 + i)).b.example block
compile 0 --force
complains_not
says n200.a.example allow
show a '.state == "ok" and .rules == 99 and .generation == 2'
# By the configuration: how much it may shrink, what it has to be; another format is no other list.
names 10 b.example >"$tmp/b"
conf "$both
shrink_percent = 90"
compile 0
complains_not
conf "$both
sha256 = $(sha256sum <"$tmp/b" | cut -d ' ' -f 1)"
compile 0
complains_not
names 12 b.example >"$tmp/b"
compile 0
complains 'list b: checksum: .*SHA-256 is [0-9a-f]{64}, not [0-9a-f]{64}; the old one stays'
printf 'd.example\n' >"$tmp/b"
conf "$both
format = hosts"
compile 0
complains 'list b: content: '
conf "$both
format = domains
shrink_percent = 100"
compile 0
says d.example block
says e.d.example allow
conf "$both
action = allow"
compile 0
prints '^compiled$'
says d.example allow
# Packed lists stay as they are, and a packed list is kept like any other.
names 300 z.example | gzip >"$tmp/b"
conf "$both"
compile 0
says n300.z.example block
echo '<html>' >"$tmp/b"
names 98 a.example >"$tmp/a"
compile 0
says n300.z.example block

# What is gone from the configuration leaves nothing behind.
conf "[list a]
file = $tmp/a"
compile 0
[ -e "$cache/a.kept" ] && [ ! -e "$cache/b.kept" ] || bad "left: $(ls "$cache")"
says n300.z.example allow
# A list of which there is none is left out.
conf "$both"
compile 0
complains 'list b: content: .*; it is left out'
show b '.state == "missing" and .rules == 0'
says n98.a.example block

# No memory for it: all is as before. (A sanitizer takes more at once.)
if ! grep -q __asan_init "$tacet"; then
	before=$(sha256sum "$cache"/*)
	names 300000 big.example >"$tmp/a"
	(ulimit -v 33000; "$tacet" lists compile -c "$tmp/conf") >"$tmp/out" 2>"$tmp/err" && bad "compiled without memory"
	complains "memory|failed to map"
	[ "$(sha256sum "$cache"/*)" = "$before" ] || bad "not as before: $(ls "$cache")"
	compile 0
	says n300000.big.example block
	names 98 a.example >"$tmp/a"
	compile 0 --force
fi

# Damaged files are made anew; a directory that others may write to is refused.
echo '{"made_by":7' >"$cache/lists.jsonl"
names 100 b.example >"$tmp/b"
compile 0
prints '^compiled$'
printf x | dd of="$cache/lists.idx" bs=1 seek=100 conv=notrunc status=none
compile 0
prints '^compiled$'
says n98.a.example block
before=$(sha256sum "$cache/lists.idx")
chmod 0770 "$cache"
names 97 a.example >"$tmp/a"
compile 1
complains 'others may write there; give it to root alone'
[ "$(sha256sum "$cache/lists.idx")" = "$before" ] || bad "compiled all the same"
chmod 0700 "$cache"
conf "$both
format = no"
compile 1
complains 'conf:[0-9]+: '
! compgen -G "$cache/*.new*" >/dev/null || bad "left behind: $(ls "$cache")"
finish
