PLUGINS += plugins/download/download.la
plugins_download_download_la_SOURCES = plugins/download/download.c
plugins_download_download_la_CPPFLAGS = $(PLUGIN_CPPFLAGS) $(PLUGIN_SYMBOL)download
plugins_download_download_la_LDFLAGS = $(PLUGIN_LDFLAGS)
PLUGIN_CONFS += plugins/download/50-download.conf

PLUGIN_TESTS += plugins/download/test
plugins_download_test_SOURCES = plugins/download/test.c plugins/download/download.c
plugins_download_test_CPPFLAGS = $(PLUGIN_CPPFLAGS) $(CUNIT_CFLAGS)
plugins_download_test_LDADD = $(CUNIT_LIBS)
