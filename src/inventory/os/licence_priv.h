/* Names of licences -> SPDX (specification 2.3, annex D), and sets of them. */
#pragma once

#include "inventory/detect_priv.h"

/* The identifier as the SPDX list spells it, whatever the case of `name`; the empty span if the list has none. */
struct span spdx_licence(struct span name);
struct span spdx_exception(struct span name);
/* Number of identifiers in the list; the one at `i`, if it exists. For the tests. */
size_t spdx_licence_at(size_t i, struct span *ret);

/* What all holds for one package, each once, in the order it was added. */
struct licence_set {
        struct arena *arena;
        struct {
                struct span *at;
                size_t len, cap;
        } terms; /* SPDX expressions that AND may join: those with OR stand in brackets */
        struct {
                struct span *at; /* synopses that were added already: the same one stands at every other file */
                size_t len, cap;
        } seen;
        bool more; /* some did not fit in */
};

#define LICENCE_SET_MAX 256u      /* terms and synopses; the largest real file (libboost) has 120 */
#define LICENCE_SYNOPSIS_MAX 512u /* bytes; the longest real one has 180 */

/*
 * The first line of a DEP-5 License field: "GPL-2+ or Artistic, and Expat". Short names become identifiers (GPL-2+ is
 * GPL-2.0-or-later, Expat is MIT); others become LicenseRef-NAME, and what is no name at all LicenseRef-unnamed.
 */
void licence_set_debian(struct licence_set *set, struct span synopsis);
/* One short name, without operators. */
void licence_debian_name(struct span name, struct buf *to);
void licence_set_term(struct licence_set *set, struct span expression);
/* Joined by AND, at most `max` bytes: what does not fit is told by a last term, LicenseRef-and-more. */
void licence_set_put(const struct licence_set *set, struct buf *to, size_t max);
