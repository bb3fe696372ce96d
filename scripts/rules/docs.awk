# Tests that a document names in its tables must be there: daemon/x, unit/x, session/X, plugin x, followed
# by the names of cases in quotes, or by the end.
function missing(name, file) {
	if ((getline line < file) < 0) {
		print FILENAME ":" FNR ": " name ": there is no " file
		failed = 1
	}
	close(file)
}
/^\|/ {
	rest = $0
	gsub(/`[^`]*`/, "", rest)
	gsub(/"[^"]*"/, "\"", rest)
	while (match(rest, /(daemon|packaging|unit|session)\/[A-Za-z0-9_.-]*[A-Za-z0-9_-]|plugin [a-z][a-z0-9-]* *[";,(|]/)) {
		name = substr(rest, RSTART, RLENGTH)
		rest = substr(rest, RSTART + RLENGTH)
		split(name, part, /[\/ ";,:(|]/)
		if (part[1] == "daemon") missing(name, "tests/daemon/test_" part[2] ".sh")
		else if (part[1] == "packaging") missing(name, "tests/packaging/test_" part[2] ".sh")
		else if (part[1] == "unit") missing(name, "tests/unit/test_" part[2] ".c")
		else if (part[1] == "session" && part[2] != "run-sessions") missing(name, "tests/session/" part[2] ".txt")
		else if (part[1] == "plugin") missing(name, "plugins/" part[2] "/test.c")
	}
}
END { exit failed }
