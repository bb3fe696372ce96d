PLUGINS += plugins/reboot/reboot.la
plugins_reboot_reboot_la_SOURCES = plugins/reboot/reboot.c
plugins_reboot_reboot_la_CPPFLAGS = $(PLUGIN_CPPFLAGS) $(PLUGIN_SYMBOL)reboot
plugins_reboot_reboot_la_LDFLAGS = $(PLUGIN_LDFLAGS)
PLUGIN_CONFS += plugins/reboot/40-reboot.conf

PLUGIN_TESTS += plugins/reboot/test
plugins_reboot_test_SOURCES = plugins/reboot/test.c plugins/reboot/reboot.c
plugins_reboot_test_CPPFLAGS = $(PLUGIN_CPPFLAGS) $(CUNIT_CFLAGS)
plugins_reboot_test_LDADD = $(CUNIT_LIBS)
