PLUGINS += plugins/upload/upload.la
plugins_upload_upload_la_SOURCES = plugins/upload/upload.c
plugins_upload_upload_la_CPPFLAGS = $(PLUGIN_CPPFLAGS) $(PLUGIN_SYMBOL)upload
plugins_upload_upload_la_LDFLAGS = $(PLUGIN_LDFLAGS)
PLUGIN_CONFS += plugins/upload/50-upload.conf

PLUGIN_TESTS += plugins/upload/test
plugins_upload_test_SOURCES = plugins/upload/test.c plugins/upload/upload.c
plugins_upload_test_CPPFLAGS = $(PLUGIN_CPPFLAGS) $(CUNIT_CFLAGS)
plugins_upload_test_LDADD = $(CUNIT_LIBS)
