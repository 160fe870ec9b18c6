/*
 * Detectors for the tests of the engine, on a shelf after all others. What they find is what the file's text says:
 *
 *      NAME.lines      "name version" a line; "owns path" concerns the package above, "supplement name licence" another file's
 *      NAME.stream     "again N" asks for N passes; the package is named after the file and its version is the passes it took
 *      MAGIC name      at the front of any file: a package of that name, unless the file lies in doc/
 *      main.db         with main.db-wal beside it
 *      NAME.blind      a note, and the content is never asked for
 *      NAME.named      a package of that name; its version is the paths of the links to it
 *      CRASH           anywhere in a .lines, .stream or MAGIC file: dies; SPIN: never ends
 */
#include "inventory/detect_priv.h"

#include <signal.h>

static bool has(struct span s, const char *word)
{
        for (size_t i = 0; i + strlen(word) <= s.len; i++)
                if (memcmp(s.at + i, word, strlen(word)) == 0)
                        return true;
        return false;
}

static void maybe_die(struct span s)
{
        if (has(s, "CRASH"))
                raise(SIGSEGV);
        for (volatile bool on = has(s, "SPIN"); on;)
                ;
}

static void package(struct findings *f, struct span name, struct span version)
{
        findings_package(f, "test", &(struct package){.name = name, .version = version});
}

/* ---- .lines ---- */

static bool lines_wants(struct span path)
{
        return span_ends(path, ".lines");
}

static void lines_read(struct span content, struct findings *f)
{
        struct cursor c = {.rest = content};
        struct span line, word, rest, more;
        uint32_t last = UINT32_MAX, supplement = UINT32_MAX;

        maybe_die(content);
        while (cursor_line(&c, &line)) {
                span_split(line, ' ', &word, &rest);
                if (span_is(word, "owns") && supplement != UINT32_MAX) {
                        findings_supplement_owns(f, supplement, rest);
                } else if (span_is(word, "owns")) {
                        findings_owns(f, last, rest);
                } else if (span_is(word, "supplement")) {
                        span_split(rest, ' ', &word, &more);
                        supplement =
                            findings_supplement(f, "test", &(struct supplement){.name = word, .licence = more});
                } else if (span_is(word, "note")) {
                        findings_note(f, "%.*s", SPAN_FMT(rest));
                } else if (line.len > 0) {
                        struct package p = {.name = word, .version = rest};
                        if (span_is(rest, "unless-owned"))
                                p.unless_owned = true;
                        last = findings_package(f, "test", &p);
                }
        }
}

static const struct detector lines = {.name = "test-lines",
    .type = "deb",
    .names = "*.lines",
    .size_max = 4096,
    .wants = lines_wants,
    .read = lines_read};
static bool blind_wants(struct span path)
{
        return span_ends(path, ".blind");
}

static void blind_read(struct span content, struct findings *f)
{
        findings_note(f, "%zu bytes: no detector reads it", content.len);
}

static const struct detector blind = {
    .name = "test-blind", .names = "*.blind", .wants = blind_wants, .read = blind_read};

/* ---- streams ---- */

struct test_stream {
        struct findings *f;
        struct buf got;
        uint64_t size;
        unsigned passes;
};

static bool stream_wants(struct span path)
{
        return span_ends(path, ".stream");
}

static bool sniff(struct span path, struct span head)
{
        return span_starts(head, "MAGIC ") && !span_starts(path, "doc/");
}

static void *begin(struct findings *f, uint64_t size)
{
        struct test_stream *s = heap_alloc(sizeof(*s));

        s->f = f;
        s->size = size;
        return s;
}

static void data(void *state, struct span piece)
{
        struct test_stream *s = state;

        buf_put(&s->got, piece);
}

static enum stream_step end(void *state)
{
        struct test_stream *s = state;
        struct span content = buf_span(&s->got), head, rest;
        char passes[24];

        s->passes++;
        maybe_die(content);
        if (s->got.len != s->size)
                findings_note(s->f, "%zu bytes came, not %llu", s->got.len, (unsigned long long)s->size);
        if (span_starts(content, "again ") && s->passes < (unsigned)(content.at[6] - '0')) {
                buf_clear(&s->got);
                return STREAM_AGAIN;
        }
        snprintf(passes, sizeof(passes), "%u", s->passes);
        if (span_starts(content, "MAGIC ")) {
                span_split(span_from(content, 6), '\n', &head, &rest);
                if (head.len > 0)
                        package(s->f, head, span_of(passes));
        } else {
                package(s->f, path_name(s->f->path), span_of(passes));
        }
        return STREAM_DONE;
}

static void done(void *state)
{
        struct test_stream *s = state;

        buf_done(&s->got);
        free(s);
}

static const struct detector_stream by_path = {.begin = begin, .data = data, .end = end, .free = done, .again = true};
static const struct detector_stream by_head = {
    .sniff = sniff, .begin = begin, .data = data, .end = end, .free = done, .again = true};
static const struct detector stream = {.name = "test-stream",
    .type = "generic",
    .ecosystem = "",
    .by_path = true,
    .wants = stream_wants,
    .stream = &by_path};
static const struct detector sniffer = {
    .name = "test-sniff", .type = "generic", .ecosystem = "", .by_path = true, .any_path = true, .stream = &by_head};

/* ---- .named ---- */

static bool named_wants(struct span path)
{
        return span_ends(path, ".named");
}

static void named_read(struct span content, struct findings *f)
{
        (void)content;
        package(f, path_name(f->path), (struct span){0});
}

static void named(struct findings *f, const struct span *paths, size_t n)
{
        struct span text = {0};

        for (size_t i = 0; i < n; i++)
                text = arena_printf(f->arena, "%.*s%s%.*s", SPAN_FMT(text), i ? "+" : "", SPAN_FMT(paths[i]));
        f->packages.at[0].version = text;
}

static const struct detector by_link = {.name = "test-named",
    .type = "generic",
    .ecosystem = "",
    .by_path = true,
    .names = "*.named",
    .size_max = 4096,
    .wants = named_wants,
    .read = named_read,
    .named = named};

/* ---- a pair ---- */

static bool pair_wants(struct span path)
{
        return span_ends(path, "/main.db");
}

static void pair_read(struct span content, struct span companion, struct findings *f)
{
        package(f, content, companion.len > 0 ? companion : SPAN_LIT("alone"));
}

static const struct detector pair = {.name = "test-pair",
    .type = "generic",
    .ecosystem = "",
    .by_path = true,
    .names = "main.db",
    .size_max = 4096,
    .wants = pair_wants,
    .companion = "main.db-wal",
    .read_pair = pair_read};

static const struct detector *const rows[] = {&lines, &blind, &stream, &sniffer, &by_link, &pair};
static const struct detector_shelf shelf_test = {rows, ARRAY_LEN(rows)};
const struct detector_shelf *const detector_shelves[] = {
    &shelf_os, &shelf_lang, &shelf_jvm, &shelf_elf, &shelf_lock, &shelf_test, NULL};
