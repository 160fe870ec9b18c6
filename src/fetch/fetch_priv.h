/* What the two sides of coffer-fetch share: names, challenges, credentials, and the messages between them. */
#pragma once

#include "fetch/fetch.h"
#include "fetch/fetch_limits.h"

/* The API of docker.io answers elsewhere; every other registry under its own name. */
const char *fetch_api_host(const char *host);

/* ---- challenges (RFC 9110 11.6.1, Docker token authentication) ---- */

enum challenge_scheme { CHALLENGE_NONE = 0, CHALLENGE_BASIC, CHALLENGE_BEARER };

struct challenge {
        enum challenge_scheme scheme;
        struct span realm, service, scope, error; /* un-quoted, in the arena */
};

/* One WWW-Authenticate value, which may hold several challenges: Bearer is taken before Basic, others are passed over. */
bool challenge_parse(struct span value, struct arena *a, struct challenge *ret);

/* ---- pages (RFC 8288, distribution-spec 1.1 "Listing Referrers") ---- */

/* The target of the link with the relation "next" in the values of Link, which may hold several; false: there is none. */
bool link_next(struct span value, struct span *ret_target);
/* Is a word in a list of them, "a, b"? */
bool list_has(struct span value, const char *word);
/*
 * May this path be the next page of a list of `repository`? A page of its own, below "/v2/REPOSITORY/referrers/", without
 * anything that a server might read as the way to another place.
 */
bool link_path_check(struct span path, struct span repository);

/* ---- credentials ---- */

struct credentials {
        struct span user, password; /* in the arena: wiped with wipe() by who asked */
        struct span identity_token; /* an OAuth2 refresh token instead of a password */
        struct span helper;         /* the name of a program docker-credential-NAME that knows them */
};

/*
 * Looks for `host` (and, where the file has such keys, the longest prefix of host/repository) in one auth.json or
 * config.json: "auths", "credHelpers", "credsStore". Nothing found leaves *ret empty. ERR_MALFORMED.
 */
bool credentials_find(struct span file, const char *host, const char *repository, struct arena *a,
    struct credentials *ret, struct err *e);
/* What a credential helper printed: {"ServerURL", "Username", "Secret"}; user "<token>" means an identity token. */
bool credentials_of_helper(struct span output, struct arena *a, struct credentials *ret, struct err *e);
/* The name under which docker's own tools file a host: docker.io's is an old URL. */
const char *credentials_key(const char *host);

/* A token server's answer: {"token" or "access_token", "expires_in"}. */
struct token {
        struct span value;
        uint64_t expires_in_s; /* 60 if it does not say */
};
bool token_parse(struct span body, struct arena *a, struct token *ret, struct err *e);

/* ---- messages, each one packet: a letter and its fields ---- */

/*
 * Parent to program:
 *      'S' u8 plain_http, u32 retries, u32 stall_s, u8 has_ca, u32 n, n labels    and the descriptors: ca, auth files
 *      'G' u32 id, u8 kind, host, repository, reference, headers, artifact type, next page, u64 offset, u64 size
 *                                                                                 and the pipe's write end; GET_HOOK: what is posted
 *      'c' u8 ok, output                                                          a credential helper's
 * Program to parent:
 *      'R'                                         ready: locked down
 *      'H' u32 id, media type, digest header, u8 unchanged, etag, last-modified, u8 filtered, next page
 *                                                  the answer is good, its bytes follow in the pipe; unchanged: none do
 *      'D' u32 id                                  all bytes are in the pipe
 *      'E' u32 id, u8 kind, text                   they are not
 *      'C' helper, host                            please ask this credential helper
 */
enum get_kind { GET_NONE = 0, GET_MANIFEST, GET_BLOB, GET_ENGINE, GET_URL, GET_HOOK, GET_REFERRERS, GET_KINDS };

struct get {
        uint32_t id;
        enum get_kind kind;
        struct span host, repository, reference; /* GET_ENGINE: socket path, -, image; GET_URL, GET_HOOK: host, -, URL */
        struct span headers;                     /* GET_URL, GET_HOOK: lines "Name: value\n" */
        struct span artifact_type, next;         /* GET_REFERRERS: asked for; the next page's URL instead of the first's */
        uint64_t offset, size;                   /* size: of a blob exactly; of anything else at most */
};

/* Lines of visible ASCII with a name, each ended by '\n'. */
bool headers_check(struct span headers);
void get_put(struct buf *b, const struct get *g);
bool get_get(struct cursor *c, struct get *ret);

#define PACKET_FDS_MAX 8u
bool packet_send(int fd, struct span packet, const int *fds, size_t n_fds, struct err *e);
/*
 * Waits for one; `ret_n_fds` may be NULL when none is expected (then any is closed). False without an error at the end of
 * the other side. `wait` false: ERR_NOT_FOUND when there is none now.
 */
bool packet_receive(int fd, bool wait, struct buf *ret, int *ret_fds, size_t *ret_n_fds, struct err *e);

/* ---- in the program ---- */

/* Landlock: certificates and the resolver's files, for reading; seccomp: nothing that starts or traces a process. */
bool fetch_confine(struct err *e);

/* ---- in the parent ---- */

/* `docker-credential-NAME get`, the host on its standard input. ERR_NOT_FOUND, ERR_DENIED (its own words), ERR_LIMIT. */
bool helper_run(struct span name, struct span host, struct buf *ret_output, struct err *e);
