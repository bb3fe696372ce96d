PLUGINS += plugins/schedule-download/schedule-download.la
plugins_schedule_download_schedule_download_la_SOURCES = plugins/schedule-download/schedule-download.c
plugins_schedule_download_schedule_download_la_CPPFLAGS = $(PLUGIN_CPPFLAGS) $(PLUGIN_SYMBOL)schedule_download
plugins_schedule_download_schedule_download_la_LDFLAGS = $(PLUGIN_LDFLAGS)
PLUGIN_CONFS += plugins/schedule-download/50-schedule-download.conf

PLUGIN_TESTS += plugins/schedule-download/test
plugins_schedule_download_test_SOURCES = plugins/schedule-download/test.c plugins/schedule-download/schedule-download.c
plugins_schedule_download_test_CPPFLAGS = $(PLUGIN_CPPFLAGS) $(CUNIT_CFLAGS)
plugins_schedule_download_test_LDADD = $(CUNIT_LIBS)
