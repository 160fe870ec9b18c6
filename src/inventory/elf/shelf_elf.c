/* Programs that name what they were built from. */
#include "inventory/detect_priv.h"

const struct detector_shelf shelf_elf = {NULL, 0};
