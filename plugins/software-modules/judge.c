/* The rules of ChangeDUState (TR-069 A.4.1.10, A.5.1): which deployment units an operation is for, and what
 * forbids it. */
#include "modules.h"

bool environment_is_ours(const struct modules *modules, const char *reference) {
    static const char name[] = "SoftwareModules.ExecEnv.1";
    const char *root = modules->host->root(modules->host);
    size_t root_length = strlen(root), length = strlen(name);
    if (strncmp(reference, root, root_length) == 0) {
        reference += root_length;
    } else if (reference[0] == '.') { /* relative to the root */
        reference++;
    }
    return strncmp(reference, name, length) == 0 &&
           (reference[length] == '\0' || strcmp(reference + length, ".") == 0);
}

static int check_environment(const struct modules *modules, const struct operation *operation,
                             struct tr069_fault *fault) {
    const char *reference = operation->texts[TEXT_ENVIRONMENT];
    if (reference[0] != '\0' && !environment_is_ours(modules, reference)) {
        return tr069_fault(fault, TR069_DU_UNKNOWN_ENVIRONMENT, "ExecutionEnvRef: there is no \"%.100s\"",
                           reference);
    }
    if (operation->kind != OPERATION_UNINSTALL && !modules->enabled) {
        return tr069_fault(fault, TR069_DU_DISABLED_ENVIRONMENT, "the execution environment is disabled");
    }
    return TR069_OK;
}

static void take_targets(struct operation *operation, struct unit *const *units, size_t count) {
    for (size_t i = 0; i < count; i++) {
        operation->targets[i] = units[i]->instance;
    }
    operation->target_count = count;
}

int judge_begin(struct modules *modules, struct operation *operation, struct tr069_fault *fault) {
    const char *uuid = operation->texts[TEXT_UUID], *version = operation->texts[TEXT_VERSION];
    const bool by_url = operation->kind == OPERATION_UPDATE && uuid[0] == '\0';
    struct unit *units[UNITS_MAX];
    int verdict;
    if (uuid[0] != '\0' && !uuid_is_good(uuid)) {
        return tr069_fault(fault, TR069_DU_UUID_FORMAT, "UUID: 8-4-4-4-12 hexadecimal digits are expected");
    }
    verdict = check_environment(modules, operation, fault);
    if (verdict != TR069_OK) {
        return verdict;
    }
    if (operation->kind == OPERATION_INSTALL) {
        return units_count(&modules->units) < UNITS_MAX
                   ? TR069_OK
                   : tr069_fault(fault, TR069_DU_RESOURCES_EXCEEDED,
                                 "%d deployment units are installed already", UNITS_MAX);
    }
    size_t count =
        units_select(&modules->units, uuid, version, by_url ? operation->texts[TEXT_URL] : NULL, units);
    if (count == 0) {
        return tr069_fault(fault, TR069_DU_UNKNOWN, "no deployment unit of that UUID, version or URL");
    }
    if (operation->kind == OPERATION_UPDATE && count > 1 && version[0] == '\0' &&
        (uuid[0] != '\0' || operation->texts[TEXT_URL][0] != '\0')) {
        return tr069_fault(fault, TR069_DU_VERSION_NOT_SPECIFIED,
                           "%zu versions are installed, and none is named", count);
    }
    take_targets(operation, units, count);
    return TR069_OK;
}

static int judge_update(struct modules *modules, const struct unit *unit, const struct manifest *manifest,
                        struct tr069_fault *fault) {
    struct unit *units[UNITS_MAX];
    if (strcmp(manifest->uuid, unit->manifest.uuid) != 0) {
        return tr069_fault(fault, TR069_INVALID_ARGUMENTS, "the bundle is of another deployment unit, %s",
                           manifest->uuid);
    }
    if (units_select(&modules->units, manifest->uuid, manifest->version, NULL, units) > 0) {
        return tr069_fault(fault, TR069_DU_VERSION_EXISTS, "version %.100s is installed already",
                           manifest->version);
    }
    if (version_compare(manifest->version, unit->manifest.version) < 0 &&
        !modules->host->option_bool(modules->host, "allow_downgrade")) {
        return tr069_fault(fault, TR069_DU_DOWNGRADE, "version %.80s is older than %.80s, which is installed",
                           manifest->version, unit->manifest.version);
    }
    return TR069_OK;
}

/* A bundle without a UUID gets the one that was asked for, else one made of who it is. */
static void complete_uuid(const struct operation *operation, const struct unit *unit,
                          struct manifest *manifest) {
    char who[NAME_SIZE + VENDOR_SIZE + 1];
    const char *asked = unit != NULL ? unit->manifest.uuid : operation->texts[TEXT_UUID];
    if (manifest->uuid[0] != '\0') {
        return;
    }
    if (asked[0] != '\0') {
        for (size_t i = 0; i < UUID_SIZE; i++) {
            manifest->uuid[i] =
                (char) (asked[i] >= 'A' && asked[i] <= 'F' ? asked[i] + ('a' - 'A') : asked[i]);
        }
        return;
    }
    (void) snprintf(who, sizeof who, "%s:%s", manifest->name, manifest->vendor);
    uuid_of_name(who, manifest->uuid);
}

/* hexadecimal digits of either case */
static bool same_uuid(const char *a, const char *b) {
    for (; *a != '\0' && *b != '\0'; a++, b++) {
        char low_a = (char) (*a >= 'A' && *a <= 'F' ? *a + ('a' - 'A') : *a);
        char low_b = (char) (*b >= 'A' && *b <= 'F' ? *b + ('a' - 'A') : *b);
        if (low_a != low_b) {
            return false;
        }
    }
    return *a == *b;
}

int judge_bundle(struct modules *modules, const struct operation *operation, const struct unit *unit,
                 struct manifest *manifest, struct tr069_fault *fault) {
    const struct tr069_host *host = modules->host;
    const char *asked = operation->texts[TEXT_UUID];
    struct unit *units[UNITS_MAX];
    complete_uuid(operation, unit, manifest);
    if (manifest->environment[0] != '\0' &&
        strcmp(manifest->environment, host->option_string(host, "environment")) != 0) {
        return tr069_fault(fault, TR069_DU_ENVIRONMENT_MISMATCH,
                           "the bundle is for the environment \"%.100s\"", manifest->environment);
    }
    if (unit != NULL) {
        return judge_update(modules, unit, manifest, fault);
    }
    if (asked[0] != '\0' && !same_uuid(asked, manifest->uuid)) {
        return tr069_fault(fault, TR069_INVALID_ARGUMENTS, "the bundle is of another deployment unit, %s",
                           manifest->uuid);
    }
    if (units_select(&modules->units, manifest->uuid, manifest->version, NULL, units) > 0) {
        return tr069_fault(fault, TR069_DU_DUPLICATE, "version %.100s of it is installed already",
                           manifest->version);
    }
    return TR069_OK;
}
