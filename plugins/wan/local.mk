PLUGINS += plugins/wan/wan.la
plugins_wan_wan_la_SOURCES = plugins/wan/wan.c
plugins_wan_wan_la_CPPFLAGS = $(PLUGIN_CPPFLAGS) $(PLUGIN_SYMBOL)wan
plugins_wan_wan_la_LDFLAGS = $(PLUGIN_LDFLAGS)
PLUGIN_CONFS += plugins/wan/20-wan.conf

PLUGIN_TESTS += plugins/wan/test
plugins_wan_test_SOURCES = plugins/wan/test.c plugins/wan/wan.c
plugins_wan_test_CPPFLAGS = $(PLUGIN_CPPFLAGS) $(CUNIT_CFLAGS)
plugins_wan_test_LDADD = $(CUNIT_LIBS)
