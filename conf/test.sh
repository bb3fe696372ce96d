#!/bin/sh
# Holds tr069-client.conf, the plugins' files and the man page to the program: the same options, the same
# defaults, and the sample of build.prop is one.
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

# The daemon's own options only: plugins have a dot in front, the firmware's words begin with ro. Without the
# platform's profile, which may be installed on this machine.
options() {
	"$client" "$@" -o platform= --check-config 2>"$dir/errors" | sed -n 's/^\([a-z_]* = .*\)  ([^()]*)$/\1/p'
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

"$client" -c /dev/null --check-config 2>"$dir/errors" | sed -n 's/^\(platform = .*\)  ([^()]*)$/\1/p' >"$dir/platform"
sed -n 's/^#\(platform = \)/\1/p' "$conf" >"$dir/platform-in-file"
same platform platform-in-file "the platform's default is the program's"

sed 's/ = .*//' "$dir/program" | sort >"$dir/names"
sed -n 's/^#\([a-z_]*\) = .*/\1/p' "$conf" | sort >"$dir/names-in-file"
same names names-in-file "the file has every option once, and no other"
sed -n 's/^\.It Cm \([a-z_]*\).*/\1/p' "$source/doc/tr069-client.8" | sort >"$dir/names-in-man-page"
same names names-in-man-page "the man page has every option once, and no other"

# The plugins: the man page and the README name each, once, and the man page says which are off at first.
for file in "$source"/plugins/*/[0-9][0-9]-*.conf; do
	basename "$(dirname "$file")"
done | sort >"$dir/folders"
awk '/^\.S[hs]/ { here = /^\.Ss The plugins/ } here && $1 == ".It" { print $3 }' "$source/doc/tr069-client.8" | sort >"$dir/plugins-in-man-page"
same folders plugins-in-man-page "the man page has every plugin once, and no other"
awk -F '|' '/^## / { here = /Plugins/ } here && NF == 4 && $2 !~ /^(-+| plugin )$/ { gsub(/[ ]/, "", $2); gsub(/,/, "\n", $2); print $2 }' \
	"$source/README.md" | sort >"$dir/plugins-in-readme"
same folders plugins-in-readme "the README has every plugin once, and no other"
grep -l '^enabled = false' "$source"/plugins/*/*.conf | sed 's,.*/[0-9]*-\(.*\)\.conf,\1,' | sort >"$dir/off"
awk '$1 == ".It" { name = $3 } /^Off at first/ { print name }' "$source/doc/tr069-client.8" | sort >"$dir/off-in-man-page"
same off off-in-man-page "the man page says which plugins are off at first"

# The plugins' files: as they stand they set nothing but `enabled`, and what stands there commented out is the
# default. So a platform's profile is not hidden by them.
plugins=$top_builddir/plugins
plugin_options() { # plugin_options NAME: what is in force with the files of the directory NAME
	"$client" -c /dev/null -o platform= -o plugin_dir="$dir/objects" -o plugin_conf_dir="$dir/$1" -o state_dir="$dir/state" \
		--check-config 2>"$dir/errors" | sed -n 's/^\([a-z-]*\.[a-z_]* = .*\)  ([^()]*)$/\1/p'
}
mkdir "$dir/objects" "$dir/bare" "$dir/stands" "$dir/bold"
for object in "$plugins"/*/.libs/*.so; do
	[ -e "$object" ] && ln -s "$(cd "$(dirname "$object")" && pwd)/$(basename "$object")" "$dir/objects/"
done
for file in "$source"/plugins/*/[0-9][0-9]-*.conf; do
	name=$(basename "$file")
	plugin=${file%/*} plugin=${plugin##*/}
	[ -e "$plugins/$plugin/$plugin.la" ] || continue # what it needs is not on this machine
	echo 'enabled = true' >"$dir/bare/$name" # some are off at first
	sed 's/^enabled = false$/enabled = true/' "$file" >"$dir/stands/$name"
	sed -e 's/^enabled = false$/enabled = true/' -e 's/^#\([a-z_]* = \)/\1/' -e 's/^#\(        *"\)/\1/' "$file" >"$dir/bold/$name"
done
for name in bare stands bold; do
	plugin_options $name >"$dir/plugins-$name"
	cat "$dir/errors"
done
[ "$(wc -l <"$dir/plugins-bare")" -gt 20 ] || {
	echo "FAILED: --check-config prints no options of plugins"
	failed=1
}
same plugins-bare plugins-stands "the plugins' files as they stand change nothing"
same plugins-bare plugins-bold "each default in them is the plugin's"
sed 's/ = .*//' "$dir/plugins-bare" | sort >"$dir/plugin-names"
for file in "$dir"/bold/*.conf; do
	name=$(basename "$file" .conf)
	sed -n "s/^\([a-z_]*\) = .*/${name#??-}.\1/p" "$file"
done | sort >"$dir/plugin-names-in-files"
same plugin-names plugin-names-in-files "they have every option once, and no other"

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
