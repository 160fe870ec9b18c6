/* One attempt: what is asked, what the answer says before its bytes, and the bytes on their way into the pipe. */
#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fetch/transfer_priv.h"

#define ACCEPT_MANIFEST                                                                                 \
        "Accept: application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, " \
        "application/vnd.docker.distribution.manifest.list.v2+json, "                                   \
        "application/vnd.docker.distribution.manifest.v2+json"

struct transfer *transfer_new(struct session *s, const struct get *g, int pipe)
{
        struct transfer *t = heap_alloc(sizeof(*t));

        t->session = s;
        t->arena = arena_new();
        t->get = *g;
        t->host = arena_string(t->arena, g->host);
        t->repository = arena_string(t->arena, g->repository);
        t->reference = arena_string(t->arena, g->reference);
        t->artifact_type = arena_string(t->arena, g->artifact_type);
        t->page = arena_string(t->arena, g->next);
        t->get.headers = arena_copy(t->arena, g->headers);
        t->pipe = pipe;
        t->body.max = FETCH_TOKEN_BODY_MAX;
        t->next = s->transfers;
        s->transfers = t;
        return t;
}

void transfer_easy_end(struct transfer *t)
{
        if (t->easy) {
                curl_multi_remove_handle(t->session->multi, t->easy);
                curl_easy_cleanup(t->easy);
        }
        curl_slist_free_all(t->headers);
        t->easy = NULL;
        t->headers = NULL;
}

void transfer_free(struct transfer *t)
{
        transfer_easy_end(t);
        free(t->url);
        fd_close(&t->pipe);
        if (t->body.at)
                wipe(t->body.at, t->body.cap);
        buf_done(&t->body);
        buf_done(&t->pending);
        buf_done(&t->posted);
        arena_free(t->arena);
        free(t);
}

static void end(struct transfer *t)
{
        transfer_easy_end(t);
        fd_close(&t->pipe);
        t->ended = true;
        t->wake_ms = 0;
}

void transfer_fail(struct transfer *t, const struct err *why)
{
        CLEANUP(buf_done) struct buf packet = {0};

        if (t->ended)
                return;
        buf_put_u8(&packet, 'E');
        buf_put_u32le(&packet, t->get.id);
        buf_put_u8(&packet, (uint8_t)why->kind);
        buf_put_string(&packet, span_of(why->text));
        end(t); /* the pipe's reader sees its end before anybody asks why */
        session_say(t->session, buf_span(&packet));
}

void transfer_succeed(struct transfer *t)
{
        CLEANUP(buf_done) struct buf packet = {0};

        buf_put_u8(&packet, 'D');
        buf_put_u32le(&packet, t->get.id);
        end(t);
        session_say(t->session, buf_span(&packet));
}

/* ---- what an answer says before its bytes ---- */

static void copy_value(char *to, size_t size, struct span value)
{
        if (value.len < size && !span_has_control(value)) { /* else it stays empty: not believed, not cut */
                memcpy(to, value.at, value.len);
                to[value.len] = 0;
        }
}

bool transfer_is_url(const struct transfer *t)
{
        return t->get.kind == GET_URL || t->get.kind == GET_HOOK;
}

static bool name_is(struct span name, const char *wanted)
{
        return name.len == strlen(wanted) && strncasecmp((const char *)name.at, wanted, name.len) == 0;
}

static void content_range(struct transfer *t, struct span value)
{
        struct span from, rest;
        uint64_t n;

        if (span_starts(value, "bytes ") && span_split(span_from(value, 6), '-', &from, &rest) && span_to_u64(from, &n))
                t->range_from = n;
}

static void take_header(struct transfer *t, struct span name, struct span value)
{
        uint64_t n;

        if (name_is(name, "content-type"))
                copy_value(t->media_type, sizeof(t->media_type), value);
        else if (name_is(name, "docker-content-digest"))
                copy_value(t->digest, sizeof(t->digest), value);
        else if (name_is(name, "etag") && !t->headed)
                copy_value(t->etag, sizeof(t->etag), value);
        else if (name_is(name, "last-modified") && !t->headed)
                copy_value(t->modified, sizeof(t->modified), value);
        else if (name_is(name, "location"))
                copy_value(t->location, sizeof(t->location), value);
        else if (name_is(name, "www-authenticate")) {
                /* Several lines are one list. */
                size_t len = strlen(t->challenge);
                if (len + value.len + 3 < sizeof(t->challenge) && !span_has_control(value))
                        snprintf(t->challenge + len, sizeof(t->challenge) - len, "%s%.*s", len ? ", " : "",
                            (int)value.len, (const char *)value.at);
        } else if (name_is(name, "link")) {
                size_t len = strlen(t->link);
                if (len + value.len + 3 < sizeof(t->link) && !span_has_control(value))
                        snprintf(t->link + len, sizeof(t->link) - len, "%s%.*s", len ? ", " : "", (int)value.len,
                            (const char *)value.at);
                else if (t->get.kind == GET_REFERRERS) /* not believed, and not passed over: it may be what leads on */
                        err_set(&t->fault, ERR_LIMIT, "%s: links of more than %u bytes", t->host, FETCH_HEADER_MAX);
        } else if (name_is(name, "oci-filters-applied")) {
                t->filtered = t->filtered || list_has(value, "artifactType");
        } else if (name_is(name, "retry-after") && span_to_u64(value, &n))
                t->retry_after_s = n;
        else if (name_is(name, "content-length") && span_to_u64(value, &n))
                t->length = n;
        else if (name_is(name, "content-range"))
                content_range(t, value);
}

static size_t on_header(char *at, size_t size, size_t n, void *ctx)
{
        struct transfer *t = ctx;
        struct span line = span_trim(span_bytes(at, size * n)), name, value;

        t->header_bytes += size * n;
        if (t->header_bytes > FETCH_HEADERS_MAX) {
                err_set(&t->fault, ERR_LIMIT, "%s: more than %u bytes of headers", t->host, FETCH_HEADERS_MAX);
                return 0;
        }
        if (span_starts(line, "HTTP/")) { /* a new answer: after 100 Continue, or of a proxy */
                t->retry_after_s = t->length = t->range_from = UINT64_MAX;
                t->media_type[0] = t->digest[0] = t->location[0] = t->challenge[0] = t->link[0] = 0;
                t->filtered = false;
        } else if (span_split(line, ':', &name, &value)) {
                take_header(t, name, span_trim(value));
        }
        return size * n;
}

void transfer_say_head(struct transfer *t)
{
        CLEANUP(buf_done) struct buf packet = {0};

        buf_put_u8(&packet, 'H');
        buf_put_u32le(&packet, t->get.id);
        buf_put_string(&packet, span_of(t->media_type));
        buf_put_string(&packet, span_of(t->digest));
        buf_put_u8(&packet, t->status == 304);
        buf_put_string(&packet, span_of(t->etag));
        buf_put_string(&packet, span_of(t->modified));
        buf_put_u8(&packet, t->filtered);
        buf_put_string(&packet, span_of(t->next_page));
        session_say(t->session, buf_span(&packet));
        t->headed = true;
}

/* Before the first byte of a good answer: is it of what was asked? */
bool transfer_begin_body(struct transfer *t)
{
        uint64_t from = t->get.offset + t->sent, rest;

        t->skip = 0;
        if (t->status == 200 && from > 0 && t->get.kind == GET_URL)
                return err_set(&t->fault, ERR_UNAVAILABLE, "%s: the file changed while it was read; try again", t->host);
        if (t->status == 200) {
                t->skip = from; /* it does not do ranges, or there was none to ask */
                from = 0;
        } else if (t->range_from != from) {
                return err_set(&t->fault, ERR_MALFORMED, "%s: asked for bytes from %llu on, it sends others", t->host,
                    (unsigned long long)from);
        }
        rest = t->get.size - from;
        if (t->get.kind == GET_BLOB && t->length != UINT64_MAX && t->length != rest)
                return err_set(&t->fault, ERR_UNTRUSTED, "%s: it has %llu bytes of %s, the manifest says %llu", t->host,
                    (unsigned long long)t->length, t->reference, (unsigned long long)rest);
        if (t->get.kind != GET_BLOB && t->length != UINT64_MAX && t->length > t->get.size)
                return err_set(&t->fault, ERR_LIMIT, "%s: an answer of %llu bytes, at most %llu", t->host,
                    (unsigned long long)t->length, (unsigned long long)t->get.size);
        if (t->fault.kind != ERR_NONE || (t->get.kind == GET_REFERRERS && !transfer_next_page(t)))
                return false;
        if (!t->headed)
                transfer_say_head(t);
        return true;
}

/* ---- bytes ---- */

/* False: nobody reads any more. */
static bool write_some(struct transfer *t, struct span *s)
{
        while (s->len > 0) {
                ssize_t n = write(t->pipe, s->at, s->len);
                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0 && errno == EAGAIN)
                        return true;
                if (n < 0)
                        return err_set(&t->fault, ERR_CANCELLED, "nobody reads what %s sends", t->host);
                *s = span_from(*s, (size_t)n);
        }
        return true;
}

static size_t on_body(char *at, size_t size, size_t n, void *ctx)
{
        struct transfer *t = ctx;
        struct span s = span_bytes(at, size * n);

        if (t->status == 0) {
                curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &t->status);
                if (t->phase == PHASE_REQUEST && (t->status == 200 || t->status == 206) && t->get.kind != GET_HOOK &&
                    !transfer_begin_body(t))
                        return 0;
        }
        if (t->get.kind == GET_HOOK && t->status < 300)
                return size * n; /* whatever it says to it */
        if (t->phase == PHASE_TOKEN || (t->status != 200 && t->status != 206)) {
                size_t room = t->phase == PHASE_TOKEN ? FETCH_TOKEN_BODY_MAX : FETCH_ERROR_BODY_MAX;
                if (t->body.len + s.len > room)
                        s = span_cut(s, 0, room - t->body.len); /* of an error enough is known */
                buf_put(&t->body, s);
                return size * n;
        }
        if (t->pending.len > 0) {
                t->paused = true;
                return CURL_WRITEFUNC_PAUSE;
        }
        if (t->skip > 0) {
                size_t k = t->skip < s.len ? (size_t)t->skip : s.len;
                s = span_from(s, k);
                t->skip -= k;
        }
        if (t->get.offset + t->sent + s.len > t->get.size) {
                err_set(&t->fault, t->get.kind == GET_BLOB ? ERR_UNTRUSTED : ERR_LIMIT,
                    "%s: it sends more than %llu bytes of %s", t->host, (unsigned long long)t->get.size, t->reference);
                return 0;
        }
        t->sent += s.len;
        if (!write_some(t, &s))
                return 0;
        buf_put(&t->pending, s);
        return size * n;
}

void transfer_flush(struct transfer *t)
{
        struct span rest = buf_span(&t->pending);

        if (!write_some(t, &rest)) {
                transfer_fail(t, &t->fault);
                return;
        }
        memmove(t->pending.at, rest.at, rest.len);
        t->pending.len = rest.len;
        if (rest.len > 0)
                return;
        if (!t->easy && !t->wake_ms) {
                transfer_succeed(t);
        } else if (t->paused && t->easy) {
                t->paused = false;
                curl_easy_pause(t->easy, CURLPAUSE_CONT);
        }
}

/* ---- one attempt ---- */

void transfer_scope(const struct transfer *t, char out[TRANSFER_SCOPE_MAX])
{
        snprintf(out, TRANSFER_SCOPE_MAX, "repository:%s:pull", t->repository);
}

static bool url_make(struct transfer *t, char out[FETCH_URL_MAX])
{
        int n;

        if (transfer_is_url(t)) {
                n = snprintf(out, FETCH_URL_MAX, "%s", t->reference);
        } else if (t->get.kind == GET_ENGINE) {
                char *image = curl_easy_escape(NULL, t->reference, 0);
                n = snprintf(out, FETCH_URL_MAX, "http://engine/images/%s/get", image ? image : "");
                curl_free(image);
        } else if (t->get.kind == GET_REFERRERS && t->page[0]) {
                n = snprintf(out, FETCH_URL_MAX, "%s", t->page);
        } else if (t->get.kind == GET_REFERRERS) {
                char *type = curl_easy_escape(NULL, t->artifact_type, 0);
                n = snprintf(out, FETCH_URL_MAX, "%s://%s/v2/%s/referrers/%s%s%s", t->session->plain_http ? "http" : "https",
                    fetch_api_host(t->host), t->repository, t->reference, t->artifact_type[0] ? "?artifactType=" : "",
                    type ? type : "");
                curl_free(type);
        } else {
                n = snprintf(out, FETCH_URL_MAX, "%s://%s/v2/%s/%s/%s", t->session->plain_http ? "http" : "https",
                    fetch_api_host(t->host), t->repository, t->get.kind == GET_BLOB ? "blobs" : "manifests",
                    t->reference);
        }
        return n > 0 && (size_t)n < FETCH_URL_MAX;
}

void transfer_header_add(struct transfer *t, const char *line)
{
        struct curl_slist *list = curl_slist_append(t->headers, line);

        if (!list)
                abort();
        t->headers = list;
}

static void common_options(struct transfer *t)
{
        const struct session *s = t->session;
        CURL *c = t->easy;

        curl_easy_setopt(c, CURLOPT_URL, t->url);
        curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, s->plain_http || t->get.kind == GET_ENGINE ? "http,https" : "https");
        curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L); /* by us: credentials must not go along */
        curl_easy_setopt(c, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
        curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, (long)FETCH_CONNECT_S);
        curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, 1L);
        curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME, (long)s->stall_s);
        curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
        curl_easy_setopt(c, CURLOPT_HTTP_CONTENT_DECODING, 0L); /* digests are of the bytes as they are */
        curl_easy_setopt(c, CURLOPT_USERAGENT, "coffer");
        curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_header);
        curl_easy_setopt(c, CURLOPT_HEADERDATA, t);
        curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body);
        curl_easy_setopt(c, CURLOPT_WRITEDATA, t);
        curl_easy_setopt(c, CURLOPT_PRIVATE, t);
        curl_easy_setopt(c, CURLOPT_HTTPHEADER, t->headers);
        if (t->get.kind == GET_ENGINE)
                curl_easy_setopt(c, CURLOPT_UNIX_SOCKET_PATH, t->host);
        if (t->get.kind == GET_HOOK) {
                curl_easy_setopt(c, CURLOPT_POST, 1L);
                curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)t->posted.len);
                curl_easy_setopt(c, CURLOPT_POSTFIELDS, t->posted.len ? (const char *)t->posted.at : "");
        }
        if (s->ca.len > 0) {
                struct curl_blob ca = {(void *)(uintptr_t)s->ca.at, s->ca.len, CURL_BLOB_NOCOPY};
                curl_easy_setopt(c, CURLOPT_CAINFO_BLOB, &ca);
        }
}

/* Sends what is set up in url and headers. */
void transfer_launch(struct transfer *t)
{
        t->easy = curl_easy_init();
        if (!t->easy)
                abort();
        t->status = 0;
        t->header_bytes = 0;
        t->retry_after_s = t->length = t->range_from = UINT64_MAX;
        t->media_type[0] = t->digest[0] = t->location[0] = t->challenge[0] = t->link[0] = 0;
        t->filtered = false;
        t->fault = (struct err){0};
        t->wake_ms = 0;
        buf_clear(&t->body);
        common_options(t);
        curl_multi_add_handle(t->session->multi, t->easy);
}

void transfer_url_set(struct transfer *t, const char *url)
{
        free(t->url);
        t->url = strdup(url);
        if (!t->url)
                abort();
}

/* The parent's own lines; where the bytes stopped, instead of them, that the rest must be of the same file. */
static bool headers_add(struct transfer *t, uint64_t from)
{
        struct cursor c = {.rest = t->get.headers};
        char line[FETCH_HEADERS_SENT_MAX + 1];
        struct span s;

        if (from > 0) {
                if (t->etag[0] != '"') { /* none, or a weak one (RFC 9110 13.1.5) */
                        transfer_fail(t, &t->last);
                        return false;
                }
                snprintf(line, sizeof(line), "If-Range: %s", t->etag);
                transfer_header_add(t, line);
                return true;
        }
        while (cursor_line(&c, &s)) {
                snprintf(line, sizeof(line), "%.*s", (int)s.len, (const char *)s.at);
                transfer_header_add(t, line);
        }
        return true;
}

/* With t->url as it is: the registry's own, or where it has sent us. */
void transfer_request(struct transfer *t)
{
        char scope[TRANSFER_SCOPE_MAX], line[64];
        uint64_t from = t->get.offset + t->sent;

        t->phase = PHASE_REQUEST;
        t->authorized = false;
        if (t->get.kind == GET_REFERRERS && from > 0) { /* no digest would tell that the rest is another list's */
                transfer_fail(t, &t->last);
                return;
        }
        if (t->get.kind == GET_MANIFEST)
                transfer_header_add(t, ACCEPT_MANIFEST);
        if (t->get.kind == GET_REFERRERS)
                transfer_header_add(t, "Accept: application/vnd.oci.image.index.v1+json");
        if (transfer_is_url(t) && !headers_add(t, from))
                return;
        if (from > 0) {
                snprintf(line, sizeof(line), "Range: bytes=%llu-", (unsigned long long)from);
                transfer_header_add(t, line);
        }
        transfer_scope(t, scope);
        const char *authorization =
            t->foreign || transfer_is_url(t) ? NULL : authorization_find(t->session, t->host, scope);
        if (authorization && t->get.kind != GET_ENGINE) {
                transfer_header_add(t, authorization);
                t->authorized = true;
        }
        transfer_launch(t);
}

void transfer_start(struct transfer *t)
{
        char url[FETCH_URL_MAX];

        t->redirects = 0;
        t->foreign = false;
        if (!url_make(t, url)) {
                FAIL(t, ERR_LIMIT, "%s: a URL longer than %u bytes", t->host, FETCH_URL_MAX);
                return;
        }
        if (t->page[0] && !transfer_page_check(t, url)) {
                transfer_fail(t, &t->fault);
                return;
        }
        transfer_url_set(t, url);
        transfer_request(t);
}
