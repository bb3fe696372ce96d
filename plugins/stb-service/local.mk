PLUGINS += plugins/stb-service/stb-service.la
plugins_stb_service_stb_service_la_SOURCES = plugins/stb-service/stb-service.c plugins/stb-service/stb.h \
	plugins/stb-service/tables.c plugins/stb-service/values.c plugins/stb-service/program.c \
	plugins/stb-service/figures.c plugins/stb-service/monitoring.c
plugins_stb_service_stb_service_la_CPPFLAGS = $(PLUGIN_CPPFLAGS) $(PLUGIN_SYMBOL)stb_service
plugins_stb_service_stb_service_la_LDFLAGS = $(PLUGIN_LDFLAGS)
PLUGIN_CONFS += plugins/stb-service/60-stb-service.conf

PLUGIN_TESTS += plugins/stb-service/test
plugins_stb_service_test_SOURCES = plugins/stb-service/test.c plugins/stb-service/test_box.h \
	$(plugins_stb_service_stb_service_la_SOURCES)
plugins_stb_service_test_CPPFLAGS = $(PLUGIN_CPPFLAGS) $(CUNIT_CFLAGS)
plugins_stb_service_test_LDADD = $(CUNIT_LIBS)

PLUGIN_TESTS += plugins/stb-service/test_monitoring
plugins_stb_service_test_monitoring_SOURCES = plugins/stb-service/test_monitoring.c plugins/stb-service/test_box.h \
	$(plugins_stb_service_stb_service_la_SOURCES)
plugins_stb_service_test_monitoring_CPPFLAGS = $(PLUGIN_CPPFLAGS) $(CUNIT_CFLAGS)
plugins_stb_service_test_monitoring_LDADD = $(CUNIT_LIBS)
