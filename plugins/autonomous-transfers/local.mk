PLUGINS += plugins/autonomous-transfers/autonomous-transfers.la
plugins_autonomous_transfers_autonomous_transfers_la_SOURCES = plugins/autonomous-transfers/autonomous-transfers.c
plugins_autonomous_transfers_autonomous_transfers_la_CPPFLAGS = $(PLUGIN_CPPFLAGS) $(PLUGIN_SYMBOL)autonomous_transfers
plugins_autonomous_transfers_autonomous_transfers_la_LDFLAGS = $(PLUGIN_LDFLAGS)
PLUGIN_CONFS += plugins/autonomous-transfers/50-autonomous-transfers.conf

PLUGIN_TESTS += plugins/autonomous-transfers/test
plugins_autonomous_transfers_test_SOURCES = plugins/autonomous-transfers/test.c plugins/autonomous-transfers/autonomous-transfers.c
plugins_autonomous_transfers_test_CPPFLAGS = $(PLUGIN_CPPFLAGS) $(CUNIT_CFLAGS)
plugins_autonomous_transfers_test_LDADD = $(CUNIT_LIBS)
