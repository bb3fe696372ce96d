#!/bin/sh
# Plays every scenario of this directory and of quirks/, whose README.md has to name each of them.
here=${top_srcdir:-.}/tests/session
for scenario in "$here"/quirks/*.txt; do
	name=${scenario##*/}
	echo "| \`${name%.txt}\` |"
done | while read -r row; do
	grep -q -F -e "$row" "$here/quirks/README.md" || { echo "quirks/README.md has no row $row" && exit 1; }
done || exit 1
exec "${top_builddir:-.}/tests/session/run_session" "$@" "$here"/*.txt "$here"/quirks/*.txt
