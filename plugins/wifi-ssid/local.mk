PLUGINS += plugins/wifi-ssid/wifi-ssid.la
plugins_wifi_ssid_wifi_ssid_la_SOURCES = plugins/wifi-ssid/wifi-ssid.c plugins/wifi-ssid/nl80211.c \
	plugins/wifi-ssid/nl80211.h
plugins_wifi_ssid_wifi_ssid_la_CPPFLAGS = $(PLUGIN_CPPFLAGS) $(PLUGIN_SYMBOL)wifi_ssid -I$(top_srcdir)/plugins
plugins_wifi_ssid_wifi_ssid_la_LDFLAGS = $(PLUGIN_LDFLAGS)
plugins_wifi_ssid_wifi_ssid_la_LIBADD = plugins/lan/libinterfaces.la
PLUGIN_CONFS += plugins/wifi-ssid/20-wifi-ssid.conf

PLUGIN_TESTS += plugins/wifi-ssid/test
plugins_wifi_ssid_test_SOURCES = plugins/wifi-ssid/test.c plugins/wifi-ssid/fake_radio.c \
	$(plugins_wifi_ssid_wifi_ssid_la_SOURCES)
plugins_wifi_ssid_test_CPPFLAGS = $(PLUGIN_CPPFLAGS) -I$(top_srcdir)/plugins $(CUNIT_CFLAGS)
plugins_wifi_ssid_test_LDADD = plugins/lan/libinterfaces.la $(CUNIT_LIBS)
