/*
 * fetch: bytes from a registry, by a program of its own: `coffer-fetch`, the only one that speaks with strangers.
 *
 * In:    a registry's name, a repository, a tag or digest; credential files as the user's other tools keep them; a URL.
 * Out:   a manifest's bytes, whole; a blob's or a file's bytes in a pipe, as they come; whether somebody took a message.
 * Never: interprets what it fetched (digests are verified where the bytes are used); sends credentials to another host
 *        or in plain text unless told to; stores anything.
 * Uses:  base jail
 * Terms: OCI distribution-spec 1.1, Docker registry token authentication, RFC 9110 (Range, Retry-After), RFC 6750, RFC 8288 (Link),
 *        RFC 7617.
 *
 * The parent starts one coffer-fetch for a session. It knows the session's credentials, and nothing else: Landlock lets it
 * read certificates and the resolver's files alone, seccomp takes execve, ptrace and the like. What it says is as
 * untrusted as the network. Nothing that it fetches touches a disk here.
 */
#pragma once

#include "base/base.h"

/* "docker.io/library/debian:12" apart. Borrows from the arena. */
struct fetch_name {
        const char *host;       /* "registry.example:5000": host and, if not the scheme's own, port */
        const char *repository; /* "library/debian" */
        const char *reference;  /* tag, or digest when one is given: it wins over a tag */
};

/*
 * As `docker pull` reads names: "debian" is docker.io/library/debian:latest; the first part is a host when it has a '.'
 * or ':' or is "localhost". ERR_MALFORMED names the part that breaks the grammar (distribution/reference).
 */
bool fetch_name_parse(const char *text, struct arena *a, struct fetch_name *ret, struct err *e);

#define FETCH_RETRIES_DEFAULT 5u /* pauses of 1, 2, 4, 8, 16 s: half a minute in all */

struct fetch_options {
        bool plain_http;       /* http instead of https, for every host of the session, credentials included */
        const char *auth_file; /* NULL: where podman, then docker, keep theirs; see fetch_auth_files */
        const char
            *ca_file;     /* PEM, beside the system's; NULL: none, but /etc/docker/certs.d/HOST/ca.crt and the like */
        uint32_t retries; /* of one request, after the first, with growing pauses; see FETCH_RETRIES_DEFAULT */
        uint32_t stall_s; /* seconds without a byte before a connection counts as dead; 0: 30 */
};

struct fetch;

/* ERR_UNSUPPORTED (no program, no sandbox), ERR_SYSTEM, ERR_NOT_FOUND (a file that the options name). */
bool fetch_open(const struct fetch_options *o, struct fetch **ret, struct err *e);
void fetch_free(struct fetch *f); /* ends the program and whatever is under way; accepts NULL */
void fetch_freep(struct fetch **f);

struct fetch_document {
        struct buf content;   /* the caller frees with buf_done */
        struct digest digest; /* of `content`, computed here */
        char media_type[256]; /* as the registry said: a hint; "" if it said none */
};

/*
 * A manifest or index by tag or digest, at most `max` bytes. ERR_UNTRUSTED: the bytes are not of the digest that was asked
 * for, or not of the one that the registry's own header states. Further: ERR_NOT_FOUND (no such repository or tag),
 * ERR_DENIED (credentials are missing or refused: the text says which file was read), ERR_LIMIT (larger than `max`),
 * ERR_UNAVAILABLE (after all retries: the last cause), ERR_UNTRUSTED (its certificate), ERR_MALFORMED (no registry's
 * answer), ERR_CANCELLED.
 */
bool fetch_manifest(
    struct fetch *f, const struct fetch_name *name, size_t max, struct fetch_document *ret, struct err *e);
/* The same for a small blob (a configuration), of exactly `size` bytes. */
bool fetch_small_blob(struct fetch *f, const struct fetch_name *name, const struct digest *digest, uint64_t size,
    struct buf *ret, struct err *e);

struct fetch_page {
        struct buf content; /* an image index; the caller frees with buf_done */
        const char *next;   /* the next page, of the session's memory: same registry, same repository; NULL: the last */
        bool filtered;      /* the registry says that other types are left out: a hint */
};

/*
 * A page of what is attached to the manifest whose digest `name` has (GET .../referrers/DIGEST): the first, or the one that the
 * page before named. `artifact_type` NULL: of any type. At most `max` bytes. ERR_NOT_FOUND: the registry has no such lists, or
 * no such repository. ERR_UNTRUSTED: its next page would be another's. Further as fetch_manifest; nothing says what digest
 * a list has.
 */
bool fetch_referrers(struct fetch *f, const struct fetch_name *name, const char *artifact_type, const char *next, size_t max,
    struct fetch_page *ret, struct err *e);

/*
 * A blob of exactly `size` bytes from `offset` on, in a pipe: whoever reads it sets the pace. Not verified; an early end of
 * the pipe is an error that fetch_blob_done tells. `ret_id` names the transfer. The caller closes the pipe, which ends it.
 */
bool fetch_blob(struct fetch *f, const struct fetch_name *name, const struct digest *digest, uint64_t offset,
    uint64_t size, int *ret_pipe, uint32_t *ret_id, struct err *e);
/* Waits for the transfer's end; its errors are those of fetch_manifest. Ask only after the pipe was read or closed. */
bool fetch_blob_done(struct fetch *f, uint32_t id, struct err *e);

/* An engine's export of an image (docker-archive) from its unix socket, e.g. "/run/docker.sock", in a pipe. */
bool fetch_engine(
    struct fetch *f, const char *socket_path, const char *image, int *ret_pipe, uint32_t *ret_id, struct err *e);

/* What a server said of a file when it was last fetched: its own words, to be shown to it again. "" where it said nothing. */
struct fetch_validators {
        char etag[256], modified[64];
};

struct fetch_file {
        int pipe; /* the caller closes it; -1 when the file is unchanged */
        uint32_t id;
        bool unchanged;
        struct fetch_validators validators;
};

/*
 * A file by its URL (https; http with plain_http), without credentials: at most `max` bytes, in a pipe as fetch_blob's; ask
 * fetch_blob_done whether it is whole. `known` may be NULL; with it the server may answer that the file is the same still:
 * `unchanged`, and no pipe. An answer that breaks off is taken up again where it stopped, if the server can say that it is
 * the same file; else ERR_UNAVAILABLE. Further as fetch_manifest; ERR_MALFORMED: no such URL.
 */
bool fetch_url(struct fetch *f, const char *url, const struct fetch_validators *known, uint64_t max, struct fetch_file *ret,
    struct err *e);

/*
 * Posts a message to a URL and waits for the answer, whose content counts for nothing: 200 to 204 is success. `headers` are
 * lines "Name: value\n" of their own. Redirects are not followed. Repeated as any request: what is posted must tell by itself that
 * it is the same. ERR_DENIED (4xx), ERR_UNAVAILABLE, ERR_LIMIT (above FETCH_HOOK_MAX).
 */
bool fetch_post(struct fetch *f, const char *url, const char *headers, struct span body, struct err *e);

/* What the program is; main() of coffer-fetch is this. */
int fetch_program(int argc, char **argv);
