#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Help, version, usage errors of every subcommand, and clients where no tacet runs.
# shellcheck source=tests/cli/cli.bash
. tests/cli/cli.bash

ends 0 --help
complains_not
cp "$tmp/out" "$tmp/help"
commands=$(sed -n 's/^  \([a-z]*\) .*/\1/p' "$tmp/help")
[ "$(echo "$commands" | wc -l)" -ge 11 ] || bad "only these commands: $commands"
for word in -h help; do
	ends 0 $word
	cmp -s "$tmp/help" "$tmp/out" || bad "tacet $word says other things than --help"
done
for word in --version -V; do
	ends 0 $word
	prints '^tacet [0-9]+\.[0-9]+\.[0-9]+$'
done
ends 2
prints_nothing
complains '^usage: tacet COMMAND'
ends 2 no-such-command
prints_nothing
complains "^tacet: unknown command 'no-such-command'"

# Help goes to standard output, a wrong option to standard error with the usage; neither does work.
for command in $commands; do
	for word in --help -h; do
		ends 0 "$command" $word
		prints "^usage: tacet $command"
		complains_not
	done
	for word in --no-such-option -Z; do
		ends 2 "$command" $word
		prints_nothing
		complains "^usage: tacet $command"
		complains "'?-?-?(no-such-option|Z)"
	done
	grep -q "^\.It Cm .*\b$command\b" src/cli/tacet.8 && grep -q "^\.Cm .*\b$command\b" src/cli/tacet-*.8 || bad "$command is not in tacet(8), or in no page of its own"
done

# usage MESSAGE ARGUMENT...: refused with a message that names the command and its help.
usage() {
	ends 2 "${@:2}"
	prints_nothing
	complains "^tacet $2: .*$1.*[;?] see .tacet $2 --help."
}
usage 'nothing to audit' audit
usage 'no command after --' audit --
usage 'exclude each other' audit -i lo capture.pcap
usage 'exclude each other' audit -i lo -- true
for seconds in 0 -1 x 1x '' 99999999999; do
	usage "--duration takes seconds, not '$seconds'" audit -i lo --duration "$seconds"
done
usage 'which name' explain
usage 'names come from' explain --names - name.example
for command in run stats flows devices sessions suspects metrics "resume one" "trouble tv" reload; do
	# shellcheck disable=SC2086 # words
	case $command in
	trouble*) usage 'one device at a time' $command more ;;
	*) usage "unexpected argument 'more'" $command more ;;
	esac
done
usage 'of which device' trouble --bisect
usage 'without --json' trouble --bisect --json tv
usage "'x' is no time" trouble --bisect --for x tv
for seconds in x 0 10d m 1.5h -1 99999999h '10 m'; do
	usage "'$seconds' is no time" pause -- "$seconds"
done
usage "'20m' is no time" pause 10m 20m
usage 'check which files' lists check
usage 'check which files' lists
usage "unknown action 'swap'" lists swap
ends 2 watch --count 0
ends 2 audit -c
complains "^usage: tacet audit"

# No tacet runs: status 3 and what to do about it.
for client in stats "stats --json" flows "flows --json" devices "sessions --json" suspects metrics watch "watch --json --count 1" \
	"watch --type dns --name x.example" pause "pause 10m" resume reload trouble "trouble tv" "explain x.example"; do
	# shellcheck disable=SC2086 # words
	ends 3 $client --socket "$tmp/none"
	prints_nothing
	complains "^tacet: no tacet is running: .*/none; start it with"
done
# A socket that nobody listens on any more is the same; a path that can be none is another fault.
python3 -c 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' "$tmp/left" &&
	{ ends 3 stats --socket "$tmp/left"; complains 'no tacet is running'; }
ends 1 stats --socket "$tmp/$(printf '%0200d' 0)"
complains '^tacet: connect: '
ends 2 watch netflix
complains "unexpected argument 'netflix'"
ends 2 audit --duration 3 "$tmp/help"
ends 1 audit -i no-such-interface
prints_nothing
finish
