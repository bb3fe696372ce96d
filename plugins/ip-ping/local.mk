PLUGINS += plugins/ip-ping/ip-ping.la
plugins_ip_ping_ip_ping_la_SOURCES = plugins/ip-ping/ip-ping.c
plugins_ip_ping_ip_ping_la_CPPFLAGS = $(PLUGIN_CPPFLAGS) $(PLUGIN_SYMBOL)ip_ping
plugins_ip_ping_ip_ping_la_LDFLAGS = $(PLUGIN_LDFLAGS)
PLUGIN_CONFS += plugins/ip-ping/40-ip-ping.conf

PLUGIN_TESTS += plugins/ip-ping/test
plugins_ip_ping_test_SOURCES = plugins/ip-ping/test.c plugins/ip-ping/ip-ping.c
plugins_ip_ping_test_CPPFLAGS = $(PLUGIN_CPPFLAGS) $(CUNIT_CFLAGS)
plugins_ip_ping_test_LDADD = $(CUNIT_LIBS)
