#!/bin/sh
# kill -9 at random instants of sessions with events pending: no event is lost, none is told again once the
# client went on past its acknowledgement, rows and values stay, instance numbers are never used twice.
#   test_kill.sh [--sessions N] [--seed N]
# The plan (what is asked in which session, when the kill comes) follows from the seed. kill_judge.awk reads
# the transcript of the ACS; the messages on record say which values each Inform had.
sessions=${KILL_SESSIONS:-40} seed=${KILL_SEED:-1}
while [ $# -gt 1 ]; do
	case $1 in
	--sessions) sessions=$2 ;;
	--seed) seed=$2 ;;
	esac
	shift 2
done
. "${top_srcdir:-.}/tests/daemon/lib.sh"

KILL_AT=$build/tests/daemon/kill_at
rows=Device.ManagementServer.InformParameter.
mkdir -p "$WORK/files" "$WORK/record"
head -c 20000 /dev/zero >"$WORK/files/file"
acs_start --set "files $WORK/files" --quiet --record "$WORK/record" --tolerate session-broken,retry-count
echo "url $ACS" >"$WORK/notes"
other=$(printf '%s' "$ACS" | sed 's/127\.0\.0\.1/localhost/')
acs credentials user=cr password=crpw >/dev/null
start() {
	box_start connection_request_username=cr connection_request_password=crpw retry_minimum=1
}
now_ms() { date +%s%3N; }

start
check "the first session" acs wait-session 60 "1 BOOT"
box_kill
echo "seed $seed, $sessions kills"

# A line a session: kill after how many lines of the transcript, and microseconds later; is it a new boot; what
# is asked. Some kills come while the client starts or is idle.
awk -v seed="$seed" -v sessions="$sessions" 'BEGIN {
	srand(seed)
	for (i = 1; i <= sessions; i++) {
		early = rand() < 0.1
		line = sprintf("%d %d %d %d", i, early ? 0 : 1 + int(rand() * 24), rand() * (early ? 30000 : 6000), rand() < 0.3)
		if (rand() < 0.35) line = line " reboot"
		if (rand() < 0.45) line = line " download"
		if (rand() < 0.45) line = line " set"
		if (rand() < 0.35) line = line " add"
		if (rand() < 0.35) line = line " delete"
		if (rand() < 0.08) line = line " url"
		if (rand() < 0.30) line = line " download"
		print line
	}
}' >"$WORK/plan"

ask() { # ask COMMAND...: queued with the ACS for its next session; who waits for the answer is not waited for
	"$TEST_ACS" --talk "$SOCKET" "$*" >/dev/null 2>&1 &
}
boot() { # the ACS's sessions up to now were before this boot
	new_boot_id
	acs stats | sed -n 's/^sessions	/boot /p' >>"$WORK/notes"
}
# A reboot that was carried out promises its event; one whose session broke off does not come.
note_reboots() {
	done_reboots=$(wc -l <"$BOX/reboots")
	[ "$done_reboots" -eq "$reboots" ] || acs stats | sed -n 's/^sessions	/rebooted /p' >>"$WORK/notes"
}
urls=0 target=$ACS
order() { # order WHAT NUMBER
	case $1 in
	reboot) ask "rpc Reboot key=r$2" ;;
	download)
		downloads=$((downloads + 1))
		ask "rpc Download key=d$2-$downloads type=\"3 Vendor Configuration File\" url=${ACS%/acs}/files/file target=f$downloads"
		;;
	set) ask "rpc SetParameterValues key=k$2 Device.DeviceInfo.ProvisioningCode=v$2" ;;
	add) ask "rpc AddObject $rows key=k$2a" ;;
	delete)
		row=$(sed -n 's/.*<- AddObjectResponse InstanceNumber=\([0-9]*\) .*/\1/p' "$WORK/transcript" |
			awk -v seed="$seed$2" '{ row[NR] = $1 } END { srand(seed); if (NR) print row[int(rand() * NR) + 1] }')
		[ -z "$row" ] || ask "rpc DeleteObject $rows$row. key=k$2d"
		;;
	url)
		urls=$((urls + 1))
		[ $((urls % 2)) -eq 0 ] && target=$ACS || target=$other
		ask "rpc SetParameterValues key=k$2u Device.ManagementServer.URL=$target"
		;;
	esac
}

reboots=0
while read -r number lines later boots orders; do
	downloads=0
	for what in $orders; do
		order "$what" "$number"
	done
	offset=$(wc -c <"$WORK/transcript")
	start
	if [ $((number % 12)) -eq 0 ]; then
		acs wait-session 60 >/dev/null || fail "no session" # lets the queues run empty
	fi
	"$KILL_AT" "$client_pid" "$WORK/transcript" "$offset" "$lines" "$later" || fail "the daemon is gone already"
	box_kill
	note_reboots
	if [ "$boots" -eq 1 ] || [ "$done_reboots" -gt "$reboots" ]; then
		boot
	fi
	reboots=$done_reboots
done <"$WORK/plan"

# What is still queued is delivered in peace: boots until no reboot is ordered any more.
quiet=0
while [ "$quiet" -lt 2 ]; do
	boot
	start
	acs wait-session 60 "1 BOOT" >/dev/null || fail "no session after the last kill"
	n=0 before=''
	while [ "$n" -lt 50 ]; do # until nothing happens for a while
		sleep 0.3
		after=$(wc -l <"$WORK/transcript")
		[ "$after" != "$before" ] || break
		before=$after n=$((n + 1))
	done
	box_stop
	note_reboots
	[ "$done_reboots" -gt "$reboots" ] && quiet=0 || quiet=$((quiet + 1))
	reboots=$done_reboots
done
start
acs wait-session 60 "2 PERIODIC" >/dev/null || fail "no session at the end"
acs rpc now GetParameterNames "$rows" 1 >"$WORK/names" || fail "the rows cannot be listed"
sed -n "s/^$rows\([0-9]*\)\..*/row \1/p" "$WORK/names" >>"$WORK/notes"

# What each Inform said of ParameterKey and ProvisioningCode.
value_in() { # value_in NAME FILE
	value=$(tr -d '\n' <"$2" | sed -n "s/.*\.$1<\/Name>[^<]*<Value[^>]*>\([^<]*\)<.*/\1/p")
	echo "${value:--}"
}
for file in "$WORK"/record/*-Inform.xml; do
	session=${file##*/*-s}
	echo "inform ${session%-Inform.xml} $(value_in ParameterKey "$file") $(value_in ProvisioningCode "$file")"
done >>"$WORK/notes"

check "no event is lost or repeated, rows and values are kept" \
	awk -f "$top/tests/daemon/kill_judge.awk" "$WORK/notes" "$WORK/transcript"
cat "$WORK/check.out"
for file in "$BOX"/download/*; do
	check "${file##*/} is whole" cmp "$file" "$WORK/files/file"
done
check "nothing is left in the spool" sh -c "[ -z \"\$(ls '$BOX/spool')\" ]"
finish
