/* Programs that name what they were built from. */
#include "inventory/elf/elf_priv.h"

static const struct detector *const rows[] = {
    &detect_elf,
};
const struct detector_shelf shelf_elf = {rows, ARRAY_LEN(rows)};
