#!/bin/sh
# OpenWrt's files as far as they can be tried without its SDK: the Makefile with a stand-in for the SDK's, on an
# installed tree; the init script with a stand-in for procd and the real client; the profile.
# shellcheck source=tests/daemon/lib.sh
. "${top_srcdir:-.}/tests/daemon/lib.sh"

files=$top/packaging/openwrt
sdk=$WORK/sdk root=$WORK/root
mkdir -p "$sdk/include" "$root"

# ---- the Makefile
# as `make install` with --prefix=/usr --sysconfdir=/etc lays it out
installed=$WORK/installed
mkdir -p "$installed/usr/sbin" "$installed/usr/bin" "$installed/usr/include" "$installed/usr/lib/pkgconfig" \
	"$installed/usr/lib/tr069-client/plugins" "$installed/etc/tr069-client/plugins.d"
cp "$CLIENT" "$installed/usr/sbin/"
cp "$CTL" "$installed/usr/bin/"
cp -r "$top/include/tr069" "$installed/usr/include/"
cp "$build/tr069-client.pc" "$installed/usr/lib/pkgconfig/"
cp "$build/conf/tr069-client.conf" "$installed/etc/tr069-client/"
cp "$top"/plugins/*/[0-9][0-9]-*.conf "$installed/etc/tr069-client/plugins.d/"
: >"$installed/usr/lib/tr069-client/plugins/empty.so"

cat >"$sdk/rules.mk" <<-'END'
	INSTALL_DIR = install -d -m0755
	INSTALL_BIN = install -m0755
	INSTALL_DATA = install -m0644
	INSTALL_CONF = install -m0600
	CP = cp -fpR
END
tab=$(printf '\t')
cat >"$sdk/include/package.mk" <<END
define BuildPackage
install-it:
$tab\$(call Package/\$(1)/install,\$(OUT))
$tab\$(call Build/InstallDev,\$(OUT).dev)
say:
$tab@echo 'version \$(PKG_VERSION)'
$tab@echo 'arguments \$(CONFIGURE_ARGS)'
$tab@echo '\$(subst \$(NEWLINE),;,\$(Package/\$(1)))'
endef
END
printf 'define NEWLINE\n\n\nendef\n' >>"$sdk/rules.mk"
openwrt() {
	make -s -C "$files" --warn-undefined-variables TOPDIR="$sdk" INCLUDE_DIR="$sdk/include" PKG_INSTALL_DIR="$WORK/installed" OUT="$root" "$@"
}
check "the Makefile installs" openwrt install-it
for file in usr/sbin/tr069-client usr/bin/tr069-ctl etc/init.d/tr069-client etc/tr069-client/tr069-client.conf \
	etc/tr069-client/plugins.d/40-reboot.conf etc/tr069-client/platform/openwrt.conf usr/share/acl.d/tr069-client.json; do
	check "$file is there" test -s "$root/$file"
done
check "the headers are for developers" test -s "$root.dev/usr/include/tr069/plugin.h" -a ! -e "$root/usr/include"
openwrt say >"$WORK/said"
check "its version is ours" grep -q -x "version $(sed -n 's/^AC_INIT(\[tr069-client\], \[\([^]]*\)\].*/\1/p' "$top/configure.ac")" "$WORK/said"
for library in xml2 curl microhttpd gnutls tasn1 minizip confuse cares; do
	check "it depends on $library" grep -q "DEPENDS:=.*$library" "$WORK/said"
done
for argument in $(sed -n 's/^arguments //p' "$WORK/said"); do
	option=$(echo "$argument" | sed 's/^--\([a-z-]*\).*/\1/')
	check "configure knows --$option" sh -c "'$top/configure' --help 2>/dev/null | grep -q -e '--$option='"
done
user=$(sed -n 's/.*USERID:=\([a-z0-9]*\)=.*/\1/p' "$WORK/said")
check "the ACL is for its user" grep -q "\"user\": \"$user\"" "$files/files/tr069-client.acl.json"

run_directory=$(sed -n 's/^arguments .*--runstatedir=\([^ ]*\).*/\1/p' "$WORK/said")/tr069-client

# ---- the profile
box_new
check_profile() {
	"$CLIENT" -o prefix="$BOX" -o build_prop=build.prop -o plugin_dir=plugins -o plugin_conf_dir=plugins.d -o state_dir=state \
		-o platform="$files/files/openwrt.conf" --check-config
}
check "the profile is without mistake" check_profile
lasting=$(sed -n 's/^state_dir = "\(.*\)"/\1/p' "$files/files/openwrt.conf")
check "bundles stay over a restart, as the state does" grep -q -x "directory = \"$lasting/bundles\"" "$files/files/openwrt.conf"

# ---- the init script; its paths lead into the sandbox
: >"$WORK/conf"
sed -e "s|^PROG=.*|PROG='$WORK/client'|" -e "s|^CONF=.*|CONF='$WORK/conf'|" -e "s|/etc/tr069-client|$WORK/etc|g" -e "s|/tmp/tr069-client|$WORK/tmp|g" \
	-e "s|$run_directory|$WORK/run|g" \
	"$files/files/tr069-client.init" >"$WORK/init"
cat >"$WORK/client" <<-END
	#!/bin/sh
	exec "$CLIENT" -o prefix="$BOX" -o platform= -o build_prop=build.prop -o plugin_dir=plugins -o plugin_conf_dir=plugins.d -o state_dir=state "\$@"
END
chmod +x "$WORK/client"
cat >"$WORK/procd" <<-'END'
	procd_open_instance() { echo open; }
	procd_close_instance() { echo close; }
	procd_set_param() { echo "set $*"; }
	procd_send_signal() { echo "signal $*"; }
	logger() { echo "log $*"; }
	chown() { echo "chown $*"; }
END
init() { sh -c ". '$WORK/procd'; . '$WORK/init'; $1" >"$WORK/said" 2>&1; }
says() { grep -q -e "$1" "$WORK/said"; }
not() { ! "$@"; }

check "without an ACS: start" init start_service
check "starts nothing, since procd would do so for ever" not says open
check "and says why" says 'log .*no ACS is named'
echo 'periodic_interval = soon' >"$WORK/conf"
check "with a mistake: start" init start_service
check "starts nothing" not says open
check "and names it" says 'log .*conf:1: '
echo 'acs_url = "http://acs.example/"' >"$WORK/conf"
echo 'acs_url = "http://acs.example/"' >"$WORK/conf"
: >"$BOX/state"
check "where no state can be kept: start" init start_service
check "starts nothing either" not says open
check "and says so" says 'log .*state_dir: .*Not a directory'
rm "$BOX/state"
sed -i 's|^#certificates = .*|certificates = {"/none/maker.pem"}|' "$BOX/plugins.d/60-firmware.conf"
check "with a mistake of a plugin: start" init start_service
check "starts it without that" says "set command .*client -c .*conf"
check "and names it" says 'log .*firmware: .*/none/maker.pem'
cp "$top/plugins/firmware/60-firmware.conf" "$BOX/plugins.d/"
check "with an ACS: start" init start_service
check "no word of a mistake" not says mistakes
check "starts it" says "set command .*client -c .*conf"
check "as its user" says "set user $user"
check "and group" says "set group $user"
check "without a way to root" says 'set no_new_privs 1'
check "again and again" says 'set respawn 3600 5 0'
check "its state is its own" sh -c "[ \$(stat -c %a '$WORK/etc/state') = 700 ] && grep -q 'chown $user:$user $WORK/etc/state' '$WORK/said'"
check "so is the directory of the control socket, where it was built to be" sh -c \
	"[ \$(stat -c %a '$WORK/run') = 700 ] && grep -q 'chown $user:$user.* $WORK/run ' '$WORK/said' && ! grep control_socket '$files/files/openwrt.conf'"
check "the conf file is for root and its group" sh -c "[ \$(stat -c %a '$WORK/conf') = 640 ] && grep -q 'chown root:$user $WORK/conf' '$WORK/said'"
check "reload" init reload_service
check "is SIGHUP" says "signal tr069-client .* HUP"
check "rc.common finds what it wants" sh -c "grep -q '^USE_PROCD=1' '$WORK/init' && head -n 1 '$WORK/init' | grep -q -x '#!/bin/sh /etc/rc.common'"
finish
