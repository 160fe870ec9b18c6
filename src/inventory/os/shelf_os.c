/* What operating systems' package managers keep. The last row takes what no other reads. */
#include "inventory/detect_priv.h"

static const struct detector *const rows[] = {
    &detect_os_release,
    &detect_dpkg,
    &detect_unread,
};
const struct detector_shelf shelf_os = {rows, ARRAY_LEN(rows)};
