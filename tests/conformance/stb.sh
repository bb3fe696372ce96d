# shellcheck shell=sh disable=SC2034,SC2154 # of lib.sh
# What the rows about TR-135 share: a box of which the plugin's conf file says what its own example says, and whose
# player prints what $BOX/player.txt says.

STB=Device.Services.STBService.1.
MONITORING=${STB}ServiceMonitoring.
ALL_PROFILES='BasicPerfMon ECPerfMon VideoPerfMon AudioPerfMon'

stb_box() {
	[ -d "$BOX" ] || box_new
	# the example, and a line for each option: those of a command line cannot hold blanks
	sed -i 's/^enabled = false/enabled = true/' "$BOX/plugins.d/60-stb-service.conf"
	cat >>"$BOX/plugins.d/60-stb-service.conf" <<-END
		values = {$(sed -n 's/^#   \("[^"]*=[^"]*",*\)$/\1/p' "$top/plugins/stb-service/60-stb-service.conf")}
		command = {"$BOX/player", "%r"}
		set = {"$BOX/player", "set"}
		profiles = {"$(echo "$ALL_PROFILES" | sed 's/ /", "/g')"}
		deadline = 60
		wait = 20000
		cache = 0
	END
	cat >"$BOX/player" <<-END
		#!/bin/sh
		[ "\$1" != set ] || {
			grep -v "^\${2%%=*}=" "$BOX/player.txt" >"$BOX/player.set"
			echo "\$2" >>"$BOX/player.set"
			mv "$BOX/player.set" "$BOX/player.txt"
		}
		cat "$BOX/player.txt"
		echo "\$*" >>"$BOX/asked"
	END
	chmod +x "$BOX/player"
	: >"$BOX/player.txt"
	: >"$BOX/asked"
}

# What the player prints from now on, whole or not at all.
player() {
	printf '%s\n' "$@" >"$BOX/player.new"
	mv "$BOX/player.new" "$BOX/player.txt"
}

asked() { # asked WORDS TIMES: the player was run with them, so often
	tries=0
	until [ "$(grep -c -x -e "$1" "$BOX/asked")" -ge "$2" ]; do
		tries=$((tries + 1))
		[ "$tries" -le 400 ] || {
			echo "not $2 times: $1" && cat "$BOX/asked"
			return 1
		}
		sleep 0.05
	done
	[ "$(grep -c -x -e "$1" "$BOX/asked")" -eq "$2" ]
}
