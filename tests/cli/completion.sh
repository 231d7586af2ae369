#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Completion: every shell that is installed finds commands, and the options of each. zsh's file runs
# with its two helpers replaced, as completion proper needs a terminal there.
set -u
here=$(cd "$(dirname "$0")/../.." && pwd)
PATH=$(cd "${BUILD:-build}" && pwd):$PATH
export COMPLETION=$here/packaging/completion
failed=0

has() { # SHELL LINE WORD OUTPUT
	printf '%s\n' "$4" | grep -qxE -- "$3([:[:blank:]].*)?" || { echo "$1: '$2' does not bring $3: $4"; failed=1; }
}

in_bash() { # WORD...
	bash -c '. "$0/tacet.bash"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _tacet
		printf "%s\n" "${COMPREPLY[@]}"' "$COMPLETION" "$@"
}
in_fish() { fish --no-config -c "source '$COMPLETION/tacet.fish'; complete -C '$*'"; }
in_zsh() {
	# shellcheck disable=SC2016
	zsh -f -c 'compadd() { print -l -- $@ }; _files() { }; _describe() { print -l -- ${(P)2} }
		complete() { . $COMPLETION/_tacet }; words=("$@"); CURRENT=$#; complete' zsh "$@"
}

for shell in bash fish zsh; do
	command -v $shell >/dev/null || { echo "$shell is not installed: not tried"; continue; }
	for command in run audit watch web top explain; do
		has $shell "tacet ${command:0:2}" "$command" "$(in_$shell tacet "${command:0:2}")"
	done
	has $shell 'tacet watch --v' --verdict "$(in_$shell tacet watch --v)"
	has $shell 'tacet web --l' --listen "$(in_$shell tacet web --l)"
	has $shell 'tacet watch --verdict b' block "$(in_$shell tacet watch --verdict b)"
done
exit $failed
