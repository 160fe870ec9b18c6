/* The image manifest: appc spec 0.8.11, aci.md "Image Manifest Schema" and types.md. */
#include "image/aci_priv.h"
#include "image/tar_priv.h"

/* types.md "AC Identifier Type": ^[a-z0-9]+([-._~/][a-z0-9]+)*$ */
bool aci_name_is_valid(struct span s)
{
        bool separator = true;

        for (size_t i = 0; i < s.len; i++) {
                uint8_t c = s.at[i];
                bool letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');

                if (!letter && (separator || !strchr("-._~/", c) || c == 0))
                        return false;
                separator = !letter;
        }
        return s.len > 0 && s.len <= IMAGE_ACI_NAME_MAX && !separator;
}

struct span aci_name_take(struct json *j)
{
        struct span s = json_string(j);

        if (!j->failed && s.len > IMAGE_ACI_NAME_MAX)
                json_fail(j, ERR_LIMIT, "%zu bytes, at most %u", s.len, IMAGE_ACI_NAME_MAX);
        else if (!j->failed && !aci_name_is_valid(s))
                json_fail(
                    j, ERR_MALFORMED, "an AC identifier has lower-case letters, digits and single -._~/ between them");
        return s;
}

/* For execve and the like: no NUL. */
struct span aci_text_take(struct json *j, size_t max)
{
        struct span s = json_string(j);
        size_t nul;

        if (s.len > max)
                json_fail(j, ERR_LIMIT, "%zu bytes, at most %zu", s.len, max);
        else if (span_find(s, 0, &nul))
                json_fail(j, ERR_MALFORMED, "a NUL is in it");
        return s;
}

/* {"name": ..., "value": ...}, as labels, annotations and variables are; other members are passed over. */
struct aci_label aci_pair_take(struct json *j, bool identifier, size_t max)
{
        struct aci_label pair = {0};
        bool has_name = false, has_value = false;
        struct span key;

        json_object(j);
        while (json_member(j, &key)) {
                if (span_is(key, "name")) {
                        pair.name = identifier ? aci_name_take(j) : aci_text_take(j, IMAGE_ACI_NAME_MAX);
                        has_name = true;
                } else if (span_is(key, "value")) {
                        pair.value = aci_text_take(j, max);
                        has_value = true;
                } else {
                        json_skip(j);
                }
        }
        if (!j->failed && (!has_name || !has_value))
                json_fail(j, ERR_MALFORMED, "it needs a name and a value");
        return pair;
}

static void labels_take(struct json *j, struct arena *a, struct aci_labels *ret)
{
        if (json_null(j))
                return;
        for (json_array(j); json_element(j);) {
                struct aci_label label = aci_pair_take(j, true, IMAGE_ACI_NAME_MAX);

                if (ret->len == IMAGE_ACI_LABELS_MAX)
                        json_fail(j, ERR_LIMIT, "more than %u labels", IMAGE_ACI_LABELS_MAX);
                if (span_is(label.name, "name"))
                        json_fail(j, ERR_MALFORMED, "a label can't be called name");
                if (span_has_control(label.value))
                        json_fail(j, ERR_MALFORMED, "control bytes are in its value");
                for (size_t i = 0; i < ret->len && !j->failed; i++)
                        if (span_equal(ret->at[i].name, label.name))
                                json_fail(j, ERR_MALFORMED, "the label %.*s stands there twice", SPAN_FMT(label.name));
                if (j->failed)
                        return;
                *ARENA_PUSH(a, ret) = label;
        }
}

const struct span *aci_label(const struct aci_labels *labels, const char *name)
{
        for (size_t i = 0; i < labels->len; i++)
                if (span_is(labels->at[i].name, name))
                        return &labels->at[i].value;
        return NULL;
}

struct annotations {
        struct span names[IMAGE_ACI_ANNOTATIONS_MAX];
        size_t len;
};

static void annotations_take(struct json *j, struct arena *a, struct aci_manifest *m)
{
        struct annotations *seen = arena_alloc(a, sizeof(*seen));

        if (json_null(j))
                return;
        for (json_array(j); json_element(j);) {
                struct aci_label pair = aci_pair_take(j, true, IMAGE_TEXT_MAX);

                if (seen->len == IMAGE_ACI_ANNOTATIONS_MAX)
                        json_fail(j, ERR_LIMIT, "more than %u annotations", IMAGE_ACI_ANNOTATIONS_MAX);
                for (size_t i = 0; i < seen->len && !j->failed; i++)
                        if (span_equal(seen->names[i], pair.name))
                                json_fail(
                                    j, ERR_MALFORMED, "the annotation %.*s stands there twice", SPAN_FMT(pair.name));
                if (j->failed)
                        return;
                seen->names[seen->len++] = pair.name;
                if (span_is(pair.name, "created") && pair.value.len <= IMAGE_PLATFORM_MAX &&
                    !span_has_control(pair.value))
                        m->created = pair.value;
        }
}

/* types.md "Image ID Type": sha512- and 128 hex digits. */
static void id_take(struct json *j, struct digest *ret)
{
        struct span text = json_string(j);
        char colon[DIGEST_TEXT_MAX];
        struct err cause = {0};

        if (j->failed)
                return;
        if (!span_starts(text, "sha512-") || text.len >= sizeof(colon)) {
                json_fail(j, ERR_MALFORMED, "an image id is sha512- and 128 hex digits");
                return;
        }
        snprintf(colon, sizeof(colon), "sha512:%.*s", (int)text.len - 7, (const char *)text.at + 7);
        if (!digest_parse(span_of(colon), ret, &cause))
                json_fail(j, cause.kind, "%s", cause.text);
}

static void dependencies_take(struct json *j, struct arena *a, struct aci_manifest *m)
{
        struct span key;

        if (json_null(j))
                return;
        for (json_array(j); json_element(j);) {
                struct aci_dependency d = {0};

                if (m->dependencies.len == IMAGE_ACI_DEPENDENCIES_MAX)
                        json_fail(j, ERR_LIMIT, "more than %u dependencies", IMAGE_ACI_DEPENDENCIES_MAX);
                json_object(j);
                while (json_member(j, &key)) {
                        if (span_is(key, "imageName"))
                                d.name = aci_name_take(j);
                        else if (span_is(key, "imageID"))
                                id_take(j, &d.id);
                        else if (span_is(key, "labels"))
                                labels_take(j, a, &d.labels);
                        else if (span_is(key, "size"))
                                d.size = json_u64(j);
                        else
                                json_skip(j);
                }
                if (!j->failed && d.name.len == 0)
                        json_fail(j, ERR_MALFORMED, "a dependency needs an imageName");
                if (j->failed)
                        return;
                *ARENA_PUSH(a, &m->dependencies) = d;
        }
}

static void paths_take(struct json *j, struct arena *a, struct aci_list *list)
{
        uint8_t clean[IMAGE_PATH_MAX + 1];
        struct err cause = {0};
        size_t len;

        if (json_null(j))
                return;
        for (json_array(j); json_element(j);) {
                struct span path = aci_text_take(j, IMAGE_PATH_MAX);

                if (list->len == IMAGE_ACI_WHITELIST_MAX)
                        json_fail(j, ERR_LIMIT, "more than %u paths", IMAGE_ACI_WHITELIST_MAX);
                if (!j->failed && path.len == 0)
                        json_fail(j, ERR_MALFORMED, "an empty path");
                /* Absolute since 0.8; before, both were in use and meant the same. "/" alone is the root. */
                while (span_starts(path, "/"))
                        path = span_from(path, 1);
                if (!j->failed && path.len == 0)
                        path = SPAN_LIT(".");
                if (!j->failed && !tar_path_clean(path, clean, &len, &cause))
                        json_fail(j, cause.kind, "%s", cause.text);
                if (j->failed)
                        return;
                *ARENA_PUSH(a, list) = arena_copy(a, span_bytes(clean, len));
        }
        aci_list_sort(list);
}

/* acVersion is SemVer; of the major version 0 there are releases up to 0.8.11, and they can be read alike. */
static void version_take(struct json *j)
{
        struct span text = aci_text_take(j, IMAGE_PLATFORM_MAX), rest = text, part;
        uint64_t number;
        bool ok = true;

        for (int i = 0; i < 3; i++) {
                if (i == 2) { /* 0.8.11+git, 0.9.0-rc.1 */
                        span_split(rest, '+', &rest, &part);
                        span_split(rest, '-', &rest, &part);
                }
                bool split = span_split(rest, '.', &part, &rest);
                ok = ok && split == (i < 2) && span_to_u64(part, &number);
                if (i == 0 && ok && number != 0 && !j->failed)
                        json_fail(j, ERR_UNSUPPORTED, "version %llu of the specification", (unsigned long long)number);
        }
        if (!ok && !j->failed)
                json_fail(j, ERR_MALFORMED, "a version is three numbers: 0.8.11");
}

static void kind_take(struct json *j)
{
        struct span kind = aci_text_take(j, IMAGE_PLATFORM_MAX);
        char shown[80];

        if (j->failed || span_is(kind, "ImageManifest"))
                return;
        json_fail(j, span_is(kind, "PodManifest") ? ERR_UNSUPPORTED : ERR_MALFORMED, "\"%s\" is no ImageManifest",
            span_printable(kind, shown, sizeof(shown)));
}

bool aci_manifest_parse(struct span in, struct arena *a, struct aci_manifest *ret, struct err *e)
{
        static const char *const required[] = {"acKind", "acVersion", "name"};
        struct aci_manifest m = {0};
        bool has[ARRAY_LEN(required)] = {false};
        struct span key;
        struct json j;

        json_init(&j, in, a, NULL);
        json_object(&j);
        while (json_member(&j, &key)) {
                for (size_t i = 0; i < ARRAY_LEN(required); i++)
                        has[i] |= span_is(key, required[i]);
                if (span_is(key, "acKind"))
                        kind_take(&j);
                else if (span_is(key, "acVersion"))
                        version_take(&j);
                else if (span_is(key, "name"))
                        m.name = aci_name_take(&j);
                else if (span_is(key, "labels"))
                        labels_take(&j, a, &m.labels);
                else if (span_is(key, "app"))
                        aci_app_take(&j, a, &m);
                else if (span_is(key, "dependencies"))
                        dependencies_take(&j, a, &m);
                else if (span_is(key, "pathWhitelist"))
                        paths_take(&j, a, &m.paths);
                else if (span_is(key, "annotations"))
                        annotations_take(&j, a, &m);
                else
                        json_skip(&j);
        }
        for (size_t i = 0; i < ARRAY_LEN(required) && !j.failed; i++)
                if (!has[i])
                        json_fail(&j, ERR_MALFORMED, "an image manifest needs %s", required[i]);
        if (!json_finish(&j, e))
                return false;
        *ret = m;
        return true;
}
