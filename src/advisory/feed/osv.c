/* OSV schema 1.7: the fields that count here. What the schema allows to be null may be null; unknown fields are passed
 * over. */
#include "advisory/feed/feed_priv.h"

struct span_list {
        struct span *at;
        size_t len, cap;
};

static bool array_enter(struct json *j)
{
        if (json_null(j))
                return false;
        json_array(j);
        return true;
}

static bool object_enter(struct json *j)
{
        if (json_null(j))
                return false;
        json_object(j);
        return true;
}

static struct span string_or_null(struct json *j)
{
        return json_null(j) ? (struct span){0} : json_string(j);
}

/* A string where the schema wants one, but where other types carry nothing for us ("database_specific" is free). */
static struct span string_or_any(struct json *j)
{
        if (json_peek(j) == JSON_STRING)
                return json_string(j);
        json_skip(j);
        return (struct span){0};
}

static int64_t time_or_null(struct json *j)
{
        int64_t s = 0;
        struct span text = string_or_null(j);

        if (text.len > 0 && !clock_parse(text, &s))
                json_fail(j, ERR_MALFORMED, "a date and time was expected");
        return s > 0 ? s : 0; /* Go's records have the year 1 for "not known" */
}

static void ids_read(struct json *j, struct span_list *to)
{
        if (!array_enter(j))
                return;
        while (json_element(j)) {
                struct span id = json_string(j);
                bool known = false;
                if (j->failed || id.len == 0)
                        continue;
                if (!feed_is_name(id, FEED_ID_MAX) || to->len >= FEED_ALIASES_MAX) {
                        json_fail(j, ERR_LIMIT,
                            "an id of at most %u printable bytes was expected, and %u of them at most", FEED_ID_MAX,
                            FEED_ALIASES_MAX);
                        return;
                }
                for (size_t i = 0; i < to->len && !known; i++)
                        known = span_equal(to->at[i], id);
                if (!known)
                        *ARENA_PUSH(j->arena, to) = id;
        }
}

/* Of several vectors the one of the highest CVSS version, and of equal versions the first; invalid ones are passed
 * over. */
static void severities_read(struct json *j, struct feed_severity *ret)
{
        if (!array_enter(j))
                return;
        while (json_element(j)) {
                struct span type = {0}, score = {0}, key;

                json_object(j);
                while (json_member(j, &key)) {
                        if (span_is(key, "type"))
                                type = json_string(j);
                        else if (span_is(key, "score"))
                                score = string_or_any(j);
                        else
                                json_skip(j);
                }
                if (span_is(type, "Ubuntu"))
                        feed_severity_word(ret, score);
                feed_severity_vector(ret, score);
        }
}

static void event_read(struct json *j, struct feed_range *r, size_t *cap)
{
        static const struct {
                const char *key;
                enum feed_event_kind kind;
        } kinds[] = {{"introduced", FEED_INTRODUCED}, {"fixed", FEED_FIXED}, {"last_affected", FEED_LAST_AFFECTED},
            {"limit", FEED_LIMIT}};
        struct span key;

        json_object(j);
        while (json_member(j, &key)) {
                size_t k = 0;
                while (k < ARRAY_LEN(kinds) && !span_is(key, kinds[k].key))
                        k++;
                if (k == ARRAY_LEN(kinds)) {
                        json_skip(j);
                        continue;
                }
                if (r->n_events >= FEED_EVENTS_MAX) {
                        json_fail(j, ERR_LIMIT, "more than %u events", FEED_EVENTS_MAX);
                        return;
                }
                if (r->n_events == *cap)
                        r->events = arena_grow(j->arena, r->events, r->n_events, cap, sizeof(*r->events));
                r->events[r->n_events++] = (struct feed_event){.kind = kinds[k].kind, .version = json_string(j)};
        }
}

static void range_read(struct json *j, struct feed_range *ret)
{
        struct span key, type = {0};
        size_t cap = 0;

        json_object(j);
        while (json_member(j, &key)) {
                if (span_is(key, "type")) {
                        type = json_string(j);
                        if (!span_is(type, "SEMVER") && !span_is(type, "ECOSYSTEM") && !span_is(type, "GIT"))
                                json_fail(j, ERR_MALFORMED, "SEMVER, ECOSYSTEM or GIT was expected");
                } else if (span_is(key, "events")) {
                        for (json_array(j); json_element(j);)
                                event_read(j, ret, &cap);
                } else {
                        json_skip(j);
                }
        }
        if (type.len == 0)
                json_fail(j, ERR_MALFORMED, "a range has no type");
        ret->git = span_is(type, "GIT");
}

static void package_read(struct json *j, struct feed_affected *ret)
{
        struct span key;

        if (!object_enter(j))
                return;
        while (json_member(j, &key)) {
                if (span_is(key, "ecosystem"))
                        ret->ecosystem = json_string(j);
                else if (span_is(key, "name"))
                        ret->package = json_string(j);
                else
                        json_skip(j);
        }
        if (!feed_is_name(ret->ecosystem, FEED_ECOSYSTEM_MAX) || !feed_is_name(ret->package, FEED_PACKAGE_MAX))
                json_fail(j, ERR_MALFORMED,
                    "a package needs an ecosystem and a name, printable, at most %u and %u bytes", FEED_ECOSYSTEM_MAX,
                    FEED_PACKAGE_MAX);
}

static void versions_read(struct json *j, struct feed_affected *ret)
{
        struct span_list list = {0};

        if (!array_enter(j))
                return;
        while (json_element(j)) {
                if (list.len >= FEED_VERSIONS_MAX) {
                        json_fail(j, ERR_LIMIT, "more than %u versions", FEED_VERSIONS_MAX);
                        return;
                }
                *ARENA_PUSH(j->arena, &list) = json_string(j);
        }
        ret->versions = list.at;
        ret->n_versions = list.len;
}

/* SUSE's records name the source package, and under "binaries" what is installed: {"libssl3": "3.0.8-150500.5.1"} each. */
struct binaries {
        struct {
                struct span name, fixed;
        } * at;
        size_t len, cap;
};

static void binaries_read(struct json *j, struct binaries *to)
{
        struct span key;

        if (json_peek(j) != JSON_ARRAY) {
                json_skip(j);
                return;
        }
        for (json_array(j); json_element(j);)
                for (json_object(j); json_member(j, &key);) {
                        struct span fixed = string_or_any(j);

                        if (to->len >= FEED_AFFECTED_MAX) {
                                json_fail(j, ERR_LIMIT, "more than %u binary packages", FEED_AFFECTED_MAX);
                                return;
                        }
                        if (!feed_is_name(key, FEED_PACKAGE_MAX) || fixed.len == 0)
                                continue;
                        ARENA_PUSH(j->arena, to);
                        to->at[to->len - 1].name = key;
                        to->at[to->len - 1].fixed = fixed;
                }
}

static bool is_safe_list(struct span key)
{
        static const char *const names[] = {"patched_versions", "unaffected_versions", "patched", "unaffected"};

        for (size_t i = 0; i < ARRAY_LEN(names); i++)
                if (span_is(key, names[i]))
                        return true;
        return false;
}

/* A list of ranges in which a package is safe: patched, or never affected. */
static void safe_read(struct json *j, struct feed_affected *ret)
{
        struct span_list list = {.at = ret->safe, .len = ret->n_safe, .cap = ret->n_safe};

        if (json_peek(j) != JSON_ARRAY) {
                json_skip(j);
                return;
        }
        ret->has_safe = true;
        for (json_array(j); json_element(j);) {
                if (list.len >= FEED_EVENTS_MAX) {
                        json_fail(j, ERR_LIMIT, "more than %u ranges", FEED_EVENTS_MAX);
                        return;
                }
                *ARENA_PUSH(j->arena, &list) = json_string(j);
        }
        ret->safe = list.at;
        ret->n_safe = list.len;
}

/* ecosystem_specific and database_specific: Debian's "urgency", GitHub's "severity" and upper bound. `affected`: of a package. */
static void specific_read(struct json *j, struct feed_severity *severity, struct feed_affected *affected, struct binaries *binaries)
{
        struct span key;

        if (json_peek(j) != JSON_OBJECT) {
                json_skip(j);
                return;
        }
        json_object(j);
        while (json_member(j, &key)) {
                if (span_is(key, "severity") || span_is(key, "urgency"))
                        feed_severity_word(severity, string_or_any(j));
                else if (binaries && span_is(key, "binaries"))
                        binaries_read(j, binaries);
                else if (affected && span_is(key, "last_known_affected_version_range"))
                        affected->last_known = string_or_any(j);
                else if (affected && is_safe_list(key))
                        safe_read(j, affected);
                else if (affected && span_is(key, "not_affected") && json_peek(j) == JSON_BOOL)
                        affected->status = json_bool(j) ? ADVISORY_STATUS_NOT_AFFECTED : ADVISORY_STATUS_NONE;
                else if (affected && span_is(key, "vulnerable_versions"))
                        affected->affected = string_or_any(j);
                else
                        json_skip(j);
        }
}

static void ranges_read(struct json *j, struct feed_affected *ret)
{
        struct {
                struct feed_range *at;
                size_t len, cap;
        } ranges = {0};

        if (!array_enter(j))
                return;
        while (json_element(j)) {
                struct feed_range range = {0};
                range_read(j, &range);
                *ARENA_PUSH(j->arena, &ranges) = range;
        }
        ret->ranges = ranges.at;
        ret->n_ranges = ranges.len;
}

static void affected_read(struct json *j, struct feed_affected *ret, struct binaries *binaries)
{
        struct span key;

        json_object(j);
        while (json_member(j, &key)) {
                if (span_is(key, "package"))
                        package_read(j, ret);
                else if (span_is(key, "ranges"))
                        ranges_read(j, ret);
                else if (span_is(key, "versions"))
                        versions_read(j, ret);
                else if (span_is(key, "severity"))
                        severities_read(j, &ret->severity);
                else if (span_is(key, "ecosystem_specific"))
                        specific_read(j, &ret->severity, NULL, binaries);
                else if (span_is(key, "database_specific"))
                        specific_read(j, &ret->severity, ret, NULL);
                else
                        json_skip(j);
        }
}

/* One URL: of an advisory if there is one, else of a web page, else the first. */
static struct span references_read(struct json *j)
{
        struct span best = {0};
        int best_rank = 0;

        if (!array_enter(j))
                return best;
        while (json_element(j)) {
                struct span key, type = {0}, url = {0};
                int rank;
                json_object(j);
                while (json_member(j, &key)) {
                        if (span_is(key, "type"))
                                type = json_string(j);
                        else if (span_is(key, "url"))
                                url = json_string(j);
                        else
                                json_skip(j);
                }
                rank = span_is(type, "ADVISORY") ? 3 : span_is(type, "WEB") ? 2 : 1;
                if (rank <= best_rank || !feed_is_name(url, FEED_URL_MAX) ||
                    !(span_starts(url, "https://") || span_starts(url, "http://")))
                        continue;
                best = url;
                best_rank = rank;
        }
        return best;
}

static void affected_list_read(struct json *j, struct feed_record *ret)
{
        struct {
                struct feed_affected *at;
                size_t len, cap;
        } list = {0};

        if (!array_enter(j))
                return;
        while (json_element(j)) {
                struct feed_affected affected = {0};
                struct binaries binaries = {0};
                if (list.len >= FEED_AFFECTED_MAX) {
                        json_fail(j, ERR_LIMIT, "more than %u affected entries", FEED_AFFECTED_MAX);
                        return;
                }
                affected_read(j, &affected, &binaries);
                if (binaries.len == 0 || !(span_starts(affected.ecosystem, "SUSE") || span_starts(affected.ecosystem, "openSUSE"))) {
                        *ARENA_PUSH(j->arena, &list) = affected;
                        continue;
                }
                for (size_t i = 0; i < binaries.len && list.len < FEED_AFFECTED_MAX; i++) {
                        struct feed_affected one = affected;

                        one.package = binaries.at[i].name;
                        one.versions = NULL;
                        one.n_versions = 0;
                        feed_affected_fixed(j->arena, (struct span){0}, binaries.at[i].fixed, &one);
                        *ARENA_PUSH(j->arena, &list) = one;
                }
        }
        ret->affected = list.at;
        ret->n_affected = list.len;
}

bool osv_parse(struct span json, struct arena *a, struct feed_record *ret, struct err *e)
{
        static const struct json_limits limits = {.string_max = FEED_TEXT_MAX};
        struct span key, summary = {0}, details = {0};
        struct span_list aliases = {0}, related = {0};
        struct feed_record r = {0};
        bool has_modified = false;
        struct json j;

        json_init(&j, json, a, &limits);
        json_object(&j);
        while (json_member(&j, &key)) {
                if (span_is(key, "id")) {
                        r.id = json_string(&j);
                } else if (span_is(key, "modified")) {
                        has_modified = true;
                        r.modified_s = time_or_null(&j);
                } else if (span_is(key, "published")) {
                        r.published_s = time_or_null(&j);
                } else if (span_is(key, "withdrawn")) {
                        r.withdrawn = !json_null(&j);
                        if (r.withdrawn)
                                time_or_null(&j);
                } else if (span_is(key, "aliases") || span_is(key, "upstream")) {
                        ids_read(&j, &aliases);
                } else if (span_is(key, "related")) {
                        ids_read(&j, &related);
                } else if (span_is(key, "summary")) {
                        summary = string_or_null(&j);
                } else if (span_is(key, "details")) {
                        details = string_or_null(&j);
                } else if (span_is(key, "severity")) {
                        severities_read(&j, &r.severity);
                } else if (span_is(key, "database_specific")) {
                        specific_read(&j, &r.severity, NULL, NULL);
                } else if (span_is(key, "references")) {
                        r.reference = references_read(&j);
                } else if (span_is(key, "affected")) {
                        affected_list_read(&j, &r);
                } else {
                        json_skip(&j);
                }
        }
        if (!json_finish(&j, e))
                return feed_is_name(r.id, FEED_ID_MAX) ? err_wrap(e, "%.*s", SPAN_FMT(r.id)) : false;
        if (!feed_is_name(r.id, FEED_ID_MAX))
                return err_set(e, ERR_MALFORMED, "an id of at most %u printable bytes is needed", FEED_ID_MAX);
        if (!has_modified)
                return err_set(e, ERR_MALFORMED, "\"modified\" is missing");
        osv_modules_apply(a, summary, &r);
        r.summary = feed_headline(summary.len ? summary : details);
        r.aliases = aliases.at;
        r.n_aliases = aliases.len;
        r.related = related.at;
        r.n_related = related.len;
        *ret = r;
        return true;
}

static bool osv_is(struct span head)
{
        return memmem(head.at, head.len, "\"modified\"", 10) != NULL;
}

static bool osv_read(struct span document, struct arena *a, struct feed_out *o, struct err *e)
{
        struct feed_record record;

        return osv_parse(document, a, &record, e) && feed_put(o, &record, (struct span){0}, e);
}

const struct feed_form feed_osv = {.name = "osv", .is = osv_is, .read = osv_read};
