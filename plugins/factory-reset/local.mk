PLUGINS += plugins/factory-reset/factory-reset.la
plugins_factory_reset_factory_reset_la_SOURCES = plugins/factory-reset/factory-reset.c
plugins_factory_reset_factory_reset_la_CPPFLAGS = $(PLUGIN_CPPFLAGS) $(PLUGIN_SYMBOL)factory_reset
plugins_factory_reset_factory_reset_la_LDFLAGS = $(PLUGIN_LDFLAGS)
PLUGIN_CONFS += plugins/factory-reset/40-factory-reset.conf

PLUGIN_TESTS += plugins/factory-reset/test
plugins_factory_reset_test_SOURCES = plugins/factory-reset/test.c plugins/factory-reset/factory-reset.c
plugins_factory_reset_test_CPPFLAGS = $(PLUGIN_CPPFLAGS) $(CUNIT_CFLAGS)
plugins_factory_reset_test_LDADD = $(CUNIT_LIBS)
