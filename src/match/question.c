/* What the advisories of an ecosystem call a package. */
#include "match/match_priv.h"

/*
 * rpm distributions whose advisories name the source package; all others name each binary package. Found by looking at their
 * records: Rocky Linux and Mageia (OSV), openEuler (OSV), Azure Linux (OVAL).
 */
static const char *const by_source_rpm[] = {"Rocky Linux", "Mageia", "openEuler", "Azure Linux", "CBL-Mariner"};

static bool by_source(const struct component *c)
{
        struct span name, release;

        if (!span_is(c->type, "rpm"))
                return true;
        span_split(c->ecosystem, ':', &name, &release);
        for (size_t i = 0; i < ARRAY_LEN(by_source_rpm); i++)
                if (span_is(name, by_source_rpm[i]))
                        return true;
        return false;
}

/* "name:stream" of "name:stream:version:context:arch". */
static struct span module_stream(struct span module)
{
        size_t colons = 0;

        for (size_t i = 0; i < module.len; i++)
                if (module.at[i] == ':' && ++colons == 2)
                        return span_cut(module, 0, i);
        return module;
}

struct match_asked match_asked_by(const struct component *c)
{
        bool source = c->source_name.len > 0 && by_source(c);

        return (struct match_asked){.package = source ? c->source_name : c->name,
            .version = source && c->source_version.len > 0 ? c->source_version : c->version,
            .module = module_stream(c->module)};
}

struct question question_of(const struct component *c, uint32_t index)
{
        struct match_asked by = match_asked_by(c);

        return (struct question){.ecosystem = c->ecosystem,
            .package = by.package,
            .version = by.version,
            .module = by.module,
            .component = index};
}

static bool is_kernel_source(struct span source)
{
        static const char *const names[] = {"linux", "kernel", "linux-lts"};

        for (size_t i = 0; i < ARRAY_LEN(names); i++)
                if (span_is(source, names[i]))
                        return true;
        /* linux-5.10, linux-aws, linux-meta-hwe, kernel-rt, kernel-default ...; not linux-firmware, linux-pam */
        return (span_starts(source, "linux-") && source.len > 6 &&
                   ((source.at[6] >= '0' && source.at[6] <= '9') || span_starts(source, "linux-hwe") ||
                       span_starts(source, "linux-aws") || span_starts(source, "linux-azure") ||
                       span_starts(source, "linux-gcp") || span_starts(source, "linux-oracle") ||
                       span_starts(source, "linux-meta"))) ||
               span_is(source, "kernel-rt") || span_is(source, "kernel-default") || span_is(source, "kernel-source");
}

bool question_is_kernel_text(const struct component *c)
{
        static const char *const parts[] = {"-headers", "-doc", "-libc-dev", "-docs", "-kbuild", "-macros"};
        static const char *const names[] = {"kernel-devel", "kernel-rt-devel", "kernel-default-devel"};
        bool deb = span_is(c->type, "deb");
        size_t at;

        if (!is_kernel_source(c->source_name.len > 0 ? c->source_name : c->name) &&
            !(span_is(c->type, "apk") && span_is(c->source_name, "linux-headers")))
                return false;
        for (size_t i = 0; i < ARRAY_LEN(names); i++)
                if (span_is(c->name, names[i]))
                        return true;
        for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
                struct span part = span_of(parts[i]);

                for (at = 0; at + part.len <= c->name.len; at++)
                        if (span_equal(span_cut(c->name, at, part.len), part) &&
                            (deb || at + part.len == c->name.len || c->name.at[at + part.len] == '-'))
                                return true;
        }
        return false;
}
