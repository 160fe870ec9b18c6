/*
 * Perl, as CPAN's clients leave it: .meta/DIST-VERSION/install.json and, for its licence, MYMETA.json beside it (cpanm, cpm,
 * carton); perllocal.pod, the log that "make install" appends to; and auto/MODULE/.packlist, the files of a module.
 */
#include "inventory/lang/lang_priv.h"

static bool wants(struct span path)
{
        struct span name = path_name(path), folder = path_folder(path);

        if (span_is(name, "install.json") || span_is(name, "MYMETA.json"))
                return span_is(path_name(path_folder(folder)), ".meta");
        if (span_is(name, "perllocal.pod"))
                return folder.len > 0;
        if (!span_is(name, ".packlist"))
                return false;
        for (; folder.len > 0; folder = path_folder(folder)) /* perl's own lies beside auto/, not in it */
                if (span_is(path_name(path_folder(folder)), "auto"))
                        return true;
        return false;
}

/* "Foo::Bar" -> "Foo-Bar": the distribution that is called after its main module. */
static bool distribution_of(struct span module, char separator, struct buf *to)
{
        for (size_t i = 0; i < module.len; i++) {
                if (module.at[i] != (uint8_t)separator) {
                        buf_put_u8(to, module.at[i]);
                        continue;
                }
                buf_put_u8(to, '-');
                if (separator == ':' && (++i >= module.len || module.at[i] != ':'))
                        return false;
        }
        return !to->failed && package_name(buf_span(to));
}

/* ---- .meta/DIST-VERSION ---- */

/* CPAN::Meta::Spec, "license". Those that name a family of licences stay as they are; "unknown" is none. */
static const struct {
        const char *words, *spdx;
} licences[] = {
    {"agpl_3", "AGPL-3.0-only"},
    {"apache_1_1", "Apache-1.1"},
    {"apache_2_0", "Apache-2.0"},
    {"artistic_1", "Artistic-1.0"},
    {"artistic_2", "Artistic-2.0"},
    {"bsd", "BSD-3-Clause"},
    {"freebsd", "BSD-2-Clause"},
    {"gfdl_1_2", "GFDL-1.2-only"},
    {"gfdl_1_3", "GFDL-1.3-only"},
    {"gpl_1", "GPL-1.0-only"},
    {"gpl_2", "GPL-2.0-only"},
    {"gpl_3", "GPL-3.0-only"},
    {"lgpl_2_1", "LGPL-2.1-only"},
    {"lgpl_3_0", "LGPL-3.0-only"},
    {"mit", "MIT"},
    {"mozilla_1_0", "MPL-1.0"},
    {"mozilla_1_1", "MPL-1.1"},
    {"openssl", "OpenSSL"},
    {"perl_5", "Artistic-1.0-Perl OR GPL-1.0-or-later"},
    {"qpl_1_0", "QPL-1.0"},
    {"zlib", "Zlib"},
};

static void read_licence(struct json *j, struct buf *to)
{
        if (!json_array_or_skip(j))
                return;
        while (json_element(j)) {
                struct span words = json_text_or_skip(j);
                for (size_t i = 0; i < ARRAY_LEN(licences); i++)
                        if (span_is(words, licences[i].words))
                                words = span_of(licences[i].spdx);
                if (!span_is(words, "unknown"))
                        licence_choice(to, words);
        }
}

/* "A/AU/AUTHOR/Foo-1.0.tar.gz" -> AUTHOR; CPAN's ids are capitals, digits and '-'. */
static struct span author_of(struct span pathname)
{
        struct span author = path_name(path_folder(pathname));

        for (size_t i = 0; i < author.len; i++)
                if (!(author.at[i] >= 'A' && author.at[i] <= 'Z') && !(author.at[i] >= '0' && author.at[i] <= '9') &&
                    author.at[i] != '-')
                        return (struct span){0};
        return author;
}

/* "Foo-Bar-v1.02-TRIAL" -> "Foo-Bar" and "v1.02-TRIAL": at the last '-' in front of a digit. */
static bool split_dist(struct span dist, struct span *ret_name, struct span *ret_version)
{
        for (size_t i = dist.len; i > 1; i--) {
                struct span version = span_from(dist, i), number = span_from(version, span_starts(version, "v"));
                if (dist.at[i - 1] != '-' || number.len == 0 || number.at[0] < '0' || number.at[0] > '9')
                        continue;
                *ret_name = span_cut(dist, 0, i - 1);
                *ret_version = version;
                return true;
        }
        return false;
}

/* "version" may be a JSON number, from which 1.10 can't be told: the distribution's file name has it as it was. */
static void read_install(struct span content, struct findings *f)
{
        struct json j;
        struct package p = {0};
        struct span key, dist = {0};
        struct err e = {0};
        CLEANUP(arena_freep) struct arena *scratch = arena_new();
        char shown[80];

        json_init(&j, content, scratch, NULL);
        bool object = json_object_or_skip(&j);
        while (object && json_member(&j, &key)) {
                if (span_is(key, "dist"))
                        dist = json_text_or_skip(&j);
                else if (span_is(key, "pathname"))
                        p.vendor = author_of(json_text_or_skip(&j));
                else
                        json_skip(&j);
        }
        if (!json_finish(&j, &e))
                findings_note(f, "not read: %s", e.text);
        else if (!split_dist(dist, &p.name, &p.version) || !package_name(p.name) || !printable_word(p.version, "/"))
                findings_note(f, "the distribution \"%s\" is no NAME-VERSION: not listed",
                    span_printable(dist, shown, sizeof(shown)));
        else
                findings_package(f, "install.json", &p);
}

/* MYMETA.json (CPAN::Meta::Spec 2). */
static void read_meta(struct span content, struct findings *f)
{
        struct json j;
        struct supplement s = {.licence_source = LICENCE_SOURCE_FIELD};
        struct span key;
        struct err e = {0};
        CLEANUP(arena_freep) struct arena *scratch = arena_new();
        CLEANUP(buf_done) struct buf licence = {.max = INVENTORY_LICENCE_MAX};

        json_init(&j, content, scratch, NULL);
        bool object = json_object_or_skip(&j);
        while (object && json_member(&j, &key)) {
                if (span_is(key, "name"))
                        s.name = json_text_or_skip(&j);
                else if (span_is(key, "license"))
                        read_licence(&j, &licence);
                else
                        json_skip(&j);
        }
        s.licence = buf_span(&licence);
        if (!json_finish(&j, &e))
                findings_note(f, "not read: %s", e.text);
        else if (package_name(s.name) && s.licence.len > 0 && !licence.failed)
                findings_supplement(f, "MYMETA.json", &s);
}

/* ---- perllocal.pod (ExtUtils::Install) ---- */

struct installed {
        struct span module, version;
};

static int by_module(const void *a, const void *b)
{
        const struct installed *x = a, *y = b;
        int by = span_compare(x->module, y->module);

        return by != 0 ? by : x->module.at < y->module.at ? -1 : x->module.at > y->module.at;
}

/* "=head2 DATE: C<Module> L<Foo::Bar|Foo::Bar>" and below it "C<VERSION: 1.2>". */
static void read_log(struct span content, struct findings *f)
{
        static const char head[] = "=head2 ", module[] = "C<Module> L<", version[] = "C<VERSION: ";
        CLEANUP(arena_freep) struct arena *scratch = arena_new();
        struct {
                struct installed *at;
                size_t len, cap;
        } log = {0};
        struct cursor in = {.rest = content};
        struct span line, word, rest, current = {0};

        while (cursor_line(&in, &line)) {
                if (span_starts(line, head)) {
                        current = (struct span){0};
                        for (rest = line; rest.len > 0; rest = span_from(rest, 1))
                                if (span_starts(rest, module) &&
                                    span_split(span_from(rest, sizeof(module) - 1), '|', &word, &rest))
                                        current = word;
                } else if (current.len > 0 && span_starts(line, version) && span_ends(line, ">")) {
                        word = span_from(line, sizeof(version) - 1);
                        *ARENA_PUSH(scratch, &log) = (struct installed){current, span_cut(word, 0, word.len - 1)};
                }
        }
        if (log.len > 0)
                qsort(log.at, log.len, sizeof(*log.at), by_module);
        for (size_t i = 0; i < log.len; i++) {
                CLEANUP(buf_done) struct buf name = {.max = INVENTORY_NAME_MAX};
                if (i + 1 < log.len && span_equal(log.at[i].module, log.at[i + 1].module))
                        continue; /* installed again later: the last one counts */
                struct package p = {.version = span_trim(log.at[i].version), .confidence = CONFIDENCE_MEDIUM};
                if (!distribution_of(log.at[i].module, ':', &name) || !printable_word(p.version, "/"))
                        continue; /* "undef": a distribution that states no version */
                p.name = buf_span(&name);
                findings_package(f, "perllocal.pod", &p);
        }
}

/* ---- .packlist ---- */

/* "auto/Foo/Bar/.packlist": the files of Foo-Bar, one a line, some with " type=link from=..." behind them. */
static void read_packlist(struct span content, struct findings *f)
{
        struct cursor in = {.rest = content};
        struct span folder = path_folder(f->path), above = folder, line;
        CLEANUP(buf_done) struct buf name = {.max = INVENTORY_NAME_MAX};
        uint32_t at;

        while (above.len > 0 && !span_is(path_name(above), "auto"))
                above = path_folder(above);
        if (above.len == 0 || !distribution_of(span_from(folder, above.len + 1), '/', &name))
                return;
        at = findings_supplement(f, "packlist", &(struct supplement){.name = buf_span(&name)});
        while (cursor_line(&in, &line)) {
                for (size_t i = 0; i < line.len; i++)
                        if (span_starts(span_from(line, i), " type=") || span_starts(span_from(line, i), " from="))
                                line.len = i;
                findings_supplement_owns(f, at, line);
        }
}

static void read_any(struct span content, struct findings *f)
{
        struct span name = path_name(f->path);

        if (span_is(name, ".packlist"))
                read_packlist(content, f);
        else if (span_is(name, "perllocal.pod"))
                read_log(content, f);
        else if (span_is(name, "install.json"))
                read_install(content, f);
        else
                read_meta(content, f);
}

/* One that cpanm installed is in its own record and in perl's log: the same component, so not by path. */
const struct detector detect_cpan = {
    .name = "cpan",
    .type = "cpan",
    .ecosystem = "",
    .size_max = INVENTORY_PACKAGE_FILE_MAX,
    .confidence = CONFIDENCE_CERTAIN,
    .wants = wants,
    .names = "install.json MYMETA.json perllocal.pod .packlist",
    .read = read_any,
};
