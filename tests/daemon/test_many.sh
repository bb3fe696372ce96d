#!/bin/sh
# A model of 100,000 parameters, 1,000 of them with active notification: nothing is done between sessions, and a session
# costs what is watched, not what there is. What is counted is what the plugin is asked.
# shellcheck source=tests/daemon/lib.sh
. "${top_srcdir:-.}/tests/daemon/lib.sh"

TABLE=Device.X_TR069CLIENT_Many

asked() { box_ctl get Device.DeviceInfo.X_TR069CLIENT_Asked | sed 's/.* = //; s/[a-z,]//g'; }

more() { # more VALUES LISTS ROWS: at most so much more was asked than in $asked
	asked >"$WORK/asked"
	# shellcheck disable=SC2086 # numbers
	awk -v values="$1" -v lists="$2" -v rows="$3" -v before="$asked" 'BEGIN { split(before, b, " ") }
		{ print $1 - b[1] " values, " $2 - b[2] " lists, " $3 - b[3] " rows"
		exit !($1 - b[1] <= values && $2 - b[2] <= lists && $3 - b[3] <= rows) }' "$WORK/asked"
}

idle_cost() { # time on a processor in ns, and how often it was left
	printf '%s %s' "$(cut -d ' ' -f 1 "/proc/$client_pid/schedstat")" \
		"$(awk '/ctxt_switches/ { sum += $2 } END { print sum }' "/proc/$client_pid/status")"
}

box_new
ln -s "$build/tests/daemon/.libs/many.so" "$BOX/plugins/many.so"
printf 'parameters = 100000\ntick = 0\n' >"$BOX/plugins.d/60-many.conf"
acs_start
acs credentials user=cr password=crpw >/dev/null
box_start connection_request_username=cr connection_request_password=crpw periodic_interval=3600
check "the first session" acs wait-session 60 "0 BOOTSTRAP"
box_idle
check "nothing was asked for it" [ "$(asked)" = '0  0  0 ' ]
# shellcheck disable=SC2046 # words
check "active notification for 1,000" acs rpc now SetParameterAttributes \
	$(seq -f "$TABLE.%.0f. notification=2" 100)
box_idle
acs wait-session 1 >/dev/null

asked=$(asked)
before=$(idle_cost)
sleep 2
check "idle: no processor, no waking" [ "$(idle_cost)" = "$before" ]
check "and nothing is asked" more 0 0 0

asked=$(asked)
check "a session" box_ctl inform
check "ends" acs wait-session 60
box_idle
check "1,000 values are compared, once" more 1000 0 1000
tail -n 1 "$WORK/check.out"

asked=$(asked)
check "one that reads 10" acs rpc now GetParameterValues "$TABLE.9000."
box_idle
check "reads those besides" more 1010 0 1010
box_stop

echo 'tick = 500' >>"$BOX/plugins.d/60-many.conf"
sed -i 's/tick = 0//' "$BOX/plugins.d/60-many.conf"
box_start connection_request_username=cr connection_request_password=crpw periodic_interval=3600
check "another port" acs wait-session 60 "4 VALUE CHANGE"
check "a push" acs wait-session 60 "4 VALUE CHANGE"
acs last-inform >"$WORK/inform"
check "finds the others as well" [ "$(grep -c "^$TABLE\." "$WORK/inform")" -eq 1000 ]
check "all of them new" sh -c "! grep '^$TABLE\.' '$WORK/inform' | grep -v ', 1\$'"
finish
