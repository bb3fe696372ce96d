PLUGINS += plugins/platform-android/platform-android.la
plugins_platform_android_platform_android_la_SOURCES = plugins/platform-android/platform-android.c
plugins_platform_android_platform_android_la_CPPFLAGS = $(PLUGIN_CPPFLAGS) $(PLUGIN_SYMBOL)platform_android
plugins_platform_android_platform_android_la_LDFLAGS = $(PLUGIN_LDFLAGS)
PLUGIN_CONFS += plugins/platform-android/04-platform-android.conf

PLUGIN_TESTS += plugins/platform-android/test
plugins_platform_android_test_SOURCES = plugins/platform-android/test.c plugins/platform-android/platform-android.c
plugins_platform_android_test_CPPFLAGS = $(PLUGIN_CPPFLAGS) $(CUNIT_CFLAGS)
plugins_platform_android_test_LDADD = $(CUNIT_LIBS)
