/* Names of images (distribution/reference): [HOST[:PORT]/]PATH[:TAG][@DIGEST]. */
#include <string.h>

#include "fetch/fetch_priv.h"

#define DOCKER_HUB "docker.io"

const char *fetch_api_host(const char *host)
{
        return strcmp(host, DOCKER_HUB) == 0 ? "registry-1.docker.io" : host;
}

static bool is_lower(uint8_t c)
{
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool is_word(uint8_t c)
{
        return is_lower(c) || (c >= 'A' && c <= 'Z') || c == '_';
}

/* alpha-numeric, joined by '.', '_', "__" or any number of '-'. */
static bool path_part_ok(struct span s)
{
        size_t i = 0;

        if (s.len == 0 || !is_lower(s.at[0]) || !is_lower(s.at[s.len - 1]))
                return false;
        while (i < s.len) {
                size_t from = i;
                while (i < s.len && is_lower(s.at[i]))
                        i++;
                if (i == s.len)
                        return true;
                from = i;
                while (i < s.len && s.at[i] == s.at[from])
                        i++;
                if (s.at[from] != '-' && !(s.at[from] == '.' && i - from == 1) && !(s.at[from] == '_' && i - from <= 2))
                        return false;
        }
        return true;
}

static bool path_ok(struct span path)
{
        struct span part;
        bool more = true;

        while (more) {
                more = span_split(path, '/', &part, &path);
                if (!path_part_ok(part))
                        return false;
        }
        return true;
}

static bool host_ok(struct span s)
{
        struct span name, port = {0};
        uint64_t number = 1;

        if (span_starts(s, "[")) { /* IPv6 */
                size_t end;
                if (!span_find(s, ']', &end))
                        return false;
                name = span_cut(s, 1, end - 1);
                SPAN_HOLDS(name);
                for (size_t i = 0; i < name.len; i++)
                        if (!strchr("0123456789abcdefABCDEF:.", name.at[i]) || name.at[i] == 0)
                                return false;
                port = span_from(s, end + 1);
                if (port.len > 0 && port.at[0] != ':')
                        return false;
                if (port.len > 0 && !span_to_u64(span_from(port, 1), &number))
                        return false;
                return name.len > 0 && number > 0 && number < 65536;
        }
        if (span_split(s, ':', &name, &port) && !span_to_u64(port, &number))
                return false;
        for (size_t i = 0; i < name.len; i++)
                if (!is_word(name.at[i]) && name.at[i] != '.' && name.at[i] != '-')
                        return false;
        return name.len > 0 && number > 0 && number < 65536 && name.at[0] != '.' && name.at[0] != '-';
}

static bool tag_ok(struct span s)
{
        for (size_t i = 0; i < s.len; i++)
                if (!is_word(s.at[i]) && (i == 0 || (s.at[i] != '.' && s.at[i] != '-')))
                        return false;
        return s.len > 0 && s.len <= FETCH_TAG_MAX;
}

/* The tag begins after the last ':' that no '/' follows: before it may stand a port. */
static struct span tag_take(struct span *rest)
{
        for (size_t i = rest->len; i > 0 && rest->at[i - 1] != '/'; i--) {
                if (rest->at[i - 1] != ':')
                        continue;
                struct span tag = span_from(*rest, i);
                *rest = span_cut(*rest, 0, i - 1);
                return tag;
        }
        return (struct span){0};
}

static bool bad(struct err *e, const char *what, struct span s)
{
        char shown[100];

        return err_set(e, ERR_MALFORMED, "\"%s\" is no valid %s of an image's name",
            span_printable(s, shown, sizeof(shown)), what);
}

bool fetch_name_parse(const char *text, struct arena *a, struct fetch_name *ret, struct err *e)
{
        struct span rest = span_of(text), digest = {0}, tag, host, path;
        struct digest parsed;
        bool has_digest = span_split(rest, '@', &rest, &digest);
        bool has_colon;

        if (has_digest && !digest_parse(digest, &parsed, e))
                return err_wrap(e, "the digest in an image's name");
        size_t len = rest.len;
        tag = tag_take(&rest);
        has_colon = rest.len != len;
        if (span_split(rest, '/', &host, &path) &&
            (span_find(host, '.', &len) || span_find(host, ':', &len) || span_is(host, "localhost"))) {
                if (!host_ok(host))
                        return bad(e, "host", host);
        } else {
                host = SPAN_LIT(DOCKER_HUB);
                path = rest;
        }
        if (span_is(host, "index.docker.io"))
                host = SPAN_LIT(DOCKER_HUB);
        if (!path_ok(path))
                return bad(e, "repository", path);
        if (has_colon && !tag_ok(tag))
                return bad(e, "tag", tag);
        if (host.len + path.len + 1 > FETCH_NAME_MAX)
                return err_set(
                    e, ERR_LIMIT, "an image's name of %zu bytes, at most %u", host.len + path.len + 1, FETCH_NAME_MAX);
        ret->host = arena_string(a, host);
        ret->repository = arena_string(a, path);
        if (span_is(host, DOCKER_HUB) && !span_find(path, '/', &len))
                ret->repository = arena_string(a, arena_printf(a, "library/%.*s", SPAN_FMT(path)));
        ret->reference = has_digest ? arena_string(a, digest) : tag.len ? arena_string(a, tag) : "latest";
        return true;
}
