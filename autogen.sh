#!/bin/sh
# Makes ./configure. Needs autoconf, automake, libtool and pkg-config.
# With --if-needed only when a file that it is made from is newer.
cd "$(dirname "$0")" || exit 1
if [ "${1-}" = --if-needed ] && [ -f configure ] && [ -f Makefile.in ] && [ -f config.h.in ]; then
	newer=$(find . -path './build*' -prune -o \( -name '*.mk' -o -name Makefile.am -o -name configure.ac \) \
		-newer Makefile.in -print)
	[ -n "$newer" ] || exit 0
fi
for tool in autoreconf automake libtoolize pkg-config; do
	command -v "$tool" >/dev/null || {
		echo "autogen.sh: $tool is missing. On Debian: apt-get install autoconf automake libtool pkg-config" >&2
		exit 1
	}
done
exec autoreconf --install --force
