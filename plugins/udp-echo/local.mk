PLUGINS += plugins/udp-echo/udp-echo.la
plugins_udp_echo_udp_echo_la_SOURCES = plugins/udp-echo/udp-echo.c
plugins_udp_echo_udp_echo_la_CPPFLAGS = $(PLUGIN_CPPFLAGS) $(PLUGIN_SYMBOL)udp_echo -I$(top_srcdir)/plugins
plugins_udp_echo_udp_echo_la_LDFLAGS = $(PLUGIN_LDFLAGS)
plugins_udp_echo_udp_echo_la_LIBADD = plugins/ip-ping/libdiagnostic.la
PLUGIN_CONFS += plugins/udp-echo/40-udp-echo.conf

PLUGIN_TESTS += plugins/udp-echo/test
plugins_udp_echo_test_SOURCES = plugins/udp-echo/test.c plugins/udp-echo/udp-echo.c
plugins_udp_echo_test_CPPFLAGS = $(PLUGIN_CPPFLAGS) -I$(top_srcdir)/plugins $(CUNIT_CFLAGS)
plugins_udp_echo_test_LDADD = plugins/ip-ping/libdiagnostic.la $(CUNIT_LIBS)
