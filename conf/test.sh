#!/bin/sh
# Holds tr069-client.conf and the man page to the program: the same options, the same defaults, and
# the sample of build.prop is one.
set -u
client=${top_builddir:-.}/core/tr069-client
conf=${top_builddir:-.}/conf/tr069-client.conf
source=${top_srcdir:-.}
[ -x "$client" ] || {
	echo "skipped: $client was not built"
	exit 77
}
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
mkdir "$dir/plugins.d"
failed=0

same() {
	if diff "$dir/$1" "$dir/$2" >"$dir/diff"; then
		echo "ok: $3"
	else
		echo "FAILED: $3 (< $1, > $2)"
		cat "$dir/diff"
		failed=1
	fi
}

# The daemon's own options only: plugins have a dot in front, the firmware's words begin with ro.
options() {
	"$client" "$@" --check-config 2>"$dir/errors" | sed -n 's/^\([a-z_]* = .*\)  ([^()]*)$/\1/p'
}

options -c /dev/null >"$dir/program"
[ -s "$dir/program" ] || {
	echo "FAILED: --check-config prints nothing"
	cat "$dir/errors"
	exit 1
}
options -c "$conf" >"$dir/as-it-stands"
same program as-it-stands "the file as it stands changes nothing"

sed -e 's/^#\([a-z_]* = \)/\1/' -e 's/^#\(    "\)/\1/' -e 's/^#}/}/' "$conf" >"$dir/uncommented.conf"
options -c "$dir/uncommented.conf" >"$dir/uncommented"
cat "$dir/errors"
same program uncommented "each default in the file is the program's"

sed 's/ = .*//' "$dir/program" | sort >"$dir/names"
sed -n 's/^#\([a-z_]*\) = .*/\1/p' "$conf" | sort >"$dir/names-in-file"
same names names-in-file "the file has every option once, and no other"
sed -n 's/^\.It Cm \([a-z_]*\).*/\1/p' "$source/doc/tr069-client.8" | sort >"$dir/names-in-man-page"
same names names-in-man-page "the man page has every option once, and no other"

if "$client" -c "$conf" -o build_prop="$(cd "$source" && pwd)/conf/build.prop.sample" -o plugin_conf_dir="$dir/plugins.d" \
	-o state_dir="$dir/state" --check-config >"$dir/sample" 2>&1 &&
	grep -q '^ro.stb.management.s0 = "http://acs.example.com:7547/acs" ' "$dir/sample" &&
	grep -q '^ro.stb.management.s2 = "\*\*\*" ' "$dir/sample"; then
	echo "ok: build.prop.sample is read"
else
	echo "FAILED: build.prop.sample"
	cat "$dir/sample"
	failed=1
fi
exit $failed
