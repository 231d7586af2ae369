#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# suspects.sh - what `audit` suspects in real captures (TACET_SHARED, ../shared) when it knows no
# list and no catalogue, against what lists and catalogue say of the same names. Precision: of the
# hosts suspected and known either way, the trackers. Recall: of the trackers with six bursts in a
# capture, those suspected. Runs from the top of the source;
# some minutes.
set -u
tacet=$PWD/${BUILD:-build}/tacet
shared=${TACET_SHARED:-../shared}
for tool in python3 jq xz; do command -v $tool >/dev/null || { echo "skipped: no $tool: make deps"; exit 77; }; done
[ -r "$shared/captures/dev.tar.xz" ] || { echo "skipped: no $shared/captures/dev.tar.xz"; exit 77; }
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
mkdir "$tmp/captures" "$tmp/out" "$tmp/none"
tar -C "$tmp/captures" -xJf "$shared/captures/dev.tar.xz" || exit 1
tar -C "$tmp" -xJf "$shared/lists/dev.tar.xz" 2>/dev/null

printf 'domain\tmatch\towner\tapp\trole\tbreaks\tevidence\nnobody.invalid\texact\tNobody\t-\t-\tunknown\tC none\n' >"$tmp/none/catalogue.tsv"
printf '[tacet]\ndata_dir = %s\nbundled_lists = no\n' "$tmp/none" >"$tmp/unknown.conf"
printf '[tacet]\ndata_dir = %s/blocklists\n' "$PWD" >"$tmp/known.conf"
for list in hagezi-stevenblack.domains hagezi-adguarddns.hosts hagezi-light.wildcard easyprivacy.adblock; do
	file=$(find "$tmp" -name "$list")
	[ -z "$file" ] || printf '[list %s]\nfile = %s\n' "${list%.*}" "$file"
done >>"$tmp/known.conf"

export tacet tmp
# shellcheck disable=SC2016
find "$tmp/captures" -type f \( -name '*.pcap*' -o -name '*.cap*' \) -print0 | xargs -0 -n 1 -P "$(nproc)" sh -c '
	"$tacet" audit --json -c "$tmp/unknown.conf" "$0" 2>/dev/null >"$tmp/out/$(echo "$0" | cksum | tr " " -).jsonl"'
cat "$tmp"/out/*.jsonl | jq -r 'select(.type == "flow" or .type == "suspect").name // empty' | sort -u >"$tmp/names"
"$tacet" explain --offline --json -c "$tmp/known.conf" --names "$tmp/names" >"$tmp/verdicts" 2>/dev/null
python3 - "$tmp" <<'P'
import collections, datetime, glob, json, sys

tmp = sys.argv[1]
roles = {"telemetry", "analytics", "ads", "acr", "crash", "experiment"}
known = {}
for line in open(tmp + "/verdicts"):
    v = json.loads(line)
    if v["verdict"] == "block" or v.get("role") in roles:
        known[v["name"]] = True
    elif v.get("reason") != "no_rule" or v.get("role"):
        known[v["name"]] = False
suspected, often, captures = set(), set(), 0
for path in glob.glob(tmp + "/out/*.jsonl"):
    times = collections.defaultdict(list)
    captures += 1
    for line in open(path):
        r = json.loads(line)
        if r["type"] == "suspect":
            suspected.add((path, r["name"]))
        elif r["type"] == "flow" and r.get("name") and r["bytes_in"]:
            times[r["name"]].append(datetime.datetime.fromisoformat(r["first"][:-1]).timestamp())
    for name, at in times.items():
        bursts, last = 0, -1e9
        for t in sorted(at):
            bursts += t - last >= 2
            last = t
        if bursts >= 6:
            often.add((path, name))
right = [s for s in suspected if known.get(s[1])]
judged = [s for s in suspected if s[1] in known]
trackers = [s for s in often if known.get(s[1])]
print(f"{captures} captures; hosts with six bursts in one: {len(often)}, of them known trackers: {len(trackers)}")
print(f"suspected: {len(suspected)}, of them known either way: {len(judged)}")
print(f"precision {len(right)} of {len(judged)}, recall {len(set(trackers) & suspected)} of {len(trackers)}")
for path, name in sorted(suspected, key=lambda s: s[1]):
    print(f"  suspected: {name}: " + {True: "a tracker", False: "none", None: "not known"}[known.get(name)])
P
