#!/bin/sh
# The queue of transfers on the wire: ScheduleDownload in its windows and modes, over a kill; CancelTransfer; what the
# box does of its own accord; ScheduleInform, over a kill too; what older versions of CWMP do not know.
# Rows SDL-01 to SDL-05, QUE-01 to QUE-03, SCH-01 to SCH-03, DLD-19, EVT-04, EVT-11, EVT-17, FLT-02, FLT-14, RPC-01.
# shellcheck source=tests/daemon/lib.sh
. "${top_srcdir:-.}/tests/daemon/lib.sh"

mkdir -p "$WORK/files" "$WORK/record"
head -c 100000 /dev/zero >"$WORK/files/one.bin"
box_new
ln -s "$build/tests/daemon/.libs/own.so" "$BOX/plugins/own.so"
echo 'enabled = true' >"$BOX/plugins.d/60-own.conf"
for ask in idle confirm; do
	cat >"$BOX/$ask" <<-END
		#!/bin/sh
		echo "$ask \$*" >>"$BOX/asked"
		test -e "$BOX/$ask.yes"
	END
	chmod +x "$BOX/$ask"
done
: >"$BOX/asked"
acs_start --set "files $WORK/files" --record "$WORK/record" --tolerate session-broken
files=${ACS%/acs}/files
type='"3 Vendor Configuration File"'
start() {
	box_start connection_request_username=cr connection_request_password=crpw periodic_enable=false idle_poll=1 \
		platform-linux.idle="$BOX/idle" platform-linux.confirm="$BOX/confirm" retry_minimum=1 "$@"
}
schedule() { # schedule KEY NAME WINDOW...
	key=$1 name=$2
	shift 2
	windows=''
	for window in "$@"; do
		windows="$windows window=\"$window\""
	done
	acs rpc now ScheduleDownload key="$key" type="$type" url="$files/$name" "$windows"
}
# ended KEY CODE: it is reported with M ScheduleDownload, and that fault
ended() {
	acs wait-session 60 "\"M ${3:-ScheduleDownload}:$1\"" || return 1
	grep -l "<CommandKey>$1<" "$WORK"/record/*-TransferComplete.xml >"$WORK/reports" || return 1
	test "$(wc -l <"$WORK/reports")" -eq 1 && grep -q "<FaultCode>$2<" "$(cat "$WORK/reports")"
}
queued() { # queued N
	acs rpc now GetQueuedTransfers >"$WORK/queued" || return 1
	test "$(wc -l <"$WORK/queued")" -eq "$1" || { cat "$WORK/queued"; return 1; }
}
there() { cmp "$BOX/download/one.bin" "$WORK/files/one.bin"; }
start
acs credentials user=cr password=crpw >/dev/null
check "the first session" acs wait-session 60 '"1 BOOT"'
acs rpc now GetRPCMethods >"$WORK/methods"
for method in Upload ScheduleDownload CancelTransfer GetQueuedTransfers GetAllQueuedTransfers ScheduleInform; do
	check "$method is listed" grep -q -w "$method" "$WORK/methods"
done
check "nothing is queued" queued 0

# ---- windows
check "refused: overlapping windows" said 'Fault 9003' "rpc now ScheduleDownload key=x type=$type url=$files/one.bin window=\"0,20,2 Immediately,0\" window=\"10,30,2 Immediately,0\""
check "refused: a window that ends before it starts" said 'Fault 9003' "rpc now ScheduleDownload key=x type=$type url=$files/one.bin window=\"20,10,2 Immediately,0\""
check "refused: an unknown mode" said 'Fault 9003' "rpc now ScheduleDownload key=x type=$type url=$files/one.bin window=\"0,10,5 Never,0\""
check "refused: ftp" said 'Fault 9013' "rpc now ScheduleDownload key=x type=$type url=ftp://127.0.0.1/x window=\"0,10,2 Immediately,0\""
check "immediately" schedule now one.bin '0,60,2 Immediately,0'
check "it is done and told" ended now 0
check "the file is there" there
rm "$BOX/download/one.bin"
check "at any time, in the second window" schedule any one.bin '0,1,1 At Any Time,0' '2,60,1 At Any Time,0'
check "it is told, too" ended any 0
check "what is not there, without retries" schedule missing none.bin '0,60,2 Immediately,0'
check "is told with the cause" ended missing 9016
acs files http delay 4 times=1 >/dev/null
check "what takes longer than its window" schedule late one.bin '0,1,2 Immediately,3'
check "is told with 9020" ended late 9020
rm -f "$BOX/download/one.bin"

# ---- idle, confirmed
check "when idle" schedule idle one.bin '0,60,3 When Idle,0'
check "the platform is asked" sh -c "for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do grep -q idle '$BOX/asked' && exit 0; sleep 0.2; done; exit 1"
check "and nothing is fetched" test ! -e "$BOX/download/one.bin"
touch "$BOX/idle.yes"
check "when the box is idle it is done" ended idle 0
check "a user who says no" schedule no one.bin '0,2,4 Confirmation Needed,5'
check "is told with 9020" ended no 9020
check "and was asked once" sh -c "test \$(grep -c confirm '$BOX/asked') = 1"
check "with the file type" grep -q 'confirm.*3 Vendor Configuration File' "$BOX/asked"
touch "$BOX/confirm.yes"
check "a user who says yes" schedule yes one.bin '0,60,4 Confirmation Needed,0'
check "gets it" ended yes 0
rm -f "$BOX/download/one.bin"

# ---- over a kill
check "a window after a kill" schedule killed one.bin '2,60,2 Immediately,0'
box_kill
start
check "is kept" ended killed 0
check "and the file is there" there

# ---- CancelTransfer
check "one for later" acs rpc now Download key=c type="$type" url="$files/one.bin" delay=3600
check "and another of that key" acs rpc now ScheduleDownload key=c type="$type" url="$files/one.bin" window='"3600,7200,2 Immediately,0"'
check "both are queued" queued 2
check "an unknown key is fine" acs rpc now CancelTransfer key=unknown
check "both are still queued" queued 2
check "they are cancelled" acs rpc now CancelTransfer key=c
check "none is queued" queued 0
: >"$WORK/client.log"
acs files http drip 100 100 times=1 >/dev/null
check "one that takes long" acs rpc now Download key=running type="$type" url="$files/one.bin"
check "is under way" box_log 'Download of "3 Vendor Configuration File" from'
check "and in progress" said '^running.2' 'rpc now GetQueuedTransfers'
check "it is cancelled, too" acs rpc now CancelTransfer key=running
check "none is queued any more" queued 0
check "nothing of it is left" sh -c "! ls '$BOX/spool' | grep transfer-"
check "the next one runs" acs rpc now Download key=next type="$type" url="$files/one.bin"
check "to its end" ended next 0 Download
check "and nobody was told of the cancelled ones" sh -c "! grep -l -e '>c<' -e '>running<' '$WORK'/record/*-TransferComplete.xml"

# ---- of its own accord
policy=Device.ManagementServer.AutonomousTransferCompletePolicy
check "without a policy nobody is told" acs rpc now X_TR069CLIENT_Own Direction=Download FileType='"2 Web Content"' URL=http://own.example/1 Code=0
check "the policy" acs rpc now SetParameterValues "$policy.Enable=xsd:boolean:true" "$policy.ResultTypeFilter=Failure"
check "what it does not want" acs rpc now X_TR069CLIENT_Own Direction=Download FileType='"2 Web Content"' URL=http://own.example/2 Code=0
check "what it wants" acs rpc now X_TR069CLIENT_Own Direction=Upload FileType='"2 Vendor Log File"' URL=http://own.example/3 Code=9012
check "is told" acs wait-session 60 '"10 AUTONOMOUS TRANSFER COMPLETE"'
check "as it was" sh -c "tr -d '\n' <\$(ls '$WORK'/record/*-AutonomousTransferComplete.xml) | grep '<AnnounceURL>http://announced.example/</AnnounceURL>.*<TransferURL>http://own.example/3</TransferURL>.*<IsDownload>\(0\|false\)</IsDownload>.*<FileType>4 Vendor Log File</FileType>.*<FaultCode>9012</FaultCode>.*<StartTime>2023-11-14T22:13:20Z</StartTime>'"
check "and nothing else" sh -c "test \$(ls '$WORK'/record/*-AutonomousTransferComplete.xml | wc -l) = 1"
check "one that the client fetches" acs rpc now X_TR069CLIENT_Own Direction=Download FileType="$type" URL="$files/none.bin"
check "is told, too" acs wait-session 60 '"10 AUTONOMOUS TRANSFER COMPLETE"'

# ---- ScheduleInform
check "refused: no delay" said 'Fault 9003' 'rpc now ScheduleInform delay=0 key=x'
check "two Informs for later" acs rpc now ScheduleInform delay=1 key=first
check "the other one" acs rpc now ScheduleInform delay=4 key=second
check "the first one comes" said '3 SCHEDULED' 'wait-session 30 "M ScheduleInform:first"'
box_kill
start
check "the second one, after a kill" said '3 SCHEDULED' 'wait-session 30 "M ScheduleInform:second"'
check "each with its key only" sh -c "! grep -l 'first' \$(grep -l '>second<' '$WORK'/record/*-Inform.xml)"
sleep 1
check "and once" sh -c "test \$(grep -l '>second<' '$WORK'/record/*-Inform.xml | wc -l) = 1"

# ---- older versions
box_stop
start cwmp_version=1.1
check "CWMP 1.1" acs wait-session 60
check "knows GetAllQueuedTransfers" said GetAllQueuedTransfers 'rpc now GetRPCMethods'
check "and not ScheduleDownload" not_said ScheduleDownload 'rpc now GetRPCMethods'
check "which is refused" said 'Fault 9000' 'rpc now CancelTransfer key=x'
check "a tone file waits" acs rpc now Download key=tone type='"4 Tone File"' url="$files/one.bin" delay=3600
check "and can be named" said 'X 0A1B2C 4 Tone File' 'rpc now GetAllQueuedTransfers'
box_stop
start cwmp_version=1.0
check "CWMP 1.0" acs wait-session 60
check "does not know GetAllQueuedTransfers" said 'Fault 9000' 'rpc now GetAllQueuedTransfers'
check "but GetQueuedTransfers" said tone 'rpc now GetQueuedTransfers'
finish
