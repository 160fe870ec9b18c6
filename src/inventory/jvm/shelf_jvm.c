/* Java archives. */
#include "inventory/detect_priv.h"

const struct detector_shelf shelf_jvm = {NULL, 0};
