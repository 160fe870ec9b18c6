/* One request on its way, in the program: authorisation, redirects, retries, and the bytes into the pipe. */
#pragma once

#include <curl/curl.h>

#include "fetch/fetch_priv.h"

struct session {
        CURLM *multi;
        int control; /* the socket to the parent */
        bool plain_http;
        uint32_t retries, stall_s;
        struct span ca; /* extra certificates, PEM; empty: none */
        struct {
                struct span label, content;
        } auth_files[PACKET_FDS_MAX];
        size_t n_auth_files;
        struct arena *arena; /* what lives as long as the session */
        struct authorization *authorizations;
        struct transfer *transfers;
};

/* What one scope of one registry wants to see; kept for the session. */
struct authorization {
        struct authorization *next;
        char *host, *scope;
        char *header;       /* "Authorization: ..."; secret */
        int64_t expires_ms; /* monotonic; 0: never */
};

enum phase { PHASE_REQUEST, PHASE_TOKEN };

struct transfer {
        struct transfer *next;
        struct session *session;
        struct get get; /* texts in the arena */
        struct arena *arena;
        char *host, *repository, *reference;
        char *artifact_type, *page; /* GET_REFERRERS; "" */
        int pipe;              /* GET_HOOK: nobody's */
        struct buf posted;     /* GET_HOOK */
        char etag[256], modified[64]; /* of the first good answer; of a strong validator alone the rest can be asked */
        bool ended;

        /* what is asked for now */
        CURL *easy;
        struct curl_slist *headers;
        char *url;
        enum phase phase;
        unsigned redirects, attempt;
        int64_t wake_ms; /* waits until then for its next attempt; 0: it does not wait */
        bool authorized; /* the request bears an authorization */
        bool challenged; /* one challenge was answered: a second 401 is final */
        bool foreign;    /* redirected to another host: no credentials */
        struct err last; /* why it waits */

        /* of the present answer */
        long status;
        size_t header_bytes;
        char media_type[256], digest[DIGEST_TEXT_MAX], location[FETCH_URL_MAX], challenge[FETCH_HEADER_MAX];
        char link[FETCH_HEADER_MAX]; /* the values of Link, as one list */
        char next_page[FETCH_LINK_MAX + 1]; /* the page that it leads to, checked; "" */
        bool filtered;                  /* by the type that was asked for, as it says */
        uint64_t retry_after_s, length; /* UINT64_MAX: not said */
        uint64_t range_from;            /* of Content-Range; UINT64_MAX: none */
        uint64_t skip;                  /* bytes at the front that are in the pipe already */
        struct buf body;                /* a token's, or an error's */
        bool headed;                    /* 'H' was sent */

        /* of the bytes */
        uint64_t sent; /* into the pipe, or into `pending` */
        struct buf pending;
        bool paused;
        struct err fault; /* our own objection, which ended the transfer */
};

struct transfer *transfer_new(struct session *s, const struct get *g, int pipe);
void transfer_free(struct transfer *t);
/* Begins the first or next attempt. On failure the transfer has ended and the parent knows. */
void transfer_start(struct transfer *t);
/* curl is through with it: decides what follows. */
void transfer_done(struct transfer *t, CURLcode code);
/* The pipe takes bytes again. */
void transfer_flush(struct transfer *t);
/* Tells the parent, and ends the transfer. */
void transfer_fail(struct transfer *t, const struct err *why);

/* An Authorization header for the transfer's scope, if the session has one: NULL if not. */
const char *authorization_find(struct session *s, const char *host, const char *scope);
void authorization_put(
    struct session *s, const char *host, const char *scope, struct span header, uint64_t expires_in_s);
void authorization_drop(struct session *s, const char *host, const char *scope);
/* From the files and helpers of the session. Nothing found leaves it empty; `ret_from` says where it looked, for errors. */
bool session_credentials(struct session *s, const char *host, const char *repository, struct arena *a,
    struct credentials *ret, struct err *e);
void session_say(struct session *s, struct span packet);
int64_t now_ms(void);

/* ---- between transfer.c (one attempt), answer.c (what follows it) and token.c (who we are) ---- */

#define FAIL(t, ...)                               \
        do {                                       \
                struct err why_ = {0};             \
                (void)err_set(&why_, __VA_ARGS__); \
                transfer_fail((t), &why_);         \
        } while (0)

#define TRANSFER_SCOPE_MAX (FETCH_NAME_MAX + 32u)
void transfer_scope(const struct transfer *t, char out[TRANSFER_SCOPE_MAX]); /* "repository:NAME:pull" */
void transfer_header_add(struct transfer *t, const char *line);
void transfer_url_set(struct transfer *t, const char *url);
void transfer_request(struct transfer *t); /* asks t->url */
void transfer_launch(struct transfer *t);  /* sends what is set up */
void transfer_easy_end(struct transfer *t);
/* Before the first byte of a good answer; false and t->fault when it is not of what was asked. */
bool transfer_begin_body(struct transfer *t);
void transfer_say_head(struct transfer *t);
/* t->next_page from t->link; false and t->fault when it leads anywhere but to another page of the same list's registry. */
bool transfer_next_page(struct transfer *t);
/* Is a page where it may be? False and t->fault: credentials would go there. */
bool transfer_page_check(struct transfer *t, const char *url);
bool transfer_same_origin(const char *a, const char *b); /* of two URLs */
bool transfer_is_url(const struct transfer *t); /* no registry: a file's or a hook's URL */
void transfer_succeed(struct transfer *t);
void transfer_challenged(struct transfer *t);    /* a 401 came */
void transfer_token_arrived(struct transfer *t); /* the token server has answered */
