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

/* A file, at a path that a detector wants. No packages: it says there are none, and hides a lower file all the same. */
struct evidence {
        const struct detector *detector;
        struct span path;
        struct findings found;
        uint64_t index; /* of its entry in the layer; in the worker only */
};

struct span_list {
        struct span *at;
        size_t len, cap;
};

struct layer_report {
        struct arena *arena;
        struct {
                struct evidence *at;
                size_t len, cap;
        } evidence;                 /* at most one a path */
        struct span_list whiteouts; /* paths that are gone, with all beneath */
        struct span_list opaques;   /* folders whose lower content is hidden */
        struct span_list notes;     /* about the layer as a whole */
        struct path_id
            *taken; /* every path that the layer holds as something else than a folder; ascending, unique; heap */
        size_t n_taken;
        size_t n_packages; /* of all evidence */
        size_t n_notes;    /* of all evidence and the layer */
        bool folder;       /* of a root folder: its notes name no layer. The parent's word, never the worker's */
        bool ended;        /* the totals came: the report is whole */
        struct image_read read;
};

struct layer_report *layer_report_new(void);
void layer_report_free(struct layer_report *r);
void layer_report_freep(struct layer_report **r);

/* In frames of at most JAIL_FRAME_MAX, handed to `send`; the last one ends the report. */
bool layer_report_send(
    const struct layer_report *r, bool (*send)(void *ctx, struct span frame, struct err *e), void *ctx, struct err *e);
/* One frame in the parent; ERR_MALFORMED and ERR_LIMIT for what no honest worker sends. */
bool layer_report_frame(struct layer_report *r, struct span frame, struct err *e);

/* ---- in the worker ---- */

struct layer_reader;

struct layer_reader *layer_reader_new(void);
void layer_reader_free(struct layer_reader *r);
void layer_reader_freep(struct layer_reader **r);
/* For image_layer_read. */
struct image_sink layer_reader_sink(struct layer_reader *r);
/*
 * After each pass: true when the layer must be read again, because a file that a detector wants is a hard link to one
 * that none wants. At most INVENTORY_LINK_PASSES_MAX passes; what is unresolved then becomes a note.
 */
bool layer_reader_again(struct layer_reader *r);
/* After the last pass. The caller frees the report. */
struct layer_report *layer_reader_end(struct layer_reader *r, const struct image_read *read);

bool layer_job(size_t n_fds, struct err *e); /* job "inventory-layer": request is an image_source */
