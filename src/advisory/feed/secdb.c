/*
 * Alpine's security database and those in its form (Wolfi, Chainguard): packages with the version that mends each of a list of ids.
 * Version "0": never affected.
 */
#include "advisory/feed/feed_priv.h"

static bool secdb_is(struct span head)
{
        return feed_json_has_key(head, "urlprefix") &&
               (feed_json_has_key(head, "reponame") || feed_json_has_key(head, "apkurl"));
}

struct fix {
        struct span id, version;
};

struct fixes {
        struct fix *at;
        size_t len, cap;
};

struct secdb {
        struct span release, prefix; /* "v3.20", empty for a rolling distribution; where its packages are */
        struct arena *arena;
        struct feed_out *out;
};

static struct span ecosystem_of(const struct secdb *s)
{
        if (s->release.len > 0)
                return arena_printf(s->arena, "Alpine:%.*s", SPAN_FMT(s->release));
        if (memmem(s->prefix.at, s->prefix.len, "wolfi", 5))
                return SPAN_LIT("Wolfi");
        if (memmem(s->prefix.at, s->prefix.len, "chainguard", 10) || memmem(s->prefix.at, s->prefix.len, "cgr.dev", 7))
                return SPAN_LIT("Chainguard");
        return (struct span){0};
}

/* "CVE-2019-1 XSA-2 (+ others)": each word that is an id. */
static void ids_take(struct span text, struct span version, struct arena *a, struct fixes *to)
{
        struct span word;

        while (text.len > 0) {
                span_split(text, ' ', &word, &text);
                if (word.len > 4 && word.at[0] >= 'A' && word.at[0] <= 'Z' && feed_is_name(word, FEED_ID_MAX - 24) &&
                    memchr(word.at, '-', word.len))
                        *ARENA_PUSH(a, to) = (struct fix){word, version};
        }
}

static int fix_order(const void *pa, const void *pb)
{
        return span_compare(((const struct fix *)pa)->id, ((const struct fix *)pb)->id);
}

/* Named at several versions, an earlier mend was not whole: the last counts. One that can't be ordered stays and is told. */
static struct span later(struct span a, struct span b)
{
        int by = 0;

        if (span_is(a, "0") || (!span_is(b, "0") && version_compare(VERSION_ORDER_APK, a, b, &by, NULL) && by < 0))
                return b;
        return a;
}

static bool fixes_put(struct secdb *s, struct span ecosystem, struct span package, struct fixes *f, struct err *e)
{
        const char *prefix = s->release.len > 0 ? "ALPINE" : span_is(ecosystem, "Wolfi") ? "WOLFI" : "CHAINGUARD";

        if (f->len > 1)
                qsort(f->at, f->len, sizeof(*f->at), fix_order);
        for (size_t i = 0, end; i < f->len; i = end) {
                struct feed_affected affected = {.ecosystem = ecosystem, .package = package};
                struct feed_record r = {
                    .part = true, .affected = &affected, .n_affected = 1, .aliases = &f->at[i].id, .n_aliases = 1};
                struct span version = f->at[i].version;
                char place[300];

                for (end = i + 1; end < f->len && fix_order(&f->at[i], &f->at[end]) == 0; end++)
                        version = later(version, f->at[end].version);
                if (span_is(version, "0")) {
                        affected.status = ADVISORY_STATUS_NOT_AFFECTED;
                } else {
                        affected.status = ADVISORY_STATUS_FIXED;
                        feed_affected_fixed(s->arena, (struct span){0}, version, &affected);
                }
                r.id = arena_printf(s->arena, "%s-SECDB-%.*s", prefix, SPAN_FMT(f->at[i].id));
                snprintf(place, sizeof(place), "%.*s: %.*s", SPAN_FMT(package), SPAN_FMT(f->at[i].id));
                if (!feed_put(s->out, &r, span_of(place), e))
                        return false;
        }
        return true;
}

static void fixes_read(struct json *j, struct arena *a, struct fixes *to)
{
        struct span version;

        for (json_object(j); json_member(j, &version);) {
                if (json_null(j))
                        continue;
                for (json_array(j); json_element(j);)
                        ids_take(json_string(j), version, a, to);
        }
}

/* {"pkg": {"name", "secfixes"}}: a record of its own, to be refused by itself. */
static bool package_read(struct json *j, struct secdb *s, struct span ecosystem, struct err *e)
{
        struct json_mark m = json_mark(j);
        struct fixes fixes = {0};
        struct span key, name = {0};
        struct err why = {0};
        bool is_package = false;

        for (json_object(j); json_member(j, &key);) {
                if (!span_is(key, "pkg")) {
                        json_skip(j);
                        continue;
                }
                is_package = true;
                for (json_object(j); json_member(j, &key);) {
                        if (span_is(key, "name"))
                                name = json_string(j);
                        else if (span_is(key, "secfixes") && json_peek(j) == JSON_OBJECT)
                                fixes_read(j, s->arena, &fixes);
                        else
                                json_skip(j);
                }
        }
        if (json_recover(j, &m, &why))
                return feed_refuse(s->out, name, &why, e);
        if (j->failed || !is_package)
                return true;
        if (feed_is_name(name, FEED_PACKAGE_MAX))
                return fixes_put(s, ecosystem, name, &fixes, e);
        err_set(&why, ERR_MALFORMED, "a package has no name");
        return feed_refuse(s->out, (struct span){0}, &why, e);
}

static bool packages_read(struct json *j, struct secdb *s, struct err *e)
{
        struct span ecosystem = ecosystem_of(s);

        if (ecosystem.len == 0) {
                json_fail(
                    j, ERR_UNSUPPORTED, "it names no release, and its packages are neither Wolfi's nor Chainguard's");
                return true;
        }
        for (json_array(j); json_element(j);)
                if (!package_read(j, s, ecosystem, e))
                        return false;
        return true;
}

/* Twice: the release may be told behind the packages. */
static bool secdb_read(struct span document, struct arena *a, struct feed_out *o, struct err *e)
{
        struct secdb s = {.arena = a, .out = o};
        struct span key;
        struct json j;

        for (int pass = 0; pass < 2; pass++) {
                json_init(&j, document, a, NULL);
                for (json_object(&j); json_member(&j, &key);) {
                        if (pass == 0 && span_is(key, "distroversion")) {
                                s.release = json_string(&j);
                        } else if (pass == 0 && span_is(key, "urlprefix")) {
                                s.prefix = json_string(&j);
                        } else if (pass == 1 && span_is(key, "packages")) {
                                if (!packages_read(&j, &s, e))
                                        return false;
                        } else {
                                json_skip(&j);
                        }
                }
                if (!json_finish(&j, e))
                        return false;
        }
        return true;
}

const struct feed_form feed_secdb = {.name = "secdb", .is = secdb_is, .read = secdb_read};
