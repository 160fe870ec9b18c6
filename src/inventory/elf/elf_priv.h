/*
 * Programs, read as they stream by: what they were built from.
 *
 * One pass looks for marks (Go's build information and table of source files, Rust's registry paths, names of sections).
 * What is wanted whole is a capture: a range of the file that is copied as it comes by. A capture that lies before the
 * place that tells where it is costs another pass, so only Go before 1.18 and cargo-auditable's section ask for one.
 */
#pragma once

#include "inventory/detect_priv.h"
#include "inventory/elf/elf_limits_priv.h"

enum elf_capture_kind {
        ELF_CAPTURE_NONE = 0,
        ELF_CAPTURE_HEADER,
        ELF_CAPTURE_START, /* the file's first bytes */
        ELF_CAPTURE_SEGMENTS,
        ELF_CAPTURE_SECTIONS,
        ELF_CAPTURE_NOTES,
        ELF_CAPTURE_GO,        /* build information */
        ELF_CAPTURE_GO_STRING, /* a string's header: pointer and length */
        ELF_CAPTURE_GO_TEXT,
        ELF_CAPTURE_GO_TABLE, /* header of pclntab */
        ELF_CAPTURE_DEP       /* .dep-v0 */
};

struct elf_capture {
        enum elf_capture_kind kind;
        uint64_t at;
        size_t want;
        struct buf got;
        bool done, again; /* again: worth another pass */
        uint32_t place;   /* of Go's mark, and which of its two strings: place * 2 + string */
};

struct elf_segment {
        uint64_t offset, address, size;
        bool load, writable;
};

/* Names with versions, sorted, each once. */
struct elf_name {
        struct span name, version;
        bool unsure; /* a crate of a registry that is not crates.io; a module of a host that we do not know */
};

struct elf_names {
        struct elf_name *at;
        size_t len, cap;
        bool too_many;
};

struct go_place {
        uint64_t at;
        bool inlined, big, read, refused, settled; /* settled: lies in the data segment, or refused */
        uint8_t pointer_size;
        uint64_t strings[2];          /* before 1.18: addresses of the strings' headers */
        struct span version, modules; /* in the program's arena */
        bool has[2];                  /* version and modules were read */
};

/* A program that is known by its file's name. */
struct elf_program {
        const char *file, *name;
        const char *cpe;    /* vendor and product as the NVD's dictionary has them */
        const char *before; /* what stands in front of the version */
        const char *after;  /* and directly behind it; NULL: anything that is no part of a version */
        const char *near;   /* and not far behind it; NULL: anything */
        char never;         /* does not stand in front of `before`; 0: anything may */
        bool alone;         /* a NUL stands in front of `before` */
        bool whole;         /* and one behind the version */
        bool series;        /* instead: a NUL and the first two numbers, which the file's name has */
        bool build;         /* instead: Redis's identification of a build */
        bool letters;       /* may follow the version: "1.1.1n" */
        bool patch;         /* "p1" belongs to it */
        bool patched;       /* and is always there */
        bool any_end;       /* texts stand there without a NUL between them */
        bool more;          /* numbers than `parts`, up to four */
        uint8_t own;        /* bytes of `before` that are a part of the version */
        uint8_t parts;      /* numbers of a version */
};

extern const struct elf_program elf_programs[]; /* program_rows.c */
extern const size_t elf_n_programs;

struct elf_program_search {
        const struct elf_program *rule;
        struct span before; /* with the NUL of `alone` */
        size_t own;         /* bytes of it that are a part of the version */
        bool whole;
        struct span version; /* found */
};

struct elf {
        struct findings *f;
        struct arena *arena;
        uint64_t size;
        uint64_t at;               /* offset of the next byte */
        uint64_t told_at;          /* the end of the capture that is being read; 0: of none */
        unsigned pass;             /* from 1 */
        uint8_t tail[ELF_CONTEXT]; /* the last bytes, too few to be judged */
        size_t n_tail;

        bool is_elf, is_64, big;
        uint64_t sections_at;
        uint32_t names_section, n_sections;
        size_t section_size;
        struct elf_segment *segments;
        size_t n_segments;
        bool segments_known;

        struct elf_capture captures[ELF_CAPTURES_MAX];
        size_t n_captures;

        struct {
                struct go_place places[ELF_GO_PLACES_MAX];
                size_t n_places;
                struct {
                        bool known;
                        bool counted; /* ends after `left` strings, else at `end` */
                        uint64_t begin, end, left;
                        unsigned n_marks;
                        uint64_t table; /* before 1.16: offset of the header */
                        bool big;
                        struct buf part;
                } files;
                struct elf_names modules; /* told from the files' paths */
        } go;
        struct {
                struct elf_names crates; /* told from paths */
                struct span compiler;
                uint64_t names[8]; /* where ".dep-v0" stands */
                size_t n_names;
                bool asked, read; /* section captured; listed */
        } rust;
        struct elf_program_search programs[ELF_PROGRAMS_MAX]; /* known by the file's name */
        size_t n_programs;
        uint8_t program_last; /* the byte in front of those to be judged next */
};

/* False when there is no such range, or there are too many captures. */
bool elf_capture_add(struct elf *s, enum elf_capture_kind kind, uint64_t at, uint64_t want, uint32_t place);
/* Where an address lies in the file, with `n` bytes there. */
bool elf_address(const struct elf *s, uint64_t address, uint64_t n, uint64_t *ret_at);
/* Calls on_mark for every place that may be one of the marks; windows overlap by what a mark needs. */
void elf_scan(struct elf *s, struct span window, size_t n, uint64_t offset);
void elf_names_add(struct elf *s, struct elf_names *v, const struct elf_name *name);

static inline uint64_t elf_uint(struct cursor *c, size_t n, bool big)
{
        struct span s = cursor_take(c, n);
        uint64_t v = 0;

        for (size_t i = 0; i < s.len; i++)
                v = v << 8 | s.at[big ? i : s.len - 1 - i];
        return v;
}

/* Go: marks found by the scan, captures that are complete, and what to list at the end. */
void go_mark(struct elf *s, uint64_t at);
void go_table_mark(struct elf *s, uint64_t at);
void go_captured(struct elf *s, struct elf_capture *c);
void go_table_captured(struct elf *s, const struct elf_capture *c);
void go_files_data(struct elf *s, struct span piece, uint64_t offset);
void go_step(struct elf *s);
void go_list(struct elf *s);
/* "go1.22rc1" as SemVer, "1.22.0-rc.1"; empty: it is no release. */
struct span go_release(struct span text, struct arena *a);
/* The module that a source file's path tells of; false: the standard library's, or not to be told. Its texts lie in
 * `path`, or in `room`. */
bool go_module_of_path(struct span path, uint8_t room[INVENTORY_NAME_MAX], struct elf_name *ret);
bool go_module_of_package(struct span package, struct span *ret, bool *ret_unsure);

/* Rust */
void rust_path_mark(struct elf *s, struct span from);
void rust_compiler_mark(struct elf *s, struct span from);
void rust_section_mark(struct elf *s, uint64_t at);
void rust_ask(struct elf *s); /* captures the section, once its place is known */
void rust_captured(struct elf *s, const struct elf_capture *c);
void rust_list(struct elf *s);

void program_begin(struct elf *s, struct span path);
void program_scan(struct elf *s, struct span window, size_t n);
void program_list(struct elf *s);

void note_captured(struct elf *s, const struct elf_capture *c);

extern const struct detector detect_elf;
