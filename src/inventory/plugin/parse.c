/* What a plug-in printed: JSON, read in a worker. */
#include "inventory/plugin/plugin_priv.h"

/* For errors, reports and purls: no control bytes. */
static struct span text_take(struct json *j, struct arena *a, size_t max)
{
        struct span s;

        if (json_null(j))
                return (struct span){0};
        s = json_string(j);
        if (s.len > max)
                json_fail(j, ERR_LIMIT, "%zu bytes, at most %zu", s.len, max);
        else if (span_has_control(s))
                json_fail(j, ERR_MALFORMED, "control bytes are in it");
        return j->failed ? (struct span){0} : arena_copy(a, s);
}

static bool of_letters(struct span s, const char *others, size_t max)
{
        for (size_t i = 0; i < s.len; i++) {
                uint8_t c = s.at[i];

                if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && (c == 0 || i == 0 || !strchr(others, c)))
                        return false;
        }
        return s.len > 0 && s.len <= max;
}

static void wants_take(struct json *j, struct arena *a, struct plugin_texts *ret)
{
        for (json_array(j); json_element(j);) {
                struct span pattern = text_take(j, a, PLUGIN_PATTERN_MAX);

                if (ret->len == PLUGIN_WANTS_MAX)
                        json_fail(j, ERR_LIMIT, "more than %u patterns", PLUGIN_WANTS_MAX);
                if (!j->failed && pattern.len == 0)
                        json_fail(j, ERR_MALFORMED, "an empty pattern");
                if (j->failed)
                        return;
                *ARENA_PUSH(a, ret) = pattern;
        }
}

bool plugin_describe_parse(struct span in, struct arena *a, struct plugin *io, struct err *e)
{
        struct plugin p = *io;
        struct span key;
        struct json j;

        p.name = p.version = (struct span){0};
        p.wants = (struct plugin_texts){0};
        p.max_bytes = PLUGIN_FILE_MAX;
        json_init(&j, in, a, NULL);
        json_object(&j);
        while (json_member(&j, &key)) {
                if (span_is(key, "name"))
                        p.name = text_take(&j, a, PLUGIN_NAME_MAX);
                else if (span_is(key, "version"))
                        p.version = text_take(&j, a, INVENTORY_VERSION_MAX);
                else if (span_is(key, "wants"))
                        wants_take(&j, a, &p.wants);
                else if (span_is(key, "max_bytes"))
                        p.max_bytes = json_u64(&j);
                else
                        json_skip(&j);
        }
        if (!j.failed && !of_letters(p.name, "-_.", PLUGIN_NAME_MAX))
                json_fail(&j, ERR_MALFORMED, "\"name\" must be small letters, digits and -_.");
        else if (!j.failed && p.version.len == 0)
                json_fail(&j, ERR_MALFORMED, "\"version\" is missing");
        else if (!j.failed && p.wants.len == 0)
                json_fail(&j, ERR_MALFORMED, "\"wants\" is missing: a list of patterns");
        else if (!j.failed && (p.max_bytes == 0 || p.max_bytes > PLUGIN_FILE_MAX))
                json_fail(&j, ERR_LIMIT, "\"max_bytes\" must be 1 to %u", PLUGIN_FILE_MAX);
        if (!json_finish(&j, e))
                return false;
        *io = p;
        return true;
}

static void package_take(struct json *j, struct arena *a, struct plugin_packages *to)
{
        struct plugin_package p = {0};
        struct {
                const char *key;
                struct span *value;
                size_t max;
                bool required;
        } texts[] = {
            {"path", &p.path, INVENTORY_PATH_MAX, true},
            {"type", &p.type, INVENTORY_TYPE_MAX, true},
            {"name", &p.name, INVENTORY_NAME_MAX, true},
            {"version", &p.version, INVENTORY_VERSION_MAX, true},
            {"licence", &p.licence, INVENTORY_LICENCE_MAX, false},
            {"ecosystem", &p.ecosystem, INVENTORY_ECOSYSTEM_MAX, false},
            {"arch", &p.arch, INVENTORY_ARCH_MAX, false},
            {"source_name", &p.source_name, INVENTORY_NAME_MAX, false},
            {"source_version", &p.source_version, INVENTORY_VERSION_MAX, false},
            {"vendor", &p.vendor, INVENTORY_NAME_MAX, false},
            {"cpe", &p.cpe, INVENTORY_NAME_MAX, false},
        };
        uint64_t layer = UINT64_MAX;
        struct span key;

        json_object(j);
        while (json_member(j, &key)) {
                size_t i = 0;

                while (i < ARRAY_LEN(texts) && !span_is(key, texts[i].key))
                        i++;
                if (i < ARRAY_LEN(texts))
                        *texts[i].value = text_take(j, a, texts[i].max);
                else if (span_is(key, "layer"))
                        layer = json_u64(j);
                else
                        json_skip(j);
        }
        for (size_t i = 0; i < ARRAY_LEN(texts) && !j->failed; i++)
                if (texts[i].required && texts[i].value->len == 0)
                        json_fail(j, ERR_MALFORMED, "a package needs \"%s\"", texts[i].key);
        if (!j->failed && layer >= INVENTORY_LAYERS_MAX)
                json_fail(j, ERR_MALFORMED, "a package needs \"layer\", as its file had it");
        if (!j->failed && !of_letters(p.type, "-.+", INVENTORY_TYPE_MAX))
                json_fail(j, ERR_MALFORMED, "\"type\" is no type of a purl");
        if (j->failed)
                return;
        p.layer = (uint32_t)layer;
        *ARENA_PUSH(a, to) = p;
}

bool plugin_answer_parse(
    struct span in, struct arena *a, struct plugin_packages *ret, struct plugin_texts *ret_notes, struct err *e)
{
        struct plugin_packages packages = {0};
        struct plugin_texts notes = {0};
        bool has_packages = false;
        struct span key;
        struct json j;

        json_init(&j, in, a, NULL);
        json_object(&j);
        while (json_member(&j, &key)) {
                if (span_is(key, "packages")) {
                        has_packages = true;
                        for (json_array(&j); json_element(&j);) {
                                if (packages.len == PLUGIN_PACKAGES_MAX)
                                        json_fail(&j, ERR_LIMIT, "more than %u packages", PLUGIN_PACKAGES_MAX);
                                package_take(&j, a, &packages);
                        }
                } else if (span_is(key, "notes")) {
                        for (json_array(&j); json_element(&j);) {
                                if (notes.len == PLUGIN_NOTES_MAX)
                                        json_fail(&j, ERR_LIMIT, "more than %u notes", PLUGIN_NOTES_MAX);
                                struct span note = text_take(&j, a, INVENTORY_NAME_MAX);
                                if (note.len > 0)
                                        *ARENA_PUSH(a, &notes) = note;
                        }
                } else {
                        json_skip(&j);
                }
        }
        if (!j.failed && !has_packages)
                json_fail(&j, ERR_MALFORMED, "\"packages\" is missing; a list, which may be empty");
        if (!json_finish(&j, e))
                return false;
        *ret = packages;
        *ret_notes = notes;
        return true;
}
