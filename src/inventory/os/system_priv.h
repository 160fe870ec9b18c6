/* Which system an os-release names, in the words of OSV's ecosystems and of purls. */
#pragma once

#include "inventory/detect_priv.h"

/*
 * "Debian:12", "Ubuntu:22.04:LTS", "Ubuntu:23.10"; false (and nothing written) when OSV has no advisories under a name
 * that we could form: another system, or a Debian without VERSION_ID (testing, sid).
 */
bool system_ecosystem(const struct os_release *os, struct buf *to);
/* The purl's qualifier distro: "debian-12", "debian-trixie", "debian"; empty without an ID. */
void system_distro(const struct os_release *os, struct buf *to);
/* For notes: "Debian GNU/Linux 12 (bookworm)", else ID and version. */
void system_name(const struct os_release *os, struct buf *to);
