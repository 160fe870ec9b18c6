/* A database as an OCI artefact: the documents, and how a worker's answer about them looks. */
#pragma once

#include "advisory/advisory.h"
#include "advisory/advisory_limits.h"

#define ARTIFACT_ENTRIES_MAX 4096u /* layers of a manifest, manifests of an index */
#define ARTIFACT_TAG_MAX 128u      /* bytes: distribution-spec 1.1 */

/* Total. `tag` empty: the only manifest there is. */
bool artifact_manifest_parse(struct span text, struct advisory_artifact *ret, struct err *e);
bool artifact_index_parse(struct span text, struct span tag, struct advisory_blob *ret, struct err *e);

bool artifact_job(size_t n_fds, struct err *e); /* the job "advisory-artifact" */
