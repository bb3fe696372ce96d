#!/bin/sh
# FactoryReset: nothing that the ACS set or did is left, in either generation of the state.
# shellcheck source=tests/daemon/lib.sh
. "${top_srcdir:-.}/tests/daemon/lib.sh"

forgotten() { ! grep -r "$1" "$BOX/state"; }
kept() { grep -q "$1" "$BOX/state/state"; }

acs_start
box_start connection_request_username=cr connection_request_password=crpw
acs credentials user=cr password=crpw >/dev/null
check "the first session" acs wait-session 60
check "values" acs rpc now SetParameterValues Device.DeviceInfo.ProvisioningCode=left-over \
	Device.ManagementServer.Username=acs-name Device.ManagementServer.PeriodicInformInterval=7777
check "a row" acs rpc now AddObject Device.ManagementServer.InformParameter. key=left-over
check "is kept" kept left-over
check "FactoryReset" acs rpc now FactoryReset
check "the platform is told" box_log 'action factory-reset'
box_kill # as the platform may
check "what the ACS set is gone" forgotten left-over
check "so are rows" forgotten InformParameter
check "and what is said of sessions and boots" forgotten '^session/\|boot-id\|request-path\|reported'
check "the login at the ACS stays" kept 'Username acs-name'
box_start connection_request_username=cr connection_request_password=crpw
check "the next Inform is a bootstrap" acs wait-session 60 "0 BOOTSTRAP"
said_now() { acs value now "$1" >"$WORK/value" && grep -q -e "$2" "$WORK/value" || { cat "$WORK/value"; return 1; }; }
check "the logs tell nothing of before" sh -c "! '$TEST_ACS' --talk '$SOCKET' value now Device.DeviceInfo.DeviceLogs | grep 'AddObject\|SetParameterValues'"
check "files of the configuration are as they were" cmp "$BOX/plugins.d/50-download.conf" "$top/plugins/download/50-download.conf"

# the link of the ACS and the login for connection requests, as the ACS set them: they stay, or with
# keep_configuration = no they go as everything does
other=$(echo "$ACS" | sed 's/127\.0\.0\.1/localhost/')
change() { # from the other link on it is another ACS: bootstrap
	acs rpc now SetParameterValues Device.ManagementServer.URL="$other" \
		Device.ManagementServer.ConnectionRequestPassword=changed && acs wait-session 60 "0 BOOTSTRAP" &&
		acs credentials user=cr password=changed
}
reset() { # reset OPTION...
	: >"$WORK/client.log"
	check "FactoryReset" acs rpc now FactoryReset
	check "the platform is told" box_log 'action factory-reset'
	box_reboot
	box_start connection_request_username=cr connection_request_password=crpw "$@"
	check "a bootstrap of a new boot" said '^1 BOOT$' 'wait-session 10 "0 BOOTSTRAP"'
}
check "another link and login" change
reset factory-reset.keep_configuration=false
check "the link that the ACS set is still there" said_now Device.ManagementServer.URL "^$other"
check "as is the login for connection requests" acs connection-request user=cr password=changed
reset
acs credentials user=cr password=crpw >/dev/null
check "keep_configuration = no: the link is the firmware's" said_now Device.ManagementServer.URL "^$ACS"
check "as is the login for connection requests" acs connection-request user=cr password=crpw
check "the one that the ACS had set is refused" said 401 'connection-request user=cr password=changed'
finish
