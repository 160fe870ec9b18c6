/* For the tests: a detector on a text, layers made of texts, and short questions to what comes out. */
#pragma once

#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdarg.h>
#include <cmocka.h>

#include <fcntl.h>
#include <sys/stat.h>

#include "inventory/layer_priv.h"

/* A file of that content in a test's folder, with the folders above it. */
static inline void folder_put(const char *root, const char *path, const char *content)
{
        char name[8192];
        int fd;

        for (size_t i = 0; path[i]; i++) {
                if (path[i] != '/')
                        continue;
                snprintf(name, sizeof(name), "%s/%.*s", root, (int)i, path);
                mkdir(name, 0755); /* it may exist: then writing tells */
        }
        snprintf(name, sizeof(name), "%s/%s", root, path);
        assert_true(file_open_user(name, O_WRONLY | O_CREAT | O_TRUNC, &fd, NULL));
        assert_true(fd_write_all(fd, span_of(content), NULL));
        fd_close(&fd);
}

/* The caller frees with arena_free(f.arena). */
static inline struct findings detect_file(const struct detector *d, const char *path, struct span content)
{
        struct findings f = {.arena = arena_new(), .path = span_of(path)};

        if (d->read)
                d->read(content, &f);
        else
                d->read_pair(content, (struct span){0}, &f);
        findings_end(&f);
        return f;
}

static inline struct findings detect_text(const struct detector *d, struct span text)
{
        return detect_file(d, "", text);
}

/* As detect_file, for a detector that streams: in pieces of `piece` bytes, in as many passes as it asks for. */
static inline struct findings detect_stream(
    const struct detector *d, const char *path, struct span content, size_t piece)
{
        struct findings f = {.arena = arena_new(), .path = span_of(path)};
        void *state = d->stream->begin(&f, content.len);
        unsigned passes = 0;

        do {
                for (size_t at = 0; at < content.len; at += piece)
                        d->stream->data(state, span_cut(content, at, piece));
                passes++;
        } while (d->stream->end(state) == STREAM_AGAIN && passes < STREAM_PASSES_MAX);
        d->stream->free(state);
        findings_end(&f);
        return f;
}

static inline void assert_span(struct span s, const char *text)
{
        if (!span_is(s, text))
                fail_msg("\"%.*s\" is not \"%s\"", SPAN_FMT(s), text);
}

static inline bool contains(struct span s, const char *part)
{
        size_t len = strlen(part);

        for (size_t i = 0; i + len <= s.len; i++)
                if (memcmp(s.at + i, part, len) == 0)
                        return true;
        return false;
}

/* Exactly one of them says so. */
static inline void assert_noted(const struct span *notes, size_t n, const char *part)
{
        size_t found = 0;

        for (size_t i = 0; i < n; i++)
                found += contains(notes[i], part);
        if (found == 1)
                return;
        for (size_t i = 0; i < n; i++)
                print_message("note: %.*s\n", SPAN_FMT(notes[i]));
        fail_msg("%zu notes say \"%s\"", found, part);
}

/* One entry of a test's layer. A hard link's or symbolic link's target is its text. */
struct test_entry {
        enum image_entry_type type;
        const char *path;
        const char *text;
};

/* "mode 4755 ..." is a file's content and its mode. */
static inline uint32_t test_mode(struct span text)
{
        struct span digits, rest;
        uint64_t mode;

        if (!span_starts(text, "mode "))
                return 0644;
        span_split(span_from(text, 5), ' ', &digits, &rest);
        return span_to_octal(digits, &mode) ? (uint32_t)mode : 0644;
}

/* Feeds entries to a reader as image_layer_read would, in as many passes as it asks for. */
static inline struct layer_report *layer_of(const struct test_entry *entries, size_t n, unsigned *ret_passes)
{
        CLEANUP(layer_reader_freep) struct layer_reader *r = layer_reader_new();
        struct image_sink sink = layer_reader_sink(r);
        unsigned passes = 0;

        do {
                passes++;
                for (size_t i = 0; i < n; i++) {
                        struct span text = span_of(entries[i].text);
                        bool is_file = entries[i].type == IMAGE_ENTRY_FILE, want = false;
                        struct image_entry entry = {.type = entries[i].type,
                            .path = span_of(entries[i].path),
                            .link = is_file ? (struct span){0} : text,
                            .size = is_file ? text.len : 0,
                            .mode = is_file ? test_mode(text) : 0777,
                            .index = i};
                        assert_true(sink.entry(sink.ctx, &entry, &want, NULL));
                        assert_true(is_file || !want);
                        /* In two pieces, so that joining is tried too. */
                        for (size_t at = 0, half = (text.len + 1) / 2; want && at < text.len; at += half)
                                assert_true(sink.data(sink.ctx, span_cut(text, at, half), NULL));
                        if (want)
                                assert_true(sink.data(sink.ctx, (struct span){0}, NULL));
                }
        } while (layer_reader_again(r));
        if (ret_passes)
                *ret_passes = passes;
        return layer_reader_end(r, &(struct image_read){.entries = n});
}
