PLUGINS += plugins/device-logs/device-logs.la
plugins_device_logs_device_logs_la_SOURCES = plugins/device-logs/device-logs.c plugins/device-logs/text.c \
	plugins/device-logs/text.h
plugins_device_logs_device_logs_la_CPPFLAGS = $(PLUGIN_CPPFLAGS) $(PLUGIN_SYMBOL)device_logs
plugins_device_logs_device_logs_la_LDFLAGS = $(PLUGIN_LDFLAGS)
PLUGIN_CONFS += plugins/device-logs/06-device-logs.conf

PLUGIN_TESTS += plugins/device-logs/test
plugins_device_logs_test_SOURCES = plugins/device-logs/test.c $(plugins_device_logs_device_logs_la_SOURCES)
plugins_device_logs_test_CPPFLAGS = $(PLUGIN_CPPFLAGS) $(CUNIT_CFLAGS)
plugins_device_logs_test_LDADD = $(CUNIT_LIBS)
