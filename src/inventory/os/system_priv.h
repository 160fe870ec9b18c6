/* Which system an os-release names, in the words of OSV's ecosystems and of purls, and whether it still gets updates. */
#pragma once

#include "inventory/detect_priv.h"

/* Files that say which system it is, the best first: the first that is there and names an ID counts. */
extern const char *const system_files[];
extern const size_t system_n_files;

/*
 * The ecosystem under which advisories for this release stand: "Debian:12", "Ubuntu:22.04:LTS", "Alpine:v3.18",
 * "Red Hat:enterprise_linux:9", "SUSE:Linux Enterprise Server 15 SP5". False (and nothing written) when nobody publishes
 * advisories for it, or it states no release that we could name.
 *
 * Of vendors whose advisories OSV does not carry the name is made alike: "Amazon Linux:2023", "Oracle Linux:9",
 * "Fedora:42", "Arch Linux", "Gentoo", "Bottlerocket".
 *
 * Red Hat's records name a product's stream ("enterprise_linux:9::appstream"), SUSE's the module that ships a package
 * ("Linux Enterprise Module for Basesystem 15 SP5"): what of them a package came from no image says, so the release
 * stands for all of its streams, and whoever files the records must fold them alike.
 */
bool system_ecosystem(const struct os_release *os, struct buf *to);
/* The same for packages of one purl type: an rpm database in a Debian image has no ecosystem. */
bool system_package_ecosystem(const struct os_release *os, const char *type, struct buf *to);
/* The purl type of the system's own packages: "deb", "rpm" ...; NULL for a system that we don't know. */
const char *system_package_type(const struct os_release *os);

/* The purl's qualifier distro: "debian-12", "debian-trixie", "debian"; empty without an ID. */
void system_distro(const struct os_release *os, struct buf *to);
/* For notes: "Debian GNU/Linux 12 (bookworm)", else ID and version. */
void system_name(const struct os_release *os, struct buf *to);

/* What `system_life` and its table call a release: "12", "22.04", "3.18", "15.5", "22.03-LTS-SP1"; empty: none stated. */
void system_release(const struct os_release *os, struct buf *to);

enum system_life {
        SYSTEM_LIFE_UNKNOWN = 0, /* we know of no day on which its support ends */
        SYSTEM_LIFE_ENDED,       /* nobody gets updates any more */
        SYSTEM_LIFE_PAID,        /* only those who pay for it */
        SYSTEM_LIFE_SUPPORTED,
        SYSTEM_LIFE_ROLLING /* one release that always goes on; an old image of it is told by its packages alone */
};

/*
 * `now_s` is wall time. Unless supported, `note` (may be NULL) gets one sentence for people: "Debian GNU/Linux 9
 * (stretch) has had no security updates since 2022-06-30: what is found is not all that is wrong".
 */
enum system_life system_life(const struct os_release *os, int64_t now_s, struct buf *note);
/* True when the public's updates have ended; `ret_date` (may be NULL) gets the last day, "2022-06-30". */
bool system_end_of_life(const struct os_release *os, int64_t now_s, struct span *ret_date);
