#!/bin/sh
# Makes ./configure. Needs autoconf, automake, libtool and pkg-config.
cd "$(dirname "$0")" || exit 1
for tool in autoreconf automake libtoolize pkg-config; do
	command -v "$tool" >/dev/null || {
		echo "autogen.sh: $tool is missing. On Debian: apt-get install autoconf automake libtool pkg-config" >&2
		exit 1
	}
done
exec autoreconf --install --force
