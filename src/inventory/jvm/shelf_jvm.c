/* Java archives, and the runtime they run on. */
#include "inventory/jvm/jar_priv.h"

static const struct detector *const detectors[] = {&detect_jar, &detect_jdk};

const struct detector_shelf shelf_jvm = {detectors, ARRAY_LEN(detectors)};
