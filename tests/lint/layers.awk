# SPDX-License-Identifier: GPL-2.0-or-later
# Includes of src/ROOM/ against src/LAYERS, which is the first file.
FILENAME == "src/LAYERS" {
	if (/^[a-z]+:/) {
		room = substr($1, 1, length($1) - 1)
		known[room] = 1
		for (i = 2; i <= NF; i++)
			granted[room, $i] = 1
	}
	next
}
FNR == 1 {
	split(FILENAME, at, "/")
	room = at[2]
	if (!(room in known))
		print FILENAME ":1: src/LAYERS does not know the room " room
}
/^[ \t]*#[ \t]*include[ \t]*"/ {
	split($0, part, "\"")
	file = part[2]
	if (file == "tacet.h") {
		if (room != "client" && room != "control" && room != "view" && room != "web" && room != "top" && room != "cli")
			print FILENAME ":" FNR ": " room " may not include tacet.h"
		next
	}
	slash = index(file, "/")
	if (!slash || file ~ /\.\.?\//) {
		print FILENAME ":" FNR ": write the include as \"room/" file "\""
		next
	}
	other = substr(file, 1, slash - 1)
	if (other != room && !((room, other) in granted))
		print FILENAME ":" FNR ": " room " may not include " other
}
