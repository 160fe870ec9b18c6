/*
 * What an image's configuration and history say against good practice: the image section of the CIS Docker Benchmark (1.6,
 * section 4), as far as an image alone can tell. Each rule has a stable id; none of them says that anything is broken.
 */
#include <strings.h>

#include "inventory/config_remarks_priv.h"

static bool contains_word(struct span text, const char *word)
{
        size_t len = strlen(word);

        for (size_t i = 0; text.at && i + len <= text.len; i++)
                if (strncasecmp((const char *)text.at + i, word, len) == 0)
                        return true;
        return false;
}

static struct remark *add(struct arena *a, struct remark_list *to, enum remark_severity severity, const char *rule)
{
        struct remark *r = ARENA_PUSH(a, to);

        r->kind = REMARK_CONFIGURATION;
        r->severity = severity;
        r->rule = span_of(rule);
        r->visible = true;
        return r;
}

/* ---- the configuration ---- */

static void check_user(const struct image *i, struct arena *a, struct remark_list *to)
{
        struct span user, group;

        span_split(i->user, ':', &user, &group);
        if (user.len > 0 && !span_is(user, "root") && !span_is(user, "0"))
                return;
        struct remark *r = add(a, to, REMARK_MEDIUM, "config.root-user");
        r->title = SPAN_LIT("the image runs as root"); /* CIS 4.1 */
        r->remedy = SPAN_LIT("make a user and name it with USER, or say --user when it starts");
}

static void check_healthcheck(const struct image *i, struct arena *a, struct remark_list *to)
{
        if (i->healthcheck)
                return;
        struct remark *r = add(a, to, REMARK_LOW, "config.no-healthcheck"); /* CIS 4.6 */
        r->title = SPAN_LIT("the image states no health check");
        r->remedy = SPAN_LIT("add HEALTHCHECK, or one in whatever starts it");
}

/* Names that hold secrets where they hold anything. "_FILE" and the like name a place instead. */
static bool is_secret_name(struct span name)
{
        static const char *const words[] = {"password", "passwd", "secret", "api_key", "apikey", "access_key",
            "private_key", "auth_token", "access_token", "credential"};
        static const char *const places[] = {"_file", "_path", "_dir", "_url", "_name", "_id", "_length", "_enabled"};

        for (size_t i = 0; i < ARRAY_LEN(places); i++)
                if (name.len > strlen(places[i]) &&
                    contains_word(span_from(name, name.len - strlen(places[i])), places[i]))
                        return false;
        for (size_t i = 0; i < ARRAY_LEN(words); i++)
                if (contains_word(name, words[i]))
                        return true;
        return false;
}

/* What is certainly no secret: empty, a reference to another variable, a plain switch. */
static bool is_no_secret(struct span value)
{
        static const char *const words[] = {"true", "false", "yes", "no", "none", "null", "0", "1"};

        for (size_t i = 0; i < ARRAY_LEN(words); i++)
                if (span_is(value, words[i]))
                        return true;
        return value.len < 4 || value.at[0] == '$' || value.at[0] == '/';
}

static void check_environment(const struct image *i, struct arena *a, struct remark_list *to)
{
        for (size_t k = 0; k < i->n_env; k++) {
                struct span name, value;
                char shown[80];
                if (!span_split(i->env[k], '=', &name, &value) || !is_secret_name(name) || is_no_secret(value))
                        continue;
                struct remark *r = add(a, to, REMARK_HIGH, "config.secret-in-environment"); /* CIS 4.10 */
                r->title = SPAN_LIT("a secret stands in the image's environment");
                r->excerpt = arena_copy(a, span_of(span_printable(name, shown, sizeof(shown))));
                r->remedy = SPAN_LIT("revoke it, and give it when the container starts");
        }
}

/* ---- the history ---- */

/* "https://user:password@host" without what stands before the '@': a report goes to more people than the image does. */
static struct span without_userinfo(struct arena *a, struct span line)
{
        CLEANUP(buf_done) struct buf b = {0};

        for (size_t i = 0; i < line.len; i++) {
                size_t end = i;

                buf_put_u8(&b, line.at[i]);
                if (i < 2 || line.at[i] != '/' || line.at[i - 1] != '/' || line.at[i - 2] != ':')
                        continue;
                while (end + 1 < line.len && !strchr("/?# \t\n\"'@", line.at[end + 1]))
                        end++;
                if (end + 1 < line.len && line.at[end + 1] == '@') {
                        buf_put_text(&b, "***");
                        i = end;
                }
        }
        return arena_copy(a, buf_span(&b));
}

struct span history_excerpt(struct arena *a, struct span line)
{
        char shown[120];

        return arena_copy(a, span_of(span_printable(without_userinfo(a, line), shown, sizeof(shown))));
}

static void history_remark(struct span line, enum remark_severity severity, const char *rule, const char *title,
    const char *remedy, struct arena *a, struct remark_list *to)
{
        struct remark *r = add(a, to, severity, rule);

        r->title = span_of(title);
        r->remedy = span_of(remedy);
        r->excerpt = history_excerpt(a, line);
}

static bool runs(struct span line, const char *first, const char *second)
{
        return contains_word(line, first) && contains_word(line, second);
}

static void check_line(struct span line, struct arena *a, struct remark_list *to)
{
        /* BuildKit writes "ADD https://...", the old builder "/bin/sh -c #(nop) ADD https://...". */
        if ((span_starts(line, "ADD ") || contains_word(line, "#(nop) ADD ")) &&
            (contains_word(line, "http://") || contains_word(line, "https://")))
                history_remark(line, REMARK_MEDIUM, "config.add-url", "a file was added from a URL, without its digest",
                    "fetch it in a RUN that compares its digest, or give ADD a --checksum", a, to); /* CIS 4.9 */
        if (contains_word(line, "curl ") || contains_word(line, "wget "))
                if (contains_word(line, "| sh") || contains_word(line, "|sh") || contains_word(line, "| bash") ||
                    contains_word(line, "|bash"))
                        history_remark(line, REMARK_MEDIUM, "config.pipe-to-shell",
                            "a script was fetched and run unseen", "fetch it, compare its digest, then run it", a,
                            to); /* CIS 4.11 */
        if (contains_word(line, "--allow-unauthenticated") || contains_word(line, "--force-yes") ||
            contains_word(line, "--nogpgcheck") || contains_word(line, "--allow-untrusted"))
                history_remark(line, REMARK_HIGH, "config.unverified-packages",
                    "packages were installed without their signatures",
                    "leave the option out and import the key instead", a, to); /* CIS 4.11 */
        if (runs(line, "apt-get", "dist-upgrade") || (contains_word(line, "sudo ") && contains_word(line, "install")))
                history_remark(line, REMARK_INFO, "config.sudo-or-upgrade",
                    "the build upgraded the whole system or installed sudo",
                    "start from a newer base image, and switch users with USER", a, to);
        if (contains_word(line, "chmod 777") || contains_word(line, "chmod -R 777") || contains_word(line, "chmod a+w"))
                history_remark(line, REMARK_LOW, "config.world-writable", "the build made files writable for everybody",
                    "give them to the user that needs them", a, to);
}

void config_remarks(const struct image *i, struct arena *a, struct remark_list *to)
{
        size_t from = to->len;

        if (i->kind == IMAGE_ROOT_FOLDER)
                return;
        check_user(i, a, to);
        check_healthcheck(i, a, to);
        check_environment(i, a, to);
        for (size_t k = 0; k < i->n_history; k++)
                check_line(i->history[k], a, to);
        for (size_t k = from; k < to->len; k++)
                to->at[k].layer = i->n_layers ? (uint32_t)i->n_layers - 1 : 0;
}
