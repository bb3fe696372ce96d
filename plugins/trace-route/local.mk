PLUGINS += plugins/trace-route/trace-route.la
plugins_trace_route_trace_route_la_SOURCES = plugins/trace-route/trace-route.c plugins/trace-route/hops.c plugins/trace-route/hops.h
plugins_trace_route_trace_route_la_CPPFLAGS = $(PLUGIN_CPPFLAGS) $(PLUGIN_SYMBOL)trace_route -I$(top_srcdir)/plugins
plugins_trace_route_trace_route_la_LDFLAGS = $(PLUGIN_LDFLAGS)
plugins_trace_route_trace_route_la_LIBADD = plugins/ip-ping/libdiagnostic.la
PLUGIN_CONFS += plugins/trace-route/40-trace-route.conf

PLUGIN_TESTS += plugins/trace-route/test
plugins_trace_route_test_SOURCES = plugins/trace-route/test.c $(plugins_trace_route_trace_route_la_SOURCES)
plugins_trace_route_test_CPPFLAGS = $(PLUGIN_CPPFLAGS) -I$(top_srcdir)/plugins $(CUNIT_CFLAGS)
plugins_trace_route_test_LDADD = plugins/ip-ping/libdiagnostic.la $(CUNIT_LIBS)
