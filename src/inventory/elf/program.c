/*
 * Programs that images bring without any package, built from source or copied from elsewhere: told by the file's name,
 * the version by a text that the program itself would print. Of those that a package owns the package says it better.
 *
 * Programs of Go need no rule: their build information names the main module and its version.
 */
#include "inventory/elf/elf_priv.h"

/*
 * The texts are facts of the programs: of Debian's and the registries' own builds, and where there is none of them of the
 * project's images. Rows of one file are tried in their order. Sorted by file.
 */
static const struct elf_program programs[] = {
    {.file = "apache2", .name = "httpd", .cpe = "apache:http_server", .before = "Apache/", .parts = 3},
    {.file = "bash", .name = "bash", .cpe = "gnu:bash", .before = "@(#)Bash version ", .parts = 3},
    {.file = "bun", .name = "bun", .cpe = "bun:bun", .before = "bun-v", .parts = 3},
    {.file = "bun", .name = "bun", .cpe = "bun:bun", .before = "Bun v", .parts = 3},
    {.file = "busybox", .name = "busybox", .cpe = "busybox:busybox", .before = "BusyBox v", .parts = 3},
    {.file = "chrome",
        .name = "chrome",
        .cpe = "google:chrome",
        .before = "",
        .near = "Default",
        .alone = true,
        .whole = true,
        .parts = 4},
    {.file = "curl", .name = "curl", .cpe = "haxx:curl", .before = "curl/", .parts = 3},
    {.file = "dart",
        .name = "dart",
        .cpe = "dart:dart_software_development_kit",
        .before = "",
        .after = " (stable)",
        .alone = true,
        .parts = 3},
    {.file = "deno", .name = "deno", .cpe = "deno:deno", .before = "Deno/", .never = '-', .parts = 3, .any_end = true},
    {.file = "dnsmasq", .name = "dnsmasq", .cpe = "thekelleys:dnsmasq", .before = "dnsmasq-", .parts = 2, .more = true},
    {.file = "ffmpeg", .name = "ffmpeg", .cpe = "ffmpeg:ffmpeg", .before = "%s version ", .parts = 2, .more = true},
    {.file = "fluent-bit",
        .name = "fluent-bit",
        .cpe = "treasuredata:fluent_bit",
        .before = "",
        .near = "Fluent",
        .alone = true,
        .whole = true,
        .parts = 3},
    {.file = "gawk", .name = "gawk", .cpe = "gnu:gawk", .before = "GNU Awk ", .parts = 3},
    {.file = "gcc", .name = "gcc", .cpe = "gnu:gcc", .before = "GCC: (GNU) ", .parts = 3},
    {.file = "getopt",
        .name = "util-linux",
        .cpe = "kernel:util-linux",
        .before = "util-linux ",
        .alone = true,
        .parts = 2,
        .more = true},
    {.file = "git", .name = "git", .cpe = "git-scm:git", .before = "git/", .parts = 3},
    {.file = "haproxy",
        .name = "haproxy",
        .cpe = "haproxy:haproxy",
        .before = " version ",
        .near = ", released 2",
        .parts = 3},
    {.file = "haproxy", .name = "haproxy", .cpe = "haproxy:haproxy", .before = "HA-Proxy version ", .parts = 3},
    {.file = "haproxy",
        .name = "haproxy",
        .cpe = "haproxy:haproxy",
        .before = "",
        .near = "HAProxy version",
        .alone = true,
        .parts = 3},
    {.file = "httpd", .name = "httpd", .cpe = "apache:http_server", .before = "Apache/", .parts = 3},
    {.file = "jq",
        .name = "jq",
        .cpe = "jqlang:jq",
        .before = "",
        .alone = true,
        .whole = true,
        .parts = 2,
        .more = true},
    {.file = "ldapsearch",
        .name = "openldap",
        .cpe = "openldap:openldap",
        .before = "$OpenLDAP: ldapsearch ",
        .parts = 3},
    {.file = "libQt5Core.so*",
        .name = "qtbase",
        .cpe = "qt:qt",
        .before = "Qt ",
        .alone = true,
        .after = " (",
        .parts = 3},
    {.file = "libQt6Core.so*",
        .name = "qtbase",
        .cpe = "qt:qt",
        .before = "Qt ",
        .alone = true,
        .after = " (",
        .parts = 3},
    {.file = "libarchive.so*",
        .name = "libarchive",
        .cpe = "libarchive:libarchive",
        .before = "libarchive ",
        .parts = 3},
    {.file = "libavutil.so*",
        .name = "ffmpeg",
        .cpe = "ffmpeg:ffmpeg",
        .before = "FFmpeg version ",
        .parts = 2,
        .more = true},
    {.file = "libcrypto.so*",
        .name = "aws-lc",
        .cpe = "amazon:aws_libcrypto",
        .before = "AWS-LC ",
        .after = ")",
        .parts = 3},
    {.file = "libcrypto.so*",
        .name = "openssl",
        .cpe = "openssl:openssl",
        .before = "OpenSSL ",
        .parts = 3,
        .letters = true},
    {.file = "libcurl.so*", .name = "curl", .cpe = "haxx:curl", .before = "libcurl/", .parts = 3},
    {.file = "libexpat.so*", .name = "expat", .cpe = "libexpat_project:libexpat", .before = "expat_", .parts = 3},
    {.file = "libgnutls.so*", .name = "gnutls", .cpe = "gnu:gnutls", .before = "Enabled GnuTLS ", .parts = 3},
    {.file = "libjulia-internal.so*",
        .name = "julia",
        .cpe = "julialang:julia",
        .before = "",
        .near = "branch",
        .alone = true,
        .whole = true,
        .parts = 3},
    {.file = "libjulia-internal.so*",
        .name = "julia",
        .cpe = "julialang:julia",
        .before = "",
        .near = "julia version",
        .alone = true,
        .whole = true,
        .parts = 3},
    {.file = "libjulia-internal.so*",
        .name = "julia",
        .cpe = "julialang:julia",
        .before = "",
        .near = "verify",
        .alone = true,
        .whole = true,
        .parts = 3},
    {.file = "libkrb5.so*",
        .name = "krb5",
        .cpe = "mit:kerberos_5",
        .before = "KRB5_BRAND: krb5-",
        .parts = 2,
        .more = true},
    {.file = "libkrb5.so*",
        .name = "heimdal",
        .cpe = "heimdal_project:heimdal",
        .before = "$Version: Heimdal ",
        .parts = 3},
    {.file = "liblzma.so*",
        .name = "xz",
        .cpe = "tukaani:xz",
        .before = "5.",
        .alone = true,
        .whole = true,
        .own = 2,
        .parts = 3},
    {.file = "libphp*", .name = "php", .cpe = "php:php", .before = "PHP/", .parts = 3},
    {.file = "libpng*", .name = "libpng", .cpe = "libpng:libpng", .before = " libpng version ", .parts = 3},
    {.file = "libpypy*", .name = "pypy", .cpe = "pypy:pypy", .before = "[PyPy ", .parts = 3},
    {.file = "libpython*", .name = "python", .cpe = "python:python", .series = true, .parts = 3},
    {.file = "libruby*", .name = "ruby", .cpe = "ruby-lang:ruby", .before = "ruby ", .parts = 3},
    {.file = "libsqlite3.so*",
        .name = "sqlite",
        .cpe = "sqlite:sqlite",
        .before = "3.",
        .alone = true,
        .whole = true,
        .own = 2,
        .parts = 3},
    {.file = "libtiff.so*", .name = "libtiff", .cpe = "libtiff:libtiff", .before = "LIBTIFF, Version ", .parts = 3},
    {.file = "libz.so*", .name = "zlib", .cpe = "zlib:zlib", .before = " deflate ", .parts = 2, .more = true},
    {.file = "libzstd.so*",
        .name = "zstd",
        .cpe = "facebook:zstandard",
        .before = "1.",
        .whole = true,
        .own = 2,
        .parts = 3},
    {.file = "lighttpd", .name = "lighttpd", .cpe = "lighttpd:lighttpd", .before = "lighttpd/", .parts = 3},
    {.file = "lua*", .name = "lua", .cpe = "lua:lua", .before = "$LuaVersion: Lua ", .parts = 3},
    {.file = "mariadb",
        .name = "mariadb",
        .cpe = "mariadb:mariadb",
        .before = "",
        .after = "-MariaDB",
        .alone = true,
        .parts = 3},
    {.file = "mariadbd",
        .name = "mariadb",
        .cpe = "mariadb:mariadb",
        .before = "",
        .after = "-MariaDB",
        .alone = true,
        .parts = 3},
    {.file = "memcached", .name = "memcached", .cpe = "memcached:memcached", .before = "memcached ", .parts = 3},
    {.file = "mongod",
        .name = "mongodb",
        .cpe = "mongodb:mongodb",
        .before = "",
        .near = "tcmalloc",
        .alone = true,
        .whole = true,
        .parts = 3},
    {.file = "mongod",
        .name = "mongodb",
        .cpe = "mongodb:mongodb",
        .before = "",
        .near = "heap_size",
        .alone = true,
        .whole = true,
        .parts = 3},
    {.file = "mongod",
        .name = "mongodb",
        .cpe = "mongodb:mongodb",
        .before = "",
        .near = "cppdefines",
        .alone = true,
        .whole = true,
        .parts = 3},
    {.file = "mysql",
        .name = "mariadb",
        .cpe = "mariadb:mariadb",
        .before = "",
        .after = "-MariaDB",
        .alone = true,
        .parts = 3},
    {.file = "mysql",
        .name = "percona-server",
        .cpe = "percona:percona_server",
        .before = "/percona-server-",
        .parts = 3},
    {.file = "mysql",
        .name = "percona-xtradb-cluster",
        .cpe = "percona:xtradb_cluster",
        .before = "/Percona-XtraDB-Cluster-",
        .parts = 3},
    {.file = "mysql", .name = "mysql", .cpe = "oracle:mysql", .before = "/mysql-", .parts = 3},
    {.file = "mysql",
        .name = "mysql",
        .cpe = "oracle:mysql",
        .before = "",
        .near = "mysql_real_esc",
        .alone = true,
        .whole = true,
        .parts = 3},
    {.file = "mysqld",
        .name = "mariadb",
        .cpe = "mariadb:mariadb",
        .before = "",
        .after = "-MariaDB",
        .alone = true,
        .parts = 3},
    {.file = "mysqld",
        .name = "percona-server",
        .cpe = "percona:percona_server",
        .before = "/percona-server-",
        .parts = 3},
    {.file = "mysqld",
        .name = "percona-xtradb-cluster",
        .cpe = "percona:xtradb_cluster",
        .before = "/Percona-XtraDB-Cluster-",
        .parts = 3},
    {.file = "mysqld", .name = "mysql", .cpe = "oracle:mysql", .before = "/mysql-", .parts = 3},
    {.file = "mysqld",
        .name = "mysql",
        .cpe = "oracle:mysql",
        .before = "",
        .near = "mysql_real_esc",
        .alone = true,
        .whole = true,
        .parts = 3},
    {.file = "nginx", .name = "nginx", .cpe = "f5:nginx", .before = "nginx version: nginx/", .parts = 3},
    {.file = "nginx",
        .name = "openresty",
        .cpe = "openresty:openresty",
        .before = "nginx version: openresty/",
        .parts = 3,
        .more = true},
    {.file = "node", .name = "node", .cpe = "nodejs:node.js", .before = "node.js/v", .parts = 3},
    {.file = "node", .name = "node", .cpe = "nodejs:node.js", .before = "v", .alone = true, .whole = true, .parts = 3},
    {.file = "openssl", .name = "aws-lc", .cpe = "amazon:aws_libcrypto", .before = "AWS-LC ", .after = ")", .parts = 3},
    {.file = "openssl", .name = "openssl", .cpe = "openssl:openssl", .before = "OpenSSL ", .parts = 3, .letters = true},
    {.file = "perl", .name = "perl", .cpe = "perl:perl", .before = "/lib/perl5/5.", .own = 2, .parts = 3},
    {.file = "perl*", .name = "perl", .cpe = "perl:perl", .before = "v5.", .alone = true, .own = 2, .parts = 3},
    {.file = "php*", .name = "php", .cpe = "php:php", .before = "PHP/", .parts = 3},
    {.file = "postgres",
        .name = "postgresql",
        .cpe = "postgresql:postgresql",
        .before = "PostgreSQL ",
        .parts = 2,
        .more = true},
    {.file = "proftpd",
        .name = "proftpd",
        .cpe = "proftpd:proftpd",
        .before = "ProFTPD Version ",
        .parts = 3,
        .letters = true},
    {.file = "psql",
        .name = "postgresql",
        .cpe = "postgresql:postgresql",
        .before = "PostgreSQL ",
        .parts = 2,
        .more = true},
    {.file = "python*", .name = "python", .cpe = "python:python", .series = true, .parts = 3},
    {.file = "redis-server", .name = "redis", .cpe = "redis:redis", .before = "", .build = true, .parts = 3},
    {.file = "redis-server", .name = "redis", .cpe = "redis:redis", .before = "Redis version ", .parts = 3},
    {.file = "ruby*", .name = "ruby", .cpe = "ruby-lang:ruby", .before = "ruby ", .parts = 3},
    {.file = "slapd", .name = "openldap", .cpe = "openldap:openldap", .before = "$OpenLDAP: slapd ", .parts = 3},
    {.file = "squid", .name = "squid", .cpe = "squid-cache:squid", .before = "squid/", .parts = 2, .more = true},
    {.file = "sshd",
        .name = "openssh",
        .cpe = "openbsd:openssh",
        .before = "OpenSSH_",
        .parts = 2,
        .patch = true,
        .patched = true},
    {.file = "stunnel*", .name = "stunnel", .cpe = "stunnel:stunnel", .before = "stunnel/", .parts = 2},
    {.file = "sudo",
        .name = "sudo",
        .cpe = "sudo_project:sudo",
        .before = "1.",
        .alone = true,
        .whole = true,
        .own = 2,
        .parts = 3,
        .patch = true},
    {.file = "swipl",
        .name = "swi-prolog",
        .cpe = "swi-prolog:swi-prolog",
        .before = "/swipl-",
        .after = "/",
        .parts = 3},
    {.file = "tini*", .name = "tini", .cpe = "tini_project:tini", .before = "tini version ", .parts = 3},
    {.file = "tor", .name = "tor", .cpe = "torproject:tor", .before = "(tor ", .parts = 4},
    {.file = "unbound", .name = "unbound", .cpe = "nlnetlabs:unbound", .before = "unbound ", .parts = 3},
    {.file = "valkey-server", .name = "valkey", .cpe = "lfprojects:valkey", .before = "", .build = true, .parts = 3},
    {.file = "varnishd", .name = "varnish", .cpe = "varnish-cache:varnish", .before = "varnish-", .parts = 3},
    {.file = "xz", .name = "xz", .cpe = "tukaani:xz", .before = "xz (XZ Utils) ", .parts = 3},
    {.file = "zstd",
        .name = "zstd",
        .cpe = "facebook:zstandard",
        .before = "v1.",
        .alone = true,
        .whole = true,
        .own = 2,
        .parts = 3},
};

#define NEAR 48u /* bytes behind a version in which its neighbour begins and ends */

#define PARTS_MAX 4u

/* '*' at the end stands for anything. */
static bool matches(struct span name, const char *file)
{
        size_t n = strlen(file);

        if (file[n - 1] != '*')
                return span_is(name, file);
        return name.len >= n - 1 && memcmp(name.at, file, n - 1) == 0;
}

static size_t n_digits(struct span s)
{
        size_t n = 0;

        while (n < s.len && s.at[n] >= '0' && s.at[n] <= '9')
                n++;
        return n;
}

static void search_add(struct elf *s, const struct elf_program *p, struct span before, size_t own, bool whole)
{
        if (s->n_programs < ELF_PROGRAMS_MAX)
                s->programs[s->n_programs++] =
                    (struct elf_program_search){.rule = p, .before = before, .own = own, .whole = whole};
}

/*
 * "libpython3.11.so.1.0" -> NUL "3.11.": the version stands alone in the program. Or it is the end of a path: a linker may let
 * it begin in the middle of ".../versions/3.11.7" and of ".../Python-3.11.7".
 */
static void series_begin(struct elf *s, const struct elf_program *p, struct span name)
{
        size_t at = 0, major, minor;

        while (at < name.len && n_digits(span_from(name, at)) == 0)
                at++;
        major = n_digits(span_from(name, at));
        if (at + major >= name.len || name.at[at + major] != '.')
                return;
        minor = n_digits(span_from(name, at + major + 1));
        if (minor == 0 || major + minor > 8)
                return;
        struct span series = span_cut(name, at, major + 1 + minor);
        for (const char *c = "\0/-", *end = c + 3; c < end; c++)
                search_add(s, p, arena_printf(s->arena, "%c%.*s.", *c, SPAN_FMT(series)), series.len + 1, *c != 0);
}

void program_begin(struct elf *s, struct span path)
{
        struct span name = path_name(path);

        for (size_t i = 0; i < ARRAY_LEN(programs); i++) {
                const struct elf_program *p = &programs[i];
                if (!matches(name, p->file))
                        continue;
                if (p->series)
                        series_begin(s, p, name);
                else
                        search_add(s, p, p->alone ? arena_printf(s->arena, "%c%s", 0, p->before) : span_of(p->before),
                            p->own, p->whole);
        }
}

/*
 * Redis's own identification of a build, "7.0.14buildkitsandbox-1702957741": version, host, time. The host of a container is
 * twelve hexadecimal digits, "4.0.11841ce7054bd9-1542359302".
 */
static struct span version_of_build(struct span from)
{
        struct span text, head, time, rest, number;
        size_t len = 0, n;

        while (len < from.len && len < NEAR + 32 && from.at[len] > ' ' && from.at[len] < 0x7f)
                len++;
        text = span_cut(from, 0, len);
        n = len;
        while (n > 0 && text.at[n - 1] != '-')
                n--;
        if (n == 0)
                return (struct span){0};
        head = span_cut(text, 0, n - 1);
        time = span_from(text, n);
        if (time.len < 10 || n_digits(time) != time.len)
                return (struct span){0};
        rest = head;
        for (size_t part = 0; part < 2; part++)
                if (!span_split(rest, '.', &number, &rest) || number.len == 0 || number.len > 3 ||
                    n_digits(number) != number.len)
                        return (struct span){0};
        n = n_digits(rest);
        if (rest.len > 12 && rest.len - 12 <= n && rest.len - 12 <= 3) {
                size_t hex = rest.len - 12;
                while (hex < rest.len && memchr("0123456789abcdef", rest.at[hex], 16))
                        hex++;
                if (hex == rest.len)
                        n = rest.len - 12;
        }
        return n > 0 && n <= 3 && n < rest.len ? span_cut(head, 0, head.len - rest.len + n) : (struct span){0};
}

/* Behind the numbers: what is no part of a version. */
static bool ends_well(const struct elf_program_search *search, struct span rest)
{
        const struct elf_program *p = search->rule;

        if (p->after)
                return span_starts(rest, p->after);
        if (search->whole && (rest.len == 0 || rest.at[0] != 0))
                return false;
        if (p->near && !memmem(rest.at, rest.len < NEAR ? rest.len : NEAR, p->near, strlen(p->near)))
                return false;
        /* ruby's patch level follows directly: "3.1.7p261" */
        return p->any_end || rest.len == 0 || strchr(" \n\r(<)p-+,/", rest.at[0]);
}

/* As many numbers as the program's versions have, and then something that is no part of a version. */
static struct span version_at(const struct elf_program_search *search, struct span from)
{
        const struct elf_program *p = search->rule;
        size_t at = 0, part = 0, most = p->more ? PARTS_MAX : p->parts;

        for (; part < most; part++) {
                size_t point = part > 0, n;
                if (point && (at == from.len || from.at[at] != '.'))
                        break;
                n = n_digits(span_from(from, at + point));
                if (n == 0 || n > 6)
                        return (struct span){0};
                at += point + n;
        }
        if (part < p->parts)
                return (struct span){0};
        if (p->patch && at + 1 < from.len && from.at[at] == 'p' && n_digits(span_from(from, at + 1)) > 0)
                at += 1 + n_digits(span_from(from, at + 1));
        else if (p->patched)
                return (struct span){0};
        while (p->letters && at < from.len && from.at[at] >= 'a' && from.at[at] <= 'z')
                at++;
        return ends_well(search, span_from(from, at)) ? span_cut(from, 0, at) : (struct span){0};
}

/* The byte in front of a place; 0: the file begins there. */
static uint8_t byte_before(const struct elf *s, struct span window, size_t at)
{
        return at > 0 ? window.at[at - 1] : s->program_last;
}

/* A version may stand behind anything that is no number. */
static void builds_in(struct elf *s, struct elf_program_search *search, struct span window, size_t n)
{
        for (size_t at = 0; at < n && search->version.len == 0; at++) {
                uint8_t before = byte_before(s, window, at);
                if (window.at[at] < '0' || window.at[at] > '9' || before == '.' || (before >= '0' && before <= '9'))
                        continue;
                search->version = arena_copy(s->arena, version_of_build(span_from(window, at)));
        }
}

/* The next place at which what stands in front of the version begins; `n` when there is none. */
static size_t next_place(const struct elf_program_search *search, struct span window, size_t at, size_t n)
{
        const uint8_t *hit;

        if (search->before.len > 1) {
                hit = memmem(window.at + at, window.len - at, search->before.at, search->before.len);
                return hit && (size_t)(hit - window.at) < n ? (size_t)(hit - window.at) : n;
        }
        /* A NUL alone: programs are full of them, so the digit behind is asked for at once. */
        while (at < n && (window.at[at] != 0 || at + 1 >= window.len || (uint8_t)(window.at[at + 1] - '0') > 9))
                at++;
        return at;
}

static void search_in(struct elf *s, struct elf_program_search *search, struct span window, size_t n)
{
        if (search->rule->build) {
                builds_in(s, search, window, n);
                return;
        }
        for (size_t at = 0; search->version.len == 0; at++) {
                at = next_place(search, window, at, n);
                if (at >= n)
                        return;
                if (search->rule->never && byte_before(s, window, at) == (uint8_t)search->rule->never)
                        continue;
                search->version =
                    arena_copy(s->arena, version_at(search, span_from(window, at + search->before.len - search->own)));
        }
}

void program_scan(struct elf *s, struct span window, size_t n)
{
        for (size_t i = 0; i < s->n_programs; i++)
                search_in(s, &s->programs[i], window, n);
        if (n > 0)
                s->program_last = window.at[n - 1];
}

/* "9.2p1" is version 9.2, update p1. */
static struct span cpe_of(struct elf *s, const struct elf_program *p, struct span version)
{
        struct span number = version, update = SPAN_LIT("*");

        for (size_t i = 0; p->patch && i < version.len; i++)
                if (version.at[i] == 'p') {
                        number = span_cut(version, 0, i);
                        update = span_from(version, i);
                }
        return arena_printf(s->arena, "cpe:2.3:a:%s:%.*s:%.*s:*:*:*:*:*:*", p->cpe, SPAN_FMT(number), SPAN_FMT(update));
}

void program_list(struct elf *s)
{
        for (size_t i = 0; i < s->n_programs; i++) {
                const struct elf_program_search *found = &s->programs[i];
                if (found->version.len == 0)
                        continue;
                findings_package(s->f, "program",
                    &(struct package){.name = span_of(found->rule->name),
                        .version = found->version,
                        .cpe = cpe_of(s, found->rule, found->version),
                        .confidence = CONFIDENCE_MEDIUM,
                        .unless_owned = true});
                return;
        }
}
