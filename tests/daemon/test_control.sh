#!/bin/sh
# Where the control socket is: its default, the directory that is made for it, what lies in its way. (Whose it is: test_user.sh;
# what it answers: test_malformed.sh.)
# shellcheck source=tests/daemon/lib.sh
. "${top_srcdir:-.}/tests/daemon/lib.sh"

box_new
# the places of this build, as configure knows them
{
	# shellcheck disable=SC2016 # it is the shell that reads them that expands these
	for name in prefix exec_prefix localstatedir runstatedir rundir; do
		printf '%s="@%s@"\n' $name $name
	done
	# shellcheck disable=SC2016
	printf 'echo "$runstatedir"\necho "$rundir"\n'
} >"$WORK/places.in"
(cd "$build" && ./config.status -q --file="$WORK/places:$WORK/places.in") || fail "config.status"
run_directory=$(sh "$WORK/places" | sed -n 1p)
default=$(sh "$WORK/places" | sed -n 2p)/control

checked() { # checked ARGUMENT...: what --check-config says of it
	"$CLIENT" -o prefix="$BOX" -o platform= -o plugin_dir=plugins -o plugin_conf_dir=plugins.d -o state_dir=state "$@" --check-config |
		grep '^control_socket = '
}
mode() { [ "$(stat -c %u:%a "$1")" = "$2" ]; }
none() { [ ! -e "$1" ] && [ ! -L "$1" ]; }
started() { # started OPTION...: with a log of its own
	: >"$WORK/client.log"
	box_start "$@"
	box_log 'tr069-client [^ ]* started' || fail "it does not start"
}

check "the default is below configure's runstatedir" [ "$default" = "$run_directory/tr069-client/control" ]
check "and the client's, whatever state_dir is" sh -c "[ '$(checked)' = 'control_socket = \"$default\"  (default)' ]"
check "and tr069-ctl's" sh -c "'$CTL' --help | grep -q -F '($default)'"
check "--check-config tells another" sh -c "[ '$(checked -o control_socket=run/tr069/control)' = 'control_socket = \"$BOX/run/tr069/control\"  (command line)' ]"
mkdir "$BOX/run"
checked -o control_socket=run/tr069/control >/dev/null
check "and makes nothing" none "$BOX/run/tr069"

# ---- the directory
started control_socket=run/tr069/control
ln -s run/tr069/control "$BOX/control"
check "its directory is made, and is its own" mode "$BOX/run/tr069" "$(id -u):700"
check "the socket too" mode "$BOX/run/tr069/control" "$(id -u):600"
check "tr069-ctl reaches it" box_ctl status
box_stop
check "at the end it is gone" none "$BOX/run/tr069/control"
started control_socket=run/tr069/control
check "a directory that is there will do" box_ctl status

# ---- what lies in its way
first_pid=$client_pid
: >"$WORK/client.log"
box_start control_socket=run/tr069/control state_dir=state2 spool_dir=spool2
check "a second client does not take the first one's socket" box_log 'control_socket .*: another tr069-client listens there.*tr069-ctl will not work'
check "and works without" box_log 'tr069-client [^ ]* started'
second_pid=$client_pid client_pid=$first_pid
check "the first has it still" box_ctl status
kill -TERM "$second_pid"
check "the second ends" wait_end "$second_pid" 600
check "and takes nothing with it" box_ctl status
box_kill
check "one that is killed leaves its socket" test -S "$BOX/run/tr069/control"
started control_socket=run/tr069/control
check "which is replaced" box_ctl status
box_stop
orphan=$("$build/tests/daemon/orphan" "$BOX/run/tr069/control") || fail "orphan"
started control_socket=run/tr069/control
kill -KILL "$orphan" || fail "the child is gone"
check "also while a child of the dead one holds it" box_ctl status
box_stop
started control_socket=none/tr069/control
check "where what is above is missing, the client says so and works" box_log 'control_socket .*none/tr069/control: No such file'
box_stop

# ---- links
mkdir -m 1777 "$BOX/tmp"
mkdir "$BOX/elsewhere" "$BOX/elsewhere/tr069"
ln -s ../elsewhere "$BOX/tmp/tr069"
for path in tmp/tr069/control tmp/tr069//control; do
	started control_socket=$path
	check "a link where everybody may put one is not followed ($path)" box_log 'control_socket .*: its directory is a link or somebody'
	check "nothing is where it leads" sh -c "[ \"\$(ls '$BOX/elsewhere')\" = tr069 ]"
	box_stop
done
rm "$BOX/tmp/tr069"
ln -s nowhere "$BOX/tmp/tr069"
started control_socket=tmp/tr069/control
check "nor one to nowhere" box_log 'control_socket .*: its directory is a link or somebody'
check "and nothing is made there" none "$BOX/tmp/nowhere"
box_stop
rm "$BOX/tmp/tr069"
started control_socket=tmp/tr069/control
check "a directory of its own is made there" mode "$BOX/tmp/tr069" "$(id -u):700"
check "and has the socket" test -S "$BOX/tmp/tr069/control"
box_stop
ln -s elsewhere/tr069 "$BOX/link"
started control_socket=link/control
check "a link of the system's is followed" test -S "$BOX/elsewhere/tr069/control"
box_stop
echo precious >"$BOX/precious"
ln -s ../../precious "$BOX/run/tr069/control"
started control_socket=run/tr069/control
check "a link in place of the socket is refused" box_log 'control_socket .*run/tr069/control: File exists'
box_stop
check "and left, as what it leads to" sh -c "[ -L '$BOX/run/tr069/control' ] && grep -qx precious '$BOX/precious'"
if [ "$(id -u)" -eq 0 ]; then
	mkdir -m 777 "$BOX/tmp/other" "$BOX/other"
	chown 65534 "$BOX/tmp/other" "$BOX/other"
	started control_socket=tmp/other/control
	check "somebody else's directory, where everybody may make one, is not used" box_log 'control_socket .*: its directory is a link or somebody'
	check "nothing is in it" none "$BOX/tmp/other/control"
	box_stop
	started control_socket=other/control
	check "one that the system gave to somebody is" test -S "$BOX/other/control"
	box_stop
else
	echo "the directory of another user needs root: not tried"
fi

# ---- the default itself, in a file system of its own over the first directory that is there
above=$run_directory
while [ ! -d "$above" ]; do
	above=${above%/*}
done
case $build/$top/$WORK in
"$above"/* | *"$above"/*) above= ;;
esac
if [ -z "$above" ] || [ "$above" = /usr ] || [ "$above" = /var ] || ! command -v nsenter >/dev/null ||
	! unshare -m mount -t tmpfs none "$above" 2>/dev/null; then
	echo "the default in a file system of its own needs root, mounts, nsenter: not tried"
	finish
fi
cat >"$WORK/client" <<-END
	#!/bin/sh
	[ -n "\${inside-}" ] || inside=1 exec unshare -m "\$0" "\$@"
	for argument in "\$@"; do # all options but the socket's, twice over
		shift
		[ "\$argument" = control_socket=control ] && argument=trace=false
		set -- "\$@" "\$argument"
	done
	mount -t tmpfs none '$above' && mkdir -p '$run_directory' && exec '$CLIENT' "\$@"
END
chmod +x "$WORK/client"
CLIENT=$WORK/client
started
check "its directory is made" [ "$(nsenter -t "$client_pid" -m stat -c %a "${default%/*}")" = 700 ]
check "tr069-ctl finds the client without being told where" nsenter -t "$client_pid" -m "$CTL" status
ln -sf "$BOX/nowhere" "$BOX/control"
box_stop
finish
