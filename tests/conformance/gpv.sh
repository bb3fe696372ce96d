# shellcheck shell=sh disable=SC2034,SC2154 # of lib.sh
# GPV: GetParameterValues
. "$top/tests/conformance/tables.sh"

row_GPV_01() {
	tables
	play <<-END
		session within 20
		  GetParameterValues Device.DeviceInfo.SerialNumber
		  expect count = 1
		  expect value Device.DeviceInfo.SerialNumber = SN0001
		  expect type Device.DeviceInfo.SerialNumber = xsd:string
		  GetParameterValues ${V}
		  expect type ${V}Number = xsd:int
		  expect type ${V}Unsigned = xsd:unsignedInt
		  expect type ${V}Flag = xsd:boolean
		  expect type ${V}Kind = xsd:string
		  expect type ${V}Time = xsd:dateTime
		  expect type ${V}Base =~ ^(soapenc:base64|xsd:base64Binary)$
		  expect value ${V}Flag = false
		  expect value ${V}Time = 0001-01-01T00:00:00Z
	END
}

row_GPV_02() {
	tables
	play <<-END
		session within 20
		  GetParameterValues Device.DeviceInfo.SerialNumber Device.DeviceInfo.SupportedDataModel. ${V}Number
		  expect value Device.DeviceInfo.SerialNumber = SN0001
		  expect value Device.DeviceInfo.SupportedDataModel.1.URN ~ urn:*
		  expect value ${V}Number = 0
		  GetParameterValues Device.DeviceInfo.SerialNumber Device.DeviceInfo. Device.DeviceInfo.SerialNumber
		  expect xpath "count(//Name[. = 'Device.DeviceInfo.SerialNumber']) = 1"
		  expect value Device.DeviceInfo.ModelName
	END
}

row_GPV_03() {
	tables
	play <<-END
		session within 20
		  AddObject $R key=a
		  AddObject ${R}1.Sub. key=a
		  GetParameterValues Device.X_TR069CLIENT_Row.
		  expect count = 6
		  expect value ${R}1.Name = new
		  expect value ${R}1.Sub.1.Name = ""
		  GetParameterValues ${R}1.
		  expect count = 6
		  GetParameterValues ${R}1.Sub.
		  expect count = 2
		  GetParameterValues Device.DeviceInfo.
		  expect value Device.DeviceInfo.SerialNumber
		  expect value Device.DeviceInfo.MemoryStatus.Total > 0
		  expect value Device.DeviceInfo.SupportedDataModel.1.URL
	END
}

row_GPV_04() {
	start
	rpc GetParameterValues Device. >"$WORK/root"
	rpc GetParameterValues '""' >"$WORK/all"
	for values in root all; do
		cut -f 1 "$WORK/$values" >"$WORK/$values.names"
	done
	check "the same as of the root" diff "$WORK/root.names" "$WORK/all.names"
	check "which are many" test "$(wc -l <"$WORK/all")" -ge 80
	for name in DeviceInfo.SerialNumber ManagementServer.URL RootDataModelVersion DeviceInfo.SupportedDataModel.1.URL; do
		check "$name is there" grep -q -x "Device.$name" "$WORK/all.names"
	done
}

row_GPV_05() {
	tables
	play <<-END
		session within 20
		  GetParameterValues Device.DeviceInfo.SerialNumber Device.DeviceInfo.Nothing
		  expect fault 9005
		  expect xpath "not(//ParameterValueStruct)"
		  GetParameterValues Device.Nothing. Device.DeviceInfo.
		  expect fault 9005
		  expect xpath "not(//ParameterValueStruct)"
		  GetParameterValues ${R}1.Name
		  expect fault 9005
		  GetParameterValues ${R}1.
		  expect fault 9005
		  GetParameterValues Device.DeviceInfo
		  expect fault 9005
		  GetParameterValues Device.DeviceInfo.SerialNumber.
		  expect fault 9005
		  GetParameterValues Device..
		  expect fault 9005
		  GetParameterValues Device.DeviceInfo.serialNumber
		  expect fault 9005
	END
}

row_GPV_06() {
	tables
	play <<-END
		session within 20
		  GetParameterValues $R
		  expect response
		  expect count = 0
		  GetParameterValues $R Device.WiFi.SSID.
		  expect response
		  expect count = 0
	END
}

row_GPV_07() {
	tables
	play <<-END
		session within 20
		  GetParameterValues Device.ManagementServer.Password Device.ManagementServer.ConnectionRequestPassword ${V}Secret
		  expect value Device.ManagementServer.Password = ""
		  expect value Device.ManagementServer.ConnectionRequestPassword = ""
		  expect value ${V}Secret = ""
		  SetParameterValues ${V}Secret=other Device.ManagementServer.Password=pass key=a
		  GetParameterValues Device.
		  expect value ${V}Secret = ""
		  expect value Device.ManagementServer.Password = ""
	END
	check "the box has them" grep -q other "$BOX/state/state"
}

row_GPV_08() {
	tables
	play <<-END
		session within 20
		  SetParameterValues ${V}Number=xsd:int:7 key=a
		  expect argument Status = 0
		  GetParameterValues ${V}Number
		  expect value ${V}Number = 7
		  SetParameterValues ${V}Later=xsd:int:7 key=a
		  expect argument Status = 1
		  GetParameterValues ${V}Later ${V}Applied
		  expect value ${V}Later = 7
		  expect value ${V}Applied = 0
		  SetParameterValues Device.ManagementServer.PeriodicInformInterval=xsd:unsignedInt:4000 key=a
		  GetParameterValues Device.ManagementServer.PeriodicInformInterval
		  expect value Device.ManagementServer.PeriodicInformInterval = 4000
	END
}

# values MODEL: NAME TYPE VALUE lines against type, size, range and enumeration of the table
within_model() {
	awk -F '\t' '
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
		function is_one_of(value, list,   i, n, items) {
			n = split(list, items, "|")
			for (i = 1; i <= n; i++) {
				sub(/ *\{.*$/, "", items[i])
				if (items[i] == value) {
					return 1
				}
			}
			return 0
		}
		function judge(name, value, where) {
			if (size[name] ~ /^[0-9]*:[0-9]+$/) {
				split(size[name], bounds, ":")
				sized++
				if (length(value) > bounds[2] + 0) {
					complain(where ": longer than " bounds[2])
				}
			}
			if (range[name] ~ /^-?[0-9]*:-?[0-9]*$/) {
				split(range[name], bounds, ":")
				ranged++
				if ((bounds[1] != "" && value + 0 < bounds[1] + 0) || (bounds[2] != "" && value + 0 > bounds[2] + 0)) {
					complain(where ": " value " is not in " range[name])
				}
			}
			if (enum[name] != "" && value != "") {
				listed++
				if (!is_one_of(value, enum[name])) {
					complain(where ": \"" value "\" is none of " enum[name])
				}
			}
		}
		FILENAME == ARGV[1] { type[$1] = $4; list[$1] = $6; size[$1] = $7; range[$1] = $9; enum[$1] = $10; next }
		{
			name = general($1)
			if (!(name in type)) {
				next
			}
			sub(/^xsd:/, "", $2)
			sub(/^soapenc:/, "", $2)
			if ($2 != type[name]) {
				complain($1 " is a " $2 ", not a " type[name])
			}
			if (list[name] == "") {
				judge(name, $3, $1)
			} else if ($3 != "") {
				n = split($3, items, ",")
				for (i = 1; i <= n; i++) {
					judge(name, items[i], $1)
				}
			}
		}
		END {
			print sized + 0 " lengths, " ranged + 0 " ranges, " listed + 0 " enumerations, " wrong + 0 " wrong"
			exit wrong > 0 || sized < 10 || listed < 3
		}' "$1" "$WORK/values"
}

row_GPV_09() {
	for root in Device:2 InternetGatewayDevice:1; do
		fresh
		start root=$root
		rpc GetParameterValues "${root%%:*}." >"$WORK/values"
		case $root in
		Device:2) table=tr-181-2-17-0.tsv ;;
		*) table=tr-098-1-8-0.tsv ;;
		esac
		check "$root: there are many" test "$(wc -l <"$WORK/values")" -ge 60
		check "$root: values are the model's" within_model "$TR069_STANDARDS/dm/$table"
		tail -n 1 "$WORK/check.out"
	done
}

row_GPV_10() {
	tables
	{
		printf 'session within 20\n  AddObject %s key=a\n' "$R"
		for row in $(seq 120); do
			printf '  AddObject %s1.Sub. key=a\n  SetParameterValues %s1.Sub.%s.Name=%s key=a\n' "$R" "$R" "$row" \
				"$(printf '<&%01000d>' "$row")"
		done
		printf '  GetParameterValues ""\n  expect response\n  expect count >= 320\n'
		printf '  expect value %s1.Sub.120.Name =~ ^<&0*120>$\n' "$R"
		printf '  GetParameterNames "" false\n  expect count >= 400\n'
	} >"$WORK/big"
	play <"$WORK/big"
}
