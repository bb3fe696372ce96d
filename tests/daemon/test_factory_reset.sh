#!/bin/sh
# FactoryReset: nothing that the ACS set or did is left, in either generation of the state.
# shellcheck source=tests/daemon/lib.sh
. "${top_srcdir:-.}/tests/daemon/lib.sh"

forgotten() { ! grep -r "$1" "$BOX/state"; }
kept() { grep -q "$1" "$BOX/state/state"; }

acs_start
box_start connection_request_username=cr connection_request_password=crpw
acs credentials user=cr password=crpw >/dev/null
check "the first session" acs wait-session 10
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
check "the next Inform is a bootstrap" acs wait-session 10 "0 BOOTSTRAP"
finish
