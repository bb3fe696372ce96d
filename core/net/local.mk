# core/net: the I/O. Its users link libcurl, libmicrohttpd and GnuTLS.
noinst_LIBRARIES += core/net/libnet.a
core_net_libnet_a_SOURCES = \
	core/net/acs_client.c core/net/acs_client.h \
	core/net/child.c core/net/child.h \
	core/net/connection_request.c core/net/connection_request.h \
	core/net/cookies.c core/net/cookies.h \
	core/net/datagram.c core/net/datagram.h \
	core/net/digest.c core/net/digest.h \
	core/net/fetch.c core/net/fetch.h \
	core/net/http.c core/net/http.h core/net/http_error.c core/net/http_head.c \
	core/net/http_internal.h core/net/http_setup.c core/net/http_ticket.c core/net/http_tls.c \
	core/net/loop.c core/net/loop.h core/net/loop_internal.h \
	core/net/loop_jobs.c \
	core/net/measure.c core/net/measure.h \
	core/net/network.c core/net/network.h \
	core/net/send.c core/net/send.h
core_net_libnet_a_CPPFLAGS = $(AM_CPPFLAGS) $(CURL_CFLAGS) $(MHD_CFLAGS) $(GNUTLS_CFLAGS)
