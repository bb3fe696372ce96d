# core/base: what every room uses. GnuTLS is behind crypto.h, and its users link it.
noinst_LIBRARIES += core/base/libbase.a
core_base_libbase_a_SOURCES = \
	core/base/arena.c core/base/arena.h \
	core/base/buffer.c core/base/buffer.h \
	core/base/clock.c core/base/clock.h \
	core/base/log.c core/base/log.h \
	core/base/text.c core/base/text.h core/base/text_time.c core/base/text_url.c
