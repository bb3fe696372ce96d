# shellcheck shell=sh disable=SC2034,SC2154 # of lib.sh
# RBT: the RPC Reboot, and reboots of somebody else

rebooted() { # rebooted N: the platform was told so often
	box_log 'action reboot' && box_idle && [ "$(wc -l <"$BOX/reboots")" -eq "$1" ]
}

row_RBT_01() {
	start
	acs linger 0.5 >/dev/null
	check "an order" rpc Reboot key=the-key
	check "the platform reboots" rebooted 1
	check "after the end of the session" in_order '<- RebootResponse' '-> 204' 'session ended'
	check "which was first" sh -c "sed -n '/RPC\|Reboot the-key/,\$p' '$WORK/client.log' | grep -e 'the ACS ended it' -e 'action reboot' | head -n 1 | grep ended"
	acs linger 0 >/dev/null
	box_reboot
	start
	check "the boot tells of the order" events "1 BOOT" "M Reboot:the-key"
	box_reboot
	start
	check "once" events "1 BOOT"
	check "one reboot in all" test "$(wc -l <"$BOX/reboots")" -eq 1
}

row_RBT_02() {
	start
	box_reboot
	start
	check "a reboot by the user" events "1 BOOT"
	box_kill
	new_boot_id
	start
	check "a power cut" events "1 BOOT"
	box_kill
	start
	check "a crash of the client is no boot" events "2 PERIODIC"
}

row_RBT_03() {
	start
	row=Device.ManagementServer.InformParameter.1
	check "a setting" put Device.DeviceInfo.ProvisioningCode=kept key=kept-key
	check "an attribute" rpc SetParameterAttributes Device.DeviceInfo.SerialNumber notification=1
	check "a row" rpc AddObject Device.ManagementServer.InformParameter. key=kept-key
	check "with its value" put "$row.ParameterName=Device.Time.NTPServer1" "$row.Enable=xsd:boolean:true" key=kept-key
	url=$(acs value now Device.ManagementServer.ConnectionRequestURL)
	drain
	acs rpc now GetParameterValues Device.ManagementServer. Device.DeviceInfo.ProvisioningCode >"$WORK/before"
	acs rpc now GetParameterAttributes Device. >"$WORK/attributes"
	check "an order" rpc Reboot key=x
	box_log 'action reboot'
	box_reboot
	start
	acs rpc now GetParameterValues Device.ManagementServer. Device.DeviceInfo.ProvisioningCode >"$WORK/after"
	acs rpc now GetParameterAttributes Device. >"$WORK/attributes-after"
	drain
	check "values and rows are the same" diff "$WORK/before" "$WORK/after"
	check "the row among them" grep -q "^$row.ParameterName.*NTPServer1" "$WORK/after"
	check "attributes are the same" diff "$WORK/attributes" "$WORK/attributes-after"
	check "the one among them" grep -q '^Device.DeviceInfo.SerialNumber	1' "$WORK/attributes-after"
	check "ConnectionRequestURL too" value Device.ManagementServer.ConnectionRequestURL "$url"
}

row_RBT_04() {
	start
	calm
	acs linger 1 >/dev/null
	for key in one two; do
		"$TEST_ACS" --talk "$SOCKET" "rpc Reboot key=$key" >"$WORK/order-$key" 2>&1 &
	done
	check "two orders" acs connection-request
	check "in one session" acs wait-session 60 '"6 CONNECTION REQUEST"'
	check "each is answered" test "$(grep -c '<- RebootResponse' "$WORK/transcript")" -eq 2
	check "one reboot" rebooted 1
	acs linger 0 >/dev/null
	box_reboot
	start
	check "both are told" events "1 BOOT" "M Reboot:one" "M Reboot:two"
	inform
	check "and nothing is left" events "2 PERIODIC"
	check "one reboot in all" test "$(wc -l <"$BOX/reboots")" -eq 1
}
