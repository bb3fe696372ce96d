PLUGINS += plugins/software-modules/software-modules.la
software_modules_sources = plugins/software-modules/software-modules.c plugins/software-modules/modules.h \
	plugins/software-modules/judge.c plugins/software-modules/operations.c \
	plugins/software-modules/units.c plugins/software-modules/units.h
plugins_software_modules_software_modules_la_SOURCES = $(software_modules_sources)
plugins_software_modules_software_modules_la_CPPFLAGS = $(PLUGIN_CPPFLAGS) $(PLUGIN_SYMBOL)software_modules \
	$(GNUTLS_CFLAGS)
plugins_software_modules_software_modules_la_LDFLAGS = $(PLUGIN_LDFLAGS)
plugins_software_modules_software_modules_la_LIBADD = $(GNUTLS_LIBS)
PLUGIN_CONFS += plugins/software-modules/50-software-modules.conf

PLUGIN_TESTS += plugins/software-modules/test
plugins_software_modules_test_SOURCES = plugins/software-modules/test.c $(software_modules_sources)
plugins_software_modules_test_CPPFLAGS = $(PLUGIN_CPPFLAGS) $(CUNIT_CFLAGS) $(GNUTLS_CFLAGS)
plugins_software_modules_test_LDADD = $(CUNIT_LIBS) $(GNUTLS_LIBS)
