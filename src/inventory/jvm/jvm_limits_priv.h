/* Maxima of the reader of Java archives. What lies above one is named in a note. */
#pragma once

#include <stdint.h>

#define ZIP_NAME_MAX 4095u         /* bytes of an entry's name: it becomes a path */
#define ZIP_PREFIX_MAX (16u << 20) /* bytes in front of the archive: a launch script is 10 KiB, a program 1 MiB */
#define ZIP_INPUT_MAX (1u << 20)   /* bytes at once: igzip 2.30 overruns its input when it is given more */
#define ZIP_OUTPUT 65536u          /* bytes of plain content handed out at once */
#define ZIP_DISAGREEMENTS_MAX 4u   /* of one archive that are told one by one */

/* Of one file, the archives in it included. */
#define JAR_ENTRIES_MAX 500000u    /* 56 bytes each while their archive is read; the largest real jars have 120,000 */
#define JAR_PLAIN_BASE (64u << 20) /* bytes that may be unpacked whatever the file's size ... */
#define JAR_PLAIN_RATIO 100u       /* ... and for each of its bytes: class files are 2 to 3, maps of characters 20 */
#define JAR_PLAIN_MAX (8ull << 30) /* and in all: 20 s of one core */
#define JAR_DEPTH_MAX 8u           /* archives in archives; an ear with a war with a jar is 3 */
#define JAR_ARCHIVES_MAX 20000u    /* a server with all its plug-ins has 2,000 */

#define JAR_PACKAGES_MAX 50000u /* components of one file; a server with all its plug-ins has 3,000 */

#define JAR_MANIFEST_MAX (1u << 20) /* bytes of MANIFEST.MF that are read; signatures of a large jar's entries follow */
#define JAR_HEADER_MAX 4096u        /* bytes of one header that are kept: lists of packages are longer */
#define JAR_PROPERTIES_MAX (64u << 10) /* bytes of pom.properties: 120 are usual */
#define JAR_POM_MAX (1u << 20)         /* bytes of pom.xml: 200 KiB seen */
#define JAR_POMS_MAX 4096u             /* Maven artifacts in one archive: a server in one jar has 400 */
#define JAR_POM_DEPTH_MAX 64u          /* elements in elements */
#define JAR_TAILS_MAX 8u               /* parts of a bundle's name that are held against artifacts */
#define JAR_FOLDERS_MAX 64u            /* folders of class files that are counted */
