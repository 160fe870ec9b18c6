/* Maxima of the inventory room. What lies above one is named in a note or an error; nothing is dropped in silence. */
#pragma once

/* Bytes of one text. Longest seen: 100 (Debian package name), 214 (npm's own limit for a name). */
#define INVENTORY_NAME_MAX 512u
#define INVENTORY_VERSION_MAX 256u
#define INVENTORY_ARCH_MAX 64u
#define INVENTORY_LICENCE_MAX 1024u
#define INVENTORY_OS_TEXT_MAX 256u
#define INVENTORY_NOTE_MAX 6000u /* a path of 4095 bytes and a sentence */
#define INVENTORY_PATH_MAX 4095u /* Linux PATH_MAX without the NUL */
#define INVENTORY_ECOSYSTEM_MAX 128u
#define INVENTORY_PURL_MAX 8192u        /* every byte of name, version, architecture and system percent-encoded */
#define INVENTORY_CREATED_BY_MAX 65536u /* bytes: a history line holds a whole RUN instruction; longer ones are cut */

/* Bytes of a file that a detector reads at once. */
#define INVENTORY_DPKG_MAX (64u << 20) /* status of 100,000 packages; 939 packages are 1 MiB */
#define INVENTORY_PACKAGE_JSON_MAX (4u << 20)
#define INVENTORY_METADATA_MAX (1u << 20) /* it carries the project's README: 200 KiB seen */
#define INVENTORY_OS_RELEASE_MAX (64u << 10)

/* Folders above a file that says something: merging looks at each. A deep node_modules has 40. */
#define INVENTORY_DEPTH_MAX 128u

/* Of one layer. The largest real image has 2 * 10^3 such files and 10^5 entries in all. */
#define INVENTORY_EVIDENCE_MAX 200000u
#define INVENTORY_PACKAGES_MAX 1000000u
#define INVENTORY_WHITEOUTS_MAX 1000000u
#define INVENTORY_ENTRIES_MAX 10000000u /* 24 bytes each in the worker, 16 in its answer */
#define INVENTORY_LINKS_MAX 200000u     /* hard links whose own path a detector wants */
#define INVENTORY_LINK_PASSES_MAX \
        4u /* a tar writer links to the first name, so one is usual; each reads the layer again */

/* Notes: of one file, of one layer, of the image. One more says how many were left out. */
#define INVENTORY_FILE_NOTES_MAX 16u
#define INVENTORY_LAYER_NOTES_MAX 1000u
#define INVENTORY_NOTES_MAX 1000u

/* Bytes of a root folder's package files, which are copied to memory: 200,000 package.json of 4 KiB. */
#define INVENTORY_FOLDER_BYTES_MAX (1u << 30)

/* Of an image. */
#define INVENTORY_LAYERS_MAX 4096u
#define INVENTORY_COMPONENTS_MAX 1000000u
#define INVENTORY_ANSWERS_MAX (512u << 20) /* bytes of all workers' answers, which the parent holds at once */
#define INVENTORY_WORKER_MEMORY_MAX \
        (1536u << 20) /* bytes: the entries of the largest layer, sorted, beside its status file */
