/*
 * XML as project files have it, through expat: elements with their attributes and their own text, one after the other.
 *
 * Refused: a document type (and with it every entity but XML's own five), nesting and texts above the limits, and what
 * is not well-formed.
 */
#pragma once

#include "base/base.h"

#define XML_DEPTH_MAX 64u        /* of elements; deepest seen: 10 */
#define XML_TEXT_MAX (64u << 10) /* bytes of one element's own text; a name or a version is wanted */
#define XML_ATTRIBUTES_MAX 64u   /* of one element */

struct xml_element {
        struct span name;      /* without the prefix of its namespace */
        struct span space;     /* the namespace's own name; only xml_read_spaces tells it */
        const char *const *at; /* name, value, name, value ...; NULL ends them */
};

struct xml_reader {
        void (*open)(void *ctx, const struct xml_element *e);
        /* `text` is the element's own, without that of those within it. May be NULL. */
        void (*close)(void *ctx, struct span name, struct span text);
        void *ctx;
};

/* False with ERR_MALFORMED, ERR_UNSUPPORTED or ERR_LIMIT and the line; what was told before stays told. */
bool xml_read(struct span in, const struct xml_reader *r, struct err *e);
/* The same for documents that live by their namespaces and carry whole files: a longer text is cut, and no error. */
bool xml_read_spaces(struct span in, const struct xml_reader *r, struct err *e);
/* Empty when there is none of that name. */
struct span xml_attribute(const struct xml_element *e, const char *name);
