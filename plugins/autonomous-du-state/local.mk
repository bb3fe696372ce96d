PLUGINS += plugins/autonomous-du-state/autonomous-du-state.la
plugins_autonomous_du_state_autonomous_du_state_la_SOURCES = plugins/autonomous-du-state/autonomous-du-state.c
plugins_autonomous_du_state_autonomous_du_state_la_CPPFLAGS = $(PLUGIN_CPPFLAGS) $(PLUGIN_SYMBOL)autonomous_du_state
plugins_autonomous_du_state_autonomous_du_state_la_LDFLAGS = $(PLUGIN_LDFLAGS)
PLUGIN_CONFS += plugins/autonomous-du-state/50-autonomous-du-state.conf

PLUGIN_TESTS += plugins/autonomous-du-state/test
plugins_autonomous_du_state_test_SOURCES = plugins/autonomous-du-state/test.c plugins/autonomous-du-state/autonomous-du-state.c
plugins_autonomous_du_state_test_CPPFLAGS = $(PLUGIN_CPPFLAGS) $(CUNIT_CFLAGS)
plugins_autonomous_du_state_test_LDADD = $(CUNIT_LIBS)
