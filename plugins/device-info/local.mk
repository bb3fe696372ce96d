PLUGINS += plugins/device-info/device-info.la
plugins_device_info_device_info_la_SOURCES = plugins/device-info/device-info.c plugins/device-info/source.c \
	plugins/device-info/source.h
plugins_device_info_device_info_la_CPPFLAGS = $(PLUGIN_CPPFLAGS) $(PLUGIN_SYMBOL)device_info
plugins_device_info_device_info_la_LDFLAGS = $(PLUGIN_LDFLAGS)
PLUGIN_CONFS += plugins/device-info/10-device-info.conf

PLUGIN_TESTS += plugins/device-info/test
plugins_device_info_test_SOURCES = plugins/device-info/test.c $(plugins_device_info_device_info_la_SOURCES)
plugins_device_info_test_CPPFLAGS = $(PLUGIN_CPPFLAGS) $(CUNIT_CFLAGS)
plugins_device_info_test_LDADD = $(CUNIT_LIBS)
