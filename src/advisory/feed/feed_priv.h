/*
 * Feeds: an advisory as its publisher states it, the forms that publishers use, and how a form is read.
 *
 * A form is one file that reads documents of it and hands on what they say as `struct feed_record` (advisories) and
 * `struct advisory_fact` (what is known of a CVE beside any package: exploitation, likelihood, scores). Versions are handed on
 * as they are spelled: compile.c makes keys and intervals of them, the same way for every form. Spans borrow from the
 * document or an arena and need to live until the function that takes them returns.
 */
#pragma once

#include "advisory/archive/archive_priv.h"
#include "advisory/record_priv.h"

enum feed_event_kind {
        FEED_FIXED = 0,
        FEED_INTRODUCED,
        FEED_LAST_AFFECTED,
        FEED_LIMIT
}; /* in the order of a tie, see interval.c */

struct feed_event {
        enum feed_event_kind kind;
        struct span version; /* introduced "0": from the beginning of all versions */
};

struct feed_range {
        bool git; /* commits: no version order */
        struct feed_event *events;
        size_t n_events;
};

/* The best that one list of severities says, and words beside it. feed_severity_vector and feed_severity_word add to it. */
struct feed_severity {
        struct span vector; /* valid, of the highest CVSS version given */
        uint32_t score_tenths;
        bool scored, worded;
        enum severity word;
};

/*
 * What one package is affected by. Without ranges and versions: every version, if `status` says that nothing mends it
 * (see enum advisory_status), else nothing that could be relied on ("can't tell").
 */
struct feed_affected {
        struct span ecosystem; /* as OSV spells it, with the release: "Debian:12", "Alpine:v3.18", "Red Hat:enterprise_linux:9" */
        struct span package;   /* the name that `match` asks by: source package for dpkg and apk, binary for rpm, purl name else */
        struct span module;    /* rpm modularity "name:stream"; empty: of no module */
        struct feed_range *ranges;
        size_t n_ranges;
        struct span *versions;
        size_t n_versions;
        /*
         * Where neither ranges nor versions are given, what the publisher wrote in the ecosystem's own syntax: the versions that are
         * affected, else ranges of which none has an affected one.
         */
        struct span affected;
        bool has_safe; /* even without any: then all versions are affected */
        struct span *safe;
        size_t n_safe;
        /* Ranges in an ecosystem's own words, already read; the lowest fix behind one that says only its last version mends it. */
        const struct version_interval *intervals;
        size_t n_intervals;
        const struct span *fixes;
        size_t n_fixes;
        bool unread; /* there is more, which could not be read: "can't tell" outside of these */
        struct feed_severity severity;
        struct span last_known; /* database_specific.last_known_affected_version_range: "<= 1.2.3" */
        enum advisory_status status;
        struct span note; /* the publisher's reason for the status: "Minor issue", "vulnerable_code_not_present" */
};

struct feed_record {
        struct span id, summary, reference;
        int64_t modified_s, published_s;
        bool withdrawn;
        /*
         * One part of a record: a document that lists packages, and under each its CVEs, gives a part for each pair. Parts with
         * one id from one source are put together; of a package that they name twice the worse counts. Those of another source add
         * the packages of which the first says nothing: a database for each release comes in as many sources.
         */
        bool part;
        struct span *aliases, *related; /* aliases with upstream */
        size_t n_aliases, n_related;
        struct feed_severity severity;
        struct feed_affected *affected;
        size_t n_affected;
};

/* ---- the forms ---- */

struct feed_out; /* where a form hands on what it reads; see job.c */

/* False only when nothing more can be handed on (the parent is gone): end the form with it. What is wrong with the record
 * becomes a refusal, at `place` within the document ("line 17", "openssl: CVE-2023-1"); it may be empty. */
bool feed_put(struct feed_out *o, const struct feed_record *r, struct span place, struct err *e);
bool feed_put_fact(struct feed_out *o, const struct advisory_fact *f, struct span place, struct err *e);
bool feed_refuse(struct feed_out *o, struct span place, const struct err *why, struct err *e);

struct feed_form {
        const char *name; /* "osv", "alpine-secdb": stands in `coffer db status` and in refusals */
        /* Is this a document of the form? `head` is its first FEED_HEAD bytes, or all of it; no error is possible. */
        bool (*is)(struct span head);
        /*
         * All of one document. A record that breaks its form is refused by itself, and the next is read (JSON: json_recover). ERR_MALFORMED
         * or ERR_LIMIT with the place in it ends this document, not the source: it is no JSON or XML, or not of this form at all.
         */
        bool (*read)(struct span document, struct arena *a, struct feed_out *o, struct err *e);
};
#define FEED_HEAD 8192u

/* In the order in which they are asked; the last is OSV, which takes what nobody else does. */
extern const struct feed_form *const feed_forms[];
extern const struct feed_form feed_arch, feed_csaf, feed_cve5, feed_debian, feed_debian_list, feed_epss, feed_gitlab,
    feed_kev, feed_nvd, feed_osv, feed_oval, feed_photon, feed_secdb, feed_updateinfo;

/* ---- what forms share (feed_words.c) ---- */

bool feed_is_name(struct span s, size_t max); /* not empty, at most `max` bytes, nothing but printable ones */
void feed_severity_vector(struct feed_severity *s, struct span vector); /* the highest CVSS version wins, then the first */
void feed_severity_word(struct feed_severity *s, struct span word);     /* "Important", "medium", "MODERATE": the first wins */
/* The first line, cut to FEED_SUMMARY_MAX before the character that would pass it. */
struct span feed_headline(struct span text);
/* ranges = [introduced, fixed); an empty `fixed` leaves it open. */
void feed_affected_fixed(struct arena *a, struct span introduced, struct span fixed, struct feed_affected *io);
/* "Debian:12" for "bookworm"; empty for what is no release ("sid"). */
struct span feed_debian_release(struct span codename);
/* RFC 3986; what is no "%41" stays as it is. */
struct span feed_percent_decode(struct span s, struct arena *a);
/* RFC 3339, the same with a blank and without seconds or offset (UTC), or seconds since 1970. False: nothing is written. */
bool feed_date(struct span text, int64_t *ret_s);
bool feed_is_cve(struct span s); /* "CVE-2024-12345" */
/* Packages of rpm that hold no code which runs: "curl-debuginfo", "curl-debugsource". */
bool feed_is_debug_package(struct span name);
/* "openssl-1.1.1k-6.el8_5.src.rpm" -> "openssl", "1.1.1k-6.el8_5" */
bool feed_source_rpm(struct span file, struct span *ret_name, struct span *ret_evr);
/*
 * Of Oracle's packages: from which version on a fix counts, since other builds of one name have versions of their own. Ksplice's and
 * FIPS' stand behind an epoch ("2:2.28-151.0.1.ksplice1.el8"), kernels behind their upstream version ("5.15.0-3.60.5.el8uek").
 * Empty: from the beginning. False: nothing tells them from the others.
 */
bool feed_oracle_from(struct span package, struct span evr, struct arena *a, struct span *ret);
/* Distributions of rpm whose packages `match` asks for by their sources. */
bool feed_rpm_by_source(struct span ecosystem);
/* For feed_form.is: is it XML whose outermost element has this local name? */
bool feed_xml_is(struct span head, const char *root);
/* For feed_form.is: does an object that begins with `head` have this key at its top, as far as the head reaches? */
bool feed_json_has_key(struct span head, const char *key);
bool feed_json_rows_have_key(struct span head, const char *key); /* the same of the first object of an array */

/* ERR_MALFORMED or ERR_LIMIT with the place in the document, when it breaks the schema where we read it. */
bool osv_parse(struct span json, struct arena *a, struct feed_record *ret, struct err *e);
/* Packages that were built in a module get the modules that the summary names: of two modules, an entry for each. */
void osv_modules_apply(struct arena *a, struct span summary, struct feed_record *io);

/* ---- compiling ---- */

/* Evaluates ranges and lists into intervals of version keys, one entry for each package. Never fails on a version. */
void feed_compile(const struct feed_record *in, struct arena *a, struct record *ret);

/* Intervals of one affected entry; what can't be ordered sets ENTRY_UNKNOWN. */
struct interval_list {
        struct record_interval *at;
        size_t len, cap;
};
struct range_result {
        struct interval_list intervals;
        uint32_t refused_versions, beginless;
        uint8_t flags;
};
void feed_affected_evaluate(
    enum version_order o, const struct feed_affected *in, struct arena *a, struct range_result *io);
/* Of `intervals`. */
void feed_intervals_take(enum version_order o, const struct feed_affected *in, struct arena *a, struct interval_list *to);
/* Of `affected`, or of `safe`; false when one of them can't be read. */
bool feed_native_evaluate(enum version_order o, const struct feed_affected *in, struct arena *a, struct range_result *io);
/* Sorted and disjoint afterwards: overlapping and touching ranges become one, listed versions inside a range go. */
void feed_intervals_unite(struct interval_list *io);

/* ---- reading sources in the worker ---- */

enum feed_source {
        FEED_SOURCE_NONE = 0,
        FEED_SOURCE_LINES,    /* by its name */
        FEED_SOURCE_DOCUMENT, /* by its name */
        FEED_SOURCE_BATCH,    /* made by build_folder.c */
        FEED_SOURCE_FILE,     /* the name says nothing: its content does */
        FEED_SOURCE_ZIP,      /* by its content */
        FEED_SOURCE_TAR       /* by its content */
};
struct feed_request {
        enum feed_source kind;
        struct archive_part part; /* of an archive; other sources are read by part 0 alone */
};
#define FEED_REQUEST_SIZE 9u /* bytes: u8 kind, u32le at, u32le of */
void feed_request_encode(const struct feed_request *r, uint8_t to[FEED_REQUEST_SIZE]);
bool feed_request_decode(struct span in, struct feed_request *ret, struct err *e);

/* Where frames go: the jail in the worker, a test otherwise. */
struct feed_sink {
        bool (*frame)(void *ctx, struct span data, struct err *e);
        void (*progress)(void *ctx, uint64_t done);
        void *ctx;
};
/*
 * Reads fd to its end. A batch is [u32le path length, u32le content length, path, content]..., as build_folder.c writes
 * it. A worker of several on one file must not move the offset they share unless it is the one of part 0.
 */
bool feed_read_source(int fd, const struct feed_request *r, const struct feed_sink *sink, struct err *e);
/* One document of a form that is known; for tests. */
bool feed_read_one(const struct feed_form *form, struct span document, const struct feed_sink *sink, struct err *e);
/* Replaces the kind by what the content is; ERR_UNSUPPORTED for compressed files and for what is no source at all. */
bool feed_sniff(int fd, struct feed_request *io, struct err *e);
