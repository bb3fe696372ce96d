# core/net: the I/O. Its users link libcurl, libmicrohttpd and GnuTLS.
noinst_LIBRARIES += core/net/libnet.a
core_net_libnet_a_SOURCES = \
	core/net/child.c core/net/child.h \
	core/net/loop.c core/net/loop.h core/net/loop_internal.h \
	core/net/loop_jobs.c
core_net_libnet_a_CPPFLAGS = $(AM_CPPFLAGS) $(CURL_CFLAGS) $(MHD_CFLAGS) $(GNUTLS_CFLAGS)
