/* What language package managers install. */
#include "inventory/detect_priv.h"

static const struct detector *const rows[] = {
    &detect_npm,
    &detect_python,
};
const struct detector_shelf shelf_lang = {rows, ARRAY_LEN(rows)};
