# shellcheck shell=sh disable=SC2034,SC2154 # of lib.sh
# For the rows of transfers. Beside firmware.sh's image, ended, installs, reboots, recovery:
#
#   transfers [OPTION...]     `start` with an ACS that has $WORK/files (there: file, "one") at $FILES and takes uploads
#                             into $WORK/uploads, and a box that installs what its maker signed
#   again [OPTION...]         that box once more, after box_kill, box_reboot or recovery, and its first session
#   get KEY NAME [ARG...]     Download of a file; upgrade KEY NAME: of an image. Its TransferComplete: `ended KEY CODE`
#   there NAME                the file came into the Download folder
#   in_queue N                so many transfers wait, run or are to be reported
#   reports N KEY             so many TransferCompletes of that key were sent
# shellcheck source=tests/daemon/firmware.sh
. "$top/tests/daemon/firmware.sh"

file_type='"3 Vendor Configuration File"'
own_options() {
	echo keep_free=0 idle_poll=1 firmware.certificates="$WORK/keys/maker.pem" platform-linux.install_firmware="$BOX/install"
}

transfers() {
	mkdir -p "$WORK/uploads"
	echo one >"$WORK/files/file"
	make_key maker
	firmware_box
	# shellcheck disable=SC2086 # options hold no blanks
	acs_start --record "$WORK/record" --set "files $WORK/files" --set "uploads $WORK/uploads" ${ACS_OPTIONS:-}
	FILES=${ACS%/acs}/files
	again "$@"
}
again() {
	# shellcheck disable=SC2046
	start $(own_options) "$@"
}
get() {
	key=$1 name=$2
	shift 2
	rpc Download key="$key" type="$file_type" url="$FILES/$name" target="$key" "$@"
}
upgrade() {
	key=$1 name=$2
	shift 2
	rpc Download key="$key" type='"1 Firmware Upgrade Image"' url="$FILES/$name" "$@"
}
there() { cmp "$BOX/download/$1" "$WORK/files/file"; }
in_queue() {
	rpc GetQueuedTransfers >"$WORK/queue" && [ "$(wc -l <"$WORK/queue")" -eq "$1" ] || {
		cat "$WORK/queue"
		return 1
	}
}
reports() { [ "$(grep -c "<- TransferComplete.*CommandKey=$2 " "$WORK/transcript")" -eq "$1" ]; }
