/* The parts of the layer reader: layer_reader.c (entries), reader_content.c (what takes their content), reader_links.c (hard
 * links), reader_names.c (links that say what a file is), reader_end.c (what counts when all is read). */
#pragma once

#include "inventory/layer_priv.h"

/* An entry of the layer. Folders that must exist for it are entries too, with its index. */
struct seen {
        struct path_id id;
        uint32_t index, head;         /* head: 1 + place in heads; 0: not known */
        uint32_t size;                /* of a file; UINT32_MAX: that or more */
        uint16_t mode : 12, type : 4; /* type: enum image_entry_type */
        uint8_t readers;              /* bit n: remark_readers[n] took it */
        uint8_t detector;             /* 1 + number of the one that took it; 0: none did */
};
#define READERS_MAX 8u

/* A link that may say what the file is to which it leads: see struct detector, `named`. */
struct alias {
        struct span path, target; /* target: cleaned, relative to the root */
        const struct detector *detector;
        uint32_t index;
};

struct head {
        uint8_t len, bytes[STREAM_HEAD];
};

/* A hard link, and once all entries are known the file that it leads to. */
enum link_end { LINK_TO_NOTHING = 0, LINK_TO_FILE, LINK_TO_ELSE };

struct link {
        struct span path;
        struct path_id target;
        uint32_t index;
        enum link_end end;
        uint32_t file; /* the entry's index, with LINK_TO_FILE */
        size_t seen;   /* the same, in the table */
};

enum job_kind { JOB_READ = 0, JOB_STREAM, JOB_REMARK };

/* Takes the content of one entry, for what is to be said under `own->path`. */
struct job {
        uint32_t entry;
        enum job_kind kind;
        struct evidence *own; /* its `found` stays in place until the job ends; detector NULL for JOB_REMARK */
        const struct remark_reader *reader;
        void *state;     /* of JOB_STREAM and JOB_REMARK, once begun */
        unsigned passes; /* so far */
        bool quiet;      /* sniffed: leaves no trace when nothing was found */
        bool replay;     /* the content that comes is kept for it */
};

struct jobs {
        struct job *at;
        size_t len, cap;
};

/* A whole file that waits for a companion, or is one. */
struct held {
        struct evidence *own;
        struct buf content;
        bool companion;
};

struct layer_reader {
        struct layer_report *report;
        struct arena *arena; /* the report's */
        struct detector_index *index;
        volatile struct layer_place *place;
        struct layer_place nowhere;
        const struct layer_skip *skips;
        size_t n_skips;
        bool sniff;

        struct seen *seen;
        size_t n_seen, cap_seen;
        struct buf folder; /* whose ancestors were entered last */
        struct head *heads;
        size_t n_heads, cap_heads;
        struct {
                struct link *at;
                size_t len, cap;
        } links;
        struct {
                struct alias *at;
                size_t len, cap;
        } aliases;
        struct {
                struct held *at;
                size_t len, cap;
        } held;
        size_t held_bytes;
        struct seen *taken, *folders; /* the last of each path, once all is read */
        size_t n_taken, n_folders;
        bool seen_sorted;

        unsigned pass; /* from 1 */
        size_t n_packages, n_supplements, n_owned;
        bool too_many_evidence, too_many_packages, too_many_seen, too_many_hidden, too_many_links, too_deep,
            too_many_owned, too_many_streams, too_many_remarks, too_many_heads, too_many_aliases;

        /* the entry whose content comes in */
        bool reading;
        uint64_t entry;
        struct jobs now;     /* that take it */
        struct jobs later;   /* of the next pass; in the first as they are met, then ascending by entry */
        struct jobs waiting; /* of this pass, ascending by entry, from `next` on */
        size_t next;
        struct buf content; /* for JOB_READ, and for a stream that may ask for it again */
        bool want_content;
        size_t replay_max;
        bool sniffing;
        struct head head;
        uint64_t size;
        struct buf path; /* of the file that is sniffed */
        size_t own_seen; /* of the entry in hand; SIZE_MAX: there was no room */
};

/* True the first time, for the one note about each limit. */
static inline bool first_time(bool *said)
{
        bool first = !*said;

        *said = true;
        return first;
}

static inline struct span *layer_note(struct layer_reader *r)
{
        return ARENA_PUSH(r->arena, &r->report->notes);
}

/* layer_reader.c: NULL, and noted, when the path is beyond our limits. */
struct evidence *evidence_new(struct layer_reader *r, const struct detector *d, struct span path, uint64_t index);
/* Ends the findings and puts it on the list; `quiet`: unless it says nothing. */
void evidence_add(struct layer_reader *r, struct evidence *e, bool quiet);
/* Notes a death, if there was one at this entry: true then. */
bool entry_skipped(struct layer_reader *r, struct span path, uint64_t index, uint64_t entry);

/* reader_content.c */
void detector_enter(struct layer_reader *r, const struct detector *d, uint64_t entry);
void detector_leave(struct layer_reader *r);
void remark_add(struct layer_reader *r, const struct remark *said, struct span path, uint64_t index);
/* A job for a wanted file: false when none is needed (it is too large, or its content is not wanted): all is said then. */
bool job_make(struct layer_reader *r, struct evidence *own, uint64_t entry, uint64_t size, struct job *ret);
/* Asks the remark readers in `readers` (bits) that want the file, under its entry's path; jobs for `entry` go to `to`. */
void remarks_ask(
    struct layer_reader *r, const struct image_entry *as, uint8_t readers, uint64_t entry, struct jobs *to);
/* True when the content is wanted. */
bool content_first(struct layer_reader *r, const struct image_entry *entry);
bool content_later(struct layer_reader *r, const struct image_entry *entry);
bool content_take(struct layer_reader *r, struct span piece);
void content_end(struct layer_reader *r);
void job_drop(struct job *j);
/* Frees what is not ended. */
void jobs_drop(struct jobs *jobs, size_t from);

/* reader_links.c: after the first pass. */
void links_resolve(struct layer_reader *r);

/* reader_names.c */
void alias_add(struct layer_reader *r, const struct image_entry *entry);
/* After evidence_settle. */
void aliases_settle(struct layer_reader *r);

/* reader_end.c */
/* A later entry of the layer stands at the path, or, being no folder, in place of a folder above it. */
bool replaced_later(const struct layer_reader *r, struct span path, uint64_t index);
void seen_sort(struct layer_reader *r);
void seen_settle(struct layer_reader *r);
void held_settle(struct layer_reader *r);
void evidence_settle(struct layer_reader *r);
void remarks_settle(struct layer_reader *r);
