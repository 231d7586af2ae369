#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# lint.sh [DIR] - the house rules that a machine can check, over the tree in DIR (default: this
# one). Findings are "file:line: rule"; exit status 1 if there are any. Tools that are not there
# are left out with a note on standard error, and checks named in LINT_SKIP without one.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cd "${1:-$here/../..}"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 130' INT TERM

# The formatting of other versions differs in details.
CLANG_FORMAT_VERSION=14

if git rev-parse --is-inside-work-tree >/dev/null 2>&1; then
	git ls-files
else
	find . -type f ! -path './build*' ! -path './.git/*' | sed 's|^\./||' | sort
fi | while IFS= read -r f; do
	[ ! -f "$f" ] || printf '%s\n' "$f"
done >"$tmp/all"
# Names with blanks would break every loop below.
awk '/[ \t]/ { print $0 ":1: blanks in the name of a file" }' "$tmp/all" >"$tmp/findings"
grep -v '[[:blank:]]' "$tmp/all" >"$tmp/files" || :

# Text that people wrote: no captures, corpora, expected outputs, lists, licences.
grep -vE '^tests/(pcap|fuzz/corpus|config)/|^blocklists/|(^|/)LICENSE|\.(jsonl|ok|pcap|pcapng|bin|xz|txt|tsv|svg|png)$' \
	"$tmp/files" >"$tmp/text" || :
grep -E '^tests/(pcap|config)/.*\.sh$' "$tmp/files" >>"$tmp/text" || :
grep -E '\.[ch]$' "$tmp/text" >"$tmp/c" || :

each() { # LIST COMMAND...: runs COMMAND with the files of the list behind it
	list=$1
	shift
	[ ! -s "$list" ] || xargs "$@" <"$list"
}

layers() {
	grep -E '^src/[^/]+/.*\.[ch]$' "$tmp/files" >"$tmp/rooms" || :
	each "$tmp/rooms" awk -f "$here/layers.awk" src/LAYERS
}

sizes() {
	each "$tmp/c" awk -f "$here/sizes.awk"
}

# The licence stands in the first three lines (behind "#!" and the like).
spdx() {
	grep -E '(\.(c|h|sh|py|awk|[1-9]|in|mk|yml|service)|(^|/)Makefile|^src/LAYERS|^\.ci/run|^packaging/(install-deps|.*/(rules|postinst|prerm|postrm)))$' \
		"$tmp/text" >"$tmp/licensed" || :
	while IFS= read -r f; do
		head -n 3 "$f" | grep -q 'SPDX-License-Identifier: GPL-2.0-or-later' ||
			echo "$f:1: no SPDX-License-Identifier in the first three lines"
	done <"$tmp/licensed"
}

blanks() {
	grep -vE '\.md$' "$tmp/text" >"$tmp/unmarked" || :
	each "$tmp/unmarked" awk '
		/[ \t]$/ { print FILENAME ":" FNR ": blanks at the end of the line" }
		/\r/ { print FILENAME ":" FNR ": carriage return" }'
}

config_keys() {
	keys=src/config/keys.c
	[ -f "$keys" ] || return 0
	awk -f "$here/keys.awk" "$keys" src/config/*.5
}

# The words of [list] role are a part of classify's roles.
list_roles() {
	[ -f src/classify/role.c ] || return 0
	sed -n 's/^#define ROLES "\(.*\)"$/\1/p' src/config/keys.c | tr ' ' '\n' |
		while IFS= read -r word; do
			grep -q "\"$word\"" src/classify/role.c ||
				echo "src/config/keys.c:1: role '$word' is none of src/classify/role.c"
		done
}

event_fields() {
	[ -f src/control/tacet-stats.7 ] || return 0
	grep -E '^src/(report|control|daemon|cli|engine)/.*\.c$' "$tmp/files" >"$tmp/writers" || :
	each "$tmp/writers" awk -f "$here/fields.awk" src/control/*.7
}

# Every long option of a command has its place in a page of section 8.
command_options() {
	cat src/cli/*.8 >"$tmp/section8" 2>/dev/null || return 0
	for f in src/cli/cmd_*.c; do
		[ -f "$f" ] || continue
		sed -n 's/^\t{ "\([a-z-]*\)", \(no\|required\|optional\)_argument.*/\1/p' "$f" | sort -u |
			while IFS= read -r option; do
				grep -q -e "Fl -$option\\b" -e ", -$option\\b" -e "| -$option\\b" "$tmp/section8" ||
					echo "$f:1: --$option is not in src/cli/*.8"
			done
	done
}

pages() {
	grep -E '^src/.*\.[1-9]$' "$tmp/files" >"$tmp/pages" || :
	command -v mandoc >/dev/null || {
		echo "lint: no mandoc: man pages not checked" >&2
		return 0
	}
	each "$tmp/pages" awk -f "$here/references.awk"
	# Its exit status tells of findings; so do they.
	{ each "$tmp/pages" mandoc -T lint -W warning || :; } | sed 's/^mandoc: //'
}

shell() {
	{ grep -E '\.sh$|^\.ci/run$|^packaging/install-deps$' "$tmp/text" || :; } >"$tmp/shell"
	command -v shellcheck >/dev/null || {
		echo "lint: no shellcheck: shell not checked" >&2
		return 0
	}
	each "$tmp/shell" shellcheck -x -f gcc -S warning || :
}

format() {
	version=$(clang-format --version 2>/dev/null | sed -n 's/.*version \([0-9]*\)\..*/\1/p')
	if [ "$version" != "$CLANG_FORMAT_VERSION" ]; then
		echo "lint: no clang-format $CLANG_FORMAT_VERSION: format not checked" >&2
		return 0
	fi
	{ each "$tmp/c" clang-format --dry-run 2>&1 || :; } |
		sed -n 's/^\([^: ]*:[0-9]*\):[0-9]*: warning: .*clang-format-violations.*/\1: not as .clang-format says/p' |
		sort -u -t : -k 1,1
}

for check in layers sizes spdx blanks config_keys list_roles event_fields command_options pages shell format; do
	case " ${LINT_SKIP:-} " in
	*" $check "*) continue ;;
	esac
	"$check" >>"$tmp/findings" || {
		echo "lint: $check could not run" >&2
		exit 1
	}
done
cat "$tmp/findings"
n=$(wc -l <"$tmp/findings")
[ "$n" -eq 0 ] || {
	echo "lint: $n findings" >&2
	exit 1
}
