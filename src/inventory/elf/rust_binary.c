/*
 * Rust programs: what cargo-auditable wrote into the section ".dep-v0" (zlib, JSON), else the paths of source files that
 * panics name:
 *
 *      /root/.cargo/registry/src/index.crates.io-6f17d22bba15001f/serde_json-1.0.91/src/de.rs
 *      /usr/share/cargo/registry/serde_json-1.0.87/src/de.rs                          Debian's packages
 *
 * Paths name only crates that can panic and were not made small: evidence that they are there, no proof of what is not.
 */
#include "inventory/elf/elf_priv.h"

#include <libdeflate.h>

#define PLACE "Rust dependency list"
#define CRATE_MAX 64u /* bytes, as crates.io has it; a version may be as long here */

static bool is_alnum(uint8_t c)
{
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static size_t n_digits(struct span s)
{
        size_t n = 0;

        while (n < s.len && s.at[n] >= '0' && s.at[n] <= '9')
                n++;
        return n;
}

/* major.minor.patch, and then only what SemVer allows behind it. */
static bool is_semver(struct span s)
{
        for (size_t i = 0; i < 3; i++) {
                size_t n = n_digits(s);
                if (n == 0 || (i < 2 && (n == s.len || s.at[n] != '.')))
                        return false;
                s = span_from(s, i < 2 ? n + 1 : n);
        }
        if (s.len == 1 || (s.len > 0 && s.at[0] != '-' && s.at[0] != '+'))
                return false;
        for (size_t i = 0; i < s.len; i++)
                if (!is_alnum(s.at[i]) && !strchr(".+-", s.at[i]))
                        return false;
        return true;
}

/* "serde_json-1.0.91": the first '-' that a version follows. */
static bool crate_of_folder(struct span folder, struct elf_name *ret)
{
        for (size_t i = 0; i < folder.len && i <= CRATE_MAX; i++) {
                struct span version = span_from(folder, i + 1);
                if (i > 0 && folder.at[i] == '-' && version.len <= CRATE_MAX && is_semver(version)) {
                        ret->name = span_cut(folder, 0, i);
                        ret->version = version;
                        return true;
                }
                if (!is_alnum(folder.at[i]) && folder.at[i] != '_' && folder.at[i] != '-')
                        return false;
        }
        return false;
}

/* "index.crates.io-6f17d22bba15001f": a registry's host and 16 hexadecimal digits. */
static bool index_of_folder(struct span folder, bool *ret_crates_io)
{
        struct span host = span_cut(folder, 0, folder.len > 17 ? folder.len - 17 : 0),
                    hash = span_from(folder, host.len);

        if (host.len == 0 || hash.at[0] != '-')
                return false;
        for (size_t i = 1; i < hash.len; i++)
                if (!(hash.at[i] >= '0' && hash.at[i] <= '9') && !(hash.at[i] >= 'a' && hash.at[i] <= 'f'))
                        return false;
        *ret_crates_io = span_is(host, "index.crates.io") || span_is(host, "github.com");
        return true;
}

void rust_path_mark(struct elf *s, struct span from)
{
        struct elf_name name = {0};
        struct span part, rest, after;
        bool crates_io = true;

        if (!span_split(from, '/', &part, &rest))
                return;
        if (span_is(part, "src")) {
                if (!span_split(rest, '/', &part, &rest) || !index_of_folder(part, &crates_io))
                        return;
                if (!span_split(rest, '/', &part, &rest))
                        return;
        } else if (!span_split(rest, '/', &after, &after) || !span_starts(rest, "src/")) {
                return; /* Debian's form is short: only with its src/ it can't be anything else */
        }
        if (!crate_of_folder(part, &name))
                return;
        name.unsure = !crates_io;
        elf_names_add(s, &s->rust.crates, &name);
}

/* "1.70.0 (90c541806 2023-05-31)" in .comment; the LLVM of other compilers says "rustc version" nowhere. */
void rust_compiler_mark(struct elf *s, struct span from)
{
        struct span version, rest;

        if (s->rust.compiler.len > 0 || !span_split(from, ' ', &version, &rest) || version.len > 32 ||
            !is_semver(version) || !span_starts(rest, "("))
                return;
        s->rust.compiler = arena_copy(s->arena, version);
}

void rust_section_mark(struct elf *s, uint64_t at)
{
        if (s->rust.n_names < ARRAY_LEN(s->rust.names))
                s->rust.names[s->rust.n_names++] = at;
}

struct section {
        uint64_t name, offset, size;
};

static bool section_at(const struct elf *s, struct span table, size_t i, struct section *ret)
{
        struct cursor c = {.rest = span_cut(table, i * s->section_size, s->section_size)};
        size_t word = s->is_64 ? 8 : 4;

        ret->name = elf_uint(&c, 4, s->big);
        cursor_take(&c, 4 + 2 * word); /* type, flags, address */
        ret->offset = elf_uint(&c, word, s->big);
        ret->size = elf_uint(&c, word, s->big);
        return !c.failed;
}

static bool is_named(const struct elf *s, const struct section *names, const struct section *one)
{
        for (size_t i = 0; i < s->rust.n_names; i++)
                if (s->rust.names[i] >= names->offset && s->rust.names[i] - names->offset == one->name &&
                    one->name < names->size)
                        return true;
        return false;
}

void rust_ask(struct elf *s)
{
        const struct elf_capture *table = NULL;
        struct section names, one;

        for (size_t i = 0; i < s->n_captures; i++)
                if (s->captures[i].kind == ELF_CAPTURE_SECTIONS && s->captures[i].done)
                        table = &s->captures[i];
        if (s->rust.n_names == 0 || !table || !section_at(s, buf_span(&table->got), s->names_section, &names))
                return;
        for (size_t i = 0; i < s->n_sections && !s->rust.asked; i++) {
                if (!section_at(s, buf_span(&table->got), i, &one) || !is_named(s, &names, &one))
                        continue;
                if (one.size > ELF_DEP_STORED_MAX)
                        findings_note(s->f, PLACE " (.dep-v0) of %llu bytes, at most %u: not read",
                            (unsigned long long)one.size, ELF_DEP_STORED_MAX);
                else
                        s->rust.asked = elf_capture_add(s, ELF_CAPTURE_DEP, one.offset, one.size, 0);
        }
}

/* In the heap; false when it is no zlib stream or too large. */
static bool inflate(struct span from, struct buf *to)
{
        struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();
        enum libdeflate_result result = LIBDEFLATE_INSUFFICIENT_SPACE;

        if (!d)
                return false;
        for (size_t room = 64u << 10; room <= ELF_DEP_PLAIN_MAX && result == LIBDEFLATE_INSUFFICIENT_SPACE; room *= 2) {
                uint8_t *into = buf_reserve(to, room);
                result = libdeflate_zlib_decompress(d, from.at, from.len, into, room, &to->len);
        }
        libdeflate_free_decompressor(d);
        return result == LIBDEFLATE_SUCCESS;
}

static struct span string_or_skip(struct json *j)
{
        if (json_peek(j) == JSON_STRING)
                return json_string(j);
        json_skip(j);
        return (struct span){0};
}

/* Crates of other sources may only bear the name of one on crates.io: nothing is known of them. */
static void add_crate(struct findings *f, const struct elf_name *name, bool build, enum component_confidence c)
{
        findings_package(f, PLACE,
            &(struct package){.name = name->name,
                .version = name->version,
                .type = "cargo",
                .ecosystem = name->unsure ? "" : "crates.io",
                .development = build,
                .confidence = c});
}

static void read_crate(struct json *j, struct findings *f)
{
        struct elf_name name = {0};
        struct span key, source = {0}, kind = {0};

        json_object(j);
        while (json_member(j, &key)) {
                if (span_is(key, "name"))
                        name.name = json_string(j);
                else if (span_is(key, "version"))
                        name.version = json_string(j);
                else if (span_is(key, "source"))
                        source = string_or_skip(j);
                else if (span_is(key, "kind"))
                        kind = string_or_skip(j);
                else
                        json_skip(j);
        }
        if (!j->failed && (name.name.len == 0 || !is_semver(name.version)))
                json_fail(j, ERR_MALFORMED, "a crate without name or version");
        if (j->failed)
                return;
        name.unsure = !span_is(source, "crates.io");
        add_crate(f, &name, span_is(kind, "build"), CONFIDENCE_HIGH);
}

static void read_list(struct span text, struct findings *f, struct err *e)
{
        CLEANUP(arena_freep) struct arena *scratch = arena_new();
        struct json_limits limits = {.members_max = ELF_DEP_PACKAGES_MAX};
        size_t before = f->packages.len;
        struct span key;
        struct json j;

        json_init(&j, text, scratch, &limits);
        json_object(&j);
        while (json_member(&j, &key)) {
                if (span_is(key, "packages"))
                        for (json_array(&j); json_element(&j);)
                                read_crate(&j, f);
                else
                        json_skip(&j);
        }
        if (!json_finish(&j, e))
                f->packages.len = before; /* half a list looks like a whole one */
}

void rust_captured(struct elf *s, const struct elf_capture *c)
{
        CLEANUP(buf_done) struct buf plain = {.max = ELF_DEP_PLAIN_MAX};
        struct err e = {0};

        s->rust.read = true;
        if (!inflate(buf_span(&c->got), &plain))
                err_set(&e, ERR_MALFORMED, "no zlib stream of at most %u bytes", ELF_DEP_PLAIN_MAX);
        else
                read_list(buf_span(&plain), s->f, &e);
        if (e.kind == ERR_NONE)
                return;
        findings_note(s->f, PLACE " (.dep-v0): %s: not read", e.text);
        s->rust.read = false;
}

void rust_list(struct elf *s)
{
        const struct elf_names *v = &s->rust.crates;

        if (s->rust.compiler.len > 0)
                findings_package(s->f, ".comment",
                    &(struct package){.name = SPAN_LIT("rust"), .version = s->rust.compiler, .unless_owned = true});
        if (s->rust.read)
                return;
        for (size_t i = 0; i < v->len; i++)
                add_crate(s->f, &v->at[i], false, CONFIDENCE_MEDIUM);
        if (v->too_many)
                findings_note(s->f, "more than %u Rust crates: the others are not listed", ELF_NAMES_MAX);
}
