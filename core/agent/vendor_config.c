/* What the ACS may have as configuration file: the settings that it and the box's own users made, without
 * secrets. */
#include <config.h>

#include "agent/agent_internal.h"
#include "base/buffer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define VALUES "model/value/"

enum { PATHS_MAX = 1 << 20 };

struct listing {
    struct agent *agent;
    FILE *out;
};

/* NAME=VALUE, control characters and % of the value percent-encoded: a line stays one. */
static int write_line(void *user, const struct model_value *value) {
    const struct listing *listing = user;
    (void) fprintf(listing->out, "%s=", value->path);
    for (size_t i = 0; i < value->length; i++) {
        unsigned char octet = (unsigned char) value->text[i];
        (void) fprintf(listing->out, octet < 0x20 || octet == 0x7f || octet == '%' ? "%%%02X" : "%c", octet);
    }
    (void) fputc('\n', listing->out);
    return 0;
}

/* As the ACS would read it: what is hidden is empty. A value whose parameter is gone is passed over. */
static void write_value(struct listing *listing, const char *path) {
    struct model_selection *selection = NULL;
    struct tr069_fault fault;
    if (model_select(listing->agent->model, &path, 1, &selection, &fault) == TR069_OK) {
        (void) model_selection_values(selection, write_line, listing, &fault);
        model_selection_free(selection);
    }
}

static int note_path(void *user, const char *key, const char *text) {
    (void) text;
    return buffer_append(user, key + strlen(VALUES), strlen(key) - strlen(VALUES) + 1);
}

int vendor_config_produce(const struct tr069_install *file) {
    struct listing listing = {.agent = file->ctx};
    struct buffer paths;
    int fd = open(file->path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    listing.out = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (listing.out == NULL) {
        int r = -errno;
        if (fd >= 0) {
            (void) close(fd);
        }
        return r;
    }
    (void) fprintf(listing.out, "# what differs from the defaults of %s %s, without secrets\n", PACKAGE_NAME,
                   PACKAGE_VERSION);
    buffer_init(&paths, PATHS_MAX); /* first all of them: to read a value may write to the store */
    int r = store_each(listing.agent->store, VALUES, note_path, &paths);
    for (size_t at = 0; r == 0 && at < paths.length; at += strlen(paths.data + at) + 1) {
        write_value(&listing, paths.data + at);
    }
    buffer_free(&paths);
    bool failed = ferror(listing.out) != 0;
    if (fclose(listing.out) != 0 || failed) {
        return -EIO;
    }
    return r < 0 ? r : TR069_OK;
}
