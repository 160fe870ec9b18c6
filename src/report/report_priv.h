/*
 * The parts of report: json.c, table.c, findings.c and verdict.c (what is said), groups.c (what belongs together), page.c
 * (words on lines).
 */
#pragma once

#include "report/report.h"

void report_json(const struct report_facts *f, struct buf *to);
void report_table(const struct report_facts *f, const struct report_options *o, struct buf *to);
void report_verdict_text(const struct report_facts *f, const struct report_options *o, struct buf *to);

void report_cyclonedx(const struct report_facts *f, struct buf *to);
void report_spdx(const struct report_facts *f, struct buf *to);
void report_github(const struct report_facts *f, struct buf *to);
void report_sarif(const struct report_facts *f, struct buf *to);
void report_junit(const struct report_facts *f, struct buf *to);
void report_html(const struct report_facts *f, struct buf *to);
bool report_template(const struct report_facts *f, struct span text, struct buf *to, struct err *e);

/* Values of the JSON report that are written anew into one that was stored. */
void report_json_vex(struct json_out *o, const struct match_vex_note *n); /* NULL: null */
void report_json_counts(struct json_out *o, const struct report_counts *c, uint64_t kernel_text);

/* In the worker: what report_stored_read is told. Total. */
bool report_stored_parse(struct span text, struct arena *a, struct buf *answer, struct err *e);
/* All of `in`; fills what is in `s->arena`. ERR_MALFORMED. */
bool report_stored_get(struct span in, struct report_stored *s, struct err *e);

/* Any bytes as well-formed text of XML 1.0 or HTML, also inside double-quoted attributes. */
void markup_text(struct buf *to, struct span s);

/* The exception that covers the match's finding of this index; NULL: it counts. */
const struct policy_ignore_note *report_exception(const struct report_facts *f, size_t finding);
/* The one that covered it until it ended, where none does now; NULL: none did. Of a file of exceptions, not of a policy's own list. */
const struct policy_ignore_note *report_ended(const struct report_facts *f, size_t finding);
/* An exception that ended and whose findings count again: a finding of its own. */
struct report_expired {
        struct span file; /* that it stands in */
        const struct policy_ignore_note *note;
};
struct report_expired_list {
        struct report_expired *at;
        size_t len, cap;
};
void report_expired(const struct report_facts *f, struct arena *a, struct report_expired_list *ret);
/* Worth a line in a summary: what it did, or that it covers nothing any more. Not what is said elsewhere, nor of other images. */
bool report_tells(const struct policy_ignore_note *n);
/* The statement (VEX) that speaks of it; NULL: none does. */
const struct match_vex_note *report_vex(const struct report_facts *f, size_t finding);
/* The statement that suppresses it, where no exception covers it already. */
const struct match_vex_note *report_suppression(const struct report_facts *f, size_t finding);
/* Either of them: it does not count. */
bool report_is_set_aside(const struct report_facts *f, size_t finding);
/* "not affected by the word of ACME, vex.json (2024-05-06): vulnerable_code_not_present. We never call it." */
struct span report_vex_text(const struct match_vex_note *n, struct arena *a);

/* ---- page: words, wrapped with a hanging indent ---- */

/* With the policy's line: a report is about an image at rest. */
#define REPORT_RUN_NOT_JUDGED "- not judged: how it is run (line %u of the policy); `coffer run` does that"

enum page_style { PAGE_PLAIN = 0, PAGE_BOLD, PAGE_CRITICAL, PAGE_HIGH, PAGE_MEDIUM, PAGE_LOW, PAGE_GOOD };

struct page {
        struct buf *to;
        unsigned width;
        bool colour;
        unsigned column; /* of the line being written, 0 before its indent */
        unsigned hang;   /* indent of what is wrapped */
        bool spaced;     /* the next word of this line needs a blank before it */
};

/* Ends the line before, if one is open, and begins one; wrapped words go to column `hang`. */
void page_line(struct page *p, unsigned indent, unsigned hang);
void page_blank(struct page *p); /* an empty line, but not at the very beginning */
void page_end(struct page *p);
/* One unit that is not broken; made printable. A blank goes before it unless it is the line's first. */
void page_word(struct page *p, struct span word, enum page_style style);
void page_text(struct page *p, struct span text, enum page_style style);                         /* word by word */
void page_printf(struct page *p, enum page_style style, const char *fmt, ...) PRINTF_LIKE(3, 4); /* word by word */
void page_to(struct page *p, unsigned column); /* blanks up to it: a column of values */

/* ---- groups: findings that are told as one ---- */

enum group_kind { GROUP_UPDATE = 0, GROUP_NO_FIX, GROUP_CANNOT_TELL, GROUP_KINDS };

struct group {
        enum group_kind kind;
        const struct finding *const *findings; /* most severe first, each id once */
        size_t n_findings;
        /* GROUP_UPDATE: the one version that mends all of them; several, sorted as text, when no one is known to */
        const struct span *fixed;
        size_t n_fixed;
        uint32_t brings; /* findings that it has, no fix of which is known, and the present version has not */
        const struct component *const *components; /* each once; by name, then path */
        size_t n_components;
};

struct groups {
        struct group *at; /* by kind, then most severe first */
        size_t len, cap;
};

/* A group is one package in one version, as far as the same can be done about it; without what exceptions cover. */
void report_groups(const struct report_facts *f, struct arena *a, struct groups *ret);

/* ---- findings: the groups on the page ---- */

#define COLUMN_BODY 2u   /* indent */
#define COLUMN_DETAIL 6u /* of what belongs to a line in the body */
#define COLUMN_VALUE 14u /* where values stand in the head and the summary */

enum page_style report_severity_style(enum severity s);
void report_findings(struct page *p, const struct groups *groups, const struct inventory *v);
