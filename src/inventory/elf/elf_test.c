#include "inventory/elf/elf_test_priv.h"

static void put_note(struct elf_file *f, const char *owner, uint32_t type, const char *text, size_t n)
{
        elf_put(f, 4, strlen(owner) + 1);
        elf_put(f, 4, n);
        elf_put(f, 4, type);
        buf_put(&f->b, span_bytes(owner, strlen(owner) + 1));
        elf_align(f, 4);
        buf_put(&f->b, span_bytes(text, n));
        elf_align(f, 4);
}

#define FDO 0xcafe1a7eu

static void test_package_note(void **state)
{
        static const char text[] =
            "{\"type\":\"rpm\",\"name\":\"hello\",\"version\":\"0-1.fc35\",\"architecture\":\"x86_64\","
            "\"osCpe\":\"cpe:/o:fedoraproject:fedora:35\",\"more\":[1]}";

        (void)state;
        for (unsigned i = 0; i < 4; i++) {
                struct elf_file f = elf_file_new(i & 1, i & 2);
                put_note(&f, "GNU", 3, "0123456789", 10);
                put_note(&f, "FDO", FDO, text, sizeof(text));
                elf_file_segment(&f, 4, 4, ELF_FILE_HEADERS, f.b.len - ELF_FILE_HEADERS);
                elf_file_finish(&f);
                struct findings found = elf_detect(buf_span(&f.b), "usr/bin/hello", "!rpm hello 0-1.fc35\n");
                assert_span(found.packages.at[0].arch, "x86_64");
                assert_span(found.packages.at[0].cpe, "cpe:/o:fedoraproject:fedora:35");
                assert_true(found.packages.at[0].unless_owned);
                assert_int_equal(found.notes.len, 0);
                arena_free(found.arena);
                buf_done(&f.b);
        }
        struct elf_file f = elf_file_new(true, false);
        put_note(&f, "FDO", FDO, "{\"name\":", 9);
        elf_file_segment(&f, 4, 4, ELF_FILE_HEADERS, f.b.len - ELF_FILE_HEADERS);
        elf_file_expect_note(&f, "", ".note.package: ");
        f = elf_file_new(true, false); /* another owner, another type, no name */
        put_note(&f, "FOO", FDO, text, sizeof(text));
        put_note(&f, "FDO", 1, text, sizeof(text));
        put_note(&f, "FDO", FDO, "{\"type\":\"rpm\"}", 15);
        elf_file_segment(&f, 4, 4, ELF_FILE_HEADERS, f.b.len - ELF_FILE_HEADERS);
        elf_file_expect(&f, "");
        f = elf_file_new(true, false); /* lengths beyond the segment */
        elf_put(&f, 4, 4);
        elf_put(&f, 4, UINT32_MAX);
        elf_put(&f, 4, FDO);
        elf_put(&f, 8, 0);
        elf_file_segment(&f, 4, 4, ELF_FILE_HEADERS, f.b.len - ELF_FILE_HEADERS);
        elf_file_expect(&f, "");
}

static void test_sniff(void **state)
{
        (void)state;
        assert_true(detect_elf.stream->sniff(span_of("a"), span_bytes("\x7f"
                                                                      "ELF\2\1\1",
                                                               7)));
        assert_false(detect_elf.stream->sniff(span_of("a.elf"), span_bytes("\x7f"
                                                                           "EL",
                                                                    3)));
        assert_false(detect_elf.stream->sniff(span_of("a"), (struct span){0}));
        assert_null(detector_of_path(span_of("usr/bin/program")));
        assert_ptr_equal(detector_of_name(span_of("elf")), &detect_elf);
}

/* Header fields that lie: whatever they say, what the scan finds is found, and nothing else happens. */
static void test_hostile_headers(void **state)
{
        static const struct {
                size_t at;
                const char *bytes;
                size_t len;
        } rows[] = {
            {4, "\xff\xff", 2},                          /* neither width nor byte order */
            {32, "\xff\xff\xff\xff\xff\xff\xff\xff", 8}, /* segments at the end of all numbers */
            {32, "\0\0\0\0\0\0\0\0", 8},                 /* segments over the header */
            {40, "\xff\xff\xff\xff\xff\xff\xff\x7f", 8}, /* sections likewise */
            {40, "\0\0\0\0\0\0\0\0", 8},
            {54, "\0\0", 2},             /* segments of no size */
            {54, "\xff\xff\xff\xff", 4}, /* and many */
            {56, "\xff\xff", 2},
            {58, "\0\0", 2},             /* sections of no size */
            {60, "\xff\xff\xff\xff", 4}, /* many, and the names in none of them */
            {62, "\xff\xff", 2},
        };
        static const char text[] = "/registry/serde-1.0.0/src/";

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct elf_file f = elf_file_new(true, false);
                elf_file_put(&f, span_of(text), 1);
                elf_file_section(&f, ".dep-v0", 0, 100);
                elf_file_section(&f, ".dep-v0", UINT64_MAX, UINT64_MAX);
                elf_file_segment(&f, 4, 4, 0, UINT64_MAX);
                elf_file_segment(&f, 4, 4, 8, 60);
                elf_file_segment(&f, 1, 6, UINT64_MAX, UINT64_MAX);
                elf_file_finish(&f);
                memcpy(f.b.at + rows[i].at, rows[i].bytes, rows[i].len);
                struct findings found = elf_detect(buf_span(&f.b), "", "~cargo serde 1.0.0\n");
                arena_free(found.arena);
                buf_done(&f.b);
        }
}

static void test_packed(void **state)
{
        struct elf_file f = elf_file_new(true, false);

        (void)state;
        elf_file_finish(&f);
        f.b.at[60] = f.b.at[62] = 0; /* no sections, as upx 4.2 leaves them */
        struct findings found = elf_detect(buf_span(&f.b), "", "");
        assert_int_equal(found.notes.len, 0);
        arena_free(found.arena);
        memcpy(f.b.at + 236, "UPX!", 4);
        found = elf_detect(buf_span(&f.b), "", "");
        assert_noted(found.notes.at, found.notes.len, "packed by UPX");
        arena_free(found.arena);
        f.b.at[60] = 1; /* a text that only speaks of it */
        found = elf_detect(buf_span(&f.b), "", "");
        assert_int_equal(found.notes.len, 0);
        arena_free(found.arena);
        buf_done(&f.b);
}

/* Every length of a small program: none is complete, none is read beyond its end. */
static void test_cut(void **state)
{
        struct elf_file f = elf_file_new(true, false);

        (void)state;
        put_note(&f, "FDO", FDO, "{\"name\":\"a\"}", 13);
        elf_file_segment(&f, 4, 4, ELF_FILE_HEADERS, f.b.len - ELF_FILE_HEADERS);
        elf_file_section(&f, ".dep-v0", 64, 20);
        elf_file_finish(&f);
        for (size_t n = 0; n < f.b.len; n++) {
                uint8_t *exact = heap_alloc(n); /* so that a sanitizer sees a read behind it */
                memcpy(exact, f.b.at, n);
                struct findings found = detect_stream(&detect_elf, "", (struct span){exact, n}, 5);
                assert_true(found.packages.len <= 1);
                arena_free(found.arena);
                free(exact);
        }
        buf_done(&f.b);
}

/* A file that is shorter than its size said. */
static void test_short(void **state)
{
        struct elf_file f = elf_file_new(true, false);
        struct findings found = {.arena = arena_new()};

        (void)state;
        elf_file_put(&f, span_of("/registry/serde-1.0.0/src/ .dep-v0"), 1);
        elf_file_finish(&f);
        void *s = detect_elf.stream->begin(&found, 1u << 30);
        detect_elf.stream->data(s, buf_span(&f.b));
        assert_int_equal(detect_elf.stream->end(s), STREAM_DONE);
        detect_elf.stream->free(s);
        assert_int_equal(found.packages.len, 1);
        s = detect_elf.stream->begin(&found, 100); /* and one that never comes */
        detect_elf.stream->free(s);
        detect_elf.stream->free(NULL);
        arena_free(found.arena);
        buf_done(&f.b);
}

struct program_row {
        const char *file, *text; /* '|' in it stands for NUL */
        const char *listed;
        const char *cpe; /* vendor:product:version:update; NULL: not looked at */
};

static void list_program(const struct program_row *row, size_t more)
{
        struct elf_file f = elf_file_new(true, false);
        char cpe[200];

        for (const char *c = row->text; *c; c++)
                buf_put_u8(&f.b, *c == '|' ? 0 : (uint8_t)*c);
        for (size_t k = 0; k < 1 + more; k++)
                buf_put_u8(&f.b, 0);
        elf_file_finish(&f);
        struct findings found = elf_detect(buf_span(&f.b), row->file, row->listed);
        assert_true(found.packages.len == 0 || found.packages.at[0].unless_owned);
        if (row->cpe) {
                snprintf(cpe, sizeof(cpe), "cpe:2.3:a:%s:*:*:*:*:*:*", row->cpe);
                assert_span(found.packages.at[0].cpe, cpe);
        }
        arena_free(found.arena);
        buf_done(&f.b);
}

/* Texts as Debian's own programs have them; the file's name decides which is looked for. */
static void test_programs(void **state)
{
        static const struct program_row rows[] = {
            {"bin/busybox", "BusyBox v1.35.0 (Debian 1:1.35.0-4+b1)", "!~generic busybox 1.35.0\n", NULL},
            {"usr/local/bin/node", "node.js/v20.20.2", "!~generic node 20.20.2\n", "nodejs:node.js:20.20.2:*"},
            {"usr/bin/python3.11", "3.11.2", "!~generic python 3.11.2\n", "python:python:3.11.2:*"},
            {"usr/lib/libpython3.11.so.1.0", "3.11.2", "!~generic python 3.11.2\n", NULL},
            {"usr/lib/libpython3.11.so.1.0", "/root/.pyenv/versions/3.11.7|EXE", "!~generic python 3.11.7\n", NULL},
            {"usr/bin/python3.11", "/tmp/build/Python-3.11.7|./P", "!~generic python 3.11.7\n", NULL},
            {"usr/bin/python3.11", "/versions/3.11.7/lib", "", NULL},
            {"usr/bin/python3.11", "13.11.2", "", NULL},
            {"usr/bin/python3", "3.11.2", "", NULL},
            {"usr/bin/python3.", "3.11.2", "", NULL},
            {"usr/sbin/nginx", "nginx version: nginx/1.22.1", "!~generic nginx 1.22.1\n", NULL},
            {"usr/bin/openssl", "OpenSSL 3.0.22 25 Aug 2026", "!~generic openssl 3.0.22\n", NULL},
            {"usr/lib/libcrypto.so.1.1", "OpenSSL 1.1.1n  15 Mar 2022", "!~generic openssl 1.1.1n\n",
                "openssl:openssl:1.1.1n:*"},
            {"usr/bin/php8.2", "X-Powered-By: PHP/8.2.36", "!~generic php 8.2.36\n", NULL},
            {"usr/bin/perl", "v5.36.0", "!~generic perl 5.36.0\n", NULL},
            {"usr/bin/perl", "use v5.36.0", "", NULL},
            {"usr/lib/libruby-3.1.so.3.1", "ruby 3.1.7p261 (2025-03-26 revision 0a3704f218) [x86_64-linux-gnu]",
                "!~generic ruby 3.1.7\n", "ruby-lang:ruby:3.1.7:*"},
            {"usr/bin/curl", "curl/7.88.1", "!~generic curl 7.88.1\n", NULL},
            {"usr/bin/git", "git/2.39.5", "!~generic git 2.39.5\n", NULL},
            {"bin/bash", "@(#)Bash version 5.2.15(1) release GNU", "!~generic bash 5.2.15\n", NULL},
            {"opt/postgres", "PostgreSQL 15.20 (Debian 15.20-0+deb12u1)", "!~generic postgresql 15.20\n", NULL},
            {"opt/postgres", "PostgreSQL 9.6.24 on x86_64", "!~generic postgresql 9.6.24\n", NULL},
            {"usr/bin/psql", "PostgreSQL 15.20 (Debian", "!~generic postgresql 15.20\n", NULL},
            {"usr/bin/memcached", "memcached 1.6.18", "!~generic memcached 1.6.18\n", NULL},
            {"usr/sbin/apache2", "Apache/2.4 Apache/2.4.71 (Debian)", "!~generic httpd 2.4.71\n", NULL},
            {"usr/sbin/apache2", "Apache/2.4", "", NULL},
            {"usr/sbin/nginx", "nginx version: nginx/1.22.1x", "", NULL},
            {"usr/sbin/nginx", "nginx version: nginx/1.2222222.1", "", NULL},
            {"usr/sbin/nginx", "nginx version: nginx/", "", NULL},
            {"usr/sbin/nginx2", "nginx version: nginx/1.22.1", "", NULL},
            {"usr/sbin/dnsmasq", "dnsmasq-2.90|version.bind", "!~generic dnsmasq 2.90\n", NULL},
            {"usr/bin/gawk", "GNU Awk 5.2.1|unbalanced [", "!~generic gawk 5.2.1\n", NULL},
            {"usr/sbin/haproxy", " version 2.6.12-1+deb12u4, released 2026/10/17", "!~generic haproxy 2.6.12\n", NULL},
            {"usr/sbin/haproxy", " version 2.6.12-1+deb12u4, of 2026/10/17", "", NULL},
            {"usr/sbin/haproxy", "HA-Proxy version 1.8.30 2021/04/12", "!~generic haproxy 1.8.30\n", NULL},
            {"usr/bin/jq", "writing output failed: %s\n|1.6|DEBUG:", "!~generic jq 1.6\n", NULL},
            {"usr/bin/jq", "|1.7.1|", "!~generic jq 1.7.1\n", "jqlang:jq:1.7.1:*"},
            {"usr/bin/jq", "|1.7.1x|2|3.|", "", NULL},
            {"l/libarchive.so.13", "|libarchive 3.6.2|/tmp", "!~generic libarchive 3.6.2\n", NULL},
            {"l/libavutil.so.57.28.100", "FFmpeg version 5.1.9-0+deb12u1", "!~generic ffmpeg 5.1.9\n", NULL},
            {"l/libexpat.so.1.8.10", "expat_2.5.0|", "!~generic expat 2.5.0\n", NULL},
            {"l/libgnutls.so.30.34.3", "Enabled GnuTLS 3.7.9 logging...\n", "!~generic gnutls 3.7.9\n", NULL},
            {"l/libkrb5.so.3.3", "KRB5_BRAND: krb5-1.20.1-final 1.20.1 20221111", "!~generic krb5 1.20.1\n",
                "mit:kerberos_5:1.20.1:*"},
            {"l/libkrb5.so.3.3", "KRB5_BRAND: krb5-1.21-final 1.21 20230605", "!~generic krb5 1.21\n", NULL},
            {"l/liblzma.so.5.4.1", "|5.4.1|", "!~generic xz 5.4.1\n", "tukaani:xz:5.4.1:*"},
            {"l/liblzma.so.5.4.1", "|5.4.1 |5.4.1x", "", NULL},
            {"l/libpng16.so.16.39.0", " libpng version 1.6.39 - November 20, 2022", "!~generic libpng 1.6.39\n", NULL},
            {"l/libsqlite3.so.0.8.6", "|3.40.1|", "!~generic sqlite 3.40.1\n", NULL},
            {"l/libtiff.so.6.0.0", "LIBTIFF, Version 4.5.0\nCopyright", "!~generic libtiff 4.5.0\n", NULL},
            {"l/libz.so.1.2.13", " deflate 1.2.13 Copyright", "!~generic zlib 1.2.13\n", NULL},
            {"pillow.libs/libz-1f2e3d4c.so.1.3.1", " deflate 1.3.1 Copyright", "!~generic zlib 1.3.1\n", NULL},
            {"pillow.libs/libz-1f2e3d4c.a", " deflate 1.3.1 Copyright", "", NULL},
            {"pillow.libs/libz-1f2e3d4.so", " deflate 1.3.1 Copyright", "", NULL},
            {"pillow.libs/libz-1f2e3d4g.so", " deflate 1.3.1 Copyright", "", NULL},
            {"l/libzip.so.1", " deflate 1.3.1 Copyright", "", NULL},
            {"l/libz.so.1.3", " deflate 1.3 Copyright", "!~generic zlib 1.3\n", NULL},
            {"l/libzstd.so.1.5.4",
                "w\xca\xeb\x85"
                "1.5.4|",
                "!~generic zstd 1.5.4\n", NULL},
            {"usr/bin/zstd", "|v1.5.4|", "!~generic zstd 1.5.4\n", NULL},
            {"usr/bin/xz", "xz (XZ Utils) 5.4.1|", "!~generic xz 5.4.1\n", NULL},
            {"usr/sbin/lighttpd", "|lighttpd/1.4.69|server", "!~generic lighttpd 1.4.69\n", NULL},
            {"usr/bin/lua5.4", "$LuaVersion: Lua 5.4.4  Copyright", "!~generic lua 5.4.4\n", NULL},
            {"usr/sbin/mariadbd", "deb12u1|10.11.19-MariaDB|x86_64", "!~generic mariadb 10.11.19\n", NULL},
            {"usr/bin/mariadb", "|10.11.19-MariaDB|x86_64", "!~generic mariadb 10.11.19\n", NULL},
            {"usr/sbin/proftpd", "ProFTPD Version 1.3.8|LANG", "!~generic proftpd 1.3.8\n", NULL},
            {"usr/sbin/slapd", "@(#) $OpenLDAP: slapd 2.5.13+dfsg-5 (Feb", "!~generic openldap 2.5.13\n", NULL},
            {"usr/sbin/squid", "|squid/5.7|", "!~generic squid 5.7\n", NULL},
            {"usr/sbin/sshd", "OpenSSH_2.5.3*,|OpenSSH_9.2|OpenSSH_9.2p1 Debian", "!~generic openssh 9.2p1\n",
                "openbsd:openssh:9.2:p1"},
            {"usr/bin/stunnel4", "Server: stunnel/5.68|", "!~generic stunnel 5.68\n", NULL},
            {"usr/bin/sudo", "|1.9.13p3|Configure", "!~generic sudo 1.9.13p3\n", "sudo_project:sudo:1.9.13:p3"},
            {"usr/bin/sudo", "|1.9.13|Configure", "!~generic sudo 1.9.13\n", "sudo_project:sudo:1.9.13:*"},
            {"usr/bin/tini", "|tini version 0.19.0|", "!~generic tini 0.19.0\n", NULL},
            {"usr/bin/tor", "tor/1.0 (tor 0.4.9.11)\r\n", "!~generic tor 0.4.9.11\n", NULL},
            {"usr/sbin/unbound", "|unbound 1.17.1|start", "!~generic unbound 1.17.1\n", NULL},
            {"usr/sbin/varnishd", "varnish-7.1.1 revision 7cee1", "!~generic varnish 7.1.1\n", NULL},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
                for (size_t more = 0; more < 800; more += 400)
                        list_program(&rows[i], more);
}

/* Texts as the projects' own images and npm's packages have them. */
static void test_programs_of_projects(void **state)
{
        static const struct program_row rows[] = {
            {"usr/local/bin/bun", "|bun-v1.4.5|", "!~generic bun 1.4.5\n", NULL},
            {"usr/bin/deno",
                "OTel-OTLP-Exporter-Deno/0.80.0grpc-timeoutgrpc-encodinggrpc-accept-encodinggzip; "
                "node-globalsdenover2.9.62.9.6+e518fbdDeno/2.9.6Deno/2.9.6+e518fbde518fbd6",
                "!~generic deno 2.9.6\n", NULL},
            {"fluent-bit/bin/fluent-bit", "|2.2.3|Fluent Bit", "!~generic fluent-bit 2.2.3\n", NULL},
            {"fluent-bit/bin/fluent-bit", "|2.2.3|Other", "", NULL},
            {"usr/bin/mongod", "|6.0.27|tcmalloc", "!~generic mongodb 6.0.27\n", NULL},
            {"usr/bin/mongod", "|7.0.28|heap_size", "!~generic mongodb 7.0.28\n", NULL},
            {"usr/bin/mongod", "|8.0.17|cppdefines", "!~generic mongodb 8.0.17\n", NULL},
            {"usr/bin/mongod", "|8.0.17|other", "", NULL},
            {"usr/sbin/mysqld", "/pb2/build/sb_0-1/release/mysql-8.0.37/mysys_ssl/a.cc", "!~generic mysql 8.0.37\n",
                NULL},
            {"usr/sbin/mysqld", "/release/mysql-8.0.37/a.cc|10.6.15-MariaDB|", "!~generic mariadb 10.6.15\n", NULL},
            {"usr/bin/mysql", "/release/mysql-8.0.4-rc/a.cc", "!~generic mysql 8.0.4\n", NULL},
            {"b/redis-server", "|7.0.14buildkitsandbox-1702957741000000000|", "!~generic redis 7.0.14\n",
                "redis:redis:7.0.14:*"},
            {"b/redis-server", "|4.0.11841ce7054bd9-1542359302000000000|", "!~generic redis 4.0.11\n", NULL},
            {"b/redis-server", "|7.2.4host-1706000000|", "!~generic redis 7.2.4\n", NULL},
            {"b/redis-server", "|7.2.4|2.8.0|7.2.4host|7.2.4host-17|7.2.4-1706000000|7.x.4host-1706000000|", "", NULL},
            {"b/redis-server", "|1234.2.4host-1706000000|7.2.4444host-1706000000|7.host-1706000000|", "", NULL},
            {"b/valkey-server", "valkey9.0.0buildkitsandbox-1764887574000000000", "!~generic valkey 9.0.0\n", NULL},
            {"b/valkey-server", "|8.0.1buildkitsandbox-1764887574000000000", "!~generic valkey 8.0.1\n", NULL},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
                for (size_t more = 0; more < 800; more += 400)
                        list_program(&rows[i], more);
}

/* Wherever a mark stands in what is asked at once, before it and behind, and wherever the window begins in the file. */
static void test_marks_everywhere(void **state)
{
        static const struct {
                const char *text;
                size_t len, align;
        } marks[] = {
            {".dep-v0", 8, 1},
            {"/registry/a-1.0.0/src/", 22, 1},
            {"rustc version 1.70.0 (9", 23, 1},
            {"\xff Go buildinf:", 14, 16},
            {"\xf1\xff\xff\xff\0\0\1\4", 8, 8},
            {"\xff\xff\xff\xfb\0\0\4\x8", 8, 8},
        };

        (void)state;
        for (size_t m = 0; m < ARRAY_LEN(marks); m++)
                for (uint64_t offset = 4096; offset < 4096 + 33; offset++)
                        for (size_t at = 0; at + marks[m].len <= 150; at++) {
                                struct elf s = {.arena = arena_new(), .size = 1u << 20};
                                bool meant = (offset + at) % marks[m].align == 0;
                                uint8_t bytes[150];
                                memset(bytes, "/r.\xff\0x"[at % 6], sizeof(bytes));
                                memcpy(bytes + at, marks[m].text, marks[m].len);
                                elf_scan(&s, span_bytes(bytes, sizeof(bytes)), sizeof(bytes), offset);
                                assert_int_equal(s.rust.n_names, m == 0);
                                assert_true(m != 0 || s.rust.names[0] == offset + at);
                                assert_int_equal(s.rust.crates.len, m == 1);
                                assert_int_equal(s.rust.compiler.len, m == 2 ? 6 : 0);
                                assert_int_equal(s.go.n_places, m == 3 && meant);
                                assert_true(m != 3 || !meant || s.go.places[0].at == offset + at);
                                assert_int_equal(s.go.files.n_marks, m >= 4 && meant);
                                for (size_t i = 0; i < s.n_captures; i++)
                                        buf_done(&s.captures[i].got);
                                arena_free(s.arena);
                        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_package_note),
            cmocka_unit_test(test_sniff),
            cmocka_unit_test(test_hostile_headers),
            cmocka_unit_test(test_programs),
            cmocka_unit_test(test_programs_of_projects),
            cmocka_unit_test(test_marks_everywhere),
            cmocka_unit_test(test_packed),
            cmocka_unit_test(test_cut),
            cmocka_unit_test(test_short),
        };

        return cmocka_run_group_tests_name("inventory elf", tests, NULL, NULL);
}
