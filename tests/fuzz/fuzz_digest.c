/* Fuzz target of the connection requests' Digest: whatever stands in Authorization, it is read or refused. An
 * 'N' is the nonce of a fresh challenge, so that its table is reached too. */
#include "net/digest.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Its code has 48 digits; `out` has room for size of those and a NUL. */
static void fill_in(const uint8_t *data, size_t size, const char *nonce, size_t length, char *out) {
    for (size_t i = 0; i < size && data[i] != '\0'; i++) {
        if (data[i] == 'N') {
            memcpy(out, nonce, length);
            out += length;
        } else {
            *out++ = (char) data[i];
        }
    }
    *out = '\0';
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const struct digest_request request = {"GET", "/path", "u", "p"};
    struct digest_server server;
    char challenge[DIGEST_CHALLENGE_SIZE];
    if (digest_begin(&server, "r") < 0) {
        abort();
    }
    for (uint64_t now = 0; now < 3; now++) {
        digest_challenge(&server, now, now == 2, challenge);
        const char *nonce = strstr(challenge, "nonce=\"") + strlen("nonce=\"");
        const size_t length = strcspn(nonce, "\"");
        char *text = malloc(size * length + 1); /* exactly as long as it is: a sanitizer sees a step beyond */
        if (text == NULL) {
            abort();
        }
        fill_in(data, size, nonce, length, text);
        if (digest_check(&server, &request, now, text) == DIGEST_RIGHT) {
            abort(); /* nobody guesses the MD5 of a nonce that has just been made */
        }
        free(text);
    }
    return 0;
}
