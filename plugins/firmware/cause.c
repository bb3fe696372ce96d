#include "cause.h"

static const struct firmware_cause_entry causes[FIRMWARE_CAUSES] = {
    [CAUSE_NOT_ZIP] = {9018, "not a .zip archive"},
    [CAUSE_TRUNCATED] = {9018, "the archive is cut short"},
    [CAUSE_DAMAGED] = {9018, "the archive is damaged"},
    [CAUSE_NAME] = {9018, "a name in the archive is not allowed"},
    [CAUSE_ENTRIES] = {9018, "too many entries in the archive"},
    [CAUSE_TOO_BIG] = {9018, "the archive unpacks to too much"},
    [CAUSE_RATIO] = {9018, "the archive is packed suspiciously small"},
    [CAUSE_METHOD] = {9018, "the archive is encrypted or packed in an unknown way"},
    [CAUSE_DEVICE] = {9018, "the image is for another device"},
    [CAUSE_UNSIGNED] = {9019, "the image is not signed"},
    [CAUSE_SIGNATURE] = {9019, "the image's signature cannot be read"},
    [CAUSE_SIGNER] = {9019, "the image is signed by somebody else"},
    [CAUSE_ALTERED] = {9019, "the image is not what was signed"},
    [CAUSE_WEAK] = {9019, "the image's signature is too weak"},
    [CAUSE_CERTIFICATES] = {9010, "the box's firmware certificates cannot be used"},
    [CAUSE_READ] = {9010, "the fetched image cannot be read"},
    [CAUSE_CHECKS] = {9010, "the image could not be checked"},
    [CAUSE_STATE] = {9010, "not installed, since the box cannot write its state"},
    [CAUSE_NO_INSTALLER] = {9010, "no installer of firmware is configured on this box"},
    [CAUSE_REFUSED] = {9010, "the installer refused the image"},
    [CAUSE_INSTALL_TIME] = {9010, "the installer did not end in time and was stopped"},
    [CAUSE_INTERRUPTED] = {9010, "the box restarted while the installer worked"},
    [CAUSE_RESTART] = {9010, "installed, but the restart could not be ordered"},
    [CAUSE_NO_RESTART] = {9010, "installed, but the box did not restart"},
    [CAUSE_OLD_VERSION] = {9010, "the box came back with the old version"},
    [CAUSE_OTHER_VERSION] = {9010, "the box came back with another version than the image's"},
};

const struct firmware_cause_entry *firmware_cause(enum firmware_cause cause) {
    return &causes[cause];
}

int firmware_fault(struct tr069_fault *fault, enum firmware_cause cause, const char *format, ...) {
    va_list arguments;
    fault->code = causes[cause].code;
    int length = snprintf(fault->text, sizeof fault->text, "%s: ", causes[cause].words);
    va_start(arguments, format);
    if (length >= 0 && (size_t) length < sizeof fault->text) {
        (void) vsnprintf(fault->text + length, sizeof fault->text - (size_t) length, format, arguments);
    }
    va_end(arguments);
    for (char *at = fault->text; *at != '\0'; at++) {
        if ((unsigned char) *at < 0x20 || *at == 0x7f) {
            *at = ' ';
        }
    }
    return TR069_FAULT;
}
