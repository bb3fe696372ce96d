# shellcheck shell=sh disable=SC2034,SC2154 # of lib.sh
# TLS: secure sessions. More of it, with the words for people, is in tests/daemon/test_tls.sh.
. "$top/tests/daemon/certs.sh"

here=IP:127.0.0.1

# secure NAME ISSUER SAN [FROM UNTIL]: an ACS that shows that certificate, and a box that trusts the CA `root`
secure() {
	[ -e "$CERTS/root.pem" ] || authority root
	[ -e "$CERTS/$2.pem" ] || [ "$2" = self ] || authority "$2"
	certificate "$@"
	# an ACS that a session did not reach does not know that it failed
	ACS_OPTIONS="--tls $CERTS/$1.pem $CERTS/$1.key --tolerate retry-count"
	# shellcheck disable=SC2086
	acs_start $ACS_OPTIONS
	acs credentials user=cr password=crpw >/dev/null
}
box() { daemon tls_ca_file="$CERTS/root.pem" tls_system_store=false retry_minimum=600 "$@"; }
# Nothing was said to that server, and the session failed with these words.
refused() {
	box_log "session failed: .*TLS: .*$1.*; retry" || return 1
	! grep '<- ' "$WORK/transcript"
}

row_TLS_01() {
	secure good root $here
	check "the URL is https" test "${ACS#https://}" != "$ACS"
	box
	session 10
	for old in SSL3.0 TLS1.0 TLS1.1; do
		[ "$old" != SSL3.0 ] || continue # no GnuTLS speaks it any more
		: >"$WORK/client.log"
		acs tls priority=NORMAL:-VERS-ALL:+VERS-$old:%UNSAFE_RENEGOTIATION tickets=off >/dev/null
		mark
		box_ctl inform >/dev/null
		check "$old is refused" box_log 'session failed: .*TLS: '
		check "nothing was said" test "$(count_since '<- Inform')" -eq 0
		box_idle
	done
	for version in TLS1.2 TLS1.3; do
		acs tls priority=NORMAL:-VERS-ALL:+VERS-$version tickets=off >/dev/null
		box_ctl inform >/dev/null
		session 10
	done
}

row_TLS_02() {
	secure good root $here
	box
	session 10
	check "it was TLS" transcript 'TLS1.[23]'
	acs_stop
	box_stop
	secure named root DNS:acs.test
	port=${ACS##*:}
	names '127.0.0.1 acs.test'
	ACS=https://acs.test:$port
	box connection_request_host=127.0.0.1
	session 10
}

row_TLS_03() {
	authority stranger
	secure bad stranger $here
	box
	check "an unknown CA" refused 'unknown issuer'
	acs tls certificate="$CERTS/bad.pem" key="$CERTS/bad.key" >/dev/null
	box_stop
	acs_stop
	rm -f "$WORK/transcript"
	: >"$WORK/client.log"
	secure own self $here
	box
	check "signed by itself" refused 'unknown issuer'
}

row_TLS_04() {
	secure other root DNS:other.test,IP:127.0.0.2
	box
	check "another name" refused 'another host'
	box_stop
	port=${ACS##*:}
	names '127.0.0.1 acs.test' '127.0.0.1 other.test'
	ACS=https://acs.test:$port
	: >"$WORK/client.log"
	box connection_request_host=127.0.0.1
	check "that the same address has the certified name counts for nothing" refused 'another host'
}

row_TLS_05() {
	secure expired root $here -9 -2
	box
	check "expired" refused 'expired'
	box_stop
	acs_stop
	rm -f "$WORK/transcript"
	: >"$WORK/client.log"
	secure early root $here 5 9
	box
	check "not valid yet" refused 'not valid yet'
}

row_TLS_06() {
	secure early root $here 5 9
	virtual_time
	box clock_not_before="$(in_utc $(($(date +%s) + 86400)))"
	session 10
	: >"$WORK/client.log"
	acs tls tickets=off >/dev/null
	wall 172800 # now it knows the time
	box_ctl inform >/dev/null
	check "with the time the dates count" box_log 'session failed: .*TLS: .*not valid yet'
	box_stop
	authority stranger
	certificate foreign stranger $here
	wall_ms=0
	acs tls certificate="$CERTS/foreign.pem" key="$CERTS/foreign.key" >/dev/null
	: >"$WORK/client.log"
	box clock_not_before="$(in_utc $(($(date +%s) + 86400)))"
	check "without it, all else counts" box_log 'session failed: .*TLS: .*unknown issuer'
}

row_TLS_07() {
	authority root
	authority middle root
	certificate deep middle $here
	cat "$CERTS/middle.pem" >>"$CERTS/deep.pem"
	acs_start --tls "$CERTS/deep.pem" "$CERTS/deep.key"
	box
	check "the one between came from the server" acs wait-session 60
}

row_TLS_08() {
	secure good root $here
	certificate box root DNS:0A1B2C-SN0001
	acs tls clients="$CERTS/root.pem" >/dev/null
	box tls_certificate="$CERTS/box.pem" tls_key="$CERTS/box.key"
	session 10
	box_stop
	: >"$WORK/client.log"
	box
	check "without one that server takes no session" box_log 'session failed: '
}

row_TLS_09() {
	authority stranger
	secure bad stranger $here
	box retry_minimum=1 retry_multiplier=1000
	check "the first attempt" box_log 'session failed: .*TLS: .*; retry 1 in'
	check "the second" box_log 'session failed: .*TLS: .*; retry 2 in'
	check "nothing was sent without TLS" transcript_not '<- '
	check "all went to https" sh -c "! grep 'session with http:' '$WORK/client.log'"
}

row_TLS_10() {
	authority root
	authority stranger
	certificate good root $here
	certificate bad stranger $here
	mkdir -p "$WORK/files"
	echo x >"$WORK/files/file"
	second_acs --tls "$CERTS/bad.pem" "$CERTS/bad.key" --set "files $WORK/files"
	ACS_OPTIONS='--tolerate retry-count' start tls_ca_file="$CERTS/root.pem" tls_system_store=false retry_minimum=600
	acs behaviour moved 302 "$ACS2" times=1 >/dev/null
	box_ctl inform >/dev/null
	check "a redirect to an unknown CA" box_log 'session failed: .*TLS: .*unknown issuer'
	check "nothing was said there" sh -c "! grep '<- ' '$WORK/transcript2'"
	check "a file at such a server" acs rpc now Download key=d type='"3 Vendor Configuration File"' url="${ACS2%/acs}/files/file" target=f
	since '<- TransferComplete CommandKey=d FaultStruct 90'
	check "is not fetched" test ! -e "$BOX/download/f"
	second tls certificate="$CERTS/good.pem" key="$CERTS/good.key" >/dev/null
	calm
	check "with a good one it is" acs rpc now Download key=e type='"3 Vendor Configuration File"' url="${ACS2%/acs}/files/file" target=g
	since '<- TransferComplete CommandKey=e FaultStruct 0'
	check "and arrives" cmp "$WORK/files/file" "$BOX/download/g"
}

row_TLS_11() {
	secure good root $here
	for scheme in digest basic; do
		mark
		acs auth $scheme cpe secret >/dev/null
		box acs_username=cpe acs_password=secret
		session 10
		check "$scheme: it was challenged" test "$(count_since '-> 401')" -eq 1
		check "$scheme: nothing else was sent before" test "$(count_since 'auth-unasked')" -eq 0
		box_stop
	done
}

row_TLS_12() {
	secure good root $here
	acs keep-alive off >/dev/null
	box
	session 10
	check "reconnected within the session" test "$(grep -c 'TLS1.[23]' "$WORK/transcript")" -ge 2
	acs keep-alive on >/dev/null
	box_ctl inform >/dev/null
	session 10
	check "taken up again" transcript 'resumed'
}
