#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The page of tacet audit --html in a real browser: with and without a script, its filter, at every
# width, and what axe says. The pictures are in $BUILD/browser.
set -u
here=$(cd "$(dirname "$0")" && pwd)
top=$here/../..
# shellcheck source=tests/browser/needs.bash
. "$here/needs.bash"
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
"$BUILD/tacet" audit -c "$top/tests/pcap/catalogue.conf" --html "$tmp/page.html" "$top"/tests/pcap/{catalogue,tls,http,quic,dns}.pcap >/dev/null ||
	exit 1
HOME=$tmp XDG_CONFIG_HOME=$tmp TMPDIR=$tmp MODULES=$BUILD/browser/node_modules PICTURES=$BUILD/browser \
	node "$here/report.mjs" "file://$tmp/page.html"
