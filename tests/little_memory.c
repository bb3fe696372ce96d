/* See little_memory.h. */
#include <config.h>

#include "little_memory.h"

#include <stdlib.h>
#include <string.h>

#include <libxml/xmlerror.h>
#include <libxml/xmlmemory.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);

static unsigned long count, left;
static bool limited, lasting, failed;

static bool fails(void) {
    count++;
    if (!limited) {
        return false;
    }
    if (left > 0) {
        left--;
        return false;
    }
    failed = true;
    limited = lasting;
    return true;
}

void *__wrap_malloc(size_t size) {
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t number, size_t size) {
    return fails() ? NULL : __real_calloc(number, size);
}

void *__wrap_realloc(void *memory, size_t size) {
    return fails() ? NULL : __real_realloc(memory, size);
}

void little_memory_begin(unsigned long allowed, bool for_good) {
    count = 0;
    left = allowed;
    lasting = for_good;
    failed = false;
    limited = true;
}

bool little_memory_end(void) {
    limited = false;
    return failed;
}

unsigned long little_memory_count(void) {
    return count;
}

static char *duplicate(const char *text) {
    const size_t size = strlen(text) + 1;
    char *copy = malloc(size);
    return copy != NULL ? memcpy(copy, text, size) : NULL;
}

static void silent(void *user, const char *format, ...) {
    (void) user;
    (void) format;
}

void little_memory_libxml2(void) {
    xmlSetGenericErrorFunc(NULL, silent);
    (void) xmlMemSetup(free, __wrap_malloc, __wrap_realloc, duplicate);
}
