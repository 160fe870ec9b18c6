/* What both ends of a layer's report share: layer_report.c writes, layer_report_take.c reads. */
#pragma once

#include "inventory/layer_priv.h"

#define IDS_PER_RECORD 32768u

/* Texts of a package that may be missing, by bit of "what follows": source name, source version, architecture, licence,
 * vendor, CPE, module, inside, type, ecosystem. */
#define PACKAGE_TEXTS 10u
#define PACKAGE_TYPE 8u
#define PACKAGE_ECOSYSTEM 9u           /* empty and there: none has advisories for it */
#define PACKAGE_QUALIFIERS 10u         /* two bits: how many */
#define PACKAGE_SOURCE_SAME (1u << 12) /* source name and version are the package's own */
#define PACKAGE_DEVELOPMENT (1u << 13)
#define PACKAGE_DECLARED (1u << 14)
#define PACKAGE_UNLESS_OWNED (1u << 15)
