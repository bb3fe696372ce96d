PLUGINS += plugins/lan/lan.la
plugins_lan_lan_la_SOURCES = plugins/lan/lan.c
plugins_lan_lan_la_CPPFLAGS = $(PLUGIN_CPPFLAGS) $(PLUGIN_SYMBOL)lan
plugins_lan_lan_la_LDFLAGS = $(PLUGIN_LDFLAGS)
PLUGIN_CONFS += plugins/lan/20-lan.conf

PLUGIN_TESTS += plugins/lan/test
plugins_lan_test_SOURCES = plugins/lan/test.c plugins/lan/lan.c
plugins_lan_test_CPPFLAGS = $(PLUGIN_CPPFLAGS) $(CUNIT_CFLAGS)
plugins_lan_test_LDADD = $(CUNIT_LIBS)
