#!/bin/sh
# Starting and ending: exit codes, mistakes with file and line, --check-config, SIGTERM within a second.
# shellcheck source=tests/daemon/lib.sh
. "${top_srcdir:-.}/tests/daemon/lib.sh"

box_new
run() { # run EXPECTED-CODE PATTERN ARGUMENT...
	expected=$1 pattern=$2
	shift 2
	timeout 10 "$CLIENT" -o prefix="$BOX" -o build_prop=build.prop -o plugin_dir=plugins -o plugin_conf_dir=plugins.d \
		-o state_dir=state -o spool_dir=spool "$@" >"$WORK/out" 2>&1
	code=$?
	[ "$code" -eq "$expected" ] && grep -q -e "$pattern" "$WORK/out" && return 0
	echo "exit code $code, wanted $expected and a line with: $pattern"
	cat "$WORK/out"
	return 1
}
prop() { # prop KEY TEXT
	sed -i "/^$1=/d" "$BOX/build.prop"
	printf '%s=%s\n' "$1" "$(printf '%s' "$2" | base64 -w 0)" >>"$BOX/build.prop"
}
in_order() { # in_order PATTERN...: the log has such lines, the first of each one after the other
	last=0
	for pattern in "$@"; do
		line=$(grep -n -m 1 -e "$pattern" "$WORK/client.log" | cut -d : -f 1)
		[ "${line:-0}" -gt "$last" ] || {
			echo "$pattern: line ${line:-none}, not behind line $last"
			return 1
		}
		last=$line
	done
}

check "--help teaches" run 0 'exit codes' --help
check "--version" run 0 '^tr069-client [0-9]' --version
check "an unknown option is usage, exit 2" run 2 'try: tr069-client --help' --nonsense
check "-v many times over is one -v" run 0 '^tr069-client [0-9]' -vvvvvvvvvvvvvvvv --version
check "an argument too many is usage, exit 2" run 2 'unexpected argument' surplus

check "no s0: one line and exit 0" run 0 'nothing to do'
check "it is one line only" sh -c "[ \$(wc -l <'$WORK/out') -eq 1 ]"
prop ro.stb.management.s0 ''
check "an empty s0: exit 0" run 0 'nothing to do'
check "and nothing was half-started" sh -c "[ ! -e '$BOX/state' ]"
prop ro.stb.management.s0 'http://bad host/'
check "a bad s0 names the key, exit 3" run 3 'build.prop:[0-9]*: ro.stb.management.s0: '
sed -i '/s0=/d' "$BOX/build.prop"
echo 'ro.stb.management.s0=%%%' >>"$BOX/build.prop"
check "bad Base64 names the key, exit 3" run 3 'build.prop:[0-9]*: ro.stb.management.s0: this is not Base64'
prop ro.stb.management.s0 'http://127.0.0.1:9/'
prop ro.stb.management.s7 '/no/such/file.pem'
check "an unreadable certificate, exit 3" run 3 's7: the certificate cannot be read: No such'
prop ro.stb.management.s7 ''

printf '# comment\n\nperiodic_interval = soon\n' >"$BOX/bad.conf"
check "a mistake in the file has file and line, exit 3" run 3 'bad.conf:3: ' -c "$BOX/bad.conf"
printf 'no_such_option = 1\n' >"$BOX/bad.conf"
check "so has an unknown option" run 3 'bad.conf:1: .*no_such_option' -c "$BOX/bad.conf"
check "and a file that is not there" run 3 'none.conf: No such file' -c "$BOX/none.conf"
check "a number that is empty is no 0" run 3 "periodic_interval: option 'periodic_interval' is \"\", which is not a number" \
	-o periodic_interval=
check "an unknown -o, exit 3" run 3 'command line: nonsense' -o nonsense=1

prop ro.stb.management.s2 'hunter2'
check "--check-config prints values with origin" run 0 'periodic_interval = 60  (default)' --check-config
check "of build.prop too" grep -q 'ro.stb.management.s0 = "http://127.0.0.1:9/"  (.*build.prop:[0-9]*)' "$WORK/out"
check "and of the plugins" grep -q '^device-info.serial_number = ' "$WORK/out"
check "no secret is printed" sh -c "! grep -q hunter2 '$WORK/out'"
check "an option of a plugin from the command line" run 0 'device-logs.*(command line)' \
	-o device-logs.log_max=8000 --check-config
check "--check-config fails on a plugin whose needs are not met" run 3 'reboot: it needs action:reboot' \
	--check-config -o platform-linux.enabled=false -o factory-reset.enabled=false
: >"$BOX/plugins.d/99-time.conf"
check "and on two conf files of one plugin" run 3 'time: .*99-time.conf is passed over' --check-config
rm "$BOX/plugins.d/99-time.conf"
check "and on a state_dir that cannot be" run 3 'state_dir: .*/build.prop: Not a dir' --check-config -o state_dir=build.prop
check "or whose parent is missing" run 3 'state_dir: .*/none/state: No such' --check-config -o state_dir=none/state
echo 'nonsense = 5' >>"$BOX/plugins.d/30-time.conf"
check "--check-config fails on a plugin's mistake, with file and line" run 3 '30-time.conf:[0-9]*: .*nonsense' --check-config

acs_start
box_start
check "the daemon leaves that plugin out and goes on" box_log 'time: left out: .*30-time.conf:[0-9]*: '
check "the session comes all the same" acs wait-session 60
check "plugins start in the order of their files" in_order 'device-info: started' 'lan: started' 'wan: started' \
	'wifi-ssid: started' 'reboot: started'
check "but the eager one before all, behind what it wants" in_order 'platform-linux: started' 'device-logs: started' \
	'device-info: started'
begin=$(date +%s%N)
STOP_PATIENCE=200 # a second, but for a busy machine and the search for leaks; what could hold it up takes longer
box_stop
STOP_PATIENCE=600
echo "ok SIGTERM ends it, after $((($(date +%s%N) - begin) / 1000000)) ms"
passed=$((passed + 1))

ACS=http://127.0.0.1:9/
mkdir -p "$BOX/state"
box_start
box_log 'session failed'
check "tr069-ctl refuses a line break: half a value would be set" sh -c \
	"'$CTL' -s '$BOX/control' set Device.DeviceInfo.ProvisioningCode 'a
b' 2>'$WORK/out'; [ \$? -eq 2 ] && grep -q 'line break' '$WORK/out'"
check "a second daemon on the same state is refused, exit 1" run 1 'does another tr069-client run' -o acs_url=http://127.0.0.1:9/
box_stop
: >"$BOX/file"
check "a state directory that is none: exit 1" run 1 'state_dir .*file' -o state_dir=file -o acs_url=http://127.0.0.1:9/
echo precious >"$BOX/precious"
box_start control_socket=precious
check "a control_socket that is a file of somebody is refused" box_log 'control_socket .*precious: File exists'
box_stop
check "and left alone" grep -qx precious "$BOX/precious"

: >"$WORK/client.log"
printf 'enabled = true\nparameters = {"nonsense"}\n' >"$BOX/plugins.d/15-exec.conf"
rm "$BOX/plugins.d/60-exec.conf"
: >"$BOX/plugins.d/07-nowhere.conf"
box_start
check "one whose init fails is left out" box_log 'lan: started'
check "the eager one started before, and before what follows it is opened" in_order 'device-logs: started' \
	'nowhere: left out: ' 'exec: left out: ' 'lan: started'
box_stop
: >"$WORK/client.log"
mv "$BOX/plugins.d/05-platform-linux.conf" "$BOX/plugins.d/90-platform-linux.conf"
box_start
check "where its platform comes last, it waits for it, and others for neither" box_log 'lan: started'
check "but no longer" in_order 'nowhere: left out: ' 'platform-linux: started' 'device-logs: started' \
	'exec: left out: ' 'lan: started'
box_stop

# What notes who is starting is mapped: where the disk has no room for what is written there, the process would end.
if unshare -rm mount -t tmpfs none /mnt 2>/dev/null; then
	real=$CLIENT
	cat >"$WORK/full" <<-END
		#!/bin/sh
		exec unshare -rm sh -c 'mount -t tmpfs -o size=16k none "$BOX/state" && truncate -s 96 "$BOX/state/starting" &&
			{ cat /dev/zero >"$BOX/state/rest" 2>/dev/null; exec "\$@"; }' sh "$real" "\$@"
	END
	chmod +x "$WORK/full"
	CLIENT=$WORK/full
	: >"$WORK/client.log"
	box_start
	check "a file of before on a full disk keeps nobody from starting" box_log 'lan: started'
	box_stop
	CLIENT=$real
else
	echo "skipped: no mount namespace for a file system of its own"
fi
finish
