# SPDX-License-Identifier: GPL-2.0-or-later
# cli.bash (sourced) - runs a command line and looks at its status and at what it printed. Nothing
# of the machine is read or asked: each has a configuration and sockets of its own. Runs from the
# top of the source.
set -u
export LC_ALL=C TZ=UTC ASAN_OPTIONS=exitcode=99 UBSAN_OPTIONS=exitcode=99
tacet=$PWD/${BUILD:-build}/tacet
case ${BUILD:-} in /*) tacet=$BUILD/tacet ;; esac
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
bad() { echo "FAIL: $*" >&2; : >"$tmp/failed"; }
[ -x "$tacet" ] || { echo "$tacet is not built" >&2; exit 1; }
command -v jq >/dev/null || { echo "skipped: no jq: make deps"; exit 77; }
printf '[tacet]\ndata_dir = %s/blocklists\n' "$PWD" >"$tmp/conf"

# ends STATUS ARGUMENT...: what it printed is in $tmp/out and $tmp/err.
ends() {
	local want=$1 got
	shift
	"$tacet" "$@" >"$tmp/out" 2>"$tmp/err" </dev/null
	got=$?
	[ $got -eq "$want" ] || bad "tacet $*: ended with $got, not $want: $(head -n 3 "$tmp/err")"
}

# prints PATTERN, complains PATTERN: standard output, standard error of the last `ends`.
prints() { grep -qE -e "$1" "$tmp/out" || bad "no '$1' is printed: $(head -n 5 "$tmp/out")"; }
complains() { grep -qE -e "$1" "$tmp/err" || bad "no '$1' is said: $(head -n 5 "$tmp/err")"; }
prints_nothing() { [ ! -s "$tmp/out" ] || bad "prints $(head -n 3 "$tmp/out")"; }
complains_not() { [ ! -s "$tmp/err" ] || bad "complains: $(head -n 3 "$tmp/err")"; }

# finish: the script's status.
finish() {
	[ ! -e "$tmp/failed" ]
	exit
}
