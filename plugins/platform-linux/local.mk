PLUGINS += plugins/platform-linux/platform-linux.la
plugins_platform_linux_platform_linux_la_SOURCES = plugins/platform-linux/platform-linux.c
plugins_platform_linux_platform_linux_la_CPPFLAGS = $(PLUGIN_CPPFLAGS) $(PLUGIN_SYMBOL)platform_linux
plugins_platform_linux_platform_linux_la_LDFLAGS = $(PLUGIN_LDFLAGS)
PLUGIN_CONFS += plugins/platform-linux/05-platform-linux.conf

PLUGIN_TESTS += plugins/platform-linux/test
plugins_platform_linux_test_SOURCES = plugins/platform-linux/test.c plugins/platform-linux/platform-linux.c
plugins_platform_linux_test_CPPFLAGS = $(PLUGIN_CPPFLAGS) $(CUNIT_CFLAGS)
plugins_platform_linux_test_LDADD = $(CUNIT_LIBS)
