#include "inventory/jvm/zip_test_priv.h"

/* Everything that the reader said, as text: entries, content of those that were wanted, notes. */
struct heard {
        struct buf said;
        bool whole, wants_none;
};

static bool on_entry(void *ctx, const struct zip_entry *e)
{
        struct heard *h = ctx;

        buf_printf(&h->said, "%.*s%s", SPAN_FMT(e->name), e->twice ? " again" : "");
        if (!h->wants_none && !e->folder)
                buf_put_text(&h->said, "=");
        else
                buf_put_text(&h->said, "\n");
        return !h->wants_none && !e->folder;
}

static void on_data(void *ctx, struct span piece)
{
        struct heard *h = ctx;

        buf_put(&h->said, piece);
}

static void on_end(void *ctx, bool whole)
{
        struct heard *h = ctx;

        buf_put_text(&h->said, whole ? "\n" : " CUT\n");
}

static void on_note(void *ctx, const char *text)
{
        struct heard *h = ctx;

        buf_printf(&h->said, "! %s\n", text);
}

static bool hear(struct heard *h, struct span file, size_t piece, struct zip_budget *budget)
{
        struct zip_sink sink = {.ctx = h, .entry = on_entry, .data = on_data, .end = on_end, .note = on_note};
        struct zip_stream *z = zip_stream_new(&sink, budget);
        bool is_zip;

        for (size_t at = 0; at < file.len; at += piece)
                zip_stream_data(z, span_cut(file, at, piece));
        is_zip = zip_stream_end(z);
        zip_stream_free(z);
        return is_zip;
}

static const size_t pieces[] = {SIZE_MAX / 2, 1, 2, 3, 5, 7, 16, 61, 1000};

/* What is said does not hang on how the file is cut. Also with entries that nobody wants: then only notes count. */
static void says(struct zip_file *z, const char *expected)
{
        struct span file = buf_span(&z->b);

        for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
                struct zip_budget budget = {.plain = 1u << 24, .entries = 1000};
                struct heard h = {0};
                assert_true(hear(&h, file, pieces[i], &budget));
                buf_put_u8(&h.said, 0);
                if (strcmp((const char *)h.said.at, expected) != 0)
                        fail_msg("in pieces of %zu:\n%s\nnot\n%s", pieces[i], (const char *)h.said.at, expected);
                buf_done(&h.said);
        }
        buf_done(&z->b);
}

/* It says this, whatever else. */
static void notes_in(struct span file, bool wants_none, const char *part)
{
        for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
                struct zip_budget budget = {.plain = 1u << 24, .entries = 1000};
                struct heard h = {.wants_none = wants_none};
                assert_true(hear(&h, file, pieces[i], &budget));
                if (!contains(buf_span(&h.said), part))
                        fail_msg("in pieces of %zu, no \"%s\":\n%.*s", pieces[i], part, SPAN_FMT(buf_span(&h.said)));
                buf_done(&h.said);
        }
}

static void notes(struct zip_file *z, const char *part)
{
        notes_in(buf_span(&z->b), false, part);
        notes_in(buf_span(&z->b), true, part);
        buf_done(&z->b);
}

static void test_entries(void **state)
{
        static const struct zip_made hows[] = {
            {ZIP_STORED, 0, TAIL_NONE, false},
            {ZIP_DEFLATED, 0, TAIL_NONE, false},
            {ZIP_DEFLATED, 0, TAIL_SIGNED, false},
            {ZIP_DEFLATED, 0, TAIL_BARE, false},
            {ZIP_DEFLATED, 0, TAIL_SIGNED_64, false},
            {ZIP_DEFLATED, 0, TAIL_BARE_64, false},
            {ZIP_DEFLATED, 0, TAIL_SIGNED_64, true},
            {ZIP_STORED, 0, TAIL_NONE, true},
            {ZIP_DEFLATED, 0, TAIL_NONE, true},
            {ZIP_STORED, 0, TAIL_SIGNED, false},
            {ZIP_STORED, 0, TAIL_SIGNED_64, false},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(hows); i++) {
                struct zip_file z = {0};
                zip_add_as(&z, "a/", (struct span){0}, &(struct zip_made){0});
                zip_add_as(&z, "a/one", span_of("PK, the one and PK\x07 only, only, only, only, only"), &hows[i]);
                zip_add_as(&z, "empty", (struct span){0}, &hows[i]);
                zip_add_as(&z, "two", span_of("2"), &hows[i]);
                zip_finish(&z);
                says(&z, "a/\na/one=PK, the one and PK\x07 only, only, only, only, only\nempty=\ntwo=2\n");
        }
}

/* An archive in an archive, stored with its size behind it: the inner one's records are content. */
static void test_open_archive(void **state)
{
        struct zip_file inner = {0}, z = {0};
        struct heard h = {0};
        struct zip_budget budget = {.plain = 1u << 20, .entries = 10};

        (void)state;
        zip_add(&inner, "x", "inner");
        zip_finish(&inner);
        zip_add_as(&z, "in.jar", buf_span(&inner.b), &(struct zip_made){.tail = TAIL_SIGNED});
        zip_add(&z, "y", "outer");
        zip_finish(&z);
        for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
                assert_true(hear(&h, buf_span(&z.b), pieces[i], &budget));
                assert_true(h.said.len == strlen("in.jar=\ny=outer\n") + inner.b.len);
                assert_memory_equal(h.said.at + strlen("in.jar="), inner.b.at, inner.b.len);
                budget.entries = 10;
                buf_clear(&h.said);
        }
        buf_done(&h.said);
        buf_done(&inner.b);
        buf_done(&z.b);
}

static void test_large_content(void **state)
{
        struct zip_file z = {0};
        struct buf content = {0};
        struct heard h = {0};

        (void)state;
        for (uint32_t i = 0, r = 1; i < 300000; i++, r = r * 1103515245 + 12345)
                buf_put_u8(&content, (uint8_t)(i % 1000 < 500 ? 'a' : r >> 20));
        zip_add_as(&z, "big", buf_span(&content), &(struct zip_made){.method = ZIP_DEFLATED, .tail = TAIL_SIGNED});
        zip_finish(&z);
        for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
                struct zip_budget budget = {.plain = 1u << 20, .entries = 10};
                assert_true(hear(&h, buf_span(&z.b), pieces[i], &budget));
                assert_int_equal(h.said.len, content.len + strlen("big=\n"));
                assert_memory_equal(h.said.at + 4, content.at, content.len);
                assert_int_equal(budget.plain, (1u << 20) - content.len);
                buf_clear(&h.said);
        }
        buf_done(&h.said);
        buf_done(&content);
        buf_done(&z.b);
}

/* A shell script in front, with offsets that count it and with such that don't; bytes of a program with signatures in it. */
static void test_prefix(void **state)
{
        (void)state;
        for (unsigned i = 0; i < 3; i++) {
                struct zip_file z = {0};
                const char *script = "#!/bin/bash\nexec java -jar \"$0\" # P PK PK\x03 PK\x03\x04 PK\x05\x06 \n";
                buf_put(&z.b, span_bytes(script, strlen(script)));
                if (i == 2)
                        buf_put(&z.b, span_bytes("PK\x03\x04\xff\xff\xff\xff\xff\xff PPKPK", 16));
                uint64_t base = i == 1 ? z.b.len : 0;
                zip_add(&z, "one", "1");
                zip_add(&z, "two", "2");
                zip_directory(&z, base);
                zip_end(&z, 2, base, "");
                says(&z, "one=1\ntwo=2\n");
        }
}

static void test_end(void **state)
{
        struct zip_file z = {0};

        (void)state;
        zip_finish(&z);
        says(&z, ""); /* an empty archive */

        z = (struct zip_file){0};
        zip_add(&z, "one", "1");
        zip_directory(&z, 0);
        zip_end(&z, 1, 0, "a comment, PK and all");
        buf_put_text(&z.b, "and more");
        says(&z, "one=1\n");

        /* zip64's end record and locator */
        z = (struct zip_file){0};
        zip_add(&z, "one", "1");
        zip_directory(&z, 0);
        uint64_t size = z.b.len - z.directory_at;
        buf_put_u32le(&z.b, ZIP_END64);
        buf_put_u64le(&z.b, 44 + 5);
        buf_put_u32le(&z.b, 0x002d002d);
        buf_put_u64le(&z.b, 0);
        buf_put_u64le(&z.b, 1);
        buf_put_u64le(&z.b, 1);
        buf_put_u64le(&z.b, size);
        buf_put_u64le(&z.b, z.directory_at);
        buf_put_text(&z.b, "extra");
        buf_put_u32le(&z.b, ZIP_LOCATOR);
        buf_put_u32le(&z.b, 0);
        buf_put_u64le(&z.b, z.directory_at + size);
        buf_put_u32le(&z.b, 1);
        buf_put_u32le(&z.b, ZIP_END);
        buf_put_u32le(&z.b, 0);
        buf_put_u32le(&z.b, UINT32_MAX);
        buf_put_u64le(&z.b, UINT64_MAX);
        buf_put_u16le(&z.b, 0);
        says(&z, "one=1\n");
}

static void test_no_archive(void **state)
{
        static const char *const texts[] = {"", "P", "PK", "not at all", "PK\x05\x06 but no end of anything, is it"};

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(texts); i++)
                for (size_t k = 0; k < ARRAY_LEN(pieces); k++) {
                        struct zip_budget budget = {.plain = 100, .entries = 10};
                        struct heard h = {0};
                        assert_false(hear(&h, span_of(texts[i]), pieces[k], &budget));
                        assert_int_equal(h.said.len, 0);
                }
}

/* ---- what a Java machine sees, and this reader does not, or the other way round ---- */

static void test_disagreements(void **state)
{
        struct zip_file z;

        (void)state;
        z = (struct zip_file){0};
        zip_store(&z, "one", SPAN_LIT("1"));
        zip_store(&z, "two", SPAN_LIT("2"));
        z.n = 1;
        zip_finish(&z);
        notes(&z, "central directory and local headers disagree at 34: an entry that the directory does not know");

        z = (struct zip_file){0};
        zip_store(&z, "one", SPAN_LIT("1"));
        zip_list(&z, "hidden", &z.entries[0].facts);
        zip_finish(&z);
        notes(&z, "\"hidden\": the directory alone knows this entry");

        z = (struct zip_file){0};
        zip_store(&z, "one", SPAN_LIT("1"));
        z.entries[0].name = "won";
        zip_finish(&z);
        notes(&z, "\"won\": the directory alone knows this entry");

        z = (struct zip_file){0};
        zip_store(&z, "one", SPAN_LIT("1"));
        zip_store(&z, "two", SPAN_LIT("2"));
        z.entries[1].facts.at -= 10;
        zip_finish(&z);
        notes(&z, "\"two\": the directory has the entry at another place");

        z = (struct zip_file){0};
        zip_store(&z, "one", SPAN_LIT("1"));
        z.entries[0].facts.at += 10;
        zip_finish(&z);
        notes(&z, "the directory is not where the end record says");

        z = (struct zip_file){0};
        zip_store(&z, "one", SPAN_LIT("1"));
        zip_list(&z, "one", &z.entries[0].facts);
        zip_finish(&z);
        notes(&z, "\"one\": the directory has the entry at another place");
}

static void test_other_facts(void **state)
{
        static const char *const names[] = {"1", "2", "3", "4", "5", "6", "7", "8", "9"};
        struct zip_file z;

        (void)state;
        z = (struct zip_file){0};
        zip_store(&z, "one", SPAN_LIT("1"));
        z.entries[0].facts.crc ^= 1;
        zip_finish(&z);
        notes(&z, "\"one\": size or checksum is another");

        z = (struct zip_file){0};
        zip_store(&z, "one", SPAN_LIT("1"));
        z.entries[0].facts.method = ZIP_DEFLATED;
        zip_finish(&z);
        notes(&z, "\"one\": method or encryption is another");

        z = (struct zip_file){0};
        zip_store(&z, "one", SPAN_LIT("1"));
        zip_directory(&z, 0);
        zip_end(&z, 2, 0, "");
        notes(&z, "disagree at 83: the number of entries is another");

        z = (struct zip_file){0};
        zip_store(&z, "one", SPAN_LIT("1"));
        zip_directory(&z, 0);
        z.directory_at -= 4;
        zip_end(&z, 1, 0, "");
        notes(&z, "disagree at 83: the directory is not where the end record says");

        z = (struct zip_file){0};
        for (size_t i = 0; i < ARRAY_LEN(names); i++)
                zip_store(&z, names[i], SPAN_LIT("1"));
        z.n = 0;
        zip_finish(&z);
        notes(&z, "disagree at 5 more places");
}

/* An entry within the stored content of another: only the directory leads there. */
static void test_entry_in_content(void **state)
{
        struct zip_file inner = {0}, z = {0};

        (void)state;
        zip_add(&inner, "evil", "inner");
        zip_store(&z, "picture", buf_span(&inner.b));
        struct zip_facts f = inner.entries[0].facts;
        f.at = 30 + strlen("picture");
        zip_list(&z, "evil", &f);
        zip_finish(&z);
        notes(&z, "\"evil\": the directory alone knows this entry");
        buf_done(&inner.b);
}

static void test_two_archives(void **state)
{
        struct zip_file z = {0}, second = {0};

        (void)state;
        zip_store(&z, "one", SPAN_LIT("1"));
        zip_finish(&z);
        uint64_t base = z.b.len;
        zip_add(&second, "two", "2");
        zip_finish(&second);
        buf_put(&z.b, buf_span(&second.b));
        notes_in(buf_span(&z.b), false, "two=2\n");
        assert_int_equal(base, 105);
        notes(&z, "another archive begins at 105, behind the end of the first");

        /* in its comment */
        z = (struct zip_file){0};
        zip_store(&z, "one", SPAN_LIT("1"));
        zip_directory(&z, 0);
        zip_end(&z, 1, 0, "0123456789");
        z.b.len -= 10;
        zip_end(&z, 1, 0, "");
        notes(&z, "another archive ends at 105, behind the end of the first");
        buf_done(&second.b);
}

/* ---- what can't be read ---- */

static void test_encrypted(void **state)
{
        struct zip_file z = {0};

        (void)state;
        zip_add_as(&z, "a", span_of("secret"), &(struct zip_made){.method = ZIP_STORED, .flags = ZIP_FLAG_ENCRYPTED});
        zip_add(&z, "b", "after it");
        zip_finish(&z);
        says(&z, "a=! entry \"a\" at 0: not read: it is encrypted\n CUT\nb=after it\n");

        z = (struct zip_file){0};
        zip_add_as(&z, "a", span_of("secret"),
            &(struct zip_made){.method = ZIP_DEFLATED, .flags = ZIP_FLAG_ENCRYPTED, .tail = TAIL_SIGNED});
        zip_add(&z, "b", "after it");
        zip_finish(&z);
        says(&z, "a=! entry \"a\" at 0: not read: it is encrypted\n CUT\n"
                 "! what stands from 31 to 58 is no part of the archive\nb=after it\n");
}

static void test_methods(void **state)
{
        struct zip_file z = {0};

        (void)state;
        zip_add_as(&z, "a", span_of("zstd?"), &(struct zip_made){.method = 93});
        zip_add(&z, "b", "after it");
        zip_finish(&z);
        says(&z, "a=! entry \"a\" at 0: not read: compression method 93\n CUT\nb=after it\n");

        z = (struct zip_file){0};
        zip_add_as(&z, "a", span_of("zstd?"), &(struct zip_made){.method = 9, .tail = TAIL_BARE});
        zip_add(&z, "b", "after it");
        zip_finish(&z);
        notes_in(buf_span(&z.b), false, "\nb=after it\n");
        notes(&z, "! entry \"a\" at 0: not read: compression method 9\n");
}

static void put_at(struct zip_file *z, size_t at, uint8_t byte)
{
        z->b.at[at] = byte;
}

static void test_broken_content(void **state)
{
        struct zip_file z = {0};
        const struct zip_made sized = {.method = ZIP_DEFLATED};

        (void)state;
        zip_add_as(&z, "a", span_of("content content content"), &sized);
        zip_add(&z, "b", "after it");
        zip_finish(&z);
        put_at(&z, 31, 0x07); /* a block of the reserved type */
        says(&z, "a=! entry \"a\" at 0: its compressed content is not valid\n CUT\nb=after it\n");

        z = (struct zip_file){0};
        zip_add(&z, "a", "content content content");
        zip_add(&z, "b", "after it");
        zip_finish(&z);
        put_at(&z, 31, 0x07);
        notes_in(buf_span(&z.b), false, "! entry \"a\" at 0: its compressed content is not valid\n CUT\n");
        notes_in(buf_span(&z.b), false, "\nb=after it\n");
        buf_done(&z.b);

        z = (struct zip_file){0};
        zip_add_as(&z, "a", span_of("content"), &sized);
        zip_finish(&z);
        put_at(&z, 14, 0); /* checksum */
        notes_in(
            buf_span(&z.b), false, "entry \"a\" at 0: size or checksum of its content is not what its header says");
        buf_done(&z.b);

        z = (struct zip_file){0};
        zip_add(&z, "a", "content");
        zip_finish(&z);
        put_at(&z, z.directory_at - 12, 0xee);
        notes(&z, "entry \"a\" at 0: size or checksum behind its content is not that of its content");

        z = (struct zip_file){0};
        zip_add_as(&z, "a", span_of("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), &sized);
        z.b.len -= 1;
        put_at(&z, 18, (uint8_t)(z.entries[0].facts.stored - 1));
        z.entries[0].facts.stored--;
        zip_add(&z, "b", "after it");
        zip_finish(&z);
        notes_in(buf_span(&z.b), false, "! entry \"a\" at 0: its compressed content ends early\n CUT\nb=after it\n");
        buf_done(&z.b);

        z = (struct zip_file){0};
        zip_add_as(&z, "a", span_of("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), &sized);
        buf_put_text(&z.b, "xyz");
        put_at(&z, 18, (uint8_t)(z.entries[0].facts.stored + 3));
        z.entries[0].facts.stored += 3;
        zip_add(&z, "b", "after it");
        zip_finish(&z);
        says(&z, "a=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa! entry \"a\" at 0: bytes stand behind its compressed "
                 "content\n\nb=after it\n");
}

static void test_broken_records(void **state)
{
        struct zip_file z = {0};

        (void)state;
        zip_add(&z, "a", "1");
        buf_put_text(&z.b, "between");
        zip_add(&z, "b", "2");
        zip_finish(&z);
        notes_in(buf_span(&z.b), false, "a=1\n! no record");
        notes_in(buf_span(&z.b), false, "\nb=2\n");
        notes(&z, "no record of a zip archive begins at 53");

        z = (struct zip_file){0};
        zip_store(&z, "a", SPAN_LIT("1"));
        buf_put_text(&z.b, "between");
        zip_add(&z, "b", "2");
        zip_finish(&z);
        says(&z, "a=1\n! no record of a zip archive begins at 32: the next one is looked for\n"
                 "! what stands from 32 to 39 is no part of the archive\nb=2\n");

        z = (struct zip_file){0};
        zip_store(&z, "a", SPAN_LIT("1"));
        zip_store(&z, "", SPAN_LIT("2"));
        zip_finish(&z);
        notes(&z, "an entry without a name at 32");

        z = (struct zip_file){0};
        zip_store(&z, "a", SPAN_LIT("1"));
        put_at(&z, 22, 2);
        zip_finish(&z);
        notes(&z, "it is stored as it is, with two different sizes");

        z = (struct zip_file){0};
        zip_store(&z, "a", SPAN_LIT("1"));
        memset(z.b.at + 18, 0xff, 8);
        zip_finish(&z);
        notes(&z, "entry \"a\" at 0: its size is not stated");

        z = (struct zip_file){0};
        zip_store(&z, "a", SPAN_LIT("1"));
        zip_directory(&z, 0);
        zip_store(&z, "b", SPAN_LIT("2"));
        zip_end(&z, 1, 0, "");
        notes(&z, "entry \"b\" at 79: it stands behind the central directory");

        z = (struct zip_file){0};
        zip_store(&z, "a", SPAN_LIT("1"));
        zip_finish(&z);
        put_at(&z, z.b.len - 18, 3);
        notes(&z, "one part of a divided archive");
}

static void test_long_name(void **state)
{
        static char name[ZIP_NAME_MAX + 2];
        struct zip_file z = {0};

        (void)state;
        memset(name, 'n', sizeof(name) - 1);
        zip_store(&z, name, SPAN_LIT("1"));
        zip_store(&z, "b", SPAN_LIT("2"));
        zip_finish(&z);
        notes_in(buf_span(&z.b), false, "b=2\n");
        notes(&z, "at 0: not read: its name is too long");
}

/* Cut at every byte: never whole, never silent, and what came before stays. */
static void test_cut(void **state)
{
        struct zip_file z = {0};
        size_t after_one;

        (void)state;
        zip_add(&z, "one", "1");
        after_one = z.b.len + 28; /* the sizes behind it are believed once a record follows */
        zip_add_as(&z, "two", span_of("22222"), &(struct zip_made){.method = ZIP_STORED});
        zip_directory(&z, 0);
        zip_end(&z, 2, 0, "comment");
        for (size_t len = 0; len < z.b.len; len++) {
                struct zip_budget budget = {.plain = 100, .entries = 10};
                struct heard h = {0};
                bool is_zip = hear(&h, span_cut(buf_span(&z.b), 0, len), 7, &budget);
                if (is_zip && !contains(buf_span(&h.said), "! "))
                        fail_msg("cut at %zu, and nothing is said: %.*s", len, SPAN_FMT(buf_span(&h.said)));
                assert_true(is_zip == (len >= 30));
                assert_true(len < after_one || contains(buf_span(&h.said), "one=1\n"));
                buf_done(&h.said);
        }
        buf_done(&z.b);
}

static void test_budget(void **state)
{
        struct zip_file z = {0};
        struct buf zeros = {0};

        (void)state;
        for (unsigned i = 0; i < 200000; i++)
                buf_put_u8(&zeros, 0);
        zip_add(&z, "a", "first");
        zip_add_as(&z, "bomb", buf_span(&zeros), &(struct zip_made){.method = ZIP_DEFLATED, .tail = TAIL_SIGNED});
        zip_add(&z, "b", "never");
        zip_finish(&z);
        for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
                struct zip_budget budget = {.plain = 100000, .entries = 10};
                struct heard h = {.wants_none = i % 2};
                assert_true(hear(&h, buf_span(&z.b), pieces[i], &budget));
                assert_true(budget.spent);
                assert_true(contains(buf_span(&h.said), "entry \"bomb\" at "));
                assert_true(contains(buf_span(&h.said), "unpacks to more than is read"));
                assert_false(contains(buf_span(&h.said), "never"));
                buf_done(&h.said);
        }
        struct zip_budget budget = {.plain = 1000000, .entries = 2};
        struct heard h = {0};
        assert_true(hear(&h, buf_span(&z.b), 1000, &budget));
        assert_true(contains(buf_span(&h.said), "more than"));
        assert_true(contains(buf_span(&h.said), "entries: the others are not read"));
        buf_done(&h.said);
        buf_done(&zeros);
        buf_done(&z.b);
}

static void test_twice(void **state)
{
        struct zip_file z = {0};

        (void)state;
        zip_add(&z, "one", "1");
        zip_add(&z, "two", "2");
        zip_add(&z, "one", "another");
        zip_finish(&z);
        says(&z, "one=1\ntwo=2\none again=another\n");
}

/* Records in another order than the entries, many of them. */
static void test_order(void **state)
{
        static char names[30][8];
        struct zip_file z = {0};
        char expected[1024] = "";

        (void)state;
        for (unsigned i = 0; i < 30; i++) {
                snprintf(names[i], sizeof(names[i]), "n%u", i);
                zip_store(&z, names[i], SPAN_LIT("1"));
                snprintf(expected + strlen(expected), sizeof(expected) - strlen(expected), "n%u=1\n", i);
        }
        for (unsigned i = 0; i < 15; i++) {
                const char *name = z.entries[i].name;
                struct zip_facts f = z.entries[i].facts;
                z.entries[i] = z.entries[29 - i];
                z.entries[29 - i].name = name;
                z.entries[29 - i].facts = f;
        }
        zip_finish(&z);
        says(&z, expected);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_entries),
            cmocka_unit_test(test_open_archive),
            cmocka_unit_test(test_large_content),
            cmocka_unit_test(test_prefix),
            cmocka_unit_test(test_end),
            cmocka_unit_test(test_no_archive),
            cmocka_unit_test(test_disagreements),
            cmocka_unit_test(test_other_facts),
            cmocka_unit_test(test_entry_in_content),
            cmocka_unit_test(test_two_archives),
            cmocka_unit_test(test_encrypted),
            cmocka_unit_test(test_methods),
            cmocka_unit_test(test_broken_content),
            cmocka_unit_test(test_broken_records),
            cmocka_unit_test(test_long_name),
            cmocka_unit_test(test_cut),
            cmocka_unit_test(test_budget),
            cmocka_unit_test(test_twice),
            cmocka_unit_test(test_order),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
