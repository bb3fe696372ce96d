PLUGINS += plugins/du-bundles/du-bundles.la
du_bundles_sources = plugins/du-bundles/du-bundles.c plugins/du-bundles/extract.c plugins/du-bundles/extract.h
plugins_du_bundles_du_bundles_la_SOURCES = $(du_bundles_sources)
plugins_du_bundles_du_bundles_la_CPPFLAGS = $(PLUGIN_CPPFLAGS) $(PLUGIN_SYMBOL)du_bundles -I$(top_srcdir)/plugins $(MINIZIP_CFLAGS)
plugins_du_bundles_du_bundles_la_LDFLAGS = $(PLUGIN_LDFLAGS)
plugins_du_bundles_du_bundles_la_LIBADD = plugins/firmware/libsigned.la $(MINIZIP_LINK)
PLUGIN_CONFS += plugins/du-bundles/60-du-bundles.conf

PLUGIN_TESTS += plugins/du-bundles/test
plugins_du_bundles_test_SOURCES = plugins/du-bundles/test.c $(du_bundles_sources) \
	plugins/firmware/test_sign.c plugins/firmware/test_sign.h \
	plugins/firmware/image_help.c plugins/firmware/image_help.h
plugins_du_bundles_test_CPPFLAGS = $(PLUGIN_CPPFLAGS) -I$(top_srcdir)/plugins $(CUNIT_CFLAGS) $(GNUTLS_CFLAGS) $(MINIZIP_CFLAGS)
plugins_du_bundles_test_LDADD = plugins/firmware/libsigned.la $(CUNIT_LIBS) $(GNUTLS_LIBS) $(MINIZIP_LIBS)
