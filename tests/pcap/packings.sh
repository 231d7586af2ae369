#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# packings.sh - one name in every legal packing (tests/net/tools/packings.c): `audit --json` of each
# capture has the name, says where it comes from, and blocks it or lets it pass. Packings that
# PACKINGS.md names as missed are shown, and must be missed. V=1 prints the table.
set -u
export LC_ALL=C
build=${BUILD:-build}
here=tests/pcap
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT

command -v jq >/dev/null || { echo "skipped: no jq: make deps"; exit 77; }
for program in tacet tools/packings; do
	[ -x "$build/$program" ] || { echo "$build/$program is not built" >&2; exit 1; }
done
mkdir "$dir/out"
"$build/tools/packings" pcap "$dir" ads.tracker.test film.example || exit 1
echo '||tracker.test^' >"$dir/list"
printf '[tacet]\nbundled_lists = no\n[list test]\nfile = %s\nformat = adblock\n' "$dir/list" >"$dir/conf"
while read -r file _; do
	"$build/tacet" audit --json -c "$dir/conf" "$dir/$file" >"$dir/out/$file" 2>"$dir/err" && [ ! -s "$dir/err" ] ||
		{ echo "FAIL: audit $file: $(cat "$dir/err")" >&2; exit 1; }
done <"$dir/expect"

# What was said, one record a line; of DNS the names of the chain as well.
(cd "$dir/out" && jq -r 'select(.type == "flow" or .type == "dns") | [input_filename, .type, .via // "-", .verdict,
	([.name // .qname // "-"] + (.chain // []) | join(","))] | join(" ")' ./*.pcap) >"$dir/said" || exit 1
# "* `NAME`: why" in PACKINGS.md
sed -n 's/^\* `\([a-z0-9-]*\)`: .*/\1/p' $here/PACKINGS.md >"$dir/known"

awk -v verbose="${V:-}" '
	FILENAME ~ /known$/ { known[$1] = 1; next }
	FILENAME ~ /said$/ { sub(/^\.\//, "", $1); said[$1] = said[$1] $2 " " $3 " " $4 " ," $5 ",\n"; next }
	{
		n = split(said[$1], records, "\n")
		found = 0
		other = "no record"
		for (i = 1; i < n; i++) {
			split(records[i], r, " ")
			if (r[1] != $2) continue
			if (index(r[4], "," $3 ",") && r[2] == $4 && r[3] == $5) found++
			else other = records[i]
			if ($5 == "allow" && r[3] != "allow") { found = -9; other = records[i] }
		}
		split($1, parts, ".")
		packing = parts[1]
		if (!(packing in count)) order[++packings] = packing
		count[packing]++
		if (found > 0) got[packing]++
		else miss[packing] = miss[packing] " " parts[2] "." parts[3] " (" other ")"
	}
	END {
		for (i = 1; i <= packings; i++) {
			p = order[i]
			all += count[p]
			good += got[p]
			bad = (p in miss) != (p in known)
			if (verbose || bad)
				printf "%-34s %2d of %2d%s%s\n", p, got[p], count[p], p in known ? " known" : "",
					p in miss ? " missed:" miss[p] : ""
			failed += bad
		}
		printf "%d packings, %d captures, %d found\n", packings, all, good
		exit failed > 0 || packings < 60
	}' "$dir/known" "$dir/said" "$dir/expect"
