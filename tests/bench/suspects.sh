#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# suspects.sh - what `audit` suspects in real captures (TACET_SHARED, ../shared) when it knows no
# list and no catalogue, against what lists and catalogue say of the same names. Precision: of the
# hosts suspected and known either way, the trackers. Recall: of the trackers that were answered and
# sent something six times in a capture, two seconds apart at least, those suspected; tcpdump counts
# the times. Runs from the top of the source; some minutes.
set -u
tacet=$PWD/${BUILD:-build}/tacet
shared=${TACET_SHARED:-../shared}
for tool in python3 jq xz tcpdump; do command -v $tool >/dev/null || { echo "skipped: no $tool: make deps"; exit 77; }; done
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
	out=$tmp/out/$(echo "$0" | cksum | tr " " -)
	echo "$0" >"$out.path"
	"$tacet" audit --json -c "$tmp/unknown.conf" "$0" 2>/dev/null >"$out.jsonl"'
cat "$tmp"/out/*.jsonl | jq -r 'select(.type == "flow" or .type == "suspect").name // empty' | sort -u >"$tmp/names"
"$tacet" explain --offline --json -c "$tmp/known.conf" --names "$tmp/names" >"$tmp/verdicts" 2>/dev/null
python3 - "$tmp" <<'P'
import collections, glob, json, subprocess, sys

tmp = sys.argv[1]
roles = {"telemetry", "analytics", "ads", "acr", "crash", "experiment"}
known = {}
for line in open(tmp + "/verdicts"):
    v = json.loads(line)
    if v["verdict"] == "block" or v.get("role") in roles:
        known[v["name"]] = True
    elif v.get("reason") != "no_rule" or v.get("role"):
        known[v["name"]] = False


def sent(capture, flows):
    """When something was sent over them, two seconds apart at least."""
    ends = " or ".join(f"(src host {f['src']} and src port {f['sport']} and dst port {f['dport']})" for f in flows)
    out = subprocess.run(["tcpdump", "-nnttq", "-r", capture, ends], capture_output=True, text=True).stdout
    bursts, last = [], -1e9
    for line in sorted(line for line in out.splitlines() if not line.rstrip().endswith(" 0")):
        at = float(line.split()[0])
        if at - last >= 2:
            bursts.append(at)
        last = at
    return bursts


suspected, often, unanswered, captures = set(), {}, 0, 0
for path in glob.glob(tmp + "/out/*.jsonl"):
    flows = collections.defaultdict(list)
    captures += 1
    for line in open(path):
        r = json.loads(line)
        if r["type"] == "suspect":
            suspected.add((path, r["name"]))
        elif r["type"] == "flow" and r.get("name"):
            flows[r["name"]].append(r)
    for name, of in flows.items():
        if sum(f["packets_out"] for f in of) < 6:
            continue
        bursts = sent(open(path.replace(".jsonl", ".path")).read().strip(), of)
        if len(bursts) < 6:
            continue
        if any(f["bytes_in"] for f in of):
            often[path, name] = [y - x for x, y in zip(bursts, bursts[1:])]
        else:
            unanswered += known.get(name) is True
right = [s for s in suspected if known.get(s[1])]
judged = [s for s in suspected if s[1] in known]
trackers = [s for s in often if known.get(s[1])]
print(f"{captures} captures; hosts that were sent something six times in one: {len(often)}, of them known trackers: "
      f"{len(trackers)}; {unanswered} more of which no answer was captured")
print(f"suspected: {len(suspected)}, of them known either way: {len(judged)}")
print(f"precision {len(right)} of {len(judged)}, recall {len(set(trackers) & suspected)} of {len(trackers)}")
for path, name in sorted(suspected, key=lambda s: s[1]):
    print(f"  suspected: {name}: " + {True: "a tracker", False: "none", None: "not known"}[known.get(name)])
for path, name in sorted(set(trackers) - suspected):
    print(f"  not suspected: {name}: sent to after " + ", ".join(f"{s:.1f}" for s in often[path, name]) + " s")
P
