# tests/daemon: the real daemon, real sockets, real plugins, the test ACS
daemon_tests = tests/daemon/test_main_job.sh tests/daemon/test_reload.sh tests/daemon/test_start.sh \
	tests/daemon/test_complaints.sh \
	tests/daemon/test_kill.sh
TESTS += $(daemon_tests)
check_PROGRAMS += tests/daemon/kill_at
tests_daemon_kill_at_SOURCES = tests/daemon/kill_at.c
EXTRA_DIST += tests/daemon/lib.sh tests/daemon/kill_judge.awk $(daemon_tests)
