/* The parts of report: json.c, table.c (what is said), groups.c (what belongs together), page.c (words on lines). */
#pragma once

#include "report/report.h"

void report_json(const struct report_facts *f, struct buf *to);
void report_table(const struct report_facts *f, const struct report_options *o, struct buf *to);

/* ---- page: words, wrapped with a hanging indent ---- */

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
        const struct finding *const *findings; /* most severe first; equal ids are neighbours */
        size_t n_findings;
        struct span fixed;                         /* GROUP_UPDATE: the version that mends all of them */
        const struct component *const *components; /* each once; by name, then path */
        size_t n_components;
};

struct groups {
        struct group *at; /* by kind, then most severe first */
        size_t len, cap;
};

/* An update is a group of one package in one version; what has no fix or can't be told is a group of one id. */
void report_groups(const struct match *m, const struct inventory *v, struct arena *a, struct groups *ret);
