# The box's names and values against the Broadband Forum's table: awk -v what=... TABLE NAMES VALUES
#   NAMES: NAME WRITABLE of GetParameterNames; VALUES: NAME TYPE VALUE of GetParameterValues
#   names, types, values, lists, references, entries, dates     a line for each that is wrong; exit code 1
#   wrong       prints an assignment that the box must refuse for each writable parameter with limits
#   profile     the parameters and objects of -v profile=NAME that the box does not have
function general(name) {
	while (match(name, /\.[0-9]+\./)) {
		name = substr(name, 1, RSTART) "{i}" substr(name, RSTART + RLENGTH - 1)
	}
	return name
}
function complain(text) {
	print text
	wrong++
}
# the items of an enumeration, without the notes in braces; || separates patterns from the rest
function fits(value, enum, items, n, i) {
	n = split(enum, items, / *\|\|? */)
	for (i = 1; i <= n; i++) {
		sub(/\{.*\}$/, "", items[i])
		if (value == items[i] || (items[i] ~ /\[/ && value ~ ("^" items[i] "$"))) {
			return 1
		}
	}
	return 0
}
function within_size(value, size, ends) {
	split(size, ends, ":")
	return length(value) >= ends[1] + 0 && (ends[2] == "" || length(value) <= ends[2] + 0)
}
# a table may have no rows
function is_in_no_row(name, table) {
	table = name
	sub(/[^}]*$/, "", table)
	return table != "" && !((table ".") in has)
}
# the parameter whose value lists what this one may be; a leading dot stands for the service
function list_for(name, target) {
	target = source[general(name)]
	return target ~ /^\./ && match(name, /Services\.[A-Za-z]+\.[0-9]+/) ? substr(name, 1, RSTART + RLENGTH - 1) target : target
}
function vendor(name) {
	return name ~ /\.X_/ || name ~ /DeviceInfo\.DeviceLogs$/
}
BEGIN {
	FS = "\t"
}
FILENAME == ARGV[1] {
	for (i = 1; i <= NF && FNR == 1; i++) {
		column[$i] = i
	}
	access[$1] = $3
	type[$1] = $4
	size[$1] = $(column["size"])
	range[$1] = $(column["range"])
	enum[$1] = $(column["enum"])
	is_list[$1] = $(column["list"]) != ""
	refs = $(column["refs"])
	is_reference[$1] = refs != "" && refs !~ /^enumerationRef/
	if (refs ~ /^enumerationRef\(.*\)$/) {
		source[$1] = substr(refs, 16, length(refs) - 16)
	}
	if ($(column["numEntries"]) != "") {
		table = $1
		sub(/\{i\}\.$/, "", table)
		parent = table
		sub(/[^.]*\.$/, "", parent)
		counted[parent $(column["numEntries"])] = substr(table, length(parent) + 1)
	}
	if (profile != "" && (" " $NF " ") ~ (" " profile "(/w)? ")) {
		member[$1] = 1
		to_write[$1] = index(" " $NF " ", " " profile "/w ") > 0 && $1 !~ /\.$/
	}
	next
}
FILENAME == ARGV[2] {
	is_there[$1] = writable[$1] = $2
	name = general($1)
	has[name] = 1
	may_write[name] = $2
	if (match($1, /\.[0-9]+\.$/)) {
		rows[substr($1, 1, RSTART)]++
	}
	if (vendor($1) || what != "names") {
		next
	}
	checked++
	if (!(name in access) && !((name "{i}.") in access)) {
		complain($1 " is not in the model")
	}
	if ($2 == 1 && (name in access ? access[name] : access[name "{i}."]) == "readOnly") {
		complain($1 " is writable, but not in the model")
	}
	next
}
{
	name = general($1)
	value[$1] = $3
	if (vendor($1)) {
		next
	}
}
what == "types" {
	checked++
	sub(/^(xsd|soapenc):/, "", $2)
	if ($2 != (is_list[name] ? "string" : type[name])) {
		complain($1 " is a " $2 ", but a " type[name] " in the model")
	}
}
what == "values" && $3 != "" && !is_list[name] {
	if (size[name] != "") {
		checked++
		if (!within_size($3, size[name])) {
			complain($1 ": " length($3) " characters, " size[name] " in the model")
		}
	}
	if (enum[name] != "") {
		checked++
		if (!fits($3, enum[name])) {
			complain($1 " is " $3 ", which the model does not have")
		}
	}
	if (range[name] ~ /^-?[0-9]*:-?[0-9]*$/) {
		checked++
		split(range[name], ends, ":")
		if ((ends[1] != "" && $3 + 0 < ends[1] + 0) || (ends[2] != "" && $3 + 0 > ends[2] + 0)) {
			complain($1 " is " $3 ", beyond the model's " range[name])
		}
	}
}
what == "lists" && is_list[name] {
	checked++
	if ($3 ~ /, | ,|^ | $|,,|^,|,$/) {
		complain($1 ": white space or nothing between commas: " $3)
	}
	n = $3 == "" ? 0 : split($3, item, ",")
	for (i = 1; i <= n && enum[name] != ""; i++) {
		if (!fits(item[i], enum[name])) {
			complain($1 ": " item[i] " is not in the model")
		}
	}
}
what == "dates" && type[name] == "dateTime" {
	checked++
	zone = name ~ /CurrentLocalTime$/ ? "(Z|[+-][0-9][0-9]:[0-9][0-9])" : "Z"
	if ($3 !~ ("^[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9](\\.[0-9]+)?" zone "$") &&
		$3 !~ /^0[0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9]$/) {
		complain($1 " is no dateTime: " $3)
	}
}
what == "wrong" && writable[$1] == 1 && !is_list[name] {
	if (enum[name] != "" && type[name] == "string") {
		print $1 "=NoSuchItem"
	} else if (type[name] == "string" && size[name] ~ /:[0-9]+$/) {
		split(size[name], ends, ":")
		print $1 "=" sprintf("%0" (ends[2] + 1) "d", 0)
	} else if (range[name] ~ /^[1-9][0-9]*:/) {
		split(range[name], ends, ":")
		print $1 "=xsd:" type[name] ":" (ends[1] - 1)
	} else if (range[name] ~ /:[0-9]+$/) {
		split(range[name], ends, ":")
		print $1 "=xsd:" type[name] ":" (ends[2] + 1)
	}
}
END {
	for (path in value) {
		if (what == "entries" && general(path) in counted) {
			table = path
			sub(/[^.]*$/, counted[general(path)], table)
			checked++
			if (value[path] != rows[table] + 0) {
				complain(path " is " value[path] ", and there are " rows[table] + 0)
			}
		}
		if (what == "references" && general(path) in source && list_for(path) in value && value[path] != "") {
			checked++
			n = split(value[path], item, ",")
			for (i = 1; i <= n; i++) {
				if (index("," value[list_for(path)] ",", "," item[i] ",") == 0) {
					complain(path " is " item[i] ", which is not in " list_for(path))
				}
			}
		}
		if (what == "references" && is_reference[general(path)] && !vendor(path)) {
			checked++
			n = value[path] == "" ? 0 : split(value[path], item, ",")
			for (i = 1; i <= n; i++) {
				if (item[i] ~ /\.$/ || !((item[i] in is_there) || ((item[i] ".") in is_there))) {
					complain(path " points to " item[i])
				}
			}
		}
	}
	if (what == "profile") {
		for (name in member) {
			checked++
			if (!(name in has) && !(name ~ /^[^.]*\.$/ || is_in_no_row(name))) {
				complain(name " of " profile " is not there")
			}
			if ((name in has) && to_write[name] && may_write[name] != 1) {
				complain(name " of " profile " is not writable")
			}
		}
	}
	if (what == "wrong") {
		exit 0
	}
	print checked + 0 " checked, " wrong + 0 " wrong"
	exit wrong > 0 || checked < (least == "" ? 1 : least)
}
