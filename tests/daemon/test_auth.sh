#!/bin/sh
# Basic and Digest on the wire, a table of what a server does by the stage at which it does it: a session (its Inform
# and each later POST), a new challenge in the middle, a redirect to another host, a download, a download that is
# redirected. Each session is begun by a connection request, which has a Digest of its own.
# shellcheck source=tests/daemon/lib.sh
. "${top_srcdir:-.}/tests/daemon/lib.sh"
# shellcheck source=tests/daemon/certs.sh
. "${top_srcdir:-.}/tests/daemon/certs.sh"
secret=Sesame77
number=0

mkdir -p "$WORK/files"
head -c 20000 /dev/urandom >"$WORK/files/file.bin"
authority root
certificate both root IP:127.0.0.1,DNS:localhost

boot() { # boot ACS_OPTION... -- BOX_OPTION...
	acs_options=''
	while [ "$1" != -- ]; do
		acs_options="$acs_options $1"
		shift
	done
	shift
	# shellcheck disable=SC2086 # options hold no blanks
	acs_start $acs_options --tolerate session-broken,retry-count --set "files $WORK/files" --set 'patience close=2 reconnect=2'
	box_start retry_minimum=600 periodic_interval=3600 acs_username=box acs_password=$secret \
		connection_request_username=cr connection_request_password=$secret tls_ca_file="$CERTS/root.pem" "$@"
	acs credentials user=cr password=$secret
	acs wait-session 60 >"$WORK/said" || fail "no first session"
	host=${ACS%/acs}
	other=$(echo "$host" | sed 's/127.0.0.1/localhost/')
}

halt() {
	box_stop
	acs_stop
	ACS=''
}

list='GetParameterNames Device.DeviceInfo. 1'

# Each stage leaves `why`: "" when it was good, else what the box says of it.
judge() { # judge COMMAND...
	acs "$@" >"$WORK/judge" 2>&1 && why='' && return
	box_idle
	why=$(box_ctl status | sed -n 's/^last error: //p')
}

ended() { box_ctl status | awk '/^sessions: / { print $2 + $4 }'; }

at_refusal() { # a session that is to fail at its Inform: no RPC waits for it
	sessions=$(ended)
	acs connection-request >"$WORK/judge" || return
	tries=0
	while [ "$(ended)" = "$sessions" ] && [ "$tries" -lt 1200 ]; do
		tries=$((tries + 1))
		sleep 0.02
	done
	why=$(box_ctl status | sed -n 's/^last error: //p')
}

at_session() { # several POSTs, each of which the server may challenge again
	acs linger 5 && acs behaviour off
	judge rpc now "$list"
	[ -n "$why" ] || judge rpc now "$list"
	acs linger 0.01 # the session ends soon after the next answer
	[ -n "$why" ] || judge rpc now "$list"
	box_idle
}

at_renewed() { # 401 with a new nonce, not called stale, to the answer to an RPC
	acs linger 5
	judge rpc now "$list"
	acs linger 0.01
	[ -n "$why" ] || acs behaviour unauthorized times=1
	[ -n "$why" ] || judge rpc now "$list"
	acs behaviour off
	box_idle
}

at_redirect() {
	acs behaviour redirect 307 "$other/acs" times=1
	judge rpc now "$list"
	acs behaviour off
	box_idle
}

fetch() { # what is said of the download, by its TransferComplete; without the challenges of the ACS itself
	number=$((number + 1))
	rm -f "$BOX/download/file.bin"
	acs auth none
	judge rpc now "Download key=k$number type=\"3 Vendor Configuration File\" url=$host/files/file.bin user=box password=$secret target=file.bin"
	[ -z "$why" ] || return
	acs wait-session 60 '7 TRANSFER COMPLETE' >"$WORK/judge" || {
		why='no TransferComplete'
		return
	}
	box_idle
	cmp -s "$WORK/files/file.bin" "$BOX/download/file.bin" && why='' && return
	why=$(grep 'transfer\|download' "$WORK/client.log" | grep -v debug | tail -n 1)
}

at_download() { fetch; }

at_moved_download() {
	acs files http redirect 302 "$other/files/file.bin" times=1
	fetch
	acs files http off
}

# stage STAGE EXPECTED BEHAVIOUR: good is "+"; anything else must be in what the box says
stage() {
	[ "$2" != - ] || return 0
	acs auth "$3" && acs files-auth "$3" || return 1
	case $1:$2 in
	session:+) at_session ;;
	session:*) at_refusal ;;
	*) "at_$1" ;;
	esac
	acs auth none
	case $2:$why in
	+:) return 0 ;;
	+:*) ;;
	*) case $why in *"$2"*) return 0 ;; esac ;;
	esac
	echo "$1: expected $2, got: ${why:-good}"
	return 1
}

# stdin: BEHAVIOUR | session | new challenge | redirect | download | redirected download
# + is good, - not tried, ^ as the last that was tried; words: refused with them.
table() {
	while IFS='|' read -r rule expected; do
		rule=$(echo "$rule" | sed 's/ *$//')
		before=+
		oldifs=$IFS
		IFS='|'
		# shellcheck disable=SC2086 # columns
		set -- $expected
		IFS=$oldifs
		for name in session renewed redirect download moved_download; do
			want=$(echo "${1:-}" | sed 's/^ *//; s/ *$//')
			[ "$want" != '^' ] || want=$before
			[ "$want" = - ] || before=$want
			[ $# -eq 0 ] || shift
			[ "$want" = - ] || check "$rule: $name" stage $name "$want" "$rule"
		done
	done
}

boot --
table <<-END
	digest box $secret                          | + | + | + | + | +
	digest box $secret algorithm=SHA-256        | + | + | + | + | +
	digest box $secret algorithm=MD5-sess       | + | - | - | + | -
	digest box $secret algorithm=SHA-256-sess   | + | - | - | + | -
	digest box $secret algorithm=               | + | - | - | + | -
	digest box $secret qop=                     | + | + | + | + | +
	digest box $secret qop=auth,auth-int        | + | - | - | + | -
	digest box $secret qop=auth-int             | refuses our username or password | - | - | + | +
	digest box $secret nonce=connection         | + | - | + | + | +
	digest box $secret nonce=once               | + | - | + | + | +
	digest box $secret stale=2                  | + | - | + | - | -
	digest box $secret next                     | + | - | + | + | +
	digest box $secret opaque=5ccc09c4          | + | - | - | + | -
	digest box $secret form=unquoted            | + | + | + | + | +
	digest box $secret form=spaced              | + | + | + | + | +
	digest box $secret form=extended            | + | - | - | + | -
	digest box $secret form=after-basic         | + | - | + | + | +
	digest box $secret form=before-basic        | + | - | + | + | +
	digest box $secret form=after-negotiate     | + | - | - | + | -
	digest box wrong                            | refuses our username or password (HTTP 401) | - | - | refuses our username or password | -
	digest other $secret                        | refuses our username or password (HTTP 401) | - | - | - | -
	basic box $secret                           | no kind of authentication that is allowed without TLS | - | - | ^ | -
	strange                                     | no kind of authentication that is allowed without TLS | - | - | - | -
END
# of two sessions, one with another name and one with another password, and of auth-int
check "what was refused is not tried again" [ "$(grep -c 'wrong credentials' "$WORK/transcript")" -eq 3 ]
check "no violation of Digest" not_said digest violations
halt

boot -- allow_basic_without_tls=true
table <<-END
	basic box $secret                           | + | - | + | - | -
	basic box wrong                             | refuses our username or password (HTTP 401) | - | - | - | -
END
halt

boot --tls "$CERTS/both.pem" "$CERTS/both.key" --
table <<-END
	basic box $secret                           | + | - | + | + | +
	digest box $secret algorithm=SHA-256        | + | + | + | + | +
	digest box $secret nonce=once               | + | - | + | + | +
	basic box wrong                             | refuses our username or password (HTTP 401) | - | - | - | -
	strange                                     | a kind of authentication that is not supported | - | - | - | -
END
halt

boot -- acs_username= acs_password=
table <<-END
	digest box $secret                          | no username is configured | - | - | + | -
END
halt

check "no password is in the log" sh -c "! grep -i -e '$secret' -e 'Authorization' '$WORK/client.log'"
finish
