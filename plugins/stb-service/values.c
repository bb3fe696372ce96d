/* plugins/stb-service: the values. What the conf file declares makes the rows; the program and the ACS change
 * values of rows that are there, so nothing grows by what they say. */
#define _GNU_SOURCE
#include "stb.h"

#include <stdlib.h>

/* ---- Names ------------------------------------------------------------------------------------ */

const char *stb_below(const char *path) {
    const char *at = strstr(path, "Services.STBService.");
    at = at != NULL ? strchr(at + strlen("Services.STBService."), '.') : NULL;
    return at != NULL ? at + 1 : "";
}

bool stb_parse(const char *text, uint64_t *ret_number) {
    char *end = NULL;
    errno = 0;
    *ret_number = strtoull(text, &end, 10);
    return text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0;
}

/* Matches a table's path, {i} for any row; the rest of the name, or NULL. */
static const char *match(const char *templ, const char *name) {
    while (*templ != '\0') {
        if (strncmp(templ, "{i}", 3) == 0) {
            size_t digits = strspn(name, "0123456789");
            if (digits == 0) {
                return NULL;
            }
            name += digits;
            templ += 3;
        } else if (*templ++ != *name++) {
            return NULL;
        }
    }
    return name;
}

/* The parameter of that name, if it has a value here; *ret_row: how much of the name is its row, or 0. */
static const struct tr069_param *find_param(const struct stb *stb, const char *name, size_t *ret_row) {
    for (const struct tr069_object *object = stb->objects; object->path != NULL; object++) {
        const bool ours = strncmp(object->path, SERVICE, strlen(SERVICE)) == 0;
        const char *rest = ours ? match(object->path + strlen(SERVICE), name) : NULL;
        for (size_t i = 0; rest != NULL && object->params[i].name != NULL; i++) {
            const struct tr069_param *param = &object->params[i];
            const bool is_value = param->get == stb_value_get || param->get == stb_path_get ||
                                  param->get == stb_capability_get || param->set == stb_player_set;
            if (is_value && strcmp(param->name, rest) == 0) {
                *ret_row = object->instances != NULL ? (size_t) (rest - name) : 0;
                return param;
            }
        }
    }
    return NULL;
}

/* Where the cell of this name is, or belongs. */
static size_t place_of(const struct stb *stb, const char *name, bool *ret_there) {
    size_t low = 0, high = stb->cell_count;
    *ret_there = false;
    while (low < high && !*ret_there) {
        const size_t middle = low + (high - low) / 2;
        const int order = strcmp(name, stb->cells[middle]->name);
        *ret_there = order == 0;
        low = order > 0 ? middle + 1 : order == 0 ? middle : low;
        high = order < 0 ? middle : high;
    }
    return low;
}

struct cell *stb_cell(const struct stb *stb, const char *name) {
    bool there;
    const size_t place = place_of(stb, name, &there);
    return there ? stb->cells[place] : NULL;
}

/* The row of the number, 1 to ROWS_MAX, behind the table's name; 0: none. */
static unsigned row_of(const char *name, size_t table_length) {
    const unsigned long row = strtoul(name + table_length, NULL, 10);
    return name[table_length] >= '1' && name[table_length] <= '9' && row <= ROWS_MAX ? (unsigned) row : 0;
}

/* Cells stand in the order of their names, so those of a table are neighbours. */
uint64_t stb_rows(const struct stb *stb, const char *table) {
    const size_t length = strlen(table);
    uint64_t rows = 0;
    bool there;
    for (size_t i = place_of(stb, table, &there);
         i < stb->cell_count && strncmp(stb->cells[i]->name, table, length) == 0; i++) {
        const unsigned row = stb->cells[i]->declared != NULL ? row_of(stb->cells[i]->name, length) : 0;
        rows |= row != 0 ? UINT64_C(1) << row : 0;
    }
    return rows;
}

int stb_instances(const struct tr069_at *at, struct tr069_rows *rows) {
    char table[TR069_NAME_MAX];
    const char *path = at->object->path + strlen(SERVICE);
    int r = 0;
    (void) snprintf(table, sizeof table, "%.*s", (int) (strlen(path) - strlen("{i}.")), path);
    const uint64_t there = stb_rows(tr069_ctx(at), table);
    for (uint32_t row = 1; row <= ROWS_MAX && r == 0; row++) {
        r = (there >> row & 1) != 0 ? rows->add(rows, row, NULL) : 0;
    }
    return r;
}

/* ---- Do they fit? ----------------------------------------------------------------------------- */

static bool is_one_of(const char *const *values, const char *text, size_t length) {
    while (values != NULL && *values != NULL &&
           (strlen(*values) != length || strncmp(*values, text, length) != 0)) {
        values++;
    }
    return values == NULL || *values != NULL;
}

static bool text_fits(const struct tr069_param *param, const char *text) {
    const size_t most = param->max_length != 0 ? param->max_length : TEXT_MAX;
    if (strlen(text) > TEXT_MAX || (*text == '\0' && param->value == NULL)) {
        return *text == '\0';
    }
    for (const char *item = text; item != NULL;) {
        const size_t length = (param->flags & TR069_CSV) != 0 ? strcspn(item, ",") : strlen(item);
        if (length > most || !is_one_of(param->values, item, length)) {
            return false;
        }
        item = item[length] == ',' ? item + length + 1 : NULL;
    }
    return true;
}

static bool number_fits(const struct tr069_param *param, const char *text) {
    const bool negative = param->type == TR069_INT && text[0] == '-';
    const int64_t most = param->max != 0 ? param->max : param->type == TR069_INT ? INT32_MAX : UINT32_MAX;
    uint64_t number;
    if (!stb_parse(text + (negative ? 1 : 0), &number) || number > INT64_MAX) {
        return false;
    }
    const int64_t value = negative ? -(int64_t) number : (int64_t) number;
    return value >= param->min && value <= most;
}

static bool fits(const struct tr069_param *param, const char *text) {
    switch ((int) param->type) {
    case TR069_INT:
    case TR069_UINT:
        return number_fits(param, text);
    case TR069_BOOLEAN:
        return strcmp(text, "true") == 0 || strcmp(text, "false") == 0;
    default:
        return text_fits(param, text);
    }
}

/* ---- Cells ------------------------------------------------------------------------------------ */

int stb_cell_make(struct stb *stb, const char *name, const struct tr069_param *param,
                  struct cell **ret_cell) {
    bool there;
    const size_t place = place_of(stb, name, &there);
    if (there) {
        *ret_cell = stb->cells[place];
        return 0;
    }
    if (stb->cell_count == stb->cell_room) {
        const size_t room = stb->cell_room == 0 ? 64 : 2 * stb->cell_room;
        struct cell **grown = realloc(stb->cells, room * sizeof *grown);
        if (grown == NULL) {
            return -ENOMEM;
        }
        stb->cells = grown;
        stb->cell_room = room;
    }
    struct cell *cell = calloc(1, sizeof *cell);
    char *copy = strdup(name);
    if (cell == NULL || copy == NULL) {
        free(cell);
        free(copy);
        return -ENOMEM;
    }
    cell->name = copy;
    cell->param = param;
    memmove(stb->cells + place + 1, stb->cells + place, (stb->cell_count - place) * sizeof *stb->cells);
    stb->cells[place] = cell;
    stb->cell_count++;
    *ret_cell = cell;
    return 0;
}

/* Is the name of a parameter whose row, if it is in one, is declared? */
static const struct tr069_param *known_param(const struct stb *stb, const char *name) {
    char table[TR069_NAME_MAX];
    size_t row = 0;
    const struct tr069_param *param = strlen(name) < sizeof table ? find_param(stb, name, &row) : NULL;
    if (param == NULL || row == 0) {
        return param;
    }
    (void) snprintf(table, sizeof table, "%.*s", (int) (row - 1), name);
    char *dot = strrchr(table, '.');
    const unsigned number = dot != NULL ? row_of(table, (size_t) (dot + 1 - table)) : 0;
    if (number == 0) {
        return NULL;
    }
    dot[1] = '\0';
    return (stb_rows(stb, table) >> number & 1) != 0 ? param : NULL;
}

static int put_text(struct cell *cell, const char *text) {
    char *copy = strdup(text);
    if (copy == NULL) {
        return -ENOMEM;
    }
    free(cell->text);
    cell->text = copy;
    return 0;
}

static const char *text_of(const struct cell *cell) {
    return cell->staged != NULL     ? cell->staged
           : cell->text != NULL     ? cell->text
           : cell->declared != NULL ? cell->declared
                                    : cell->param->value;
}

static const char *null_text(enum tr069_type type) {
    return type == TR069_BOOLEAN ? "false" : type == TR069_STRING ? "" : "0";
}

const char *stb_text(const struct stb *stb, const char *name) {
    const struct cell *cell = stb_cell(stb, name);
    const char *text = cell != NULL ? text_of(cell) : NULL;
    size_t row;
    if (text != NULL) {
        return text;
    }
    const struct tr069_param *param = cell != NULL ? cell->param : find_param(stb, name, &row);
    return param == NULL ? "" : param->value != NULL ? param->value : null_text(param->type);
}

uint64_t stb_number(const struct stb *stb, const char *name) {
    uint64_t number = 0;
    return stb_parse(stb_text(stb, name), &number) ? number : 0;
}

bool stb_is_true(const struct stb *stb, const char *name) {
    return strcmp(stb_text(stb, name), "true") == 0;
}

void stb_changed(const struct stb *stb, const char *name) {
    char path[TR069_NAME_MAX + 1];
    (void) snprintf(path, sizeof path, "%sServices.STBService.1.%s", stb->host->root(stb->host), name);
    stb->host->value_changed(stb->host, path);
}

/* What the ACS set and the program says otherwise was changed at the box: then that counts. What it was not
 * told yet, it cannot know. */
bool stb_print(struct stb *stb, const char *name, const char *text) {
    const struct tr069_param *param = known_param(stb, name);
    struct cell *cell;
    const bool may =
        param != NULL && param->get != NULL && (param->set == NULL || param->set == stb_player_set);
    if (!may || !fits(param, text)) {
        return false;
    }
    if (stb_cell_make(stb, name, param, &cell) < 0) {
        return true; /* the former value counts */
    }
    cell->printed = true;
    if (strcmp(stb_text(stb, name), text) == 0 || cell->untold || cell->staged != NULL) {
        return true;
    }
    if (cell->kept) {
        stb_forget(stb, cell);
    }
    if (put_text(cell, text) == 0 && stb->program.read_ms != 0) {
        stb_changed(stb, name); /* whether the first one is news, the client finds out itself */
    }
    return true;
}

/* ---- Getters ---------------------------------------------------------------------------------- */

/* Nobody knows yet, but will in a moment: that a value is not the one of before the start shall not be told
 * as a change. A session that asks waits for the program. */
static bool is_to_come(const struct tr069_at *at) {
    const struct stb *stb = tr069_ctx(at);
    const struct cell *cell = stb_cell(stb, stb_below(at->path));
    const uint64_t wait_ms = (uint64_t) at->host->option_int(at->host, "wait");
    return at->object->refresh != NULL && (at->param->set == NULL || at->param->set == stb_player_set) &&
           (cell == NULL || cell->text == NULL) && !stb->program.attempted && stb_program_busy(stb) &&
           stb_now(stb) - stb->start_ms < wait_ms;
}

int stb_value_get(const struct tr069_at *at, struct tr069_value *ret_value) {
    if (is_to_come(at)) {
        return -EAGAIN;
    }
    return tr069_value_string(ret_value, stb_text(tr069_ctx(at), stb_below(at->path)));
}

/* Rows of this service, by their full names; what is not there is left out. */
int stb_path_get(const struct tr069_at *at, struct tr069_value *ret_value) {
    struct stb *stb = tr069_ctx(at);
    size_t used = 0;
    if (is_to_come(at)) {
        return -EAGAIN;
    }
    stb->scratch[0] = '\0';
    for (const char *item = stb_text(stb, stb_below(at->path)); item != NULL && *item != '\0';) {
        char table[TR069_NAME_MAX];
        const size_t length = strcspn(item, ",");
        (void) snprintf(table, sizeof table, "%.*s", (int) length, item);
        char *dot = strrchr(table, '.');
        const unsigned row = dot != NULL ? row_of(table, (size_t) (dot + 1 - table)) : 0;
        if (row != 0) {
            dot[1] = '\0';
        }
        if (row != 0 && (stb_rows(stb, table) >> row & 1) != 0 && used < sizeof stb->scratch) {
            used += (size_t) snprintf(stb->scratch + used, sizeof stb->scratch - used,
                                      "%s%sServices.STBService.1.%s%u", used > 0 ? "," : "",
                                      at->host->root(at->host), table, row);
        }
        item = item[length] == ',' ? item + length + 1 : NULL;
    }
    return used < sizeof stb->scratch ? tr069_value_string(ret_value, stb->scratch) : -ENOSPC;
}

unsigned stb_active(const struct stb *stb, const char *table) {
    char name[TR069_NAME_MAX];
    unsigned active = 0;
    const uint64_t rows = stb_rows(stb, table);
    for (unsigned row = 1; row <= ROWS_MAX; row++) {
        (void) snprintf(name, sizeof name, "%s%u.Status", table, row);
        active += (rows >> row & 1) != 0 && strcmp(stb_text(stb, name), "Disabled") != 0 ? 1 : 0;
    }
    return active;
}

/* "AVStreams.ActiveAVStreams" counts AVStreams.AVStream.{i}.Status. */
int stb_active_get(const struct tr069_at *at, struct tr069_value *ret_value) {
    const bool streams = strcmp(at->param->name, "ActiveAVStreams") == 0;
    if (is_to_come(at)) {
        return -EAGAIN;
    }
    return tr069_value_uint(
        ret_value, stb_active(tr069_ctx(at), streams ? "AVStreams.AVStream." : "AVPlayers.AVPlayer."));
}

/* A maker may promise less than this plugin can do. */
static int64_t capability(const struct stb *stb, const char *name) {
    char path[TR069_NAME_MAX];
    (void) snprintf(path, sizeof path, "Capabilities.ServiceMonitoring.%s", name);
    if (stb_cell(stb, path) != NULL) {
        return strtoll(stb_text(stb, path), NULL, 10);
    }
    if ((stb->profiles & BASIC) == 0) {
        return 0;
    }
    return strcmp(name, "MaxActiveMainStreams") == 0 ? (int64_t) stb->stream_count
           : strcmp(name, "MaxReportSamples") == 0   ? REPORT_MAX
                                                     : 1;
}

uint64_t stb_capability(const struct stb *stb, const char *name) {
    const int64_t number = capability(stb, name);
    return number > 0 ? (uint64_t) number : 0; /* -1: no limit */
}

int stb_capability_get(const struct tr069_at *at, struct tr069_value *ret_value) {
    return tr069_value_int(ret_value, capability(tr069_ctx(at), at->param->name));
}

/* ---- The conf file ---------------------------------------------------------------------------- */

static int complain(const struct stb *stb, const char *declaration, const char *why) {
    stb->host->log(stb->host, TR069_ERROR, "values: \"%s\": %s", declaration, why);
    return -EINVAL;
}

/* "NAME=VALUE". */
static int declare(struct stb *stb, const char *declaration) {
    char name[TR069_NAME_MAX];
    size_t row = 0;
    struct cell *cell;
    const size_t length = strcspn(declaration, "=");
    (void) snprintf(name, sizeof name, "%.*s", (int) length, declaration);
    const char *text = declaration[length] == '=' ? declaration + length + 1 : NULL;
    const struct tr069_param *param = text != NULL ? find_param(stb, name, &row) : NULL;
    if (param == NULL || param->get == NULL) {
        return complain(stb, declaration,
                        "it is NAME=VALUE, and the name is one of a value in this plugin's model");
    }
    if (!fits(param, text)) {
        return complain(stb, declaration, "the model does not have this value");
    }
    if (row != 0) {
        size_t table = row - 1;
        while (table > 0 && name[table - 1] != '.') {
            table--;
        }
        if (row_of(name, table) == 0) {
            return complain(stb, declaration, "rows have numbers from 1 to 63");
        }
    }
    const int r = stb_cell_make(stb, name, param, &cell);
    if (r == 0) {
        cell->declared = text;
    }
    return r;
}

/* Calls back for each value that a box with these rows has. */
static int each_value(struct stb *stb, int (*visit)(struct stb *, const char *, const struct tr069_param *)) {
    int r = 0;
    for (const struct tr069_object *object = stb->objects; r == 0 && object->path != NULL; object++) {
        char table[TR069_NAME_MAX], name[2 * TR069_NAME_MAX];
        const bool in_row = object->instances != NULL;
        const char *path = object->path + strlen(SERVICE);
        if (strncmp(object->path, SERVICE, strlen(SERVICE)) != 0 ||
            (!in_row && strstr(path, "{i}") != NULL)) {
            continue;
        }
        (void) snprintf(table, sizeof table, "%.*s", (int) (strlen(path) - (in_row ? strlen("{i}.") : 0)),
                        path);
        const uint64_t rows = in_row ? stb_rows(stb, table) : 1;
        for (unsigned row = 0; row <= ROWS_MAX && r == 0; row++) {
            for (size_t i = 0; r == 0 && (rows >> row & 1) != 0 && object->params[i].name != NULL; i++) {
                char number[16] = "";
                if (in_row) {
                    (void) snprintf(number, sizeof number, "%u.", row);
                }
                (void) snprintf(name, sizeof name, "%s%s%s", table, number, object->params[i].name);
                r = visit(stb, name, &object->params[i]);
            }
        }
    }
    return r;
}

/* A value of an enumeration that has no empty one, and no default. Those that may be empty say what is in use
 * now, which may be nothing. */
static int must_be_declared(struct stb *stb, const char *name, const struct tr069_param *param) {
    static const char *const never_empty[] = {"Profile", "Level", "ContentAspectRatio", NULL};
    if (is_one_of(never_empty, param->name, strlen(param->name)) && *stb_text(stb, name) == '\0') {
        return complain(stb, name, "it has to have a value");
    }
    return 0;
}

/* What the ACS set in an earlier life: "told VALUE", or "new VALUE" when the program does not know it yet. */
static int recall(struct stb *stb, const char *name, const struct tr069_param *param) {
    char key[2 * TR069_NAME_MAX + 8];
    struct cell *cell;
    if (param->set == NULL) {
        return 0;
    }
    (void) snprintf(key, sizeof key, "set/%s", name);
    const char *kept = stb->host->state_get(stb->host, key);
    const char *text = kept != NULL ? strchr(kept, ' ') : NULL;
    if (text == NULL || !fits(param, text + 1)) {
        return 0;
    }
    int r = stb_cell_make(stb, name, param, &cell);
    r = r == 0 ? put_text(cell, text + 1) : r;
    if (r == 0) {
        cell->kept = true;
        cell->untold = strncmp(kept, "new ", 4) == 0;
    }
    return r;
}

int stb_values_init(struct stb *stb, const char *const *declarations) {
    int r = 0;
    for (size_t i = 0; r == 0 && declarations[i] != NULL; i++) {
        r = declare(stb, declarations[i]);
    }
    r = r == 0 ? each_value(stb, must_be_declared) : r;
    return r == 0 ? each_value(stb, recall) : r;
}

static void cell_free(struct cell *cell) {
    free(cell->name);
    free(cell->text);
    free(cell->staged);
    free(cell);
}

void stb_values_free(struct stb *stb) {
    for (size_t i = 0; i < stb->cell_count; i++) {
        cell_free(stb->cells[i]);
    }
    free(stb->cells);
}
