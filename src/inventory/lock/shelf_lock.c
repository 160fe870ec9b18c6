/* Lock files: what was declared, not what is there. */
#include "inventory/detect_priv.h"

const struct detector_shelf shelf_lock = {NULL, 0};
