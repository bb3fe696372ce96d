# shellcheck shell=sh disable=SC2034,SC2154 # of lib.sh
# What the rows about values and tables share: the plugin tables.c.

V=Device.X_TR069CLIENT_Values.
R=Device.X_TR069CLIENT_Row.
O=Device.X_TR069CLIENT_Own.

tables() {
	[ -d "$BOX" ] || box_new
	object=$build/tests/conformance/.libs/tables.so
	[ -e "$object" ] || fail "$object is not built"
	ln -sf "$object" "$BOX/plugins/tables.so"
	echo 'enabled = true' >"$BOX/plugins.d/60-tables.conf"
}
