#!/bin/sh
# Platform profiles: their values are in force where nobody set others, --check-config says from which line they
# are; the samples of linux.conf work as they stand, and android.conf does with Android's programs.
# shellcheck source=tests/daemon/lib.sh
. "${top_srcdir:-.}/tests/daemon/lib.sh"

linux=$top/conf/platform/linux.conf android=$top/conf/platform/android.conf
box_new

checked() { # checked PROFILE [ARGUMENT...]: --check-config passes; its output
	profile=$1
	shift
	"$CLIENT" -o prefix="$BOX" -o plugin_dir=plugins -o plugin_conf_dir=plugins.d -o platform="$profile" "$@" \
		--check-config >"$WORK/checked" 2>&1 && return 0
	cat "$WORK/checked"
	return 1
}
mistaken() { # mistaken PATTERN PROFILE: --check-config tells it and fails
	! checked "$2" -o state_dir=state >/dev/null && grep -q -e "$1" "$WORK/checked" && return 0
	cat "$WORK/checked"
	return 1
}
shows() { # shows LINE: as --check-config prints it, a fixed string
	grep -q -F -e "$1" "$WORK/checked" && return 0
	grep -F -e "${1%% *}" "$WORK/checked"
	return 1
}
line_of() { grep -n -F -e "$2" "$1" | head -n 1 | sed 's/:.*//'; }

check "linux.conf is without mistake" checked "$linux" -o state_dir=state
check "its values name file and line" \
	shows "platform-linux.reboot = {\"/sbin/reboot\"}  ($linux:$(line_of "$linux" 'reboot = {"/sbin/reboot"}'))"
cp "$WORK/checked" "$WORK/linux"

# Each sample alone, at its place, with everything else as it stands.
grep -n '^#[a-z_]* = ' "$linux" | sed 's/:.*//' >"$WORK/samples"
check "linux.conf has samples" test -s "$WORK/samples"
while read -r number; do
	name=$(sed -n "${number}s/^#\([a-z_]*\) = .*/\1/p" "$linux")
	sed -e "${number}s/^#//" -e "${number}!s/^$name = /#&/" "$linux" >"$WORK/sample.conf"
	check "the sample of $name in line $number" checked "$WORK/sample.conf" -o state_dir=state
	check "is in force" grep -q "$name = .*  ($WORK/sample.conf:$number)\$" "$WORK/checked"
done <"$WORK/samples"

# The samples that are scripts, with what they call played by other scripts.
mkdir -p "$WORK/bin" "$WORK/spool"
cat >"$WORK/bin/unzip" <<-'END'
	#!/bin/sh
	# -q -o -d DIRECTORY IMAGE ENTRY
	[ "$5" = "$SPOOL/transfer 7" ] && echo "$6 of it" >"$4/$6"
END
cat >"$WORK/bin/rauc" <<-'END'
	#!/bin/sh
	echo "${0##*/} $1: $(cat "$SPOOL"/update.*)" >>"$SPOOL/../installed"
	exit "$STATUS"
END
cp "$WORK/bin/rauc" "$WORK/bin/swupdate-client"
chmod +x "$WORK/bin"/*
install_sample() { # install_sample STATUS-OF-THE-INSTALLER
	PATH=$WORK/bin:$PATH STATUS=$1 SPOOL=$WORK/spool sh -c "$script" install "$WORK/spool/transfer 7" && code=0 || code=$?
	[ "$code" -eq "$1" ] && [ -z "$(ls "$WORK/spool")" ]
}
for bundle in update.raucb update.swu; do
	number=$(grep -n "^#install_firmware.*$bundle" "$linux" | sed 's/:.*//')
	sed "${number}s/^#//" "$linux" >"$WORK/sample.conf"
	checked "$WORK/sample.conf" -o state_dir=state || fail "$bundle"
	script=$(sed -n 's/^platform-linux.install_firmware = {"\/bin\/sh", "-c", "\(.*\)", "install"}  (.*/\1/p' "$WORK/checked")
	check "the script for $bundle runs, and leaves nothing" install_sample 0
	check "its failure is the installer's" install_sample 5
done
check "RAUC gets the bundle" grep -q -x 'rauc install: update.raucb of it' "$WORK/installed"
check "so does SWUpdate" grep -q -x "swupdate-client $WORK/spool/update.swu: update.swu of it" "$WORK/installed"

check "android.conf is without mistake, but that Android's certificates are not here" \
	mistaken 'otacerts.zip: No such file' "$android"
check "and is otherwise" checked "$android" -o state_dir=state -o firmware.certificates=
for line in 'build_prop = "/system/build.prop"' 'spool_dir = "/cache/tr069"' 'control_socket = "/data/vendor/tr069/control"' \
	'log_to = {"syslog"}' 'platform-linux.reboot = {"/system/bin/reboot"}' \
	'platform-linux.device_log = {"/system/bin/logcat", "-d", "-v", "time", "-t", "400", "*:W"}' \
	'download.folder = "/data/media/0/Download"'; do
	check "it says ${line%% *}" shows "$line  ($android:"
done

echo 'reboot = {"/bin/true"}' >>"$BOX/plugins.d/05-platform-linux.conf"
check "a plugin's own file wins over the profile" checked "$linux" -o state_dir=state
check "and says so" shows "platform-linux.reboot = {\"/bin/true\"}  ($BOX/plugins.d/05-platform-linux.conf:"
check "the command line wins over both" checked "$linux" -o state_dir=state -o platform-linux.reboot=/bin/false
check "and says so too" shows 'platform-linux.reboot = {"/bin/false"}  (command line)'
printf 'session_timeout = 77\n' >"$WORK/own.conf"
printf 'session_timeout = 66\nanswer_timeout = 65\n\n[no-such-plugin]\nx = 1\n[time]\nzone_file = "/etc/zone"\n' >"$WORK/profile.conf"
check "tr069-client.conf wins over the profile" checked "$WORK/profile.conf" -c "$WORK/own.conf" -o state_dir=state
check "where it speaks" shows "session_timeout = 77  ($WORK/own.conf:1)"
check "and nowhere else" shows "answer_timeout = 65  ($WORK/profile.conf:2)"
check "the daemon reads a plugin's section" shows "time.zone_file = \"/etc/zone\"  ($WORK/profile.conf:7)"

printf '[time]\n\nzone = "x"\n' >"$WORK/profile.conf"
check "a mistake in a section has file and line" mistaken "time: $WORK/profile.conf:3: " "$WORK/profile.conf"
printf '\nzone_file = "x"\n' >"$WORK/profile.conf"
check "an option of a plugin without its section too" mistaken "$WORK/profile.conf:2: " "$WORK/profile.conf"
rm "$WORK/profile.conf"
check "a profile that is named must be there" mistaken 'profile.conf: No such file' "$WORK/profile.conf"

# Android's programs, as far as a shell script can be them: what the daemon runs is what stands in the profile.
mkdir -p "$WORK/android/system/bin" "$WORK/android/cache"
# shellcheck disable=SC2016 # it is the scripts that expand these
for program in reboot logcat; do
	printf '#!/bin/sh\necho "%s $*" >>"%s"\n[ "%s" = reboot ] || echo "E/Audio: no sink"\n' $program "$WORK/android/calls" $program \
		>"$WORK/android/system/bin/$program"
	chmod +x "$WORK/android/system/bin/$program"
done
ln -s /bin/sh "$WORK/android/system/bin/sh"
sed -e "s|/system/bin/|$WORK/android/system/bin/|g" -e "s|/cache/|$WORK/android/cache/|g" -e "s|/data/media/0|$BOX|" \
	-e "s|/data/vendor/tr069|$BOX/data|" -e 's|"media_rw"|"'"$(id -g)"'"|' "$android" >"$WORK/android.conf"
sed -i '/^reboot = {"\/bin\/true"}/d' "$BOX/plugins.d/05-platform-linux.conf"
: >"$WORK/android/calls"
mkdir -p "$WORK/files"
echo channels >"$WORK/files/channels.bin"
acs_start --set "files $WORK/files"
android_start() {
	"$CLIENT" -f -v -o platform="$WORK/android.conf" -o prefix="$BOX" -o build_prop=build.prop -o boot_id_file=boot_id \
		-o plugin_dir=plugins -o plugin_conf_dir=plugins.d -o connection_request_address=127.0.0.1 \
		-o connection_request_port=0 -o connection_request_username=cr -o connection_request_password=crpw \
		-o acs_url="$ACS" >>"$WORK/client.log" 2>&1 &
	client_pid=$!
}
called() { # called LINE: Android's program was called so, soon
	tries=0
	until grep -q -x -F -e "$1" "$WORK/android/calls"; do
		tries=$((tries + 1))
		[ "$tries" -le 1200 ] || {
			cat "$WORK/android/calls"
			return 1
		}
		sleep 0.05
	done
}
box_ctl() { "$CTL" -s "$BOX/data/control" "$@"; }
acs "credentials user=cr password=crpw" >/dev/null
android_start
check "Android: the first session" acs wait-session 60 "1 BOOT"
check "the state is where the profile says" test -s "$BOX/data/state"
check "the log is logcat's" said 'E/Audio: no sink' 'value now Device.DeviceInfo.DeviceLogs'
check "called as it stands there" called 'logcat -d -v time -t 400 *:W'
check "a file is ordered" acs rpc now 'Download key=d type="3 Vendor Configuration File"' "url=${ACS%/acs}/files/channels.bin" target=c.bin
check "it comes" acs wait-session 60 "M Download*"
check "into Download, for the group too" sh -c "[ \$(stat -c %a:%g '$BOX/Download/c.bin') = 664:$(id -g) ]"
check "a reboot is ordered" acs rpc now Reboot key=r
check "and is Android's" called 'reboot '
box_reboot
android_start
check "the box is back" acs wait-session 60 "M Reboot"
check "a factory reset is ordered" acs rpc now FactoryReset
check "and goes into recovery" called 'reboot recovery'
check "which is told to wipe" grep -q -x -e '--wipe_data' "$WORK/android/cache/recovery/command"
finish
