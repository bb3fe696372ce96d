/* Floor of figure 3: libxml2's text writer writes a GetParameterValuesResponse from an array.
 *
 *   floor_response ARRAY [OUT]    ARRAY: a line a parameter, name TAB type TAB value
 *
 * Only floor_write() is counted: the array is ready, as it is for nobody in life. The memory buffer
 * doubles when it is full; libxml2's default, 10 octets at a time, would be no fair floor. */
#include <config.h>

#include <libxml/xmlwriter.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define X(text) ((const xmlChar *) (text))

struct parameter {
    const xmlChar *name, *type, *value;
};

/* Extern, so that the compiler keeps it and callgrind finds it. */
__attribute__((noinline)) xmlBufferPtr floor_write(const struct parameter *list, size_t count);

xmlBufferPtr floor_write(const struct parameter *list, size_t count) {
    char type[48];
    xmlBufferPtr buffer = xmlBufferCreate();
    xmlTextWriterPtr writer;
    if (buffer == NULL) {
        return NULL;
    }
    xmlBufferSetAllocationScheme(buffer, XML_BUFFER_ALLOC_DOUBLEIT);
    writer = xmlNewTextWriterMemory(buffer, 0);
    if (writer == NULL) {
        xmlBufferFree(buffer);
        return NULL;
    }
    (void) xmlTextWriterStartDocument(writer, NULL, "UTF-8", NULL);
    (void) xmlTextWriterStartElement(writer, X("soap:Envelope"));
    (void) xmlTextWriterWriteAttribute(writer, X("xmlns:soap"),
                                       X("http://schemas.xmlsoap.org/soap/envelope/"));
    (void) xmlTextWriterWriteAttribute(writer, X("xmlns:soapenc"),
                                       X("http://schemas.xmlsoap.org/soap/encoding/"));
    (void) xmlTextWriterWriteAttribute(writer, X("xmlns:xsd"), X("http://www.w3.org/2001/XMLSchema"));
    (void) xmlTextWriterWriteAttribute(writer, X("xmlns:xsi"),
                                       X("http://www.w3.org/2001/XMLSchema-instance"));
    (void) xmlTextWriterWriteAttribute(writer, X("xmlns:cwmp"), X("urn:dslforum-org:cwmp-1-0"));
    (void) xmlTextWriterStartElement(writer, X("soap:Header"));
    (void) xmlTextWriterStartElement(writer, X("cwmp:ID"));
    (void) xmlTextWriterWriteAttribute(writer, X("soap:mustUnderstand"), X("1"));
    (void) xmlTextWriterWriteString(writer, X("1"));
    (void) xmlTextWriterEndElement(writer);
    (void) xmlTextWriterEndElement(writer);
    (void) xmlTextWriterStartElement(writer, X("soap:Body"));
    (void) xmlTextWriterStartElement(writer, X("cwmp:GetParameterValuesResponse"));
    (void) xmlTextWriterStartElement(writer, X("ParameterList"));
    (void) snprintf(type, sizeof type, "cwmp:ParameterValueStruct[%zu]", count);
    (void) xmlTextWriterWriteAttribute(writer, X("soapenc:arrayType"), X(type));
    for (size_t i = 0; i < count; i++) {
        (void) xmlTextWriterStartElement(writer, X("ParameterValueStruct"));
        (void) xmlTextWriterWriteElement(writer, X("Name"), list[i].name);
        (void) xmlTextWriterStartElement(writer, X("Value"));
        (void) xmlTextWriterWriteAttribute(writer, X("xsi:type"), list[i].type);
        (void) xmlTextWriterWriteString(writer, list[i].value);
        (void) xmlTextWriterEndElement(writer);
        (void) xmlTextWriterEndElement(writer);
    }
    (void) xmlTextWriterEndDocument(writer);
    xmlFreeTextWriter(writer);
    return buffer;
}

static char *read_file(const char *path) {
    FILE *file = fopen(path, "r");
    char *text = NULL;
    long length;
    if (file != NULL && fseek(file, 0, SEEK_END) == 0 && (length = ftell(file)) >= 0 &&
        fseek(file, 0, SEEK_SET) == 0 && (text = calloc(1, (size_t) length + 1)) != NULL &&
        fread(text, 1, (size_t) length, file) != (size_t) length) {
        free(text);
        text = NULL;
    }
    if (text == NULL) {
        perror(path);
    }
    if (file != NULL) {
        (void) fclose(file);
    }
    return text;
}

static char *cut(char **text, char at) {
    char *begin = *text, *end = strchr(begin, at);
    if (end == NULL) {
        return NULL;
    }
    *end = '\0';
    *text = end + 1;
    return begin;
}

static size_t split(char *text, struct parameter *list, size_t max) {
    size_t count = 0;
    while (*text != '\0' && count < max) {
        list[count].name = X(cut(&text, '\t'));
        list[count].type = X(cut(&text, '\t'));
        list[count].value = X(cut(&text, '\n'));
        if (list[count].name == NULL || list[count].type == NULL || list[count].value == NULL) {
            return 0;
        }
        count++;
    }
    return count;
}

int main(int argc, char **argv) {
    char *text = argc > 1 ? read_file(argv[1]) : NULL;
    struct timespec begun, ended;
    struct parameter *list;
    xmlBufferPtr buffer;
    size_t lines = 0, count;
    if (text == NULL) {
        return 1;
    }
    for (const char *at = text; *at != '\0'; at++) {
        lines += *at == '\n';
    }
    list = calloc(lines + 1, sizeof *list);
    if (list == NULL) {
        return 1;
    }
    count = split(text, list, lines);
    xmlInitParser();
    (void) clock_gettime(CLOCK_MONOTONIC, &begun);
    buffer = floor_write(list, count);
    (void) clock_gettime(CLOCK_MONOTONIC, &ended);
    if (buffer == NULL || count != lines) {
        return 1;
    }
    (void) printf("%zu %d %lld\n", count, xmlBufferLength(buffer),
                  (ended.tv_sec - begun.tv_sec) * 1000000LL + (ended.tv_nsec - begun.tv_nsec) / 1000);
    if (argc > 2) {
        FILE *out = fopen(argv[2], "w");
        if (out == NULL || fwrite(xmlBufferContent(buffer), 1, (size_t) xmlBufferLength(buffer), out) !=
                               (size_t) xmlBufferLength(buffer)) {
            return 1;
        }
        (void) fclose(out);
    }
    xmlBufferFree(buffer);
    free(list);
    free(text);
    xmlCleanupParser();
    return 0;
}
