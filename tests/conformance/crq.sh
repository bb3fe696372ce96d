# shellcheck shell=sh disable=SC2034,SC2059,SC2086,SC2154 # of lib.sh; curl's options hold no blanks
# CRQ: connection requests over HTTP, by curl where the test ACS is too polite

ready() { # ready [OPTION...]: $URL is where it listens
	start "$@"
	URL=$(acs last-inform | sed -n 's/^Device.ManagementServer.ConnectionRequestURL	.*	//p')
	calm
}
# asks STATUS CURL-ARGUMENT...: the answer's status; head and body are in $WORK/head, $WORK/body
asks() {
	wanted=$1
	shift
	status=$(curl -s -m 10 -g -o "$WORK/body" -D "$WORK/head" -w '%{http_code}' "$@")
	echo "$status" | grep -q -x -E "$wanted" || {
		echo "status $status" && cat "$WORK/head" && return 1
	}
}
login='-u cr:crpw --digest'
good() { asks '20[04]' -u cr:crpw --digest "${1:-$URL}"; }
digest_of() { printf '%s' "$1" | md5sum | cut -d ' ' -f 1; }
field() { sed -n "s/^WWW-Authenticate: Digest .*$1=\"\{0,1\}\([^\",]*\).*/\1/Ip" "$WORK/head" | tr -d '\r'; }
# The header of a Digest answer to a fresh challenge. by_hand [USER [PASSWORD [URI [QOP]]]]
by_hand() {
	asks 401 "$URL" || return 1
	path=/${URL#http://*/}
	user=${1:-cr} uri=${3:-$path} nonce=$(field nonce) realm=$(field realm) opaque=$(field opaque)
	ha1=$(digest_of "$user:$realm:${2:-crpw}") ha2=$(digest_of "GET:$uri")
	if [ "${4:-auth}" = none ]; then
		more=", response=\"$(digest_of "$ha1:$nonce:$ha2")\""
	else
		more=", qop=auth, nc=00000001, cnonce=\"abc\", response=\"$(digest_of "$ha1:$nonce:00000001:abc:auth:$ha2")\""
	fi
	header="Authorization: Digest username=\"$user\", realm=\"$realm\", nonce=\"$nonce\", uri=\"$uri\"${opaque:+, opaque=\"$opaque\"}$more"
}
sessions() { acs stats | sed -n 's/^sessions	//p'; }
empty() { [ ! -s "$WORK/body" ]; }

row_CRQ_01() {
	ready
	check "http, with a path that cannot be guessed" sh -c "echo '$URL' | grep -E '^http://127.0.0.1:$cr_port/[A-Za-z0-9]{16,}$'"
	check "it listens" good
	session 5
	check "not for anything else than GET" asks 4.. -X PUT -d x $login "$URL"
	check "nor https" sh -c "! curl -s -k -m 5 https://127.0.0.1:$cr_port/"
	box_stop
	rm -rf "$BOX"
	before=$URL
	ready
	check "another box has another path" test "$URL" != "$before"
}

row_CRQ_02() {
	ready
	check "no credentials" asks 401 "$URL"
	check "a Digest challenge" grep -q -i '^WWW-Authenticate: Digest ' "$WORK/head"
	check "with a nonce" test -n "$(field nonce)"
	check "no other one" sh -c "! grep -i '^WWW-Authenticate: Basic' '$WORK/head'"
	check "Basic is refused" asks 401 -u cr:crpw --basic "$URL"
	check "no session" no_session 0.5
	check "the right Digest" good
	session 5
	check "is heard" events "6 CONNECTION REQUEST"
}

row_CRQ_03() {
	ready
	check "qop=auth" by_hand
	check "is taken" asks '20[04]' -H "$header" "$URL"
	check "no body" empty
	session 5
	check "a session" events "6 CONNECTION REQUEST"
	check "without qop" by_hand cr crpw '' none
	check "is taken" asks '20[04]' -H "$header" "$URL"
	check "no body" empty
	session 5
	check "a session" events "6 CONNECTION REQUEST"
}

row_CRQ_04() {
	ready
	check "a user" by_hand other
	check "nobody knows" asks 401 -H "$header" "$URL"
	check "a password" by_hand cr wrong
	check "that is wrong" asks 401 -H "$header" "$URL"
	check "a uri" by_hand cr crpw /elsewhere
	check "of something else" asks 401 -H "$header" "$URL"
	check "no session" no_session 0.5
	check "the right ones" by_hand
	check "are taken" asks '20[04]' -H "$header" "$URL"
	session 5
	check "once" asks 401 -H "$header" "$URL"
	check "not again" no_session 0.5
}

row_CRQ_05() {
	ready
	begin=$(date +%s)
	check "a request" acs connection-request
	session 30
	check "has its session" events "6 CONNECTION REQUEST"
	check "within 30 seconds" within 0 29 $(($(date +%s) - begin))
}

row_CRQ_06() {
	ready connection_request_address=0.0.0.0
	for address in 127.0.0.1 127.0.0.2 127.9.8.7; do
		check "from $address" asks '20[04]' $login --interface $address "http://127.0.0.1:$cr_port/${URL##*/}"
		session 5
		check "a session" events "6 CONNECTION REQUEST"
	done
}

row_CRQ_07() {
	ready
	acs linger 1.5 >/dev/null
	mark
	box_ctl inform >/dev/null
	since 'Inform "2 PERIODIC"'
	for n in 1 2 3; do
		check "request $n during a session" asks '20[04]|503' $login "$URL"
		cp "$WORK/head" "$WORK/head$n"
	done
	session 10
	check "which goes on undisturbed" events "2 PERIODIC"
	if grep -q '^HTTP/1.1 20' "$WORK"/head?; then
		session 10
		check "those that were taken have a session after it" events "6 CONNECTION REQUEST"
	fi
	check "and no other" no_session 2
}

row_CRQ_08() {
	ready
	before=$(sessions)
	acs behaviour delay 1.5 times=1 >/dev/null
	for n in 1 2 3 4 5 6; do
		check "request $n of a burst" asks '20[04]|503' $login "$URL"
	done
	session 10
	check "a session" events "6 CONNECTION REQUEST"
	check "and at most one for those that came while it began" no_more_than $((before + 2))
}
no_more_than() {
	calm
	within 1 "$1" "$(sessions)"
}

row_CRQ_09() {
	virtual_time
	ready connection_request_rate=3
	for n in 1 2 3; do
		check "request $n" good
		session 5
	done
	mark
	check "the one beyond" asks 503 $login "$URL"
	check "without Retry-After" sh -c "! grep -i '^Retry-After' '$WORK/head'"
	check "and no session" no_session 0.5
	forward 3600
	check "later all is as before" good
	session 5
	check "with its session" events "6 CONNECTION REQUEST"
}

row_CRQ_10() {
	ready
	for odd in '-A Odd/1.0' '-H Accept:application/none' '-H X-Odd:1' '-H Cookie:a=b' '--http1.0' '-H Connection:close' '-H Host:elsewhere'; do
		check "with $odd" asks '20[04]' $login $odd "$URL"
		session 5
	done
}

row_CRQ_11() {
	ready
	check "other credentials" put Device.ManagementServer.ConnectionRequestUsername=new \
		Device.ManagementServer.ConnectionRequestPassword=newpw
	calm
	check "the former ones are refused" asks 401 $login "$URL"
	check "the new ones are not" asks '20[04]' -u new:newpw --digest "$URL"
	session 5
	box_reboot
	daemon
	session 20 "1 BOOT"
	check "also after a reboot" asks '20[04]' -u new:newpw --digest "$URL"
	session 5
}

row_CRQ_12() {
	ready
	before=$(sessions)
	check "another path" asks 404 $login "http://127.0.0.1:$cr_port/other"
	check "the root" asks 404 $login "http://127.0.0.1:$cr_port/"
	for method in POST PUT DELETE HEAD OPTIONS TRACE; do
		check "$method" asks 4.. -X $method $login "$URL"
	done
	for garbage in 'GET' '\000\001\002\003' 'GET / HTTP/9.9\r\n\r\n' 'GET /%00 HTTP/1.1\r\nHost: x\r\n\r\n' 'POST / HTTP/1.1\r\nContent-Length: -5\r\n\r\n'; do
		printf "$garbage" | timeout 1 curl -s -m 1 "telnet://127.0.0.1:$cr_port" >/dev/null 2>&1
	done
	head -c 100000 /dev/urandom | timeout 2 curl -s -m 1 "telnet://127.0.0.1:$cr_port" >/dev/null 2>&1
	sleep 3 | timeout 3 curl -s "telnet://127.0.0.1:$cr_port" >/dev/null 2>&1 &
	check "no session" no_session 0.5
	check "none at all" test "$(sessions)" -eq "$before"
	check "beside a slow one a good one is heard" good
	session 5
}

row_CRQ_13() {
	start
	check "it is notified of by itself" rpc_says '^Device.ManagementServer.ConnectionRequestURL	2' GetParameterAttributes Device.ManagementServer.ConnectionRequestURL
	before=$(acs last-inform | sed -n 's/^Device.ManagementServer.ConnectionRequestURL	.*	//p')
	box_stop
	daemon connection_request_host=127.0.0.9
	session 20
	check "another address is told" events "2 PERIODIC" "4 VALUE CHANGE"
	check "with the URL" informed Device.ManagementServer.ConnectionRequestURL "^http://127.0.0.9:$cr_port/${before##*/}\$"
}

row_CRQ_14() {
	virtual_time
	start retry_minimum=600 retry_multiplier=1000
	calm
	acs behaviour status 503 times=1 >/dev/null
	mark
	check "a change" box_ctl set Device.DeviceInfo.ProvisioningCode local
	since ' 503'
	box_log 'session failed'
	check "the box waits" status 'next retry: in'
	mark
	acs behaviour status 503 times=1 >/dev/null
	check "a connection request" acs connection-request
	check "ends the wait at once, and not when it is over" since 'Inform .*"6 CONNECTION REQUEST"'
	check "that one fails too" box_log 'retry 2'
	forward 700
	session 20
	check "the retry does not carry it" events "4 VALUE CHANGE"
}

row_CRQ_15() {
	ready
	check "HTTPConnectionRequestEnable" put Device.ManagementServer.HTTPConnectionRequestEnable=xsd:boolean:false
	calm
	check "closes the port" sh -c "! curl -s -m 2 '$URL'"
	check "somebody at the box opens it" box_ctl set Device.ManagementServer.HTTPConnectionRequestEnable true
	tries=0
	until curl -s -m 2 -o /dev/null "$URL" || [ $tries -gt 1200 ]; do tries=$((tries + 1)) && sleep 0.05; done
	calm
	check "it listens again" good
	session 5
	check "EnableCWMP" box_ctl set Device.ManagementServer.EnableCWMP false
	tries=0
	while curl -s -m 2 -o /dev/null "$URL" && [ $tries -lt 1200 ]; do tries=$((tries + 1)) && sleep 0.05; done
	check "closes it too" sh -c "! curl -s -m 2 '$URL'"
	check "and ends sessions" no_session 0.5
	check "until it is back" box_ctl set Device.ManagementServer.EnableCWMP true
	session 10
}

row_CRQ_16() {
	TR069_LISTEN='[::1]'
	acs_start
	choose_port
	box_start connection_request_port="$cr_port" $DEFAULTS connection_request_address=::1
	session 20
	URL=$(acs last-inform | sed -n 's/^Device.ManagementServer.ConnectionRequestURL	.*	//p')
	calm
	check "the URL has brackets" sh -c "echo '$URL' | grep -E '^http://\[::1\]:$cr_port/'"
	check "a request" good
	session 5
	check "a session" events "6 CONNECTION REQUEST"
}
