/* An OSV record as it stands in its JSON: what is needed of it. Spans borrow from the JSON text or the arena. */
#pragma once

#include "advisory/archive/archive_priv.h"
#include "advisory/record_priv.h"

enum osv_event_kind {
        OSV_FIXED = 0,
        OSV_INTRODUCED,
        OSV_LAST_AFFECTED,
        OSV_LIMIT
}; /* in the order of a tie, see osv_range.c */

struct osv_event {
        enum osv_event_kind kind;
        struct span version;
};

struct osv_range {
        bool git; /* commits: no version order */
        struct osv_event *events;
        size_t n_events;
};

/* The best that one "severity" list says, and words beside it. */
struct osv_severity {
        struct span vector; /* valid, of the highest CVSS version given */
        uint32_t score_tenths;
        bool scored, worded;
        enum severity word;
};

struct osv_affected {
        struct span ecosystem, package;
        struct osv_range *ranges;
        size_t n_ranges;
        struct span *versions;
        size_t n_versions;
        struct osv_severity severity;
        struct span last_known; /* database_specific.last_known_affected_version_range: "<= 1.2.3" */
};

struct osv_record {
        struct span id, summary, reference;
        int64_t modified_s, published_s;
        bool withdrawn;
        struct span *aliases, *related; /* aliases with upstream */
        size_t n_aliases, n_related;
        struct osv_severity severity;
        struct osv_affected *affected;
        size_t n_affected;
};

/* ERR_MALFORMED or ERR_LIMIT with the place in the document, when it breaks the schema where we read it. */
bool osv_parse(struct span json, struct arena *a, struct osv_record *ret, struct err *e);

/* Evaluates ranges and lists into intervals of version keys, one entry for each package. Never fails on a version. */
void osv_compile(const struct osv_record *in, struct arena *a, struct record *ret);

/* Intervals of one affected entry; what can't be ordered sets ENTRY_UNKNOWN. */
struct interval_list {
        struct record_interval *at;
        size_t len, cap;
};
struct range_result {
        struct interval_list intervals;
        uint32_t refused_versions;
        uint8_t flags;
};
void osv_affected_evaluate(
    enum version_order o, const struct osv_affected *in, struct arena *a, struct range_result *io);
/* Sorted and disjoint afterwards: overlapping and touching ranges become one, listed versions inside a range go. */
void osv_intervals_unite(struct interval_list *io);

/* ---- reading sources in the worker ---- */

enum osv_source {
        OSV_SOURCE_NONE = 0,
        OSV_SOURCE_LINES,    /* by its name */
        OSV_SOURCE_DOCUMENT, /* by its name */
        OSV_SOURCE_BATCH,    /* made by build_folder.c */
        OSV_SOURCE_FILE,     /* the name says nothing: its content does */
        OSV_SOURCE_ZIP,      /* by its content */
        OSV_SOURCE_TAR       /* by its content */
};
struct osv_request {
        enum osv_source kind;
        struct archive_part part; /* of an archive; other sources are read by part 0 alone */
};
#define OSV_REQUEST_SIZE 9u /* bytes: u8 kind, u32le at, u32le of */
void osv_request_encode(const struct osv_request *r, uint8_t to[OSV_REQUEST_SIZE]);
bool osv_request_decode(struct span in, struct osv_request *ret, struct err *e);

/* Where frames go: the jail in the worker, a test otherwise. */
struct osv_sink {
        bool (*frame)(void *ctx, struct span data, struct err *e);
        void (*progress)(void *ctx, uint64_t done);
        void *ctx;
};
/*
 * Reads fd to its end. A batch is [u32le path length, u32le content length, path, content]..., as build_folder.c writes
 * it. A worker of several on one file must not move the offset they share unless it is the one of part 0.
 */
bool osv_read_source(int fd, const struct osv_request *r, const struct osv_sink *sink, struct err *e);
/* Replaces the kind by what the content is; ERR_UNSUPPORTED for compressed files and for what is no source at all. */
bool osv_sniff(int fd, struct osv_request *io, struct err *e);
