/*
 * VEX documents: three forms, one list of statements. Everything borrows from the document or lies in its arena until
 * vex_put writes it into the worker's answer.
 */
#pragma once

#include "advisory/advisory.h"
#include "advisory/advisory_limits.h"

struct vex_span_list {
        struct span *at;
        size_t len, cap;
};

struct vex_parsed {
        struct span form, id, author;
        struct {
                struct vex_statement *at;
                size_t len, cap;
        } statements;
        size_t n_products;
        uint64_t n_passed_over;
        struct vex_span_list remarks;
};

/* A sentence about a document that is read all the same; at most VEX_REMARKS_MAX are kept. */
void vex_remark(struct vex_parsed *to, struct arena *a, const char *fmt, ...) PRINTF_LIKE(3, 4);
bool vex_justification_is_known(struct span label);

/* ERR_UNSUPPORTED: it is of none of the forms. */
bool vex_parse(struct span document, struct arena *a, struct vex_parsed *ret, struct err *e);
bool openvex_parse(struct span document, struct arena *a, struct vex_parsed *ret, struct err *e);
bool vex_csaf_parse(struct span document, struct arena *a, struct vex_parsed *ret, struct err *e);
bool vex_cyclonedx_parse(struct span document, struct arena *a, struct vex_parsed *ret, struct err *e);

/*
 * Adds the statement; one without an id, a status or a product is counted instead. Texts are cut to what is kept. False when there
 * are too many.
 */
bool vex_add(struct vex_parsed *to, struct arena *a, const struct vex_statement *s, struct err *e);

void vex_put(struct buf *to, const struct vex_parsed *p);
/* All of `in`; what it returns borrows from it. ERR_MALFORMED. */
bool vex_get(struct span in, struct arena *a, struct vex_parsed *ret, struct err *e);

bool vex_job(size_t n_fds, struct err *e);
