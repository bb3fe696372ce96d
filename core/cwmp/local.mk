# core/cwmp: the protocol, without I/O. One source a line.
noinst_LIBRARIES += core/cwmp/libcwmp.a
core_cwmp_libcwmp_a_CPPFLAGS = $(AM_CPPFLAGS) $(XML_CFLAGS)
core_cwmp_libcwmp_a_SOURCES =
core_cwmp_libcwmp_a_SOURCES += core/cwmp/fault.c core/cwmp/fault.h
core_cwmp_libcwmp_a_SOURCES += core/cwmp/retry.c core/cwmp/retry.h
core_cwmp_libcwmp_a_SOURCES += core/cwmp/transfers.c core/cwmp/transfers.h
