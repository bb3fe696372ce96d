/* The crash-safe store: a small set of keys and text values in one file.
 *
 * In memory it is a sorted array; put and get do no I/O. store_commit() writes the whole file when
 * something changed: temporary file, fsync, previous generation kept as FILE.1, rename, fsync of the
 * directory. The file starts with a magic line and a generation number and ends with a checksum; a
 * torn, truncated or foreign file is reported and the previous generation is used, which is then not
 * replaced before a good new one is in place. After store_commit() returned 0, a power cut at any
 * instant finds this state or a later one. A put that changes nothing does not make the store dirty
 * (flash wears). Digest section 18.
 *
 * Keys are `room/what/...`: printable ASCII without spaces, at most 320 octets. Values are any text
 * without NUL, at most 16 KiB; the whole store at most 1 MiB (-ENOSPC). */
#ifndef BASE_STORE_H
#define BASE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct store;

/* Reads `directory`/state, or the previous generation; makes an empty store if there is neither. The
 * directory must exist. `directory` NULL: in memory only (tests). 0, -ENOMEM, -EBUSY when another
 * process has this store open, or -errno when the directory or a file in it may not be used (a file
 * that is there but may not be read is an error: a box must not forget what it knows for want of a
 * permission). *ret_note (may be NULL) tells what was wrong with a file that was passed over, or is
 * NULL; it lives as long as the store. */
int store_open(const char *directory, struct store **ret_store, const char **ret_note);
void store_free(struct store *store);

/* NULL when there is none. Valid until the next put or remove of that key. */
const char *store_get(const struct store *store, const char *key);
/* Copies both. A NULL value removes. 0, -EINVAL for a bad key or value, -ENOSPC, -ENOMEM. */
int store_put(struct store *store, const char *key, const char *value);
/* The same, but nothing is written for its sake: it is on disk with the next commit that something else
 * needs. */
int store_put_later(struct store *store, const char *key, const char *value);
int store_put_int(struct store *store, const char *key, int64_t number);
/* `otherwise` when there is none, or when it is no number. */
int64_t store_get_int(const struct store *store, const char *key, int64_t otherwise);
/* Removes every key that begins with `prefix`; returns how many. */
size_t store_remove_all(struct store *store, const char *prefix);
/* Calls back for every key that begins with `prefix`, in order, until it returns non-zero, which is
 * then returned. The callback must not change the store. */
int store_each(const struct store *store, const char *prefix,
               int (*call)(void *user, const char *key, const char *value), void *user);

bool store_dirty(const struct store *store);
/* Writes if dirty. 0 or -errno; on failure the store stays dirty and the file holds the old state (or,
 * when only the last step failed, to make sure of the directory, the new one). */
int store_commit(struct store *store);
/* How often the file was written since the store was opened; in memory: how often it would have been. */
uint64_t store_writes(const struct store *store);

#endif
