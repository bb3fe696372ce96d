/* Network interfaces as the kernel shows them below /sys/class/net (`sysfs`): a directory each, with a file
 * for each of its properties. Each look there costs as much as several of another file, and most of that is
 * the way to the directory: so it is opened once for all questions about an interface. */
#ifndef LAN_INTERFACES_H
#define LAN_INTERFACES_H

#include <stdbool.h>
#include <stddef.h>

/* The directory of one: a descriptor, which the caller closes; negative if there is no such interface. */
int interface_open(const char *sysfs, const char *name);

/* The first line of the interface's file, without its end; false, and "", if it cannot be read. */
bool interface_line(int interface, const char *file, char *ret_line, size_t size);

/* 0 if the file holds no number. */
long interface_number(int interface, const char *file);

bool interface_has(int interface, const char *file);

/* A radio: what 802.11 drivers say of themselves, new ones and old ones. */
bool interface_is_radio(int interface);

typedef void interface_show(void *user, const char *name, int interface);

/* Shows each interface that there is; its descriptor is closed behind the call. */
void interface_each(const char *sysfs, interface_show *show, void *user);

typedef bool interface_test(int interface, void *user);

/* The name of the Ethernet-like interface with the lowest index among those that pass the test (asked last):
 * it is the same one after each boot. Hardware goes before bridges and the like, whose addresses may be made
 * anew at each boot. False, and "", when there is none. */
bool interface_first(const char *sysfs, interface_test *test, void *user, char *ret_name, size_t size);

#endif
