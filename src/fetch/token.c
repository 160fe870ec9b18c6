/* A 401 answered: by a password, or by a token that a password or nothing at all buys. */
#include <openssl/evp.h>
#include <string.h>

#include "fetch/transfer_priv.h"

static void basic_header(struct buf *b, const struct credentials *c, struct arena *a)
{
        struct span plain = arena_printf(a, "%.*s:%.*s", (int)c->user.len, (const char *)c->user.at,
            (int)c->password.len, (const char *)c->password.at);
        uint8_t *code = arena_alloc(a, plain.len * 4 / 3 + 8);
        int n = EVP_EncodeBlock(code, plain.at, (int)plain.len);

        buf_put_text(b, "Authorization: Basic ");
        buf_put(b, span_bytes(code, (size_t)n));
        wipe(code, (size_t)n);
        wipe((void *)(uintptr_t)plain.at, plain.len);
}

static void query_add(struct buf *b, const char *name, struct span value, char before)
{
        char *code = value.len ? curl_easy_escape(NULL, (const char *)value.at, (int)value.len) : NULL;

        if (code)
                buf_printf(b, "%c%s=%s", before, name, code);
        curl_free(code);
}

/* GET as Docker's token servers want it; POST with an identity token (OAuth2). Answers arrive in t->body. */
static void token_ask(struct transfer *t, const struct challenge *c, const struct credentials *who)
{
        CLEANUP(buf_done) struct buf query = {.max = FETCH_URL_MAX}, header = {.max = FETCH_TOKEN_MAX};
        char scope[TRANSFER_SCOPE_MAX], url[FETCH_URL_MAX];
        bool post = who->identity_token.len > 0;
        size_t at;

        transfer_scope(t, scope);
        query_add(&query, "service", c->service, post || !span_find(c->realm, '?', &at) ? '?' : '&');
        query_add(&query, "scope", c->scope.len ? c->scope : span_of(scope),
            query.len || span_find(c->realm, '?', &at) ? '&' : '?');
        int n = snprintf(
            url, sizeof(url), "%.*s%.*s", SPAN_FMT(c->realm), post ? 0 : (int)query.len, (const char *)query.at);
        bool https = span_starts(c->realm, "https://");
        if (n < 0 || (size_t)n >= sizeof(url) || query.failed ||
            (!https && !(t->session->plain_http && span_starts(c->realm, "http://")))) {
                FAIL(t, ERR_UNTRUSTED,
                    "%s: its token server \"%.*s\" has no https address: no credentials are sent there", t->host,
                    (int)(c->realm.len > 200 ? 200 : c->realm.len), (const char *)c->realm.at);
                return;
        }
        transfer_url_set(t, url);
        t->phase = PHASE_TOKEN;
        if (who->user.len > 0) {
                basic_header(&header, who, t->arena);
                buf_put_u8(&header, 0);
                transfer_header_add(t, (const char *)header.at);
                wipe(header.at, header.len);
        }
        transfer_launch(t);
        if (post) {
                query_add(&query, "grant_type", SPAN_LIT("refresh_token"), '&');
                query_add(&query, "client_id", SPAN_LIT("coffer"), '&');
                query_add(&query, "refresh_token", who->identity_token, '&');
                buf_put_u8(&query, 0);
                curl_easy_setopt(t->easy, CURLOPT_COPYPOSTFIELDS, (const char *)query.at + 1);
                wipe(query.at, query.len);
        }
}

void transfer_challenged(struct transfer *t)
{
        struct credentials who = {0};
        struct challenge c;
        struct err e = {0};
        char scope[TRANSFER_SCOPE_MAX];

        transfer_scope(t, scope);
        authorization_drop(t->session, t->host, scope);
        if (t->challenged || t->foreign) {
                FAIL(t, ERR_DENIED, "%s: access to %s is refused (401), with the credentials that it was shown",
                    t->host, t->repository);
                return;
        }
        t->challenged = true;
        if (!challenge_parse(span_of(t->challenge), t->arena, &c)) {
                FAIL(t, ERR_MALFORMED, "%s: it wants authentication (401) and does not say how", t->host);
                return;
        }
        if (!session_credentials(t->session, t->host, t->repository, t->arena, &who, &e)) {
                transfer_fail(t, &e);
        } else if (c.scheme == CHALLENGE_BEARER) {
                token_ask(t, &c, &who);
        } else if (who.user.len == 0) {
                FAIL(t, ERR_DENIED, "%s: it wants a user and password, and none are kept: podman login %s", t->host,
                    t->host);
        } else {
                CLEANUP(buf_done) struct buf header = {.max = FETCH_TOKEN_MAX};
                basic_header(&header, &who, t->arena);
                authorization_put(t->session, t->host, scope, buf_span(&header), 0);
                wipe(header.at, header.len);
                transfer_start(t);
        }
        wipe((void *)(uintptr_t)who.password.at, who.password.len);
}

void transfer_token_arrived(struct transfer *t)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        CLEANUP(buf_done) struct buf header = {.max = FETCH_TOKEN_MAX + 64};
        struct token token;
        struct err e = {0};
        char scope[TRANSFER_SCOPE_MAX];

        if (t->status == 401 || t->status == 403) {
                FAIL(t, ERR_DENIED, "%s: its token server refuses (%ld): check the credentials, or: podman login %s",
                    t->host, t->status, t->host);
                return;
        }
        if (t->status != 200) {
                FAIL(t, ERR_UNAVAILABLE, "%s: its token server answers %ld", t->host, t->status);
                return;
        }
        if (!token_parse(buf_span(&t->body), a, &token, &e)) {
                err_wrap(&e, "%s", t->host);
                transfer_fail(t, &e);
                return;
        }
        transfer_scope(t, scope);
        buf_put_text(&header, "Authorization: Bearer ");
        buf_put(&header, token.value);
        authorization_put(t->session, t->host, scope, buf_span(&header), token.expires_in_s);
        wipe(header.at, header.len);
        wipe(t->body.at, t->body.len);
        transfer_start(t);
}
