#!/bin/sh
# The client as an unprivileged user: started as one, as a service manager does it, or by root with `user`. All
# of it works, nothing that it holds needs root, and what it writes is nobody else's, whatever the umask.
# shellcheck source=tests/daemon/lib.sh
. "${top_srcdir:-.}/tests/daemon/lib.sh"

real=$CLIENT
id=65534 # nobody: owns nothing

# Files that others may open, directories that others may enter, in what the client made.
open_to_others() { find "$BOX/state" "$BOX/spool" "$BOX/control" ! -type l -perm /077 -print; }
nothing_open() {
	find "$BOX/state/state" "$BOX/spool" "$BOX/control" >/dev/null || return 1 # the test sees something
	[ -z "$(open_to_others)" ] || {
		ls -lR "$BOX/state" "$BOX/spool" "$BOX/control"
		return 1
	}
}
status_is() { # status_is FIELD VALUE...: of the process
	field=$1
	shift
	[ "$(sed -n "s/^$field:[[:blank:]]*//p" "/proc/$client_pid/status" | tr -s '[:blank:]' ' ' | sed 's/ $//')" = "$*" ]
}
all_of_it() { # all_of_it NAME
	check "$1: the first session" acs wait-session 60 "1 BOOT"
	check "$1: a connection request" acs connection-request
	check "$1: a set is applied" acs rpc now SetParameterValues "Device.DeviceInfo.ProvisioningCode=$1"
	check "$1: a file is ordered" acs rpc now Download key="$1" type='"3 Vendor Configuration File"' \
		"url=${ACS%/acs}/files/channels.bin" target="$1.bin"
	check "$1: and lies there" sh -c "'$TEST_ACS' --talk '$SOCKET' 'wait-session 15 M Download*' && cmp '$WORK/files/channels.bin' '$BOX/download/$1.bin'"
	check "$1: the system's log" said 'something is odd' 'value now Device.DeviceInfo.DeviceLogs'
	check "$1: a reboot is ordered" acs rpc now Reboot key="$1"
	check "$1: and its program runs" box_log 'action reboot'
	check "$1: no file of it is open to others" nothing_open
}
fresh() {
	rm -rf "$BOX"
	box_new
	: >"$WORK/client.log"
}

mkdir -p "$WORK/files"
head -c 30000 /dev/urandom >"$WORK/files/channels.bin"
acs_start --set "files $WORK/files"
acs "credentials user=cr password=crpw" >/dev/null

for mask in 000 777; do
	fresh
	old=$(umask)
	umask "$mask"
	printf '#!/bin/sh\numask %s\nexec "%s" "$@"\n' "$mask" "$real" | (umask 077 && cat >"$WORK/client")
	umask "$old"
	chmod 700 "$WORK/client"
	CLIENT=$WORK/client
	box_start connection_request_username=cr connection_request_password=crpw
	all_of_it "umask-$mask"
	check "umask-$mask: the files for others are for others" sh -c "[ \$(stat -c %a '$BOX/download/umask-$mask.bin') = 644 ]"
	box_stop
done

if [ "$(id -u)" -ne 0 ] || ! command -v setpriv >/dev/null; then
	echo "the rest needs root, and setpriv (util-linux): not tried"
	finish
fi
setpriv --reuid=$id --regid=$id --clear-groups ls "$PLUGIN_BUILD" >/dev/null 2>&1 || {
	echo "the rest needs a build tree that others may read, and $build is none: not tried"
	finish
}

chmod 711 "$WORK"
fresh
chown -R "$id:$id" "$BOX"
# as systemd starts it with User=, an empty CapabilityBoundingSet, ProtectSystem=strict
cat >"$WORK/client" <<-END
	#!/bin/sh
	exec setpriv --reuid=$id --regid=$id --clear-groups --bounding-set=-all --inh-caps=-all --no-new-privs "$real" "\$@"
END
sandbox="mount --bind '$BOX' '$BOX' && mount -o remount,bind,ro /"
unshare -m sh -c "$sandbox && ! touch '$WORK/is-read-only' 2>/dev/null && touch '$BOX/is-not'" 2>/dev/null || sandbox=
if [ -n "$sandbox" ]; then
	mv "$WORK/client" "$WORK/unprivileged"
	printf '#!/bin/sh\nexec unshare -m sh -c '\''%s && cd . && exec "$0" "$@"'\'' "%s" "$@"\n' \
		"$(echo "$sandbox" | tr "'" '"')" "$WORK/unprivileged" >"$WORK/client"
	chmod 711 "$WORK/unprivileged"
	chmod +r "$WORK/unprivileged"
else
	echo "no read-only root: mount is not permitted here"
fi
chmod 711 "$WORK/client"
chmod +r "$WORK/client"
CLIENT=$WORK/client
box_start connection_request_username=cr connection_request_password=crpw
all_of_it unprivileged
check "it is nobody" status_is Uid $id $id $id $id
check "without a capability" status_is CapBnd 0000000000000000
check "nor a way to one" status_is NoNewPrivs 1
[ -z "$sandbox" ] || check "on a read-only system" grep -q ' / ro[, ]' "/proc/$client_pid/mountinfo"
box_stop

# by plain init: root starts it, and it changes by itself
fresh
chmod 711 "$BOX"
chown "$id:$id" "$BOX/download" "$BOX/reboots"
CLIENT=$real
ASAN_OPTIONS="$ASAN_OPTIONS:detect_leaks=0" # nobody may look into a process that was root's
mkdir -m 755 "$BOX/run" # where only root may make a directory, as in /run
ln -s run/tr069/control "$BOX/control"
box_start user=$id group=$id connection_request_username=cr connection_request_password=crpw control_socket=run/tr069/control
all_of_it root
check "it is nobody" status_is Uid $id $id $id $id
check "and its group" status_is Gid $id $id $id $id
check "with no group of root's" status_is Groups $id
check "without a capability" status_is CapEff 0000000000000000
check "nor one that could come back" status_is CapPrm 0000000000000000
check "its state directory is its own" sh -c "[ \$(stat -c %u:%g:%a '$BOX/state') = $id:$id:700 ]"
check "and the spool" sh -c "[ \$(stat -c %u:%g:%a '$BOX/spool') = $id:$id:700 ]"
check "and the directory of the socket" sh -c "[ \$(stat -c %u:%g:%a '$BOX/run/tr069') = $id:$id:700 ]"
check "the socket is his" sh -c "[ \$(stat -c %u:%g:%a '$BOX/run/tr069/control') = $id:$id:600 ]"
check "he may ask by it" setpriv --reuid=$id --regid=$id --clear-groups "$CTL" -s "$BOX/run/tr069/control" status
check "and root" box_ctl status
check "and nobody else" sh -c "! setpriv --reuid=65533 --regid=$id --clear-groups '$CTL' -s '$BOX/run/tr069/control' status"
kill -HUP "$client_pid"
check "it reads its files again" box_log 'agent: reloaded'
box_stop
: >"$WORK/client.log"
box_start user=$id group=$id control_socket=none/tr069/control
check "a directory that cannot be made keeps nobody from starting" box_log 'control_socket .*: No such file'
box_stop

run() { # run EXPECTED-CODE PATTERN ARGUMENT...
	expected=$1 pattern=$2
	shift 2
	timeout 10 "$CLIENT" -o prefix="$BOX" -o platform= -o build_prop=build.prop -o plugin_dir=plugins -o plugin_conf_dir=plugins.d \
		-o state_dir=state2 -o spool_dir=spool2 -o acs_url=http://127.0.0.1:9/ "$@" >"$WORK/out" 2>&1
	code=$?
	[ "$code" -eq "$expected" ] && grep -q -e "$pattern" "$WORK/out" && return 0
	echo "exit code $code, wanted $expected and a line with: $pattern"
	cat "$WORK/out"
	return 1
}
check "a user that is not there" run 3 'command line: user = "no-such": there is no such user' -o user=no-such
check "a group that is not there" run 3 'command line: group = "no-such": there is no such group' -o user=$id -o group=no-such
check "a group alone" run 3 'means nothing without user' -o group=$id
check "a number without an account needs a group" run 3 'say which group' -o user=4000000
echo 'acs_password = "hunter2"' >"$BOX/secret.conf"
chmod 600 "$BOX/secret.conf"
check "a conf file that the user may not read is told at once" run 3 'secret.conf: Permission denied' -c "$BOX/secret.conf" -o user=$id
rm -r "$BOX/state2"
check "--check-config sees what he sees" run 3 'secret.conf: Permission denied' -c "$BOX/secret.conf" -o user=$id --check-config
check "and makes nothing" sh -c "[ ! -e '$BOX/state2' ]"
chgrp $id "$BOX/secret.conf"
chmod 640 "$BOX/secret.conf"
check "his group will do" run 0 'acs_password = \*\*\*' -c "$BOX/secret.conf" -o user=$id --check-config
CLIENT=$WORK/client
check "nobody cannot become somebody" run 3 'only root can become another user' -o user=1
check "but stays who he is" run 0 'user = "65534"' -o user=$id --check-config
finish
