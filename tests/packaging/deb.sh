#!/bin/sh
# The Debian package as a user meets it: contents, install, start, upgrade, removal, purge, with the real dpkg on the
# real system, of which nothing is changed: the root is an overlay in memory, in namespaces of its own (mounts,
# processes, network). Run by scripts/check package:
#
#   tests/packaging/deb.sh DIRECTORY-OF-DEBS TEST-ACS
set -u

if [ "${1-}" != --inside ]; then
	debs=$(cd "$1" && pwd) acs=$(cd "$(dirname "$2")" && pwd)/$(basename "$2")
	self=$(cd "$(dirname "$0")" && pwd)/$(basename "$0")
	work=$(mktemp -d) || exit 99
	trap 'rm -rf "$work"' EXIT
	passed=0
	check() {
		what=$1
		shift
		"$@" >"$work/out" 2>&1 || {
			cat "$work/out"
			echo "FAILED: $what ($*)"
			exit 1
		}
		passed=$((passed + 1))
		echo "ok $what"
	}
	deb=$(echo "$debs"/tr069-client_*.deb) dev=$(echo "$debs"/tr069-client-dev_*.deb)
	check "lintian has nothing to say" sh -c "! lintian --allow-root --tag-display-limit 0 --display-info '$debs'/*.changes | grep ."
	check "every conf file is a conffile" sh -c "
		dpkg-deb --ctrl-tarfile '$deb' | tar -xO ./conffiles | sort >'$work/conffiles'
		dpkg-deb -c '$deb' | awk '/^-/ { print \$6 }' | sed -n 's,^\./etc,/etc,p' | sort | diff - '$work/conffiles' && [ -s '$work/conffiles' ]"
	check "nothing in the packages is somebody's, or for others to write" sh -c "
		{ dpkg-deb -c '$deb' && dpkg-deb -c '$dev'; } | awk '\$2 != \"root/root\" || substr(\$1, 9, 1) == \"w\" || \$1 ~ /s/ { print; bad = 1 } END { exit bad || NR < 50 }'"
	check "the headers are in -dev alone" sh -c "dpkg-deb -c '$dev' | grep -q '/usr/include/tr069/plugin.h' && ! dpkg-deb -c '$deb' | grep include"
	check "Build-Depends is what scripts/deps installs" sh -c "
		cd '$(dirname "$self")/../..'
		sed -n '/^Build-Depends/,/^Standards/s/^ \([a-z0-9-]*\).*/\1/p' packaging/debian/control | grep -v debhelper | sort >'$work/debian'
		scripts/deps --list build | grep -v -x -e autoconf -e automake -e libtool -e gcc -e libc6-dev -e make -e xz-utils | sort | diff - '$work/debian'"
	echo "$passed checks passed of the packages as files"
	if [ "$(id -u)" -ne 0 ] || ! unshare -m -p -f -n -i -u sh -c "mount -t tmpfs tmpfs '$work' && cd '$work' && mkdir up work root &&
		mount -t overlay -o lowerdir=/,upperdir=up,workdir=work overlay root && [ -x root/usr/bin/dpkg ]" 2>"$work/why"; then
		echo "not installed: that needs root, and mounts in a namespace of one's own ($(cat "$work/why"))"
		exit 0
	fi
	unshare -m -p -f -n -i -u "$self" --inside "$work" "$debs" "$acs"
	exit
fi

# ---- in the namespaces; whatever happens here ends with the last process of them --------------------------

work=$2 debs=$3 acs=$4 passed=0
mount -t tmpfs tmpfs "$work" && cd "$work" && mkdir up work root &&
	mount -t overlay -o lowerdir=/,upperdir=up,workdir=work overlay root &&
	mkdir -p root/run root/tmp && mount -t tmpfs tmpfs root/run && mount -t tmpfs tmpfs root/tmp && chmod 1777 root/tmp &&
	mount -t proc proc root/proc && mount --rbind /dev root/dev && ip link set lo up || exit 99
cp -r "$debs" root/tmp/debs
cp "$acs" root/tmp/test-acs
# a container image forbids packages to start services, and so does invoke-rc.d where there is no /sbin/init
rm -f root/usr/sbin/policy-rc.d
printf '#!/bin/sh\nexit 104\n' >root/usr/sbin/policy-rc.d
chmod +x root/usr/sbin/policy-rc.d

box() { chroot root env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 "$@"; }
fail() {
	echo "FAILED: $*"
	tail -n 30 out root/tmp/acs.err root/tmp/transcript 2>/dev/null
	exit 1
}
check() {
	what=$1
	shift
	"$@" >out 2>&1 || {
		cat out
		fail "$what ($*)"
	}
	passed=$((passed + 1))
	echo "ok $what"
}
mode() { [ "$(box stat -c %U:%G:%a "$1")" = "$2" ]; }
# shellcheck disable=SC2120 # through `not`
running() { # running [ROOT]: the process of the client as its user, or as root
	grep -l -x tr069-client root/proc/[0-9]*/comm 2>/dev/null | sed 's,/comm$,,' | while read -r process; do
		owner=$(stat -c %u "$process") && [ "$owner" = "${1:-$(box id -u tr069-client)}" ] && echo "${process##*/}"
	done | grep .
}
until_true() {
	tries=0
	until "$@"; do
		tries=$((tries + 1))
		[ "$tries" -le 200 ] || return 1
		sleep 0.05
	done
}
gone() { until_true not running; }
not() { ! "$@"; }
acs_says() { box timeout 30 /tmp/test-acs --talk /tmp/acs.sock "$*"; }
conf=/etc/tr069-client/tr069-client.conf

check "no traces of an earlier one" sh -c "! grep -q tr069 root/etc/passwd && [ ! -e root/etc/tr069-client ] && [ ! -e root/var/lib/tr069-client ]"
check "it installs" box sh -c 'dpkg -i /tmp/debs/tr069-client_*.deb /tmp/debs/tr069-client-dev_*.deb'
check "there is a user without a shell" sh -c "grep -q '^tr069-client:.*:/var/lib/tr069-client:/usr/sbin/nologin' root/etc/passwd"
check "its state is its own" mode /var/lib/tr069-client tr069-client:tr069-client:700
check "the conf file is for root and its group" mode $conf root:tr069-client:640
check "without an ACS nothing runs" gone
check "the package is whole" box dpkg --verify tr069-client
check "the configuration is good" box tr069-client --check-config
check "for the user too" box setpriv --reuid=tr069-client --regid=tr069-client --init-groups tr069-client --check-config
check "systemd would start it" test -L root/etc/systemd/system/multi-user.target.wants/tr069-client.service

box /tmp/test-acs --listen 127.0.0.1:7548 --control /tmp/acs.sock --transcript /tmp/transcript >root/tmp/acs.out 2>root/tmp/acs.err &
until_true test -S root/tmp/acs.sock || fail "the test ACS does not start"
cat >>root$conf <<-'END'
	acs_url = "http://127.0.0.1:7548/acs"
	connection_request_address = "127.0.0.1"
	wait_for_network = false
END
printf '[device-info]\nserial_number = {"text:SN1"}\nmanufacturer_oui = {"text:0A1B2C"}\n[platform-linux]\ndevice_log = {"true"}\nreboot = {"touch", "/var/lib/tr069-client/rebooted"}\n' \
	>root/etc/tr069-client/platform/box.conf
echo 'platform = "/etc/tr069-client/platform/box.conf"' >>root$conf
check "invoke-rc.d starts it" box invoke-rc.d tr069-client start
check "it informs the ACS" acs_says wait-session 20 '1 BOOT'
check "as its user" running
check "and not as root" not running 0
check "no file of it is for others" sh -c "[ -e root/var/lib/tr069-client/state ] && [ -z \"\$(find root/var/lib/tr069-client ! -type l -perm /077)\" ]"
check "tr069-ctl reaches it" box tr069-ctl status
check "in a directory of its own in /run" mode /run/tr069-client tr069-client:tr069-client:700
check "where nobody else gets in" not box setpriv --reuid=65534 --regid=65534 --clear-groups tr069-ctl status
acs_says "credentials user=cr password=crpw" >/dev/null
check "its state of service" box invoke-rc.d tr069-client status
pid=$(running)
check "a reload" box invoke-rc.d tr069-client reload
check "does not end it" [ "$(running)" = "$pid" ]
check "a restart" box invoke-rc.d tr069-client restart
check "informs again" acs_says wait-session 20
check "is another process" not kill -0 "$pid"

# an upgrade, whose conf files are others too
box sh -c 'cd /tmp && dpkg-deb -R debs/tr069-client_*.deb next && sed -i "s/^Version: .*/Version: 99-1/" next/DEBIAN/control &&
	echo "# new" >>next/etc/tr069-client/tr069-client.conf && echo "# new" >>next/etc/tr069-client/plugins.d/30-time.conf &&
	dpkg-deb -b next next.deb' >out 2>&1 || fail "making the next version"
pid=$(running)
check "an upgrade" box sh -c 'dpkg -i --force-confdef --force-confold /tmp/next.deb </dev/null'
check "keeps the edited conf file" grep -q 127.0.0.1:7548 root$conf
check "and its mode" mode $conf root:tr069-client:640
check "puts the new one beside it" grep -q '^# new' root$conf.dpkg-dist
check "replaces one that was not edited" grep -q '^# new' root/etc/tr069-client/plugins.d/30-time.conf
check "keeps the state" test -s root/var/lib/tr069-client/state
check "starts the new one" acs_says wait-session 20
check "instead of the old" not kill -0 "$pid"

check "removal" box dpkg -r tr069-client tr069-client-dev
check "ends it" gone
check "leaves conf and state" test -s root$conf -a -s root/var/lib/tr069-client/state
rm root/etc/tr069-client/platform/box.conf
check "purge" box dpkg -P tr069-client tr069-client-dev
check "takes the socket's directory" [ ! -e root/run/tr069-client ]
check "takes the user" sh -c "! grep tr069 root/etc/passwd root/etc/group root/etc/shadow"
# what is there now and was not before, but for dpkg's and the ACS's own
find up | grep tr069 | while read -r path; do
	[ -c "$path" ] || echo "$path" # a character device is what an overlay notes a removal with
done >left
check "and leaves nothing" sh -c "! grep . left"
acs_says quit >/dev/null
echo "$passed checks passed of the installed package"
