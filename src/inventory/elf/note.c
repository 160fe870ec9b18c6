/*
 * Package metadata of ELF objects (systemd.io/ELF_PACKAGE_METADATA): a note of the owner "FDO" whose text is JSON. It
 * names the source package that a distribution built the program from, also where its package database is gone.
 */
#include "inventory/elf/elf_priv.h"

#define PLACE ".note.package"
#define NOTE_TYPE 0xcafe1a7eu

static const struct {
        const char *named, *type; /* of the purl */
} types[] = {{"rpm", "rpm"}, {"deb", "deb"}, {"alpm", "alpm"}, {"arch", "alpm"}, {"archlinux", "alpm"},
    {"pacman", "alpm"}, {"apk", "apk"}, {"conda", "conda"}};

static void read_metadata(struct elf *s, struct span text)
{
        CLEANUP(arena_freep) struct arena *scratch = arena_new();
        struct package p = {.type = "generic", .unless_owned = true, .confidence = CONFIDENCE_HIGH};
        struct span key, value;
        struct err e = {0};
        struct json j;

        json_init(&j, text, scratch, NULL);
        json_object(&j);
        while (json_member(&j, &key)) {
                if (json_peek(&j) != JSON_STRING) {
                        json_skip(&j);
                        continue;
                }
                value = json_string(&j);
                if (span_is(key, "name"))
                        p.name = value;
                else if (span_is(key, "version"))
                        p.version = value;
                else if (span_is(key, "architecture"))
                        p.arch = value;
                else if (span_is(key, "osCpe"))
                        p.cpe = value;
                for (size_t i = 0; span_is(key, "type") && i < ARRAY_LEN(types); i++)
                        if (span_is(value, types[i].named))
                                p.type = types[i].type;
        }
        if (!json_finish(&j, &e))
                findings_note(s->f, PLACE ": %s: not read", e.text);
        else if (p.name.len > 0)
                findings_package(s->f, PLACE, &p);
}

static size_t padded(size_t n)
{
        return (n + 3) & ~(size_t)3;
}

void note_captured(struct elf *s, const struct elf_capture *c)
{
        struct cursor in = {.rest = buf_span(&c->got)};

        while (in.rest.len >= 12) {
                size_t n_owner = (size_t)elf_uint(&in, 4, s->big), n_text = (size_t)elf_uint(&in, 4, s->big);
                uint32_t type = (uint32_t)elf_uint(&in, 4, s->big);
                struct span owner = cursor_take(&in, padded(n_owner));
                struct span text = cursor_take(&in, n_text);
                size_t end;
                if (in.failed)
                        return;
                cursor_take(&in, padded(n_text) - n_text < in.rest.len ? padded(n_text) - n_text : in.rest.len);
                if (type != NOTE_TYPE || n_owner != 4 || !span_starts(owner, "FDO"))
                        continue;
                if (span_find(text, 0, &end)) /* it ends with a NUL and may be padded */
                        text = span_cut(text, 0, end);
                read_metadata(s, text);
        }
}
