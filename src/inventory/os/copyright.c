/*
 * Licences of Debian's packages: usr/share/doc/NAME/copyright.
 *
 * Machine-readable ones ("Machine-readable debian/copyright file" 1.0, DEP-5) state a licence for every group of files;
 * what all of them state is joined by AND. Of the others only references to /usr/share/common-licenses are understood.
 * A folder that is a symbolic link to another package's (libgcc-s1 -> gcc-12-base) can't be followed: no licence then.
 */
#include "inventory/os/os_priv.h"
#include "inventory/os/licence_priv.h"

#include "inventory/fields_priv.h"

static bool wants(struct span path)
{
        return span_starts(path, "usr/share/doc/") && path_depth(path) == 4 && span_is(path_name(path), "copyright");
}

/* ---- DEP-5 ---- */

struct paragraph {
        bool first, format, files, licence;
        struct span synopsis;
};

struct document {
        struct licence_set stated, standalone; /* of the header and the files; of paragraphs of their own */
        bool machine_readable;
};

static void paragraph_end(struct document *d, const struct paragraph *p)
{
        if (p->first && p->format)
                d->machine_readable = true;
        if (!p->licence)
                return;
        /* "License:" with nothing behind it on its line: the text below has no name. */
        struct span synopsis = p->synopsis.len > 0 ? p->synopsis : SPAN_LIT("unnamed");
        licence_set_debian(p->first || p->files ? &d->stated : &d->standalone, synopsis);
}

static void read_line(struct paragraph *p, struct span line)
{
        struct span name, value;

        if (line.at[0] == ' ' || line.at[0] == '\t' || !span_split(line, ':', &name, &value))
                return;
        if (field_is(name, "License") || field_is(name, "Licence")) {
                p->licence = true;
                p->synopsis = span_trim(value);
        } else if (field_is(name, "Files")) {
                p->files = true;
        } else if (field_is(name, "Format") || field_is(name, "Format-Specification")) {
                p->format = true;
        }
}

/* One pass; it ends behind the first paragraph when that is no DEP-5 header. */
static void read_machine_readable(struct span content, struct document *d)
{
        struct cursor c = {.rest = content};
        struct paragraph p = {.first = true};
        struct span line;
        bool open = false;

        while (cursor_line(&c, &line)) {
                if (span_trim(line).len > 0) {
                        open = true;
                        read_line(&p, line);
                        continue;
                }
                if (!open)
                        continue;
                paragraph_end(d, &p);
                if (!d->machine_readable)
                        return;
                p = (struct paragraph){0};
                open = false;
        }
        if (open)
                paragraph_end(d, &p);
}

/* ---- others ---- */

static const char common[] = "/usr/share/common-licenses/";

static bool name_byte(uint8_t c)
{
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
}

/* "any later version", over lines too */
static bool says_later(struct span s)
{
        size_t at;

        while (span_find(s, 'l', &at)) {
                s = span_from(s, at);
                if (span_starts(s, "later") && span_starts(span_trim(span_cut(s, 5, 40)), "version"))
                        return true;
                s = span_from(s, 1);
        }
        return false;
}

static void add_common(struct licence_set *set, struct span name, bool later)
{
        CLEANUP(buf_done) struct buf text = {.max = LICENCE_SYNOPSIS_MAX};

        if (span_is(name, "BSD")) { /* the Regents' text with three clauses */
                licence_set_term(set, SPAN_LIT("BSD-3-Clause"));
                return;
        }
        buf_put(&text, name);
        if (later && (span_starts(name, "GPL-") || span_starts(name, "LGPL-") || span_starts(name, "GFDL-")))
                buf_put_u8(&text, '+');
        licence_set_debian(set, buf_span(&text));
}

static void read_references(struct span content, struct licence_set *set)
{
        struct span s = content;
        bool later = says_later(content);
        size_t at, len;

        while (span_find(s, '/', &at)) {
                s = span_from(s, at);
                if (!span_starts(s, common)) {
                        s = span_from(s, 1);
                        continue;
                }
                s = span_from(s, strlen(common));
                for (len = 0; len < s.len && len < 40 && name_byte(s.at[len]); len++)
                        ;
                struct span name = span_cut(s, 0, len);
                while (span_ends(name, ".") || span_ends(name, "-"))
                        name.len--;
                if (name.len > 0)
                        add_common(set, name, later);
        }
}

static void read_copyright(struct span content, struct findings *f)
{
        struct document d = {.stated = {.arena = f->arena}, .standalone = {.arena = f->arena}};
        CLEANUP(buf_done) struct buf licence = {.max = INVENTORY_LICENCE_MAX};
        struct supplement s = {.name = path_name(path_folder(f->path)), .licence_source = LICENCE_SOURCE_COPYRIGHT};

        if (span_starts(content, "\xef\xbb\xbf"))
                content = span_from(content, 3);
        read_machine_readable(content, &d);
        if (!d.machine_readable) {
                d.stated = (struct licence_set){.arena = f->arena};
                read_references(content, &d.stated);
        }
        licence_set_put(d.stated.terms.len > 0 ? &d.stated : &d.standalone, &licence, INVENTORY_LICENCE_MAX);
        s.licence = buf_span(&licence);
        if (s.licence.len > 0)
                findings_supplement(f, "copyright", &s);
}

const struct detector detect_copyright = {
    .name = "dpkg-copyright",
    .type = "deb",
    .size_max = INVENTORY_COPYRIGHT_MAX,
    .confidence = CONFIDENCE_MEDIUM,
    .names = "copyright",
    .wants = wants,
    .read = read_copyright,
};
