# SPDX-License-Identifier: GPL-2.0-or-later
# JSON fields against the pages of section 7, which are the first files: what src/report/ writes with a
# literal key has a ".It Fa name" there, and every ".It Fa name" is a literal of the rooms that
# write to the sockets.
FILENAME ~ /\.7$/ {
	if (/^\.It Fa /)
		for (i = 3; i <= NF; i++)
			if ($i ~ /^[a-z_]+$/ && $i != "Ns" && !($i in written))
				written[$i] = FILENAME ":" FNR
	next
}
{
	rest = $0
	while (match(rest, /json_[a-z0-9]+\([^,"]+, *"[a-z_]+"/)) {
		call = substr(rest, RSTART, RLENGTH)
		rest = substr(rest, RSTART + RLENGTH)
		split(call, quoted, "\"")
		if (FILENAME ~ /^src\/report\// && !(quoted[2] in written) && !told[quoted[2]]++)
			print FILENAME ":" FNR ": '" quoted[2] "' is in no page of section 7"
	}
	rest = $0
	while (match(rest, /"[a-z_]+\\?"/)) {
		literal = substr(rest, RSTART + 1, RLENGTH - 2)
		sub(/\\$/, "", literal)
		said[literal] = 1
		rest = substr(rest, RSTART + RLENGTH - 1)
	}
}
END {
	for (name in written)
		if (!(name in said))
			print written[name] ": nobody writes the field '" name "'"
}
