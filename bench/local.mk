# bench: what scripts/bench builds and runs; no part of an ordinary build.
EXTRA_PROGRAMS = bench/runner bench/floor_curl bench/floor_linked bench/floor_idle bench/floor_response bench/response
CLEANFILES += $(EXTRA_PROGRAMS)
EXTRA_DIST += bench/README.md scripts/bench

bench_runner_SOURCES = bench/runner.c bench/runner.h bench/runner_acs.c bench/runner_tls.c
bench_runner_CPPFLAGS = $(AM_CPPFLAGS) $(GNUTLS_CFLAGS)
bench_runner_LDADD = $(GNUTLS_LIBS)

# The floors: only their libraries, nothing of ours.
bench_floor_curl_SOURCES = bench/floor_curl.c
bench_floor_curl_CPPFLAGS = $(CURL_CFLAGS)
bench_floor_curl_LDADD = $(CURL_LIBS)
# It with the libraries that the client cannot do without: what their loading costs.
bench_floor_linked_SOURCES = bench/floor_curl.c
bench_floor_linked_CPPFLAGS = $(CURL_CFLAGS)
bench_floor_linked_LDFLAGS = $(AM_LDFLAGS) -Wl,--no-as-needed
bench_floor_linked_LDADD = $(CURL_LIBS) $(MHD_LIBS) $(GNUTLS_LIBS) $(XML_LINK) $(CONFUSE_LIBS)
bench_floor_idle_SOURCES = bench/floor_idle.c
bench_floor_idle_CPPFLAGS = $(CURL_CFLAGS) $(MHD_CFLAGS) $(GNUTLS_CFLAGS) $(XML_CFLAGS)
bench_floor_idle_LDADD = $(CURL_LIBS) $(MHD_LIBS) $(GNUTLS_LIBS) $(XML_LIBS)
bench_floor_response_SOURCES = bench/floor_response.c
bench_floor_response_CPPFLAGS = $(XML_CFLAGS)
bench_floor_response_LDADD = $(XML_LIBS)

# Ours: the real model and envelope writer.
bench_response_SOURCES = bench/response.c
bench_response_CPPFLAGS = $(AM_CPPFLAGS) $(XML_CFLAGS)
bench_response_LDADD = core/cwmp/libcwmp.a core/model/libmodel.a core/base/libbase.a $(XML_LIBS) $(GNUTLS_LIBS)

.PHONY: bench-programs
bench-programs: $(EXTRA_PROGRAMS)
