/*
 * Ubuntu's chiselled images: var/lib/chisel/manifest.wall, a zstd stream of JSON lines ("jsonwall", schema 1.0).
 *
 *      {"kind":"package","name":"libc6","version":"2.39-0ubuntu8.4","sha256":"...","arch":"amd64"}
 *      {"kind":"content","slice":"libc6_libs","path":"/usr/lib/x86_64-linux-gnu/libc.so.6"}
 *
 * It is all that such an image has of dpkg. It names no source packages: the package's own name stands for it, which is
 * wrong for libc6 (glibc), and a note says so once.
 */
#include <zstd.h>

#include "inventory/os/os_priv.h"
#include "inventory/os/words_priv.h"

static bool wants(struct span path)
{
        return span_is(path, "var/lib/chisel/manifest.wall");
}

static bool wants_no_link(struct span path)
{
        return span_is(path, "var/lib/chisel") || wants(path);
}

#define WINDOW_LOG_MAX 25 /* 32 MiB; chisel writes 8 MiB */
#define PIECE (64u << 10)

/* What is wrong with the stream; NULL: nothing, and `to` holds all of it. */
static const char *decompress(struct span content, struct buf *to)
{
        ZSTD_DCtx *context = ZSTD_createDCtx();
        ZSTD_inBuffer in = {content.at, content.len, 0};
        const char *wrong = NULL;
        bool within = true; /* a frame; an empty file has none */

        if (!context || ZSTD_isError(ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, WINDOW_LOG_MAX)))
                abort(); /* no memory: as heap_alloc */
        for (;;) {
                uint8_t *at = buf_reserve(to, PIECE);
                ZSTD_outBuffer out = {at, PIECE, 0};
                size_t before = in.pos, rc;
                if (!at) {
                        wrong = "larger than 64 MiB";
                        break;
                }
                rc = ZSTD_decompressStream(context, &out, &in);
                if (ZSTD_isError(rc)) {
                        wrong = ZSTD_getErrorName(rc);
                        break;
                }
                if (out.pos == 0 && in.pos == before) /* nothing left to take or to give */
                        break;
                to->len += out.pos;
                within = rc != 0;
        }
        ZSTD_freeDCtx(context);
        return wrong ? wrong : within ? "ends early" : NULL;
}

enum line_field { KIND, NAME, VERSION, ARCH, SLICE, PATH, LINE_FIELDS };

static bool read_fields(struct span line, struct arena *scratch, struct span value[LINE_FIELDS], struct err *e)
{
        static const char *const names[LINE_FIELDS] = {[KIND] = "kind",
            [NAME] = "name",
            [VERSION] = "version",
            [ARCH] = "arch",
            [SLICE] = "slice",
            [PATH] = "path"};
        struct json j;
        struct span key;

        json_init(&j, line, scratch, NULL);
        json_object(&j);
        while (json_member(&j, &key)) {
                size_t i = 0;
                while (i < LINE_FIELDS && !span_is(key, names[i]))
                        i++;
                if (i < LINE_FIELDS && json_peek(&j) == JSON_STRING)
                        value[i] = json_string(&j);
                else
                        json_skip(&j);
        }
        return json_finish(&j, e);
}

static void add_package(const struct span value[LINE_FIELDS], size_t n, struct findings *f)
{
        struct package p = {.name = value[NAME],
            .version = value[VERSION],
            .arch = value[ARCH],
            .source_name = value[NAME],
            .source_version = value[VERSION]};
        char place[40], shown[80];

        snprintf(place, sizeof(place), "line %zu", n);
        span_printable(p.name, shown, sizeof(shown));
        if (!package_name(p.name))
                findings_note(f, "%s: \"%s\" is no package name: not listed", place, shown);
        else if (!printable_word(p.version, ""))
                findings_note(f, "%s: package %s has no valid version: not listed", place, shown);
        else if (p.arch.len > 0 && !printable_word(p.arch, ""))
                findings_note(f, "%s: package %s has no valid architecture: not listed", place, shown);
        else
                findings_package(f, place, &p);
}

/* Lines of one package follow each other; a slice's name is the package's, '_' and a word. */
struct owner {
        uint32_t supplement;
        struct span name;
};

static void add_content(struct owner *o, struct span slice, struct span path, struct findings *f)
{
        struct supplement s = {0};
        struct span word;

        if (span_ends(path, "/") || !span_split(slice, '_', &s.name, &word) || !package_name(s.name))
                return;
        if (!span_equal(s.name, o->name)) {
                o->supplement = findings_supplement(f, "content", &s);
                o->name = arena_copy(f->arena, s.name);
        }
        findings_supplement_owns(f, o->supplement, path);
}

static void read_manifest(struct span content, struct findings *f)
{
        CLEANUP(arena_freep) struct arena *scratch = arena_new();
        CLEANUP(buf_done) struct buf plain = {.max = INVENTORY_DPKG_MAX};
        struct owner owner = {.supplement = UINT32_MAX};
        const char *wrong = decompress(content, &plain);
        struct cursor c = {.rest = buf_span(&plain)};
        struct span line;

        if (wrong) {
                findings_note(f, "not read: zstd: %s", wrong);
                return;
        }
        for (size_t n = 1; cursor_line(&c, &line); n++) {
                struct span value[LINE_FIELDS] = {0};
                struct err e = {0};
                arena_reset(scratch);
                if (line.len == 0)
                        continue;
                if (!read_fields(line, scratch, value, &e))
                        findings_note(f, "line %zu: %s", n, e.text);
                else if (span_is(value[KIND], "package"))
                        add_package(value, n, f);
                else if (span_is(value[KIND], "content"))
                        add_content(&owner, value[SLICE], value[PATH], f);
        }
        if (f->packages.len > 0)
                findings_note(f, "source packages are not named here: advisories for packages of another name than "
                                 "their source's were not found");
}

const struct detector detect_chisel = {
    .name = "chisel",
    .type = "deb",
    .size_max = INVENTORY_PACKAGE_FILE_MAX,
    .confidence = CONFIDENCE_CERTAIN,
    .names = "manifest.wall",
    .any_path = true,
    .wants = wants,
    .read = read_manifest,
    .wants_no_link = wants_no_link,
};
