#!/bin/sh
# ChangeDUState on the wire: signed bundles are installed, updated and removed, one report tells a whole request, and
# every way in which an operation ends otherwise has its fault. Rows DUS-01 to DUS-05, EVT-12, EVT-13, EVT-19, FLT-15.
# shellcheck source=tests/daemon/du.sh
. "${top_srcdir:-.}/tests/daemon/du.sh"
make_key maker
make_key stranger
du_acs
bundle one-1.zip "name=One\nversion=1.0\nuuid=$uuid_a\nvendor=Acme\ndescription=The first\nunits=app,helper"
bundle one-1.2.zip "name=One\nversion=1.2\nuuid=$uuid_a\nvendor=Acme\nunits=app,other"
bundle one-1.10.zip "name=One\nversion=1.10\nuuid=$uuid_a\nvendor=Acme\nunits=app"
bundle two.zip "name=Two\nversion=7\nvendor=Acme"
bundle elsewhere.zip "name=Else\nversion=1\nenvironment=osgi"
bundle nameless.zip "version=1"
unsigned unsigned.zip "name=Bad\nversion=1" "bin/app=bad"
cp "$WORK/files/unsigned.zip" "$WORK/files/stranger.zip.raw"
sign stranger stranger.zip
unsigned escape.zip.raw "name=Bad\nversion=1" "../../escaped=bad"
sign maker escape.zip
unsigned twice.zip.raw "name=Bad\nversion=1" "bin/app=bad" "bin/app=worse"
sign maker twice.zip
unsigned plain.zip.raw "name=Plain\nversion=1" "bin=a file" "bin/app=below a file"
sign maker plain.zip
printf '<html>no such file</html>' >"$WORK/files/page.zip"

# ---- a box without the plugins
box_start connection_request_username=cr connection_request_password=crpw
check "the box is there" acs wait-session 60 "1 BOOT"
check "without the plugins there is no ChangeDUState" not_said ChangeDUState rpc now GetRPCMethods
change no "$(install one-1.zip)" >"$WORK/answer" 2>&1
check "and it is refused with 9000" grep -q 9000 "$WORK/answer"
check "nor SoftwareModules" said 9005 rpc now GetParameterNames Device.SoftwareModules. true
box_stop

# ---- from the order to the report
du_start
check "the box is back" acs wait-session 60
check "ChangeDUState is listed" said ChangeDUState rpc now GetRPCMethods
check "two are ordered" change k1 "$(install one-1.zip)" "$(install two.zip)"
check "and told in one report" told k1
check "with two results" results_are 2
check "the first" result 1 UUID=$uuid_a 'DeploymentUnitRef=Device.SoftwareModules.DeploymentUnit.1' Version=1.0 \
	CurrentState=Installed Resolved=true FaultCode=0 \
	'ExecutionUnitRefList=Device.SoftwareModules.ExecutionUnit.1,Device.SoftwareModules.ExecutionUnit.2' \
	'StartTime=20..-.*Z' 'CompleteTime=20..-.*Z'
check "the second, with a UUID made of its name" result 2 'UUID=........-....-3...-[89ab]...-............' Version=7 \
	'DeploymentUnitRef=Device.SoftwareModules.DeploymentUnit.2' CurrentState=Installed FaultCode=0
uuid_two=$(sed -n '2s/.*|UUID=\([^|]*\).*/\1/p' "$WORK/told")
check "with its events" sh -c "grep -q '11 DU STATE CHANGE COMPLETE' '$WORK/transcript' && grep -q 'M ChangeDUState' '$WORK/transcript'"
check "the first is in place" test -n "$(place 'the program of one-1.zip')"
check "others may read it" test "$(stat -c %a "$(place 'the program of one-1.zip')/bin/app")" = 644
check "with all directories" test -d "$(place 'the program of one-1.zip')/data"
check "nothing is left in the spool" sh -c "[ -z \"\$(ls '$BOX/spool')\" ]"
check "the model has it" said 'DeploymentUnit.1.Name.*One' rpc now GetParameterValues Device.SoftwareModules.
check "with its status" grep -q 'DeploymentUnit.1.Status.*Installed' "$WORK/said"
check "and two in all" grep -q 'DeploymentUnitNumberOfEntries.*2' "$WORK/said"
check "and execution units" grep -q 'ExecutionUnit.2.Name.*helper' "$WORK/said"
check "no password is in the model" sh -c "! grep -i password '$WORK/said'"

# ---- updates
check "a newer version by its UUID" change k2 "$(update "$uuid_a" one-1.2.zip)"
check "is told" told k2
check "in the same row, the units that remain" result 1 Version=1.2 CurrentState=Installed FaultCode=0 \
	'DeploymentUnitRef=Device.SoftwareModules.DeploymentUnit.1' \
	'ExecutionUnitRefList=Device.SoftwareModules.ExecutionUnit.1,Device.SoftwareModules.ExecutionUnit.3'
check "the new one is there" test -n "$(place 'the program of one-1.2.zip')"
check "one by its URL, that serves the same" change k3 "$(update '' one-1.2.zip)"
check "is refused" told k3
check "as a version that exists" result 1 FaultCode=9032 CurrentState=Installed Version=1.2 UUID=$uuid_a
check "an older one" change k4 "$(update "$uuid_a" one-1.zip)" "$(update "$uuid_a" one-1.10.zip)"
check "is refused, and what follows is done" told k4
check "with 9030" result 1 FaultCode=9030 CurrentState=Installed Version=1.2
check "1.10 is later than 1.2" result 2 FaultCode=0 Version=1.10
check "the former version went" test -z "$(place 'the program of one-1.2.zip')"
check "two places" test "$(places)" -eq 2

# ---- several versions of one unit
check "a second version beside it" change k5 "$(install one-1.zip "$uuid_a")"
check "is told" told k5
check "as another row" result 1 FaultCode=0 Version=1.0 'DeploymentUnitRef=Device.SoftwareModules.DeploymentUnit.3'
check "an update without a version" change k6 "$(update "$uuid_a" one-1.2.zip)" "$(update "$uuid_a" one-1.2.zip 1.0)" \
	"$(install one-1.2.zip)" "$(install one-1.2.zip "$uuid_b")"
check "is told" told k6
check "is refused with 9031" result 1 FaultCode=9031
check "with one it is done" result 2 FaultCode=0 Version=1.2 'DeploymentUnitRef=Device.SoftwareModules.DeploymentUnit.3'
check "a duplicate has 9026" result 3 FaultCode=9026 CurrentState=Failed
check "another's bundle 9003" result 4 FaultCode=9003 UUID=$uuid_b

# ---- what is refused
check "bad ones are taken over" change bad "$(install unsigned.zip)" "$(install stranger.zip)" "$(install escape.zip)" \
	"$(install page.zip)" "$(install nameless.zip)" "$(install elsewhere.zip)" "$(install gone.zip)" \
	"$(install http://127.0.0.1:1/x)" "$(install ftp://127.0.0.1/x)" "$(install two.zip no-uuid)" \
	"$(install two.zip '' Device.SoftwareModules.ExecEnv.2)" "$(uninstall "$uuid_b")" "$(update "$uuid_b" two.zip)" \
	"$(uninstall nonsense)" "$(install twice.zip)" "$(install plain.zip)"
check "and told" told bad
check "all of them" results_are 16
n=0
for code in 9018 9018 9018 9018 9018 9025 9016 9015 9013 9022 9023 9028 9028 9022 9018 90..; do
	n=$((n + 1))
	check "number $n with $code" result $n FaultCode=$code CurrentState=Failed 'FaultString=..*'
done
check "nothing of them is there" sh -c "! grep -r -l bad '$BOX/bundles' && [ ! -e '$BOX/escaped' ] && [ ! -e '$BOX/bundles/escaped' ]"
check "no leftovers" test "$(places)" -eq 3
many=$(i=0; while [ $i -lt 17 ]; do uninstall $uuid_b; i=$((i + 1)); done)
change many "$many" >"$WORK/answer" 2>&1
check "too many in one request: 9004" grep -q 9004 "$WORK/answer"
change none '<Operations xsi:type="cwmp:InstallOpStruct"><UUID>x</UUID></Operations>' >"$WORK/answer" 2>&1
check "no URL: 9003" grep -q 9003 "$WORK/answer"
change none '<Operations><URL>http://x/y</URL></Operations>' >"$WORK/answer" 2>&1
check "no type: 9003" grep -q 9003 "$WORK/answer"

# ---- the environment is disabled
check "disabled" acs rpc now SetParameterValues Device.SoftwareModules.ExecEnv.1.Enable=xsd:boolean:false
check "then" change off "$(update "$uuid_two")" "$(uninstall "$uuid_two")"
check "it is told" told off
check "no update" result 1 FaultCode=9024
check "but it can be removed" result 2 FaultCode=0 CurrentState=Uninstalled Version=7 \
	'DeploymentUnitRef=Device.SoftwareModules.DeploymentUnit.2' UUID="$uuid_two"
check "enabled" acs rpc now SetParameterValues Device.SoftwareModules.ExecEnv.1.Enable=xsd:boolean:true

# ---- nowhere to put it
box_stop
du_start du-bundles.directory=/dev/full/bundles
check "a directory that cannot be" change nodir "$(install one-1.zip)"
check "is told" told nodir
check "as a failure" result 1 FaultCode=9001 CurrentState=Failed
box_stop

# ---- of the box's own accord, and removing all
du_start
check "all versions of one" change last "$(uninstall "$uuid_a")"
check "are told" told last
check "each of them" results_are 2
check "as removed" result 1 CurrentState=Uninstalled FaultCode=0 'DeploymentUnitRef=Device.SoftwareModules.DeploymentUnit.1'
check "both" result 2 CurrentState=Uninstalled FaultCode=0 'DeploymentUnitRef=Device.SoftwareModules.DeploymentUnit.3'
check "no place is left" test "$(places)" -eq 0
check "a number is not given twice" change again "$(install one-1.zip)"
check "it is told" told again
check "as row 4" result 1 'DeploymentUnitRef=Device.SoftwareModules.DeploymentUnit.4' \
	'ExecutionUnitRefList=Device.SoftwareModules.ExecutionUnit.[4-9],Device.SoftwareModules.ExecutionUnit.[5-9]'
finish
