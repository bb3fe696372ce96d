#!/bin/sh
# TLS on the wire: who is trusted, who is refused and with which words, in the log and in `tr069-ctl status`; the
# client's certificate; a clock that is not set; sessions taken up again. Against GnuTLS (the test ACS) and OpenSSL.
# shellcheck source=tests/daemon/lib.sh
. "${top_srcdir:-.}/tests/daemon/lib.sh"
# shellcheck source=tests/daemon/certs.sh
. "${top_srcdir:-.}/tests/daemon/certs.sh"
here=IP:127.0.0.1
secret=Sesame77

ended() { box_ctl status 2>/dev/null | awk '/^sessions: / { print $2 + $4 }'; }

# One session, good or bad, and what `status` says of it.
attempt() {
	before=$(ended)
	box_ctl inform >/dev/null || return 1
	attempt_wait "$before"
}

attempt_wait() {
	tries=0
	until [ "$(ended)" != "$1" ]; do
		tries=$((tries + 1))
		[ "$tries" -le 1200 ] || return 1
		sleep 0.02
	done
	told=$(box_ctl status | sed -n 's/^last error: //p')
}

is_taken() {
	attempt && [ "$told" = none ] && return 0
	echo "last error: $told"
	return 1
}

# refused WORDS: `status` and the log say so; nothing was said to that server, not even who the box is
refused() {
	informs=$(grep -c 'Inform "' "$WORK/transcript")
	attempt
	case $told in
	*"$1"*) ;;
	*)
		echo "last error: $told"
		return 1
		;;
	esac
	grep -q -F -e "session failed: $told" "$WORK/client.log" || {
		echo "not in the log: $told"
		return 1
	}
	[ "$(grep -c 'Inform "' "$WORK/transcript")" -eq "$informs" ]
}

server() { # server NAME [WORD...]: the ACS shows that certificate from now on
	name=$1
	shift
	acs tls certificate="$CERTS/$name.pem" key="$CERTS/$name.key" "$@"
}

firmware() { # firmware PATH: s7
	[ -d "$BOX" ] || box_new
	sed -i '/management.s7/d' "$BOX/build.prop"
	printf 'ro.stb.management.s7=%s\n' "$(printf %s "$1" | base64 -w 0)" >>"$BOX/build.prop"
}

start() { # start [OPTION...], and the session of the start
	box_start retry_minimum=600 periodic_interval=3600 acs_username=box acs_password=$secret "$@"
	tries=0
	until [ "$(ended)" ] && [ "$(ended)" != 0 ]; do
		tries=$((tries + 1))
		[ "$tries" -le 1200 ] || fail "no session after the start"
		sleep 0.05
	done
}

authority root
authority middle root
authority stranger
certificate good root $here
certificate deep middle $here
cat "$CERTS/middle.pem" >>"$CERTS/deep.pem"
cat "$CERTS/deep.pem" "$CERTS/root.pem" >"$CERTS/chain.pem"
certificate own self $here
certificate other root DNS:other.example
certificate elsewhere root IP:127.0.0.2
certificate expired root $here -9 -2
certificate early root $here 5 9
certificate foreign stranger $here
certificate revoked root $here
certificate box root DNS:0A1B2C-SN0001
certificate thief stranger DNS:0A1B2C-SN0001
staple good root
staple revoked root revoked

# an ACS that a session did not reach does not know that it failed
acs_start --tls "$CERTS/good.pem" "$CERTS/good.key" --tolerate retry-count --set "auth digest box $secret"
port=${ACS##*:}
port=${port%%/*}

# ---- whom s7 makes trusted

while read -r s7 name what; do
	firmware "$CERTS/$s7.pem"
	server "$name"
	start
	check "$what" is_taken
	box_stop
done <<-END
	own own s7 is the server's own certificate, which it has signed itself
	chain deep s7 is a full chain
	root deep s7 is a private CA, and the server shows the certificate between
END
openssl_do x509 -in "$CERTS/root.pem" -outform der -out "$CERTS/root.der"
firmware "$CERTS/root.der"
box_start
check "s7 in DER: exit 3" box_ends 3
check "and a line that helps" box_log 's7: the file holds no certificate in PEM (from DER'

# ---- who is refused

firmware "$CERTS/root.pem"
server good
start
check "the right one is taken" is_taken
# words of `tls` | what the client says
while IFS='|' read -r words why; do
	# shellcheck disable=SC2086 # several words
	server $words tickets=off
	check "refused: $words" refused "$why"
done <<-END
	expired|TLS: its certificate has expired
	early|TLS: its certificate is not valid yet
	other|TLS: its certificate is for another host
	elsewhere|TLS: its certificate is for another host
	foreign|TLS: its certificate comes from an unknown issuer
	own|TLS: its certificate comes from an unknown issuer
	revoked staple=$CERTS/revoked.ocsp|TLS: its certificate was revoked
	good staple=$CERTS/revoked.ocsp|TLS: the staple (OCSP) of its certificate is not valid
	good priority=NORMAL:-VERS-ALL:+VERS-TLS1.1|TLS: no agreement: it speaks no TLS of version 1.2 or later
END
server revoked
check "without a staple nobody asks whether it is revoked" is_taken
server good staple="$CERTS/good.ocsp"
check "a good staple is good" is_taken
server good priority=NORMAL:-VERS-TLS1.3 tickets=off
check "TLS 1.2 is enough" is_taken
server good clients="$CERTS/root.pem" priority=NORMAL:-VERS-TLS1.3
check "a client certificate is demanded, there is none" refused "TLS: "
box_stop

# ---- our own certificate

start tls_certificate="$CERTS/box.pem" tls_key="$CERTS/box.key"
server good clients="$CERTS/root.pem"
check "the client's certificate is shown" is_taken
server good clients="$CERTS/root.pem" priority=NORMAL:-VERS-TLS1.3
check "with TLS 1.2 too" is_taken

# ---- a session is taken up again

server good
check "a full handshake" is_taken
check "and then the ticket" is_taken
check "each answer gives the next ticket" is_taken
check "the server says so" sh -c "grep 'connection .*TLS' '$WORK/transcript' | tail -n 3 | tr '\n' ' ' |
	grep -q 'full handshake.*TLS1.3, resumed.*TLS1.3, resumed'"
server good priority=NORMAL:-VERS-TLS1.3
check "a full handshake of TLS 1.2" is_taken
check "and then the ticket" is_taken
check "the server says so" sh -c "tail -n 12 '$WORK/transcript' | grep -q 'TLS1.2, resumed'"
server good tickets=off
check "a server that knows no tickets, once" is_taken
check "and twice" is_taken
check "gets full handshakes" sh -c "tail -n 12 '$WORK/transcript' | grep -q 'TLS1.3, full'"
server other
check "a ticket is no passport for another" refused "TLS: its certificate is for another host"
box_stop

# ---- the clock is not set

later() { date -u -d "@$(($(date +%s) + $1))" +%Y-%m-%dT%H:%M:%SZ; }
server early
start clock_not_before="$(later 86400)"
check "without the time, notBefore is ignored" is_taken
server expired
check "but not who had expired when the firmware was made" refused "TLS: its certificate had expired before"
server foreign
check "nor the issuer" refused "TLS: its certificate comes from an unknown issuer"
server other
check "nor the host" refused "TLS: its certificate is for another host"
server revoked staple="$CERTS/revoked.ocsp"
check "nor a revocation" refused "TLS: its certificate was revoked"
box_stop
server early
moment=$(($(date +%s) + 3))
start clock_not_before="$(later 3)"
check "the time comes" sh -c "until [ \$(date +%s) -gt $moment ]; do sleep 0.1; done"
check "and from then on the dates count" refused "TLS: its certificate is not valid yet"
box_stop
failed_early() { # before the time came; a busy machine may need longer to start
	for seconds in 5 20 60; do
		: >"$WORK/client.log"
		moment=$(($(date +%s) + seconds))
		start clock_not_before="$(later $seconds)"
		box_log 'session failed: .*retry' || return 1
		! grep -q 'had expired before.*retry' "$WORK/client.log" || return 0
		box_stop
	done
	return 1
}
server expired
check "a session has failed without the time" failed_early
server good
before=$(ended)
check "the time comes" sh -c "until [ \$(date +%s) -gt $moment ]; do sleep 0.1; done"
check "the session is tried again at once" attempt_wait "$before"
check "and is good" [ "$told" = none ]
box_stop
# no s7: only the system's store, whose authorities are many
sed -i '/management.s7/d' "$BOX/build.prop"
server good
start clock_not_before="$(later 86400)"
check "without s7 the system's store alone is trusted" refused "TLS: its certificate comes from an unknown issuer"
box_stop
acs_stop

# ---- OpenSSL, and what is no TLS

other_server() {
	: >"$WORK/acs.out" # what the one before has said would count
	openssl s_server -www -accept "127.0.0.1:$port" -cert "$CERTS/good.pem" -key "$CERTS/good.key" "$@" \
		>"$WORK/acs.out" 2>&1 &
	acs_pid=$!
	tries=0
	until grep -q ACCEPT "$WORK/acs.out"; do
		tries=$((tries + 1))
		[ "$tries" -le 1200 ] || fail "openssl s_server: $(cat "$WORK/acs.out")"
		sleep 0.05
	done
}

no_server() {
	kill "$acs_pid" 2>/dev/null
	wait "$acs_pid" 2>/dev/null
	acs_pid=''
}

firmware "$CERTS/root.pem"
start tls_certificate="$CERTS/thief.pem" tls_key="$CERTS/thief.key"
while IFS='|' read -r options why; do
	# shellcheck disable=SC2086 # several words
	other_server $options
	check "OpenSSL $options" refused "$why"
	no_server
done <<-END
	-tls1_1 -cipher ALL@SECLEVEL=0|TLS: no agreement: it speaks no TLS of version 1.2 or later
	-Verify 1 -verify_return_error -CAfile $CERTS/root.pem|TLS: it refuses our client certificate: it does not know its issuer
	-Verify 1 -verify_return_error -CAfile $CERTS/root.pem -tls1_2|TLS: it refuses our client certificate: it does not know its issuer
	-cert $CERTS/revoked.pem -key $CERTS/revoked.key -status_file $CERTS/revoked.ocsp|TLS: its certificate was revoked
	-cert $CERTS/expired.pem -key $CERTS/expired.key|TLS: its certificate has expired
END
box_stop
start
other_server -Verify 1 -verify_return_error -CAfile "$CERTS/root.pem"
check "OpenSSL demands a client certificate" refused "TLS: it demands a client certificate, and none is configured"
no_server
ACS_PORT=$port acs_start
tls=$ACS
ACS=https://127.0.0.1:$port/acs
# what libmicrohttpd answers may be lost, since it closes without having read all
check "plain http on that port" refused "TLS: "
check "is told" sh -c "case '$told' in *'does not speak TLS'* | *'is there https on that port?'*) ;; *) exit 1 ;; esac"
ACS=$tls
box_stop
start tls_certificate="$CERTS/box.pem" tls_key="$CERTS/good.key" acs_url="https://127.0.0.1:$port/acs"
check "a key that is another's" refused "TLS: the client certificate or its key cannot be used"
check "no password is in the log" sh -c "! grep -i -e '$secret' -e 'BEGIN .*KEY' '$WORK/client.log'"
finish
