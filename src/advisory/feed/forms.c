/* The forms of feeds that are read. */
#include "advisory/feed/feed_priv.h"

const struct feed_form *const feed_forms[] = {
    &feed_kev,
    &feed_epss,
    &feed_cve5,
    &feed_secdb,
    &feed_debian,
    &feed_debian_list,
    &feed_arch,
    &feed_photon,
    &feed_nvd,
    &feed_gitlab,
    &feed_csaf,
    &feed_updateinfo,
    &feed_oval,
    &feed_osv,
    NULL,
};
