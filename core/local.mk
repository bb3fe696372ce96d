# One convenience library a room: a test that links only the rooms below proves the import rule.
include core/base/local.mk
include core/model/local.mk
include core/cwmp/local.mk
include core/net/local.mk
include core/agent/local.mk

bin_PROGRAMS += core/tr069-ctl
core_tr069_ctl_SOURCES = core/ctl.c

sbin_PROGRAMS += core/tr069-client
core_tr069_client_SOURCES = core/main.c
core_tr069_client_CFLAGS = $(AM_CFLAGS) -fPIE
core_tr069_client_LDFLAGS = $(AM_LDFLAGS) -pie $(STATIC_PLUGIN_LINK)
# The C library first: most symbols of all others are looked for in it, and the loader looks in this order.
core_tr069_client_LDADD = core/agent/libagent.a core/cwmp/libcwmp.a core/net/libnet.a core/model/libmodel.a \
	core/base/libbase.a $(STATIC_PLUGIN_LIBS) \
	-lc $(GNUTLS_LIBS) $(CURL_LIBS) $(MHD_LIBS) $(CONFUSE_LIBS) $(XML_LINK)
