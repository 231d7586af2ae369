# SPDX-License-Identifier: GPL-2.0-or-later
# The key table of src/config/keys.c (first) against the pages of section 5, both ways. In a page a key is
# ".It Ic key" below ".Ss [section]", or of several; its text says the range ("from MIN to MAX"), the default
# ("default VALUE") and the words.
function number(text) {
	gsub(/[ \t)}]/, "", text)
	return text in defined ? defined[text] : text
}
# Rows that a macro writes for the section it is given.
function rows_of(macro, first,    row_text, n, i) {
	n = split(body_of[macro], row_text, "\n")
	for (i = 1; i <= n; i++) {
		gsub(/\(section,/, "(" first ",", row_text[i])
		row("\t" row_text[i])
	}
}
function row(text,    quoted, part, rest, n) {
	sub(/^\tTIMES\("[a-z]*"/, "&, \"when\"", text)
	sub(/^\tDEVICES\("[a-z]*"/, "&, \"only\"", text)
	split(text, quoted, "\"")
	name = quoted[2] "." quoted[4]
	line_of[name] = start
	order[++count] = name
	if (text ~ /^\t(NUMBER|SIZE)\(/) {
		n = split(text, part, ",")
		range[name] = "from " number(part[n - 1]) " to " number(part[n])
	}
	if (text ~ /^\tROLE\(/)
		words[name] = defined["ROLES"]
	else if (text ~ /^\tWORD\(/)
		words[name] = match(text, /[A-Z]+_WORDS/) ? defined[substr(text, RSTART, RLENGTH)] \
			: index(text, "NULL") ? quoted[6] : quoted[8]
	# The default is the next text behind the key, if no NULL stands in its place.
	rest = substr(text, index(text, "\"" quoted[4] "\"") + length(quoted[4]) + 2)
	if (text ~ /^\tWORD\(.*NULL/)
		return
	if (index(rest, "\"") && (!index(rest, "NULL") || index(rest, "\"") < index(rest, "NULL")))
		fallback[name] = quoted[6]
}
FNR == 1 { page = NR != 1; at = ""; sections = 0 }
!page && /^#define [A-Z_]+[ \t]+[0-9]+/ { defined[$2] = $3 }
!page && /^#define [A-Z_]+ +"/ { split($0, q, "\""); defined[$2] = q[2] }
# The rows of a macro: what its definition has in the form of rows.
!page && /^#define [A-Z]+\(section, type\)/ { macro = $2; sub(/\(.*/, "", macro); next }
!page && macro != "" && /^\t/ {
	line = $0
	more = sub(/[ \t]*\\$/, "", line)
	sub(/^\t+ */, line ~ /^\t+[A-Z]+\(section/ ? "" : " ", line)
	if (line ~ /^[A-Z]+\(section/)
		body_of[macro] = body_of[macro] (body_of[macro] == "" ? "" : "\n") line
	else
		body_of[macro] = body_of[macro] line
	if (!more)
		macro = ""
	next
}
!page && /^\t[A-Z]+\("/ { start = FNR; text = "" }
!page && start {
	text = text $0
	if (/\),$/) {
		sub(/\),$/, "", text)
		name = substr(text, 2)
		sub(/\(.*/, "", name)
		if (name in body_of) {
			first = text
			gsub(/^[^"]*|,.*/, "", first)
			rows_of(name, first)
		} else {
			row(text)
		}
		start = 0
	}
}
!page { keys_file = FILENAME; next }
/^\.S[sh] / {
	at = ""
	sections = split($0, section, "[")
	for (i = 2; i <= sections; i++)
		sub(/[^a-z].*/, "", section[i])
	next
}
sections > 1 && /^\.It Ic / {
	at = ""
	for (i = 2; i <= sections; i++) {
		name = section[i] "." $3
		at = at " " name
		written[name] = FILENAME ":" FNR
		if (!(name in line_of))
			print FILENAME ":" FNR ": '" $3 "' is no key of [" section[i] "]"
	}
	next
}
at != "" {
	plain = $0
	sub(/^\.[A-Z][a-z] /, "", plain)
	n = split(at, names, " ")
	for (i = 1; i <= n; i++)
		body[names[i]] = body[names[i]] " " plain " "
}
END {
	for (i = 1; i <= count; i++) {
		name = order[i]
		if (!(name in written)) {
			print keys_file ":" line_of[name] ": " name " is in no page of section 5"
			continue
		}
		where = written[name] ": " name
		text = body[name]
		gsub(/[ \t]+/, " ", text)
		if (name in range && text !~ range[name] "([^0-9]|$)")
			print where ": does not say '" range[name] "'"
		if (name in fallback && text !~ "[Dd]efault " fallback[name] "([^0-9A-Za-z]|$)")
			print where ": does not say 'default " fallback[name] "'"
		n = split(words[name], word, " ")
		for (w = 1; w <= n; w++)
			if (text !~ "(^|[^a-z])" word[w] "([^a-z]|$)")
				print where ": does not name '" word[w] "'"
	}
	if (!count)
		print keys_file ":1: no key table found"
}
