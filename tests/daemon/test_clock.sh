#!/bin/sh
# A clock that is set after the start: the periodic Inform takes its time of day then.
# shellcheck source=tests/daemon/lib.sh
. "${top_srcdir:-.}/tests/daemon/lib.sh"
# shellcheck source=tests/conformance/lib.sh
. "$top/tests/conformance/lib.sh" # its clock

in_seconds() { date -u -d "@$(($(date +%s) + $1))" +%Y-%m-%dT%H:%M:%SZ; }

virtual_time
acs_start
acs "credentials user=cr password=crpw" >/dev/null
box_start connection_request_username=cr connection_request_password=crpw clock_not_before="$(in_seconds 3600)" periodic_interval=86400
check "the first session" acs wait-session 60
box_idle
time=Device.ManagementServer.PeriodicInformTime
check "the ACS sets a time with a fraction, as GenieACS does" acs rpc now SetParameterValues $time=xsd:dateTime:1970-01-01T01:52:47.612Z
check "and reads what it has set" [ "$(acs value now $time)" = 1970-01-01T01:52:47.612Z ]
calm
check "a time for periodic Informs, while the clock is not set" \
	box_ctl set $time "$(in_seconds 7200)"
check "nothing is due then" no_session 0.5
wall 3600
check "the clock is set: that is noticed" box_log 'the clock was set'
check "not yet" no_session 0.5
forward 3600
check "the Inform comes at its time" acs wait-session 60 "2 PERIODIC"
finish
