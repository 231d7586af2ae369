#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The bundled lists against names whose evidence is known (TACET_SHARED, ../shared): no essential
# name is blocked, every tracker that breaks nothing is; and so with other people's lists added.
. tests/cli/cli.bash
facts=${TACET_SHARED:-../shared}/facts/catalogue.tsv
archive=${TACET_SHARED:-../shared}/lists/dev.tar.xz
[ -r "$facts" ] || { echo "skipped: no $facts"; exit 77; }
trackers='^(telemetry|analytics|ads|acr|crash|experiment)$'

# Names of a kind, one a line.
names() {
	awk -F'\t' -v t="$trackers" -v kind="$1" 'NR > 1 && $5 != "unknown" {
		harmless = $6 == "nothing" || $6 == "unknown"
		if (kind == "essential" && ($5 !~ t || !harmless)) print $1
		if (kind == "harmless" && $5 ~ t && $6 == "nothing") print $1
	}' "$facts"
}

# judge CONFIGURATION: what is blocked of the essential, what is not of the harmless.
judge() {
	names essential | "$tacet" explain --offline --json -c "$1" --names - >"$tmp/essential" || :
	names harmless | "$tacet" explain --offline --json -c "$1" --names - >"$tmp/harmless" || :
	[ "$(wc -l <"$tmp/essential")" -gt 700 ] && [ "$(wc -l <"$tmp/harmless")" -gt 300 ] ||
		bad "too few names were judged"
	! grep '"verdict":"block"' "$tmp/essential" >"$tmp/wrong" ||
		bad "essential names are blocked: $(head -n 5 "$tmp/wrong")"
	! grep -v '"verdict":"block"' "$tmp/harmless" >"$tmp/wrong" ||
		bad "harmless trackers are not blocked: $(head -n 5 "$tmp/wrong")"
}

printf '[tacet]\ndata_dir = %s/blocklists\n' "$PWD" >"$tmp/conf"
judge "$tmp/conf"
if [ -r "$archive" ]; then
	tar -C "$tmp" -xJf "$archive"
	for list in hagezi-stevenblack.domains hagezi-adguarddns.hosts hagezi-light.wildcard easyprivacy.adblock; do
		printf '[list %s]\nfile = %s\n' "${list%.*}" "$(find "$tmp" -name "$list")"
	done >>"$tmp/conf"
	judge "$tmp/conf"
fi
finish
