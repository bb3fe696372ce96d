PLUGINS += plugins/ip-ping/ip-ping.la
# What every diagnostic has in common: of this plugin, and of the others that are ordered by a DiagnosticsState.
noinst_LTLIBRARIES += plugins/ip-ping/libdiagnostic.la
plugins_ip_ping_libdiagnostic_la_SOURCES = plugins/ip-ping/diagnostic.c plugins/ip-ping/diagnostic.h
plugins_ip_ping_libdiagnostic_la_CPPFLAGS = $(PLUGIN_CPPFLAGS) -I$(top_srcdir)/plugins
plugins_ip_ping_ip_ping_la_SOURCES = plugins/ip-ping/ip-ping.c
plugins_ip_ping_ip_ping_la_CPPFLAGS = $(PLUGIN_CPPFLAGS) $(PLUGIN_SYMBOL)ip_ping -I$(top_srcdir)/plugins
plugins_ip_ping_ip_ping_la_LDFLAGS = $(PLUGIN_LDFLAGS)
plugins_ip_ping_ip_ping_la_LIBADD = plugins/ip-ping/libdiagnostic.la
PLUGIN_CONFS += plugins/ip-ping/40-ip-ping.conf

PLUGIN_TESTS += plugins/ip-ping/test
plugins_ip_ping_test_SOURCES = plugins/ip-ping/test.c plugins/ip-ping/ip-ping.c
plugins_ip_ping_test_CPPFLAGS = $(PLUGIN_CPPFLAGS) -I$(top_srcdir)/plugins $(CUNIT_CFLAGS)
plugins_ip_ping_test_LDADD = plugins/ip-ping/libdiagnostic.la $(CUNIT_LIBS)
PLUGIN_TESTS += plugins/ip-ping/test_diagnostic
plugins_ip_ping_test_diagnostic_SOURCES = plugins/ip-ping/test_diagnostic.c
plugins_ip_ping_test_diagnostic_CPPFLAGS = $(PLUGIN_CPPFLAGS) -I$(top_srcdir)/plugins $(CUNIT_CFLAGS)
plugins_ip_ping_test_diagnostic_LDADD = plugins/ip-ping/libdiagnostic.la $(CUNIT_LIBS)
