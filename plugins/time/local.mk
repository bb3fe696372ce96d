PLUGINS += plugins/time/time.la
plugins_time_time_la_SOURCES = plugins/time/time.c
plugins_time_time_la_CPPFLAGS = $(PLUGIN_CPPFLAGS) $(PLUGIN_SYMBOL)time
plugins_time_time_la_LDFLAGS = $(PLUGIN_LDFLAGS)
PLUGIN_CONFS += plugins/time/30-time.conf

PLUGIN_TESTS += plugins/time/test
plugins_time_test_SOURCES = plugins/time/test.c plugins/time/time.c
plugins_time_test_CPPFLAGS = $(PLUGIN_CPPFLAGS) $(CUNIT_CFLAGS)
plugins_time_test_LDADD = $(CUNIT_LIBS)
