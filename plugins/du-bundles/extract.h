/* Bundles in a directory: each is a directory of its own, whole or not there. For a worker thread. */
#ifndef DU_BUNDLES_EXTRACT_H
#define DU_BUNDLES_EXTRACT_H

#include <stdatomic.h>
#include <stdbool.h>

#include <tr069/plugin.h>

/* A plain name, not hidden. */
bool bundle_name_is_good(const char *name);
/* Unpacks an archive that was checked (plugins/firmware/archive.h) beside `name`, and puts it into its place
 * in one step; what was there is replaced. OK; FAULT 9018, 9027 (no space), 9001; then nothing has changed.
 */
int bundle_put(const char *directory, const char *name, const char *archive, const atomic_bool *cancel,
               struct tr069_fault *fault);
/* Away in one step, then removed. 0, also when it is not there, or -errno. */
int bundle_remove(const char *directory, const char *name);
/* All that is in the directory. */
int bundle_remove_all(const char *directory);

#endif
