/* The forms of feeds that are read. */
#include "advisory/feed/feed_priv.h"

const struct feed_form *const feed_forms[] = {
    &feed_osv,
    NULL,
};
