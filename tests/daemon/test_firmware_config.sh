#!/bin/sh
# What the firmware says: every form of the link, the logins on the wire, mistakes, secrets, what wins over what,
# and Android's properties where there is no file (lines 1 to 4 of doc/features.md).
# In a network namespace of its own where that is allowed: port 7547 is free there.
if [ -z "${TR069_IN_NAMESPACE:-}" ]; then
	if unshare -rn ip link set lo up 2>/dev/null; then
		TR069_IN_NAMESPACE=1 exec unshare -rn "$0"
	fi
	echo "SKIP of the links without a port: no network namespace with unshare -rn and ip"
else
	ip link set lo up
fi
# shellcheck source=tests/daemon/lib.sh
. "${top_srcdir:-.}/tests/daemon/lib.sh"

encoded() { printf '%s' "$1" | base64 -w 0; }
# prop s0 TEXT s1 TEXT...: the firmware says this, and nothing of those that are not named
prop() {
	sed -i '/^ro.stb.management/d' "$BOX/build.prop"
	while [ $# -gt 0 ]; do
		echo "ro.stb.management.$1=$(encoded "$2")" >>"$BOX/build.prop"
		shift 2
	done
	cp -p "$BOX/build.prop" "$WORK/as-it-was"
}
firmware_start() { box_start acs_url= "$@"; }
anew() { # a box that has never been anywhere
	rm -rf "$BOX/state"
	firmware_start "$@"
}
# shellcheck disable=SC2120 # called through check
session() { acs wait-session 60 ${1:+"$1"}; }
value_is() {
	value=$(acs value now "$1")
	[ "$value" = "$2" ] && return 0
	echo "$1 is $value"
	return 1
}
known() {
	tries=0
	until acs last-inform | grep -q 'ManagementServer.ConnectionRequestURL.*http://'; do
		tries=$((tries + 1))
		[ "$tries" -le 200 ] || return 1
		sleep 0.05
	done
}
bootstrap() { acs events | grep -q -x '0 BOOTSTRAP'; }
no_bootstrap() { ! bootstrap; }
set_values() { acs rpc now SetParameterValues "$@"; }
log_anew() { : >"$WORK/client.log"; }
box_new

# ---- 1: every form of the link
link() { # link TEXT: the box gets to its ACS
	prop s0 "$1"
	anew
	acs wait-session 60 "0 BOOTSTRAP" || return 1
	box_idle
	box_stop
}
if [ -n "${TR069_IN_NAMESPACE:-}" ]; then
	ACS_PORT=7547 acs_start
	for link in http://127.0.0.1:7547/acs HTTP://localhost:7547/a/b?c=d http://127.0.0.1:7547 127.0.0.1 localhost \
		127.0.0.1:7547 localhost:7547/acs 127.0.0.1/acs localhost?box=1; do
		check "1: $link" link "$link"
	done
	acs_stop
	TR069_LISTEN='[::1]' ACS_PORT=7547 acs_start
	for link in '[::1]' '[::1]:7547' '[::1]/acs' 'http://[::1]:7547/acs'; do
		check "1: $link" link "$link"
	done
	acs_stop
	ACS_PORT=80 acs_start
	check "1: a http link without a port means 80" link http://127.0.0.1/acs
	acs_stop
fi

# ---- 1: s7, a certificate of its own
if command -v openssl >/dev/null && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 \
	-subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1 \
	-keyout "$WORK/key.pem" -out "$WORK/cert.pem" 2>/dev/null; then
	acs_start --tls "$WORK/cert.pem" "$WORK/key.pem"
	prop s0 "$ACS" s7 "$WORK/cert.pem"
	anew
	check "1: a https link, its certificate by s7" session "0 BOOTSTRAP"
	box_idle
	box_stop
	prop s0 "$ACS"
	log_anew
	anew
	check "1: without s7 it is refused" box_log 'session failed: .*certificate'
	box_stop
	acs "tolerate session-broken" >/dev/null
	acs_stop
else
	echo "SKIP of s7: no openssl that makes a certificate"
fi

# ---- 1: who shows what to whom
acs_start
acs 'auth digest tr-user tr-pass' >/dev/null
prop s0 "$ACS" s1 tr-user s2 tr-pass s3 cr-user s4 cr-pass
anew
check "1: s1 and s2 are what the ACS is shown" session "0 BOOTSTRAP"
acs 'credentials user=cr-user password=cr-pass' >/dev/null
check "1: s3 and s4 are what the box wants to see" acs connection-request
check "1: and begins a session" session "6 CONNECTION REQUEST"
check "1: s1 is ManagementServer.Username" value_is Device.ManagementServer.Username tr-user
box_idle
box_stop
for how in digest basic; do
	acs "auth $how wire-user wire-pass" >/dev/null
	prop s0 "$ACS" s1 tr-user s2 tr-pass s3 cr-user s4 cr-pass s5 wire-user s6 wire-pass
	anew allow_basic_without_tls=true
	check "1: s5 and s6 win on the wire ($how)" session "0 BOOTSTRAP"
	check "1: s1 stays ManagementServer.Username" value_is Device.ManagementServer.Username tr-user
	box_idle
	box_stop
done
acs 'auth digest 0A1B2C-STB-SN0001 tr-pass' >/dev/null
prop s0 "$ACS" s2 tr-pass s3 cr-user s4 cr-pass
anew
check "1: without s1 the box names itself" session "0 BOOTSTRAP"
check "1: also as ManagementServer.Username" value_is Device.ManagementServer.Username 0A1B2C-STB-SN0001
box_idle
box_stop
acs "tolerate session-broken retry-count" >/dev/null
log_anew
prop s0 "$ACS"
anew
check "1: which is no login without s2" box_log 'session failed: .*no username is configured'
box_stop
acs 'auth digest wire-user wire-pass' >/dev/null
prop s0 "$ACS" s2 tr-pass s5 wire-user s6 wire-pass
anew
check "1: s5 and s6 win over that name, too" session "0 BOOTSTRAP"
box_idle
box_stop

# ---- 2: no value is logged, whatever happens; at level debug
log_anew
prop s0 "$ACS" s1 alice1 s2 hunter2 s3 carol3 s4 hunter4 s5 eve5 s6 hunter6
acs 'auth digest eve5 hunter6' >/dev/null
acs 'credentials user=carol3 password=hunter4' >/dev/null
anew
check "2: with every login" session "0 BOOTSTRAP"
check "2: a connection request" acs connection-request
check "2: a wrong one" said 401 'connection-request user=carol3 password=hunter44'
acs 'auth digest eve5 other' >/dev/null
acs "tolerate session-broken" >/dev/null
check "2: an ACS that refuses us" box_ctl inform
check "2: is in the log" box_log 'session failed'
box_stop
for secret in alice1 hunter2 carol3 hunter4 eve5 hunter6; do
	check "2: $secret is not in the log" sh -c "! grep -F -e '$secret' -e '$(encoded $secret)' '$WORK/client.log'"
done
acs_stop

# ---- 2: mistakes: one line with the key, exit code 3, nothing half-started
mistake() { # mistake KEY ENCODED PATTERN SECRET
	sed -i '/^ro.stb.management/d' "$BOX/build.prop"
	{
		[ "$1" = s0 ] || echo "ro.stb.management.s0=$(encoded http://127.0.0.1:9/)"
		echo "ro.stb.management.$1=$2"
	} >>"$BOX/build.prop"
	rm -rf "$BOX/state" "$BOX/control"
	log_anew
	anew
	box_ends 3 || return 1
	grep -q -e "build.prop:[0-9]*: ro.stb.management.$1: .*$3" "$WORK/client.log" || return 1
	[ "$(wc -l <"$WORK/client.log")" -eq 1 ] || return 1
	[ -z "$4" ] || ! grep -F -e "$4" "$WORK/client.log" || return 1
	[ ! -e "$BOX/state" ] && [ ! -e "$BOX/control" ] && [ ! -e "$BOX/spool" ]
}
for key in s0 s1 s2 s3 s4 s5 s6 s7; do
	check "2: $key is no Base64" mistake $key 'hunter2!' 'not Base64; .*base64 -w 0' hunter2
	check "2: $key holds a control character" mistake $key "$(printf 'hunter\0332' | base64 -w 0)" 'control character' hunter
	check "2: $key ends in a line break" mistake $key "$(echo hunter2 | base64 -w 0)" 'printf .*base64 -w 0' hunter2
done
for url in 'http://hunter2 x/' ftp://hunter2/ //hunter2 http:// http://u:hunter2@host/ http://host:0/ http://host:65536/ \
	host: 10.0.0.256 '[fe80::1' '[fe80::xyz]' 2001:db8::1 'http://hunter..2/' 'https://[::1]x/'; do
	check "2: no link: $url" mistake s0 "$(encoded "$url")" 'not a link' hunter2
done
check "2: a link that is too long" mistake s0 "$(encoded "http://a/$(printf '%0250d' 2)")" 'not a link' 00000
check "2: a login that is too long" mistake s2 "$(encoded "$(printf '%0257d' 2)")" 'longer than 256' 00000
check "2: a certificate that is not there" mistake s7 "$(encoded /hunter2)" 'cannot be read: No such file' hunter2
check "2: a certificate that is a directory" mistake s7 "$(encoded "$BOX/plugins")" 'cannot be read: Is a directory' /box/plugins
echo hunter2 >"$BOX/hunter2"
check "2: a certificate that is none" mistake s7 "$(encoded "$BOX/hunter2")" 'no certificate' hunter2
check "2: a certificate without its whole path" mistake s7 "$(encoded hunter2.pem)" 'full path' hunter2
silent() { # silent: no ACS, so exit code 0, one line, nothing was made
	log_anew
	rm -rf "$BOX/state"
	firmware_start
	box_ends 0 && [ "$(wc -l <"$WORK/client.log")" -eq 1 ] && [ ! -e "$BOX/state" ]
}
prop s0 '' s1 user s2 pass
check "2: an empty s0 ends the service with 0" silent
prop s1 user
check "2: so does an absent one" silent

# ---- 3: what the ACS sets wins, until the firmware says something else
acs_start
prop s0 "$ACS" s1 fw-user s2 fw-pass s3 cr-user s4 cr-pass
acs 'credentials user=cr-user password=cr-pass' >/dev/null
anew
check "3: the firmware's values" session "0 BOOTSTRAP"
check "3: the ACS sets its own" set_values Device.ManagementServer.Username=acs-user \
	Device.ManagementServer.Password=acs-pass Device.ManagementServer.PeriodicInformInterval=xsd:unsignedInt:600
box_idle
box_stop
acs 'auth digest acs-user acs-pass' >/dev/null
firmware_start
check "3: they are in force after a start" session "2 PERIODIC"
check "3: the interval too" value_is Device.ManagementServer.PeriodicInformInterval 600
box_idle
box_stop
check "3: build.prop is as it was" cmp "$BOX/build.prop" "$WORK/as-it-was"
check "3: and was not written" sh -c "[ ! '$BOX/build.prop' -nt '$WORK/as-it-was' ] && [ ! '$BOX/build.prop' -ot '$WORK/as-it-was' ]"
prop s0 "$ACS" s1 fw-user s2 fw-pass2 s3 cr-user s4 cr-pass
acs 'auth digest fw-user fw-pass2' >/dev/null
log_anew
firmware_start
check "3: a firmware with another password" session
check "3: says so" box_log 'ManagementServer.Password: the firmware brings a new value'
check "3: is no bootstrap" no_bootstrap
check "3: what it does not say again stays" value_is Device.ManagementServer.PeriodicInformInterval 600
box_idle
box_stop
acs 'auth digest wire-user wire-pass' >/dev/null
prop s0 "$ACS" s1 fw-user s2 fw-pass2 s3 cr-user s4 cr-pass s5 wire-user s6 wire-pass
firmware_start
check "3: so is a firmware with a HTTP login" session
check "3: and no bootstrap" no_bootstrap
check "3: the ACS sets its own again" set_values Device.ManagementServer.Username=acs-user \
	Device.ManagementServer.Password=acs-pass
acs 'auth digest acs-user acs-pass' >/dev/null
check "3: which wins over the HTTP login" box_ctl inform
check "3: on the wire" session
box_idle
box_stop
acs 'auth digest wire-user2 wire-pass' >/dev/null
prop s0 "$ACS" s1 fw-user s2 fw-pass2 s3 cr-user s4 cr-pass s5 wire-user2 s6 wire-pass
firmware_start periodic_interval=120
check "3: until a firmware brings another HTTP login" session
check "3: and another interval" value_is Device.ManagementServer.PeriodicInformInterval 120
other=$(echo "$ACS" | sed 's/127.0.0.1/localhost/')
check "3: the ACS sets another URL" set_values Device.ManagementServer.URL="$other"
check "3: which is a bootstrap" session "0 BOOTSTRAP"
box_idle
box_stop
firmware_start periodic_interval=120
check "3: the URL is in force after a start" session
check "3: once" no_bootstrap
check "3: the ACS learns where the box is" known # the route to a name is known after the first session only
box_idle
check "3: and is the one of the ACS" value_is Device.ManagementServer.URL "$other"
box_idle
box_stop
prop s0 "$ACS?new" s1 fw-user s2 fw-pass2 s3 cr-user s4 cr-pass s5 wire-user2 s6 wire-pass
firmware_start periodic_interval=120
check "3: a firmware with another URL is a bootstrap" session "0 BOOTSTRAP"
check "3: and its URL is in force" value_is Device.ManagementServer.URL "$ACS?new"
box_idle
box_stop

# ---- the table of parameters for the Inform takes what an Inform does not have already
firmware_start periodic_interval=120
session >/dev/null
row=$(acs rpc now AddObject Device.ManagementServer.InformParameter. | sed -n 's/^InstanceNumber	//p')
for name in Device.DeviceInfo.SoftwareVersion Device.ManagementServer.ParameterKey Device.DeviceInfo.; do
	check "$name cannot be put into the Inform again" said '9007' \
		"rpc now SetParameterValues Device.ManagementServer.InformParameter.$row.ParameterName=$name"
done
check "another one can" set_values "Device.ManagementServer.InformParameter.$row.ParameterName=Device.DeviceInfo.UpTime" \
	"Device.ManagementServer.InformParameter.$row.Enable=xsd:boolean:true"
check "the next Inform" box_ctl inform
check "comes" session
check "and has it" said Device.DeviceInfo.UpTime last-inform
box_idle
box_stop

# ---- 4: Android: no file, but the property system
acs 'auth digest prop-user prop-pass' >/dev/null
long=$ACS/$(printf '%0120d' 4)
cp "$BOX/build.prop" "$WORK/properties"
sed -i -e '/^ro.stb.management/d' -e 's/SN0001/SN-of-Android/' "$WORK/properties"
cr_login="ro.stb.management.s3=$(encoded cr-user)
ro.stb.management.s4=$(encoded cr-pass)"
{
	echo "$cr_login"
	echo "ro.stb.management.s0=$(encoded "$long")"
	echo "ro.stb.management.s1=$(encoded prop-user)"
	echo "ro.stb.management.s2=$(encoded prop-pass)"
} >>"$WORK/properties"
rm "$BOX/build.prop"
daemon=$CLIENT
on_android() { # on_android OBJECT: the daemon, with that in place of Android's libc
	cat >"$WORK/client" <<-END
		#!/bin/sh
		LD_PRELOAD=$build/tests/daemon/.libs/$1.so TR069_TEST_PROPERTIES=$WORK/properties \
			ASAN_OPTIONS=$ASAN_OPTIONS:verify_asan_link_order=0 exec $daemon "\$@"
	END
	chmod +x "$WORK/client"
	CLIENT=$WORK/client
}
on_android properties
anew
check "4: the properties lead to the ACS" session "0 BOOTSTRAP"
check "4: a value of more than 91 octets is whole" value_is Device.ManagementServer.URL "$long"
check "4: the plugins see them too" value_is Device.DeviceInfo.SerialNumber SN-of-Android
box_idle
box_stop
check "4: --check-config says where they are from" sh -c "'$CLIENT' -o build_prop=/none -o plugin_conf_dir=/none \
	-o state_dir='$BOX/state' --check-config | grep -q -x 'ro.stb.management.s1 = \"\\*\\*\\*\"  (Android.s properties)'"
echo "ro.stb.management.s0=$(encoded ftp://hunter2/)" >"$WORK/properties"
log_anew
anew
check "4: a mistake is exit code 3" box_ends 3
check "4: and names the key" box_log "Android's properties: ro.stb.management.s0: not a link"
: >"$WORK/properties"
log_anew
anew
check "4: no property: exit code 0" box_ends 0
check "4: and one line" box_log "no ACS: ro.stb.management.s0 is empty (Android's properties)"
{
	echo "$cr_login"
	echo "ro.stb.management.s0=$(encoded "$ACS")"
	echo "ro.serialno=SN-old"
	echo "ro.product.oui=0A1B2C"
} >"$WORK/properties"
acs 'auth none' >/dev/null
on_android properties_old
anew
check "4: Android before 8" session "0 BOOTSTRAP"
check "4: has the properties too" value_is Device.DeviceInfo.SerialNumber SN-old
box_idle
box_stop
CLIENT=$daemon
log_anew
anew
check "4: without file and properties there is nothing to do" box_ends 0
finish
