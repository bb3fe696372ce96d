#!/bin/sh
# Files of the ACS on the wire: every type, every way to name one, what a name must not do, the folder on another
# file system, a full one, delays over restarts with a clock and without, a vendor's plugin that takes a type.
# shellcheck source=tests/daemon/lib.sh
. "${top_srcdir:-.}/tests/daemon/lib.sh"

FILES=$WORK/files
FOLDER=$BOX/download # as this test sees it; the box may see another one there
mkdir -p "$FILES" "$WORK/record"
printf 'one\n' >"$FILES/one.bin"
printf 'two\n' >"$FILES/two.bin"
printf 'spaced\n' >"$FILES/a%20b.bin" # the test ACS decodes no links
head -c 3000000 /dev/zero | tr '\0' a >"$FILES/all-a.bin"
head -c 3000000 /dev/zero | tr '\0' b >"$FILES/all-b.bin"
type3='"3 Vendor Configuration File"'

start() {
	: >"$WORK/client.log"
	box_start connection_request_username=cr connection_request_password=crpw "$@"
}
# The session of a start is over: what is ordered now has one of its own, and none follows that a kill would cut.
is_back() {
	box_log 'agent: session ended' && box_idle
}
# order KEY ARGUMENT...: Download, and its end: `told` then has the fault's code and words
order() {
	key=$1
	shift
	acs rpc now Download key="$key" "$@" >"$WORK/ordered" 2>&1 || { cat "$WORK/ordered"; return 1; }
	done_with "$key"
}
done_with() {
	tries=0
	until grep -l "<CommandKey>$1<" "$WORK"/record/*-TransferComplete.xml >"$WORK/reports" 2>/dev/null; do
		tries=$((tries + 1))
		[ "$tries" -le 1200 ] || { echo "no TransferComplete for $1"; return 1; }
		sleep 0.05
	done
	tr -d '\n' <"$(tail -n 1 "$WORK/reports")" >"$WORK/told"
	box_idle
}
arrives() { # arrives NAME SOURCE KEY ARGUMENT...
	name=$1 source=$2
	shift 2
	order "$@" && grep -q '<FaultCode>0<' "$WORK/told" && cmp "$FOLDER/$name" "$FILES/$source"
}
fails() { # fails CODE WORDS KEY ARGUMENT...: it was taken and could not be done
	code=$1 words=$2
	shift 2
	order "$@" && grep -q -i "<FaultCode>$code<.*<FaultString>[^<]*$words" "$WORK/told" || { cat "$WORK/told"; return 1; }
}
refused() { # refused CODE ARGUMENT...: the RPC is a fault
	code=$1
	shift
	acs rpc now Download key=r "$@" 2>&1 | grep -q -i "Fault $code"
}
listing() { find "$FOLDER" "$BOX" -maxdepth 1 -name "${1:-*}" | sort; }

acs_start --set "files $FILES" --record "$WORK/record"
box_new
start download.mode=0640
url=${ACS%/acs}/files
acs credentials user=cr password=crpw >/dev/null
check "the first session" acs wait-session 60

# ---- types and names

n=0
for type in '2 Web Content' '3 Vendor Configuration File' '4 Tone File' '5 Ringer File' 'X ACME Anything'; do
	n=$((n + 1))
	check "\"$type\" arrives" arrives "type-$n" one.bin "t$n" type="\"$type\"" url="$url/one.bin" target="type-$n"
done
check "a type that nobody takes is refused" refused 9003 type='"6 Something"' url="$url/one.bin" target=x
check "without TargetFileName the URL names it, without its query" \
	arrives one.bin one.bin u1 type="$type3" "url=$url/one.bin?token=a/b"
check "and percent-decoded" arrives 'a b.bin' 'a%20b.bin' u2 type="$type3" url="$url/a%20b.bin"
check "the mode is the configured one" [ "$(stat -c %a "$FOLDER/one.bin")" = 640 ]
check "TargetFileName may have any letters" arrives 'имя.bin' one.bin u3 type="$type3" url="$url/one.bin" target='имя.bin'
long=$(printf '%0255d' 0)
check "and 255 octets" arrives "$long" one.bin u4 type="$type3" url="$url/one.bin" target="$long"

listing >"$WORK/before"
n=0
for target in .. . ../up /etc/passwd a/b ./a .hidden 'a\\b' "0$long" "$(printf 'a\302\205b')"; do
	check "TargetFileName $(printf %.20s "$target") is refused" refused 9003 type="$type3" url="$url/one.bin" "target=\"$target\""
done
for name in '' .. %2e%2e %2e%2e%2fup a%2fb %2fetc%2fpasswd a%00b .hidden %0a a%5cb %ff %c0%af %ed%a0%80 a%c2%85; do
	check "the URL's name '$name' is refused" refused 9003 type="$type3" "url=$url/$name"
done
check "a link without a path too" refused 9003 type="$type3" url="${ACS%/acs}"
listing >"$WORK/after"
check "and nothing came of them" cmp "$WORK/before" "$WORK/after"

# ---- what lies in the folder already

ln -s "$BOX/build.prop" "$FOLDER/planted"
ln -s "$BOX/build.prop" "$FOLDER/.tr069-client.part"
cp "$BOX/build.prop" "$WORK/build.prop"
check "a file goes where a symbolic link lies" arrives planted one.bin p1 type="$type3" url="$url/one.bin" target=planted
check "the link is gone" [ ! -L "$FOLDER/planted" ]
check "what it pointed to is untouched" cmp "$BOX/build.prop" "$WORK/build.prop"
mkdir "$FOLDER/folder"
check "a folder of that name stays, and the ACS is told" \
	fails 9010 'renaming.*directory' p2 type="$type3" url="$url/one.bin" target=folder
check "no temporary name is left" [ -z "$(listing '.tr069*')" ]

check "a large file" arrives replaced all-b.bin ra0 type="$type3" url="$url/all-b.bin" target=replaced
( # who reads while it is replaced finds the one or the other
	while [ -d "$WORK" ] && [ ! -e "$WORK/enough" ]; do
		read -r octets <<-END
			$(tr -d a <"$FOLDER/replaced" | wc -c)
		END
		[ "$octets" -eq 0 ] || [ "$octets" -eq 3000000 ] || echo "$octets octets of the other" >>"$WORK/mixed"
		echo >>"$WORK/looks"
	done
) &
looker=$!
: >"$WORK/mixed"
for turn in 1 2 3 4; do
	check "it is replaced, $turn" arrives replaced all-a.bin "ra$turn" type="$type3" url="$url/all-a.bin" target=replaced
	check "and again" arrives replaced all-b.bin "rb$turn" type="$type3" url="$url/all-b.bin" target=replaced
done
touch "$WORK/enough"
wait "$looker"
check "somebody looked" [ "$(wc -l <"$WORK/looks")" -gt 3 ]
check "and never saw a part of it" [ ! -s "$WORK/mixed" ]

# ---- delays over restarts

check "a file is ordered for later" acs rpc now Download key=later type="$type3" url="$url/one.bin" target=later delay=3
ordered=$(date +%s%3N)
box_kill
start
check "after kill -9 it comes" done_with later
took=$(($(date +%s%3N) - ordered))
check "not before its time ($took ms)" [ "$took" -ge 2500 ]
check "byte for byte" cmp "$FOLDER/later" "$FILES/one.bin"
box_stop
start clock_not_before=2100-01-01T00:00:00Z
check "without a clock" is_back
check "a file is ordered for later" acs rpc now Download key=unclocked type="$type3" url="$url/two.bin" target=unclocked delay=2
box_kill
started=$(date +%s%3N)
start clock_not_before=2100-01-01T00:00:00Z
check "after kill -9 it comes" done_with unclocked
took=$(($(date +%s%3N) - started))
check "the delay begins anew, since nobody knows how long it was ($took ms)" [ "$took" -ge 1900 ]
check "its times are unknown" grep -q '<StartTime>0001-01-01T00:00:00Z' "$WORK/told"

# ---- the folder

box_stop
mv "$FOLDER" "$BOX/elsewhere"
start
check "the box is back" is_back
check "a folder that is missing is made" arrives new one.bin f1 type="$type3" url="$url/one.bin" target=new
rm -rf "$FOLDER"
ln -s "$BOX/elsewhere" "$FOLDER"
check "one that became a symbolic link is not followed" \
	fails 9010 'symbolic link' f2 type="$type3" url="$url/one.bin" target=new
check "nothing is in what it points to" [ ! -e "$BOX/elsewhere/new" ]
rm "$FOLDER"
: >"$FOLDER"
check "nor one that is a file" fails 9010 'folder' f3 type="$type3" url="$url/one.bin" target=new
rm "$FOLDER"
mkdir "$FOLDER"

if [ "$(id -u)" -eq 0 ]; then
	box_stop
	start download.owner=12345 download.group=23456 download.mode=0604
	check "the box is back" is_back
	check "a file for somebody else" arrives owned one.bin o1 type="$type3" url="$url/one.bin" target=owned
	check "is his" [ "$(stat -c %u:%g:%a "$FOLDER/owned")" = 12345:23456:604 ]
fi

# The folder as a small file system of its own.
real=$CLIENT
if unshare -rm mount -t tmpfs none /mnt 2>/dev/null; then
	box_stop
	cat >"$WORK/small" <<-END
		#!/bin/sh
		exec unshare -rm sh -c 'mount -t tmpfs -o size=1m none "$FOLDER" && exec "\$@"' sh "$real" "\$@"
	END
	chmod +x "$WORK/small"
	CLIENT=$WORK/small
	start
	check "the box is back" is_back
	FOLDER=/proc/$client_pid/root$FOLDER
	check "a file crosses to another file system" arrives crossed one.bin x1 type="$type3" url="$url/one.bin" target=crossed
	check "and is replaced there" arrives crossed two.bin x2 type="$type3" url="$url/two.bin" target=crossed
	check "one that says it does not fit is not even ordered" refused 9004 type="$type3" url="$url/all-a.bin" size=3000000 target=crossed
	check "one that does not say so fails" fails 9010 'space' x3 type="$type3" url="$url/all-a.bin" target=crossed
	check "and what was there stays" cmp "$FOLDER/crossed" "$FILES/two.bin"
	check "with nothing beside it" [ "$(find "$FOLDER" -type f | wc -l)" -eq 1 ]
	FOLDER=$BOX/download
	CLIENT=$real
else
	echo "skipped: no mount namespace for a file system of its own"
fi
check "nothing is left in the spool" [ -z "$(find "$BOX/spool" -type f)" ]
finish
