/*
 * What a worker says about one layer, and how it comes to say it.
 *
 * The report travels in frames (layer_report_send, layer_report_frame); what comes back is checked like any other
 * input. Merging reports is merge.c's.
 */
#pragma once

#include "inventory/detect_priv.h"

/* The first 16 bytes of a path's SHA-256. A collision would let a layer hide what it does not replace: 2^64 work. */
struct path_id {
        uint8_t bytes[16];
};

struct path_id path_id_of(struct span path);
int path_id_compare(const void *a, const void *b); /* of struct path_id, for qsort */

/* A path that a package owns, by the number of the package or supplement in the findings. */
struct owned {
        uint32_t package;
        bool by_supplement;
        struct path_id id; /* of the path as it is written there: see layer_report.usr_links */
};

/*
 * A file that says something. One at a path that a detector wants may have no packages: it says there are none, and hides a
 * lower file all the same.
 */
struct evidence {
        const struct detector *detector;
        struct span path;
        struct findings found; /* the texts of found.owned do not travel */
        struct {
                struct owned *at;
                size_t len, cap;
        } owned;
        uint64_t index; /* of its entry in the layer; in the worker only */
};

struct layer_remark {
        struct remark said; /* without layer and visible */
        uint64_t index;     /* of its entry; in the worker only */
};

/* Ids of paths, ascending, unique; heap. */
struct path_ids {
        struct path_id *at;
        size_t len;
};

enum usr_link { USR_LINK_UNSAID = 0, USR_LINK_YES, USR_LINK_NO };

struct span_list {
        struct span *at;
        size_t len, cap;
};

struct layer_report {
        struct arena *arena;
        struct {
                struct evidence *at;
                size_t len, cap;
        } evidence; /* at most one a path */
        struct {
                struct layer_remark *at;
                size_t len, cap;
        } remarks;                  /* ascending by path */
        struct span_list whiteouts; /* paths that are gone, with all beneath */
        struct span_list opaques;   /* folders whose lower content is hidden */
        struct span_list notes;     /* about the layer as a whole */
        struct path_ids taken;      /* every path that the layer holds as something else than a folder */
        struct path_ids folders;    /* every path that it holds as a folder, or that must be one for what it holds */
        /* Whether bin, lib ... are links to the same name in usr: then a package's lib/x and the layer's usr/lib/x are one. */
        enum usr_link usr_links[USR_LINKS];
        size_t n_packages, n_supplements, n_owned; /* of all evidence */
        size_t n_notes;                            /* of all evidence and the layer */
        bool folder; /* of a root folder: its notes name no layer. The parent's word, never the worker's */
        bool begun;  /* its format came */
        bool ended;  /* the totals came: the report is whole */
        struct image_read read;
};

struct layer_report *layer_report_new(void);
void layer_report_free(struct layer_report *r);
void layer_report_freep(struct layer_report **r);

/*
 * In frames of at most JAIL_FRAME_MAX, handed to `send`; the last one ends the report. All frames joined are one frame, and
 * the form in which a report is kept: LAYER_REPORT_FORMAT is its first word.
 */
#define LAYER_REPORT_FORMAT 2u
bool layer_report_send(
    const struct layer_report *r, bool (*send)(void *ctx, struct span frame, struct err *e), void *ctx, struct err *e);
/* One frame in the parent; ERR_MALFORMED and ERR_LIMIT for what no honest worker sends. */
bool layer_report_frame(struct layer_report *r, struct span frame, struct err *e);

/* ---- in the worker ---- */

/*
 * Which entry a detector is reading, in a page that the worker shares with its parent: who dies there is known. Both are
 * counted from 1; 0: none.
 */
struct layer_place {
        uint64_t entry;
        uint64_t detector; /* see detector_at */
};

/* An entry over which a detector died; `detector` as in struct layer_place. */
struct layer_skip {
        uint64_t entry, detector;
};

struct layer_reader;

struct layer_reader *layer_reader_new(void);
void layer_reader_free(struct layer_reader *r);
void layer_reader_freep(struct layer_reader **r);
/* Before the first pass: where to say what is being read, and what not to read. Both borrowed until the end. */
void layer_reader_watch(
    struct layer_reader *r, volatile struct layer_place *place, const struct layer_skip *skips, size_t n_skips);
/* The layer comes through a pipe: another pass is dear. */
void layer_reader_once(struct layer_reader *r);
/* For image_layer_read. */
struct image_sink layer_reader_sink(struct layer_reader *r);
/*
 * After each pass: true when the layer must be read again: for a hard link whose file was not read as it should be, or for
 * a detector that asked for it. At most 1 + STREAM_PASSES_MAX passes.
 */
bool layer_reader_again(struct layer_reader *r);
/* After the last pass. The caller frees the report. */
struct layer_report *layer_reader_end(struct layer_reader *r, const struct image_read *read);

/*
 * Job "inventory-layer": descriptors are the layer and a page for struct layer_place; the request is an image_source and
 * the skips.
 */
bool layer_job(size_t n_fds, struct err *e);
void layer_request_put(struct buf *b, const struct image_source *s, const struct layer_skip *skips, size_t n);
