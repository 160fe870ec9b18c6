/* Writes one OpenVEX document that uses all that the writer can: for the standard's own schema to judge. */
#include "advisory/vex/vex_priv.h"

int main(void)
{
        static const struct span ids[] = {
            {(const uint8_t *)"CVE-2024-1", 10}, {(const uint8_t *)"GHSA-aaaa", 9}, {(const uint8_t *)"DSA-1", 5}};
        static const struct span inner[] = {
            {(const uint8_t *)"pkg:npm/lodash", 14}, {(const uint8_t *)"pkg:npm/%40a/b@1", 16}};
        static const char digest[] = "sha256:0123456789012345678901234567890123456789012345678901234567890123";
        static const struct vex_product products[] = {
            {.name = {(const uint8_t *)"pkg:oci/app?tag=1", 17}, .subcomponents = inner, .n_subcomponents = 2},
            {.name = {(const uint8_t *)digest, sizeof(digest) - 1}},
        };
        const struct vex_statement statements[] = {
            {ids, 3, products, 2, VEX_STATUS_NOT_AFFECTED, SPAN_LIT("component_not_present"), SPAN_LIT("why \"not\"\n"),
                {0}, 1},
            {ids, 1, products, 1, VEX_STATUS_NOT_AFFECTED, {0}, SPAN_LIT("in words alone"), {0}, 2},
            {ids, 1, products + 1, 1, VEX_STATUS_AFFECTED, {0}, SPAN_LIT("a note"), SPAN_LIT("wait"), 3},
            {ids, 1, products + 1, 1, VEX_STATUS_FIXED, {0}, {0}, {0}, 0},
            {ids + 1, 1, products + 1, 1, VEX_STATUS_INVESTIGATING, {0}, {0}, {0}, 1704153600},
        };
        const struct vex_draft d = {.author = SPAN_LIT("Example"),
            .role = SPAN_LIT("Document Creator"),
            .tooling = SPAN_LIT("a tool"),
            .time_s = 1704153600,
            .version = 2,
            .statements = statements,
            .n_statements = ARRAY_LEN(statements)};
        CLEANUP(buf_done) struct buf b = {0};

        for (size_t i = 0; i < ARRAY_LEN(statements); i++)
                if (!vex_statement_check(&statements[i], NULL))
                        return 1;
        vex_write(&d, &b);
        return fwrite(b.at, 1, b.len, stdout) == b.len ? 0 : 1;
}
