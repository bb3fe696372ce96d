#!/bin/sh
# The data model of the real plugins, under both roots, held against the Broadband Forum's tables: every
# name exists there (or is the vendor's), with its type and its access.
# shellcheck source=tests/daemon/lib.sh
. "${top_srcdir:-.}/tests/daemon/lib.sh"

if [ ! -r "$TR069_STANDARDS/dm/tr-181-2-17-0.tsv" ]; then
	echo "skipped: there are no data models in TR069_STANDARDS=$TR069_STANDARDS"
	exit 77
fi

# compare TABLE: NAME WRITABLE lines of names and NAME TYPE lines of values against the table
compare() {
	awk -F '\t' -v wrong=0 '
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
		FILENAME == ARGV[1] { access[$1] = $3; type[$1] = $4; next }
		{ name = general($1) }
		name ~ /\.X_/ || name ~ /DeviceInfo\.DeviceLogs$/ { next }
		!(name in access) {
			# a table without its {i}: writable as its rows are
			if (!((name "{i}.") in access)) {
				complain($1 " is not in the model")
			} else if (FILENAME == ARGV[2] && ($2 == "1") && access[name "{i}."] != "readWrite") {
				complain($1 " is writable, but not in the model")
			}
			next
		}
		FILENAME == ARGV[2] {
			names++
			if ($2 == "1" && access[name] == "readOnly") {
				complain($1 " is writable, but read-only in the model")
			}
			next
		}
		{
			values++
			sub(/^xsd:/, "", $2)
			sub(/^soapenc:/, "", $2)
			if ($2 != type[name]) {
				complain($1 " is a " $2 ", but a " type[name] " in the model")
			}
		}
		END {
			print names " names, " values " values, " wrong " wrong"
			exit wrong > 0 || names < 40 || values < 40
		}' "$1" "$WORK/names" "$WORK/values"
}

for root in Device:2 InternetGatewayDevice:1; do
	case $root in
	Device:2) table=tr-181-2-17-0.tsv name=Device. ;;
	*) table=tr-098-1-8-0.tsv name=InternetGatewayDevice. ;;
	esac
	acs_start
	box_start root=$root connection_request_username=cr connection_request_password=crpw
	check "$root informs" acs wait-session 60 "0 BOOTSTRAP"
	acs "credentials user=cr password=crpw" >/dev/null
	acs rpc now GetParameterNames $name 0 >"$WORK/names" || fail "GetParameterNames"
	acs rpc now GetParameterValues $name >"$WORK/values" || fail "GetParameterValues"
	check "$root: names, types and access are the model's" compare "$TR069_STANDARDS/dm/$table"
	tail -n 1 "$WORK/check.out"
	grep -v '\.	' "$WORK/names" | cut -f 1 | sort >"$WORK/a"
	cut -f 1 "$WORK/values" | sort >"$WORK/b"
	check "$root: names and values are of the same parameters" cmp "$WORK/a" "$WORK/b"
	box_stop
	acs_stop
	rm -rf "$BOX"
done
finish
