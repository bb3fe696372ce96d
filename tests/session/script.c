/* Reads scenarios and spells out their messages. */
#include <config.h>

#include "script.h"

#include <errno.h>
#include <iconv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int read_file(const char *path, char **ret_text) {
    FILE *file = fopen(path, "r");
    struct buffer text;
    char block[4096];
    size_t n;
    int result = file != NULL ? 0 : -errno;

    buffer_init(&text, 4 * 1024 * 1024);
    while (file != NULL && result == 0 && (n = fread(block, 1, sizeof block, file)) > 0) {
        result = buffer_append(&text, block, n);
    }
    if (file != NULL) {
        (void) fclose(file);
    }
    if (result == 0) {
        *ret_text = buffer_take(&text);
        result = *ret_text != NULL ? 0 : -ENOMEM;
    }
    buffer_free(&text);
    return result;
}

int script_load(const char *path, struct script *ret_script) {
    struct script script = {.name = path};
    size_t lines = 1;
    int result = read_file(path, &script.text);

    if (result < 0) {
        (void) fprintf(stderr, "%s: %s\n", path, strerror(-result));
        return result;
    }
    for (const char *c = script.text; *c != '\0'; c++) {
        lines += *c == '\n' ? 1 : 0;
    }
    script.lines = calloc(lines, sizeof *script.lines);
    if (script.lines == NULL) {
        free(script.text);
        return -ENOMEM;
    }
    for (char *line = script.text; line != NULL && *line != '\0';) {
        char *end = strchr(line, '\n');
        script.lines[script.count++] = line;
        if (end != NULL) {
            *end++ = '\0';
        }
        line = end;
    }
    *ret_script = script;
    return 0;
}

void script_free(struct script *script) {
    free(script->lines);
    free(script->text);
}

static char *skip_blanks(char *text) {
    return text + strspn(text, " \t");
}

char *script_line(struct script *script) {
    while (script->at < script->count) {
        char *line = skip_blanks(script->lines[script->at++]);
        if (*line != '\0' && *line != '#') {
            return line;
        }
    }
    return NULL;
}

bool script_body(struct script *script, struct buffer *out) {
    while (script->at < script->count) {
        char *line = skip_blanks(script->lines[script->at++]);
        if (strcmp(line, ".") == 0) {
            return true;
        }
        (void) buffer_text(out, line);
    }
    return false;
}

/* One \n or \xHH; how many characters it has, 0 when it is none. */
static size_t escape(const char *text, char *ret_octet) {
    char digits[3] = "";
    if (strncmp(text, "\\n", 2) == 0) {
        *ret_octet = '\n';
        return 2;
    }
    if (strncmp(text, "\\x", 2) != 0 || strspn(text + 2, "0123456789ABCDEF") < 2) {
        return 0;
    }
    memcpy(digits, text + 2, 2);
    *ret_octet = (char) strtoul(digits, NULL, 16);
    return 4;
}

static bool unescape(const char *text, struct buffer *out) {
    while (*text != '\0') {
        char octet = *text;
        const size_t length = *text == '\\' ? escape(text, &octet) : 1;
        if (length == 0 || buffer_append(out, &octet, 1) < 0) {
            return false;
        }
        text += length;
    }
    return true;
}

static bool convert(const char *charset, struct buffer *text, struct buffer *out) {
    iconv_t way = iconv_open(charset, "UTF-8");
    char room[256], *from = text->data;
    size_t left = text->length;
    bool good = way != (iconv_t) -1;
    while (good && left > 0) {
        char *to = room;
        size_t free_room = sizeof room;
        const size_t before = left;
        (void) iconv(way, &from, &left, &to, &free_room);
        good = left < before && buffer_append(out, room, sizeof room - free_room) == 0;
    }
    if (way != (iconv_t) -1) {
        (void) iconv_close(way);
    }
    return good;
}

bool script_octets(const struct buffer *text, const char *charset, struct buffer *out) {
    struct buffer octets;
    bool good;
    if (charset[0] == '\0') {
        return unescape(buffer_string(text), out);
    }
    buffer_init(&octets, 1024 * 1024);
    good = unescape(buffer_string(text), &octets) && convert(charset, &octets, out);
    buffer_free(&octets);
    return good;
}

char *script_word(char **rest) {
    char *word = skip_blanks(*rest);
    char *end = word + strcspn(word, " \t");
    if (*end != '\0') {
        *end++ = '\0';
    }
    *rest = skip_blanks(end);
    return word;
}

bool script_short_form(char *words, struct short_form *ret_form) {
    struct short_form form = {.ns = "1-2"};
    form.name = script_word(&words);
    while (*words != '\0') {
        const char *key = script_word(&words);
        if (strcmp(key, "hold") == 0) {
            form.hold = true;
        } else if (strcmp(key, "id") == 0) {
            form.id = script_word(&words);
        } else if (strcmp(key, "ns") == 0) {
            form.ns = script_word(&words);
        } else if (strcmp(key, "use") == 0) {
            form.use = script_word(&words);
        } else if (strcmp(key, "timeout") == 0) {
            form.timeout = script_word(&words);
        } else if (strcmp(key, "versions") == 0) {
            form.versions = script_word(&words);
        } else if (strcmp(key, "header") == 0) {
            form.extra = words;
            break;
        } else {
            return false;
        }
    }
    *ret_form = form;
    return true;
}

static void our_header(struct buffer *out, const char *name, const char *must, const char *text) {
    if (text != NULL) {
        (void) buffer_format(out, "<cwmp:%s soap:mustUnderstand=\"%s\">%s</cwmp:%s>", name, must, text, name);
    }
}

void script_ours(const struct short_form *form, const char *body, struct buffer *out) {
    const bool fault = strcmp(form->name, "fault") == 0;
    const char *prefix = fault ? "soap" : "cwmp", *name = fault ? "Fault" : form->name;

    (void) buffer_format(out,
                         "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                         "<soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\""
                         " xmlns:soapenc=\"http://schemas.xmlsoap.org/soap/encoding/\""
                         " xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\""
                         " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\""
                         " xmlns:cwmp=\"urn:dslforum-org:cwmp-%s\">",
                         form->ns);
    if (form->id != NULL || form->timeout != NULL || form->versions != NULL) {
        (void) buffer_text(out, "<soap:Header>");
        our_header(out, "ID", "1", form->id);
        our_header(out, "SessionTimeout", "0", form->timeout);
        our_header(out, "SupportedCWMPVersions", "0", form->versions);
        (void) buffer_text(out, "</soap:Header>");
    }
    (void) buffer_format(out, "<soap:Body><%s:%s", prefix, name);
    if (body[0] == '\0') {
        (void) buffer_text(out, "/></soap:Body></soap:Envelope>");
    } else {
        (void) buffer_format(out, ">%s</%s:%s></soap:Body></soap:Envelope>", body, prefix, name);
    }
    (void) buffer_text(out, "\n");
}

void script_theirs(const struct short_form *form, const char *body, struct buffer *out) {
    const bool fault = strcmp(form->name, "fault") == 0;
    const char *prefix = fault ? "E" : "c", *name = fault ? "Fault" : form->name;

    (void) buffer_format(out,
                         "<E:Envelope xmlns:E='http://schemas.xmlsoap.org/soap/envelope/' "
                         "xmlns:s='http://www.w3.org/2001/XMLSchema' "
                         "xmlns:i='http://www.w3.org/2001/XMLSchema-instance' "
                         "xmlns:n='http://schemas.xmlsoap.org/soap/encoding/' "
                         "xmlns:c='urn:dslforum-org:cwmp-%s'>\n <E:Header>\n",
                         form->ns);
    if (form->id != NULL) {
        (void) buffer_format(out, "  <c:ID E:mustUnderstand='1'>%s</c:ID>\n", form->id);
    }
    if (form->hold) {
        (void) buffer_text(out, "  <c:HoldRequests E:mustUnderstand='1'>1</c:HoldRequests>\n");
    }
    if (form->use != NULL) {
        (void) buffer_format(out, "  <c:UseCWMPVersion E:mustUnderstand='1'>%s</c:UseCWMPVersion>\n",
                             form->use);
    }
    (void) buffer_format(out,
                         "%s </E:Header>\n <E:Body>\n  <%s:%s>\n%s\n  </%s:%s>\n </E:Body>\n</E:Envelope>\n",
                         form->extra != NULL ? form->extra : "", prefix, name, body, prefix, name);
}
