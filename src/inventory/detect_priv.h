/*
 * What a detector is, and what it hands back.
 *
 * A detector decides by a file's path whether it wants it, and turns the content into packages. Reading is a total
 * function: what it can't understand becomes a note (and the image "not assessed" in that point), with the rest kept.
 */
#pragma once

#include "inventory/inventory.h"
#include "inventory/inventory_limits.h"

/* As one file states it; which system it belongs to is known only after merging. */
struct package {
        struct span name, version;
        struct span source_name, source_version;
        struct span arch, licence;
};

struct os_release {
        struct span id, id_like, version_id, version_codename, pretty_name;
};

struct findings {
        struct arena *arena; /* everything below is copied into it */
        struct {
                struct package *at;
                size_t len, cap;
        } packages;
        struct {
                struct span *at;
                size_t len, cap;
        } notes; /* printable text; FILE_NOTES_MAX of them, and one that counts the others */
        size_t notes_left_out;
        struct os_release os; /* of the detector os-release only */
};

struct detector {
        const char *name;
        const char *type;      /* purl type of its packages; NULL when it finds none */
        const char *ecosystem; /* as OSV spells it; NULL when the system decides */
        bool by_path;          /* two files that state the same package are two components */
        size_t size_max;       /* bytes of a file; 0: the content is not wanted, `read` gets the empty span */
        bool (*wants)(struct span path);
        void (*read)(struct span content, struct findings *f);
        /* May be NULL: a path at which a symbolic link would lead away from files that are wanted. */
        bool (*wants_no_link)(struct span path);
};

extern const struct detector *const detectors[];
extern const size_t n_detectors;

/* NULL when no detector wants it. The first row that does is the one. */
const struct detector *detector_of_path(struct span path);
const struct detector *detector_of_name(struct span name);
/* The detector for which a symbolic link at `path` hides files; NULL when there is none. */
const struct detector *detector_of_link(struct span path);

/* Copies `p` unless it breaks the common bounds of texts, which then makes a note; `place` is for that note. */
void findings_package(struct findings *f, const char *place, const struct package *p);
void findings_note(struct findings *f, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* Bytes and the detector's size_max; a layer's file and a folder's are told alike. */
#define NOTE_TOO_LARGE "too large, not read: %llu bytes, at most %zu"
/* Adds the note about those left out. Call once, after `read`. */
void findings_end(struct findings *f);

/* Valid UTF-8 without control bytes, at most `max` bytes; the empty span is fine. */
bool text_is_clean(struct span s, size_t max);

/* Parts of paths: the last component, and what stands before the '/' in front of it (empty if there is none). */
struct span path_name(struct span path);
struct span path_folder(struct span path);
/* Number of folders above: 0 for "a", 2 for "a/b/c". */
size_t path_depth(struct span path);

/* A legacy list of licences as one expression: more than one are joined by OR, as npm and PyPI mean them. */
void licence_or(struct buf *b, struct span licence);
/* "License :: OSI Approved :: MIT License" -> "MIT"; words without an SPDX identifier are given as they are. */
struct span licence_of_classifier(struct span classifier);

extern const struct detector detect_dpkg, detect_os_release, detect_npm, detect_python, detect_unread;
