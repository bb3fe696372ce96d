/* tr069/value.h: a part of tr069/plugin.h, which includes it: verdicts, faults, values. */
#ifndef TR069_VALUE_H
#define TR069_VALUE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define TR069_PRINTF(text, first) __attribute__((format(printf, text, first)))
#else
#define TR069_PRINTF(text, first)
#endif

/* ---- Verdicts and faults ---------------------------------------------------------------------- */

enum tr069_verdict {
    TR069_OK = 0,
    TR069_FAULT = 1,        /* the fault was filled in with tr069_fault() */
    TR069_DEFERRED = 2,     /* completes later, where the callback's comment allows it */
    TR069_APPLIED_LATER = 3 /* accepted and saved, in force after the session: Status 1. Getters
                               give the new value at once (TR-069 A.3.2.1) */
};

/* CPE fault codes, TR-069 A.5.1. */
enum tr069_fault_code {
    TR069_METHOD_NOT_SUPPORTED = 9000,
    TR069_REQUEST_DENIED = 9001,
    TR069_INTERNAL_ERROR = 9002,
    TR069_INVALID_ARGUMENTS = 9003,
    TR069_RESOURCES_EXCEEDED = 9004,
    TR069_INVALID_NAME = 9005,
    TR069_INVALID_TYPE = 9006,
    TR069_INVALID_VALUE = 9007,
    TR069_NOT_WRITABLE = 9008,
    TR069_NOTIFICATION_REJECTED = 9009,
    TR069_DOWNLOAD_FAILURE = 9010,
    TR069_UPLOAD_FAILURE = 9011,
    TR069_TRANSFER_AUTHENTICATION = 9012,
    TR069_TRANSFER_PROTOCOL = 9013,
    TR069_TRANSFER_MULTICAST = 9014,
    TR069_TRANSFER_NO_CONTACT = 9015,
    TR069_TRANSFER_NO_ACCESS = 9016,
    TR069_TRANSFER_INCOMPLETE = 9017,
    TR069_TRANSFER_CORRUPTED = 9018,
    TR069_TRANSFER_NOT_AUTHENTIC = 9019,
    TR069_TRANSFER_WINDOW = 9020,
    TR069_TRANSFER_NOT_CANCELABLE = 9021,
    TR069_DU_UUID_FORMAT = 9022,
    TR069_DU_UNKNOWN_ENVIRONMENT = 9023,
    TR069_DU_DISABLED_ENVIRONMENT = 9024,
    TR069_DU_ENVIRONMENT_MISMATCH = 9025,
    TR069_DU_DUPLICATE = 9026,
    TR069_DU_RESOURCES_EXCEEDED = 9027,
    TR069_DU_UNKNOWN = 9028,
    TR069_DU_INVALID_STATE = 9029,
    TR069_DU_DOWNGRADE = 9030,
    TR069_DU_VERSION_NOT_SPECIFIED = 9031,
    TR069_DU_VERSION_EXISTS = 9032
};

struct tr069_fault {
    unsigned code;  /* enum tr069_fault_code, or 9800..9899 of the vendor */
    char text[256]; /* reaches the ACS as FaultString; say what, where and what to do */
};

/* Fills in a fault; returns TR069_FAULT, so that a callback can `return tr069_fault(...)`. */
TR069_PRINTF(3, 4)
static inline int tr069_fault(struct tr069_fault *fault, unsigned code, const char *format, ...) {
    va_list arguments;
    fault->code = code;
    va_start(arguments, format);
    (void) vsnprintf(fault->text, sizeof fault->text, format, arguments);
    va_end(arguments);
    return TR069_FAULT;
}

/* ---- Values ----------------------------------------------------------------------------------- */

/* Types of TR-106 section 3.2. TR069_ANY and TR069_LIST occur in RPC arguments only. */
enum tr069_type {
    TR069_NONE = 0, /* an optional argument that was not sent */
    TR069_STRING,
    TR069_INT,
    TR069_LONG,
    TR069_UINT,
    TR069_ULONG,
    TR069_BOOLEAN,
    TR069_DATETIME,
    TR069_BASE64,
    TR069_HEXBINARY,
    TR069_DECIMAL,
    TR069_ANY, /* text with whatever xsi:type was sent; see struct tr069_value.xsi_type */
    TR069_LIST /* repeated structures or strings */
};

#define TR069_TIME_UNKNOWN INT64_MIN /* 0001-01-01T00:00:00Z */

struct tr069_value {
    enum tr069_type type;
    enum tr069_type xsi_type; /* of a TR069_ANY: the type that the ACS wrote, TR069_NONE if none */
    size_t length;            /* octets of as.string; items of as.items; see tr069_value_time_us() */
    union {
        const char *string;              /* STRING, DATETIME, BASE64, HEXBINARY, DECIMAL, ANY: the text */
        int64_t integer;                 /* INT, LONG */
        uint64_t number;                 /* UINT, ULONG */
        bool boolean;                    /* BOOLEAN */
        const struct tr069_value *items; /* LIST: length * (number of fields) values, row by row */
    } as;
    int64_t time;    /* of a DATETIME passed to a plugin: seconds since 1970 UTC, or unknown */
    char buffer[64]; /* room for a getter's small texts; as.string may point here */
};

/* The text is lent: it stays the plugin's. NULL is the empty string. */
static inline int tr069_value_string(struct tr069_value *ret_value, const char *text) {
    ret_value->type = TR069_STRING;
    ret_value->as.string = text != NULL ? text : "";
    ret_value->length = strlen(ret_value->as.string);
    return TR069_OK;
}

/* A short text of at most 63 octets, copied; a longer one is cut. */
TR069_PRINTF(2, 3)
static inline int tr069_value_format(struct tr069_value *ret_value, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    (void) vsnprintf(ret_value->buffer, sizeof ret_value->buffer, format, arguments);
    va_end(arguments);
    return tr069_value_string(ret_value, ret_value->buffer);
}

static inline int tr069_value_int(struct tr069_value *ret_value, int64_t number) {
    ret_value->type = TR069_LONG;
    ret_value->as.integer = number;
    return TR069_OK;
}

static inline int tr069_value_uint(struct tr069_value *ret_value, uint64_t number) {
    ret_value->type = TR069_ULONG;
    ret_value->as.number = number;
    return TR069_OK;
}

static inline int tr069_value_bool(struct tr069_value *ret_value, bool yes) {
    ret_value->type = TR069_BOOLEAN;
    ret_value->as.boolean = yes;
    return TR069_OK;
}

/* Seconds since 1970 UTC, or TR069_TIME_UNKNOWN. */
static inline int tr069_value_time(struct tr069_value *ret_value, int64_t seconds) {
    ret_value->type = TR069_DATETIME;
    ret_value->as.string = NULL; /* the client writes the text, from `time` */
    ret_value->length = 0;
    ret_value->time = seconds;
    return TR069_OK;
}

/* Microseconds since 1970 UTC, or what host->time_us() gave, or TR069_TIME_UNKNOWN. (ABI 1.3) */
static inline int tr069_value_time_us(struct tr069_value *ret_value, int64_t micros) {
    int64_t rest = micros % 1000000;
    rest += rest < 0 ? 1000000 : 0;
    (void) tr069_value_time(ret_value, micros != TR069_TIME_UNKNOWN ? (micros - rest) / 1000000 : micros);
    if (micros != TR069_TIME_UNKNOWN) {
        ret_value->length = 1 + (size_t) rest; /* there is no text: the client writes it, with the fraction */
    }
    return TR069_OK;
}

#ifdef __cplusplus
}
#endif

#endif
