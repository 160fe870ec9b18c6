/* Who we are for a registry: credentials from files and helpers, tokens by scope, kept for the session. */
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "fetch/transfer_priv.h"

static void text_wipe(char *s)
{
        if (s)
                wipe(s, strlen(s));
        free(s);
}

static struct authorization **place_of(struct session *s, const char *host, const char *scope)
{
        struct authorization **p = &s->authorizations;

        while (*p && (strcmp((*p)->host, host) != 0 || strcmp((*p)->scope, scope) != 0))
                p = &(*p)->next;
        return p;
}

const char *authorization_find(struct session *s, const char *host, const char *scope)
{
        const struct authorization *a = *place_of(s, host, scope);

        return a && (a->expires_ms == 0 || a->expires_ms > now_ms()) ? a->header : NULL;
}

void authorization_drop(struct session *s, const char *host, const char *scope)
{
        struct authorization **p = place_of(s, host, scope), *a = *p;

        if (!a)
                return;
        *p = a->next;
        text_wipe(a->header);
        free(a->host);
        free(a->scope);
        free(a);
}

#define EXPIRY_MAX_S 86400u

void authorization_put(
    struct session *s, const char *host, const char *scope, struct span header, uint64_t expires_in_s)
{
        struct authorization *a = heap_alloc(sizeof(*a));

        authorization_drop(s, host, scope);
        a->host = strdup(host);
        a->scope = strdup(scope);
        a->header = strndup((const char *)header.at, header.len);
        if (!a->host || !a->scope || !a->header)
                abort();
        if (expires_in_s > 0) /* a little early: it is checked when the request arrives */
                a->expires_ms =
                    now_ms() + 1000 * (int64_t)(expires_in_s > EXPIRY_MAX_S ? EXPIRY_MAX_S : expires_in_s) * 9 / 10;
        a->next = s->authorizations;
        s->authorizations = a;
}

/* Asks the parent, which alone may start programs, and waits: nothing can go on without the answer. */
static bool ask_helper(
    struct session *s, struct span name, const char *host, struct arena *a, struct credentials *ret, struct err *e)
{
        CLEANUP(buf_done) struct buf packet = {0};
        struct cursor c;
        uint8_t ok;

        buf_put_u8(&packet, 'C');
        buf_put_string(&packet, name);
        buf_put_string(&packet, span_of(credentials_key(host)));
        session_say(s, buf_span(&packet));
        if (!packet_receive(s->control, true, &packet, NULL, NULL, e))
                return false;
        c = (struct cursor){.rest = buf_span(&packet)};
        if (cursor_u8(&c) != 'c')
                return err_set(e, ERR_BUG, "a message in place of a credential helper's answer");
        ok = cursor_u8(&c);
        struct span output = arena_copy(a, cursor_string(&c, FETCH_HELPER_OUTPUT_MAX));
        wipe(packet.at, packet.len);
        if (!cursor_at_end(&c))
                return err_set(e, ERR_BUG, "a credential helper's answer");
        if (!ok)
                return err_set(e, ERR_DENIED, "%.*s", SPAN_FMT(output));
        return credentials_of_helper(output, a, ret, e) || err_wrap(e, "docker-credential-%.*s", SPAN_FMT(name));
}

bool session_credentials(struct session *s, const char *host, const char *repository, struct arena *a,
    struct credentials *ret, struct err *e)
{
        *ret = (struct credentials){0};
        for (size_t i = 0; i < s->n_auth_files; i++) {
                struct credentials c = {0};
                if (!credentials_find(s->auth_files[i].content, host, repository, a, &c, e))
                        return err_wrap(e, "%.*s", SPAN_FMT(s->auth_files[i].label));
                if (c.helper.len > 0 && !ask_helper(s, c.helper, host, a, &c, e))
                        return false;
                if (c.user.len > 0 || c.identity_token.len > 0) {
                        *ret = c;
                        return true;
                }
        }
        return true;
}
