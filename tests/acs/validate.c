/* libxml2's schemas and Schematron over every message that comes. */
#include <config.h>

#include "validate.h"

#include "base/text.h"
#include "util.h"

#include <libxml/catalog.h>
#include <libxml/parser.h>
#include <libxml/xmlschemas.h>
#include <libxml/xmlschemastypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifdef LIBXML_SCHEMATRON_ENABLED
#include <libxml/schematron.h>
#endif

/* The rules compare every pair of parameters of a list: over this size it would take minutes, and
 * check.c looks for duplicates anyway. */
enum { RULES_MOST_PARAMETERS = 1000 };

struct schema {
    const char *space;
    const char *file;
    xmlSchemaPtr schema;
};

struct validator {
    bool works;
    struct schema schemas[3];
#ifdef LIBXML_SCHEMATRON_ENABLED
    xmlSchematronPtr rules;
#endif
    bool told_large;
};

/* The first thing that libxml2 complained about. */
struct complaint {
    char text[600];
};

static void complain(struct complaint *complaint, const char *message, int line) {
    if (complaint->text[0] == '\0' && message != NULL) {
        (void) snprintf(complaint->text, sizeof complaint->text, "%s", message);
        size_t length = strcspn(complaint->text, "\n");
        (void) snprintf(complaint->text + length, sizeof complaint->text - length, " (line %d)", line);
    }
}

#if LIBXML_VERSION >= 21200
static void on_error(void *user, const xmlError *error) {
#else
static void on_error(void *user, xmlErrorPtr error) {
#endif
    complain(user, error->message, error->line);
}

static bool load_schema(struct schema *schema, const char *directory) {
    char *path = must_format("%s/xsd/%s", directory, schema->file);
    struct complaint complaint = {0};
    xmlSchemaParserCtxtPtr parser = xmlSchemaNewParserCtxt(path);
    if (parser != NULL) {
        xmlSchemaSetParserStructuredErrors(parser, on_error, &complaint);
        schema->schema = xmlSchemaParse(parser);
        xmlSchemaFreeParserCtxt(parser);
    }
    if (schema->schema == NULL) {
        (void) fprintf(stderr, "test-acs: %s cannot be loaded: %s\n", path, complaint.text);
    }
    free(path);
    return schema->schema != NULL;
}

static bool load_rules(struct validator *validator, const char *directory) {
#ifdef LIBXML_SCHEMATRON_ENABLED
    char *path = must_format("%s/xsd/cwmp-rules.sch", directory);
    xmlSchematronParserCtxtPtr parser = xmlSchematronNewParserCtxt(path);
    if (parser != NULL) {
        validator->rules = xmlSchematronParse(parser);
        xmlSchematronFreeParserCtxt(parser);
    }
    free(path);
    return validator->rules != NULL;
#else
    (void) validator;
    (void) directory;
    return false;
#endif
}

struct validator *validator_new(bool wanted, struct report *report) {
    struct validator *validator = must_alloc(sizeof *validator);
    const char *directory = getenv("TR069_STANDARDS");
    validator->schemas[0] = (struct schema){"urn:dslforum-org:cwmp-1-0", "cwmp-1-0.xsd", NULL};
    validator->schemas[1] = (struct schema){"urn:dslforum-org:cwmp-1-1", "cwmp-1-1.xsd", NULL};
    validator->schemas[2] = (struct schema){"urn:dslforum-org:cwmp-1-2", "cwmp-1-4.xsd", NULL};
    if (!wanted) {
        report_line(report, 0, "--", "messages are not validated: switched off");
        return validator;
    }
    char *catalog = must_format("%s/xsd/catalog-strict.xml", directory != NULL ? directory : "");
    if (directory == NULL || *directory == '\0' || xmlLoadCatalog(catalog) != 0) {
        report_line(report, 0, "--",
                    "messages are not validated: TR069_STANDARDS names no directory with xsd/");
        free(catalog);
        return validator;
    }
    free(catalog);
    (void) xmlSetExternalEntityLoader(xmlNoNetExternalEntityLoader);
    validator->works = true;
    for (size_t i = 0; i < 3; i++) {
        validator->works = load_schema(&validator->schemas[i], directory) && validator->works;
    }
    bool rules = load_rules(validator, directory);
    report_line(report, 0, "--", "messages are validated: schemas %s, rules %s",
                validator->works ? "yes" : "not all could be loaded", rules ? "yes" : "no");
    return validator;
}

void validator_free(struct validator *validator) {
    if (validator == NULL) {
        return;
    }
    for (size_t i = 0; i < 3; i++) {
        if (validator->schemas[i].schema != NULL) {
            xmlSchemaFree(validator->schemas[i].schema);
        }
    }
#ifdef LIBXML_SCHEMATRON_ENABLED
    if (validator->rules != NULL) {
        xmlSchematronFree(validator->rules);
    }
#endif
    free(validator);
    xmlSchemaCleanupTypes();
    xmlCatalogCleanup();
}

bool validator_works(const struct validator *validator) {
    return validator->works;
}

static xmlSchemaPtr choose(const struct validator *validator, const char *space) {
    for (size_t i = 0; i < 3; i++) {
        if (strcmp(validator->schemas[i].space, space) == 0) {
            return validator->schemas[i].schema;
        }
    }
    return validator->schemas[2].schema;
}

void validator_check_schema(struct validator *validator, struct report *report, unsigned session,
                            const struct message *message) {
    xmlSchemaPtr schema = choose(validator, message->space);
    xmlSchemaValidCtxtPtr context = schema != NULL ? xmlSchemaNewValidCtxt(schema) : NULL;
    struct complaint complaint = {0};
    if (context == NULL) {
        return;
    }
    xmlSchemaSetValidStructuredErrors(context, on_error, &complaint);
    if (xmlSchemaValidateDoc(context, message->doc) != 0) {
        report_violation(report, session, VIOLATION_SCHEMA, "%s: %s",
                         message->method[0] != '\0' ? message->method : "message", complaint.text);
    }
    xmlSchemaFreeValidCtxt(context);
}

static void check_rules(struct validator *validator, struct report *report, unsigned session,
                        const struct message *message) {
#ifdef LIBXML_SCHEMATRON_ENABLED
    if (validator->rules == NULL) {
        return;
    }
    if (message_list_count(message) > RULES_MOST_PARAMETERS) {
        if (!validator->told_large) {
            report_line(report, session, "--", "lists over %d are not held to the rules file: too slow",
                        RULES_MOST_PARAMETERS);
            validator->told_large = true;
        }
        return;
    }
    xmlSchematronValidCtxtPtr context = xmlSchematronNewValidCtxt(validator->rules, XML_SCHEMATRON_OUT_ERROR);
    struct complaint complaint = {0};
    if (context == NULL) {
        return;
    }
    xmlSchematronSetValidStructuredErrors(context, on_error, &complaint);
    if (xmlSchematronValidateDoc(context, message->doc) != 0) {
        report_violation(report, session, VIOLATION_RULES, "%s: %s",
                         message->method[0] != '\0' ? message->method : "message", complaint.text);
    }
    xmlSchematronFreeValidCtxt(context);
#else
    (void) validator;
    (void) report;
    (void) session;
    (void) message;
#endif
}

/* The answer to a method of the vendor's own: the ACS asked for it, and no schema can know it. */
static bool answers_vendor(const struct message *message) {
    return message->kind == MESSAGE_RESPONSE && strncmp(message->method, "X_", 2) == 0;
}

void validator_check(struct validator *validator, struct report *report, unsigned session,
                     const struct message *message) {
    if (!validator->works || message->doc == NULL) {
        return;
    }
    if (answers_vendor(message)) {
        check_rules(validator, report, session, message);
    } else {
        validator_check_schema(validator, report, session, message);
        check_rules(validator, report, session, message);
    }
}
