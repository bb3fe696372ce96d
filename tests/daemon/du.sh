# shellcheck shell=sh disable=SC2154,SC2034
# tests/daemon/du.sh: for tests of deployment units, after lib.sh: signed bundles, a box that takes them.
#
#   bundle NAME MANIFEST ENTRY...   makes $WORK/files/NAME, signed by the maker; \n in MANIFEST for a new line
#   du_start [OPTION...]            the box, with the maker's certificate
#   change KEY OPERATION...         ChangeDUState in a session now: OPERATION is what the functions below print
#   install URL [UUID] / update UUID [URL] [VERSION] / uninstall UUID [VERSION]
#   told KEY                        waits for its DUStateChangeComplete and puts it into $WORK/told, a line a result
#   result N OPERATOR...            what the Nth result of it has to have: FIELD=GLOB...
# shellcheck source=tests/daemon/lib.sh
[ -n "${WORK:-}" ] || . "${top_srcdir:-.}/tests/daemon/lib.sh"

MAKE_IMAGE=$build/plugins/firmware/make_image
mkdir -p "$WORK/files" "$WORK/keys" "$WORK/record"
uuid_a=11111111-2222-3333-4444-555555555555
uuid_b=aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee

make_key() { # make_key NAME
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=$1" -days 2 \
		-keyout "$WORK/keys/$1.key" -out "$WORK/keys/$1.pem" 2>/dev/null || fail "openssl makes no key"
}
sign() { # sign KEY FILE: FILE.raw becomes FILE
	"$top/scripts/sign-firmware" --cert "$WORK/keys/$1.pem" --key "$WORK/keys/$1.key" "$WORK/files/$2.raw" \
		"$WORK/files/$2" || fail "sign-firmware $2"
}
unsigned() { # unsigned NAME MANIFEST ENTRY...
	name=$1 manifest=$2
	shift 2
	"$MAKE_IMAGE" "$WORK/files/$name" "META-INF/deployment-unit=$manifest\n" "$@" || fail "make_image $name"
}
bundle() {
	unsigned "$1.raw" "$2" "bin/app=the program of $1" "data/:0" "${3:-data/text=some}"
	sign maker "$1"
}

du_box() {
	[ -d "$BOX" ] || box_new
	for conf in 50-software-modules 60-du-bundles 50-autonomous-du-state; do
		sed -i 's/^enabled = false/enabled = true/' "$BOX/plugins.d/$conf.conf"
	done
}
du_start() {
	du_box
	box_start connection_request_username=cr connection_request_password=crpw retry_minimum=1 keep_free=0 \
		du-bundles.directory="$BOX/bundles" du-bundles.certificates="$WORK/keys/maker.pem" "$@"
}
du_acs() {
	acs_start --set "files $WORK/files" --record "$WORK/record"
	acs "credentials user=cr password=crpw" >/dev/null
}

element() { [ -z "$2" ] || printf '<%s>%s</%s>' "$1" "$2" "$1"; }
url_of() {
	case $1 in
	'' | *://*) printf '%s' "$1" ;;
	*) printf '%s' "${ACS%/acs}/files/$1" ;;
	esac
}
install() { # install URL [UUID [ENVIRONMENT]]
	printf '<Operations xsi:type="cwmp:InstallOpStruct"><URL>%s</URL>%s%s</Operations>' "$(url_of "$1")" \
		"$(element UUID "${2:-}")" "$(element ExecutionEnvRef "${3:-}")"
}
update() { # update UUID [URL [VERSION]]
	printf '<Operations xsi:type="cwmp:UpdateOpStruct">%s%s%s</Operations>' "$(element UUID "$1")" \
		"$(element Version "${3:-}")" "$(element URL "$(url_of "${2:-}")")"
}
uninstall() { # uninstall UUID [VERSION [ENVIRONMENT]]
	printf '<Operations xsi:type="cwmp:UninstallOpStruct"><UUID>%s</UUID>%s%s</Operations>' "$1" \
		"$(element Version "${2:-}")" "$(element ExecutionEnvRef "${3:-}")"
}
request() { # request KEY OPERATION...
	key=$1
	shift
	printf '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" '
	printf 'xmlns:cwmp="urn:dslforum-org:cwmp-1-2" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soap:Header>'
	printf '<cwmp:ID soap:mustUnderstand="1">{id}</cwmp:ID></soap:Header><soap:Body><cwmp:ChangeDUState>'
	printf '%s' "$@"
	printf '%s</cwmp:ChangeDUState></soap:Body></soap:Envelope>\n' "$(element CommandKey "$key")"
}
change() { # change KEY OPERATION...
	request "$@" >"$WORK/change.xml"
	acs rpc now raw "$WORK/change.xml"
}

# told KEY: exactly one report of that key; its results in $WORK/told, a line each: FIELD=VALUE separated by '|'.
told() {
	tries=0
	until grep -l "<CommandKey>$1</CommandKey>" "$WORK"/record/*-DUStateChangeComplete.xml 2>/dev/null |
		grep -q .; do
		tries=$((tries + 1))
		[ "$tries" -le 600 ] || {
			echo "no DUStateChangeComplete for $1"
			return 1
		}
		sleep 0.05
	done
	set -- "$(grep -l "<CommandKey>$1</CommandKey>" "$WORK"/record/*-DUStateChangeComplete.xml)"
	[ "$(echo "$1" | wc -l)" -eq 1 ] || return 1
	results "$1"
}
results() {
	{ tr -d '\n' <"$1" && echo; } | sed -e 's/<Results>/\n&/g' |
		sed -n -e 's/^<Results>\(.*\)<\/Results>.*/\1/' -e 't keep' -e d -e ': keep' \
			-e 's/<Fault>//; s/<\/Fault>//; s/<\([A-Za-z]*\)\/>/<\1><\/\1>/g' \
			-e 's/<\([A-Za-z]*\)>\([^<]*\)<\/[A-Za-z]*>/|\1=\2/g' -e 's/$/|/p' >"$WORK/told"
	cat "$WORK/told"
}
# result N FIELD=VALUE...: VALUE is a pattern
result() {
	line=$(sed -n "$1p" "$WORK/told")
	shift
	for wanted in "$@"; do
		printf '%s\n' "$line" | grep -q -e "|$wanted|" || {
			echo "not $wanted: $line"
			return 1
		}
	done
}
results_are() { [ "$(wc -l <"$WORK/told")" -eq "$1" ]; }
# The directory in which a bundle's version lies.
place() { # place TEXT-OF-bin/app
	grep -l -x -e "$1" "$BOX"/bundles/*/bin/app 2>/dev/null | sed 's,/bin/app$,,'
}
places() { find "$BOX/bundles" -mindepth 1 -maxdepth 1 2>/dev/null | wc -l; }
