#!/bin/sh
# What ACSs do oddly below SOAP: heads, ends of bodies, connections, cookies, redirects. A server says the octets of
# a table; each time the session goes well, or fails with these words in the log, and each answer was asked for.
# What they do oddly in SOAP: tests/session/quirks.
# shellcheck source=tests/daemon/lib.sh
. "${top_srcdir:-.}/tests/daemon/lib.sh"

odd_pid=''
trap '[ -z "$odd_pid" ] || kill "$odd_pid" 2>/dev/null; cleanup' EXIT
mkdir "$WORK/odd"
"$build/tests/daemon/odd" "$WORK/odd" >"$WORK/asked" &
odd_pid=$!
until [ -s "$WORK/asked" ]; do sleep 0.01; done
port=$(head -n 1 "$WORK/asked")
host=http://127.0.0.1:$port

soap() { # soap BODY
	printf '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:c="urn:dslforum-org:cwmp-1-0"><s:Body>%s</s:Body></s:Envelope>' "$1"
}
informed=$(soap '<c:InformResponse><MaxEnvelopes>1</MaxEnvelopes></c:InformResponse>')
methods=$(soap '<c:GetRPCMethods/>')
n=${#informed}
hex=$(printf '%x' "$n")
length="Content-Length: $n\\r\\n"
ok='HTTP/1.1 200 OK\r\n'
end='HTTP/1.1 204 No Content\r\n\r\n'
inform="$ok$length\\r\\n$informed"
request="${ok}Content-Length: ${#methods}\\r\\n\\r\\n$methods"
many() { # many COUNT TEXT
	awk -v n="$1" -v text="$2" 'BEGIN { for (i = 0; i < n; i++) printf "%s", text }'
}

# A session whose requests get these answers (of which printf's %b makes octets; CLOSE in front: the connection is
# closed behind it). WANT: + goes well, otherwise words of the reason. What was asked is in $WORK/requests.
quirk() { # quirk NAME WANT ANSWER...
	name=$1 want=$2
	shift 2
	i=10
	for text in "$@"; do
		i=$((i + 1))
		case $text in
		CLOSE*) printf '%b' "${text#CLOSE}" >"$WORK/odd/$i.close" ;;
		*) printf '%b' "$text" >"$WORK/odd/$i" ;;
		esac
	done
	: >"$WORK/client.log"
	before=$(wc -l <"$WORK/asked")
	box_ctl inform >/dev/null || fail "tr069-ctl inform"
	box_log 'session: session \(ended\|failed\)\|: session \(ended\|failed\)' >/dev/null || fail "$name: no end"
	tail -n +$((before + 1)) "$WORK/asked" >"$WORK/requests"
	case $want in
	+) check "$name" grep -q 'session ended' "$WORK/client.log" ;;
	*) check "$name: $want" grep -q -F -e "$want" "$WORK/client.log" ;;
	esac
	left=$(ls "$WORK/odd")
	rm -f "$WORK"/odd/*
	[ -z "$left" ] || fail "$name: answers that nobody asked for: $left"
}
asked() { # asked WHAT PATTERN...: the requests of the last session, one a pattern
	what=$1
	shift
	i=0
	for pattern in "$@"; do
		i=$((i + 1))
		sed -n "${i}p" "$WORK/requests" | grep -q -e "$pattern" || {
			cat "$WORK/requests"
			fail "$what: request $i is not \"$pattern\""
		}
	done
	check "$what: $i requests" [ "$(wc -l <"$WORK/requests")" -eq "$i" ]
}

printf '%b' "$inform" >"$WORK/odd/11"
printf '%b' "$end" >"$WORK/odd/12"
box_start acs_url="$host/acs" retry_minimum=600 answer_timeout=5 connect_timeout=5 periodic_interval=3600
check "the first session" box_log 'session ended'

# ---- heads

while IFS= read -r type; do
	quirk "Content-Type: ${type:-(none)}" + "$ok${type:+Content-Type: $type\\r\\n}$length\\r\\n$informed" "$end"
done <<-'END'

	text/xml
	text/xml;charset=utf-8
	text/xml; charset="UTF-8"
	TEXT/XML; charset=UTF-16
	text/plain
	text/html; charset=iso-8859-1
	application/xml
	application/soap+xml; charset=utf-8; action=""
	application/octet-stream
	;;; nonsense
END
quirk "names of headers in lower case" + "${ok}content-type: text/xml\\r\\ncontent-length: $n\\r\\n\\r\\n$informed" "$end"
quirk "names of headers in upper case" + "${ok}CONTENT-LENGTH: $n\\r\\n\\r\\n$informed" "$end"
quirk "no blank behind the colon, blanks behind the value" + "${ok}Content-Length:$n \\t\\r\\n\\r\\n$informed" "$end"
quirk "a header on two lines" + "${ok}X-Long: a\\r\\n  b\\r\\n$length\\r\\n$informed" "$end"
quirk "lines that end with LF" + "HTTP/1.1 200 OK\\nContent-Length: $n\\n\\n$informed" "HTTP/1.1 204 No Content\\n\\n"
quirk "a header without a colon" "does not speak HTTP (Header without colon)" "CLOSE${ok}Nonsense\\r\\n$length\\r\\n$informed"
quirk "a header that is not ASCII" + "${ok}X-Name: \\0344\\0303\\0244\\r\\n$length\\r\\n$informed" "$end"
quirk "a header of 12,000 characters" + "${ok}X-Long: $(many 12000 a)\\r\\n$length\\r\\n$informed" "$end"
quirk "300 headers" + "$ok$(many 300 'X-Many: 1\\r\\n')$length\\r\\n$informed" "$end"
quirk "no reason behind the status" + "HTTP/1.1 200\\r\\n$length\\r\\n$informed" "HTTP/1.1 204\\r\\n\\r\\n"
quirk "100 Continue in front, though nobody asked" + "HTTP/1.1 100 Continue\\r\\n\\r\\n$inform" "$end"
quirk "103 Early Hints in front" + "HTTP/1.1 103 Early Hints\\r\\nLink: </x>\\r\\n\\r\\n$inform" "$end"
quirk "HSTS, Alt-Svc, Upgrade" + "${ok}Strict-Transport-Security: max-age=9\\r\\nAlt-Svc: h2=\":1\"\\r\\nUpgrade: h2c\\r\\n$length\\r\\n$informed" "$end"
quirk "status 202" + "HTTP/1.1 202 Accepted\\r\\n$length\\r\\n$informed" "$end"
quirk "http in lower case" + "http/1.1 200 ok\\r\\n$length\\r\\n$informed" "$end"

# ---- ends of bodies

quirk "chunks" + "${ok}Transfer-Encoding: chunked\\r\\n\\r\\n$hex\\r\\n$informed\\r\\n0\\r\\n\\r\\n" "$end"
quirk "chunks with extensions and leading zeros" + "${ok}transfer-encoding: Chunked\\r\\n\\r\\n000$hex;a=\"b\"\\r\\n$informed\\r\\n000;z\\r\\n\\r\\n" "$end"
quirk "chunks with trailers" + "${ok}Transfer-Encoding: chunked\\r\\nTrailer: X-Sum\\r\\n\\r\\n$hex\\r\\n$informed\\r\\n0\\r\\nX-Sum: 1\\r\\nSet-Cookie: late=1\\r\\n\\r\\n" "$end"
quirk "chunks and a Content-Length" + "${ok}Content-Length: 3\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n$hex\\r\\n$informed\\r\\n0\\r\\n\\r\\n" "$end"
quirk "no length: closed behind the body" + "CLOSE$ok\\r\\n$informed" "$end"
asked "each on its connection" 'Inform$' 'empty$'
quirk "Content-Length that is too small" "cannot be read" "CLOSE${ok}Content-Length: 40\\r\\n\\r\\n$informed"
quirk "Content-Length that is too large" "the answer was cut off" "CLOSE${ok}Content-Length: 4000\\r\\n\\r\\n$informed"
quirk "Content-Length twice, the same" + "$ok$length$length\\r\\n$informed" "$end"
quirk "octets behind the body" + "${inform}\\r\\n\\r\\n" "$end"
quirk "a compressed body that nobody asked for" "compressed (gzip), which was not asked for" "${ok}Content-Encoding: gzip\\r\\nContent-Length: 10\\r\\n\\r\\n\\0037\\0213\\0010\\0000\\0000\\0000\\0000\\0000\\0000\\0003"
quirk "Content-Encoding of a body that is not encoded" + "${ok}Content-Encoding: identity\\r\\n$length\\r\\n$informed" "$end"
quirk "the NUL of a C string behind it" + "${ok}Content-Length: $((n + 1))\\r\\n\\r\\n$informed\\0000" "$end"
named='<?xml version="1.0" encoding="utf-16"?>'
quirk "UTF-16 in name only" + "${ok}Content-Length: $((n + ${#named}))\\r\\n\\r\\n$named$informed" "$end"

# ---- ends of sessions

quirk "200 without a body" + "$inform" "${ok}Content-Length: 0\\r\\n\\r\\n"
quirk "200 without a body, typed" + "$inform" "${ok}Content-Type: text/xml\\r\\nContent-Length: 0\\r\\n\\r\\n"
quirk "200 with blanks" + "$inform" "${ok}Content-Length: 6\\r\\n\\r\\n \\r\\n \\r\\n"
quirk "200 with chunks of nothing" + "$inform" "${ok}Transfer-Encoding: chunked\\r\\n\\r\\n0\\r\\n\\r\\n"
quirk "200 without a length, closed" + "$inform" "CLOSE$ok\\r\\n"
quirk "200 with a byte order mark" + "$inform" "${ok}Content-Length: 3\\r\\n\\r\\n\\0357\\0273\\0277"
quirk "204 with a length and a type" + "$inform" "HTTP/1.1 204 No Content\\r\\nContent-Type: text/xml\\r\\nContent-Length: 0\\r\\n\\r\\n"
quirk "204 with a body" + "$inform" "${end%\\r\\n}Content-Length: 2\\r\\n\\r\\nOK"
quirk "204 and closed" + "$inform" "CLOSE$end"
quirk "204 to the Inform" "answered the Inform with nothing" "CLOSE$end"
quirk "400 in mid-session, closed (genieacs)" "HTTP status 400" "$inform" "CLOSEHTTP/1.1 400 Bad Request\\r\\nContent-Length: 17\\r\\nConnection: close\\r\\n\\r\\nBad session state"
quirk "503 with Retry-After" "HTTP status 503" "HTTP/1.1 503 Service Unavailable\\r\\nRetry-After: 120\\r\\nContent-Length: 0\\r\\n\\r\\n"
quirk "502 of a proxy" "HTTP status 502" "HTTP/1.1 502 Bad Gateway\\r\\nContent-Type: text/html\\r\\nContent-Length: 13\\r\\n\\r\\n<html></html>"
quirk "401 in mid-session, with no credentials here" "HTTP 401" "$inform" "HTTP/1.1 401 Unauthorized\\r\\nWWW-Authenticate: Digest realm=\"a\", nonce=\"b\", qop=\"auth\"\\r\\nContent-Length: 0\\r\\n\\r\\n"

# ---- connections

quirk "closed behind each answer, unannounced" + "CLOSE$inform" "CLOSE$request" "CLOSE$end"
asked "each on its connection" '/acs - Inform$' '/acs - empty$' '/acs - other$'
quirk "closed behind each answer, announced" + "CLOSE${ok}Connection: close\\r\\n$length\\r\\n$informed" "CLOSE${ok}Connection: Close\\r\\nContent-Length: ${#methods}\\r\\n\\r\\n$methods" "CLOSE$end"
quirk "Connection: close, and it stays open" + "${ok}Connection: close\\r\\n$length\\r\\n$informed" "$end"
quirk "HTTP/1.0" + "CLOSEHTTP/1.0 200 OK\\r\\n$length\\r\\n$informed" "CLOSEHTTP/1.0 200 OK\\r\\n\\r\\n$methods" "CLOSEHTTP/1.0 204 No Content\\r\\n\\r\\n"
quirk "HTTP/1.0 with keep-alive" + "HTTP/1.0 200 OK\\r\\nConnection: Keep-Alive\\r\\n$length\\r\\n$informed" "HTTP/1.0 204 No Content\\r\\nConnection: keep-alive\\r\\n\\r\\n"
quirk "Keep-Alive with a timeout of one second" + "${ok}Connection: keep-alive\\r\\nKeep-Alive: timeout=1, max=1\\r\\n$length\\r\\n$informed" "$end"
quirk "no answer to the empty POST" "closed the connection without an answer" "$inform"

# ---- cookies

cookie() { # cookie NAME SENT SET-COOKIE [SET-COOKIE]: what comes back after them; - for none
	quirk "cookie: $1" + "${ok}Set-Cookie: $3\\r\\n$length\\r\\n$informed" \
		"${ok}${4:+Set-Cookie: $4\\r\\n}Content-Length: ${#methods}\\r\\n\\r\\n$methods" "$end"
	asked "cookie: $1" '/acs - Inform$' '/acs [^-].* empty$' "/acs $2 other\$"
}
cookie "without a path (genieacs)" session=1a 'session=1a'
cookie "of another path" s=1 's=1; Path=/other/place'
cookie "of another host" s=1 's=1; Domain=acs.example; HttpOnly; SameSite=Strict'
cookie "another one with each answer (freeacs)" JSESSIONID=n2 'JSESSIONID=n1;Path=/' 'JSESSIONID=n2;Path=/'
cookie "with another path with each answer" s=2 's=1; Path=/acs' 's=2; Path=/'
cookie "with Max-Age=0 behind it" - 's=1' 's=; Max-Age=0'
cookie "that expires at once" - 's=1' 's=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT'
cookie "in quotes" 's="1 2"' 's="1 2"; Version=1'
cookie "with = in it" s=1=2== 's=1=2=='

# ---- redirects

redirect() { # redirect NAME LOCATION PATH
	quirk "redirect: $1" + "HTTP/1.1 302 Found\\r\\nLocation: $2\\r\\nContent-Length: 0\\r\\n\\r\\n" "$inform" "$end"
	asked "redirect: $1" '/acs - Inform$' "$3 - Inform\$" "$3 - empty\$"
}
redirect "another path" /b/acs /b/acs
redirect "the same with a slash (freeacs)" "$host/acs/" /acs/
redirect "a relative path" b /b
redirect "a relative path upwards" ../../b /b
redirect "a query only" '?x=1' '/acs?x=1'
redirect "no scheme" "//127.0.0.1:$port/c" /c
redirect "blanks around" " \\t$host/c \\t" /c
redirect "a blank inside" "/a b" /a%20b
redirect "a fragment" "/c#part" /c
for code in 301 303 307 308; do
	quirk "redirect: $code" + "HTTP/1.1 $code Moved\\r\\nLocation: /b\\r\\nContent-Length: 4\\r\\n\\r\\ngone" "$inform" "$end"
	asked "redirect: $code" '/acs - Inform$' '/b - Inform$' '/b - empty$'
done
quirk "redirect: in mid-session, with a cookie" + "$inform" "CLOSEHTTP/1.1 302 Found\\r\\nLocation: d\\r\\nSet-Cookie: s=1\\r\\nConnection: close\\r\\n\\r\\n" "$request" "$end"
asked "redirect: in mid-session" '/acs - Inform$' '/acs - empty$' '/d s=1 empty$' '/d s=1 other$'
quirk "redirect: without Location" "without saying where" "HTTP/1.1 302 Found\\r\\nContent-Length: 0\\r\\n\\r\\n"
again='HTTP/1.1 302 Found\r\nLocation: /acs\r\nContent-Length: 0\r\n\r\n'
quirk "redirect: to itself" "more than 5 redirects in a row" "$again" "$again" "$again" "$again" "$again" "$again"
quirk "300 Multiple Choices" "HTTP status 300" "HTTP/1.1 300 Multiple Choices\\r\\nContent-Length: 0\\r\\n\\r\\n"
quirk "304 Not Modified" "HTTP status 304" "HTTP/1.1 304 Not Modified\\r\\n\\r\\n"

quirk "and an ordinary session" + "$inform" "$request" "$end"
finish
