#!/bin/sh
# An install whose libxml2 is missing, cut short or another library: --check-config tells before the start; the daemon
# lives, says why its sessions fail, and is well once it is there.
# shellcheck source=tests/daemon/lib.sh
. "${top_srcdir:-.}/tests/daemon/lib.sh"

soname=$(sed -n 's/^XML_CFLAGS = .*-DXML_SONAME=.*"\(.*\)".*/\1/p' "$build/Makefile" 2>/dev/null)
[ -n "$soname" ] || { echo "skipped: libxml2 is linked in"; exit 77; }
library=$WORK/lib/$soname # the loader looks here first, and takes a file of that name for what it is
mkdir "$WORK/lib"
printf '#!/bin/sh\nLD_LIBRARY_PATH=%s exec %s "$@"\n' "$WORK/lib" "$CLIENT" >"$WORK/client" # the ACS needs the real one
chmod +x "$WORK/client"
CLIENT=$WORK/client

box_new
put() { # put FILE: for the library, at once: a client may have the former one open
	cp "$1" "$WORK/new" && mv "$WORK/new" "$library"
}
check_config() {
	"$CLIENT" -o prefix="$BOX" -o platform= -o build_prop=build.prop -o plugin_dir=plugins -o plugin_conf_dir=plugins.d \
		-o state_dir=state -o spool_dir=spool --check-config >"$WORK/checked" 2>"$WORK/errors"
}
insane() { # insane PATTERN: --check-config says so
	check_config
	code=$?
	[ "$code" -eq 3 ] && grep -q -e "$1" "$WORK/errors" && return 0
	echo "exit code $code, or nothing like: $1"
	cat "$WORK/errors"
	return 1
}

"$CLIENT" --version >/dev/null || fail "the client needs $soname to be loaded"
put /dev/null
check "cut short: --check-config fails, with the package's name" insane "libxml2 cannot be opened: .*$soname.*apt-get install libxml2\$"
put "$build/tests/daemon/.libs/bad.so"
check "another library: it names what is missing" insane 'libxml2 cannot be opened: .*undefined symbol: xml.*apt-get install libxml2$'

acs_start --tolerate session-broken,retry-count
acs credentials user=cr password=crpw >/dev/null
box_start connection_request_username=cr connection_request_password=crpw retry_minimum=1 retry_multiplier=1000 \
	trace=true trace_file=trace
check "the session fails for a reason" \
	box_log "session failed: the ACS's message cannot be read: libxml2 cannot be opened: .*undefined symbol"
put /dev/null
check "the next one too" box_log "session failed: .*libxml2 cannot be opened: .*$soname.*; retry 2 in"
check "the client lives, with its control socket" sh -c "'$CTL' -s '$BOX/control' status >/dev/null"
check "and writes its trace without" grep -q '^([0-9]* octets: libxml2 cannot be opened: ' "$BOX/trace"
rm "$library"
check "put right, it goes on without a restart" acs wait-session 60 "1 BOOT"
check "and answers" acs rpc now GetParameterNames Device. 1
box_stop
check "--check-config is content" check_config
finish
