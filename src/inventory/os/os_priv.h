/* The rows of this shelf. */
#pragma once

#include "inventory/detect_priv.h"

extern const struct detector detect_dpkg_files, detect_copyright;
extern const struct detector detect_apk, detect_pacman, detect_opkg, detect_portage, detect_snap, detect_chisel;
extern const struct detector detect_rpm_sqlite, detect_rpm_ndb, detect_rpm_bdb, detect_rpm_manifest;
