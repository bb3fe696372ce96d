#!/bin/sh
# A plugin that is not of this tree, built against the installed one by pkg-config alone; and plugins that are
# broken in every way: each is left out with a sentence, and the rest works.
. "${top_srcdir:-.}/tests/daemon/lib.sh"

root=$WORK/root
mkdir -p "$root"
[ -e "$build/Makefile" ] || { echo "skipped: $build is no build tree"; exit 77; }
[ -n "$(ls "$PLUGIN_BUILD"/*/.libs/*.so 2>/dev/null)" ] || { echo "skipped: plugins are linked statically"; exit 77; }
quietly() { # make of this test, not of the one that runs it
	env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL -u CFLAGS -u CPPFLAGS "$@"
}
check "make install DESTDIR=" quietly make -C "$build" install DESTDIR="$root"
pc=$(find "$root" -name tr069-client.pc)
PKG_CONFIG_PATH=${pc%/*} PKG_CONFIG_SYSROOT_DIR=$root
export PKG_CONFIG_PATH PKG_CONFIG_SYSROOT_DIR
check "the .pc file is found" pkg-config --exists --print-errors tr069-client
cp -r "$top/tests/daemon/plugin-template" "$WORK/example"
chmod -R u+w "$WORK/example"
cd "$WORK/example" || exit 99
check "the plugin is built outside of the tree" quietly make all WARN=-Werror
pkg-config --variable=plugindir tr069-client >"$WORK/plugindir"

acs_start
box_new
CLIENT=$(find "$root" -name tr069-client -type f -perm -u+x)
check "the installed client starts" "$CLIENT" --version
# as the box has no libraries of the build tree: the installed plugins
rm "$BOX"/plugins/*
cp "$(find "$root" -name device-info.so | sed 's,/[^/]*$,,')"/*.so "$BOX/plugins/"
start() {
	box_start connection_request_username=cr connection_request_password=crpw
}
start
acs "credentials user=cr password=crpw" >/dev/null
check "the first session" acs wait-session 60
hangup() {
	: >"$WORK/client.log"
	kill -HUP "$client_pid" && box_log 'agent: reloaded'
}
example=Device.DeviceInfo.X_TR069CLIENT_Example
check "the parameter is not there yet" said 9005 "rpc now GetParameterValues $example"
check "nor is the RPC" said 'Fault 9000' 'rpc now X_TR069CLIENT_Echo Text=x'

cp example.so "$BOX/plugins/"
cp 60-example.conf "$BOX/plugins.d/"
check "its conf file comes, SIGHUP" hangup
check "the ACS reads the parameter" said '^hello 0$' "value now $example"
check "it is listed" said "^$example" 'rpc now GetParameterNames Device.DeviceInfo. 1'
check "the RPC is listed" said X_TR069CLIENT_Echo 'rpc now GetRPCMethods'
check "and called" said 'Text.*anybody there' 'rpc now X_TR069CLIENT_Echo "Text=anybody there"'
check "which the parameter tells" said '^hello 1$' "value now $example"
check "a wrong call is 9003" said 'Fault 9003' 'rpc now X_TR069CLIENT_Echo Text='
sed -i 's/"hello"/"good day"/' "$BOX/plugins.d/60-example.conf"
check "its option changes, SIGHUP" hangup
check "the parameter says so" said '^good day 0$' "value now $example"
rm "$BOX/plugins.d/60-example.conf"
check "its conf file goes, SIGHUP" hangup
check "the parameter is gone" said 9005 "rpc now GetParameterValues $example"
check "the RPC is gone from the list" not_said X_TR069CLIENT_Echo 'rpc now GetRPCMethods'
check "and calling it is 9000" said 'Fault 9000' 'rpc now X_TR069CLIENT_Echo Text=x'
check "its object is unmapped" sh -c "! grep -q example.so /proc/$client_pid/maps"

# ---- the broken ones

# plugin NAME: a plugin from stdin
plugin() {
	{
		echo '#include <tr069/plugin.h>'
		echo 'static inline int init_ok(const struct tr069_host *host, void **ret_ctx) { (void) host; *ret_ctx = NULL; return 0; }'
		cat
	} >"$WORK/$1.c"
	# shellcheck disable=SC2046 # several words are meant
	${CC:-cc} -Wall -Wno-override-init -Wno-unused-function -fPIC -shared $(pkg-config --cflags tr069-client) \
		-o "$BOX/plugins/$1.so" "$WORK/$1.c" || fail "plugin $1 does not compile"
	echo 'enabled = true' >"$BOX/plugins.d/70-$1.conf"
}
# left_out NAME PATTERN: after SIGHUP it is left out with such a line, and the client works on
left_out() {
	check "$1: SIGHUP" hangup
	check "$1: it is said why" box_log "error plugins: $1: left out: .*$2" 1
	check "$1: the client works on" acs rpc now GetRPCMethods
	rm -f "$BOX/plugins.d/70-$1.conf" "$BOX/plugins/$1.so"
}

plugin stranger <<-'END'
	TR069_PLUGIN(.name = "stranger", .init = init_ok, .abi_major = TR069_ABI_MAJOR + 1);
END
left_out stranger 'ABI'
plugin newer <<-'END'
	TR069_PLUGIN(.name = "newer", .init = init_ok, .abi_minor = TR069_ABI_MINOR + 1);
END
left_out newer 'newer client'
plugin nobody <<-'END'
	int nothing;
END
left_out nobody 'exports no symbol tr069_plugin'
plugin hollow <<-'END'
	void nowhere(void);
	static int init(const struct tr069_host *host, void **ret_ctx) { nowhere(); return init_ok(host, ret_ctx); }
	TR069_PLUGIN(.name = "hollow", .init = init);
END
left_out hollow 'undefined symbol: nowhere'
plugin other <<-'END'
	TR069_PLUGIN(.name = "another", .init = init_ok);
END
left_out other "calls itself 'another'"
plugin lame <<-'END'
	static int init(const struct tr069_host *host, void **ret_ctx) { (void) host; (void) ret_ctx; return -EIO; }
	TR069_PLUGIN(.name = "lame", .init = init);
END
left_out lame 'Input/output error'
plugin needy <<-'END'
	static const char *const needs[] = {"action:make-coffee", NULL};
	TR069_PLUGIN(.name = "needy", .init = init_ok, .needs = needs);
END
left_out needy 'action:make-coffee'
for broken in text empty torn half; do
	echo 'enabled = true' >"$BOX/plugins.d/70-$broken.conf"
	case $broken in
	text) echo 'this is no object' >"$BOX/plugins/$broken.so" ;;
	empty) : >"$BOX/plugins/$broken.so" ;;
	half) head -c 9000 example.so >"$BOX/plugins/$broken.so" ;;
	torn) head -c 700 example.so >"$BOX/plugins/$broken.so" ;;
	esac
	left_out "$broken" "$broken.so"
done
echo 'enabled = true' >"$BOX/plugins.d/70-absent.conf"
left_out absent 'absent.so'

plugin twin-a <<-'END'
	static int get(const struct tr069_at *at, struct tr069_value *ret_value) { (void) at; return tr069_value_string(ret_value, "a"); }
	static const struct tr069_param params[] = {{"X_ACME_Twin", TR069_STRING, .get = get}, {0}};
	static const struct tr069_object objects[] = {{TR069_BOTH, "DeviceInfo.", params}, {0}};
	TR069_PLUGIN(.name = "twin-a", .objects = objects, .init = init_ok);
END
sed 's/twin-a/twin-b/; /^#include <tr069/d; /init_ok(const/d' "$WORK/twin-a.c" | plugin twin-b
check "twin-a and twin-b: SIGHUP" hangup
check "the error names the path and both plugins" \
	box_log 'twin-b: left out: .*X_ACME_Twin.*twin-a\|twin-b: left out: .*twin-a.*X_ACME_Twin' 1
check "the first one has it" said '^a$' 'value now Device.DeviceInfo.X_ACME_Twin'
rm "$BOX"/plugins.d/70-twin-*
plugin twin-c <<-'END'
	static int call(const struct tr069_call *call) { (void) call; return TR069_OK; }
	static const struct tr069_rpc rpcs[] = {{"X_ACME_Twin", .call = call}, {0}};
	TR069_PLUGIN(.name = "twin-c", .rpcs = rpcs, .init = init_ok);
END
sed 's/twin-c/twin-d/; /^#include <tr069/d; /init_ok(const/d' "$WORK/twin-c.c" | plugin twin-d
check "twin-c and twin-d: SIGHUP" hangup
check "the error names the RPC and both plugins" \
	box_log 'twin-d: left out: .*X_ACME_Twin.*twin-c\|twin-d: left out: .*twin-c.*X_ACME_Twin' 1
check "the first one's is called" acs rpc now X_ACME_Twin
rm "$BOX"/plugins.d/70-twin-*
plugin twin-e <<-'END'
	static int call(const struct tr069_call *call) { (void) call; return TR069_OK; }
	static const struct tr069_rpc rpcs[] = {{"Reboot", .call = call}, {"GetParameterValues", .call = call}, {0}};
	TR069_PLUGIN(.name = "twin-e", .rpcs = rpcs, .init = init_ok);
END
left_out twin-e 'Reboot.*reboot\|GetParameterValues'
for method in BlinkLed X_Blink X__Blink X_ACME_ SetDownload; do
	plugin named <<-END
		static int call(const struct tr069_call *call) { (void) call; return TR069_OK; }
		static const struct tr069_rpc rpcs[] = {{"$method", .call = call}, {0}};
		TR069_PLUGIN(.name = "named", .rpcs = rpcs, .init = init_ok);
	END
	left_out named "the RPC $method is none of TR-069's; .* X_<VENDOR>_NAME"
done

# ---- one that takes file types: the most exact entry wins, of equals the conf file that comes first

mkdir -p "$WORK/files" "$WORK/taken"
printf 'blue\n' >"$WORK/files/blue"
acs files "$WORK/files" >/dev/null
# taker NAME CONF: keeps each file as taken/NAME
taker() {
	sed "s,@name@,$1,; s,@taken@,$WORK/taken/$1," <<-'TAKER' | plugin "$1"
		#include <unistd.h>
		static int accept_it(void *ctx, const struct tr069_transfer *transfer, struct tr069_fault *fault) {
			(void) ctx;
			return strcmp(transfer->target_name, "no") == 0 ? tr069_fault(fault, TR069_REQUEST_DENIED, "not this one") : TR069_OK;
		}
		static int install(const struct tr069_install *install) {
			return link(install->path, "@taken@") == 0 ? TR069_OK : tr069_fault(install->fault, TR069_TRANSFER_CORRUPTED, "@name@ has one");
		}
		static const struct tr069_file files[] = {
			{"X ACME Theme", accept_it, install}, {"3 Vendor Configuration File", accept_it, install}, {0}};
		TR069_PLUGIN(.name = "@name@", .files = files, .init = init_ok);
	TAKER
	mv "$BOX/plugins.d/70-$1.conf" "$BOX/plugins.d/$2"
}
# taken TYPE TARGET: the file of that type comes, and its transfer is reported
taken() {
	acs rpc now Download key=k type="\"$1\"" url="${ACS%/acs}/files/blue" target="$2" && acs wait-session 60 "7 TRANSFER COMPLETE"
}
taker theme-late 30-theme-late.conf
check "a plugin that takes file types: SIGHUP" hangup
taker theme 20-theme.conf
check "one before it: SIGHUP" hangup
check "its own type" taken 'X ACME Theme' theme
check "is its own" cmp "$WORK/files/blue" "$WORK/taken/theme"
check "not that of the one behind it, nor of the Download folder" \
	sh -c "[ ! -e '$WORK/taken/theme-late' ] && [ ! -e '$BOX/download/theme' ]"
rm "$WORK/taken/theme"
check "a type that download has too" taken '3 Vendor Configuration File' conf
check "is the vendor's, by the names of the conf files" cmp "$WORK/files/blue" "$WORK/taken/theme"
check "a less exact entry has the others" taken 'X ACME Other' other
check "in the Download folder" cmp "$WORK/files/blue" "$BOX/download/other"
check "what it refuses is a fault at once" said 'Fault 9001 .*not this one' \
	"rpc now Download key=k type=\"X ACME Theme\" url=${ACS%/acs}/files/blue target=no"
: >"$WORK/client.log"
check "what it cannot put to use" taken 'X ACME Theme' again
check "is reported in its words" box_log 'failed: 9018 theme has one' 1
rm "$BOX"/plugins.d/*-theme*.conf
check "it goes, SIGHUP" hangup
check "then its type is one of the folder again" taken 'X ACME Theme' back
check "as the others are" cmp "$WORK/files/blue" "$BOX/download/back"

# ---- one that crashes

crashing='static int init(const struct tr069_host *host, void **ret_ctx) {
	(void) host; (void) ret_ctx; signal(SIGSEGV, SIG_DFL); raise(SIGSEGV); return 0; }
	TR069_PLUGIN(.name = "wild", .init = init);'
printf '#include <signal.h>\n%s\n' "$crashing" | plugin wild
box_stop
for turn in 1 2 3; do
	: >"$WORK/client.log"
	start
	check "it crashes while starting, $turn" box_ends 139
	[ "$turn" -eq 1 ] || check "that is counted" box_log "wild: the client crashed while starting it, $((turn - 1)) times" 1
done
: >"$WORK/client.log"
start
check "the fourth start leaves it out, loudly" box_log 'error plugins: wild: left out, because the client crashed 3 times'
check "and the box is there" acs wait-session 60
check "it is asked" acs rpc now GetRPCMethods
box_stop
: >"$WORK/client.log"
start
check "so does the fifth" box_log 'wild: left out, because the client crashed 3 times'
check "and it informs" acs wait-session 60
sleep 0.01 # another time stamp
plugin wild <<-'END'
	TR069_PLUGIN(.name = "wild", .init = init_ok);
END
check "it is mended, SIGHUP" hangup
check "then it is loaded again" box_log 'plugins: wild: started' 1
finish
