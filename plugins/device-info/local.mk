PLUGINS += plugins/device-info/device-info.la
plugins_device_info_device_info_la_SOURCES = plugins/device-info/device-info.c plugins/device-info/source.c \
	plugins/device-info/source.h
plugins_device_info_device_info_la_CPPFLAGS = $(PLUGIN_CPPFLAGS) $(PLUGIN_SYMBOL)device_info -I$(top_srcdir)/plugins
plugins_device_info_device_info_la_LDFLAGS = $(PLUGIN_LDFLAGS)
plugins_device_info_device_info_la_LIBADD = plugins/lan/libinterfaces.la
PLUGIN_CONFS += plugins/device-info/10-device-info.conf

PLUGIN_TESTS += plugins/device-info/test
plugins_device_info_test_SOURCES = plugins/device-info/test.c $(plugins_device_info_device_info_la_SOURCES)
plugins_device_info_test_CPPFLAGS = $(PLUGIN_CPPFLAGS) -I$(top_srcdir)/plugins $(CUNIT_CFLAGS)
plugins_device_info_test_LDADD = plugins/lan/libinterfaces.la $(CUNIT_LIBS)
