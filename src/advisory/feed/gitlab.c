/*
 * GitLab's advisory database (gemnasium-db, advisories-community): a YAML file for each pair of package and vulnerability, whose
 * affected_range is in the words of the package's manager. Pre-releases lie in it by their order alone. What of a range can't be
 * read is refused, and outside of what can be the package's versions can't be told.
 */
#include "advisory/feed/feed_priv.h"
#include "advisory/feed/feed_yaml_priv.h"

static const struct {
        const char *type, *ecosystem;
        enum range_syntax syntax, other; /* `other` is tried where `syntax` refuses */
} types[] = {
    {"cargo", "crates.io", RANGE_SYNTAX_NPM, RANGE_SYNTAX_PLAIN}, /* README: node-semver's flavour */
    {"conan", "ConanCenter", RANGE_SYNTAX_NPM, RANGE_SYNTAX_PLAIN},
    {"gem", "RubyGems", RANGE_SYNTAX_PLAIN, RANGE_SYNTAX_GEM},
    {"go", "Go", RANGE_SYNTAX_PLAIN, RANGE_SYNTAX_NPM},
    {"maven", "Maven", RANGE_SYNTAX_MAVEN, RANGE_SYNTAX_PLAIN},
    {"npm", "npm", RANGE_SYNTAX_NPM, RANGE_SYNTAX_PLAIN},
    {"nuget", "NuGet", RANGE_SYNTAX_NUGET, RANGE_SYNTAX_PLAIN},
    {"packagist", "Packagist", RANGE_SYNTAX_PLAIN, RANGE_SYNTAX_COMPOSER},
    {"pub", "Pub", RANGE_SYNTAX_PLAIN, RANGE_SYNTAX_PUB},
    {"pypi", "PyPI", RANGE_SYNTAX_PLAIN, RANGE_SYNTAX_PEP440},
    {"swift", "SwiftURL", RANGE_SYNTAX_NPM, RANGE_SYNTAX_PLAIN},
};

/* Does a line begin with the key? */
static bool has_key(struct span head, const char *key)
{
        struct cursor c = {.rest = head};
        struct span line;

        while (cursor_line(&c, &line))
                if (span_starts(line, key))
                        return true;
        return false;
}

static bool gitlab_is(struct span head)
{
        return !span_starts(span_trim(head), "{") && has_key(head, "package_slug:") && has_key(head, "identifier");
}

struct intervals {
        struct version_interval *at;
        size_t len, cap;
};

static bool is_bracket(uint8_t c)
{
        return c == '[' || c == '(';
}

/*
 * "[1.0,2.0)[3.0,)" and "<2.0 || >=3.0 <3.1", and where there are brackets one beside the other, too: what stands before the next
 * alternative, and what follows.
 */
static bool alternative_take(bool brackets, struct span *io, struct span *ret)
{
        size_t n = 0;

        *io = span_trim(*io);
        if (io->len == 0)
                return false;
        if (brackets && is_bracket(io->at[0])) {
                while (n < io->len && io->at[n] != ']' && io->at[n] != ')')
                        n++;
                n += n < io->len;
        } else {
                while (n < io->len && io->at[n] != '|' && !(brackets && is_bracket(io->at[n])))
                        n++;
        }
        *ret = span_trim(span_cut(*io, 0, n));
        *io = span_trim(span_from(*io, n));
        if (span_starts(*io, "||"))
                *io = span_from(*io, 2);
        else if (span_starts(*io, "|") || span_starts(*io, ","))
                *io = span_from(*io, 1);
        else if (span_ends(*ret, ",")) /* before a bracket */
                ret->len--;
        return true;
}

static bool alternative_read(size_t type, struct span text, struct arena *a, struct intervals *to, struct err *e)
{
        struct version_range_form form = {types[type].syntax, version_order_of(span_of(types[type].ecosystem)), true};
        struct version_range r;
        struct err why = {0}; /* of a syntax that another one makes up for, nothing is to be told */

        if (span_is(text, "(,)") || span_is(text, "[,]")) {
                *ARENA_PUSH(a, to) = (struct version_interval){.flags = VERSION_INTERVAL_OPEN};
                return true;
        }
        /* What PLAIN has no words for: PEP 440's "==2.*" and "~=1.4", Gem's "~> 1.2", Composer's "^1.2" */
        if (form.syntax == RANGE_SYNTAX_PLAIN &&
            (memchr(text.at, '*', text.len) || memchr(text.at, '~', text.len) || memchr(text.at, '^', text.len)))
                form.syntax = types[type].other;
        if (!version_range_parse(&form, text, a, &r, &why)) {
                form.syntax = form.syntax == types[type].other ? types[type].syntax : types[type].other;
                if (!version_range_parse(&form, text, a, &r, NULL)) {
                        if (e)
                                *e = why;
                        return false;
                }
        }
        for (size_t i = 0; i < r.n_intervals; i++)
                *ARENA_PUSH(a, to) = r.intervals[i];
        return true;
}

/*
 * One alternative after the other: in Maven and NuGet they neither ascend nor keep apart here. What can't be read of them is
 * refused, for the reason of the syntax that most are written in, and the others hold.
 */
static bool range_read(size_t type, struct span text, struct arena *a, struct intervals *to, struct err *e)
{
        bool brackets = types[type].syntax == RANGE_SYNTAX_MAVEN || types[type].syntax == RANGE_SYNTAX_NUGET, ok = true;
        struct span alternative;

        if (span_trim(text).len == 0)
                return err_set(e, ERR_MALFORMED, "\"affected_range\" is missing");
        while (alternative_take(brackets, &text, &alternative))
                if (!alternative_read(type, alternative, a, to, ok ? e : NULL))
                        ok = false;
        return ok;
}

/* How GitLab takes back an advisory: a false positive, a duplicate, a rejected CVE. Then nothing is said of the package. */
static bool is_none(struct span range)
{
        static const char *const none[] = {"<0", "(,0)", "[,0)", "(0)"};

        for (size_t i = 0; i < ARRAY_LEN(none); i++)
                if (span_is(range, none[i]))
                        return true;
        return false;
}

static size_t type_find(struct span type)
{
        size_t i = 0;

        while (i < ARRAY_LEN(types) && !span_is(type, types[i].type))
                i++;
        return i;
}

/* "maven/org.apache.ant/ant" is "org.apache.ant:ant" of Maven; of all others the name is what stands behind the type. */
static struct span package_name(size_t type, struct span slug, struct arena *a)
{
        uint8_t *name;

        if (!span_is(span_of(types[type].type), "maven"))
                return slug;
        for (size_t i = slug.len; i > 0; i--) {
                if (slug.at[i - 1] != '/')
                        continue;
                name = arena_alloc(a, slug.len);
                memcpy(name, slug.at, slug.len);
                name[i - 1] = ':';
                return (struct span){name, slug.len};
        }
        return slug;
}

/* Its own number stands for itself; another's is said to be GitLab's word of it. */
static bool ids_take(const struct feed_yaml *y, struct arena *a, struct feed_record *r, struct err *why)
{
        const struct feed_yaml_member *others = feed_yaml_list(y, "identifiers");
        struct span own = feed_yaml_text(y, "identifier");

        if (own.len == 0 && others->n_values > 0)
                own = others->values[0];
        if (!feed_is_name(own, FEED_ID_MAX - 7) || others->n_values >= FEED_ALIASES_MAX)
                return err_set(
                    why, ERR_MALFORMED, "\"identifier\" of at most %u printable bytes is needed", FEED_ID_MAX - 7);
        r->id = span_starts(own, "GMS-") ? own : arena_printf(a, "GITLAB-%.*s", SPAN_FMT(own));
        r->aliases = arena_array(a, others->n_values + 1, sizeof(*r->aliases));
        if (!span_starts(own, "GMS-"))
                r->aliases[r->n_aliases++] = own;
        for (size_t i = 0; i < others->n_values; i++) {
                if (!feed_is_name(others->values[i], FEED_ID_MAX))
                        return err_set(why, ERR_MALFORMED, "\"identifiers\" has one that is no id");
                if (!span_equal(others->values[i], own))
                        r->aliases[r->n_aliases++] = others->values[i];
        }
        return true;
}

static void words_take(const struct feed_yaml *y, struct feed_record *r)
{
        static const char *const vectors[] = {"cvss_v4", "cvss_v3", "cvss_v2"};
        const struct feed_yaml_member *urls = feed_yaml_list(y, "urls");

        for (size_t i = 0; i < ARRAY_LEN(vectors); i++)
                feed_severity_vector(&r->severity, feed_yaml_text(y, vectors[i]));
        r->summary = feed_headline(feed_yaml_text(y, "title"));
        (void)clock_parse(feed_yaml_text(y, "date"), &r->modified_s); /* without one it is the oldest of its id */
        (void)clock_parse(feed_yaml_text(y, "pubdate"), &r->published_s);
        for (size_t i = 0; i < urls->n_values && r->reference.len == 0; i++)
                if (feed_is_name(urls->values[i], FEED_URL_MAX) &&
                    (span_starts(urls->values[i], "https://") || span_starts(urls->values[i], "http://")))
                        r->reference = urls->values[i];
}

static bool gitlab_read(struct span document, struct arena *a, struct feed_out *o, struct err *e)
{
        struct feed_affected affected = {0};
        struct feed_record r = {.part = true, .affected = &affected, .n_affected = 1};
        struct intervals intervals = {0};
        const struct feed_yaml_member *fixes;
        struct span type, slug;
        struct err why = {0};
        struct feed_yaml y;
        size_t t;

        if (!feed_yaml_read(document, a, &y, e) || !ids_take(&y, a, &r, e))
                return false;
        if (!span_split(feed_yaml_text(&y, "package_slug"), '/', &type, &slug) || !feed_is_name(slug, FEED_PACKAGE_MAX))
                return err_set(e, ERR_MALFORMED, "\"package_slug\" of the form type/name is needed");
        t = type_find(type);
        if (t == ARRAY_LEN(types))
                return err_set(e, ERR_UNSUPPORTED, "packages of this type are not known here");
        if (is_none(feed_yaml_text(&y, "affected_range")))
                return true;
        words_take(&y, &r);
        affected.ecosystem = span_of(types[t].ecosystem);
        affected.package = package_name(t, slug, a);
        fixes = feed_yaml_list(&y, "fixed_versions");
        affected.fixes = fixes->values;
        affected.n_fixes = fixes->n_values;
        if (version_order_of(affected.ecosystem) != VERSION_ORDER_NONE &&
            !range_read(t, feed_yaml_text(&y, "affected_range"), a, &intervals, &why) &&
            !feed_refuse(o, (struct span){0}, &why, e))
                return false;
        affected.intervals = intervals.at;
        affected.n_intervals = intervals.len;
        affected.unread = why.kind != ERR_NONE;
        return feed_put(o, &r, r.id, e);
}

const struct feed_form feed_gitlab = {.name = "gitlab", .is = gitlab_is, .read = gitlab_read};
