# shellcheck shell=sh
# tests/daemon/firmware.sh: for tests of firmware upgrades, after lib.sh: signed images, a box that installs.
#
#   image NAME ENTRY...     makes $WORK/files/NAME with the metadata of $version, signed by the maker
#   firmware_start [OPTION...]  the box, with the maker's certificate and an installer
#   order KEY NAME [ARG...]     a Download of that file
#   ended KEY CODE [WORDS]      its TransferComplete has that fault code (0: success) and those words
#   recovery [installs|refuses] the box restarts; the recovery installs what the installer staged, or does not
# shellcheck source=tests/daemon/lib.sh
command -v box_start >/dev/null || . "${top_srcdir:-.}/tests/daemon/lib.sh"

MAKE_IMAGE=$build/plugins/firmware/make_image
mkdir -p "$WORK/files" "$WORK/keys" "$WORK/record"
version=2.0.0

# A key and its certificate, as a maker has them. EC: they are made at once.
make_key() { # make_key NAME
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=$1" -days 2 \
		-keyout "$WORK/keys/$1.key" -out "$WORK/keys/$1.pem" 2>/dev/null || fail "openssl makes no key"
}
sign() { # sign KEY ARG...
	signer=$1
	shift
	"$top/scripts/sign-firmware" --cert "$WORK/keys/$signer.pem" --key "$WORK/keys/$signer.key" "$@" || fail "sign-firmware $*"
}
unsigned() { # unsigned NAME ENTRY...
	name=$1
	shift
	"$MAKE_IMAGE" "$WORK/files/$name" "META-INF/com/android/metadata=post-build-incremental=$version\n" "$@" ||
		fail "make_image $name"
}
image() {
	unsigned "$1.raw" system.img:200000 "boot.img=the kernel of $version"
	sign maker "$WORK/files/$1.raw" "$WORK/files/$1"
}

firmware_box() {
	[ -d "$BOX" ] || box_new
	# Installs like a recovery: what it is given is only staged until the box restarts.
	cat >"$BOX/install" <<-END
		#!/bin/sh
		echo "\$1" >>"$BOX/installs"
		[ -s "\$1" ] || exit 3
		case \$(cat "$BOX/manner" 2>/dev/null) in
		refuses) echo "slot B cannot be written" >&2; exit 1 ;;
		hangs) exec sleep 60 ;;
		esac
		echo "\$1" >"$BOX/staged"
		[ "\$(cat "$BOX/manner" 2>/dev/null)" != fills ] || mkdir "$BOX/state/state.tmp"
	END
	chmod +x "$BOX/install"
	[ -e "$BOX/installs" ] || : >"$BOX/installs"
}
firmware_start() {
	firmware_box
	box_start connection_request_username=cr connection_request_password=crpw retry_minimum=1 keep_free=0 \
		firmware.certificates="${CERTIFICATE:-$WORK/keys/maker.pem}" platform-linux.install_firmware="$BOX/install" "$@"
}
firmware_acs() {
	acs_start --set "files $WORK/files" --record "$WORK/record" "$@"
	acs "credentials user=cr password=crpw" >/dev/null
}

download() { # download KEY FILE [ARG...]: the RPC
	key=$1 file=$2
	shift 2
	case $file in
	*://*) url=$file ;;
	*) url=${ACS%/acs}/files/$file ;;
	esac
	echo "Download key=$key type=\"1 Firmware Upgrade Image\" url=$url $*"
}
order() {
	acs rpc now "$(download "$@")"
}
# In the next session; nobody waits for the answer. Queued when it returns.
order_later() {
	"$TEST_ACS" --talk "$SOCKET" "rpc $(download "$@")" >/dev/null 2>&1 &
	sleep 0.1
}

# The TransferComplete of that key, from the transcript; exactly one.
ended() {
	tries=0
	until grep -q "<- TransferComplete.*CommandKey=$1 " "$WORK/transcript"; do
		tries=$((tries + 1))
		[ "$tries" -le 600 ] || {
			echo "no TransferComplete for $1"
			return 1
		}
		sleep 0.05
	done
	grep "<- TransferComplete.*CommandKey=$1 " "$WORK/transcript"
	[ "$(grep -c "<- TransferComplete.*CommandKey=$1 " "$WORK/transcript")" -eq 1 ] || return 1
	grep -q "<- TransferComplete.*CommandKey=$1 FaultStruct $2 " "$WORK/transcript" || return 1
	grep -l ">$1</CommandKey>" "$WORK"/record/*-TransferComplete.xml |
		xargs sed -n 's/.*<FaultString>\(.*\)<\/FaultString>.*/\1/p' |
		sed 's/&quot;/"/g' | tee "$WORK/words" && grep -q -e "${3:-}" "$WORK/words" || [ -z "${3:-}" ]
}
installs() { [ "$(wc -l <"$BOX/installs")" -eq "$1" ]; }
reboots() { # reboots N: waits for the Nth
	tries=0
	until [ "$(wc -l <"$BOX/reboots")" -ge "$1" ]; do
		tries=$((tries + 1))
		[ "$tries" -le 1200 ] || return 1
		sleep 0.05
	done
	[ "$(wc -l <"$BOX/reboots")" -eq "$1" ]
}
# What lies beyond the restart; the daemon is gone before.
boot_other() {
	new_boot_id
	[ "${1:-installs}" = installs ] && [ -e "$BOX/staged" ] &&
		sed -i "s/^ro.build.version.incremental=.*/ro.build.version.incremental=$version/" "$BOX/build.prop"
	rm -f "$BOX/staged"
}
recovery() {
	box_stop
	boot_other "$@"
}
