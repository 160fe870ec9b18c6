/* What strangers say to coffer-fetch: challenges, token answers; and what the user's files hold. The first byte chooses. */
#include <assert.h>
#include <string.h>

#include "fetch/fetch_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        struct span in = span_bytes(data, size), text = span_from(in, 1);
        struct credentials c;
        struct challenge challenge;
        struct token t;
        struct get g;
        struct fetch_name name;
        struct span link;
        struct cursor cursor = {.rest = text};
        size_t at;

        if (size == 0)
                return 0;
        switch (data[0]) {
        case 'c':
                if (challenge_parse(text, a, &challenge))
                        assert(challenge.scheme != CHALLENGE_NONE && !span_has_control(challenge.realm));
                break;
        case 't':
                if (token_parse(text, a, &t, NULL))
                        assert(t.value.len > 0 && !span_has_control(t.value) && !span_find(t.value, ' ', &at));
                break;
        case 'f':
                (void)credentials_find(text, "r.example", "a/b", a, &c, NULL);
                break;
        case 'h':
                (void)credentials_of_helper(text, a, &c, NULL);
                break;
        case 'g':
                if (get_get(&cursor, &g))
                        assert(g.kind != GET_NONE && g.kind < GET_KINDS);
                break;
        case 'n':
                if (!span_find(text, 0, &at) && fetch_name_parse(arena_string(a, text), a, &name, NULL))
                        assert(strlen(name.host) + strlen(name.repository) < FETCH_NAME_MAX + 16);
                break;
        case 'l':
                if (link_next(text, &link))
                        assert(link.len > 0 && link.at >= text.at && link.at + link.len <= text.at + text.len);
                (void)list_has(text, "artifactType");
                if (link_path_check(text, SPAN_LIT("a/b")))
                        assert(span_starts(text, "/v2/a/b/referrers/") && !span_find(text, '%', &at) && !span_has_control(text));
                break;
        default:
                break;
        }
        return 0;
}
