/*
 * What system it is: etc/os-release and usr/lib/os-release, os-release(5), and what images have that are older than it.
 *
 * Of the others nothing but ID, VERSION_ID, VERSION_CODENAME and PRETTY_NAME is made, as the system's own os-release
 * would say it; what they do not say plainly stays empty, without a note: where os-release is, nobody asks them.
 */
#include "inventory/os/system_priv.h"

static bool is_digit(uint8_t c)
{
        return c >= '0' && c <= '9';
}

static void take(struct findings *f, struct span *to, struct span text)
{
        if (text_is_clean(text, INVENTORY_OS_TEXT_MAX))
                *to = arena_copy(f->arena, text);
}

/* ---- os-release and lsb-release: shell assignments ---- */

/*
 * One shell word: bare, in single or in double quotes; \ keeps the byte after it, but not in single quotes.
 * False when a quote stays open or something follows the word.
 */
static bool unquote(struct span s, struct buf *to)
{
        uint8_t quote = s.len > 0 && (s.at[0] == '"' || s.at[0] == '\'') ? s.at[0] : 0;
        size_t i = quote ? 1 : 0;

        buf_clear(to);
        for (; i < s.len; i++) {
                uint8_t c = s.at[i];
                if (quote && c == quote)
                        return i + 1 == s.len;
                if (!quote && (c == ' ' || c == '\t' || c == '"' || c == '\''))
                        return false;
                if (c == '\\' && quote != '\'') {
                        if (++i == s.len)
                                return false;
                        c = s.at[i];
                        /* In double quotes only these four lose their backslash. */
                        if (quote && c != '"' && c != '\\' && c != '$' && c != '`')
                                buf_put_u8(to, '\\');
                }
                buf_put_u8(to, c);
        }
        return quote == 0;
}

struct assignment {
        const char *key;
        struct span *to;
};

static void read_assignments(
    struct span content, struct findings *f, const struct assignment *keys, size_t n_keys, bool noted)
{
        struct cursor in = {.rest = content};
        struct span line, key, value;
        CLEANUP(buf_done) struct buf word = {.max = INVENTORY_OS_RELEASE_MAX};

        for (size_t n = 1; cursor_line(&in, &line); n++) {
                line = span_trim(line);
                if (line.len == 0 || line.at[0] == '#' || !span_split(line, '=', &key, &value))
                        continue;
                for (size_t i = 0; i < n_keys; i++) {
                        if (!span_is(key, keys[i].key))
                                continue;
                        if (unquote(value, &word) && text_is_clean(buf_span(&word), INVENTORY_OS_TEXT_MAX))
                                *keys[i].to = arena_copy(f->arena, buf_span(&word)); /* the last one counts */
                        else if (noted)
                                findings_note(f, "line %zu: %s has no valid value", n, keys[i].key);
                }
        }
}

static void read_os_release(struct span content, struct findings *f)
{
        const struct assignment keys[] = {{"ID", &f->os.id}, {"ID_LIKE", &f->os.id_like},
            {"VERSION_ID", &f->os.version_id}, {"VERSION_CODENAME", &f->os.version_codename},
            {"PRETTY_NAME", &f->os.pretty_name}};

        read_assignments(content, f, keys, ARRAY_LEN(keys), true);
}

static void put_small(struct findings *f, struct span *to, struct span text)
{
        CLEANUP(buf_done) struct buf small = {0};

        for (size_t i = 0; i < text.len; i++)
                buf_put_u8(&small, text.at[i] >= 'A' && text.at[i] <= 'Z' ? (uint8_t)(text.at[i] + 32) : text.at[i]);
        take(f, to, buf_span(&small));
}

static void read_lsb_release(struct span content, struct findings *f)
{
        struct span id = {0};
        const struct assignment keys[] = {{"DISTRIB_ID", &id}, {"DISTRIB_RELEASE", &f->os.version_id},
            {"DISTRIB_CODENAME", &f->os.version_codename}, {"DISTRIB_DESCRIPTION", &f->os.pretty_name}};

        read_assignments(content, f, keys, ARRAY_LEN(keys), false);
        put_small(f, &f->os.id, id);
}

/* ---- one line of words: "CentOS release 6.10 (Final)" ---- */

/* How such a line begins. Longer ones first. */
static const struct {
        const char *words, *id;
} banners[] = {
    {"Red Hat Enterprise Linux", "rhel"},
    {"Enterprise Linux Enterprise Linux Server", "ol"},
    {"Oracle Linux", "ol"},
    {"CentOS", "centos"},
    {"Rocky Linux", "rocky"},
    {"AlmaLinux", "almalinux"},
    {"Scientific Linux", "scientific"},
    {"Fedora", "fedora"},
    {"Amazon Linux", "amzn"},
    {"SUSE Linux Enterprise Server", "sles"},
    {"SUSE Linux Enterprise Desktop", "sled"},
    {"openSUSE", "opensuse"},
    {"VMware Photon", "photon"},
    {"Mageia", "mageia"},
    {"Gentoo", "gentoo"},
};

/* The first word that begins with a digit, up to what is no part of a version. */
static struct span first_version(struct span s)
{
        size_t len;

        for (size_t i = 0; i < s.len; i++) {
                if (!is_digit(s.at[i]) || (i > 0 && s.at[i - 1] != ' '))
                        continue;
                for (len = 0; i + len < s.len && (is_digit(s.at[i + len]) || s.at[i + len] == '.'); len++)
                        ;
                return span_cut(s, i, len);
        }
        return (struct span){0};
}

static void read_banner(struct span content, struct findings *f)
{
        struct cursor in = {.rest = content};
        struct span line;

        if (!cursor_line(&in, &line))
                return;
        line = span_trim(line);
        for (size_t i = 0; i < ARRAY_LEN(banners); i++) {
                if (!span_starts(line, banners[i].words))
                        continue;
                take(f, &f->os.id, span_of(banners[i].id));
                take(f, &f->os.version_id, first_version(line));
                take(f, &f->os.pretty_name, line);
                return;
        }
}

/* "VERSION = 11" and "PATCHLEVEL = 4" below the banner: 11.4 */
static void read_suse_release(struct span content, struct findings *f)
{
        struct cursor in = {.rest = content};
        struct span line, key, value, patchlevel = {0};

        read_banner(content, f);
        while (cursor_line(&in, &line))
                if (span_split(line, '=', &key, &value) && span_is(span_trim(key), "PATCHLEVEL"))
                        patchlevel = span_trim(value);
        if (patchlevel.len > 0 && patchlevel.len <= 2 && is_digit(patchlevel.at[0]) && f->os.version_id.len > 0 &&
            !span_is(patchlevel, "0"))
                take(f, &f->os.version_id,
                    arena_printf(f->arena, "%.*s.%.*s", SPAN_FMT(f->os.version_id), SPAN_FMT(patchlevel)));
}

/* ---- files that are the version ---- */

static void read_alpine_release(struct span content, struct findings *f)
{
        struct span version = span_trim(content);

        if (version.len == 0 || !is_digit(version.at[0]) || !text_is_clean(version, INVENTORY_OS_TEXT_MAX))
                return;
        take(f, &f->os.id, SPAN_LIT("alpine"));
        take(f, &f->os.version_id, version);
}

/* Its being there says it: mostly it is empty. */
static void read_arch_release(struct span content, struct findings *f)
{
        (void)content;
        take(f, &f->os.id, SPAN_LIT("arch"));
        take(f, &f->os.pretty_name, SPAN_LIT("Arch Linux"));
}

/* "7.11" of release 7, or "trixie/sid" of testing. */
static void read_debian_version(struct span content, struct findings *f)
{
        struct span text = span_trim(content), first, rest;

        if (text.len == 0 || !text_is_clean(text, INVENTORY_OS_TEXT_MAX))
                return;
        take(f, &f->os.id, SPAN_LIT("debian"));
        if (is_digit(text.at[0])) {
                span_split(text, '.', &first, &rest);
                take(f, &f->os.version_id, first);
        } else if (span_split(text, '/', &first, &rest)) {
                take(f, &f->os.version_codename, first);
        }
}

/* ---- the files, the best first ---- */

const char *const system_files[] = {
    "etc/os-release", "usr/lib/os-release", "x86_64-bottlerocket-linux-gnu/sys-root/usr/lib/os-release",
    "aarch64-bottlerocket-linux-gnu/sys-root/usr/lib/os-release", "etc/lsb-release",
    "etc/oracle-release", /* beside a redhat-release that says Red Hat */
    "etc/centos-release", "etc/system-release", "etc/redhat-release", "etc/fedora-release", "etc/SuSE-release",
    "etc/photon-release", "etc/mageia-release", "etc/gentoo-release", "etc/alpine-release", "etc/arch-release",
    "etc/debian_version", /* Ubuntu has it too, and lsb-release */
};
const size_t system_n_files = ARRAY_LEN(system_files);

static bool wants(struct span path)
{
        for (size_t i = 0; i < system_n_files; i++)
                if (span_is(path, system_files[i]))
                        return true;
        return false;
}

static void read_release(struct span content, struct findings *f)
{
        static const struct {
                const char *name;
                void (*read)(struct span content, struct findings *f);
        } readers[] = {
            {"lsb-release", read_lsb_release},
            {"SuSE-release", read_suse_release},
            {"alpine-release", read_alpine_release},
            {"arch-release", read_arch_release},
            {"debian_version", read_debian_version},
            {"os-release", read_os_release},
        };
        struct span name = path_name(f->path);

        for (size_t i = 0; i < ARRAY_LEN(readers); i++)
                if (span_is(name, readers[i].name)) {
                        readers[i].read(content, f);
                        return;
                }
        if (name.len > 0)
                read_banner(content, f);
        else
                read_os_release(content, f);
}

const struct detector detect_os_release = {
    .name = "os-release",
    .size_max = INVENTORY_OS_RELEASE_MAX,
    .names = "*-release debian_version",
    .wants = wants,
    .read = read_release,
};
