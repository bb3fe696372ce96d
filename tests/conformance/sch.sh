# shellcheck shell=sh disable=SC2034,SC2154 # of lib.sh
# SCH: ScheduleInform

row_SCH_01() {
	virtual_time
	start
	check "the order" rpc ScheduleInform delay=600 key=later
	forward 595
	check "not before" no_session 0.5
	forward 6
	session 10 "M ScheduleInform:later"
	check "then, with its events" events "3 SCHEDULED" "M ScheduleInform:later"
	check "once" no_session 0.5
}

row_SCH_02() {
	virtual_time
	start
	check "one order" rpc ScheduleInform delay=600 key=first
	check "another" rpc ScheduleInform delay=600 key=second
	check "a later one" rpc ScheduleInform delay=1200 key=third
	forward 610 # both are due when the client looks
	session 10 "M ScheduleInform:second"
	check "two together: one 3 SCHEDULED, an entry each" events "3 SCHEDULED" "M ScheduleInform:first" "M ScheduleInform:second"
	forward 600
	session 10 "M ScheduleInform:third"
	check "the third by itself" events "3 SCHEDULED" "M ScheduleInform:third"
}

row_SCH_03() {
	start
	check "9003 for a delay of 0" faults 9003 ScheduleInform delay=0 key=k
	check "and no session" no_session 1
}
