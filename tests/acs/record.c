/* Writes received messages into files, so that a validator of one's own can look at them. */
#include <config.h>

#include "record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void record_message(struct acs *acs, unsigned session, const struct request *request,
                    const struct message *message) {
    if (acs->options.record == NULL || request->body.length == 0) {
        return;
    }
    /* the method comes from the peer: letters only */
    char name[100];
    size_t length = 0;
    for (const char *c = message->method; *c != '\0' && length < 80; c++) {
        bool letter = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || *c == '_';
        name[length++] = letter ? *c : '_';
    }
    name[length] = '\0';
    char *path =
        must_format("%s/%06u-s%u-%s%s.xml", acs->options.record, acs->messages, session,
                    length > 0 ? name : "broken", message->kind == MESSAGE_RESPONSE ? "Response" : "");
    FILE *file = fopen(path, "wb");
    bool good =
        file != NULL && fwrite(request->body.data, 1, request->body.length, file) == request->body.length;
    good = (file != NULL && fclose(file) == 0) && good;
    if (!good) {
        report_failure(&acs->report, session, 0, "%s could not be written", path);
    }
    free(path);
}
