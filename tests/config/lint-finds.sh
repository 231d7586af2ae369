#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The linter on a tree in which each of its rules is broken once, and on one without faults.
set -eu
lint=$(cd "$(dirname "$0")/../lint" && pwd)/lint.sh
top=$(mktemp -d)
tree=$top/tree
mkdir "$tree"
trap 'rm -rf "$top"' EXIT
trap 'exit 130' INT TERM
cd "$tree"
mkdir -p src/base src/decode src/config src/report src/control src/cli src/classify tests/pcap

c() { # FILE: the licence line, then standard input
	{ echo '/* SPDX-License-Identifier: GPL-2.0-or-later */' && cat; } >"$1"
}
page() { # FILE TITLE SECTION
	{
		printf '.\\" SPDX-License-Identifier: GPL-2.0-or-later\n.Dd January 31, 2026\n'
		printf '.Dt %s %s\n.Os\n.Sh NAME\n.Nm %s\n.Nd a page\n.Sh DESCRIPTION\n' "$2" "$3" "$2"
		cat
	} >"$1"
}
lines() { # N TEXT
	awk -v n="$1" -v text="$2" 'BEGIN { while (n-- > 0) print text }'
}

# A tree without faults.
cat >src/LAYERS <<'EOF'
# SPDX-License-Identifier: GPL-2.0-or-later
base:
decode: base
config: base
report: base
control: base
cli: base
classify: base
EOF
printf '#include "base/a.h"\n' | c src/decode/fine.c
c src/base/a.h </dev/null
{ printf 'int f(void)\n{\n' && lines 100 '	;' && printf '}\n'; } | c src/base/longest.c
c src/config/keys.c <<'EOF'
#define MOST 9
#define ROLES "ads acr"
	WORD("queue", "way", struct config, way, "up", "up down"),
	NUMBER("queue", "number", AT(number), "7", NULL, 0,
	       MOST),
	PATH("list", "file", LIST(file), NULL, MOST),
	ROLE("list", "role", LIST(role), ROLES),
EOF
echo 'static const char *const names[] = { "ads", "acr" };' | c src/classify/role.c
page src/config/tacet.conf.5 TACET.CONF 5 <<'EOF'
.Ss [queue]
.Bl -tag -width Ds
.It Ic way
up or
.Cm down ;
default up.
.It Ic number
A number from 0 to 9; default 7.
.El
.Ss [list NAME]
.Bl -tag -width Ds
.It Ic file
.It Ic role
.Cm ads
or
.Cm acr
.El
EOF
echo '	json_str(t, "verdict", x);' | c src/report/r.c
page src/control/tacet-stats.7 TACET-STATS 7 <<'EOF'
.Bl -tag -width Ds
.It Fa verdict
what it says
.El
EOF
printf '\t{ "json", no_argument, NULL, 1 },\n' | c src/cli/cmd_x.c
page src/cli/tacet.8 TACET 8 <<'EOF'
.Fl -json
EOF
printf '#!/bin/sh\n# SPDX-License-Identifier: GPL-2.0-or-later\necho fine\n' >tests/fine.sh
printf 'no licence, blanks \n' >tests/pcap/data.jsonl

# The sources here are no C to speak of.
export LINT_SKIP=format
run() {
	"$lint" "$tree" 2>&1 | grep -v '^lint: no ' || :
}
out=$(run)
[ -z "$out" ] || {
	echo "findings where nothing is wrong:"
	echo "$out"
	exit 1
}

# Each fault, and the finding that it must give.
failed=0
finds() { # FINDING
	out=$(run)
	case $out in
	*"$1"*) ;;
	*)
		echo "not found: $1"
		echo "$out" | sed 's/^/    /'
		failed=1
		;;
	esac
	if "$lint" "$tree" >/dev/null 2>&1; then
		echo "exit status 0 with: $1"
		failed=1
	fi
}
broken() { # FILE FINDING: the file is there for this one only
	finds "$2"
	rm "$1"
}
changed() { # FILE SED-COMMAND FINDING
	cp "$1" "$top/kept"
	sed "$2" "$top/kept" >"$1"
	finds "$3"
	cp "$top/kept" "$1"
}

printf '#include "decode/x.h"\n' | c src/base/up.c
broken src/base/up.c 'src/base/up.c:2: base may not include decode'
printf '\n#include "a.h"\n' | c src/base/bare.c
broken src/base/bare.c 'src/base/bare.c:3: write the include as "room/a.h"'
printf '#include "tacet.h"\n' | c src/base/client.c
broken src/base/client.c 'src/base/client.c:2: base may not include tacet.h'
mkdir src/attic
c src/attic/old.c </dev/null
broken src/attic/old.c 'src/attic/old.c:1: src/LAYERS does not know the room attic'
{ printf 'int f(void)\n{\n' && lines 101 '	;' && printf '}\n'; } | c src/base/long.c
broken src/base/long.c 'src/base/long.c:3: the function is longer than 100 lines'
lines 1000 ';' | c src/base/huge.c
broken src/base/huge.c 'src/base/huge.c:1001: longer than 1000 lines'
lines 250 ';' | c src/base/huge.h
broken src/base/huge.h 'src/base/huge.h:251: longer than 250 lines'
printf 'int x;\n' >src/base/free.c
broken src/base/free.c 'src/base/free.c:1: no SPDX-License-Identifier'
printf 'int x; \n' | c src/base/blank.c
broken src/base/blank.c 'src/base/blank.c:2: blanks at the end of the line'
printf 'int x;\r\n' | c src/base/cr.c
broken src/base/cr.c 'src/base/cr.c:2: carriage return'
changed src/config/tacet.conf.5 's/Ic way/Ic path/' "src/config/keys.c:4: queue.way is in no page of section 5"
changed src/config/tacet.conf.5 's/Ic way/Ic path/' "'path' is no key of [queue]"
changed src/config/tacet.conf.5 's/from 0 to 9/from 0 to 99/' "queue.number: does not say 'from 0 to 9'"
changed src/config/tacet.conf.5 's/default up/default down/' "queue.way: does not say 'default up'"
changed src/config/tacet.conf.5 's/Cm acr/Cm abc/' "list.role: does not name 'acr'"
changed src/classify/role.c 's/"acr"/"x"/' "role 'acr' is none of src/classify/role.c"
changed src/report/r.c 's/verdict/verdikt/' "src/report/r.c:2: 'verdikt' is in no page"
changed src/report/r.c 's/verdict/verdikt/' "nobody writes the field 'verdict'"
changed src/cli/cmd_x.c 's/json/html/' 'src/cli/cmd_x.c:1: --html is not in src/cli/*.8'
if command -v mandoc >/dev/null; then
	changed src/cli/tacet.8 's/^\.Fl.*/.El/' 'src/cli/tacet.8:9:2: '
fi
if command -v shellcheck >/dev/null; then
	# shellcheck disable=SC2016
	printf '#!/bin/sh\n# SPDX-License-Identifier: GPL-2.0-or-later\ncd $1\n' >tests/bad.sh
	broken tests/bad.sh 'tests/bad.sh:3:1: warning'
fi
if "$lint" "$tree" 2>&1 | grep -q 'no clang-format'; then :; else
	LINT_SKIP=
	printf 'BasedOnStyle: LLVM\n' >.clang-format
	printf 'int  x ;\n' | c src/base/odd.c
	broken src/base/odd.c 'src/base/odd.c:2: not as .clang-format says'
	LINT_SKIP=format
fi
out=$(run)
[ -z "$out" ] || {
	echo "findings after everything was mended: $out"
	failed=1
}
exit $failed
