/* Deployment units and their execution units: what is installed, who has which instance number, and how one
 * is found (TR-069 A.4.1.10). Kept in the state of the plugin: a value for each unit, written when it
 * changes. */
#ifndef SOFTWARE_MODULES_UNITS_H
#define SOFTWARE_MODULES_UNITS_H

#include <tr069/plugin.h>

enum {
    UNITS_MAX = 32,     /* deployment units */
    EXECUTABLES_MAX = 8 /* execution units of one */
};

enum {
    UUID_SIZE = 36 + 1,
    VERSION_SIZE = 32 * 4 + 1,
    NAME_SIZE = 256 * 4 + 1,
    VENDOR_SIZE = 128 * 4 + 1,
    URL_SIZE = 1024 * 4 + 1,
    EXECUTABLE_SIZE = 64 + 1,
    DUID_SIZE = 64
};

/* What a bundle says of itself: lines KEY=VALUE. */
struct manifest {
    char uuid[UUID_SIZE]; /* empty: none is told */
    char version[VERSION_SIZE], name[NAME_SIZE], description[NAME_SIZE], vendor[VENDOR_SIZE];
    char environment[NAME_SIZE]; /* the name of the one it is made for; empty: any */
    char executables[EXECUTABLES_MAX][EXECUTABLE_SIZE];
    size_t executable_count;
};

struct executable {
    uint32_t instance; /* of ExecutionUnit */
    char name[EXECUTABLE_SIZE];
    bool active;       /* since the start of the client */
    const char *fault; /* ExecutionFaultCode; NULL: NoFault */
    struct unit *unit;
};

struct unit {
    uint32_t instance;        /* of DeploymentUnit; 0: the place is free */
    char duid[DUID_SIZE];     /* under which the back-end has it */
    struct manifest manifest; /* its uuid is there, and small letters */
    char url[URL_SIZE];
    int64_t installed, updated;
    const char *status; /* NULL: Installed */
    struct executable executables[EXECUTABLES_MAX];
};

struct units {
    const struct tr069_host *host;
    struct unit list[UNITS_MAX];
    uint32_t next_unit, next_executable, next_serial;
};

void units_load(struct units *units, const struct tr069_host *host);
/* Factory reset: all numbers begin anew. */
void units_forget(struct units *units);

/* FAULT (9018) if it lacks what must be there. Parts that are too long are cut. */
int manifest_read(const char *text, struct manifest *ret_manifest, struct tr069_fault *fault);

/* 8-4-4-4-12 hexadecimal digits. */
bool uuid_is_good(const char *uuid);
/* One that a name has for ever: RFC 4122 version 3. */
void uuid_of_name(const char *name, char ret_uuid[UUID_SIZE]);

struct unit *units_find(struct units *units, uint32_t instance);
/* Those of that UUID, version and URL (NULL or empty: any), by rising instance; how many. */
size_t units_select(struct units *units, const char *uuid, const char *version, const char *url,
                    struct unit *ret_list[UNITS_MAX]);
size_t units_count(const struct units *units);
/* A name that no unit has had. */
void units_new_duid(const struct units *units, const char *uuid, char ret_duid[DUID_SIZE]);
/* Puts one down, new (unit NULL) or in place of what was there: execution units of the same name keep their
 * numbers. NULL when there is no room. */
struct unit *units_put(struct units *units, struct unit *unit, const char *duid,
                       const struct manifest *manifest, const char *url, int64_t now);
void units_remove(struct units *units, struct unit *unit);

/* "Device.SoftwareModules.ExecutionUnit.1,...": of one unit, or with NULL of all; the active ones only. */
void units_executables(const struct units *units, const struct unit *unit, bool active, char *text,
                       size_t size);

/* Numbers count as numbers, what has more parts is later: < 0, 0, > 0. */
int version_compare(const char *a, const char *b);

#endif
