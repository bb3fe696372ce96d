/* Settings lines, of the scenario and of the control socket: one row a word. */
#include <config.h>

#include "acs.h"
#include "http.h"
#include "tls.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct call {
    struct acs *acs;
    struct settings *settings; /* a copy to try on, when dry */
    struct report *report;
    struct chaos *chaos;
    bool dry;
    const char *const *word;
    size_t count;
    char *error;
    size_t error_size;
};

void settings_init(struct settings *settings) {
    char error[8];
    *settings = (struct settings){.cookies = true, .cookie_count = 1, .patience_ms = {5000, 10000, 90000}};
    replace_text(&settings->cookie_name, "session");
    (void) auth_rules_parse(&settings->auth, (const char *[]){"none"}, 1, error, sizeof error);
    (void) auth_rules_parse(&settings->files_auth, (const char *[]){"none"}, 1, error, sizeof error);
}

void settings_free(struct settings *settings) {
    auth_rules_free(&settings->auth);
    auth_rules_free(&settings->files_auth);
    words_free(&settings->behaviour.words);
    words_free(&settings->files_behaviour.words);
    char *texts[] = {settings->cookie_name, settings->cookie_path,  settings->version,
                     settings->use_version, settings->files,        settings->uploads,
                     settings->connreq_url, settings->connreq_user, settings->connreq_password};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        free(texts[i]);
    }
    *settings = (struct settings){0};
}

static int on_auth(struct call *call) {
    return auth_rules_parse(&call->settings->auth, call->word, call->count, call->error, call->error_size);
}

static int on_files_auth(struct call *call) {
    return auth_rules_parse(&call->settings->files_auth, call->word, call->count, call->error,
                            call->error_size);
}

static int on_cookie(struct call *call) {
    struct settings *settings = call->settings;
    settings->cookie_early = false;
    settings->cookie_refresh = false;
    settings->cookie_count = 1;
    for (size_t i = 0; i < call->count; i++) {
        const char *word = call->word[i];
        uint64_t number = 0;
        if (strcmp(word, "on") == 0 || strcmp(word, "off") == 0) {
            settings->cookies = word[1] == 'n';
        } else if (strcmp(word, "early") == 0) {
            settings->cookie_early = true;
        } else if (strcmp(word, "refresh") == 0) {
            settings->cookie_refresh = true;
        } else if (word_value(word, "name") != NULL) {
            replace_text(&settings->cookie_name, word_value(word, "name"));
        } else if (word_value(word, "path") != NULL) {
            const char *path = word_value(word, "path");
            replace_text(&settings->cookie_path, *path != '\0' ? path : NULL);
        } else if (word_value(word, "count") != NULL &&
                   parse_number(word_value(word, "count"), COOKIE_MAX, &number) && number > 0) {
            settings->cookie_count = (unsigned) number;
        } else {
            return -EINVAL;
        }
    }
    return 0;
}

static int on_encoding(struct call *call) {
    static const char *const names[] = {"length", "chunked", "until-close"};
    for (size_t i = 0; i < 3; i++) {
        if (strcmp(names[i], call->word[0]) == 0) {
            call->settings->encoding = (enum encoding) i;
            return 0;
        }
    }
    return -EINVAL;
}

static int on_keep_alive(struct call *call) {
    if (strcmp(call->word[0], "on") != 0 && strcmp(call->word[0], "off") != 0) {
        return -EINVAL;
    }
    call->settings->close = call->word[0][1] == 'f';
    return 0;
}

static int set_version(char **place, const char *word, const char *otherwise) {
    static const char *const versions[] = {"1.0", "1.1", "1.2", "1.3", "1.4"};
    if (strcmp(word, otherwise) == 0) {
        replace_text(place, NULL);
        return 0;
    }
    for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++) {
        if (strcmp(versions[i], word) == 0) {
            replace_text(place, word);
            return 0;
        }
    }
    return -EINVAL;
}

static int on_version(struct call *call) {
    return set_version(&call->settings->version, call->word[0], "auto");
}

static int on_use_version(struct call *call) {
    return set_version(&call->settings->use_version, call->word[0], "none");
}

static int on_linger(struct call *call) {
    return parse_seconds(call->word[0], &call->settings->linger_ms) ? 0 : -EINVAL;
}

static int on_patience(struct call *call) {
    static const char *const names[] = {"close", "reconnect", "silence"};
    for (size_t i = 0; i < call->count; i++) {
        bool known = false;
        for (size_t n = 0; n < 3 && !known; n++) {
            const char *value = word_value(call->word[i], names[n]);
            known = value != NULL && parse_seconds(value, &call->settings->patience_ms[n]);
        }
        if (!known) {
            return -EINVAL;
        }
    }
    return 0;
}

static int on_files(struct call *call) {
    if (call->count > 1 && strcmp(call->word[0], "http") == 0) {
        return behaviour_set(&call->settings->files_behaviour, call->word + 1, call->count - 1, call->error,
                             call->error_size);
    }
    replace_text(&call->settings->files, call->word[0]);
    return call->count == 1 ? 0 : -EINVAL;
}

static int on_uploads(struct call *call) {
    replace_text(&call->settings->uploads, call->word[0]);
    return 0;
}

static int on_behaviour(struct call *call) {
    return behaviour_set(&call->settings->behaviour, call->word, call->count, call->error, call->error_size);
}

static int on_credentials(struct call *call) {
    for (size_t i = 0; i < call->count; i++) {
        const char *word = call->word[i];
        if (word_value(word, "url") != NULL) {
            replace_text(&call->settings->connreq_url, word_value(word, "url"));
        } else if (word_value(word, "user") != NULL) {
            replace_text(&call->settings->connreq_user, word_value(word, "user"));
        } else if (word_value(word, "password") != NULL) {
            replace_text(&call->settings->connreq_password, word_value(word, "password"));
        } else {
            return -EINVAL;
        }
    }
    return 0;
}

static int tolerate(struct call *call, bool yes) {
    for (size_t i = 0; i < call->count; i++) {
        if (!report_tolerate(call->report, call->word[i], yes)) {
            (void) snprintf(call->error, call->error_size, "there is no violation \"%s\"", call->word[i]);
            return -EINVAL;
        }
    }
    return 0;
}

static int on_tolerate(struct call *call) {
    return tolerate(call, true);
}

static int on_insist(struct call *call) {
    return tolerate(call, false);
}

static int on_chaos(struct call *call) {
    static const char *const names[] = {"cut",    "half",    "fault", "retry", "redirect",
                                        "status", "garbage", "close", "seed"};
    struct chaos chaos = {0};
    unsigned sum = 0;
    for (size_t i = 0; i < call->count; i++) {
        bool known = call->count == 1 && strcmp(call->word[i], "off") == 0;
        for (size_t n = 0; n < 9 && !known; n++) {
            const char *value = word_value(call->word[i], names[n]);
            uint64_t number = 0;
            if (value == NULL || !parse_number(value, n < 8 ? 100 : UINT64_MAX, &number)) {
                continue;
            }
            known = true;
            if (n < 8) {
                chaos.share[n] = (unsigned) number;
                sum += (unsigned) number;
            } else {
                chaos.seed = number;
            }
        }
        if (!known) {
            return -EINVAL;
        }
    }
    if (sum > 100) {
        (void) snprintf(call->error, call->error_size, "the shares are %u percent together", sum);
        return -EINVAL;
    }
    *call->chaos = chaos;
    return 0;
}

static int on_tls(struct call *call) {
    return tls_set(call->acs, call->word, call->count, call->dry, call->error, call->error_size);
}

static const struct {
    const char *word;
    size_t least;
    size_t most;
    int (*call)(struct call *call);
    const char *help;
} rows[] = {
    {"auth", 1, 9, on_auth, "none | basic USER PASSWORD | digest USER PASSWORD [algorithm=] [qop=] ..."},
    {"files-auth", 1, 9, on_files_auth, "as auth, for /files/"},
    {"cookie", 1, 9, on_cookie, "on|off [name=session] [path=/acs] [count=N] [early] [refresh]"},
    {"encoding", 1, 1, on_encoding, "length | chunked | until-close"},
    {"keep-alive", 1, 1, on_keep_alive, "on | off"},
    {"version", 1, 1, on_version, "auto | 1.0 ... 1.4"},
    {"use-version", 1, 1, on_use_version, "none | 1.0 ... 1.4"},
    {"linger", 1, 1, on_linger, "SECONDS"},
    {"patience", 1, 3, on_patience, "[close=SECONDS] [reconnect=SECONDS] [silence=SECONDS]"},
    {"files", 1, 9, on_files, "DIRECTORY | http BEHAVIOUR... [times=N]"},
    {"uploads", 1, 1, on_uploads, "DIRECTORY"},
    {"behaviour", 1, 9, on_behaviour, "BEHAVIOUR... [times=N] | off"},
    {"credentials", 1, 3, on_credentials, "[url=] [user=] [password=]"},
    {"tls", 1, 6, on_tls, "[certificate=] [key=] [staple=] [clients=] [priority=] [tickets=on|off]"},
    {"tolerate", 1, 64, on_tolerate, "NAME... | all"},
    {"insist", 1, 64, on_insist, "NAME... | all"},
    {"chaos", 1, 9, on_chaos,
     "cut=P half=P fault=P retry=P redirect=P status=P garbage=P close=P seed=N | off"},
};

int settings_apply(struct acs *acs, const struct words *words, bool dry, char *error, size_t error_size) {
    struct settings trial;
    struct report report = {0};
    struct chaos chaos = {0};
    for (size_t i = 0; words->count > 0 && i < sizeof rows / sizeof rows[0]; i++) {
        if (strcmp(rows[i].word, words->word[0]) != 0) {
            continue;
        }
        struct call call = {.acs = acs,
                            .settings = dry ? &trial : &acs->settings,
                            .report = dry ? &report : &acs->report,
                            .chaos = dry ? &chaos : &acs->chaos,
                            .dry = dry,
                            .word = (const char *const *) words->word + 1,
                            .count = words->count - 1,
                            .error = error,
                            .error_size = error_size};
        settings_init(&trial);
        (void) snprintf(error, error_size, "%s: %s", rows[i].word, rows[i].help);
        int rc = -EINVAL;
        if (call.count >= rows[i].least && call.count <= rows[i].most) {
            rc = rows[i].call(&call);
        }
        settings_free(&trial);
        return rc < 0 ? rc : 1;
    }
    return 0;
}
