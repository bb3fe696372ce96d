PLUGINS += plugins/schedule-inform/schedule-inform.la
plugins_schedule_inform_schedule_inform_la_SOURCES = plugins/schedule-inform/schedule-inform.c
plugins_schedule_inform_schedule_inform_la_CPPFLAGS = $(PLUGIN_CPPFLAGS) $(PLUGIN_SYMBOL)schedule_inform
plugins_schedule_inform_schedule_inform_la_LDFLAGS = $(PLUGIN_LDFLAGS)
PLUGIN_CONFS += plugins/schedule-inform/40-schedule-inform.conf

PLUGIN_TESTS += plugins/schedule-inform/test
plugins_schedule_inform_test_SOURCES = plugins/schedule-inform/test.c plugins/schedule-inform/schedule-inform.c
plugins_schedule_inform_test_CPPFLAGS = $(PLUGIN_CPPFLAGS) $(CUNIT_CFLAGS)
plugins_schedule_inform_test_LDADD = $(CUNIT_LIBS)
