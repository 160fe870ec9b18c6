/* Which system an update of updateinfo.xml is of. */
#pragma once

#include "advisory/feed/feed_priv.h"

/* What names it, the most exact first. Any may be empty. */
struct updateinfo_names {
        struct span collection; /* <collection><name>: "Amazon Linux 2 - kernel-5.15", "Rocky Linux 8", "Fedora 43" */
        struct span short_name; /* "amazon-linux-2---kernel-5.15", "almalinux-9-for-x86_64-baseos-rpms__9_1_default" */
        struct span release;    /* <release>: "Oracle Linux 9", "openSUSE Leap 15.1 Update"; AlmaLinux: "0" */
        struct span reference;  /* "https://errata.almalinux.org/9/ALSA-2022-4940.html" */
};

struct updateinfo_system {
        struct span ecosystem;
        /* Amazon's Extras: versions of this package before this number are another line's ("5.15" of "kernel-5.15"). */
        struct span line;
};

/* False: of none that is known here, and nothing is written. */
bool updateinfo_system_find(const struct updateinfo_names *n, struct arena *a, struct updateinfo_system *ret);
/* "5.15.43" is of line "5.15", "5.150" and "1.2" are not. */
bool updateinfo_is_of_line(struct span version, struct span line);
/* Of one name: "Rocky Linux 8", "Red Hat Enterprise Linux 9". Empty: of none that is known here. */
struct span updateinfo_ecosystem(struct span name, struct arena *a);
