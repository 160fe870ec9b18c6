/*
 * Input: a line with the request, passwd, a line of "%%", group. Properties: an answer lies within the container's ids
 * and its groups are a set; asked again in numbers it is the same; a refusal has a kind and touches nothing.
 */
#include <assert.h>

#include "base/base.h"
#include "runtime/user_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct span request, passwd, group = {0};
        const uint8_t *cut;
        struct user u = {0}, again = {0};
        struct err e = {0};
        char text[32];

        span_split(span_bytes(data, size), '\n', &request, &passwd);
        cut = passwd.len > 0 ? memmem(passwd.at, passwd.len, "%%\n", 3) : NULL;
        if (cut) {
                group = span_from(passwd, (size_t)(cut - passwd.at) + 3);
                passwd.len = (size_t)(cut - passwd.at);
        }
        if (!user_resolve(request, passwd, group, &u, &e)) {
                assert(e.kind > ERR_NONE && e.kind < ERR_KIND_COUNT && e.text[0] != 0);
                assert(u.uid == 0 && u.gid == 0 && u.n_groups == 0 && u.home[0] == 0);
                return 0;
        }
        assert(u.uid < RUNTIME_IDS && u.gid < RUNTIME_IDS && u.n_groups <= RUNTIME_GROUPS_MAX);
        for (size_t i = 0; i < u.n_groups; i++) {
                assert(u.groups[i] < RUNTIME_IDS && u.groups[i] != u.gid);
                for (size_t j = 0; j < i; j++)
                        assert(u.groups[i] != u.groups[j]);
        }
        assert(memchr(u.home, 0, sizeof(u.home)));
        assert(u.home[0] == 0 || u.home[0] == '/');
        /* In numbers it is the same again. */
        snprintf(text, sizeof(text), "%u:%u", u.uid, u.gid);
        assert(user_resolve(span_of(text), passwd, group, &again, &e));
        assert(again.uid == u.uid && again.gid == u.gid && again.n_groups == 0);
        return 0;
}
