PLUGINS += plugins/exec/exec.la
plugins_exec_exec_la_SOURCES = plugins/exec/exec.c plugins/exec/declaration.c plugins/exec/declaration.h
plugins_exec_exec_la_CPPFLAGS = $(PLUGIN_CPPFLAGS) $(PLUGIN_SYMBOL)exec
plugins_exec_exec_la_LDFLAGS = $(PLUGIN_LDFLAGS)
PLUGIN_CONFS += plugins/exec/60-exec.conf

PLUGIN_TESTS += plugins/exec/test
plugins_exec_test_SOURCES = plugins/exec/test.c $(plugins_exec_exec_la_SOURCES)
plugins_exec_test_CPPFLAGS = $(PLUGIN_CPPFLAGS) $(CUNIT_CFLAGS)
plugins_exec_test_LDADD = $(CUNIT_LIBS)
