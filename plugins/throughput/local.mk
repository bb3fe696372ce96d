PLUGINS += plugins/throughput/throughput.la
plugins_throughput_throughput_la_SOURCES = plugins/throughput/throughput.c
plugins_throughput_throughput_la_CPPFLAGS = $(PLUGIN_CPPFLAGS) $(PLUGIN_SYMBOL)throughput -I$(top_srcdir)/plugins
plugins_throughput_throughput_la_LDFLAGS = $(PLUGIN_LDFLAGS)
plugins_throughput_throughput_la_LIBADD = plugins/ip-ping/libdiagnostic.la
PLUGIN_CONFS += plugins/throughput/40-throughput.conf

PLUGIN_TESTS += plugins/throughput/test
plugins_throughput_test_SOURCES = plugins/throughput/test.c plugins/throughput/throughput.c
plugins_throughput_test_CPPFLAGS = $(PLUGIN_CPPFLAGS) -I$(top_srcdir)/plugins $(CUNIT_CFLAGS)
plugins_throughput_test_LDADD = plugins/ip-ping/libdiagnostic.la $(CUNIT_LIBS)
