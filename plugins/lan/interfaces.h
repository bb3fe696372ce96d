/* Network interfaces as the kernel shows them below /sys/class/net (`sysfs`): a directory each, with a file
 * for each of its properties. Each look there costs as much as several of another file, so the fewer the
 * better. */
#ifndef LAN_INTERFACES_H
#define LAN_INTERFACES_H

#include <stdbool.h>
#include <stddef.h>

/* The first line of the interface's file, without its end; false, and "", if it cannot be read. */
bool interface_line(const char *sysfs, const char *interface, const char *file, char *ret_line, size_t size);

/* 0 if the file holds no number. */
long interface_number(const char *sysfs, const char *interface, const char *file);

bool interface_has(const char *sysfs, const char *interface, const char *file);

/* A radio: what 802.11 drivers say of themselves, new ones and old ones. */
bool interface_is_radio(const char *sysfs, const char *interface);

typedef bool interface_test(const char *sysfs, const char *interface, void *user);

/* The name of the Ethernet-like interface with the lowest index among those that pass the test (asked last):
 * it is the same one after each boot. Hardware goes before bridges and the like, whose addresses may be made
 * anew at each boot. False, and "", when there is none. */
bool interface_first(const char *sysfs, interface_test *test, void *user, char *ret_name, size_t size);

#endif
