/* test-acs: the ACS that the project's tests, quickstart and benchmarks talk to.
 *
 *   main.c       the command line, variables, the end
 *   manual.c     --help and its topics
 *   loop.c       the single wait
 *   http.c       libmicrohttpd: requests in, replies out, badly if asked
 *   reply.c      the words after `http`
 *   tls.c        what its connections show of TLS
 *   files.c      GET /files/, PUT
 *   auth.c       Basic and Digest
 *   message.c    reads what the CPE sent
 *   session.c    which POSTs belong together, how a session begins and ends
 *   check.c, check_content.c    what the standard demands of a CPE
 *   validate.c   the schemas; record.c writes messages into files
 *   rpc.c, envelope.c           what the ACS sends
 *   scenario.c   reads the scenario, goes from session to session
 *   engine.c     runs the steps inside a session
 *   expect.c     `expect ...`
 *   settings.c   settings lines
 *   connreq.c    connection requests
 *   control.c    the control socket, --talk
 *   report.c     transcript, failures, violations */
#include <config.h>

#include "acs.h"
#include "base/text.h"
#include "connreq.h"
#include "control.h"
#include "http.h"
#include "manual.h"
#include "scenario.h"
#include "session.h"
#include "tls.h"
#include "validate.h"

#include <getopt.h>
#include <gnutls/gnutls.h>
#include <libxml/parser.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- variables ------------------------------------------------------------------------------------ */

void acs_save(struct acs *acs, const char *name, const char *value) {
    size_t length = strlen(name);
    for (size_t i = 0; i < sizeof acs->variables / sizeof acs->variables[0]; i++) {
        char **place = &acs->variables[i];
        if (*place == NULL || (strncmp(*place, name, length) == 0 && (*place)[length] == '=')) {
            free(*place);
            *place = must_format("%s=%s", name, value);
            return;
        }
    }
}

/* The value of a variable; allocated, NULL for none. */
static char *variable(struct acs *acs, const char *name, size_t length) {
    if (length == 4 && strncmp(name, "base", 4) == 0) {
        return must_dup(server_base(acs));
    }
    if (length == 3 && strncmp(name, "alt", 3) == 0) {
        return must_format("%s://localhost:%u", acs->options.certificate != NULL ? "https" : "http",
                           server_port(acs));
    }
    for (size_t i = 0; i < sizeof acs->variables / sizeof acs->variables[0] && acs->variables[i] != NULL;
         i++) {
        if (strncmp(acs->variables[i], name, length) == 0 && acs->variables[i][length] == '=') {
            return must_dup(acs->variables[i] + length + 1);
        }
    }
    return NULL;
}

char *acs_expand(struct acs *acs, const char *text) {
    struct buffer out;
    buffer_init(&out, BODY_MAX);
    while (*text != '\0') {
        const char *end = *text == '{' ? strchr(text, '}') : NULL;
        char *value = end != NULL ? variable(acs, text + 1, (size_t) (end - text - 1)) : NULL;
        if (value != NULL) {
            (void) buffer_text(&out, value);
            text = end + 1;
        } else {
            (void) buffer_char(&out, *text++);
        }
        free(value);
    }
    char *result = must_dup(buffer_string(&out));
    buffer_free(&out);
    return result;
}

void acs_expand_words(struct acs *acs, const struct words *words, struct words *ret_words) {
    *ret_words = (struct words){.word = must_alloc((words->count + 1) * sizeof(char *))};
    for (size_t i = 0; i < words->count; i++) {
        ret_words->word[ret_words->count++] =
            strchr(words->word[i], '{') != NULL ? acs_expand(acs, words->word[i]) : must_dup(words->word[i]);
    }
}

/* ---- the command line ----------------------------------------------------------------------------- */

enum { OPT_TLS = 256, OPT_TALK, OPT_TOLERATE, OPT_VALIDATE, OPT_TIMEOUT, OPT_STAY, OPT_HELP, OPT_SET };

static const struct option long_options[] = {{"listen", required_argument, NULL, 'l'},
                                             {"tls", required_argument, NULL, OPT_TLS},
                                             {"scenario", required_argument, NULL, 's'},
                                             {"transcript", required_argument, NULL, 't'},
                                             {"record", required_argument, NULL, 'r'},
                                             {"control", required_argument, NULL, 'c'},
                                             {"set", required_argument, NULL, OPT_SET},
                                             {"once", no_argument, NULL, '1'},
                                             {"stay", no_argument, NULL, OPT_STAY},
                                             {"quiet", no_argument, NULL, 'q'},
                                             {"tolerate", required_argument, NULL, OPT_TOLERATE},
                                             {"no-validate", no_argument, NULL, OPT_VALIDATE},
                                             {"timeout", required_argument, NULL, OPT_TIMEOUT},
                                             {"talk", required_argument, NULL, OPT_TALK},
                                             {"help", optional_argument, NULL, OPT_HELP},
                                             {NULL, 0, NULL, 0}};

static int usage(const char *text, const char *what) {
    (void) fprintf(stderr, "test-acs: %s%s (see --help)\n", text, what);
    return 2;
}

static bool parse_listen(struct options *options, const char *text) {
    char *copy = must_dup(text);
    char *colon = strrchr(copy, ':');
    uint64_t port = 0;
    bool good = colon != NULL && parse_number(colon + 1, 65535, &port);
    if (good) {
        *colon = '\0';
        size_t length = strlen(copy);
        if (*copy == '[' && length > 1 && copy[length - 1] == ']') {
            copy[length - 1] = '\0';
            replace_text(&options->listen_address, copy + 1);
        } else {
            replace_text(&options->listen_address, length > 0 ? copy : "0.0.0.0");
        }
        options->port = (unsigned) port;
    }
    free(copy);
    return good;
}

static bool tolerate_list(struct report *report, const char *list) {
    bool good = true;
    while (*list != '\0' && good) {
        char name[80];
        size_t length = strcspn(list, ",");
        (void) snprintf(name, sizeof name, "%.*s", (int) length, list);
        good = report_tolerate(report, name, true);
        list += length + (list[length] == ',' ? 1 : 0);
    }
    return good;
}

static bool set_line(struct acs *acs, const char *line) {
    struct words words = {0};
    char error[300] = "that is no setting";
    bool good = words_split(line, &words, error, sizeof error) == 0 &&
                settings_apply(acs, &words, false, error, sizeof error) > 0;
    if (!good) {
        (void) fprintf(stderr, "test-acs: --set %s: %s\n", line, error);
    }
    words_free(&words);
    return good;
}

/* -1: go on; else the exit code. */
static int take_option(struct acs *acs, int option, char *const *argv) {
    struct options *options = &acs->options;
    switch (option) {
    case 'l':
        return parse_listen(options, optarg) ? -1 : usage("--listen ADDR:PORT, not ", optarg);
    case OPT_TLS:
        if (argv[optind] == NULL) {
            return usage("--tls needs a certificate and a key", "");
        }
        options->certificate = optarg;
        options->key = argv[optind++];
        return -1;
    case 's':
        options->scenario = optarg;
        return -1;
    case 't':
        acs->report.to_file = fopen(optarg, "w");
        return acs->report.to_file != NULL ? -1 : usage("cannot write ", optarg);
    case 'r':
        options->record = optarg;
        return -1;
    case 'c':
        options->control = optarg;
        return -1;
    case OPT_SET:
        return set_line(acs, optarg) ? -1 : 2;
    case '1':
        options->once = true;
        return -1;
    case OPT_STAY:
        options->stay = true;
        return -1;
    case 'q':
        acs->report.to_stdout = NULL;
        return -1;
    case OPT_TOLERATE:
        return tolerate_list(&acs->report, optarg) ? -1 : usage("no such violation in ", optarg);
    case OPT_VALIDATE:
        options->validate = false;
        return -1;
    case OPT_TIMEOUT:
        return parse_seconds(optarg, &options->timeout_ms) ? -1 : usage("--timeout SECONDS, not ", optarg);
    case OPT_HELP:
        return manual_print(optarg != NULL ? optarg : argv[optind]) ? 0 : usage("no such topic", "");
    default:
        return 2;
    }
}

static int parse_options(struct acs *acs, int argc, char **argv) {
    int option = 0;
    while ((option = getopt_long(argc, argv, "l:s:t:r:c:1q", long_options, NULL)) != -1) {
        if (option == OPT_TALK) {
            if (argv[optind] == NULL) {
                return usage("--talk SOCKET 'COMMAND'", "");
            }
            return control_talk(optarg, argv[optind]);
        }
        int code = take_option(acs, option, argv);
        if (code >= 0) {
            return code;
        }
    }
    return optind < argc ? usage("superfluous: ", argv[optind]) : -1;
}

/* ---- running -------------------------------------------------------------------------------------- */

static volatile sig_atomic_t told_to_end;

static void on_signal(int number) {
    (void) number;
    told_to_end = 1;
}

static int each_round(void *user) {
    struct acs *acs = user;
    int wait = server_round(acs);
    if (told_to_end) {
        loop_stop(acs->loop);
    }
    return wait < 0 || wait > 500 ? 500 : wait;
}

static void on_timeout(void *user) {
    struct acs *acs = user;
    report_failure(&acs->report, 0, 0, "the time of --timeout is over");
    loop_stop(acs->loop);
}

static int run(struct acs *acs) {
    struct sigaction action = {.sa_handler = on_signal};
    (void) sigaction(SIGTERM, &action, NULL);
    (void) sigaction(SIGINT, &action, NULL);
    (void) signal(SIGPIPE, SIG_IGN);
    if (acs->options.scenario != NULL) {
        acs->scenario = scenario_load(acs, acs->options.scenario);
        if (acs->scenario == NULL) {
            return 2;
        }
    }
    if (server_start(acs) < 0 ||
        (acs->options.control != NULL && control_start(acs, acs->options.control) < 0)) {
        return 2;
    }
    (void) printf("listening on %s/acs\n", server_base(acs));
    (void) fflush(stdout);
    acs->validator = validator_new(acs->options.validate, &acs->report);
    if (acs->options.timeout_ms > 0) {
        (void) loop_after(acs->loop, acs->options.timeout_ms, on_timeout, acs);
    }
    if (acs->scenario != NULL) {
        scenario_start(acs->scenario);
    }
    if (loop_run(acs->loop, each_round, acs) < 0) {
        return 2;
    }
    if (acs->scenario != NULL && !acs->scenario->finished) {
        report_failure(&acs->report, 0, 0, "the scenario was ended before it was over");
    }
    report_end(&acs->report, acs->session_count, acs->messages);
    return acs->report.failures > 0 ? 1 : 0;
}

static void clean_up(struct acs *acs) {
    FILE *transcript = acs->report.to_file;
    acs->report.to_stdout = NULL; /* the verdict has been given */
    acs->report.to_file = NULL;
    connreq_stop(acs);
    server_stop(acs);
    tls_free(acs);
    control_stop(acs);
    sessions_free(acs);
    scenario_free(acs->scenario);
    validator_free(acs->validator);
    loop_free(acs->loop);
    settings_free(&acs->settings);
    free(acs->options.listen_address);
    for (size_t i = 0; i < sizeof acs->variables / sizeof acs->variables[0]; i++) {
        free(acs->variables[i]);
    }
    if (transcript != NULL) {
        (void) fclose(transcript);
    }
    xmlCleanupParser();
}

int main(int argc, char **argv) {
    struct acs acs = {.options = {.validate = true}, .report = {.to_stdout = stdout}};
    acs.options.listen_address = must_dup("127.0.0.1");
    settings_init(&acs.settings);
    acs.loop = loop_new();
    xmlInitParser();
    int code = parse_options(&acs, argc, argv);
    if (code < 0) {
        code = run(&acs);
    }
    clean_up(&acs);
    return code;
}
