/* The services of struct tr069_host, made from the rooms below. */
#ifndef AGENT_HOST_H
#define AGENT_HOST_H

#include "agent/plugins.h"

void host_init(struct plugin *plugin);
/* Cancels the timers, watches, children, measurements and actions that the plugin still holds. */
void host_release(struct plugin *plugin);

#endif
