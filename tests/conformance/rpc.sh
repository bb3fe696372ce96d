# shellcheck shell=sh disable=SC2034,SC2154 # of lib.sh
# RPC: GetRPCMethods

row_RPC_01() {
	start
	rpc GetRPCMethods >"$WORK/methods"
	for method in GetRPCMethods SetParameterValues GetParameterValues GetParameterNames SetParameterAttributes \
		GetParameterAttributes AddObject DeleteObject Reboot Download; do
		check "$method is there" grep -q -x "$method" "$WORK/methods"
	done
	check "each once" test -z "$(sort "$WORK/methods" | uniq -d)"
	# all that TR-069 has; without arguments none but the harmless are carried out
	for method in GetRPCMethods SetParameterValues GetParameterValues GetParameterNames SetParameterAttributes \
		GetParameterAttributes AddObject DeleteObject Reboot Download Upload ScheduleInform GetQueuedTransfers \
		GetAllQueuedTransfers ScheduleDownload CancelTransfer ChangeDUState SetVouchers GetOptions Kicked \
		RequestDownload Inform TransferComplete AutonomousTransferComplete DUStateChangeComplete \
		AutonomousDUStateChangeComplete; do
		if grep -q -x "$method" "$WORK/methods"; then
			check "$method is listed, and known" is_known $method
		else
			check "$method is not listed, and 9000" is_unknown $method
		fi
	done
	check "none is listed that nobody knows" test -z "$(grep -v -x -e FactoryReset -f "$WORK/tried" "$WORK/methods")"
	if grep -q -x FactoryReset "$WORK/methods"; then
		check "FactoryReset is listed, and known" is_known FactoryReset
	fi
}
call() {
	echo "$1" >>"$WORK/tried"
	printf '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns:c="urn:dslforum-org:cwmp-1-2"><e:Header><c:ID e:mustUnderstand="1">{id}</c:ID></e:Header><e:Body><c:%s/></e:Body></e:Envelope>' \
		"$1" >"$WORK/call.xml"
	acs rpc now raw "$WORK/call.xml" >"$WORK/answer" 2>&1
	drain
}
is_known() {
	call "$1"
	! grep -i 'fault 9000' "$WORK/answer"
}
is_unknown() {
	call "$1"
	grep -q -i 'fault 9000' "$WORK/answer"
}

row_RPC_02() {
	. "$top/tests/conformance/evt.sh"
	start
	rpc GetRPCMethods >"$WORK/of-ours"
	check "the client itself has none" sh -c "! grep '^X_' '$WORK/of-ours'"
	box_stop
	own_plugin
	start
	rpc GetRPCMethods >"$WORK/methods"
	check "those of a vendor's plugin are listed" grep -q -x X_TR069CLIENT_OwnEvent "$WORK/methods"
	grep -v -x -f "$WORK/of-ours" "$WORK/methods" >"$WORK/of-others"
	check "all of them" test "$(wc -l <"$WORK/of-others")" -ge 3
	check "named X_<VENDOR>_..." sh -c "! grep -v -x 'X_[0-9A-Z]\{1,\}_[0-9A-Za-z]\{1,\}' '$WORK/of-others'"
	check "carried out" rpc X_TR069CLIENT_OwnEvent Code='"X 0A1B2C Remote lost"' CommandKey=""
	check "and answered with an element of that name" transcript '<- X_TR069CLIENT_OwnEventResponse'
}
