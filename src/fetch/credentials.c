/* What docker and podman keep about registries: config.json and auth.json (containers-auth.json(5)). */
#include <openssl/evp.h>
#include <string.h>

#include "fetch/fetch_priv.h"

const char *credentials_key(const char *host)
{
        return strcmp(host, "docker.io") == 0 ? "https://index.docker.io/v1/" : host;
}

/* "https://HOST/v1/" and "HOST/" mean HOST; docker.io has several old names. */
static struct span key_plain(struct span key)
{
        if (span_starts(key, "https://"))
                key = span_from(key, 8);
        else if (span_starts(key, "http://"))
                key = span_from(key, 7);
        if (span_ends(key, "/v1/") || span_ends(key, "/v2/"))
                key = span_cut(key, 0, key.len - 4);
        while (span_ends(key, "/"))
                key = span_cut(key, 0, key.len - 1);
        if (span_is(key, "index.docker.io") || span_is(key, "registry-1.docker.io"))
                key = SPAN_LIT("docker.io");
        return key;
}

/* How much of host/repository a key covers: 0, none; longer is nearer. */
static size_t key_covers(struct span key, const char *host, const char *repository)
{
        size_t host_len = strlen(host);

        key = key_plain(key);
        if (key.len < host_len || memcmp(key.at, host, host_len) != 0)
                return 0;
        if (key.len == host_len)
                return host_len;
        struct span rest = span_from(key, host_len);
        if (rest.at[0] != '/')
                return 0;
        rest = span_from(rest, 1);
        if (rest.len > strlen(repository) || memcmp(rest.at, repository, rest.len) != 0 ||
            (repository[rest.len] != 0 && repository[rest.len] != '/'))
                return 0;
        return key.len;
}

/* Base64 of "user:password"; some tools leave a NUL at the end. */
static bool auth_decode(struct span text, struct arena *a, struct credentials *c)
{
        struct span plain, user, password;
        int n;

        if (text.len == 0 || text.len % 4 != 0 || text.len > FETCH_TOKEN_MAX)
                return false;
        uint8_t *to = arena_alloc(a, text.len);
        n = EVP_DecodeBlock(to, text.at, (int)text.len);
        if (n < 0)
                return false;
        plain = span_bytes(to, (size_t)n);
        for (size_t i = text.len; i > text.len - 2 && text.at[i - 1] == '='; i--)
                plain.len--;
        while (plain.len > 0 && plain.at[plain.len - 1] == 0)
                plain.len--;
        if (!span_split(plain, ':', &user, &password) || user.len == 0)
                return false;
        c->user = user;
        c->password = password;
        return true;
}

static void read_auth(struct json *j, struct arena *a, struct credentials *c)
{
        struct span key, user = {0}, password = {0};

        *c = (struct credentials){0};
        json_object(j);
        while (json_member(j, &key)) {
                if (json_peek(j) != JSON_STRING)
                        json_skip(j);
                else if (span_is(key, "auth")) {
                        struct span text = json_string(j);
                        if (text.len > 0 && !auth_decode(text, a, c))
                                json_fail(j, ERR_MALFORMED, "it is no base64 of user:password");
                } else if (span_is(key, "identitytoken"))
                        c->identity_token = json_string(j);
                else if (span_is(key, "username"))
                        user = json_string(j);
                else if (span_is(key, "password"))
                        password = json_string(j);
                else
                        json_skip(j);
        }
        if (c->user.len == 0) {
                c->user = user;
                c->password = password;
        }
}

struct search {
        const char *host, *repository;
        size_t covers;
};

static void read_auths(struct json *j, struct search *s, struct arena *a, struct credentials *ret)
{
        struct span key;

        json_object(j);
        while (json_member(j, &key)) {
                size_t covers = key_covers(key, s->host, s->repository);
                struct credentials c;
                if (json_peek(j) != JSON_OBJECT || covers <= s->covers) {
                        json_skip(j);
                        continue;
                }
                read_auth(j, a, &c);
                if (c.user.len == 0 && c.identity_token.len == 0)
                        continue; /* {} stands for "a credential helper knows" */
                s->covers = covers;
                *ret = c;
        }
}

static void read_helpers(struct json *j, const struct search *s, struct span *ret)
{
        struct span key;

        json_object(j);
        while (json_member(j, &key)) {
                if (json_peek(j) == JSON_STRING && key_covers(key, s->host, s->repository) == strlen(s->host))
                        *ret = json_string(j);
                else
                        json_skip(j);
        }
}

bool credentials_find(
    struct span file, const char *host, const char *repository, struct arena *a, struct credentials *ret, struct err *e)
{
        struct search search = {.host = host, .repository = repository};
        struct credentials found = {0};
        struct span key, store = {0}, helper = {0};
        struct json j;

        json_init(&j, file, a, NULL);
        json_object(&j);
        while (json_member(&j, &key)) {
                if (span_is(key, "auths") && json_peek(&j) == JSON_OBJECT)
                        read_auths(&j, &search, a, &found);
                else if (span_is(key, "credHelpers") && json_peek(&j) == JSON_OBJECT)
                        read_helpers(&j, &search, &helper);
                else if (span_is(key, "credsStore") && json_peek(&j) == JSON_STRING)
                        store = json_string(&j);
                else
                        json_skip(&j);
        }
        if (!json_finish(&j, e))
                return false;
        /* As docker does: a host's own helper, then the store for all, then what stands in the file. */
        if (helper.len > 0)
                found = (struct credentials){.helper = helper};
        else if (store.len > 0 && found.user.len == 0 && found.identity_token.len == 0)
                found = (struct credentials){.helper = store};
        *ret = found;
        return true;
}

bool credentials_of_helper(struct span output, struct arena *a, struct credentials *ret, struct err *e)
{
        struct credentials c = {0};
        struct span key;
        struct json j;

        json_init(&j, output, a, NULL);
        json_object(&j);
        while (json_member(&j, &key)) {
                if (span_is(key, "Username"))
                        c.user = json_string(&j);
                else if (span_is(key, "Secret"))
                        c.password = json_string(&j);
                else
                        json_skip(&j);
        }
        if (!json_finish(&j, e))
                return false;
        if (span_is(c.user, "<token>"))
                c = (struct credentials){.identity_token = c.password};
        *ret = c;
        return true;
}

bool token_parse(struct span body, struct arena *a, struct token *ret, struct err *e)
{
        struct token t = {.expires_in_s = 60};
        struct span key;
        struct json j;

        json_init(&j, body, a, NULL);
        json_object(&j);
        while (json_member(&j, &key)) {
                if ((span_is(key, "token") || span_is(key, "access_token")) && json_peek(&j) == JSON_STRING) {
                        struct span value = json_string(&j);
                        if (value.len > 0)
                                t.value = value;
                } else if (span_is(key, "expires_in") && json_peek(&j) == JSON_NUMBER)
                        t.expires_in_s = json_u64(&j);
                else
                        json_skip(&j);
        }
        if (!json_finish(&j, e))
                return err_wrap(e, "token server");
        if (t.value.len == 0 || t.value.len > FETCH_TOKEN_MAX)
                return err_set(
                    e, ERR_MALFORMED, "token server: its answer holds no token of 1 to %u bytes", FETCH_TOKEN_MAX);
        for (size_t i = 0; i < t.value.len; i++)
                if (t.value.at[i] <= ' ' || t.value.at[i] >= 0x7f) /* it becomes part of a header line */
                        return err_set(e, ERR_MALFORMED, "token server: a token with bytes that no header may hold");
        *ret = t;
        return true;
}
