/* plugins/exec: what an item of the option `parameters` says. */
#ifndef EXEC_DECLARATION_H
#define EXEC_DECLARATION_H

#include <tr069/plugin.h>

enum { ARGUMENTS_MAX = 32 };

struct declaration {
    char *words;      /* holds all texts below but path */
    char *path;       /* of the object, below the root, with its dot: "DeviceInfo." */
    const char *name; /* "X_ACME_Mode" */
    enum tr069_root roots;
    enum tr069_type type;
    unsigned flags;
    int64_t min, max;
    bool has_min, has_max; /* both or none */
    size_t max_length;
    char **values; /* ends with NULL; NULL: any */
    const char *get[ARGUMENTS_MAX + 1], *set[ARGUMENTS_MAX + 2];
};

/* Reads one item; *ret is to be freed in any case. 0; -ENOMEM; -EINVAL with *ret_why, a constant. */
int exec_declaration_read(const char *text, struct declaration *ret, const char **ret_why);
void exec_declaration_free(struct declaration *declaration);
/* A value into its type, with the limits that the client does not check for a getter. -EINVAL: it is none. */
int exec_value(const struct declaration *declaration, const char *text, struct tr069_value *ret_value);

#endif
