PLUGINS += plugins/cancel-transfer/cancel-transfer.la
plugins_cancel_transfer_cancel_transfer_la_SOURCES = plugins/cancel-transfer/cancel-transfer.c
plugins_cancel_transfer_cancel_transfer_la_CPPFLAGS = $(PLUGIN_CPPFLAGS) $(PLUGIN_SYMBOL)cancel_transfer
plugins_cancel_transfer_cancel_transfer_la_LDFLAGS = $(PLUGIN_LDFLAGS)
PLUGIN_CONFS += plugins/cancel-transfer/50-cancel-transfer.conf

PLUGIN_TESTS += plugins/cancel-transfer/test
plugins_cancel_transfer_test_SOURCES = plugins/cancel-transfer/test.c plugins/cancel-transfer/cancel-transfer.c
plugins_cancel_transfer_test_CPPFLAGS = $(PLUGIN_CPPFLAGS) $(CUNIT_CFLAGS)
plugins_cancel_transfer_test_LDADD = $(CUNIT_LIBS)
