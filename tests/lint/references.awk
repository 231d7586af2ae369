# SPDX-License-Identifier: GPL-2.0-or-later
# References of the pages among themselves: ".Sx heading" is one of the same page, ".Xr tacet* N" a
# page that there is.
FNR == 1 {
	name = FILENAME
	sub(/.*\//, "", name)
	pages[name] = 1
}
/^\.S[hs] / { headings[FILENAME, substr($0, 5)] = 1 }
{
	rest = $0
	if (rest ~ /(^\.| Ta |^\.P[qo] )Sx /) {
		sub(/.*(^\.| )Sx /, "", rest)
		# Of a word of a row the next macro, of the others punctuation is the end.
		sub(/ (Ta|No|Ns|\.|,|;|:|\)) *.*$/, "", rest)
		sections[FILENAME ":" FNR] = FILENAME SUBSEP rest
	}
	if ($0 ~ /(^\.| )Xr tacet/) {
		sub(/.*Xr /, "")
		others[FILENAME ":" FNR] = $1 "." $2
	}
}
END {
	for (at in sections)
		if (!(sections[at] in headings)) {
			split(sections[at], part, SUBSEP)
			print at ": no heading \"" part[2] "\" in this page"
		}
	for (at in others)
		if (!(others[at] in pages))
			print at ": there is no page " others[at]
}
