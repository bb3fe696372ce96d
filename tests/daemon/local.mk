# tests/daemon: the real daemon, real sockets, real plugins, the test ACS
# one a line, so that branches merge
daemon_tests = tests/daemon/test_bad_plugins.sh
daemon_tests += tests/daemon/test_clock.sh
daemon_tests += tests/daemon/test_complaints.sh
daemon_tests += tests/daemon/test_data_model.sh
daemon_tests += tests/daemon/test_factory_reset.sh
daemon_tests += tests/daemon/test_files.sh
daemon_tests += tests/daemon/test_firmware_config.sh
daemon_tests += tests/daemon/test_held.sh
daemon_tests += tests/daemon/test_kill.sh
daemon_tests += tests/daemon/test_main_job.sh
daemon_tests += tests/daemon/test_malformed.sh
daemon_tests += tests/daemon/test_network.sh
daemon_tests += tests/daemon/test_platform.sh
daemon_tests += tests/daemon/test_plugin_out_of_tree.sh
daemon_tests += tests/daemon/test_reload.sh
daemon_tests += tests/daemon/test_soak.sh
daemon_tests += tests/daemon/test_start.sh
daemon_tests += tests/daemon/test_user.sh
TESTS += $(daemon_tests)
check_PROGRAMS += tests/daemon/drive tests/daemon/kill_at tests/daemon/poke
tests_daemon_drive_SOURCES = tests/daemon/drive.c
tests_daemon_kill_at_SOURCES = tests/daemon/kill_at.c
tests_daemon_poke_SOURCES = tests/daemon/poke.c
# a shared object, though nothing of it is installed: hence -rpath
check_LTLIBRARIES += tests/daemon/bad.la
tests_daemon_bad_la_SOURCES = tests/daemon/bad.c
tests_daemon_bad_la_CPPFLAGS = -I$(top_srcdir)/include
tests_daemon_bad_la_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version -shared -rpath /nowhere
check_LTLIBRARIES += tests/daemon/properties.la tests/daemon/properties_old.la
tests_daemon_properties_la_SOURCES = tests/daemon/properties.c
tests_daemon_properties_la_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version -shared -rpath /nowhere
tests_daemon_properties_old_la_SOURCES = tests/daemon/properties.c
tests_daemon_properties_old_la_CPPFLAGS = $(AM_CPPFLAGS) -DBEFORE_ANDROID_8
tests_daemon_properties_old_la_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version -shared -rpath /nowhere
EXTRA_DIST += tests/daemon/lib.sh tests/daemon/kill_judge.awk tests/daemon/soak.sh scripts/soak $(daemon_tests)
