#!/bin/sh
# Malformed input of every kind: answers of the ACS, the connection-request port, the control socket, and every
# file that is read. Each time a clear line in the log (and the right fault), and the next session works.
. "${top_srcdir:-.}/tests/daemon/lib.sh"
POKE=$build/tests/daemon/poke
poke_pid=''
trap '[ -z "$poke_pid" ] || kill "$poke_pid" 2>/dev/null; cleanup' EXIT

start() {
	while acs wait-session 0.01 >/dev/null 2>&1; do :; done # those before are not waited for
	: >"$WORK/client.log"
	# shellcheck disable=SC2086 # options hold no blanks
	box_start connection_request_username=cr connection_request_password=crpw retry_minimum=60 answer_timeout=1 \
		connect_timeout=2 "$@"
}
works() { # a session that comes about now goes well
	box_ctl inform >/dev/null && acs wait-session 60 && kill -0 "$client_pid"
}

acs_start --tolerate all
start
check "the first session" acs wait-session 60

# ---- answers of the ACS: it redirects to a server that answers what the file says

answer() { # answer NAME PATTERN [POKE-OPTION...]: what is in $WORK/answer
	name=$1 pattern=$2
	shift 2
	: >"$WORK/port"
	"$POKE" -l -w 0 "$@" "$WORK/answer" >"$WORK/port" &
	poke_pid=$!
	until [ -s "$WORK/port" ]; do sleep 0.01; done
	acs "behaviour redirect 307 http://127.0.0.1:$(cat "$WORK/port")/acs times=1" >/dev/null
	: >"$WORK/client.log"
	box_ctl inform >/dev/null
	check "ACS: $name" box_log "session failed: .*\($pattern\).*; \(retry\|nothing\)"
	[ -z "${SHOW:-}" ] || grep 'session failed' "$WORK/client.log"
	kill "$poke_pid"
	wait "$poke_pid" 2>/dev/null
	poke_pid=''
	acs "behaviour off" >/dev/null
	works >"$WORK/check.out" 2>&1 || { cat "$WORK/check.out"; fail "no session after $name"; }
}
http() { # a complete answer with this body
	body=$(cat)
	printf 'HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: %d\r\n\r\n%s' ${#body} "$body"
}
soap() { # soap BODY [NAMESPACE]
	printf '<s:Envelope xmlns:s="%s" xmlns:c="urn:dslforum-org:cwmp-1-0"><s:Header><c:ID s:mustUnderstand="1">1</c:ID></s:Header><s:Body>%s</s:Body></s:Envelope>' \
		"${2:-http://schemas.xmlsoap.org/soap/envelope/}" "$1"
}
many() { # many COUNT TEXT
	awk -v n="$1" -v text="$2" 'BEGIN { for (i = 0; i < n; i++) printf "%s", text }'
}
informed='<c:InformResponse><MaxEnvelopes>1</MaxEnvelopes></c:InformResponse>'

: >"$WORK/answer"
answer "no octet" "closed the connection without"
head -c 3000 /dev/urandom >"$WORK/answer"
answer "noise instead of HTTP" "HTTP"
printf '<html>HTTP/0.9</html>' >"$WORK/answer"
answer "HTTP/0.9" "does not speak HTTP"
printf 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n' >"$WORK/answer"
answer "1xx and then nothing" "without an answer"
printf 'HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n<' >"$WORK/answer"
answer "a Content-Length that is too long" "cut off"
printf 'HTTP/1.1 200 OK\r\nContent-Length: -7\r\n\r\n<' >"$WORK/answer"
answer "a negative Content-Length" "does not speak HTTP"
printf 'HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\n<' >"$WORK/answer"
answer "a Content-Length beyond all numbers" .
printf 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n<a>\r\n0\r\n\r\n' >"$WORK/answer"
answer "bad chunks" "broke"
printf 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n<a/>\r\n' >"$WORK/answer"
answer "chunks without an end" "cut off"
printf 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n<a/>' >"$WORK/answer"
answer "a chunk of all the world" "broke"
{ printf 'HTTP/1.1 200 OK\r\n'; many 3000 "X-Header: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa$(printf '\r')
"; } >"$WORK/answer"
answer "headers without an end" "head of the answer is larger" -r 20
{ printf 'HTTP/1.1 200 OK\r\nX-Long: '; many 300000 a; printf '\r\n\r\n'; } >"$WORK/answer"
answer "a header of 300 KB" "header of the answer is too large\\|head of the answer is larger"
printf 'HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\n<a><a>' >"$WORK/answer"
answer "a slow drip" "no complete answer within" -d 300
printf 'HTTP/1.1 999 ?\r\nContent-Length: 0\r\n\r\n' >"$WORK/answer"
answer "status 999" "status 999"
printf 'HTTP/1.1 301 Moved\r\nContent-Length: 0\r\n\r\n' >"$WORK/answer"
answer "a redirect to nowhere" "without saying where"
printf 'HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n' >"$WORK/answer"
answer "a redirect to a file" "redirects to"
printf 'HTTP/1.1 302 Found\r\nLocation: gopher://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n' >"$WORK/answer"
answer "a redirect to gopher" "redirects to"
printf 'HTTP/1.1 401 No\r\nWWW-Authenticate: Digest\r\nContent-Length: 0\r\n\r\n' >"$WORK/answer"
answer "a challenge of nothing" "401"
printf 'HTTP/1.1 401 No\r\nWWW-Authenticate: Digest realm="x, nonce=,,,"="\r\nContent-Length: 0\r\n\r\n' >"$WORK/answer"
answer "a broken challenge" "401"
printf 'HTTP/1.1 200 OK\r\nSet-Cookie: %s\r\nContent-Length: 0\r\n\r\n' "$(many 20000 c)" >"$WORK/answer"
answer "an endless cookie and no body" "nothing"

printf 'not XML' | http >"$WORK/answer"
answer "no XML" "not XML"
head -c 2000 /dev/urandom | tr -d '\0' | http >"$WORK/answer"
answer "binary" "not XML"
soap "$informed" | head -c 150 | http >"$WORK/answer"
answer "cut XML" "cannot be read"
printf '<a/>' | http >"$WORK/answer"
answer "XML that is no envelope" "not a SOAP"
soap '' | http >"$WORK/answer"
answer "an empty Body" "no entry"
soap "$informed" urn:wrong | http >"$WORK/answer"
answer "a wrong SOAP namespace" "not a SOAP"
soap '<InformResponse xmlns="urn:wrong"><MaxEnvelopes>1</MaxEnvelopes></InformResponse>' | http >"$WORK/answer"
answer "a wrong CWMP namespace" .
soap '<c:GetRPCMethodsResponse/>' | http >"$WORK/answer"
answer "another response" "GetRPCMethodsResponse"
{ printf '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">'; for i in 1 2 3 4 5 6 7 8 9; do
	printf '<!ENTITY a%s "&a%s;&a%s;&a%s;&a%s;&a%s;&a%s;&a%s;&a%s;">' $i $((i - 1)) $((i - 1)) $((i - 1)) $((i - 1)) $((i - 1)) $((i - 1)) $((i - 1)) $((i - 1))
done; printf ']>'; soap '&a9;'; } | http >"$WORK/answer"
answer "an entity bomb" "DTD"
{ printf '<!DOCTYPE a SYSTEM "http://127.0.0.1:1/x">'; soap "$informed"; } | http >"$WORK/answer"
answer "a DTD" "DTD"
{ printf '<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd">]>'; soap '<c:InformResponse><MaxEnvelopes>&a;</MaxEnvelopes></c:InformResponse>'; } | http >"$WORK/answer"
answer "an external entity" "DTD"
soap "$(many 2000 '<a>')" | http >"$WORK/answer"
answer "two thousand levels" "elements within each other"
many 20000 '<a>' | http >"$WORK/answer"
answer "twenty thousand levels" "cannot be read"
{ printf 'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n'; many 20000 '<xxxxxxxx>'; } >"$WORK/answer"
answer "a huge message" "large" -r 20
printf '\357\273\277\377\376<a/>' | http >"$WORK/answer"
answer "two byte order marks" "cannot be read"
printf '<?xml version="1.0" encoding="EBCDIC-XX"?><a/>' | http >"$WORK/answer"
answer "an unknown encoding" "cannot be read"
soap '<c:InformResponse><MaxEnvelopes>&#0;&#xFFFF;</MaxEnvelopes></c:InformResponse>' | http >"$WORK/answer"
answer "characters that are none" "cannot be read"

# requests that can be understood get their fault, and the session goes on
fault() { # fault NAME CODE XML
	printf '%s' "$3" >"$WORK/request.xml"
	check "ACS: $1: $2" said "Fault $2" "rpc now raw $WORK/request.xml"
	check "the next session works" works
}
acs "credentials user=cr password=crpw" >/dev/null
request() {
	printf '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:c="urn:dslforum-org:cwmp-1-0" xmlns:x="http://www.w3.org/2001/XMLSchema-instance" xmlns:d="http://www.w3.org/2001/XMLSchema"><s:Header>%s<c:ID s:mustUnderstand="1">{id}</c:ID></s:Header><s:Body>%s</s:Body></s:Envelope>' "${2:-}" "$1"
}
fault "an unknown method" 9000 "$(request '<c:Dance/>')"
fault "arguments that are missing" 9003 "$(request '<c:GetParameterNames/>')"
fault "a number that is none" 9003 "$(request '<c:GetParameterNames><ParameterPath>Device.</ParameterPath><NextLevel>maybe</NextLevel></c:GetParameterNames>')"
fault "a path with a hole" 9005 "$(request '<c:GetParameterValues><ParameterNames><string>Device..DeviceInfo</string></ParameterNames></c:GetParameterValues>')"
fault "a name of 10,000 characters" 900[35] "$(request "<c:GetParameterValues><ParameterNames><string>Device.$(many 10000 n)</string></ParameterNames></c:GetParameterValues>")"
fault "a header that must be understood" 9003 "$(request '<c:GetRPCMethods/>' '<z:What xmlns:z="urn:z" s:mustUnderstand="1">1</z:What>')" 2>/dev/null

# ---- the connection-request port

url=$(box_ctl get Device.ManagementServer.ConnectionRequestURL | sed -n 's/.*\(http:[^" ]*\).*/\1/p')
port=${url#http://*:}
path=/${port#*/}
port=${port%%/*}
answers() { # answers NAME PATTERN [POKE-OPTION...]: the port says so to what is in $WORK/answer
	name=$1 pattern=$2
	shift 2
	"$POKE" "$@" "$port" <"$WORK/answer" >"$WORK/said" 2>&1
	[ "$pattern" = any ] || check "port: $name" grep -a -q -e "$pattern" "$WORK/said"
	check "port: after $name it is reached" acs connection-request
	acs wait-session 60 >/dev/null || fail "no session after $name"
}
request_of() { # request_of LINE [HEADER...]
	printf '%s HTTP/1.1\r\nHost: x\r\n' "$1"
	shift
	for header in "$@"; do printf '%s\r\n' "$header"; done
	printf '\r\n'
}
head -c 5000 /dev/urandom >"$WORK/answer"
answers "noise" any -w 300
request_of "GET /" >"$WORK/answer"
answers "another path" '404' -w 300
request_of "GET $path/../$path" >"$WORK/answer"
answers "a path around the corner" '404' -w 300
request_of "GET $path" >"$WORK/answer"
answers "nobody" '401' -w 300
request_of "POST $path" "Content-Length: 0" >"$WORK/answer"
answers "POST" '405\|401\|501' -w 300
request_of "BREW $path" >"$WORK/answer"
answers "another method" '40[015]\|501' -w 300
request_of "GET /$(many 100000 a)" >"$WORK/answer"
answers "a path of 100 KB" '414\|400\|431' -w 300
request_of "GET $path" "X: $(many 100000 a)" >"$WORK/answer"
answers "a header of 100 KB" '431\|413\|400' -w 300
printf 'GET %s HTTP/1.1\r\nHo' "$path" >"$WORK/answer"
"$POKE" -n 6 -w 20000 "$port" <"$WORK/answer" >"$WORK/slow" 2>&1 &
poke_pid=$!
sleep 0.2
check "port: six requests that never end leave room for the ACS" acs connection-request
kill "$poke_pid"
wait "$poke_pid" 2>/dev/null
poke_pid=''
acs wait-session 60 >/dev/null
request_of "GET $path" >"$WORK/answer"
before=$(ls "/proc/$client_pid/fd" | wc -l)
"$POKE" -n 1000 -w 2 "$port" <"$WORK/answer" >/dev/null 2>&1
check "port: after 1000 connections it is reached" sh -c "for i in 1 2 3 4 5 6 7 8 9 10; do '$TEST_ACS' --talk '$SOCKET' connection-request && exit 0; sleep 0.2; done; exit 1"
check "and the session comes" acs wait-session 60
check "no descriptor is left open" sh -c "i=0; while [ \$i -lt 75 ]; do i=\$((i + 1)); [ \$(ls /proc/$client_pid/fd | wc -l) -le $before ] && exit 0; sleep 0.2; done; ls -l /proc/$client_pid/fd; exit 1"

# from here on this address is shut out for a while, for so many wrong answers
for value in '' 'Digest' 'Digest ,,,,' 'Basic Y3I6Y3Jwdw==' "Digest $(many 3000 'a=b, ')" 'Bearer x' \
	'Digest username="cr", realm="connection request", nonce="x", uri="/", response="x"' \
	"Digest username=\"cr\", realm=\"connection request\", nonce=\"$(many 300 n)\", uri=\"$path\", response=\"00000000000000000000000000000000\", qop=auth, nc=zzzzzzzz, cnonce=\"\"" \
	'Digest username="cr" realm=unquoted nonce response="' "Digest $(printf '\001\377\376')"; do
	request_of "GET $path" "Authorization: $value" >"$WORK/answer"
	"$POKE" -w 300 "$port" <"$WORK/answer" >"$WORK/said" 2>&1
	check "port: Authorization: $(printf '%.30s' "$value" | tr -cd ' -~')" grep -q 'HTTP/1.1 \(401\|431\|400\|503\)' "$WORK/said"
done
check "the next session works" works

# ---- the control socket

control() { # control NAME PATTERN: what is in $WORK/answer
	"$POKE" -w 500 "$BOX/control" <"$WORK/answer" >"$WORK/said" 2>&1
	check "control socket: $1" grep -a -q -e "$2" "$WORK/said"
	check "it answers the next one" box_ctl status
}
printf 'nonsense\n' >"$WORK/answer"
control "an unknown command" '^error: '
printf '\n' >"$WORK/answer"
control "an empty line" '^error: '
printf 'set Device.DeviceInfo.UpTime 5\n' >"$WORK/answer"
control "a set that is not allowed" '^error: '
printf 'get %s\n' "$(many 3000 x)" >"$WORK/answer"
control "a long name" '^error: '
head -c 20000 /dev/urandom | tr -d '\n' >"$WORK/answer"
"$POKE" -w 300 "$BOX/control" <"$WORK/answer" >/dev/null 2>&1
check "control socket: noise without an end is dropped" box_ctl status
printf 'sta' >"$WORK/answer"
"$POKE" -n 8 -w 2000 "$BOX/control" <"$WORK/answer" >/dev/null 2>&1 &
poke_pid=$!
sleep 0.1
check "the daemon works while its control socket is full" kill -0 "$client_pid"
kill "$poke_pid"
wait "$poke_pid" 2>/dev/null
poke_pid=''
check "and then it answers again" works

# ---- the system's log

system_log() { # system_log NAME PATTERN PROGRAM...
	name=$1 pattern=$2
	printf '#!/bin/sh\n%s\n' "$3" >"$BOX/log-program"
	chmod +x "$BOX/log-program"
	check "system log $name" log_comes "$pattern"
}
# A session waits half a second for a log, which may be too short on a busy machine: then the next one has it.
log_comes() {
	tries=0
	until said "$1" 'rpc now GetParameterValues Device.DeviceInfo.DeviceLogs'; do
		tries=$((tries + 1))
		[ "$tries" -le 60 ] || return 1
		sleep 0.2
	done
}
box_stop
sed -i 's/^#*deadline *=.*/deadline = 1/; s/^#*output_max *=.*/output_max = 4096/' "$BOX"/plugins.d/*platform-linux.conf
: >"$BOX/log-program"
start platform-linux.device_log="$BOX/log-program"
acs wait-session 60 >/dev/null
system_log "that is binary" 'DeviceLogs' 'head -c 3000 /dev/urandom'
system_log "with markup and control characters" '&lt;b&gt;\|<b>' 'printf "\\033[1m<b>&\\001\\002]]>\\n"'
system_log "that floods" 'last line' 'yes "line of many, many, many" | head -n 20000; echo the last line'
system_log "that hangs" 'DeviceLogs' 'sleep 60'
system_log "that fails" 'DeviceLogs' 'echo oh >&2; exit 3'
system_log "that is no program" 'DeviceLogs' '' </dev/null
rm "$BOX/log-program"
check "system log that is not there" said DeviceLogs 'rpc now GetParameterValues Device.DeviceInfo.DeviceLogs'
check "the next session works" works
box_stop
rm -rf "$WORK/answer"

# ---- files that are read at the start

begins() { # begins NAME PATTERN: it starts, says so, and holds a session
	start
	check "$1" acs wait-session 60
	check "it is said" box_log "$2" 20
	box_log 'tr069-client .* started' || fail "the client does not start"
	check "it works" works
	box_stop
}
refuses() { # refuses NAME CODE PATTERN [OPTION...]: it ends with that exit code, and says why
	name=$1 code=$2 pattern=$3
	shift 3
	start "$@"
	check "$name: exit $code" box_ends "$code"
	check "it is said" box_log "$pattern" 1
}
state=$BOX/state/state
state_of() { # state_of NAME PATTERN: both generations are what is in $WORK/state
	cp "$WORK/state" "$state"
	cp "$WORK/state" "$state.1"
	begins "state: $1" "$2"
}
cp "$state" "$WORK/good"
head -c 100 "$WORK/good" >"$state"
begins "state: torn, the former generation is used" 'state_dir.*state'
printf 'something else altogether\n' >"$WORK/state"
state_of "foreign" 'state_dir'
: >"$WORK/state"
state_of "empty" 'state_dir'
sed 's/^sha256 ./sha256 z/' "$WORK/good" >"$WORK/state"
state_of "a wrong checksum" 'state_dir'
head -c 5000000 /dev/zero >"$WORK/state"
state_of "huge" 'state_dir'
head -c 100000 /dev/urandom >"$WORK/state"
state_of "noise" 'state_dir'
rm -f "$state" "$state.1"
mkdir "$state"
begins "state: a directory" 'state_dir.*not a regular file'
rmdir "$state"

cp "$BOX/build.prop" "$WORK/build.prop"
head -c 50000 /dev/urandom >>"$BOX/build.prop"
begins "build.prop: noise behind" 'tr069-client .* started'
cp "$WORK/build.prop" "$BOX/build.prop"
printf 'ro.product.model=Second\n=\n====\nno equals\n%s=x\nlong=%s\n' "$(many 5000 k)" "$(many 50000 v)" >>"$BOX/build.prop"
start
check "build.prop: keys twice, too long, without a name" acs wait-session 60
check "the last one counts" said '^Second$' 'value now Device.DeviceInfo.ModelName'
box_stop
head -c 20000000 /dev/zero >"$BOX/build.prop"
refuses "build.prop: huge" 3 'build.prop'
rm "$BOX/build.prop"
mkdir "$BOX/build.prop"
refuses "build.prop: a directory" 3 'build.prop'
rmdir "$BOX/build.prop"
cp "$WORK/build.prop" "$BOX/build.prop"

conf=$(ls "$BOX"/plugins.d/*-time.conf)
cp "$conf" "$WORK/time.conf"
bad_conf() { # bad_conf NAME: what is in the file now
	begins "conf file: $1" "error plugins: time: left out: .*time.conf"
	rm -rf "$conf"
	cp "$WORK/time.conf" "$conf"
}
head -c 3000 /dev/urandom >"$conf"
bad_conf "noise"
printf 'enabled = true\nservers = {"a' >"$conf"
bad_conf "unterminated"
printf 'enabled = true\nenabled = (\n' >"$conf"
bad_conf "a parenthesis"
head -c 1000000 /dev/zero | tr '\0' '(' >"$conf"
bad_conf "a megabyte of parentheses"
printf 'include("%s")\n' "$conf" >"$conf"
bad_conf "includes itself"
rm "$conf"
mkdir "$conf"
bad_conf "a directory"
rm "$conf"
ln -s nowhere "$conf"
bad_conf "a link to nowhere"
mkfifo "$conf.fifo"
rm "$conf"
mv "$conf.fifo" "$conf"
bad_conf "a pipe that nobody writes to"
head -c 3000 /dev/urandom >"$WORK/main.conf"
CLIENT_SAVED=$CLIENT
printf '#!/bin/sh\nexec "%s" -c "%s" "$@"\n' "$CLIENT" "$WORK/main.conf" >"$WORK/with-conf"
chmod +x "$WORK/with-conf"
CLIENT=$WORK/with-conf
refuses "tr069-client.conf: noise" 3 'main.conf'
printf 'periodic_interval = "' >"$WORK/main.conf"
refuses "tr069-client.conf: unterminated" 3 'main.conf:[0-9]*: '
rm "$WORK/main.conf"
mkdir "$WORK/main.conf"
refuses "tr069-client.conf: a directory" 3 'main.conf'
CLIENT=$CLIENT_SAVED

rm "$BOX/boot_id"
begins "no boot_id" 'boot_id_file .* cannot be read'
new_boot_id
rm -rf "$BOX/spool"
: >"$BOX/spool"
mkdir -p "$WORK/files"
head -c 100000 /dev/urandom >"$WORK/files/f"
acs "files $WORK/files" >/dev/null
start
acs wait-session 60 >/dev/null
download() { # download NAME KEY FAULT
	check "$1" said 'Status	1' "rpc now Download key=$2 type=\"3 Vendor Configuration File\" url=${ACS%/acs}/files/f target=f"
	check "its end is told" acs wait-session 60 "7 TRANSFER COMPLETE"
	check "with the fault" grep -q "TransferComplete CommandKey=$2 FaultStruct $3 " "$WORK/transcript"
	check "the next session works" works
}
download "the spool is a file" s1 9010
rm "$BOX/spool"
download "the spool is there again" s2 0
rm -rf "$BOX/download"
download "no Download folder: it is made" s3 0
rm -rf "$BOX/download"
: >"$BOX/download"
download "the Download folder is a file" s4 9010
rm "$BOX/download"
mkdir "$BOX/download"
if mount -t tmpfs -o size=64k none "$BOX/download" 2>/dev/null; then
	download "the Download folder is full" s5 9010
	umount "$BOX/download"
else
	echo "skipped: the Download folder is full (needs root)"
fi
download "and there is room again" s6 0
mv "$BOX/plugins.d" "$BOX/plugins.gone"
kill -HUP "$client_pid"
check "plugin_conf_dir is gone, SIGHUP: it is said" box_log 'plugin_conf_dir .*No such file'
check "nothing is unloaded, the next session works" works
mv "$BOX/plugins.gone" "$BOX/plugins.d"
finish
