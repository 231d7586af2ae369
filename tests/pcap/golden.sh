#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# golden.sh - `audit --json` of the captures here says what NAME.jsonl holds, and says the same of
# the same packets in other file formats and on other links. UPDATE=1 writes NAME.jsonl anew. Runs
# from the top of the source.
set -u
export LC_ALL=C TZ=UTC
tacet=${BUILD:-build}/tacet
here=tests/pcap
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
# A file says it failed: much runs in pipes.
bad() { echo "FAIL: $*" >&2; : >"$tmp/failed"; }

[ -x "$tacet" ] || { echo "$tacet is not built" >&2; exit 1; }
for tool in python3 jq gzip; do
	command -v $tool >/dev/null || { echo "skipped: no $tool: make deps"; exit 77; }
done

# audit CAPTURE...: nothing on standard error.
audit() {
	"$tacet" audit --json -c "$conf" "$@" 2>"$tmp/err" || bad "audit $* ended with $?"
	[ ! -s "$tmp/err" ] || bad "audit $*: $(cat "$tmp/err")"
}

# same WHAT WANTED GOT
same() { diff -u "$2" "$3" || bad "$1"; }

# What a packet says, whatever carried it: no hardware addresses, nothing that they tell. Whose a
# session is, and which of many, they do tell.
bare() { jq -cS 'select(.type | IN("session", "companion", "suspect") | not) | if .type == "summary" then {type, flows, questions, names} else del(.mac, .mac_local, .hostname, .device) end'; }

for capture in "$here"/*.pcap; do
	name=$(basename "$capture" .pcap)
	conf=$here/golden.conf
	[ "$name" != catalogue ] || conf=$here/catalogue.conf
	audit "$capture" >"$tmp/$name"
	jq -e . "$tmp/$name" >/dev/null || bad "$name: not JSON"
	[ "$(tail -n 1 "$tmp/$name" | jq -r .type)" = summary ] || bad "$name: no summary at the end"
	if [ -n "${UPDATE:-}" ]; then
		cp "$tmp/$name" "$here/$name.jsonl"
	else
		same "$name" "$here/$name.jsonl" "$tmp/$name"
	fi
done
conf=$here/golden.conf

# Other files of the same packets.
for name in tls quic dns; do
	mkdir "$tmp/of-$name"
	"$here/variants.py" formats "$here/$name.pcap" "$tmp/of-$name" || bad "no variants of $name"
	bare <"$tmp/$name" >"$tmp/want"
	variants=0
	for v in "$tmp/of-$name"/*; do
		audit "$v" | bare >"$tmp/got"
		same "$name as ${v##*/}" "$tmp/want" "$tmp/got"
		variants=$((variants + 1))
	done
	[ $variants -ge 20 ] || bad "only $variants variants of $name"
done

# Segments in another order, or twice, say the same names; cut ones have the same figures.
names() { jq -cS 'select(.type == "flow") | {src, sport, dst, dport, name, via, verdict, how, rule}' | sort; }
figures() { jq -cS 'select(.type == "flow") | {src, sport, dst, dport, packets_out, bytes_out, packets_in, bytes_in}' | sort; }
for name in pieces tls http; do
	mkdir "$tmp/segments-$name"
	"$here/variants.py" segments "$here/$name.pcap" "$tmp/segments-$name" || bad "no segments of $name"
	for v in backwards twice; do
		audit "$tmp/segments-$name/$v.pcap" | names >"$tmp/got"
		names <"$tmp/$name" | same "$name $v" - "$tmp/got"
	done
	audit "$tmp/segments-$name/short.pcap" | figures >"$tmp/got"
	figures <"$tmp/$name" | same "$name short" - "$tmp/got"
done

# Several files, and standard input, also out of a pipe.
records() { jq -cS 'select(.type | IN("session", "companion", "suspect", "summary") | not) | del(.id)'; }
audit $here/dns.pcap $here/http.pcap $here/pieces.pcap | records >"$tmp/got"
cat "$tmp/dns" "$tmp/http" "$tmp/pieces" | records | same "three files" - "$tmp/got"
audit - <$here/tls.pcap | same "standard input" "$tmp/tls" -
gzip -c $here/tls.pcap >"$tmp/tls.gz"
gzip -dc "$tmp/tls.gz" | audit - | same "a pipe" "$tmp/tls" -
gzip -dc "$tmp/tls.gz" | audit $here/dns.pcap - | records >"$tmp/got"
cat "$tmp/dns" "$tmp/tls" | records | same "a file and a pipe" - "$tmp/got"
# What an address is called is remembered from one file to the next.
audit $here/dns.pcap $here/addresses.pcap | jq -es 'any(.[]; .via == "dns" and .dst == "2001:db8:1:b::7")' \
	>/dev/null || bad "a name of the first file is not known in the second"
[ ! -e "$tmp/failed" ]
