#!/bin/sh
# A large image, sparse: while it is fetched and checked the loop is alive, and memory stays flat.
#   FIRMWARE_MB=1024 test_firmware_large.sh     as large as boxes get; the test ACS holds it in memory
# shellcheck source=tests/daemon/firmware.sh
. "${top_srcdir:-.}/tests/daemon/firmware.sh"
megabytes=${FIRMWARE_MB:-48}
make_key maker
firmware_acs
unsigned large.raw system.img:$((megabytes * 1048576))
sign maker "$WORK/files/large.raw" "$WORK/files/large.zip"
rm "$WORK/files/large.raw"
firmware_start
check "the box is there" acs wait-session 60 "1 BOOT"
peak() { sed -n 's/^VmHWM:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$client_pid/status"; }
before=$(peak)
check "$megabytes MiB are ordered" order l1 large.zip
# From the moment of the checking until the installer has it, the client answers.
tries=0 worst=0
while [ "$(wc -l <"$BOX/installs")" -eq 0 ]; do
	started=$(date +%s%3N)
	box_ctl status >"$WORK/status" || fail "no answer"
	took=$(($(date +%s%3N) - started))
	[ "$took" -le "$worst" ] || worst=$took
	grep -q '^installing: by firmware' "$WORK/status" && seen=1
	tries=$((tries + 1))
	[ "$tries" -le 6000 ] || fail "no installation"
	sleep 0.02
done
after=$(peak)
echo "memory at its highest: $before KiB before, $after KiB after; the slowest answer took $worst ms"
check "it was seen to be checked" test "${seen:-0}" -eq 1
check "the loop was alive" test "$worst" -lt 3000 # on a busy machine too
# a sanitizer keeps what was freed
check "memory stays flat" test $((after - before)) -lt "${FIRMWARE_KIB:-8192}"
finish
