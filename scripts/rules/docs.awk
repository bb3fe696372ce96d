# Tests that a document names in its tables must be there: daemon/x, unit/x, session/X, plugin x; and so must the cases
# of them that follow in quotes ("..." at the end stands for the rest of a name). A daemon test may have its cases in
# tests/daemon/x.sh, which it shares with others.
function file_of(name,    part) {
	split(name, part, /[\/ ";,:(|]/)
	if (part[1] == "daemon") return "tests/daemon/test_" part[2] ".sh"
	if (part[1] == "packaging") return "tests/packaging/test_" part[2] ".sh"
	if (part[1] == "unit") return "tests/unit/test_" part[2] ".c"
	if (part[1] == "session") return part[2] == "run-sessions" ? "" : "tests/session/" part[2] ".txt"
	return "plugins/" part[2] "/test.c"
}
function complain(text) {
	print FILENAME ":" FNR ": " text
	failed = 1
}
# The text of a file, read once; empty if there is none.
function text_of(file,    line, shared) {
	if (!(file in texts)) {
		texts[file] = ""
		while ((getline line < file) > 0) texts[file] = texts[file] line "\n"
		close(file)
		if (texts[file] != "" && file ~ /^tests\/daemon\/test_/) {
			shared = file
			sub(/test_/, "", shared)
			texts[file] = texts[file] text_of(shared)
		}
	}
	return texts[file]
}
/^\|/ {
	rest = $0
	gsub(/`[^`]*`/, "", rest)
	file = ""
	while (match(rest, /"[^"]*"|(daemon|packaging|unit|session)\/[A-Za-z0-9_.-]*[A-Za-z0-9_-]|plugin [a-z][a-z0-9-]* *[";,(|]/)) {
		word = substr(rest, RSTART, RLENGTH)
		if (substr(word, 1, 1) != "\"") {
			file = file_of(word)
			if (word ~ /"$/) RLENGTH--
			if (file != "" && text_of(file) == "") {
				complain(word ": there is no " file)
				file = ""
			}
		} else if (file != "") {
			word = substr(word, 2, length(word) - 2)
			sub(/ *\.\.\.$/, "", word)
			if (index(text_of(file), word) == 0) complain(file " has no case \"" word "\"")
		}
		rest = substr(rest, RSTART + RLENGTH)
	}
}
END { exit failed }
