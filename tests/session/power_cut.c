/* See power_cut.h. */
#include <config.h>

#include "power_cut.h"

#include "world.h"

#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OWN "10 AUTONOMOUS TRANSFER COMPLETE|" /* one event for all of them */

enum { STATE_MAX = 2 * 1024 * 1024 };

/* ---- The ledger -------------------------------------------------------------------------------- */

static void add_item(struct ledger_list *list, const char *item) {
    if (list->count < LEDGER_MAX) {
        (void) text_copy(list->items[list->count++], LEDGER_TEXT, item);
    }
}

static void add(struct ledger_list *list, const char *code, const char *key) {
    char item[LEDGER_TEXT];
    (void) snprintf(item, sizeof item, "%s|%s", code, key);
    add_item(list, item);
}

static size_t find(const struct ledger_list *list, const char *item) {
    size_t i = 0;
    while (i < list->count && strcmp(list->items[i], item) != 0) {
        i++;
    }
    return i;
}

static bool has(const struct ledger_list *list, const char *item) {
    return find(list, item) < list->count;
}

static bool take(struct ledger_list *list, const char *item) {
    size_t i = find(list, item);
    if (i == list->count) {
        return false;
    }
    list->count--;
    memmove(list->items[i], list->items[i + 1], (list->count - i) * sizeof list->items[0]);
    return true;
}

/* Of digest section 8. `2 PERIODIC` is put down when a session could not deliver it. */
static bool must_survive(const char *item, bool failed) {
    return text_starts(item, "0 ") || text_starts(item, "3 ") || text_starts(item, "M Reboot|") ||
           text_starts(item, "M ScheduleInform|") || text_starts(item, "M X_") ||
           (failed && (text_starts(item, "2 ") || text_starts(item, "X ")));
}

/* Delivered by the InformResponse. `1 BOOT` comes along with M Reboot. */
static bool must_not_return(const char *item) {
    return must_survive(item, true) || text_starts(item, "4 ") || text_starts(item, "6 ") ||
           text_starts(item, "8 ");
}

void power_cut_added(struct world *w, const char *code, const char *key) {
    add(&w->ledger.added, code, key);
}

void power_cut_ended(struct world *w, const char *code, const char *key) {
    add(&w->ledger.reports, code, key);
}

void power_cut_forgot(struct world *w) {
    memset(&w->ledger, 0, sizeof w->ledger);
}

/* ---- Messages ---------------------------------------------------------------------------------- */

/* The text of the next <NAME>; "" for an empty element. Where it ends, NULL: there is none. */
static const char *element(const char *at, const char *name, char *out, size_t size) {
    char open[32], empty[32];
    const char *found, *other;
    (void) snprintf(open, sizeof open, "<%s>", name);
    (void) snprintf(empty, sizeof empty, "<%s/>", name);
    found = strstr(at, open);
    other = strstr(at, empty);
    if (other != NULL && (found == NULL || other < found)) {
        out[0] = '\0';
        return other + strlen(empty);
    }
    if (found == NULL) {
        return NULL;
    }
    found += strlen(open);
    (void) snprintf(out, size, "%.*s", (int) strcspn(found, "<"), found);
    return found + strcspn(found, "<");
}

static void read_events(const char *inform, struct ledger_list *ret_list) {
    char code[LEDGER_TEXT / 2], key[LEDGER_TEXT / 2];
    ret_list->count = 0;
    while (inform != NULL && (inform = element(inform, "EventCode", code, sizeof code)) != NULL) {
        inform = element(inform, "CommandKey", key, sizeof key);
        add(ret_list, code, key);
    }
}

static bool is_sent(const struct session_output *out, const char *name) {
    return out->length > 0 && strstr(out->body, name) != NULL;
}

/* "M METHOD|KEY" of the ledger for a TransferComplete. */
static void report_of(const struct ledger_list *reports, const char *message, char out[LEDGER_TEXT]) {
    char key[LEDGER_TEXT / 2] = "";
    if (strstr(message, "<cwmp:AutonomousTransferComplete>") != NULL) {
        (void) text_copy(out, LEDGER_TEXT, OWN);
        return;
    }
    (void) element(message, "CommandKey", key, sizeof key);
    (void) snprintf(out, LEDGER_TEXT, "M Download|%s", key);
    for (size_t i = 0; i < reports->count; i++) {
        if (strcmp(strchr(reports->items[i], '|') + 1, key) == 0) {
            (void) text_copy(out, LEDGER_TEXT, reports->items[i]);
            return;
        }
    }
}

void power_cut_answer(struct world *w, const char *answer) {
    char report[LEDGER_TEXT];
    if (session_state(w->box.session) == SESSION_REQUESTING && strstr(answer, "Response") != NULL) {
        report_of(&w->ledger.reports, w->output.body, report);
        if (take(&w->ledger.reports, report)) {
            add_item(&w->ledger.reported, report);
        }
    }
}

/* ---- The other box ----------------------------------------------------------------------------- */

struct other {
    struct world *w;
    const char *directory;
    struct test_box box;
    struct session_output output;
    struct ledger_list informed;  /* of its first Inform */
    struct ledger_list completed; /* TransferCompletes */
};

static int copy_state(const char *from, const char *to) {
    char path[FAKE_DIRECTORY_SIZE + 16];
    static char data[STATE_MAX];
    size_t length = 0;
    FILE *file;
    (void) snprintf(path, sizeof path, "%s/state", from);
    file = fopen(path, "r");
    if (file == NULL) {
        return 0; /* nothing was ever stored */
    }
    length = fread(data, 1, sizeof data, file);
    (void) fclose(file);
    (void) snprintf(path, sizeof path, "%s/state", to);
    file = fopen(path, "w");
    if (file == NULL || fwrite(data, 1, length, file) != length || fclose(file) != 0) {
        return -1;
    }
    return 0;
}

static double half(void) {
    return 0.5;
}

static int other_start(struct other *o) {
    const struct session_setup setup = {.config = &o->w->config, .uniform = half, .user = o};
    char error[256];
    o->directory = fake_directory("session-other");
    if (copy_state(o->w->directory, o->directory) < 0) {
        return -1;
    }
    o->box.now = o->w->box.now;
    memcpy(o->box.software, o->w->box.software, sizeof o->box.software);
    return test_box_open(&o->box, o->directory, &setup, false, error, sizeof error);
}

static void other_stop(struct other *o) {
    test_box_close(&o->box);
    store_free(o->box.store);
    fake_directory_remove(o->directory);
}

static enum session_verdict other_answer(struct other *o, const char *name) {
    char text[512];
    int length = snprintf(text, sizeof text,
                          "<E:Envelope xmlns:E=\"http://schemas.xmlsoap.org/soap/envelope/\" "
                          "xmlns:c=\"urn:dslforum-org:cwmp-1-2\"><E:Body><c:%s/></E:Body></E:Envelope>",
                          name);
    return session_answer(o->box.session, 200, text, (size_t) length, NULL, &o->box.now, &o->output);
}

/* One whole session of an ACS that only listens. */
static bool other_session(struct other *o) {
    enum session_verdict verdict;
    (void) model_changes_scan(o->box.model);
    verdict = session_start(o->box.session, &o->box.now, &o->output);
    if (verdict == SESSION_WAIT) {
        o->box.now.mono_ms = o->output.wait_until_ms;
        verdict = session_resume(o->box.session, &o->box.now, &o->output);
    }
    if (verdict == SESSION_DONE) {
        return true; /* nothing to tell */
    }
    if (verdict != SESSION_SEND || !is_sent(&o->output, "<cwmp:Inform>")) {
        return false;
    }
    read_events(o->output.body, &o->informed);
    verdict = other_answer(o, "InformResponse");
    while (verdict == SESSION_SEND && (is_sent(&o->output, "<cwmp:TransferComplete>") ||
                                       is_sent(&o->output, "<cwmp:AutonomousTransferComplete>"))) {
        char report[LEDGER_TEXT];
        const bool own = is_sent(&o->output, "<cwmp:AutonomousTransferComplete>");
        report_of(&o->w->ledger.reports, o->output.body, report);
        add_item(&o->completed, report);
        verdict = other_answer(o, own ? "AutonomousTransferCompleteResponse" : "TransferCompleteResponse");
    }
    if (verdict == SESSION_SEND && o->output.length == 0) {
        verdict = session_answer(o->box.session, 204, NULL, 0, NULL, &o->box.now, &o->output);
    }
    return verdict == SESSION_DONE;
}

/* ---- Judging ----------------------------------------------------------------------------------- */

static void judge_events(struct other *o, bool failed) {
    struct ledger *ledger = &o->w->ledger;
    /* What did not fit into the Inform comes in the next one. */
    const bool full = ledger->told.count >= 64 || o->w->config.max_message < 4096;
    for (size_t i = 0; i < ledger->told.count; i++) {
        const char *item = ledger->told.items[i];
        if (!ledger->acknowledged && must_survive(item, failed) && !has(&o->informed, item)) {
            complain(o->w, "a power cut now loses %s", item);
        }
        if (ledger->acknowledged && !full && must_not_return(item) && !has(&ledger->added, item) &&
            has(&o->informed, item)) {
            complain(o->w, "after a power cut now %s is told again", item);
        }
    }
}

static void judge_reports(struct other *o) {
    struct ledger *ledger = &o->w->ledger;
    struct ledger_list informed = o->informed, completed = o->completed, reports = ledger->reports;
    for (size_t i = 0; i < reports.count; i++) {
        const char *item = reports.items[i];
        if (strcmp(item, OWN) == 0 ? !has(&informed, item) : !take(&informed, item)) {
            complain(o->w, "a power cut now loses %s", item);
        }
        if (!take(&completed, item)) {
            complain(o->w, "a power cut now loses the TransferComplete of %s", item);
        }
    }
    for (size_t i = 0; i < ledger->reported.count; i++) {
        if (has(&completed, ledger->reported.items[i])) { /* those that were due are taken */
            complain(o->w, "after a power cut now %s is reported again", ledger->reported.items[i]);
        }
    }
}

static int write_value(void *user, const struct model_value *value) {
    struct buffer *out = user;
    (void) buffer_format(out, "%s=%.*s\n", value->path, (int) value->length, value->text);
    return 0;
}

static int write_attributes(void *user, const struct model_attributes *attributes) {
    struct buffer *out = user;
    (void) buffer_format(out, "%s %d %s\n", attributes->path, attributes->notification,
                         attributes->access_list);
    return 0;
}

/* What the ACS has set, as text. */
static void read_settings(struct test_box *box, struct buffer *out) {
    static const char *const paths[] = {"Device.Test.Text", "Device.Test.Number", "Device.Test.Flag",
                                        "Device.Test.Row.", "Device.DeviceInfo.ProvisioningCode"};
    struct model_selection *selection;
    struct tr069_fault fault;
    char secret[300] = "";
    if (model_select(box->model, paths, sizeof paths / sizeof paths[0], &selection, &fault) != 0) {
        return;
    }
    (void) model_selection_values(selection, write_value, out, &fault);
    (void) model_selection_attributes(selection, write_attributes, out);
    model_selection_free(selection);
    (void) model_get(box->model, "Device.Test.Password", secret, sizeof secret);
    (void) buffer_format(out, "%s\n%s\n", secret, session_parameter_key(box->session));
}

static void judge_settings(struct other *o) {
    struct buffer here, there;
    buffer_init(&here, 1024 * 1024);
    buffer_init(&there, 1024 * 1024);
    read_settings(&o->w->box, &here);
    read_settings(&o->box, &there);
    if (strcmp(buffer_string(&here), buffer_string(&there)) != 0) {
        complain(o->w, "a power cut now changes what was set:\n%s---\n%s", buffer_string(&here),
                 buffer_string(&there));
    }
    buffer_free(&here);
    buffer_free(&there);
}

static void note_inform(struct world *w) {
    struct ledger *ledger = &w->ledger;
    read_events(w->output.body, &ledger->told);
    ledger->added.count = 0;
    ledger->acknowledged = 0;
    if (has(&ledger->told, "0 BOOTSTRAP|")) {
        for (size_t i = ledger->reports.count; i-- > 0;) {
            if (!has(&ledger->told, ledger->reports.items[i])) {
                (void) take(&ledger->reports, ledger->reports.items[i]);
            }
        }
    }
}

void power_cut(struct world *w) {
    struct other *o;
    if (w->verdict == SESSION_WAIT) {
        return;
    }
    if (w->verdict == SESSION_SEND && session_state(w->box.session) == SESSION_INFORMING) {
        note_inform(w);
    } else if (w->verdict != SESSION_FAILED) {
        w->ledger.acknowledged = 1;
    }
    o = calloc(1, sizeof *o);
    if (o == NULL) {
        complain(w, "out of memory");
        return;
    }
    o->w = w;
    if (other_start(o) != 0) {
        complain(w, "no box starts from the store");
    } else {
        judge_settings(o);
        if (!other_session(o)) {
            complain(w, "a box that starts from the store has no good session");
        } else if (!has(&o->informed, "0 BOOTSTRAP|") || has(&w->ledger.told, "0 BOOTSTRAP|")) {
            judge_events(o, w->verdict == SESSION_FAILED);
            judge_reports(o);
        }
    }
    other_stop(o);
    free(o);
}
