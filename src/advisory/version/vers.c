/* Ranges of versions as VERS writes them (package-url/vers-spec): constraints in the order of their versions. */
#include "advisory/advisory_limits.h"
#include "advisory/feed/feed_priv.h"

enum comparator { NONE = 0, EQUAL, NOT_EQUAL, LESS, LESS_EQUAL, GREATER, GREATER_EQUAL };

struct constraint {
        enum comparator comparator;
        struct span version;
};

struct vers {
        enum version_order order;
        bool all; /* "*" */
        struct constraint at[VERS_CONSTRAINTS_MAX];
        size_t n;
};

/* By the type of a purl, which is a scheme of VERS, too; and the schemes that are no types. */
static enum version_order order_of(struct span scheme)
{
        static const struct {
                const char *name;
                enum version_order order;
        } rows[] = {{"alpine", VERSION_ORDER_APK}, {"alpm", VERSION_ORDER_PACMAN}, {"apk", VERSION_ORDER_APK},
            {"arch", VERSION_ORDER_PACMAN}, {"bioconductor", VERSION_ORDER_CRAN}, {"cargo", VERSION_ORDER_SEMVER},
            {"composer", VERSION_ORDER_COMPOSER}, {"cran", VERSION_ORDER_CRAN}, {"deb", VERSION_ORDER_DPKG},
            {"ebuild", VERSION_ORDER_PORTAGE}, {"gem", VERSION_ORDER_RUBYGEMS}, {"gentoo", VERSION_ORDER_PORTAGE},
            {"golang", VERSION_ORDER_GO}, {"hackage", VERSION_ORDER_PVP}, {"hex", VERSION_ORDER_HEX},
            {"julia", VERSION_ORDER_JULIA}, {"maven", VERSION_ORDER_MAVEN}, {"npm", VERSION_ORDER_SEMVER},
            {"nuget", VERSION_ORDER_NUGET}, {"opam", VERSION_ORDER_OPAM}, {"pub", VERSION_ORDER_PUB},
            {"pypi", VERSION_ORDER_PEP440}, {"rpm", VERSION_ORDER_RPM}, {"semver", VERSION_ORDER_SEMVER},
            {"swift", VERSION_ORDER_SEMVER}};

        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
                if (span_is(scheme, rows[i].name))
                        return rows[i].order;
        return VERSION_ORDER_NONE;
}

static bool constraint_read(struct span text, struct arena *a, struct constraint *ret, struct err *e)
{
        static const struct {
                const char *sign;
                enum comparator comparator;
        } signs[] = {
            {"!=", NOT_EQUAL}, {"<=", LESS_EQUAL}, {">=", GREATER_EQUAL}, {"<", LESS}, {">", GREATER}, {"=", EQUAL}};

        text = span_trim(text);
        ret->comparator = EQUAL;
        for (size_t i = 0; i < ARRAY_LEN(signs); i++)
                if (span_starts(text, signs[i].sign)) {
                        ret->comparator = signs[i].comparator;
                        text = span_trim(span_from(text, strlen(signs[i].sign)));
                        break;
                }
        ret->version = feed_percent_decode(text, a);
        return ret->version.len > 0 || err_set(e, ERR_MALFORMED, "vers: a constraint has no version");
}

static bool is_lower(enum comparator c)
{
        return c == GREATER || c == GREATER_EQUAL;
}

static bool is_upper(enum comparator c)
{
        return c == LESS || c == LESS_EQUAL;
}

/* Versions ascend; what is left of the bounds alternates, so that two of them make an interval. */
static bool order_check(const struct vers *v, struct err *e)
{
        enum comparator last = NONE;

        for (size_t i = 0; i < v->n; i++) {
                enum comparator c = v->at[i].comparator;
                int by = -1;

                if (i > 0 && !version_compare(v->order, v->at[i - 1].version, v->at[i].version, &by, e))
                        return err_wrap(e, "vers");
                if (by >= 0)
                        return err_set(e, ERR_MALFORMED, "vers: versions do not ascend");
                if (!is_lower(c) && !is_upper(c))
                        continue;
                if (last != NONE && is_lower(last) == is_lower(c))
                        return err_set(e, ERR_MALFORMED, "vers: two bounds of one kind stand side by side");
                last = c;
        }
        return true;
}

static bool parse(struct span text, struct arena *a, struct vers *ret, struct err *e)
{
        struct span scheme, rest, one;
        CLEANUP(buf_done) struct buf key = {0};

        if (text.len > VEX_TEXT_MAX || !span_starts(text, "vers:") ||
            !span_split(span_from(text, strlen("vers:")), '/', &scheme, &rest))
                return err_set(e, ERR_MALFORMED, "vers: vers:SCHEME/CONSTRAINT|CONSTRAINT was expected");
        ret->order = order_of(scheme);
        if (ret->order == VERSION_ORDER_NONE)
                return err_set(e, ERR_UNSUPPORTED, "vers: the order of this scheme is not known");
        ret->all = span_is(span_trim(rest), "*");
        while (!ret->all && rest.len > 0) {
                if (ret->n == VERS_CONSTRAINTS_MAX)
                        return err_set(e, ERR_LIMIT, "vers: more than %u constraints", VERS_CONSTRAINTS_MAX);
                span_split(rest, '|', &one, &rest);
                if (!constraint_read(one, a, &ret->at[ret->n++], e))
                        return false;
        }
        if (!ret->all && ret->n == 0)
                return err_set(e, ERR_MALFORMED, "vers: it has no constraint");
        if (ret->n == 1 && !version_key(ret->order, ret->at[0].version, &key, e)) /* the others are compared */
                return err_wrap(e, "vers");
        return order_check(ret, e);
}

bool version_vers_check(struct span vers, struct err *e)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        struct vers *v = arena_alloc(a, sizeof(*v));

        return parse(vers, a, v, e);
}

/* The specification's "Checking if a version is contained within a range", where by[i] compares it with each constraint. */
static bool contains(const struct vers *v, const int *by)
{
        bool others = false; /* a comparator that is not "!=" */
        size_t last = SIZE_MAX;

        for (size_t i = 0; i < v->n; i++) {
                enum comparator c = v->at[i].comparator;

                if (by[i] == 0)
                        return c == EQUAL || c == LESS_EQUAL || c == GREATER_EQUAL;
                others |= c != NOT_EQUAL;
        }
        if (!others)
                return true;
        for (size_t i = 0; i < v->n; i++) {
                enum comparator c = v->at[i].comparator;

                if (!is_lower(c) && !is_upper(c))
                        continue;
                if (is_upper(c) && by[i] < 0 && (last == SIZE_MAX || by[last] > 0))
                        return true;
                last = i;
        }
        return last != SIZE_MAX && is_lower(v->at[last].comparator) && by[last] > 0;
}

bool version_vers_has(struct span vers, struct span purl_type, struct span version, bool *ret, struct err *e)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        struct vers *v = arena_alloc(a, sizeof(*v));
        CLEANUP(buf_done) struct buf key = {0};
        int by[VERS_CONSTRAINTS_MAX];

        if (!parse(vers, a, v, e))
                return false;
        if (order_of(purl_type) != v->order)
                return err_set(
                    e, ERR_UNSUPPORTED, "vers: its scheme orders versions otherwise than the package's type");
        if (!version_key(v->order, version, &key, e))
                return false;
        for (size_t i = 0; i < v->n; i++)
                if (!version_compare(v->order, version, v->at[i].version, &by[i], e))
                        return false;
        *ret = v->all || contains(v, by);
        return true;
}
