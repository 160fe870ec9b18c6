/* What operating systems' package managers keep. The last row takes what no other reads. */
#include "inventory/detect_priv.h"
#include "inventory/os/os_priv.h"

static const struct detector *const rows[] = {
    &detect_os_release,
    &detect_dpkg,
    &detect_dpkg_files,
    &detect_copyright,
    &detect_chisel,
    &detect_apk,
    &detect_pacman,
    &detect_opkg,
    &detect_portage,
    &detect_snap,
    &detect_rpm_sqlite,
    &detect_rpm_ndb,
    &detect_rpm_bdb,
    &detect_rpm_manifest,
    &detect_unread,
};
const struct detector_shelf shelf_os = {rows, ARRAY_LEN(rows)};
