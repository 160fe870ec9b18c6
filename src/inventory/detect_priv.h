/*
 * What a detector is, and what it hands back.
 *
 * A detector decides by a file's path, or by its first bytes, whether it wants it, and turns the content into packages.
 * Reading is a total function: what it can't understand becomes a note (and the image "not assessed" in that point),
 * with the rest kept. It runs in the jail; it opens nothing and prints nothing.
 *
 * Detectors stand on shelves (os/, lang/, jvm/, elf/, lock/): one file each, and one row in the shelf's table.
 */
#pragma once

#include "inventory/inventory.h"
#include "inventory/inventory_limits.h"

struct package_qualifier {
        const char *key; /* of a purl, in small letters; a literal */
        struct span value;
};

/* As one file states it; which system it belongs to is known only after merging. What is left zero is the detector's. */
struct package {
        struct span name, version; /* as struct component has them */
        struct span source_name, source_version;
        struct span arch, licence;
        struct span vendor, cpe, module;
        const char *type,
            *ecosystem; /* literals; NULL: the detector's. For files that hold packages of several kinds */
        struct package_qualifier qualifiers[3]; /* of the purl beside arch, distro and epoch; key NULL ends them */
        enum licence_source licence_source;     /* with a licence and left zero: LICENCE_SOURCE_FIELD */
        enum component_confidence confidence;
        enum component_state state;
        bool development;
        /* Not listed when an operating system's package owns the file: that package says the same, and better. */
        bool unless_owned;
        /* Where inside the file: "BOOT-INF/lib/a.jar" in a jar; empty for the file itself. Shown after "!/". */
        struct span inside;
};

/* What one file says of a package that another file lists: dpkg's NAME.list and copyright, Python's RECORD. */
struct supplement {
        struct span name, arch; /* arch empty: of any */
        struct span licence;
        enum licence_source licence_source;
};

struct os_release {
        struct span id, id_like, version_id, version_codename, pretty_name;
};

/* A path that a package owns. `package` is an index in packages, or in supplements with `by_supplement`. */
struct ownership {
        uint32_t package;
        bool by_supplement;
        struct span path; /* relative to the root, no leading '/' */
};

struct findings {
        struct arena *arena; /* everything below is copied into it */
        struct span path;    /* of the file that is read: set before `read` or `begin` */
        struct {
                struct package *at;
                size_t len, cap;
        } packages;
        struct {
                struct supplement *at;
                size_t len, cap;
        } supplements;
        struct {
                struct ownership *at;
                size_t len, cap;
        } owned;
        struct {
                struct span *at;
                size_t len, cap;
        } notes; /* printable text; FILE_NOTES_MAX of them, and one that counts the others */
        size_t notes_left_out;
        struct {
                struct remark *at;
                size_t len, cap;
        } remarks;
        size_t remarks_left_out;
        struct os_release os; /* of the detector os-release only */
};

/*
 * For files that are read as they stream by, since they may be larger than memory: archives and programs. The pieces are
 * of any length from 1 byte; nothing of a piece may be kept by reference.
 */
enum stream_step { STREAM_DONE = 0, STREAM_AGAIN };

#define STREAM_HEAD 64u /* bytes, less only when the file is shorter */

struct detector_stream {
        /* NULL: `wants` decides by the path alone. Else asked for every file that no detector wants by its path; `head` are
         * its first bytes. A file that is wanted so and turns out to hold nothing leaves no trace. */
        bool (*sniff)(struct span path, struct span head);
        void *(*begin)(struct findings *f, uint64_t size); /* f lives until `end`; heap memory */
        void (*data)(void *state, struct span piece);      /* in order, from the file's first byte */
        /*
         * The file has ended. STREAM_AGAIN: what matters lay before the place that tells where it is; the whole file
         * comes once more, by `data` and `end`. At most STREAM_PASSES_MAX passes; then `end` must be content.
         */
        enum stream_step (*end)(void *state);
        void (*free)(void *state); /* always called once, also without `end` */
        bool again;                /* `end` may say STREAM_AGAIN: the content is kept for that, up to a size */
};

#define STREAM_PASSES_MAX 3u

struct detector {
        const char *name;
        const char *type;      /* purl type of its packages; NULL when it finds none, or each says its own */
        const char *ecosystem; /* as OSV spells it; NULL when the system decides */
        enum component_confidence confidence; /* of packages that state none themselves */
        enum component_state state;
        bool plugin;                     /* the operator's own: beside what others find in the same file */
        bool by_path;                    /* two files that state the same package are two components */
        size_t size_max;                 /* bytes of a file; 0: the content is not wanted, `read` gets the empty span */
        bool (*wants)(struct span path); /* NULL: by content alone, see `stream` */
        /*
         * May be NULL. Saves asking `wants` about most paths: patterns, divided by blanks, one of which the path's last
         * component meets whenever `wants` says yes. "package.json", "*.jar" (any ending), "jre*" (any beginning).
         */
        const char *names;
        /* What it finds does not depend on the path. Else a hard link to a file that it has read is read by itself, which costs
         * another pass over the layer. */
        bool any_path;
        void (*read)(struct span content, struct findings *f); /* NULL: see `stream` */
        const struct detector_stream *stream;
        /*
         * May be NULL. Names a second file of the same folder that belongs to this one (rpmdb.sqlite-wal to rpmdb.sqlite) and
         * is read with it by `read_pair`, when the same layer holds both; either may be the empty span (absent). Its name is that
         * of a file that is wanted and an ending.
         */
        const char *companion;
        void (*read_pair)(struct span content, struct span companion, struct findings *f);
        /* May be NULL: a path at which a symbolic link would lead away from files that are wanted. */
        bool (*wants_no_link)(struct span path);
        /*
         * May be NULL. What a file is may stand in the paths of links to it, as in Maven's repositories: called after the file
         * was read, with all links of the same layer that lead to it and that `wants` would have. Of hard links each is read
         * under its own path, and told of the others.
         */
        void (*named)(struct findings *f, const struct span *paths, size_t n);
};

struct detector_shelf {
        const struct detector *const *at;
        size_t n;
};

/*
 * Who remarks on files, beside detectors: asked about every regular file of a layer, hard links included (as the file that
 * they are, under their own path). One file and one row in remarks.c.
 */
struct remark_reader {
        const char *name;
        bool (*wants)(const struct image_entry *entry);
        void *(*begin)(struct findings *f, const struct image_entry *entry); /* f lives until `end`; entry does not */
        void (*data)(void *state, struct span piece); /* as a stream's; NULL: the content is not wanted */
        void (*end)(void *state);                     /* may be NULL */
        void (*free)(void *state);                    /* may be NULL; called once, also without `end` */
};

extern const struct remark_reader *const remark_readers[]; /* NULL-terminated */

/* path, layer and visible are the engine's to fill. Texts that are unclean or too long are cut off or left out. */
void findings_remark(struct findings *f, const struct remark *r);

/* Earlier rows win where two want a path. */
extern const struct detector_shelf shelf_os, shelf_lang, shelf_jvm, shelf_elf, shelf_lock;
extern const struct detector_shelf *const detector_shelves[]; /* NULL-terminated */

/* NULL when no detector wants it. The first row that does is the one. Asks them all: see struct detector_index. */
const struct detector *detector_of_path(struct span path);
const struct detector *detector_of_name(struct span name);
/* The detector whose companion lies at `path`. */
const struct detector *detector_of_companion(struct span path);
/* The first row whose sniffer likes the file. */
const struct detector *detector_of_head(struct span path, struct span head);
bool detectors_sniff(void);      /* there is one that does */
size_t detectors_size_max(void); /* the largest of those that read whole files */
/* Rows by number, from 0 over all shelves: NULL above the last. */
const struct detector *detector_at(size_t number);
size_t detector_number(const struct detector *d);
/* Of the same shelf: what one says of packages may concern the other's. */
bool detectors_of_one_shelf(const struct detector *a, const struct detector *b);

/* detector_of_path for many paths: knows which rows need not be asked. */
struct detector_index;
struct detector_index *detector_index_new(void);
void detector_index_free(struct detector_index *x);
const struct detector *detector_index_find(const struct detector_index *x, struct span path);
const struct detector *detector_index_companion(const struct detector_index *x, struct span path);
/* The detector for which a symbolic link at `path` hides files; NULL when there is none. */
const struct detector *detector_of_link(struct span path);

/*
 * Copies `p` unless it breaks the common bounds of texts, which then makes a note; `place` is for that note. Returns its
 * index in f->packages; UINT32_MAX when it was not taken.
 */
uint32_t findings_package(struct findings *f, const char *place, const struct package *p);
/* What is said of a package that another file lists. Returns its index, or UINT32_MAX with a note. */
uint32_t findings_supplement(struct findings *f, const char *place, const struct supplement *s);
/* `package` (or supplement) owns the file `path`, written from the root with or without '/' or "./" in front. Folders may be
 * named too. Paths that are unclean (control bytes are fine, ".." is not) are passed over. UINT32_MAX: passed over. */
void findings_owns(struct findings *f, uint32_t package, struct span path);
void findings_supplement_owns(struct findings *f, uint32_t supplement, struct span path);
void findings_note(struct findings *f, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* Bytes and the detector's size_max; a layer's file and a folder's are told alike. */
#define NOTE_TOO_LARGE "too large, not read: %llu bytes, at most %zu"
/* Adds the notes about those left out. Call once, after `read`. */
void findings_end(struct findings *f);

/* Lock files in documentation, examples and test data say nothing of what the image holds. */
bool path_is_documentation(struct span path);

/* Valid UTF-8 without control bytes, at most `max` bytes; the empty span is fine. */
bool text_is_clean(struct span s, size_t max);

/* "lib/x" as the layer of a merged /usr has it, "usr/lib/x"; the empty span where that is no question. Bytes in `to`. */
struct span path_usr_merged(struct span path, struct buf *to);
/* Which of the folders that a merged /usr makes links this is: 0, 1 ...; -1: none. */
int path_usr_link(struct span path);
#define USR_LINKS 6u

/* Parts of paths: the last component, and what stands before the '/' in front of it (empty if there is none). */
struct span path_name(struct span path);
struct span path_folder(struct span path);
/* Number of folders above: 0 for "a", 2 for "a/b/c". */
size_t path_depth(struct span path);

/* A legacy list of licences as one expression: more than one are joined by OR, as npm and PyPI mean them. */
void licence_or(struct buf *b, struct span licence);
/* "License :: OSI Approved :: MIT License" -> "MIT"; words without an SPDX identifier are given as they are. */
struct span licence_of_classifier(struct span classifier);

extern const struct detector detect_dpkg, detect_os_release, detect_unread; /* os/ */
extern const struct detector detect_npm, detect_npm_elsewhere, detect_python; /* lang/ */
