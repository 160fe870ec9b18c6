/* The shelves, in the order in which their detectors are asked. Alone in its file: the engine's tests link a list of their
 * own in its place. */
#include "inventory/detect_priv.h"

const struct detector_shelf *const detector_shelves[] = {
    &shelf_os, &shelf_lang, &shelf_jvm, &shelf_elf, &shelf_lock, NULL};
