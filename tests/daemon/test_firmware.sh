#!/bin/sh
# Firmware upgrades on the wire: an image is fetched, checked, installed, and reported when the new version runs; and
# every way in which that ends otherwise has its fault.
# shellcheck source=tests/daemon/firmware.sh
. "${top_srcdir:-.}/tests/daemon/firmware.sh"
make_key maker
make_key stranger
firmware_acs --tolerate session-broken
image good.zip
not_signed() { ! "$top/scripts/sign-firmware" "$@" && [ ! -e "$WORK/none.zip" ] && [ ! -e "$WORK/none.zip.part" ]; }
check "a key that is not there signs nothing" not_signed --cert "$WORK/keys/maker.pem" --key "$WORK/no.key" \
	"$WORK/files/good.zip.raw" "$WORK/none.zip"
check "nor does no key" not_signed --cert "$WORK/keys/maker.pem" --key
check "what is signed already is not signed again" not_signed --cert "$WORK/keys/maker.pem" --key "$WORK/keys/maker.key" \
	"$WORK/files/good.zip" "$WORK/none.zip"

has_event() { acs events | grep -q -x -e "$1"; }
unchanged() { installs "$1" && reboots "$2"; }
# fails KEY FILE CODE WORDS [ARG...]: that image ends with that fault, and the platform is not asked.
fails() {
	key=$1 file=$2 code=$3 words=$4
	before=$(wc -l <"$BOX/installs") restarts=$(wc -l <"$BOX/reboots")
	shift 4
	check "$file is ordered ($key)" order "$key" "$file" "$@"
	check "it ends with $code $words" ended "$key" "$code" "$words"
	check "the platform was not asked" unchanged "$before" "$restarts"
}

# ---- from the order to the report

firmware_start
check "the box is there" acs wait-session 60 "1 BOOT"
check "an image is ordered" order u1 good.zip
check "it is checked, installed, and the box restarts" reboots 1
check "one installation" installs 1
check "the installer got the file" grep -q -x "$BOX/spool/transfer-1" "$BOX/installs"
check "a second image waits" not_said 'TransferComplete' stats
recovery
firmware_start
check "the box comes back" acs wait-session 60 "1 BOOT"
for event in "4 VALUE CHANGE" "7 TRANSFER COMPLETE" "M Download:u1"; do
	check "with $event in the same Inform" has_event "$event"
done
check "and the new version" said 'Device.DeviceInfo.SoftwareVersion.*2.0.0' last-inform
check "success is reported once" ended u1 0
check "nothing is left in the spool" sh -c "[ -z \"\$(ls '$BOX/spool')\" ]"

check "the same image again" order u2 good.zip
check "runs already: success" ended u2 0
check "and nothing was installed" unchanged 1 1

# ---- images that are none; the version would be new

version=3.0.0
image new.zip
printf '<html>no such file</html>' >"$WORK/files/page.zip"
head -c 100000 "$WORK/files/new.zip" >"$WORK/files/cut.zip"
cp "$WORK/files/new.zip" "$WORK/files/same-size.zip"
printf x | dd of="$WORK/files/same-size.zip" bs=1 seek=100000 conv=notrunc 2>/dev/null
unsigned escape.raw ../../etc/passwd=x
sign maker "$WORK/files/escape.raw" "$WORK/files/escape.zip"
unsigned unsigned.zip system.img:1000
sign stranger "$WORK/files/unsigned.zip" "$WORK/files/stranger.zip"
"$MAKE_IMAGE" "$WORK/files/other.raw" "META-INF/com/android/metadata=post-build-incremental=3.0.0\npre-device=crate\n"
sign maker "$WORK/files/other.raw" "$WORK/files/other.zip"
echo ro.product.device=box >>"$BOX/build.prop"
box_stop
firmware_start firmware.max_entries=3 stall_timeout=1 download_resumes=0 max_download=1000000
check "the box is there again" acs wait-session 60

fails f1 page.zip 9018 "not a .zip archive"
fails f2 cut.zip 9018 "the archive is cut short"
fails f3 same-size.zip 9018 'the archive is damaged: "system.img": CRC error'
fails f4 escape.zip 9018 "a name in the archive is not allowed"
fails f5 unsigned.zip 9019 "the image is not signed"
fails f6 stranger.zip 9019 "the image is signed by somebody else"
fails f7 other.zip 9018 "the image is for another device: it is for crate, this is box"
unsigned many.raw a=1 b=2 c=3
sign maker "$WORK/files/many.raw" "$WORK/files/many.zip"
fails f8 many.zip 9018 "too many entries in the archive: 4, and 3 are allowed"
fails f9 absent.zip 9016 "HTTP 404"
fails f10 new.zip 9018 "larger than the 77 octets that were announced" size=77
head -c 1000001 /dev/zero >"$WORK/files/large.zip"
fails f11 large.zip 9010 "larger than the 1000000 octets that are allowed"
acs "files-auth digest fu fp" >/dev/null
fails f12 new.zip 9012 "HTTP 401"
fails f13 new.zip 9012 "HTTP 401" user=fu password=wrong
acs "files-auth none" >/dev/null
acs "files http raw garbage times=1" >/dev/null
fails f14 new.zip 9017 ""
acs "files http cut-after 1000 times=1" >/dev/null
fails f15 new.zip 9017 ""
acs "files http drip 1 5000 times=1" >/dev/null
fails f16 new.zip 9017 "stalled"
acs "files http length times=0" >/dev/null 2>&1
fails f17 http://127.0.0.1:1/new.zip 9015 "127.0.0.1:1"
fails f18 "https${ACS#http}" 9015 "TLS"

# ---- an installer that fails or hangs, a box that does not restart, an old version that comes back

box_stop
echo refuses >"$BOX/manner"
firmware_start platform-linux.install_deadline=1 firmware.restart_timeout=1 reboot_patience=1 firmware.recovery_log="$BOX/last_install"
check "the box is there once more" acs wait-session 60
check "an image that the installer refuses" order i1 new.zip
check "has the installer's words" ended i1 9010 "the installer refused the image: slot B cannot be written"
echo hangs >"$BOX/manner"
check "an image that the installer does not end with" order i2 new.zip
check "is given up" ended i2 9010 "the installer did not end in time"
check "and no restart" reboots 1
rm "$BOX/manner"
check "a box that does not restart" order i3 new.zip
check "says so" ended i3 9010 "installed, but the box did not restart"
check "it was told to" reboots 2
box_stop
firmware_start firmware.recovery_log="$BOX/last_install"
check "a recovery that refuses" order i4 new.zip
check "the box restarts" reboots 3
recovery refuses
printf '/cache/a.zip\n0\nE:failed to verify whole-file signature\n' >"$BOX/last_install"
firmware_start firmware.recovery_log="$BOX/last_install"
check "the old version comes back" ended i4 9010 "2.0.0 runs, 3.0.0 was expected; recovery: E:failed to verify whole"
check "once" unchanged 5 3

# ---- what is full

box_stop
firmware_start keep_free=9000000000000000
fails s1 new.zip 9010 "not enough space"
box_stop
firmware_start
check "the box is there, with room" acs wait-session 60
acs "files http drip 4096 40 times=1" >/dev/null
check "a state that can no longer be written" order s2 new.zip
check "while the image comes" box_log 'Download of "1 Firmware Upgrade Image" from .*new.zip'
check "the status tells how far it is" sh -c "until '$CTL' -s '$BOX/control' status | tee '$WORK/status' | grep '^downloading: [1-9][0-9]* of 2'; do sleep 0.05; done"
check "so does the log" box_log ' [1-9][0-9]* % of 2[0-9]* octets'
mkdir "$BOX/state/state.tmp"
check "stops the upgrade" box_log 'failed: 9010 not installed, since the box cannot write its state'
rmdir "$BOX/state/state.tmp"
check "and is reported" ended s2 9010 "cannot write its state"
check "nothing was installed" unchanged 5 3

# ---- two orders at once; a signature beside the image; a download that a crash interrupts

version=4.0.0
image newer.zip
order_later a1 new.zip
order_later a2 newer.zip
check "two images are ordered in a session" acs connection-request
check "the first goes on" reboots 4
version=3.0.0
recovery
firmware_start
check "to success" ended a1 0
check "then the second" reboots 5
version=4.0.0
recovery
firmware_start firmware.signature=detached
check "to success too" ended a2 0
check "each installed once" installs 7

sign maker --detached "$WORK/files/newer.zip"
check "an image with a signature beside it" order d1 newer.zip
check "is good" ended d1 0
check "its signature was fetched first" sh -c "grep -n 'GET /files/newer.zip' '$WORK/transcript' | tail -n 2 | head -n 1 | grep p7s"
fails d2 new.zip 9016 "signature: .*HTTP 404"
sign stranger --detached "$WORK/files/newer.zip"
fails d3 newer.zip 9019 "the image is signed by somebody else"
box_stop
firmware_start
check "the box is there for the last time" acs wait-session 60
acs "files http drip 4096 20 times=1" >/dev/null
check "an image comes slowly" order r1 newer.zip
check "half of it" sh -c "until [ -s '$BOX'/spool/transfer-*[0-9] ]; do sleep 0.02; done"
box_kill
firmware_start
check "a kill does not spoil it" ended r1 0
check "it was gone on with" grep -q -e '-> 206' "$WORK/transcript"
check "each was installed once" unchanged 7 5
check "nothing is left in the spool" sh -c "[ -z \"\$(ls '$BOX/spool')\" ]"
finish
