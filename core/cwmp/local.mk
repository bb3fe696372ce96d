# core/cwmp: the protocol, without I/O. One source a line.
noinst_LIBRARIES += core/cwmp/libcwmp.a
core_cwmp_libcwmp_a_CPPFLAGS = $(AM_CPPFLAGS) $(XML_CFLAGS)
core_cwmp_libcwmp_a_SOURCES =
core_cwmp_libcwmp_a_SOURCES += core/cwmp/events.c core/cwmp/events.h
core_cwmp_libcwmp_a_SOURCES += core/cwmp/fault.c core/cwmp/fault.h
core_cwmp_libcwmp_a_SOURCES += core/cwmp/retry.c core/cwmp/retry.h
core_cwmp_libcwmp_a_SOURCES += core/cwmp/transfers.c core/cwmp/transfers.h
core_cwmp_libcwmp_a_SOURCES += core/cwmp/envelope.h core/cwmp/envelope_reader.h
core_cwmp_libcwmp_a_SOURCES += core/cwmp/envelope_args.c
core_cwmp_libcwmp_a_SOURCES += core/cwmp/envelope_cursor.c core/cwmp/envelope_read.c
core_cwmp_libcwmp_a_SOURCES += core/cwmp/envelope_survey.c
core_cwmp_libcwmp_a_SOURCES += core/cwmp/envelope_write.c
core_cwmp_libcwmp_a_SOURCES += core/cwmp/rpc.c core/cwmp/rpc.h core/cwmp/rpc_call.h
core_cwmp_libcwmp_a_SOURCES += core/cwmp/rpc_attributes.c core/cwmp/rpc_names.c core/cwmp/rpc_objects.c
core_cwmp_libcwmp_a_SOURCES += core/cwmp/rpc_values.c
core_cwmp_libcwmp_a_SOURCES += core/cwmp/session.c core/cwmp/session.h core/cwmp/session_internal.h
core_cwmp_libcwmp_a_SOURCES += core/cwmp/inform.c core/cwmp/report.c core/cwmp/version.c
