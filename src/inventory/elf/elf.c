#include "inventory/elf/elf_priv.h"

#define NOTE_TYPE 4u /* PT_NOTE */
#define LOAD_TYPE 1u /* PT_LOAD */
#define HEADER_32 52u
#define HEADER_64 64u

/* Another pass. */
static bool is_worth(enum elf_capture_kind kind)
{
        return kind == ELF_CAPTURE_GO_STRING || kind == ELF_CAPTURE_GO_TEXT || kind == ELF_CAPTURE_DEP;
}

bool elf_capture_add(struct elf *s, enum elf_capture_kind kind, uint64_t at, uint64_t want, uint32_t place)
{
        struct elf_capture *c;

        /* What lies before the end of what told of it has gone by, or not, as the pieces were cut. */
        if (at >= s->size || want == 0 || s->n_captures == ELF_CAPTURES_MAX || (at < s->told_at && !is_worth(kind)))
                return false;
        if (want > s->size - at)
                want = s->size - at;
        c = &s->captures[s->n_captures++];
        *c = (struct elf_capture){.kind = kind, .at = at, .want = (size_t)want, .place = place};
        c->again = is_worth(kind);
        return true;
}

bool elf_address(const struct elf *s, uint64_t address, uint64_t n, uint64_t *ret_at)
{
        for (size_t i = 0; i < s->n_segments; i++) {
                const struct elf_segment *g = &s->segments[i];
                if (g->load && address >= g->address && address - g->address < g->size &&
                    n <= g->size - (address - g->address)) {
                        *ret_at = g->offset + (address - g->address);
                        return *ret_at >= g->offset && *ret_at < s->size && n <= s->size - *ret_at;
                }
        }
        return false;
}

/* ELF header: where the two tables lie. */
static void header_captured(struct elf *s, struct span header)
{
        struct cursor c = {.rest = span_from(header, 16)};
        size_t word;

        if (!span_starts(header, "\x7f"
                                 "ELF") ||
            header.len < HEADER_32)
                return;
        s->is_64 = header.at[4] == 2;
        s->big = header.at[5] == 2;
        word = s->is_64 ? 8 : 4;
        cursor_take(&c, 8 + word); /* type, machine, version, entry */
        uint64_t segments_at = elf_uint(&c, word, s->big);
        s->sections_at = elf_uint(&c, word, s->big);
        cursor_take(&c, 4 + 2); /* flags, size of this header */
        size_t segment_size = (size_t)elf_uint(&c, 2, s->big);
        size_t n_segments = (size_t)elf_uint(&c, 2, s->big);
        s->section_size = (size_t)elf_uint(&c, 2, s->big);
        s->n_sections = (uint32_t)elf_uint(&c, 2, s->big);
        s->names_section = (uint32_t)elf_uint(&c, 2, s->big);
        if (c.failed)
                return;
        s->is_elf = true;
        if (n_segments > 0 && n_segments <= ELF_SEGMENTS_MAX && segment_size == (s->is_64 ? 56u : 32u))
                elf_capture_add(s, ELF_CAPTURE_SEGMENTS, segments_at, n_segments * segment_size, 0);
        if (s->n_sections > 0 && s->n_sections <= ELF_SECTIONS_MAX && s->section_size == (s->is_64 ? 64u : 40u))
                elf_capture_add(s, ELF_CAPTURE_SECTIONS, s->sections_at, s->n_sections * (uint64_t)s->section_size, 0);
}

static void segments_captured(struct elf *s, struct span table)
{
        struct cursor c = {.rest = table};
        size_t word = s->is_64 ? 8 : 4, notes = 0, one = s->is_64 ? 56 : 32;

        s->segments = arena_array(s->arena, table.len / one, sizeof(*s->segments));
        while (c.rest.len >= one) {
                struct elf_segment *g = &s->segments[s->n_segments++];
                uint32_t type = (uint32_t)elf_uint(&c, 4, s->big);
                uint32_t flags = s->is_64 ? (uint32_t)elf_uint(&c, 4, s->big) : 0;
                g->offset = elf_uint(&c, word, s->big);
                g->address = elf_uint(&c, word, s->big);
                cursor_take(&c, word); /* physical address */
                g->size = elf_uint(&c, word, s->big);
                cursor_take(&c, word); /* size in memory */
                if (!s->is_64)
                        flags = (uint32_t)elf_uint(&c, 4, s->big);
                cursor_take(&c, word); /* alignment */
                g->load = type == LOAD_TYPE;
                g->writable = flags & 2;
                if (type == NOTE_TYPE && notes < ELF_NOTE_SEGMENTS_MAX && g->size <= ELF_NOTE_MAX)
                        notes += elf_capture_add(s, ELF_CAPTURE_NOTES, g->offset, g->size, 0);
        }
        s->segments_known = true;
}

/* May add captures, and may want more of its own. */
static void captured(struct elf *s, struct elf_capture *c)
{
        struct span got = buf_span(&c->got);

        c->done = true;
        s->told_at = c->at + got.len;
        switch (c->kind) {
        case ELF_CAPTURE_HEADER:
                c->done = got.len != HEADER_32 || got.at[4] != 2 || s->size < HEADER_64;
                c->want = c->done ? c->want : HEADER_64;
                if (c->done)
                        header_captured(s, got);
                break;
        case ELF_CAPTURE_SEGMENTS:
                segments_captured(s, got);
                break;
        case ELF_CAPTURE_GO_TABLE:
                go_table_captured(s, c);
                break;
        case ELF_CAPTURE_GO:
        case ELF_CAPTURE_GO_STRING:
        case ELF_CAPTURE_GO_TEXT:
                go_captured(s, c);
                break;
        case ELF_CAPTURE_DEP:
                rust_captured(s, c);
                break;
        default: /* read at the end */
                break;
        }
        s->told_at = 0;
}

static void captures_data(struct elf *s, struct span piece, uint64_t offset)
{
        for (size_t i = 0; i < s->n_captures; i++) { /* the list grows meanwhile */
                struct elf_capture *c = &s->captures[i];
                while (!c->done) {
                        uint64_t next = c->at + c->got.len;
                        if (c->got.len < c->want && next >= offset && next < offset + piece.len)
                                buf_put(&c->got, span_cut(piece, (size_t)(next - offset), c->want - c->got.len));
                        if (c->got.len < c->want)
                                break;
                        captured(s, c); /* `want` may have grown */
                }
        }
}

/* Every place is judged once, with ELF_CONTEXT bytes to be seen or the file's end. */
static void scan_data(struct elf *s, struct span piece, uint64_t offset)
{
        uint8_t joint[2 * ELF_CONTEXT];
        size_t n_piece = piece.len < ELF_CONTEXT ? piece.len : ELF_CONTEXT;
        size_t n = s->n_tail + n_piece, ripe;

        memcpy(joint, s->tail, s->n_tail);
        memcpy(joint + s->n_tail, piece.at, n_piece);
        ripe = n >= ELF_CONTEXT ? n - ELF_CONTEXT + 1 : 0;
        if (ripe > s->n_tail)
                ripe = s->n_tail;
        elf_scan(s, (struct span){joint, n}, ripe, offset - s->n_tail);
        if (piece.len < ELF_CONTEXT) {
                s->n_tail = n - ripe;
                if (s->n_tail >= ELF_CONTEXT) { /* the first place behind the old tail is ripe too */
                        elf_scan(s, (struct span){joint + ripe, s->n_tail}, s->n_tail - ELF_CONTEXT + 1,
                            offset + n_piece - s->n_tail);
                        ripe += s->n_tail - ELF_CONTEXT + 1;
                        s->n_tail = ELF_CONTEXT - 1;
                }
                memcpy(s->tail, joint + ripe, s->n_tail);
                return;
        }
        ripe = piece.len - ELF_CONTEXT + 1;
        elf_scan(s, piece, ripe, offset);
        s->n_tail = piece.len - ripe;
        memcpy(s->tail, piece.at + ripe, s->n_tail);
}

static void *begin(struct findings *f, uint64_t size)
{
        struct elf *s = heap_alloc(sizeof(*s));

        s->f = f;
        s->arena = arena_new();
        s->size = size;
        s->pass = 1;
        program_begin(s, f->path);
        s->go.files.part.max = ELF_GO_PATH_MAX;
        elf_capture_add(s, ELF_CAPTURE_HEADER, 0, HEADER_32, 0);
        elf_capture_add(s, ELF_CAPTURE_START, 0, ELF_START, 0);
        return s;
}

static void passed(struct elf *s, struct span piece, uint64_t offset)
{
        captures_data(s, piece, offset);
        go_files_data(s, piece, offset);
}

static void data(void *state, struct span piece)
{
        struct elf *s = state;
        uint64_t offset = s->at;
        uint8_t tail[ELF_CONTEXT];

        if (piece.len == 0)
                return;
        s->at += piece.len;
        if (s->pass > 1) {
                captures_data(s, piece, offset);
        } else {
                struct span before = {tail, s->n_tail};
                memcpy(tail, s->tail, s->n_tail);
                scan_data(s, piece, offset);
                passed(s, before, offset - before.len); /* a mark in it is known only now */
                passed(s, piece, offset);
        }
        go_step(s);
}

/* True when a capture that is worth it lay before the place that told of it. */
static bool captures_again(struct elf *s)
{
        bool again = false;

        for (size_t i = 0; i < s->n_captures; i++) {
                struct elf_capture *c = &s->captures[i];
                if (c->done)
                        continue;
                buf_clear(&c->got);
                again |= c->again;
                c->done = !c->again; /* given up */
        }
        return again;
}

/* Captures whose order in the list of packages must not hang on how the pieces were cut. */
static void late(struct elf *s, const struct elf_capture *c)
{
        if (c->got.len < c->want)
                return;
        if (c->kind == ELF_CAPTURE_NOTES)
                note_captured(s, c);
        /* UPX leaves no sections, and signs its loader behind the program headers. */
        if (c->kind == ELF_CAPTURE_START && s->n_sections == 0 && memmem(c->got.at, c->got.len, "UPX!", 4))
                findings_note(s->f, "packed by UPX: what it was built from can't be told; scan it before it is packed");
}

static enum stream_step end(void *state)
{
        struct elf *s = state;

        if (s->pass == 1) {
                elf_scan(s, (struct span){s->tail, s->n_tail}, s->n_tail, s->at - s->n_tail);
                passed(s, (struct span){s->tail, s->n_tail}, s->at - s->n_tail);
                rust_ask(s);
        }
        s->segments_known = true; /* as far as they will be */
        go_step(s);
        if (s->is_elf && s->at == s->size && captures_again(s) && s->pass < STREAM_PASSES_MAX) {
                s->pass++;
                s->at = 0;
                return STREAM_AGAIN;
        }
        if (s->is_elf) {
                for (size_t i = 0; i < s->n_captures; i++)
                        late(s, &s->captures[i]);
                go_list(s);
                rust_list(s);
                program_list(s);
        }
        return STREAM_DONE;
}

static void elf_free(void *state)
{
        struct elf *s = state;

        if (!s)
                return;
        for (size_t i = 0; i < s->n_captures; i++)
                buf_done(&s->captures[i].got);
        buf_done(&s->go.files.part);
        arena_free(s->arena);
        free(s);
}

static bool sniff(struct span path, struct span head)
{
        (void)path;
        return span_starts(head, "\x7f"
                                 "ELF");
}

static const struct detector_stream stream = {
    .sniff = sniff, .begin = begin, .data = data, .end = end, .free = elf_free, .again = true};

/* Packages say their type and ecosystem themselves; those that say none have no advisories. */
const struct detector detect_elf = {
    .name = "elf",
    .type = "generic",
    .ecosystem = "",
    .confidence = CONFIDENCE_HIGH,
    .by_path = true,
    .any_path = true, /* but for program.c, whose guess by the first name is not worth another pass */
    .stream = &stream,
};

void elf_names_add(struct elf *s, struct elf_names *v, const struct elf_name *name)
{
        size_t low = 0, high = v->len;

        while (low < high) {
                size_t middle = low + (high - low) / 2;
                const struct elf_name *m = &v->at[middle];
                int by = span_compare(m->name, name->name);
                if (by == 0)
                        by = span_compare(m->version, name->version);
                if (by == 0)
                        by = m->unsure - name->unsure;
                if (by == 0)
                        return;
                if (by < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        if (v->len == ELF_NAMES_MAX) {
                v->too_many = true;
                return;
        }
        ARENA_PUSH(s->arena, v);
        memmove(&v->at[low + 1], &v->at[low], (v->len - 1 - low) * sizeof(*v->at));
        v->at[low] = (struct elf_name){.name = arena_copy(s->arena, name->name),
            .version = arena_copy(s->arena, name->version),
            .unsure = name->unsure};
}
