#!/bin/sh
# The systemd unit: without mistake, as tight as the documents say, and fit for the client's exit codes.
# shellcheck source=tests/daemon/lib.sh
. "${top_srcdir:-.}/tests/daemon/lib.sh"

unit=$top/packaging/systemd/tr069-client.service
setting() { sed -n "s/^$1=//p" "$unit"; }

# what the exit codes of tr069-client(8) ask for
check "a crash or a refusal of the system is tried again" [ "$(setting Restart)" = on-failure ]
check "wrong usage and a wrong configuration are not" [ "$(setting RestartPreventExitStatus)" = '2 3' ]
check "for ever" [ "$(setting StartLimitIntervalSec)" = 0 ]
for kind in State Runtime; do
	check "its ${kind}Directory is made, for it alone" [ "$(setting ${kind}Directory) $(setting ${kind}DirectoryMode)" = 'tr069-client 0700' ]
done
check "the polkit rule is for the unit's user" grep -q "subject.user === \"$(setting User)\"" "$top/packaging/polkit/tr069-client.rules"

command -v systemd-analyze >/dev/null || {
	echo "the rest needs systemd-analyze: not tried"
	finish
}
systemd-analyze security --help | grep -q -e '--offline' || {
	echo "the rest needs systemd-analyze security --offline (systemd 250): not tried"
	finish
}
sed "s,^ExecStart=[^ ]*,ExecStart=$CLIENT," "$unit" >"$WORK/tr069-client.service"
check "systemd finds no mistake" sh -c "systemd-analyze verify --man=no '$WORK/tr069-client.service' 2>'$WORK/verify'; ! grep tr069-client '$WORK/verify'"
# a name that is no setting is a warning of its own: the check above can fail
sed 's/^ProtectSystem=/ProtectSystme=/' "$WORK/tr069-client.service" >"$WORK/wrong.service"
check "and would find one" sh -c "systemd-analyze verify --man=no '$WORK/wrong.service' 2>&1 | grep -q ProtectSystme"

systemd-analyze security --offline=true --no-pager "$unit" >"$WORK/security" 2>&1
figure=$(sed -n 's/.*exposure level for tr069-client.service: \([0-9.]*\) .*/\1/p' "$WORK/security")
check "systemd-analyze security has a figure" test -n "$figure"
echo "exposure level: $figure"
check "the figure is what doc/packaging.md says" grep -q -F "exposure level $figure" "$top/doc/packaging.md"
finish
