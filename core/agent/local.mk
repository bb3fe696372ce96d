noinst_LIBRARIES += core/agent/libagent.a
core_agent_libagent_a_CPPFLAGS = $(AM_CPPFLAGS) $(CONFUSE_CFLAGS)
core_agent_libagent_a_SOURCES = \
	core/agent/agent.c core/agent/agent.h core/agent/agent_internal.h \
	core/agent/android_property.c core/agent/android_property.h \
	core/agent/build_prop.c core/agent/build_prop.h \
	core/agent/conf_file.c core/agent/conf_file.h \
	core/agent/config.c core/agent/config.h \
	core/agent/connection.c \
	core/agent/control.c core/agent/control.h \
	core/agent/driver.c core/agent/du_state.c \
	core/agent/heartbeat.c \
	core/agent/host.c core/agent/host.h \
	core/agent/light.c \
	core/agent/management_server.c \
	core/agent/notify.c \
	core/agent/plugin_guard.c core/agent/plugin_guard.h \
	core/agent/plugin_offers.c core/agent/plugin_offers.h \
	core/agent/plugin_open.c core/agent/plugin_open.h \
	core/agent/plugins.c core/agent/plugins.h \
	core/agent/settings.c core/agent/settings.h \
	core/agent/standby.c \
	core/agent/trace.c core/agent/trace.h \
	core/agent/transfer_queue.c core/agent/transfer_work.c \
	core/agent/user.c core/agent/user.h \
	core/agent/vendor_config.c
