# SPDX-License-Identifier: GPL-2.0-or-later
# How long files, headers and functions are. A function opens and closes with a brace in the
# first column; its head is not counted.
function end_of_file() {
	most = file ~ /\.h$/ ? 250 : 1000
	if (lines > most)
		print file ":" lines ": longer than " most " lines"
}
FNR == 1 {
	if (file != "")
		end_of_file()
	file = FILENAME
	open = 0
}
{ lines = FNR }
/^\{/ { open = FNR }
/^\}/ && open {
	if (FNR - open - 1 > 100)
		print FILENAME ":" open ": the function is longer than 100 lines"
	open = 0
}
END {
	if (file != "")
		end_of_file()
}
