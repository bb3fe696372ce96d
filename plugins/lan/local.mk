PLUGINS += plugins/lan/lan.la
# How network interfaces are found: by this plugin, and by device-info and wifi-ssid.
noinst_LTLIBRARIES += plugins/lan/libinterfaces.la
plugins_lan_libinterfaces_la_SOURCES = plugins/lan/interfaces.c plugins/lan/interfaces.h
plugins_lan_libinterfaces_la_CPPFLAGS = $(PLUGIN_CPPFLAGS) -I$(top_srcdir)/plugins
plugins_lan_lan_la_SOURCES = plugins/lan/lan.c
plugins_lan_lan_la_CPPFLAGS = $(PLUGIN_CPPFLAGS) $(PLUGIN_SYMBOL)lan -I$(top_srcdir)/plugins
plugins_lan_lan_la_LDFLAGS = $(PLUGIN_LDFLAGS)
plugins_lan_lan_la_LIBADD = plugins/lan/libinterfaces.la
PLUGIN_CONFS += plugins/lan/20-lan.conf

PLUGIN_TESTS += plugins/lan/test
plugins_lan_test_SOURCES = plugins/lan/test.c plugins/lan/lan.c
plugins_lan_test_CPPFLAGS = $(PLUGIN_CPPFLAGS) -I$(top_srcdir)/plugins $(CUNIT_CFLAGS)
plugins_lan_test_LDADD = plugins/lan/libinterfaces.la $(CUNIT_LIBS)
