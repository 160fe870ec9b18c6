/* The configuration: OCI image-spec 1.1 config.md. */
#include "image/document_priv.h"

/* For execve and the like: no NUL; other control bytes are the image's own business. */
static struct span text_take(struct json *j, size_t max)
{
        struct span s;
        size_t nul;

        if (json_null(j))
                return (struct span){0};
        s = json_string(j);
        if (s.len > max)
                json_fail(j, ERR_LIMIT, "%zu bytes, at most %zu", s.len, max);
        else if (span_find(s, 0, &nul))
                json_fail(j, ERR_MALFORMED, "a NUL is in it");
        return s;
}

static void list_take(struct json *j, struct arena *a, struct text_list *list)
{
        if (json_null(j))
                return;
        for (json_array(j); json_element(j);) {
                if (list->len == IMAGE_LIST_MAX)
                        json_fail(j, ERR_LIMIT, "more than %u elements", IMAGE_LIST_MAX);
                *ARENA_PUSH(a, list) = text_take(j, IMAGE_TEXT_MAX);
        }
}

/* {"Test": ["NONE"]} switches off what a base image had. */
static bool healthcheck_take(struct json *j)
{
        bool stated = false, first = true;
        struct span key;

        if (json_null(j))
                return false;
        json_object(j);
        while (json_member(j, &key)) {
                if (!span_is(key, "Test") || json_peek(j) != JSON_ARRAY) {
                        json_skip(j);
                        continue;
                }
                for (json_array(j); json_element(j); first = false) {
                        struct span word = text_take(j, IMAGE_TEXT_MAX);
                        if (first)
                                stated = word.len > 0 && !span_is(word, "NONE");
                }
        }
        return stated;
}

static void execution_take(struct json *j, struct arena *a, struct config *c)
{
        struct span key;

        if (json_null(j))
                return;
        json_object(j);
        while (json_member(j, &key)) {
                if (span_is(key, "User"))
                        c->user = text_take(j, IMAGE_TEXT_MAX);
                else if (span_is(key, "WorkingDir"))
                        c->working_dir = text_take(j, IMAGE_PATH_MAX);
                else if (span_is(key, "StopSignal"))
                        c->stop_signal = text_take(j, IMAGE_PLATFORM_MAX);
                else if (span_is(key, "Env"))
                        list_take(j, a, &c->env);
                else if (span_is(key, "Entrypoint"))
                        list_take(j, a, &c->entrypoint);
                else if (span_is(key, "Cmd"))
                        list_take(j, a, &c->cmd);
                else if (span_is(key, "Healthcheck"))
                        c->healthcheck = healthcheck_take(j);
                else
                        json_skip(j);
        }
}

static void rootfs_take(struct json *j, struct arena *a, struct config *c)
{
        struct err cause = {0};
        struct span key;

        json_object(j);
        while (json_member(j, &key)) {
                if (span_is(key, "type")) {
                        if (!span_is(json_string(j), "layers"))
                                json_fail(j, ERR_UNSUPPORTED, "a root file system that is not made of layers");
                } else if (span_is(key, "diff_ids")) {
                        for (json_array(j); json_element(j);) {
                                struct span text = json_string(j);

                                if (c->diff_ids.len == IMAGE_LAYERS_MAX)
                                        json_fail(j, ERR_LIMIT, "more than %u layers", IMAGE_LAYERS_MAX);
                                if (!j->failed && !digest_parse(text, ARENA_PUSH(a, &c->diff_ids), &cause))
                                        json_fail(j, cause.kind, "%s", cause.text);
                        }
                } else {
                        json_skip(j);
                }
        }
}

/* One text for each line that made a layer; lines of empty layers (ENV, LABEL ...) are left out. */
static void history_take(struct json *j, struct arena *a, struct config *c)
{
        uint32_t lines = 0;

        if (json_null(j))
                return;
        for (json_array(j); json_element(j);) {
                struct span key, by = {0};
                bool empty = false;

                if (++lines > IMAGE_HISTORY_MAX)
                        json_fail(j, ERR_LIMIT, "more than %u lines of history", IMAGE_HISTORY_MAX);
                json_object(j);
                while (json_member(j, &key)) {
                        if (span_is(key, "created_by"))
                                by = text_take(j, JSON_STRING_MAX);
                        else if (span_is(key, "empty_layer"))
                                empty = json_bool(j);
                        else
                                json_skip(j);
                }
                /* It is for people: cut, not refused. */
                by = span_cut(by, 0, IMAGE_TEXT_MAX);
                *ARENA_PUSH(a, &c->history) = by;
                if (!empty)
                        *ARENA_PUSH(a, &c->created_by) = by;
        }
}

bool config_parse(struct span in, struct arena *a, struct config *ret, struct err *e)
{
        struct config c = {0};
        bool has_rootfs = false;
        struct span key;
        struct json j;

        json_init(&j, in, a, NULL);
        json_object(&j);
        while (json_member(&j, &key)) {
                if (span_is(key, "os"))
                        c.platform.os = text_take(&j, IMAGE_PLATFORM_MAX);
                else if (span_is(key, "architecture"))
                        c.platform.architecture = text_take(&j, IMAGE_PLATFORM_MAX);
                else if (span_is(key, "variant"))
                        c.platform.variant = text_take(&j, IMAGE_PLATFORM_MAX);
                else if (span_is(key, "created"))
                        c.created = text_take(&j, IMAGE_PLATFORM_MAX);
                else if (span_is(key, "config"))
                        execution_take(&j, a, &c);
                else if (span_is(key, "history"))
                        history_take(&j, a, &c);
                else if (span_is(key, "rootfs")) {
                        has_rootfs = true;
                        rootfs_take(&j, a, &c);
                } else
                        json_skip(&j);
        }
        if (!j.failed && !has_rootfs)
                json_fail(&j, ERR_MALFORMED, "a configuration needs rootfs");
        if (!json_finish(&j, e))
                return false;
        if (c.created_by.len != c.diff_ids.len)
                c.created_by = (struct text_list){0};
        *ret = c;
        return true;
}
