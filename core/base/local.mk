# core/base: what every room uses. GnuTLS is behind crypto.h: programs link it with this library.
noinst_LIBRARIES += core/base/libbase.a
core_base_libbase_a_SOURCES = \
	core/base/arena.c core/base/arena.h \
	core/base/buffer.c core/base/buffer.h \
	core/base/clock.c core/base/clock.h \
	core/base/crypto.c core/base/crypto.h \
	core/base/log.c core/base/log.h \
	core/base/memory.c core/base/memory.h \
	core/base/network_range.c core/base/network_range.h \
	core/base/store.c core/base/store.h core/base/store_file.c core/base/store_file.h \
	core/base/text.c core/base/text.h core/base/text_time.c core/base/text_url.c
core_base_libbase_a_CPPFLAGS = $(AM_CPPFLAGS) $(GNUTLS_CFLAGS)
