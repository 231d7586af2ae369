#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What is made for other tools: alerts and the dashboard for Prometheus by its own checker where it is
# installed, else by a look at their structure; every figure and field that they name is one of tacet's.
# shellcheck source=tests/cli/cli.bash
. tests/cli/cli.bash

here=packaging/integrations
rules=$here/prometheus-rules.yml
jq -e '.panels | length > 8 and all(.[]; .title and .gridPos and (.targets | length > 0) and all(.targets[]; .expr))' \
	$here/grafana-dashboard.json >/dev/null || bad "the dashboard is not as it should be"
# Panels stand on the grid of 24 columns and not on each other.
jq -e '[.panels[].gridPos | select(.x + .w > 24)] == []' $here/grafana-dashboard.json >/dev/null || bad "a panel is too wide"
jq -e '[.panels[].gridPos | . as $g | range(.x; .x + .w) as $x | range(.y; .y + .h) | [$x, .]] | length == (unique | length)' \
	$here/grafana-dashboard.json >/dev/null || bad "panels overlap"

# The expressions of the dashboard as rules, for the same checker.
{
	printf 'groups:\n  - name: dashboard\n    rules:\n'
	jq -r '.panels[].targets[].expr | gsub("\\$__rate_interval"; "5m") | @json' $here/grafana-dashboard.json |
		awk '{ print "      - record: tacet:panel" NR "\n        expr: " $0 }'
} >"$tmp/panels.yml"
if command -v promtool >/dev/null; then
	promtool check rules $rules "$tmp/panels.yml" >"$tmp/out" 2>&1 || bad "promtool: $(cat "$tmp/out")"
	promtool test rules $here/prometheus-rules.test.yml >"$tmp/out" 2>&1 || bad "promtool: $(cat "$tmp/out")"
fi
# Alerts: each with its parts, in order, and brackets that match.
awk '
	/^      - alert: Tacet[A-Za-z]+$/ { if (alert && !ok) exit 1; alert = $3; ok = 0; if (seen[alert]++) exit 1; n++; next }
	/^        expr: / { e = substr($0, 15); o = e; if (gsub(/\(/, "", o) != gsub(/\)/, "", o)) exit 1; expr = 1; next }
	/^        for: [0-9]+[mhd]$/ { next }
	/^        labels:$/ { if (!expr) exit 1; next }
	/^          severity: (info|warning|critical)$/ { severity = 1; next }
	/^        annotations:$/ { if (!severity) exit 1; next }
	/^          summary: [^ ].*$/ { ok = 1; expr = severity = 0; next }
	/^          description: [^ ].*$/ || /^#/ || /^groups:$/ || /^  - name: tacet$/ || /^    rules:$/ { next }
	{ print "line " NR ": " $0; exit 1 }
	END { if (n < 8 || !ok) exit 1 }' $rules || bad "the alerts are not as they should be"

# Figures and fields: those that the pages of the project know. What a socket really says is looked at
# by tests/net/web.sh.
grep -ohE 'tacet_[a-z0-9_]+' $rules "$tmp/panels.yml" | sort -u | sed 's/^tacet_//; s/_total$//' | while read -r figure; do
	[ "$figure" = up ] || grep -qE "^\.It Va (.* , )?$figure( ,|$)" src/control/tacet-stats.7 || bad "tacet_$figure is no figure of tacet's"
done
grep -oE '/api/v1/[a-z]+' $here/home-assistant.yaml | sort -u | while read -r path; do
	grep -qF "\"$path\"" src/web/assets/openapi.json || bad "$path is not in openapi.json"
done
if python3 -c 'import yaml' 2>/dev/null; then
	python3 - $here/home-assistant.yaml $rules <<'P' || bad "not YAML"
import sys, yaml
yaml.SafeLoader.add_constructor("!secret", lambda loader, node: node.value)
for path in sys.argv[1:]:
    assert yaml.safe_load(open(path))
P
fi
# The dashboard calls roles what the report calls them.
sed -n 's/.*\[ROLE_\([A-Z]*\)\] = { "\([^"]*\)".*/\1 \2/p' src/report/page_text.c | grep -v ^NONE >"$tmp/report-roles"
tr -d '\n' <src/web/assets/draw.js | sed "s/.*export const roles = {\([^}]*\)}.*/\1/; s/\\\\'/@/g" | grep -o "[a-z]*: '[^']*'" |
	sed "s/@/'/; s/^\([a-z]*\): '\(.*\)'/\U\1\E \2/" >"$tmp/page-roles"
[ "$(sort "$tmp/report-roles")" = "$(sort "$tmp/page-roles")" ] || bad "roles differ: $(diff <(sort "$tmp/report-roles") <(sort "$tmp/page-roles"))"
[ "$(wc -l <"$tmp/page-roles")" -eq 15 ] || bad "not 15 roles"
! grep -P '\t' $here/*.y*ml || bad "tabs in YAML"
finish
