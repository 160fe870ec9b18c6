/*
 * What follows an answer: redirects, without credentials for others; on what may pass (429, 5xx, a broken or stalled
 * connection) a pause, and then on from where the bytes stopped; errors that say what to do.
 */
#include <string.h>

#include "fetch/transfer_priv.h"

/* `most`: attempts after the first. */
static void retry(struct transfer *t, const struct err *why, uint32_t most)
{
        uint64_t wait_s = 1ull << (t->attempt < 5 ? t->attempt : 5);

        if (t->attempt >= (most < t->session->retries ? most : t->session->retries)) {
                struct err last = *why;
                if (t->attempt > 0)
                        err_wrap(&last, "after %u attempts", t->attempt + 1);
                transfer_fail(t, &last);
                return;
        }
        if (t->retry_after_s != UINT64_MAX)
                wait_s = t->retry_after_s;
        if (wait_s > FETCH_BACKOFF_MAX_S) {
                FAIL(t, ERR_UNAVAILABLE, "%s; it asks to come back in %llu s", why->text, (unsigned long long)wait_s);
                return;
        }
        t->attempt++;
        t->last = *why;
        t->challenged = false;
        t->wake_ms = now_ms() + 1000 * (int64_t)wait_s;
}

bool transfer_same_origin(const char *a, const char *b)
{
        static const CURLUPart parts[] = {CURLUPART_SCHEME, CURLUPART_HOST, CURLUPART_PORT};
        CURLU *x = curl_url(), *y = curl_url();
        bool same = x && y && curl_url_set(x, CURLUPART_URL, a, 0) == CURLUE_OK &&
                    curl_url_set(y, CURLUPART_URL, b, 0) == CURLUE_OK;

        for (size_t i = 0; same && i < ARRAY_LEN(parts); i++) {
                char *p = NULL, *q = NULL;
                same = curl_url_get(x, parts[i], &p, CURLU_DEFAULT_PORT) == CURLUE_OK &&
                       curl_url_get(y, parts[i], &q, CURLU_DEFAULT_PORT) == CURLUE_OK && strcasecmp(p, q) == 0;
                curl_free(p);
                curl_free(q);
        }
        curl_url_cleanup(x);
        curl_url_cleanup(y);
        return same;
}

/* A Location against the URL that gave it; NULL when it is none that may be followed. The caller frees with curl_free. */
static char *url_resolve(const struct transfer *t)
{
        CURLU *u = curl_url();
        char *url = NULL, *scheme = NULL, *user = NULL;
        bool ok = u && curl_url_set(u, CURLUPART_URL, t->url, 0) == CURLUE_OK &&
                  curl_url_set(u, CURLUPART_URL, t->location, 0) == CURLUE_OK &&
                  curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
                  (strcmp(scheme, "https") == 0 || (t->session->plain_http && strcmp(scheme, "http") == 0)) &&
                  curl_url_get(u, CURLUPART_USER, &user, 0) != CURLUE_OK &&
                  curl_url_get(u, CURLUPART_URL, &url, 0) == CURLUE_OK && strlen(url) < FETCH_URL_MAX;

        curl_free(scheme);
        curl_free(user);
        curl_url_cleanup(u);
        if (ok)
                return url;
        curl_free(url);
        return NULL;
}

static void redirect(struct transfer *t)
{
        char *to = url_resolve(t), shown[120];

        if (!to || t->get.kind == GET_ENGINE) {
                FAIL(t, ERR_UNTRUSTED, "%s: it redirects to \"%s\", which is no https address: not followed", t->host,
                    span_printable(span_of(t->location), shown, sizeof(shown)));
        } else if (t->redirects++ == FETCH_REDIRECTS_MAX) {
                FAIL(t, ERR_MALFORMED, "%s: more than %u redirects", t->host, FETCH_REDIRECTS_MAX);
        } else {
                /* Once away, never trusted again on this way, even if it leads back. */
                t->foreign = t->foreign || !transfer_same_origin(t->url, to);
                transfer_url_set(t, to);
                transfer_request(t);
        }
        curl_free(to);
}

static bool may_pass(long status)
{
        return status == 408 || status == 429 || status == 500 || status == 502 || status == 503 || status == 504;
}

/* The registry's own words: {"errors":[{"code","message"}]}, or the engine's {"message"}; "" if it has none. */
static void own_words(const struct transfer *t, char out[200])
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        struct span key, words = {0};
        struct json j;

        out[0] = 0;
        json_init(&j, buf_span(&t->body), a, NULL);
        if (json_peek(&j) != JSON_OBJECT)
                return;
        json_object(&j);
        while (json_member(&j, &key)) {
                if (span_is(key, "message") && json_peek(&j) == JSON_STRING) {
                        words = json_string(&j);
                } else if (span_is(key, "errors") && json_peek(&j) == JSON_ARRAY) {
                        for (json_array(&j); json_element(&j);) {
                                if (json_peek(&j) != JSON_OBJECT) {
                                        json_skip(&j);
                                        continue;
                                }
                                json_object(&j);
                                while (json_member(&j, &key))
                                        if (span_is(key, "message") && json_peek(&j) == JSON_STRING)
                                                words = json_string(&j);
                                        else
                                                json_skip(&j);
                        }
                } else {
                        json_skip(&j);
                }
        }
        if (words.len > 0) {
                snprintf(out, 200, ": ");
                span_printable(words, out + 2, 198);
        }
}

/* What is said otherwise where there is no registry: false if it is not. */
static bool url_answered(struct transfer *t)
{
        if (t->get.kind == GET_HOOK && t->status >= 200 && t->status <= 204) {
                transfer_say_head(t);
                transfer_succeed(t);
        } else if (t->get.kind == GET_URL && t->status == 304 && t->sent == 0) {
                transfer_say_head(t);
                transfer_succeed(t);
        } else if (t->get.kind == GET_HOOK && t->status >= 300 && t->status < 400) {
                FAIL(t, ERR_UNTRUSTED, "%s: it sends the message elsewhere (%ld): not followed", t->host, t->status);
        } else if (t->status == 404 || t->status == 410) {
                FAIL(t, ERR_NOT_FOUND, "%s is not there (%ld)", t->reference, t->status);
        } else if (t->status >= 400 && t->status < 500 && t->status != 408 && t->status != 429) {
                FAIL(t, ERR_DENIED, "%s is refused (%ld)", t->reference, t->status);
        } else {
                return false;
        }
        return true;
}

static void answered(struct transfer *t)
{
        struct err why = {0};
        char words[200];

        own_words(t, words);
        if (transfer_is_url(t) && url_answered(t)) {
                return;
        } else if (t->status == 301 || t->status == 302 || t->status == 303 || t->status == 307 || t->status == 308) {
                redirect(t);
        } else if (t->status == 401) {
                transfer_challenged(t);
        } else if (t->status == 403) {
                FAIL(t, ERR_DENIED, "%s: access to %s is refused (403)%s", t->host, t->repository, words);
        } else if (t->status == 404) {
                if (t->get.kind == GET_ENGINE)
                        FAIL(t, ERR_NOT_FOUND, "the engine at %s has no image %s%s", t->host, t->reference, words);
                else
                        FAIL(t, ERR_NOT_FOUND, "%s: %s has no %s (404)%s", t->host, t->repository, t->reference, words);
        } else if (t->get.kind == GET_REFERRERS && (t->status == 405 || t->status == 501)) {
                FAIL(t, ERR_NOT_FOUND, "%s: it has no lists of referrers (%ld)%s", t->host, t->status, words);
        } else if (t->status == 416 && t->sent > 0) {
                FAIL(t, ERR_UNTRUSTED, "%s: %s ended after %llu bytes, the manifest says %llu", t->host, t->reference,
                    (unsigned long long)(t->get.offset + t->sent), (unsigned long long)t->get.size);
        } else if (may_pass(t->status)) {
                err_set(&why, ERR_UNAVAILABLE, "%s: it answers %ld%s", t->host, t->status, words);
                retry(t, &why, UINT32_MAX);
        } else {
                FAIL(t, ERR_MALFORMED, "%s: it answers %ld, which it should not%s", t->host, t->status, words);
        }
}

static void body_ended(struct transfer *t)
{
        struct err why = {0};

        if (t->sent == 0 && t->get.size - t->get.offset == 0 && !t->headed)
                transfer_say_head(t);
        if (t->get.kind == GET_BLOB && t->get.offset + t->sent < t->get.size) {
                err_set(&why, ERR_UNAVAILABLE, "%s: %s ended after %llu of %llu bytes", t->host, t->reference,
                    (unsigned long long)(t->get.offset + t->sent), (unsigned long long)t->get.size);
                retry(t, &why, UINT32_MAX);
        } else if (t->pending.len == 0) {
                if (!t->headed)
                        transfer_say_head(t);
                transfer_succeed(t);
        } /* else transfer_flush ends it */
}

static void connection_failed(struct transfer *t, CURLcode code)
{
        struct err why = {0};
        const char *at = t->get.kind == GET_ENGINE ? "the engine's socket " : "";

        switch (code) {
        case CURLE_PEER_FAILED_VERIFICATION:
        case CURLE_SSL_CACERT_BADFILE:
        case CURLE_SSL_ISSUER_ERROR:
                FAIL(t, ERR_UNTRUSTED,
                    "%s: its certificate is not to be trusted (%s); name its own authority with --registry-ca", t->host,
                    curl_easy_strerror(code));
                return;
        case CURLE_UNSUPPORTED_PROTOCOL:
        case CURLE_URL_MALFORMAT:
                FAIL(t, ERR_MALFORMED, "%s: %s", t->host, curl_easy_strerror(code));
                return;
        case CURLE_SSL_CONNECT_ERROR:
                FAIL(t, ERR_UNAVAILABLE,
                    "%s: it does not speak TLS as we do; if it speaks http alone, say --plain-http", t->host);
                return;
        case CURLE_COULDNT_RESOLVE_HOST:
        case CURLE_COULDNT_CONNECT: /* a mistyped name should not take half a minute */
                err_set(&why, ERR_UNAVAILABLE, "%s%s: %s", at, t->host, curl_easy_strerror(code));
                retry(t, &why, 1);
                return;
        case CURLE_OPERATION_TIMEDOUT:
                err_set(&why, ERR_UNAVAILABLE, "%s%s: no byte came for %u s", at, t->host, t->session->stall_s);
                break;
        default:
                err_set(&why, ERR_UNAVAILABLE, "%s%s: %s", at, t->host, curl_easy_strerror(code));
        }
        retry(t, &why, UINT32_MAX);
}

void transfer_done(struct transfer *t, CURLcode code)
{
        curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &t->status);
        /* An answer without a body never came by on_body. */
        bool bodiless = code == CURLE_OK && t->phase == PHASE_REQUEST && t->status == 200 && t->sent == 0 && !t->headed;
        transfer_easy_end(t);
        if (t->fault.kind != ERR_NONE)
                transfer_fail(t, &t->fault);
        else if (code != CURLE_OK)
                connection_failed(t, code);
        else if (t->phase == PHASE_TOKEN)
                transfer_token_arrived(t);
        else if ((t->status != 200 && t->status != 206) || t->get.kind == GET_HOOK)
                answered(t);
        else if (bodiless && !transfer_begin_body(t))
                transfer_fail(t, &t->fault);
        else
                body_ended(t);
}
