/* Which CWMP version to offer, after what this ACS refused and accepted (digest section 1). */
#include <config.h>

#include "base/text.h"
#include "cwmp/session_internal.h"

#include <stdlib.h>

#define LOG_ROOM "session"
#include "base/log.h"

enum { PROBE_AFTER_MS = 3600 * 1000 };

static int highest_ns(const struct session_config *config) {
    return config->version >= ENVELOPE_NS_1_2 ? ENVELOPE_NS_1_2 : config->version;
}

void version_free(struct version_memory *memory) {
    free(memory->url);
    *memory = (struct version_memory){0};
}

void version_choose(struct version_memory *memory, const struct session_config *config, uint64_t now_ms,
                    int *ret_ns, int *ret_version) {
    const int highest = highest_ns(config);
    int ns;

    if (memory->url == NULL || strcmp(memory->url, config->acs_url) != 0) {
        version_free(memory);
        memory->url = text_dup(config->acs_url); /* without memory: the highest again next time */
    }
    memory->probing = memory->works && memory->doubtful && now_ms >= memory->probe_at_ms;
    ns = memory->ns == 0 || memory->probing || memory->ns > highest ? highest : memory->ns;
    *ret_ns = ns;
    *ret_version = ns == ENVELOPE_NS_1_2 ? config->version : ns;
}

void version_refused(struct version_memory *memory, const struct session_config *config, bool sure) {
    const int highest = highest_ns(config);
    const int now = memory->ns == 0 ? highest : memory->ns;

    if (memory->probing) { /* twice refused, and the lower one works: that is settled */
        memory->probing = false;
        memory->doubtful = false;
        return;
    }
    if (memory->works && !sure) { /* it was accepted before: the status meant something else */
        return;
    }
    memory->works = false;
    if (now > ENVELOPE_NS_1_0) {
        memory->ns = now - 1;
        memory->doubtful = memory->doubtful || !sure;
        log_notice("the ACS may not know cwmp-1-%d; the next session offers cwmp-1-%d", now - 10, now - 11);
    } else {
        memory->ns = 0;
        memory->doubtful = false;
    }
}

void version_accepted(struct version_memory *memory, uint64_t now_ms) {
    if (memory->probing) {
        memory->probing = false;
        memory->doubtful = false;
        memory->ns = 0;
    }
    if (!memory->works && memory->doubtful) {
        memory->probe_at_ms = now_ms + PROBE_AFTER_MS;
    }
    memory->works = true;
}

const char *version_list(int version) {
    static const char *const lists[] = {"1.0", "1.0,1.1", "1.0,1.1,1.2", "1.0,1.1,1.2,1.3",
                                        "1.0,1.1,1.2,1.3,1.4"};
    return version >= 10 && version <= 14 ? lists[version - 10] : lists[4];
}
