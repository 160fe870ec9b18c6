/* "app" of an image manifest: what is run, and what it asks of whoever runs it (appc spec 0.8.11, aci.md and ace.md). */
#include "image/aci_priv.h"

struct app {
        struct arena *arena;
        struct aci_manifest *m;
        struct span user, group;
};

/* The first obstacle is said; one is enough. */
static void obstacle(struct app *app, const char *what, struct span name)
{
        char shown[160];

        if (app->m->obstacle.len == 0)
                app->m->obstacle = arena_printf(
                    app->arena, "%s %s", what, span_printable(span_cut(name, 0, 150), shown, sizeof(shown)));
}

static void exec_take(struct json *j, struct app *app)
{
        if (json_null(j))
                return;
        for (json_array(j); json_element(j);) {
                if (app->m->exec.len == IMAGE_LIST_MAX)
                        json_fail(j, ERR_LIMIT, "more than %u elements", IMAGE_LIST_MAX);
                struct span word = aci_text_take(j, IMAGE_TEXT_MAX);
                if (j->failed)
                        return;
                *ARENA_PUSH(app->arena, &app->m->exec) = word;
        }
}

/* IEEE 1003.1: letters, digits and underscores, and no digit first. */
static bool variable_is_valid(struct span name)
{
        for (size_t i = 0; i < name.len; i++) {
                uint8_t c = name.at[i];

                if (!(c >= 'A' && c <= 'Z') && !(c >= 'a' && c <= 'z') && c != '_' && !(c >= '0' && c <= '9' && i > 0))
                        return false;
        }
        return name.len > 0;
}

static void environment_take(struct json *j, struct app *app)
{
        if (json_null(j))
                return;
        for (json_array(j); json_element(j);) {
                struct aci_label pair = aci_pair_take(j, false, IMAGE_TEXT_MAX - IMAGE_ACI_NAME_MAX - 1);

                if (app->m->env.len == IMAGE_LIST_MAX)
                        json_fail(j, ERR_LIMIT, "more than %u variables", IMAGE_LIST_MAX);
                if (!j->failed && !variable_is_valid(pair.name))
                        json_fail(j, ERR_MALFORMED, "a variable's name has letters, digits and underscores");
                if (j->failed)
                        return;
                struct buf line CLEANUP(buf_done) = {0};
                buf_put(&line, pair.name);
                buf_put_u8(&line, '=');
                buf_put(&line, pair.value);
                *ARENA_PUSH(app->arena, &app->m->env) = arena_copy(app->arena, buf_span(&line));
        }
}

/* A list of objects with names, each of which somebody would have to provide. */
static void wishes_take(struct json *j, struct app *app, const char *what, bool heeded)
{
        struct span key;

        if (json_null(j))
                return;
        for (json_array(j); json_element(j);) {
                bool socket = false;
                struct span name = {0};

                json_object(j);
                while (json_member(j, &key)) {
                        if (span_is(key, "name"))
                                name = aci_name_take(j);
                        else if (span_is(key, "socketActivated"))
                                socket = json_bool(j);
                        else
                                json_skip(j);
                }
                if (!j->failed && name.len == 0)
                        json_fail(j, ERR_MALFORMED, "it needs a name");
                if (j->failed)
                        return;
                if (heeded)
                        obstacle(app, what, name);
                else if (socket) /* that it listens is for people to know */
                        obstacle(app, "a socket that is opened for it, of the port", name);
        }
}

static void groups_take(struct json *j, struct app *app)
{
        if (json_null(j))
                return;
        for (json_array(j); json_element(j);) {
                uint64_t id = json_u64(j);

                if (!j->failed)
                        obstacle(
                            app, "the supplementary group", arena_printf(app->arena, "%llu", (unsigned long long)id));
        }
}

/* "user" and "group" -> USER:GROUP. A path stands for that file's owner, which only whoever has the files can tell. */
static void owner_make(struct json *j, struct app *app)
{
        size_t at;

        if (j->failed)
                return;
        if (app->user.len == 0 || app->group.len == 0) {
                json_fail(j, ERR_MALFORMED, "an app needs a user and a group");
                return;
        }
        if (span_find(app->user, ':', &at) || span_find(app->group, ':', &at) || span_has_control(app->user) ||
            span_has_control(app->group)) {
                json_fail(j, ERR_MALFORMED, "a user or group with a colon or control bytes in it");
                return;
        }
        if (span_starts(app->user, "/"))
                obstacle(app, "the user who owns", app->user);
        if (span_starts(app->group, "/"))
                obstacle(app, "the group that owns", app->group);
        app->m->user = arena_printf(app->arena, "%.*s:%.*s", SPAN_FMT(app->user), SPAN_FMT(app->group));
}

void aci_app_take(struct json *j, struct arena *a, struct aci_manifest *m)
{
        struct app app = {.arena = a, .m = m};
        struct span key;

        if (json_null(j))
                return;
        json_object(j);
        while (json_member(j, &key)) {
                if (span_is(key, "exec"))
                        exec_take(j, &app);
                else if (span_is(key, "user"))
                        app.user = aci_text_take(j, IMAGE_PATH_MAX);
                else if (span_is(key, "group"))
                        app.group = aci_text_take(j, IMAGE_PATH_MAX);
                else if (span_is(key, "environment"))
                        environment_take(j, &app);
                else if (span_is(key, "workingDirectory"))
                        m->working_dir = aci_text_take(j, IMAGE_PATH_MAX);
                else if (span_is(key, "isolators"))
                        wishes_take(j, &app, "the isolator", true);
                else if (span_is(key, "mountPoints"))
                        wishes_take(j, &app, "something mounted at the mount point", true);
                else if (span_is(key, "eventHandlers"))
                        wishes_take(j, &app, "the event handler", true);
                else if (span_is(key, "ports"))
                        wishes_take(j, &app, "", false);
                else if (span_is(key, "supplementaryGIDs"))
                        groups_take(j, &app);
                else
                        json_skip(j);
        }
        if (!j->failed && m->working_dir.len > 0 && !span_starts(m->working_dir, "/"))
                json_fail(j, ERR_MALFORMED, "workingDirectory must be an absolute path");
        owner_make(j, &app);
}

struct image_platform aci_platform(const struct aci_manifest *m)
{
        /* aci.md's names (schema/types/labels.go) and Go's. */
        static const struct {
                const char *arch, *architecture, *variant;
        } known[] = {
            {"i386", "386", ""},
            {"x86_64", "amd64", ""}, /* of darwin */
            {"aarch64", "arm64", ""},
            {"aarch64_be", "arm64be", ""},
            {"armv6l", "arm", "v6"},
            {"armv7l", "arm", "v7"},
            {"armv7b", "armbe", "v7"},
        };
        const struct span *os = aci_label(&m->labels, "os"), *arch = aci_label(&m->labels, "arch");
        struct image_platform p = {0};

        if (os)
                p.os = *os;
        if (os && arch) /* it means something only when the system is stated, too */
                p.architecture = *arch;
        for (size_t i = 0; i < ARRAY_LEN(known); i++)
                if (span_is(p.architecture, known[i].arch)) {
                        p.architecture = span_of(known[i].architecture);
                        p.variant = span_of(known[i].variant);
                        break;
                }
        return p;
}
