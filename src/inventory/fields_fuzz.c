/* Whatever the bytes: what is handed out lies in the input, in its order, and reading ends. */
#include "inventory/fields_priv.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_all(struct span in, bool blanks_end)
{
        struct fields f;
        struct span name = {0}, value = {0};
        enum fields_step step, before = FIELDS_END;
        const uint8_t *at = in.at;
        size_t steps = 0;

        fields_init(&f, in, blanks_end);
        while ((step = fields_next(&f, &name, &value)) != FIELDS_END) {
                assert(++steps <= 2 * in.len + 1);
                assert(step != FIELDS_STANZA_END || before == FIELDS_FIELD || before == FIELDS_BROKEN);
                before = step;
                if (step == FIELDS_STANZA_END)
                        continue;
                assert(name.len > 0 && name.at >= at && name.at + name.len <= in.at + in.len);
                at = name.at + name.len;
                if (step == FIELDS_BROKEN || value.len == 0)
                        continue;
                assert(value.at > at && value.at + value.len <= in.at + in.len);
                at = value.at + value.len;
        }
        assert(before == FIELDS_END || before == FIELDS_STANZA_END);
        assert(f.in.rest.len == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        read_all(span_bytes(data, size), true);
        read_all(span_bytes(data, size), false);
        return 0;
}
