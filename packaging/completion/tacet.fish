# SPDX-License-Identifier: GPL-2.0-or-later
# Completion for fish. What there is, tacet itself is asked.

function __tacet_commands
    tacet help 2>/dev/null | sed -n 's/^  \([a-z][a-z]*\)  *\(.*\)/\1\t\2/p'
end

function __tacet_options
    set -l words (commandline -opc)
    echo --help
    tacet $words[2] --help 2>/dev/null | grep -oE -- '--[a-z][a-z-]*' | sort -u
end

function __tacet_after
    set -l words (commandline -opc)
    test "$words[-1]" = $argv[1]
end

complete -c tacet -f -n __fish_use_subcommand -a '(__tacet_commands)'
complete -c tacet -n 'not __fish_use_subcommand; and string match -q -- "-*" (commandline -ct)' -a '(__tacet_options)'
complete -c tacet -f -n '__tacet_after --verdict' -a 'allow log block'
complete -c tacet -f -n '__tacet_after --type' -a 'flow dns state session'
