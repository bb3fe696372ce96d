# tests/daemon: the real daemon, real sockets, real plugins, the test ACS
daemon_tests = tests/daemon/test_main_job.sh tests/daemon/test_reload.sh tests/daemon/test_start.sh
TESTS += $(daemon_tests)
EXTRA_DIST += tests/daemon/lib.sh $(daemon_tests)
