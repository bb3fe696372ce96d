PLUGINS += plugins/firmware/firmware.la
# What checks an archive and who signed it: of this plugin, and of du-bundles.
noinst_LTLIBRARIES += plugins/firmware/libsigned.la
plugins_firmware_libsigned_la_SOURCES = plugins/firmware/archive.c plugins/firmware/archive.h \
	plugins/firmware/cause.c plugins/firmware/cause.h plugins/firmware/certificates.c \
	plugins/firmware/certificates.h plugins/firmware/minizip.c plugins/firmware/minizip.h \
	plugins/firmware/signature.c plugins/firmware/signature.h
plugins_firmware_libsigned_la_CPPFLAGS = $(PLUGIN_CPPFLAGS) $(GNUTLS_CFLAGS) $(TASN1_CFLAGS) $(MINIZIP_CFLAGS)
plugins_firmware_libsigned_la_LIBADD = $(GNUTLS_LIBS) $(TASN1_LIBS) $(MINIZIP_LINK)
firmware_sources = plugins/firmware/firmware.c plugins/firmware/version.c plugins/firmware/version.h
plugins_firmware_firmware_la_SOURCES = $(firmware_sources)
plugins_firmware_firmware_la_CPPFLAGS = $(PLUGIN_CPPFLAGS) $(PLUGIN_SYMBOL)firmware \
	$(GNUTLS_CFLAGS) $(TASN1_CFLAGS) $(MINIZIP_CFLAGS)
plugins_firmware_firmware_la_LDFLAGS = $(PLUGIN_LDFLAGS)
plugins_firmware_firmware_la_LIBADD = plugins/firmware/libsigned.la $(GNUTLS_LIBS) $(TASN1_LIBS) $(MINIZIP_LINK)
PLUGIN_CONFS += plugins/firmware/60-firmware.conf

PLUGIN_TESTS += plugins/firmware/test
plugins_firmware_test_SOURCES = plugins/firmware/test.c plugins/firmware/test_sign.c plugins/firmware/test_sign.h plugins/firmware/image_help.c plugins/firmware/image_help.h \
	$(firmware_sources)
plugins_firmware_test_CPPFLAGS = $(PLUGIN_CPPFLAGS) $(CUNIT_CFLAGS) $(GNUTLS_CFLAGS) $(TASN1_CFLAGS) $(MINIZIP_CFLAGS)
plugins_firmware_test_LDADD = plugins/firmware/libsigned.la $(CUNIT_LIBS) $(GNUTLS_LIBS) $(TASN1_LIBS) $(MINIZIP_LIBS)
check_PROGRAMS += plugins/firmware/make_image
plugins_firmware_make_image_SOURCES = plugins/firmware/make_image.c plugins/firmware/image_help.c \
	plugins/firmware/image_help.h
plugins_firmware_make_image_CPPFLAGS = $(MINIZIP_CFLAGS)
plugins_firmware_make_image_LDADD = $(MINIZIP_LIBS)
EXTRA_DIST += scripts/sign-firmware
