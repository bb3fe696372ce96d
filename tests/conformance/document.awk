# doc/conformance.md from rows.tsv and the results that scripts/conformance left in log_dir. No dates, no times:
# the same results make the same document.
BEGIN {
	FS = "\t"
	split("pass fail later na", order, " ")
	name["pass"] = "pass"; name["fail"] = "fail"; name["later"] = "later"; name["na"] = "not applicable"
}
/^#/ { next }
NF < 4 || NF > 5 { print "rows.tsv:" NR ": " NF " columns" > "/dev/stderr"; bad = 1; exit }
{
	result = $3
	if (result == "test" || result == "fast") {
		result = "fail"
		file = log_dir "/" $1 ".result"
		if ((getline line < file) > 0) {
			result = line
		}
		close(file)
	}
	note = $5
	if (result == "fail") {
		why = ""
		file = log_dir "/" $1
		while ((getline line < file) > 0) {
			if (why == "" && line ~ /^FAILED: /) {
				why = substr(line, 9)
			}
		}
		close(file)
		sub(/ \(.*/, "", why) # the command, with what is another at each run
		gsub(/\/[^ ]*tr069-test\.[^ )]*/, "...", why)
		note = (note == "" ? "" : note ". ") "**" (why == "" ? "no result" : why) "**"
	}
	gsub(/\|/, "\\|", note)
	group = $1 ~ /^5_/ ? "URL" : $1 ~ /^od128/ ? "AUT" : substr($1, 1, index($1, "-") - 1)
	if (group != last) {
		text = text "\n## " group "\n\n| row | level | the CPE must | result | |\n|---|---|---|---|---|\n"
		last = group
	}
	what = $4
	gsub(/\|/, "\\|", what)
	text = text "| " $1 " | " $2 " | " what " | " name[result] " | " note " |\n"
	count[result]++
	total++
}
END {
	if (bad) {
		exit 1
	}
	print "# Conformance\n"
	print "What a CPE has to do by TR-069 (CWMP 1.0 to 1.4), a testable line each, and what the tests of `tests/conformance`"
	print "say. Each row is one test, named after it, of the real daemon against the test ACS, which holds every message to the"
	print "schemas as well. Written by `scripts/conformance`; `scripts/check` runs a selection.\n"
	print "| result | rows |\n|---|---:|"
	for (i = 1; i <= 4; i++) {
		print "| " name[order[i]] " | " count[order[i]] + 0 " |"
	}
	print "| all | " total " |\n"
	print "Level: `M` every CPE; `S` recommended; `C: x` only if x is supported; `R` robustness or a choice of the project."
	print "Not applicable is only what is not for a set-top box, or part of an option that the client does not offer. Later: not built yet."
	printf "%s", text
}
