#!/bin/sh
# A network that comes late, goes and comes back (complaints 41, 43). In a network namespace of its own.
if [ -z "${TR069_IN_NAMESPACE:-}" ]; then
	unshare -rn sh -c 'ip link set lo up && ip link add tr0 type veth peer name tr1' 2>/dev/null || {
		echo "SKIP: no network namespace with unshare -rn, ip and veth"
		exit 77
	}
	TR069_IN_NAMESPACE=1 exec unshare -rn "$0"
fi
. "${top_srcdir:-.}/tests/daemon/lib.sh"

link() { ip link set tr0 "$1" && ip link set tr1 "$1"; }
no_session() { ! acs wait-session "$1"; }

ip link set lo up
ip link add tr0 type veth peer name tr1
ip address add 10.11.12.1/24 dev tr0
NO_CONTROL='' TR069_LISTEN=0.0.0.0 acs_start
ACS=http://10.11.12.1:${ACS##*:}
box_start connection_request_address=0.0.0.0
check "without a network there is no session" box_log 'no session now: no network yet'
check "and no try" no_session 2
check "tr069-ctl says so" sh -c "'$CTL' -s '$BOX/control' status | grep -qx 'network: down'"
check "the network comes" link up
check "the session comes with it" acs wait-session 60 "1 BOOT"
check "the URL for connection requests is the address of the box" \
	said 'ConnectionRequestURL.*http://10.11.12.1:' last-inform

check "the link goes" link down
check "that is told" box_log 'network is down'
check "a session is wanted meanwhile" "$CTL" -s "$BOX/control" inform
check "the link comes" link up
check "the session follows" acs wait-session 60 "2 PERIODIC"

# a session whose end is lost on the way is good for the ACS and not for the box
acs "tolerate session-broken retry-count" >/dev/null
for _ in 1 2 3 4 5 6 7 8 9 10; do
	link down
	ip address del 10.11.12.1/24 dev tr0
	link up
	ip address add 10.11.12.1/24 dev tr0
done
check "ten times without link and address are survived" "$CTL" -s "$BOX/control" inform
check "the next session is as ever" acs wait-session 60 "2 PERIODIC"
finish
