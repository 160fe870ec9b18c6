/*
 * report: what is known of an image -> a table or a page for people, JSON, SARIF, JUnit and bills of materials for programs.
 *
 * In:    an inventory, its findings, a verdict; how wide the terminal is.
 * Out:   bytes in a buffer: printable text, or JSON that follows docs/schema/scan-1.json.
 *        A JSON report read again, with other statements about its findings.
 * Never: decides, looks at the environment or the terminal, writes files; cuts an id, a version or a reason off; leaves a
 *        control byte of the image's or the feed's in what a terminal shows; praises what was not assessed as a whole.
 * Uses:  base jail inventory advisory match policy
 * Terms: JSON (RFC 8259), JSON Schema 2020-12, purl (ECMA-427), CVSS, ECMA-48 (colours), CycloneDX 1.6 (ECMA-424), SPDX 2.3,
 *        SARIF 2.1.0, JUnit XML, Mustache.
 *
 * The same facts give the same bytes; only the table's ages depend on now_s. The table numbers layers from 1; in JSON
 * a component's "layer" is an index in image.layers, whose elements carry that number too.
 */
#pragma once

#include "advisory/advisory.h"
#include "base/base.h"
#include "inventory/inventory.h"
#include "jail/jail.h"
#include "match/match.h"
#include "policy/policy.h"

enum report_format {
        REPORT_TABLE = 0,
        REPORT_JSON,
        REPORT_SARIF,     /* 2.1.0 */
        REPORT_JUNIT,     /* XML */
        REPORT_CYCLONEDX, /* 1.6, JSON; with vulnerabilities when `match` is given */
        REPORT_SPDX,      /* 2.3, JSON */
        REPORT_GITHUB,    /* dependency submission */
        REPORT_HTML,      /* one page, which needs nothing from anywhere */
        REPORT_TEMPLATE   /* Mustache over what REPORT_JSON writes */
};
extern const char *const report_format_names[]; /* in that order, NULL at the end */

struct report_facts {
        struct span name; /* of the image, as the user wrote it */
        struct {
                struct span os, architecture, variant;
        } platform; /* empty for a root folder */
        const struct inventory *inventory;
        const struct match *match; /* of that inventory; NULL: not looked up, and said so */
        /* NULL: no policy was asked. Its indexes count the match's findings and the inventory's components. */
        const struct policy_verdict *verdict;
        const struct policy_exceptions *exceptions; /* of the match's findings; NULL: none were given */
        const struct match_vex *vex;                /* the same */
        int64_t now_s;
        struct span kind;    /* how the image came, "OCI layout"; empty: not said */
        struct span type;    /* CycloneDX's word for it, "application"; empty: it is an image, a "container" */
        bool from_store;     /* its components were known by its digest: no layer was read this time */
        struct span created; /* of the image, RFC 3339; empty if it says none. The time that SBOMs bear */
        struct {
                struct span sha, ref, job_id, correlator; /* of the repository and the workflow: REPORT_GITHUB alone */
        } github;
        struct span end_of_life; /* the sentence when the image's system gets no updates any more; empty else */
        const char *record; /* hash of the ledger record of the decision; NULL: nothing was recorded */
};

struct report_options {
        enum report_format format;
        unsigned width;            /* columns; words are wrapped, never cut; 0: one line each */
        bool colour;               /* as an addition: whatever it says is also in words */
        struct span template_text; /* REPORT_TEMPLATE */
        bool all_components;       /* the table lists every component too; JSON always does */
};

#define REPORT_SCHEMA_VERSION 1u /* raise it when a program written for the old one could misread the new one */

/* Appends. ERR_MALFORMED for a template that breaks its grammar, with its line. ERR_LIMIT when the buffer's maximum is reached; the buffer's content is then of no use. */
bool report_scan(const struct report_facts *f, const struct report_options *o, struct buf *to, struct err *e);

/*
 * For `check`: the verdict first, then each reason, the exceptions that were used or have expired, and the record. Text
 * only: o->format is not looked at. Without a verdict it says that nobody decided, never "allowed". ERR_LIMIT as above.
 */
bool report_verdict(const struct report_facts *f, const struct report_options *o, struct buf *to, struct err *e);

/*
 * Findings as they count: those apart that an exception covers, and those of the rest that a statement (VEX) suppresses; and the
 * exceptions that ended and left a finding to count again.
 */
struct report_counts {
        uint64_t affected[MATCH_SEVERITIES], cannot_tell, excepted, suppressed, expired;
};
struct report_counts report_count(const struct report_facts *f);
/* Everything was read, looked up and decided: the only state in which "nothing found" is worth something. */
bool report_is_assessed(const struct report_facts *f);

/* ---- a report that REPORT_JSON wrote, and that was stored ---- */

struct report_piece {
        uint64_t at, len; /* of the text */
};

struct report_stored {
        struct arena *arena;
        struct span text; /* borrowed */
        struct span image_name, image_kind, image_digest, image_config; /* the last two are empty where it has none */
        struct inventory inventory; /* of each component what statements are held against; nothing else */
        struct match match;         /* of each finding its ids, component, answer and severity; nothing else */
        struct report_stored_finding {
                bool ignored, spoken_of; /* by an exception; by a statement (VEX) */
                struct report_piece vex; /* the member's value */
        } *findings;
        struct report_piece counts, complete;
        bool is_whole; /* all was assessed but for findings that can't be told */
        uint64_t expired, kernel_text;
};

/*
 * Reads it in a worker. ERR_MALFORMED: no report, or damaged; ERR_UNSUPPORTED: of a schema_version that is not known, of an older
 * Coffer without "vex", or without findings since there was no database. ERR_LIMIT.
 */
bool report_stored_read(struct span text, const char *name, struct report_stored **ret, struct err *e);
void report_stored_free(struct report_stored *s); /* accepts NULL */
void report_stored_freep(struct report_stored **s);
/*
 * The same text with what `x` says of its findings instead of what stood there, and counted anew; all else stays byte for byte, a
 * verdict, too: it is what was decided then.
 */
void report_stored_apply(const struct report_stored *s, const struct match_vex *x, struct buf *to);

extern const struct jail_job report_jobs[];
extern const size_t report_n_jobs;
