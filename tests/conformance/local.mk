# tests/conformance: a test for each row of the conformance list; scripts/conformance plays them
TESTS += tests/conformance/test_fast.sh tests/conformance/test_lib.sh
# put in front of the system's library by LD_PRELOAD; shared objects, though nothing is installed: hence -rpath
check_LTLIBRARIES += tests/conformance/clock.la tests/conformance/names.la
tests_conformance_clock_la_SOURCES = tests/conformance/clock.c
tests_conformance_clock_la_LDFLAGS = -module -avoid-version -shared -rpath /nowhere
tests_conformance_clock_la_LIBADD = -ldl
tests_conformance_names_la_SOURCES = tests/conformance/names.c
tests_conformance_names_la_LDFLAGS = -module -avoid-version -shared -rpath /nowhere
tests_conformance_names_la_LIBADD = -ldl
check_LTLIBRARIES += tests/conformance/tables.la
tests_conformance_tables_la_SOURCES = tests/conformance/tables.c
tests_conformance_tables_la_CPPFLAGS = -I$(top_srcdir)/include
tests_conformance_tables_la_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version -shared -rpath /nowhere
# not of the sanitizers: they are in the program already
tests_conformance_clock_la_CFLAGS = -std=c11 $(WARN_CFLAGS)
tests_conformance_names_la_CFLAGS = -std=c11 $(WARN_CFLAGS)
EXTRA_DIST += tests/conformance/test_fast.sh tests/conformance/test_lib.sh tests/conformance/run tests/conformance/lib.sh tests/conformance/rows.tsv
EXTRA_DIST += tests/conformance/document.awk scripts/conformance
# one a line, so that branches merge
EXTRA_DIST += tests/conformance/bst.sh
EXTRA_DIST += tests/conformance/per.sh
EXTRA_DIST += tests/conformance/ini.sh
EXTRA_DIST += tests/conformance/url.sh
EXTRA_DIST += tests/conformance/inf.sh
EXTRA_DIST += tests/conformance/evt.sh
EXTRA_DIST += tests/conformance/rty.sh
EXTRA_DIST += tests/conformance/htp.sh
EXTRA_DIST += tests/conformance/aut.sh
EXTRA_DIST += tests/conformance/coo.sh
EXTRA_DIST += tests/conformance/red.sh
EXTRA_DIST += tests/conformance/tls.sh
EXTRA_DIST += tests/conformance/soa.sh
EXTRA_DIST += tests/conformance/ver.sh
EXTRA_DIST += tests/conformance/ses.sh
EXTRA_DIST += tests/conformance/not.sh
EXTRA_DIST += tests/conformance/spa.sh
EXTRA_DIST += tests/conformance/gpa.sh
EXTRA_DIST += tests/conformance/upl.sh
EXTRA_DIST += tests/conformance/que.sh
EXTRA_DIST += tests/conformance/sdl.sh
EXTRA_DIST += tests/conformance/sch.sh
EXTRA_DIST += tests/conformance/flt.sh
EXTRA_DIST += tests/conformance/rpc.sh
EXTRA_DIST += tests/conformance/transfers.sh
EXTRA_DIST += tests/conformance/rbt.sh
EXTRA_DIST += tests/conformance/fac.sh
EXTRA_DIST += tests/conformance/dia.sh
EXTRA_DIST += tests/conformance/oth.sh
EXTRA_DIST += tests/conformance/model.awk
EXTRA_DIST += tests/conformance/dmr.sh
EXTRA_DIST += tests/conformance/crq.sh
EXTRA_DIST += tests/conformance/dld.sh
EXTRA_DIST += tests/conformance/tables.sh
EXTRA_DIST += tests/conformance/stb.sh
EXTRA_DIST += tests/conformance/add.sh
EXTRA_DIST += tests/conformance/ali.sh
EXTRA_DIST += tests/conformance/gpn.sh
EXTRA_DIST += tests/conformance/gpv.sh
EXTRA_DIST += tests/conformance/spv.sh
EXTRA_DIST += tests/conformance/dus.sh
EXTRA_DIST += tests/conformance/standby.sh
