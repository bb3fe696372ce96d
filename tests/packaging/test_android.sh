#!/bin/sh
# Android's files as far as they can be tried without Android: Android.bp names each source of the daemon and of the
# plugins, and its flags compile them; the init service goes with the profile; SELinux labels what is installed.
# shellcheck source=tests/daemon/lib.sh
. "${top_srcdir:-.}/tests/daemon/lib.sh"

android=$top/packaging/android
bp=$WORK/Android.bp
check "Android.bp is made" sh -c "'$android/make-android-bp' >'$bp'"
check "its brackets are even" awk '
	{ gsub(/"([^"\\]|\\.)*"/, ""); open += gsub(/[[{(]/, ""); open -= gsub(/[]})]/, ""); if (open < 0) exit 1 }
	END { exit open != 0 || NR < 100 }' "$bp"

# srcs_of MODULE: the sources that it names
srcs_of() {
	awk -v name="\"$1\"," '
		/^}/ { here = 0 } $1 == "name:" { here = $2 == name } /srcs: \[/ { list = 1 }
		here && list && match($0, /"[^"]*\.c"/) { print substr($0, RSTART + 1, RLENGTH - 2) } /\]/ { list = 0 }' "$bp" | sort
}
# what the libraries of the rooms were made of, by the objects in them
{
	for library in "$build"/core/*/lib*.a; do
		room=$(basename "$(dirname "$library")")
		ar t "$library" | sed -n -e "s,^lib${room}_a-,," -e "s,\(.*\)\.o$,core/$room/\1.c,p"
	done
	echo core/main.c
} | sort >"$WORK/built"
srcs_of tr069-client >"$WORK/listed"
check "the daemon has sources" sh -c "[ \$(wc -l <'$WORK/built') -gt 50 ]"
check "Android.bp has each of them, and no other" diff "$WORK/built" "$WORK/listed"
for folder in "$top"/plugins/*/; do
	name=$(basename "$folder")
	# by the objects of its library, not of its test
	find "$build/plugins/$name" -name '*_la-*.lo' | sed "s,.*_la-\(.*\)\.lo$,plugins/$name/\1.c," >"$WORK/built"
	# and those of a library of another plugin
	sed -n 's,^.*_la_LIBADD = .*plugins/\([^/ ]*\)/\(lib[a-z]*\)\.la.*,\1 \2,p' "$folder/local.mk" | while read -r other library; do
		find "$build/plugins/$other" -name "*_${library}_la-*.lo" -o -name "${library}_la-*.lo" |
			sed "s,.*_la-\(.*\)\.lo$,plugins/$other/\1.c,"
	done >>"$WORK/built"
	sort -u -o "$WORK/built" "$WORK/built"
	check "the plugin $name was built" test -s "$WORK/built"
	srcs_of "tr069-plugin-$name" >"$WORK/listed"
	check "Android.bp has its sources" diff "$WORK/built" "$WORK/listed"
done
sed -n 's/^ *src: "\([^"]*\)".*/\1/p' "$bp" >"$WORK/files"
check "its conf files are there" sh -c "cd '$top' && [ -s '$WORK/files' ] && xargs ls <'$WORK/files'"
sed -n 's/^ *name: "\([^"]*\)",$/\1/p' "$bp" | sort >"$WORK/modules"
check "no module twice" sh -c "! uniq -d '$WORK/modules' | grep ."
sed -n '/required: \[/,/\]/s/^ *"\([^"]*\)",$/\1/p' "$bp" | sort >"$WORK/required"
check "the daemon brings them all" sh -c "[ -s '$WORK/required' ] && comm -23 '$WORK/required' '$WORK/modules' | (! grep .)"

# its flags, with the header in place of configure's
flags=$(awk '/name: "tr069-client",/ { here = 1 } here && /^}/ { exit } here && /^ *"-D/ { gsub(/^ *"|",$/, ""); gsub(/\\"/, "\""); print }' "$bp")
check "it has flags" test -n "$flags"
# shellcheck disable=SC2086 # a list of words
check "they compile" sh -c 'cd "$1" && shift && ${CC:-cc} -std=c11 -D_GNU_SOURCE -fsyntax-only -Iinclude -Icore -Ipackaging/android/include "$@"' \
	sh "$top" $flags core/main.c core/ctl.c core/agent/config.c core/agent/plugins.c core/agent/agent.c core/base/log.c

# the service, the profile, the user
rc=$android/tr069-client.rc
user=$(sed -n 's/^    user //p' "$rc")
check "its user is declared" grep -q -i "^\[AID_$user\]" "$android/config.fs"
for directory in $(sed -n 's/^\(state\|spool\)_dir = "\(.*\)"/\2/p' "$top/conf/platform/android.conf"); do
	check "$directory is made for the user" grep -q -x "    mkdir $directory 0700 $user $user" "$rc"
	check "and labelled" sh -c "echo '$directory' | grep -q -E -x \"\$(sed -n 's,^\(/[dc]a[^ ]*\) .*,\1,p' '$android/sepolicy/file_contexts')\""
done
lasting=$(sed -n 's/^state_dir = "\(.*\)"/\1/p' "$top/conf/platform/android.conf")
check "bundles lie below the state, where the user may write" grep -q -x "directory = \"$lasting/bundles\"" "$top/conf/platform/android.conf"
sed -n 's/^ *shared_libs: \[\(.*\)\],$/\1/p' "$bp" | tr -d ' "' | tr , '\n' | sed 's/_gnutls$//' | sort -u >"$WORK/libraries"
sed -n '/^## Building/,/^## The f/p' "$android/README.md" >"$WORK/notes"
in_notes() { # each library: to be had as a module, and to be made with the NDK
	[ "$(wc -l <"$WORK/libraries")" -ge 5 ] || return 1
	while read -r library; do
		[ "$(grep -o -i -w -e "$library" -e "${library#lib}" "$WORK/notes" | wc -l)" -ge 2 ] || {
			echo "$library"
			return 1
		}
	done <"$WORK/libraries"
}
check "the notes for building name each library" in_notes
check "it starts only where an ACS is named" grep -q 'property:ro.stb.management.s0=\*$' "$rc"
check "and not by its class" grep -q -x '    disabled' "$rc"
program=$(sed -n 's/^service tr069-client \([^ ]*\) .*/\1/p' "$rc")
check "its program has a domain" grep -q "^$program  *u:object_r:tr069_exec:s0" "$android/sepolicy/file_contexts"
directory=$(sed -n 's,^service .* -c \(.*\)/tr069-client.conf,\1,p' "$rc")
check "it reads what Android.bp installs" grep -q -F "CONFDIR=\\\"$directory\\\"" "$bp"
socket=$(sed -n 's/^control_socket = "\(.*\)"/\1/p' "$top/conf/platform/android.conf")
check "daemon and tr069-ctl are built for the profile's socket" sh -c "[ \$(grep -c -F 'RUNDIR=\\\"${socket%/*}\\\"' '$bp') -eq 2 ] && [ '${socket##*/}' = control ]"
for type in $(sed -n 's/.*u:object_r:\(tr069[a-z_]*\):s0.*/\1/p' "$android"/sepolicy/*_contexts | sort -u); do
	check "the type $type is declared" grep -q -e "^type ${type}[,;]" -e "_prop($type)" "$android/sepolicy/tr069.te" "$android/sepolicy/property.te"
done
finish
