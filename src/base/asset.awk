# SPDX-License-Identifier: GPL-2.0-or-later
# Files as C: `for f in FILE...; do echo "file NAME"; od -An -v -tx1 FILE; done | awk -v room=ROOM -f asset.awk`
BEGIN {
	type["html"] = "text/html; charset=utf-8"; type["css"] = "text/css; charset=utf-8"
	type["js"] = "text/javascript; charset=utf-8"; type["json"] = "application/json"; type["svg"] = "image/svg+xml"
	print "#include \"base/asset.h\""
}
$1 == "file" {
	if (n++)
		print "};"
	name[n] = $2
	print "static const unsigned char file_" n "[] = {"
	next
}
{ gsub(/[0-9a-f][0-9a-f]/, "0x&,"); print }
END {
	print "};\nconst struct asset " room "_assets[] = {"
	for (i = 1; i <= n; i++) {
		ext = name[i]; sub(/.*\./, "", ext)
		print "{ \"/" name[i] "\", \"" type[ext] "\", file_" i ", sizeof(file_" i ") },"
	}
	print "{ 0, 0, 0, 0 } };"
}
