/* Where a database comes from as an OCI artefact: a layout on disk ("oci:DIR[:TAG]") or a registry ("docker://NAME", HOST/NAME). */
#pragma once

#include "advisory/advisory.h"
#include "fetch/fetch.h"

struct database_source;

/* Is it one of these? Else it is a file. */
bool database_source_is(const char *name);
bool database_source_open(const char *name, const struct fetch_options *o, struct database_source **ret, struct err *e);
void database_source_freep(struct database_source **s);

/* What there is, by digests. */
bool database_source_artifact(struct database_source *s, struct advisory_artifact *ret, struct err *e);
/* Of its very digest; who signed it is another question. */
bool database_source_signature(
    struct database_source *s, const struct advisory_blob *b, struct advisory_signature *ret, struct err *e);
/*
 * The blob, whole and of its very digest, from its beginning on. A registry's is kept as <digest>.partial in dir_fd while it comes, and
 * gone on with by the next attempt; the name goes when it is whole.
 */
bool database_source_blob(
    struct database_source *s, const struct advisory_blob *b, int dir_fd, int *ret_fd, struct err *e);
