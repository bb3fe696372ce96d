#!/bin/sh
# `make install` keeps what somebody edited; `make uninstall` leaves it.
# shellcheck source=tests/daemon/lib.sh
. "${top_srcdir:-.}/tests/daemon/lib.sh"

conf=$WORK/etc/tr069-client
install_conf() { sh "$top/scripts/install-conf" "$@" >"$WORK/said" 2>&1; }
is() { [ "$(cat "$1")" = "$2" ]; }
says() { grep -q -x -F -e "$1" "$WORK/said" && [ "$(wc -l <"$WORK/said")" -eq "${2:-1}" ]; }

mkdir -p "$WORK/new"
echo one >"$WORK/new/a.conf"
echo one >"$WORK/new/b.conf"
check "they are installed" install_conf "$conf" "$WORK/new/a.conf" "$WORK/new/b.conf"
check "as they are" is "$conf/a.conf" one
check "for all to read" sh -c "[ \$(stat -c %a '$conf/a.conf') = 644 ]"
check "without a word" test ! -s "$WORK/said"
echo mine >"$conf/a.conf"
chmod 640 "$conf/a.conf"
check "again" install_conf "$conf" "$WORK/new/a.conf" "$WORK/new/b.conf"
check "what was edited is kept" is "$conf/a.conf" mine
check "with its mode" sh -c "[ \$(stat -c %a '$conf/a.conf') = 640 ]"
check "it is said, once" says "kept, because it was edited: $conf/a.conf; the new one is $conf/a.conf.new"
check "ours is beside it" is "$conf/a.conf.new" one
check "what was not edited has no other beside it" test ! -e "$conf/b.conf.new"
cp "$WORK/new/a.conf" "$conf/a.conf"
check "a third time" install_conf "$conf" "$WORK/new/a.conf" "$WORK/new/b.conf"
check "where both are one again, one is there" test ! -e "$conf/a.conf.new"
echo mine >"$conf/a.conf"
check "uninstall" install_conf --uninstall "$conf" "$WORK/new/a.conf" "$WORK/new/b.conf"
check "leaves what was edited" is "$conf/a.conf" mine
check "and says so" says "left, because it was edited: $conf/a.conf"
check "and takes the other away" test ! -e "$conf/b.conf"
check "nothing to uninstall is fine" install_conf --uninstall "$WORK/nowhere" "$WORK/new/a.conf"

# every file that is for editing goes that way
cd "$build" || exit 99
check "make says what it would do" sh -c "make -n install DESTDIR='$WORK/root' >'$WORK/plan' 2>&1"
for file in tr069-client.conf $(cd "$top" && echo plugins/*/[0-9][0-9]-*.conf); do
	check "${file##*/} is installed by it" grep -q "install-conf .*${file##*/}" "$WORK/plan"
done
finish
