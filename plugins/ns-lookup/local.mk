EXTRA_DIST += plugins/ns-lookup/40-ns-lookup.conf
if HAVE_CARES
PLUGINS += plugins/ns-lookup/ns-lookup.la
PLUGIN_CONFS += plugins/ns-lookup/40-ns-lookup.conf
PLUGIN_TESTS += plugins/ns-lookup/test
check_PROGRAMS += plugins/ns-lookup/name_server
endif
plugins_ns_lookup_ns_lookup_la_SOURCES = plugins/ns-lookup/ns-lookup.c plugins/ns-lookup/query.c plugins/ns-lookup/query.h
plugins_ns_lookup_ns_lookup_la_CPPFLAGS = $(PLUGIN_CPPFLAGS) $(PLUGIN_SYMBOL)ns_lookup -I$(top_srcdir)/plugins $(CARES_CFLAGS)
plugins_ns_lookup_ns_lookup_la_LDFLAGS = $(PLUGIN_LDFLAGS)
plugins_ns_lookup_ns_lookup_la_LIBADD = plugins/ip-ping/libdiagnostic.la $(CARES_LIBS)

plugins_ns_lookup_test_SOURCES = plugins/ns-lookup/test.c plugins/ns-lookup/answers.c plugins/ns-lookup/answers.h \
	plugins/ns-lookup/ns-lookup.c plugins/ns-lookup/query.c plugins/ns-lookup/query.h
plugins_ns_lookup_test_CPPFLAGS = $(PLUGIN_CPPFLAGS) -I$(top_srcdir)/plugins $(CUNIT_CFLAGS) $(CARES_CFLAGS)
plugins_ns_lookup_test_LDADD = plugins/ip-ping/libdiagnostic.la $(CUNIT_LIBS) $(CARES_LIBS)
plugins_ns_lookup_name_server_SOURCES = plugins/ns-lookup/name_server.c plugins/ns-lookup/answers.c plugins/ns-lookup/answers.h
plugins_ns_lookup_name_server_CPPFLAGS = -I$(top_srcdir)/plugins
