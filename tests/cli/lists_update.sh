#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lists update against real HTTP and HTTPS servers on loopback: what is good takes the place of the
# copy, whatever is not leaves it alone and is told.
# shellcheck source=tests/cli/cli.bash
. tests/cli/cli.bash
command -v python3 >/dev/null && command -v openssl >/dev/null || { echo "skipped: no python3 or openssl: make deps"; exit 77; }

mkdir "$tmp/www" "$tmp/state"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=127.0.0.1 \
	-addext subjectAltName=IP:127.0.0.1 -keyout "$tmp/key.pem" -out "$tmp/cert.pem" 2>/dev/null || exit 1
python3 tests/cli/server.py "$tmp" &
server=$!
trap 'kill $server 2>/dev/null; rm -rf "$tmp"' EXIT
for _ in $(seq 100); do [ -s "$tmp/ports" ] || sleep 0.05; done
read -r http https <"$tmp/ports" || { echo "no server" >&2; exit 1; }
unset http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY
export SSL_CERT_FILE=$tmp/cert.pem
names() { seq -f "||n%g.example^" "$1"; }
sum() { sha256sum "$tmp/www/$1" | cut -d ' ' -f 1; }

# conf LINE...: one list, "x".
conf() {
	{ printf '[tacet]\ndata_dir = %s/blocklists\nbundled_lists = no\n' "$PWD"
	printf '[sockets]\ncontrol = %s/control.sock\n' "$tmp"
	printf '[lists]\ndir = %s\nconnect_s = 2\nstall_s = 1\ntotal_s = 5\nmax_bytes = 64k\n[list x]\n' "$tmp/state"
	printf '%s\n' "$@"; } >"$tmp/conf"
}
copy=$tmp/state/x.list
update() { ends "$1" lists update --json -c "$tmp/conf" "${@:2}"; }
says() { jq -e "$1" "$tmp/out" >/dev/null || bad "not $1: $(cat "$tmp/out" "$tmp/err")"; }
# refused WHY TEXT: the update fails so, and the copy stays.
refused() {
	local before
	before=$(sha256sum <"$copy")
	update 1
	says ".why == \"$1\" and .state == \"kept\" and .changed == false"
	complains "^tacet: list x: $1: .*$2.*the old one stays"
	[ "$(sha256sum <"$copy")" = "$before" ] || bad "the copy changed: $1 $2"
	! compgen -G "$tmp/state/*.part*" >/dev/null || bad "left behind: $(ls "$tmp/state")"
}

# Without a copy: nothing to keep, and tacet goes on without the list.
names 400 >"$tmp/www/good"
conf "url = http://127.0.0.1:$http/missing"
update 1
says '.state == "missing" and .why == "network"'
complains 'there is no old one'
ends 0 explain --offline -c "$tmp/conf" n1.example
complains 'list x: not fetched yet'

# New, not modified, changed; by TLS.
conf "url = https://127.0.0.1:$https/good"
update 0
says '.changed and .rules == 400 and .generation == 1 and .failures == 0'
update 0
says '(.changed | not) and .generation == 1'
grep -q '^/good "' "$tmp/asked" || bad "no If-None-Match: $(cat "$tmp/asked")"
ends 10 explain --offline -c "$tmp/conf" n1.example
names 300 >"$tmp/www/good"
update 0
says '.changed and .rules == 300 and .generation == 2'
# A copy that somebody took away is fetched whatever the ETag says.
rm "$copy"
update 0
[ -s "$copy" ] || bad "no copy again"
# --due: its time has not come.
update 0 --due
prints_nothing

conf "url = http://127.0.0.1:$http/missing"; refused network 404
conf "url = http://127.0.0.1:$http/error"; refused network 500
says '.due_s - .checked_s == 1800'
conf "url = http://127.0.0.1:$http/busy"; refused network 503
says '.due_s - .checked_s == 7200 and .failures == 3'
conf "url = http://127.0.0.1:$http/loop"; refused network redirect
conf "url = http://127.0.0.1:$http/cut"; refused network bytes
conf "url = http://127.0.0.1:$http/stall"; refused timeout 'than|slow|out'
conf "url = https://127.0.0.1:$https/plain"; refused network 'http'
conf "url = https://localhost:$https/good"; refused network 'certificate|subject'
conf "url = file://$tmp/nothing"; refused network 'No such file'
printf '<!DOCTYPE html>\n<html>\n' >"$tmp/www/html"
conf "url = http://127.0.0.1:$http/html"; refused content 'web page'
: >"$tmp/www/empty"
conf "url = http://127.0.0.1:$http/empty"; refused content empty
printf '! nothing\n' >"$tmp/www/none"
conf "url = http://127.0.0.1:$http/none"; refused content 'none of its'
names 149 >"$tmp/www/small"
conf "url = http://127.0.0.1:$http/small"; refused shrunk '149 rules, 300 before'
names 9000 >"$tmp/www/big"
conf "url = http://127.0.0.1:$http/big"; refused size max_bytes
cp "$tmp/www/big" "$tmp/big"
conf "url = file://$tmp/big"; refused size max_bytes
conf "url = http://127.0.0.1:$http/good" "sha256 = $(sum small)"; refused checksum "not $(sum small)"
echo "$(sum small)  good" >"$tmp/www/sums"
conf "url = http://127.0.0.1:$http/good" "sha256 = http://127.0.0.1:$http/sums"; refused checksum "not $(sum small)"

# The right checksum, a mirror behind a bad one, --force for one that shrank.
names 350 >"$tmp/www/good"
printf '%s  other\n%s  good\n' "$(sum small)" "$(sum good)" >"$tmp/www/sums"
conf "url = http://127.0.0.1:$http/error http://127.0.0.1:$http/html" "url = http://127.0.0.1:$http/good" \
	"sha256 = http://127.0.0.1:$http/sums"
update 0
says '.changed and .rules == 350 and .failures == 0 and (.url | endswith("/good"))'
conf "url = http://127.0.0.1:$http/small"
update 0 --force
says '.changed and .rules == 149'
names 200 >"$tmp/file list"
conf "url = file://$tmp/file%20list"
update 0
says '.changed and .rules == 200'
update 0
says '(.changed | not)'

# A password and what a query says stay in the configuration: nobody else is shown them.
names 210 >"$tmp/www/secret"
conf "url = http://joe:hunter2@127.0.0.1:$http/secret?token=hunter3"
update 0
says '.changed and (.url | endswith("/secret?..."))'
update 0
says '(.changed | not)'
conf "url = http://joe:hunter4@127.0.0.1:$http/secret?token=hunter3"
: >"$tmp/asked"
update 0
grep -q '^/secret?token=hunter3 -' "$tmp/asked" || bad "another password, and the old ETag: $(cat "$tmp/asked")"
conf "url = http://joe:hunter2@127.0.0.1:$http/error?token=hunter3"; refused network 500
! grep -rE 'hunter|joe' "$tmp/state" "$tmp/out" "$tmp/err" || bad "a secret is told"

# Two at once; killed on the way, and what it left goes away.
conf "url = http://127.0.0.1:$http/stall"
"$tacet" lists update -c "$tmp/conf" 2>/dev/null &
first=$!
for _ in $(seq 100); do [ -e "$copy.part" ] || sleep 0.02; done
ends 1 lists update -c "$tmp/conf"
complains 'another update is running'
kill -KILL $first; wait $first 2>/dev/null
[ -e "$copy.part" ] || bad "the update that was killed had not begun"
refused timeout .

# A directory that cannot be made, a list that is not there, a damaged state.
ends 1 lists update -c "$tmp/conf" nobody
complains 'nobody: there is no list of that name with a url'
echo '{"name":"x","etag":7,' >"$tmp/state/state.jsonl"
conf "url = http://127.0.0.1:$http/good"
update 0
says '.rules == 350'
sed -i "s|^dir = .*|dir = $tmp/conf/state|" "$tmp/conf"
ends 1 lists update -c "$tmp/conf"
complains 'Not a directory'
# On a terminal it shows how far it is, takes that away, and says what became of each list.
sed -i "s|^dir = .*|dir = $tmp/state|" "$tmp/conf"
names 700 >"$tmp/www/good"
python3 - "$tacet" lists update -c "$tmp/conf" >"$tmp/out" 2>"$tmp/err" <<'P'
import os, pty, sys
pid, fd = pty.fork()
if not pid:
    os.execv(sys.argv[1], sys.argv[1:])
try:
    while data := os.read(fd, 4096):
        sys.stdout.buffer.write(data)
except OSError:
    pass
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
P
[ $? -eq 0 ] || bad "lists update on a terminal: $(cat "$tmp/out" "$tmp/err")"
grep -qE $'\rx +[0-9.]+ [kMG]?i?B( of [0-9.]+ [kMG]?i?B)? *' "$tmp/out" || bad "no progress: $(od -c "$tmp/out" | head)"
grep -qE $'\r {50,}\rx +updated, 700 rules\r$' "$tmp/out" || bad "progress stays: $(od -c "$tmp/out" | tail)"
# Quiet in a pipe.
conf "url = http://127.0.0.1:$http/good"
ends 0 lists update -c "$tmp/conf"
prints_nothing
complains_not
finish
