PLUGINS += plugins/queued-transfers/queued-transfers.la
plugins_queued_transfers_queued_transfers_la_SOURCES = plugins/queued-transfers/queued-transfers.c
plugins_queued_transfers_queued_transfers_la_CPPFLAGS = $(PLUGIN_CPPFLAGS) $(PLUGIN_SYMBOL)queued_transfers
plugins_queued_transfers_queued_transfers_la_LDFLAGS = $(PLUGIN_LDFLAGS)
PLUGIN_CONFS += plugins/queued-transfers/50-queued-transfers.conf

PLUGIN_TESTS += plugins/queued-transfers/test
plugins_queued_transfers_test_SOURCES = plugins/queued-transfers/test.c plugins/queued-transfers/queued-transfers.c
plugins_queued_transfers_test_CPPFLAGS = $(PLUGIN_CPPFLAGS) $(CUNIT_CFLAGS)
plugins_queued_transfers_test_LDADD = $(CUNIT_LIBS)
