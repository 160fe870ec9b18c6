/*
 * From a product's identifiers to rpm's words. Red Hat gives a purl; SUSE and openEuler give the package's file name
 * ("bind-9.9.4P2-0.6.1.x86_64") or its bare name alone. The platform is told by its CPE, SUSE's by its name: OSV's
 * ecosystems of SUSE are those names.
 */
#include "advisory/feed/csaf_priv.h"

/* ---- platforms ---- */

static bool same_word(struct span a, const char *word)
{
        if (a.len != strlen(word))
                return false;
        for (size_t i = 0; i < a.len; i++) {
                uint8_t c = a.at[i] >= 'A' && a.at[i] <= 'Z' ? (uint8_t)(a.at[i] + 32) : a.at[i];
                if (c != (uint8_t)word[i])
                        return false;
        }
        return true;
}

/* part, vendor, product, version ... of both forms; `rest` of a URI is all behind the vendor. */
struct cpe {
        struct span part, vendor, product, version, rest;
};

static bool cpe_split(struct span s, struct cpe *ret)
{
        struct cpe c;
        struct span rest;

        if (span_starts(s, "cpe:2.3:"))
                rest = span_from(s, strlen("cpe:2.3:"));
        else if (span_starts(s, "cpe:/"))
                rest = span_from(s, strlen("cpe:/"));
        else
                return false;
        span_split(rest, ':', &c.part, &rest);
        span_split(rest, ':', &c.vendor, &rest);
        c.rest = span_starts(s, "cpe:/") ? rest : (struct span){0};
        span_split(rest, ':', &c.product, &rest);
        span_split(rest, ':', &c.version, &rest);
        *ret = c;
        return c.vendor.len > 0 && c.product.len > 0;
}

static struct span first_number(struct span version)
{
        size_t n = 0;

        while (n < version.len && version.at[n] >= '0' && version.at[n] <= '9')
                n++;
        return span_cut(version, 0, n);
}

/*
 * "enterprise_linux:9::baseos", "...:9::appstream" and "...:10.1" are the one stream that everybody has. Streams of one minor
 * release that are paid for are kept by themselves, their repositories folded alike: "rhel_eus:9.4". Layered products stand
 * as OSV writes them: "openshift:4.16::el9".
 */
static struct span red_hat(const struct cpe *c, struct arena *a)
{
        static const char *const streams[] = {
            "rhel_aus", "rhel_e4s", "rhel_els", "rhel_eus", "rhel_eus_long_life", "rhel_tus", "enterprise_linux_eus"};

        if (span_is(c->product, "enterprise_linux")) {
                struct span major = first_number(c->version);

                if (major.len == 0)
                        return (struct span){0};
                return arena_printf(a, "Red Hat:enterprise_linux:%.*s", SPAN_FMT(major));
        }
        for (size_t i = 0; i < ARRAY_LEN(streams); i++)
                if (span_is(c->product, streams[i]))
                        return arena_printf(a, "Red Hat:%s:%.*s", streams[i], SPAN_FMT(c->version));
        if (c->rest.len > 0)
                return arena_printf(a, "Red Hat:%.*s", SPAN_FMT(c->rest));
        return arena_printf(a, "Red Hat:%.*s:%.*s", SPAN_FMT(c->product), SPAN_FMT(c->version));
}

/* The modules of SUSE Linux Enterprise 15 are parts of the server: no image says which of them a package came from. */
struct span csaf_suse(struct span name, struct arena *a)
{
        static const char module[] = "SUSE Linux Enterprise Module for ";

        if (span_starts(name, "openSUSE "))
                return arena_printf(a, "openSUSE:%.*s", SPAN_FMT(span_from(name, strlen("openSUSE "))));
        if (!span_starts(name, "SUSE "))
                return (struct span){0};
        if (span_starts(name, module))
                for (size_t i = name.len; i-- > strlen(module);)
                        if (name.at[i] == ' ' && span_starts(span_from(name, i), " 15") &&
                            (i + 3 == name.len || name.at[i + 3] == ' '))
                                return arena_printf(
                                    a, "SUSE:Linux Enterprise Server%.*s", SPAN_FMT(span_from(name, i)));
        return arena_printf(a, "SUSE:%.*s", SPAN_FMT(span_from(name, strlen("SUSE "))));
}

struct span csaf_ecosystem(struct span cpe, struct span name, struct arena *a)
{
        static const struct {
                const char *vendor, *product, *ecosystem;
                bool whole; /* the version as it stands, else its first number */
        } rows[] = {
            {"almalinux", "almalinux", "AlmaLinux", false},
            {"amazon", "amazon_linux", "Amazon Linux", true},
            {"amazon", "linux", "Amazon Linux", true},
            {"fedoraproject", "fedora", "Fedora", false},
            {"openeuler", "openeuler", "openEuler", true},
            {"oracle", "linux", "Oracle Linux", false},
            {"rocky", "rocky", "Rocky Linux", false},
            {"vmware", "photon", "Photon OS", true},
            {"vmware", "photon_os", "Photon OS", true},
        };
        struct cpe c;

        if (!cpe_split(cpe, &c))
                return (struct span){0};
        if (same_word(c.vendor, "redhat"))
                return red_hat(&c, a);
        if (same_word(c.vendor, "suse") || same_word(c.vendor, "opensuse"))
                return csaf_suse(name, a);
        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
                if (same_word(c.vendor, rows[i].vendor) && same_word(c.product, rows[i].product)) {
                        struct span release = rows[i].whole ? c.version : first_number(c.version);

                        if (release.len == 0)
                                return (struct span){0};
                        return arena_printf(a, "%s:%.*s", rows[i].ecosystem, SPAN_FMT(release));
                }
        return (struct span){0};
}

/* ---- packages ---- */

static bool last_of(struct span s, uint8_t byte, size_t *ret)
{
        for (size_t i = s.len; i-- > 0;)
                if (s.at[i] == byte) {
                        *ret = i;
                        return true;
                }
        return false;
}

/* "name:stream:version:context" -> "name:stream" */
static bool module_take(struct span value, struct csaf_package *to, struct err *e)
{
        struct span name, stream, rest;

        if (!span_split(value, ':', &name, &rest) || name.len == 0)
                return err_set(e, ERR_MALFORMED, "rpmmod has the form name:stream:version:context");
        span_split(rest, ':', &stream, &rest);
        if (stream.len == 0 || name.len + 1 + stream.len > FEED_MODULE_MAX)
                return err_set(e, ERR_MALFORMED, "rpmmod has the form name:stream:version:context");
        to->module = span_cut(value, 0, name.len + 1 + stream.len);
        return true;
}

static struct span with_epoch(struct span epoch, struct span version, struct arena *a)
{
        if (epoch.len == 0 || span_is(epoch, "0"))
                return version;
        return arena_printf(a, "%.*s:%.*s", SPAN_FMT(epoch), SPAN_FMT(version));
}

/* pkg:rpm/redhat/openssl@3.0.7-27.el9?arch=x86_64&epoch=1&rpmmod=... */
static bool purl_take(struct span purl, struct csaf_package *to, struct arena *a, struct err *e)
{
        struct span rest, qualifiers, version = {0}, epoch = {0}, one, key, value;
        size_t at;

        if (!span_starts(purl, "pkg:"))
                return err_set(e, ERR_MALFORMED, "its purl does not begin with \"pkg:\"");
        span_split(span_from(purl, 4), '#', &rest, &one);
        span_split(rest, '?', &rest, &qualifiers);
        while (rest.len > 0 && rest.at[0] == '/')
                rest = span_from(rest, 1);
        span_split(rest, '/', &to->type, &rest);
        if (last_of(rest, '@', &at)) {
                version = feed_percent_decode(span_from(rest, at + 1), a);
                rest = span_cut(rest, 0, at);
        }
        if (last_of(rest, '/', &at))
                rest = span_from(rest, at + 1);
        to->name = feed_percent_decode(rest, a);
        while (qualifiers.len > 0) {
                span_split(qualifiers, '&', &one, &qualifiers);
                span_split(one, '=', &key, &value);
                value = feed_percent_decode(value, a);
                if (span_is(key, "epoch"))
                        epoch = value;
                else if (span_is(key, "arch"))
                        to->source = span_is(value, "src") || span_is(value, "nosrc");
                else if (span_is(key, "rpmmod") && !module_take(value, to, e))
                        return false;
        }
        to->version = with_epoch(epoch, version, a);
        return true;
}

static bool is_digit(struct span s)
{
        return s.len > 0 && s.at[0] >= '0' && s.at[0] <= '9';
}

/*
 * "name-[epoch:]version-release.arch[.rpm]", "name-version-release", or the bare name: a version and a release both begin
 * with a digit. "module:stream/name" is Red Hat's way to name a package of a module; "folder/name" is a container.
 */
static bool file_name_take(struct span s, struct csaf_package *to, struct arena *a)
{
        static const char *const archs[] = {"aarch64", "aarch64_ilp32", "armv6hl", "armv7hl", "i386", "i586", "i686",
            "ia64", "loongarch64", "noarch", "nosrc", "ppc", "ppc64", "ppc64le", "riscv64", "s390", "s390x", "src",
            "x86_64"};
        struct span module, rest, version, epoch, number;
        size_t dot, release, at;

        if (span_split(s, '/', &module, &rest)) {
                if (!module_take(module, to, NULL))
                        return false;
                s = rest;
        }
        if (span_ends(s, ".rpm"))
                s.len -= strlen(".rpm");
        for (size_t i = 0; last_of(s, '.', &dot) && i < ARRAY_LEN(archs); i++)
                if (span_is(span_from(s, dot + 1), archs[i])) {
                        to->source = span_is(span_from(s, dot + 1), "src") || span_is(span_from(s, dot + 1), "nosrc");
                        s = span_cut(s, 0, dot);
                        break;
                }
        to->name = s;
        if (!last_of(s, '-', &release) || !is_digit(span_from(s, release + 1)) ||
            !last_of(span_cut(s, 0, release), '-', &at) || !is_digit(span_from(s, at + 1)))
                return true;
        version = span_from(s, at + 1);
        if (span_split(version, ':', &epoch, &number))
                version = with_epoch(epoch, number, a);
        to->version = version;
        to->name = span_cut(s, 0, at);
        return true;
}

static bool is_system(struct span cpe)
{
        struct cpe c;

        return cpe_split(cpe, &c) && (same_word(c.part, "o") || same_word(c.vendor, "openeuler"));
}

bool csaf_product_resolve(struct csaf_tree *t, struct csaf_product *p, struct arena *a, struct err *e)
{
        struct csaf_package *to = &p->package;
        struct csaf_product *component, *platform, *between;

        if (to->resolved)
                return true;
        to->resolved = true;
        to->passed_over = true;
        csaf_tree_parts(t, p, &component, &platform, &between);
        if (!component)
                return true;
        if (component->purl.len > 0) {
                if (!purl_take(component->purl, to, a, e)) {
                        to->refused = true;
                        return false;
                }
                if (!span_is(to->type, "rpm"))
                        return true;
        } else if (!platform || !is_system(platform->cpe) || !file_name_take(component->name, to, a)) {
                return true; /* of layered products such names are jars and images, too */
        }
        if (!platform || !feed_is_name(to->name, FEED_PACKAGE_MAX))
                return true;
        if (to->module.len == 0 && between && span_starts(between->purl, "pkg:rpmmod/")) {
                struct csaf_package module = {0};

                if (purl_take(between->purl, &module, a, NULL)) {
                        struct span stream, rest;

                        span_split(module.version, ':', &stream, &rest);
                        to->module = arena_printf(a, "%.*s:%.*s", SPAN_FMT(module.name), SPAN_FMT(stream));
                }
        }
        if (to->module.len > 0 && !feed_is_name(to->module, FEED_MODULE_MAX)) {
                to->refused = true;
                return err_set(e, ERR_MALFORMED, "the name of its module is no name of at most %u printable bytes",
                    FEED_MODULE_MAX);
        }
        if (platform->package.ecosystem.len == 0)
                platform->package.ecosystem = csaf_ecosystem(platform->cpe, platform->name, a);
        to->ecosystem = platform->package.ecosystem;
        to->passed_over = !feed_is_name(to->ecosystem, FEED_ECOSYSTEM_MAX);
        return true;
}
