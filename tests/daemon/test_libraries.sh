#!/bin/sh
# An install in which a library that is opened late is missing, cut short or another one: --check-config tells before
# the start. Without libxml2 the daemon lives, says why its sessions fail, and is well once it is there; minizip is
# needed for firmware only. And what else plugins check of a box that has not started.
# shellcheck source=tests/daemon/firmware.sh
. "${top_srcdir:-.}/tests/daemon/firmware.sh"

soname_of() { sed -n "s/^$1_CFLAGS = .*-D$1_SONAME=.*\"\(.*\)\".*/\1/p" "$build/Makefile" 2>/dev/null; }
xml=$(soname_of XML)
minizip=$(soname_of MINIZIP)
[ -n "$xml" ] && [ -n "$minizip" ] || { echo "skipped: libxml2 and minizip are linked in"; exit 77; }
mkdir "$WORK/lib" # the loader looks here first, and takes a file of that name for what it is
printf '#!/bin/sh\nLD_LIBRARY_PATH=%s exec %s "$@"\n' "$WORK/lib" "$CLIENT" >"$WORK/client" # the ACS needs the real one
chmod +x "$WORK/client"
CLIENT=$WORK/client
make_key maker

box_new
put() { # put SONAME FILE: for the library, at once: a client may have the former one open
	cp "$2" "$WORK/new" && mv "$WORK/new" "$WORK/lib/$1"
}
check_config() { # check_config [OPTION...]
	for option in "$@"; do
		set -- "$@" -o "$option"
		shift
	done
	"$CLIENT" -o prefix="$BOX" -o platform= -o build_prop=build.prop -o plugin_dir=plugins -o plugin_conf_dir=plugins.d \
		-o state_dir=state -o spool_dir=spool "$@" --check-config >"$WORK/checked" 2>"$WORK/errors"
}
insane() { # insane PATTERN [OPTION...]: --check-config says so
	pattern=$1
	shift
	check_config "$@"
	code=$?
	[ "$code" -eq 3 ] && grep -q -e "$pattern" "$WORK/errors" && return 0
	echo "exit code $code, or nothing like: $pattern"
	cat "$WORK/errors"
	return 1
}
tells() { # tells PATTERN [OPTION...]: it says so, and is content
	pattern=$1
	shift
	check_config "$@" && grep -q -e "$pattern" "$WORK/errors"
}

# ---- minizip, and the box

signed=firmware.certificates=$WORK/keys/maker.pem
check "--check-config is content with what is installed" check_config "$signed"
check "a certificate that is not there is a mistake" insane '^firmware: .*/none.pem: ' firmware.certificates="$WORK/none.pem"
put "$minizip" /dev/null
check "minizip cut short: --check-config fails, with the package's name" \
	insane "^firmware: .*minizip cannot be opened: .*$minizip.*apt-get install libminizip1\$" "$signed"
put "$minizip" "$build/tests/daemon/.libs/bad.so"
check "another library: it names what is missing" insane '^firmware: .*undefined symbol: unz' "$signed"
check "a box that takes no firmware needs none" check_config
check "bundles need it too" insane '^du-bundles: .*undefined symbol: unz' du-bundles.enabled=true du-bundles.allow_unsigned=true
check "a program that is not there is told" \
	tells '^platform-linux: warning: ntp: there is no program /none/ntp$' platform-linux.ntp=/none/ntp

# ---- libxml2

"$CLIENT" --version >/dev/null || fail "the client needs $xml to be loaded"
put "$xml" /dev/null
check "libxml2 cut short: --check-config fails, with the package's name" \
	insane "libxml2 cannot be opened: .*$xml.*apt-get install libxml2\$"
put "$xml" "$build/tests/daemon/.libs/bad.so"
check "another library: it names what is missing" insane 'libxml2 cannot be opened: .*undefined symbol: xml.*apt-get install libxml2$'

acs_start --tolerate session-broken,retry-count
acs credentials user=cr password=crpw >/dev/null
box_start connection_request_username=cr connection_request_password=crpw retry_minimum=1 retry_multiplier=1000 \
	trace=true trace_file=trace "$signed"
check "the session fails for a reason" \
	box_log "session failed: the ACS's message cannot be read: libxml2 cannot be opened: .*undefined symbol"
put "$xml" /dev/null
check "the next one too" box_log "session failed: .*libxml2 cannot be opened: .*$xml.*; retry 2 in"
check "the client lives, with its control socket" sh -c "'$CTL' -s '$BOX/control' status >/dev/null"
check "and writes its trace without" grep -q '^([0-9]* octets: libxml2 cannot be opened: ' "$BOX/trace"
rm "$WORK/lib/$xml"
check "put right, it goes on without a restart" acs wait-session 60 "1 BOOT"
check "and answers" acs rpc now GetParameterNames Device. 1
box_stop
rm "$WORK/lib/$minizip"
check "--check-config is content" check_config "$signed"
finish
