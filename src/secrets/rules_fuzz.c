/* A rules file is the operator's, its compiled bytes the parent's; both are read with care all the same. */
#include <assert.h>

#include "secrets/secrets_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        CLEANUP(secrets_rules_freep) struct secrets_rules *r = NULL, *again = NULL;
        CLEANUP(buf_done) struct buf b = {0};
        struct err e = {0};
        char shown[64];

        if (secrets_rules_parse(span_bytes(data, size), "fuzz", &r, &e)) {
                assert(secrets_rules_count(r) > 0);
                rules_put(&b, r);
                struct cursor c = {.rest = buf_span(&b)};
                assert(rules_get(&c, &again) && cursor_at_end(&c));
                assert(again->rules.len == r->rules.len);
                (void)hit_weigh(r, &r->rules.at[0], span_bytes(data, size), shown, sizeof(shown));
        } else {
                assert(e.kind == ERR_MALFORMED || e.kind == ERR_LIMIT);
        }
        struct cursor c = {.rest = span_bytes(data, size)};
        struct secrets_rules *bytes = NULL;
        if (rules_get(&c, &bytes))
                secrets_rules_free(bytes);
        return 0;
}
