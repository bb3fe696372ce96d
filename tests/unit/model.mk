# the unit tests of core/model
model_tests = tests/unit/test_model_value tests/unit/test_model_read tests/unit/test_model_set \
	tests/unit/test_model_rows tests/unit/test_model_notify tests/unit/test_model_memory \
	tests/unit/test_model_refresh tests/unit/test_model_alias tests/unit/test_model_save
check_PROGRAMS += $(model_tests)
TESTS += $(model_tests)
EXTRA_DIST += tests/unit/model_help.h

model_test_libs = core/model/libmodel.a core/base/libbase.a $(GNUTLS_LIBS) $(CUNIT_LIBS)
model_test_flags = $(AM_CPPFLAGS) $(CUNIT_CFLAGS)
tests_unit_test_model_value_CPPFLAGS = $(model_test_flags)
tests_unit_test_model_value_LDADD = $(model_test_libs)
tests_unit_test_model_read_SOURCES = tests/unit/test_model_read.c tests/unit/model_help.c
tests_unit_test_model_read_CPPFLAGS = $(model_test_flags)
tests_unit_test_model_read_LDADD = $(model_test_libs)
tests_unit_test_model_refresh_SOURCES = tests/unit/test_model_refresh.c tests/unit/model_help.c
tests_unit_test_model_refresh_CPPFLAGS = $(model_test_flags)
tests_unit_test_model_refresh_LDADD = $(model_test_libs)
tests_unit_test_model_set_SOURCES = tests/unit/test_model_set.c tests/unit/model_help.c
tests_unit_test_model_set_CPPFLAGS = $(model_test_flags)
tests_unit_test_model_set_LDADD = $(model_test_libs)
tests_unit_test_model_rows_SOURCES = tests/unit/test_model_rows.c tests/unit/model_help.c
tests_unit_test_model_rows_CPPFLAGS = $(model_test_flags)
tests_unit_test_model_rows_LDADD = $(model_test_libs)
tests_unit_test_model_alias_SOURCES = tests/unit/test_model_alias.c tests/unit/model_help.c
tests_unit_test_model_alias_CPPFLAGS = $(model_test_flags)
tests_unit_test_model_alias_LDADD = $(model_test_libs)
tests_unit_test_model_save_SOURCES = tests/unit/test_model_save.c tests/unit/model_help.c tests/unit/store_help.c
tests_unit_test_model_save_CPPFLAGS = $(model_test_flags)
tests_unit_test_model_save_LDADD = $(model_test_libs)
tests_unit_test_model_notify_SOURCES = tests/unit/test_model_notify.c tests/unit/model_help.c
tests_unit_test_model_notify_CPPFLAGS = $(model_test_flags)
tests_unit_test_model_notify_LDADD = $(model_test_libs)
tests_unit_test_model_memory_SOURCES = tests/unit/test_model_memory.c tests/unit/model_help.c \
	$(little_memory_files)
tests_unit_test_model_memory_CPPFLAGS = $(model_test_flags) -I$(top_srcdir)/tests $(XML_CFLAGS)
tests_unit_test_model_memory_LDADD = $(model_test_libs) $(XML_LIBS)
tests_unit_test_model_memory_LDFLAGS = $(little_memory_link)
