/* passwd(5) and group(5) of a container, read as hostile text. */
#include "base/base.h"
#include "runtime/user_priv.h"

struct account { /* one line of passwd */
        struct span name, home;
        uint32_t uid, gid;
};

struct group { /* one line of group */
        struct span name, members;
        uint32_t gid;
};

/* Digits of an id that a container can have. */
static bool id_parse(struct span text, uint32_t *ret)
{
        uint64_t v;

        if (text.len > 10 || !span_to_u64(text, &v) || v >= RUNTIME_IDS)
                return false;
        *ret = (uint32_t)v;
        return true;
}

static bool is_number(struct span text)
{
        for (size_t i = 0; i < text.len; i++) {
                if (text.at[i] < '0' || text.at[i] > '9')
                        return false;
        }
        return text.len > 0;
}

/* Exactly n fields between colons. */
static bool fields_split(struct span line, struct span *ret, size_t n)
{
        for (size_t i = 0; i < n; i++) {
                bool more = span_split(line, ':', &ret[i], &line);

                if (more != (i + 1 < n))
                        return false;
        }
        return true;
}

static bool line_next(struct cursor *c, struct span *ret)
{
        while (cursor_line(c, ret)) {
                if (ret->len > 0 && ret->len <= RUNTIME_USER_LINE_MAX)
                        return true;
        }
        return false;
}

/* By name if `name` is not empty, else by uid. The first line that fits counts. */
static bool account_find(struct span passwd, struct span name, uint32_t uid, struct account *ret)
{
        struct cursor c = {.rest = passwd};
        struct span line, f[7];

        while (line_next(&c, &line)) {
                struct account a;

                if (!fields_split(line, f, ARRAY_LEN(f)) || f[0].len == 0)
                        continue;
                a = (struct account){.name = f[0], .home = f[5]};
                if (!id_parse(f[2], &a.uid) || !id_parse(f[3], &a.gid))
                        continue;
                if (name.len > 0 ? span_equal(a.name, name) : a.uid == uid) {
                        *ret = a;
                        return true;
                }
        }
        return false;
}

static bool group_next(struct cursor *c, struct group *ret)
{
        struct span line, f[4];

        while (line_next(c, &line)) {
                if (!fields_split(line, f, ARRAY_LEN(f)) || f[0].len == 0)
                        continue;
                *ret = (struct group){.name = f[0], .members = f[3]};
                if (id_parse(f[2], &ret->gid))
                        return true;
        }
        return false;
}

static bool has_member(struct span members, struct span name)
{
        struct span one;

        while (members.len > 0) {
                span_split(members, ',', &one, &members);
                if (span_equal(one, name))
                        return true;
        }
        return false;
}

static bool groups_collect(struct span group, struct span name, struct user *u, struct err *e)
{
        struct cursor c = {.rest = group};
        struct group g;

        while (group_next(&c, &g)) {
                bool known = g.gid == u->gid;

                if (!has_member(g.members, name))
                        continue;
                for (size_t i = 0; i < u->n_groups; i++)
                        known = known || u->groups[i] == g.gid;
                if (known)
                        continue;
                if (u->n_groups == RUNTIME_GROUPS_MAX)
                        return err_set(e, ERR_LIMIT,
                            "the user is in more than %u groups of the container's /etc/group; name one with "
                            "USER:GROUP",
                            RUNTIME_GROUPS_MAX);
                u->groups[u->n_groups++] = g.gid;
        }
        return true;
}

static bool group_resolve(struct span want, struct span group, uint32_t *ret, struct err *e)
{
        struct cursor c = {.rest = group};
        struct group g;
        char shown[80];

        span_printable(want, shown, sizeof(shown));
        if (is_number(want)) {
                if (!id_parse(want, ret))
                        return err_set(e, ERR_LIMIT, "group %s: ids in a container end at %u", shown, RUNTIME_IDS - 1);
                return true;
        }
        while (group_next(&c, &g)) {
                if (span_equal(g.name, want)) {
                        *ret = g.gid;
                        return true;
                }
        }
        return err_set(e, ERR_NOT_FOUND, "the container's /etc/group has no usable line for group \"%s\"", shown);
}

static bool account_resolve(struct span want, struct span passwd, struct account *ret, bool *ret_known, struct err *e)
{
        char shown[80];
        uint32_t uid = 0;

        span_printable(want, shown, sizeof(shown));
        if (want.len > 0 && !is_number(want)) {
                *ret_known = true;
                if (!account_find(passwd, want, 0, ret))
                        return err_set(e, ERR_NOT_FOUND,
                            "the container's /etc/passwd has no usable line for user \"%s\"; a number needs no line",
                            shown);
                return true;
        }
        if (want.len > 0 && !id_parse(want, &uid))
                return err_set(e, ERR_LIMIT, "user %s: ids in a container end at %u", shown, RUNTIME_IDS - 1);
        *ret_known = account_find(passwd, (struct span){0}, uid, ret);
        if (!*ret_known)
                *ret = (struct account){.uid = uid};
        return true;
}

bool user_resolve(struct span request, struct span passwd, struct span group, struct user *ret, struct err *e)
{
        struct user u = {0};
        struct span who, which;
        struct account a;
        bool known, named;

        if (request.len > RUNTIME_USER_MAX)
                return err_set(e, ERR_LIMIT, "the user is %zu bytes, at most %u", request.len, RUNTIME_USER_MAX);
        if (passwd.len > RUNTIME_PASSWD_MAX || group.len > RUNTIME_PASSWD_MAX)
                return err_set(
                    e, ERR_LIMIT, "the container's /etc/passwd or /etc/group is above %u bytes", RUNTIME_PASSWD_MAX);
        if (span_has_control(request))
                return err_set(e, ERR_MALFORMED, "the user has control bytes in it");
        named = span_split(request, ':', &who, &which);
        if (named && (which.len == 0 || who.len == 0 || memchr(which.at, ':', which.len)))
                return err_set(e, ERR_MALFORMED, "the user must be USER or USER:GROUP");
        if (!account_resolve(who, passwd, &a, &known, e))
                return false;
        u.uid = a.uid;
        u.gid = a.gid;
        if (named && !group_resolve(which, group, &u.gid, e))
                return false;
        /* As login does: all groups of the account, unless one group was asked for. */
        if (known && !named && !groups_collect(group, a.name, &u, e))
                return false;
        if (known && a.home.len < sizeof(u.home) && span_starts(a.home, "/") && !span_has_control(a.home) &&
            span_is_utf8(a.home))
                memcpy(u.home, a.home.at, a.home.len);
        *ret = u;
        return true;
}
