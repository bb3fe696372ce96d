/* Runs a fuzz target over the files of a corpus, where there is no libFuzzer: a test of `make check`.
 *
 *     fuzz_x [FILE|DIRECTORY]...
 *
 * Without arguments it takes tests/fuzz/corpus/<what comes after "fuzz_" in its name>. */
#include <config.h>

#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned replayed;

static int replay_file(const char *path, size_t size) {
    FILE *file = fopen(path, "rb");
    uint8_t *data = malloc(size > 0 ? size : 1); /* exactly as long: a sanitizer sees a step too far */
    int r = -1;
    if (file != NULL && data != NULL && fread(data, 1, size, file) == size) {
        (void) LLVMFuzzerTestOneInput(data, size);
        replayed++;
        r = 0;
    } else {
        perror(path);
    }
    free(data);
    if (file != NULL) {
        (void) fclose(file);
    }
    return r;
}

static int replay(const char *path) {
    struct stat status;
    struct dirent *entry;
    DIR *directory;
    int r = 0;
    if (stat(path, &status) != 0) {
        perror(path);
        return -1;
    }
    if (!S_ISDIR(status.st_mode)) {
        return replay_file(path, (size_t) status.st_size);
    }
    directory = opendir(path);
    if (directory == NULL) {
        perror(path);
        return -1;
    }
    while (r == 0 && (entry = readdir(directory)) != NULL) {
        char inner[4096];
        if (entry->d_name[0] != '.') {
            (void) snprintf(inner, sizeof inner, "%s/%s", path, entry->d_name);
            r = replay(inner);
        }
    }
    (void) closedir(directory);
    return r;
}

int main(int argc, char **argv) {
    const char *source = getenv("top_srcdir"), *name = strstr(argv[0], "fuzz_");
    char corpus[4096];
    int i, r = 0;
    for (i = 1; i < argc && r == 0; i++) {
        r = replay(argv[i]);
    }
    if (argc == 1) {
        while (name != NULL && strstr(name + 1, "fuzz_") != NULL) {
            name = strstr(name + 1, "fuzz_");
        }
        (void) snprintf(corpus, sizeof corpus, "%s/tests/fuzz/corpus/%s", source != NULL ? source : ".",
                        name != NULL ? name + strlen("fuzz_") : "");
        r = replay(corpus);
    }
    (void) printf("%u inputs replayed\n", replayed);
    return r == 0 && replayed > 0 ? 0 : 1;
}
