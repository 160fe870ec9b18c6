#include "inventory/detector_fuzz_priv.h"
#include "inventory/jvm/zip_stream_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was said, as a checksum: entries, content and notes. */
struct heard {
        uint64_t sum;
        unsigned n_notes;
        bool open; /* within an entry that is wanted */
        unsigned n;
};

static void add(struct heard *h, struct span s)
{
        for (size_t i = 0; i < s.len; i++)
                h->sum = (h->sum ^ s.at[i]) * 1099511628211u;
}

static bool entry(void *ctx, const struct zip_entry *e)
{
        struct heard *h = ctx;

        assert(!h->open);
        assert(e->name.len > 0 && e->name.len <= ZIP_NAME_MAX);
        add(h, e->name);
        h->sum += e->at + e->twice;
        h->open = h->n++ % 4 != 3;
        return h->open;
}

static void content(void *ctx, struct span piece)
{
        struct heard *h = ctx;

        assert(h->open && piece.len > 0);
        add(h, piece);
}

static void end(void *ctx, bool whole)
{
        struct heard *h = ctx;

        assert(h->open);
        h->open = false;
        h->sum = h->sum * 31 + whole;
}

static void note(void *ctx, const char *text)
{
        struct heard *h = ctx;

        assert(*text);
        h->n_notes++;
}

static struct heard hear(struct span file, size_t piece)
{
        struct zip_budget budget = {.plain = 1u << 22, .entries = 100};
        struct heard h = {0};
        struct zip_sink sink = {.ctx = &h, .entry = entry, .data = content, .end = end, .note = note};
        struct zip_stream *z = zip_stream_new(&sink, &budget);
        bool is_zip;

        for (size_t at = 0; at < file.len; at += piece)
                zip_stream_data(z, span_cut(file, at, piece));
        is_zip = zip_stream_end(z);
        zip_stream_free(z);
        assert(!h.open);
        assert(is_zip || (h.n == 0 && h.n_notes == 0));
        return h;
}

/*
 * The first byte says how large the pieces are; the rest is the file. What is right is read alike however it is cut; where
 * something is wrong, it is so in every case.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct span file = span_from(span_bytes(data, size), 1);
        struct heard whole = hear(file, file.len + 1), cut = hear(file, size > 0 ? data[0] + 1u : 1);

        assert((whole.n_notes == 0) == (cut.n_notes == 0));
        assert(whole.n_notes > 0 || whole.sum == cut.sum);
        return 0;
}
