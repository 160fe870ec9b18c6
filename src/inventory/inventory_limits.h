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
#define INVENTORY_PLACE_MAX 8192u /* a file's path, "!/" and a path within it */
#define INVENTORY_TYPE_MAX 32u
#define INVENTORY_KEY_MAX 32u /* of a purl's qualifier */
#define INVENTORY_RULE_MAX 128u
#define INVENTORY_REMARK_TEXT_MAX 512u
#define INVENTORY_PURL_MAX 8192u        /* every byte of name, version, architecture and system percent-encoded */
#define INVENTORY_CREATED_BY_MAX 65536u /* bytes: a history line holds a whole RUN instruction; longer ones are cut */

/* Bytes of a file that a detector reads at once. */
#define INVENTORY_DPKG_MAX (64u << 20) /* status of 100,000 packages; 939 packages are 1 MiB */
#define INVENTORY_PACKAGE_JSON_MAX (4u << 20)
#define INVENTORY_METADATA_MAX (1u << 20) /* it carries the project's README: 200 KiB seen */
#define INVENTORY_OS_RELEASE_MAX (64u << 10)
#define INVENTORY_PACKAGE_FILE_MAX (32u << 20) /* what one installed package owns: 3 MiB for a kernel's headers */
#define INVENTORY_COPYRIGHT_MAX (8u << 20)     /* DEP-5: chromium's is 2.5 MiB */
#define INVENTORY_RPM_MAX (256u << 20)         /* a database of 5,000 packages with all their files is 200 MiB */

/* Folders above a file that says something: merging looks at each. A deep node_modules has 40. */
#define INVENTORY_DEPTH_MAX 128u

/* Of one layer. The largest real image has 2 * 10^3 such files and 10^5 entries in all. */
#define INVENTORY_EVIDENCE_MAX 200000u
#define INVENTORY_PACKAGES_MAX 1000000u
#define INVENTORY_WHITEOUTS_MAX 1000000u
#define INVENTORY_ENTRIES_MAX 10000000u /* 32 bytes each in the worker, 16 in its answer */
#define INVENTORY_LINKS_MAX 1000000u    /* hard links; backups and package stores are made of them */
#define INVENTORY_HEADS_MAX 1000000u    /* first bytes of files that a hard link may lead to: 64 bytes each */
#define INVENTORY_SUPPLEMENTS_MAX 1000000u
#define INVENTORY_OWNED_MAX 4000000u /* paths that packages own: 24 bytes each; 300,000 on a desktop */
#define INVENTORY_REMARKS_MAX 20000u
#define INVENTORY_FILE_REMARKS_MAX 200u /* of one file: a page of secrets */
/* Bytes of a file that are kept for a reader that asks to see it again; more of a layer that comes through a pipe. */
#define INVENTORY_REPLAY_MAX (32u << 20)
#define INVENTORY_REPLAY_PIPE_MAX (256u << 20)
/* Files whose reader asked to see them again, and keeps what it knows meanwhile: a few KiB each. */
#define INVENTORY_STREAMS_MAX 50000u
/* Bytes of files that wait for a companion: a rpm database of 5,000 packages is 200 MiB. */
#define INVENTORY_HELD_MAX (512u << 20)
#define INVENTORY_RETRIES_MAX 3u /* of a layer, each without a file over which a detector died */

/* Notes: of one file, of one layer, of the image. One more says how many were left out. */
#define INVENTORY_FILE_NOTES_MAX 16u
#define INVENTORY_LAYER_NOTES_MAX 1000u
#define INVENTORY_NOTES_MAX 1000u

/* Bytes of a root folder's package files, which are copied to memory: 200,000 package.json of 4 KiB. */
#define INVENTORY_FOLDER_BYTES_MAX (1u << 30)
/* Of these, bytes of programs and archives, which are read as they stream by: the others are not looked at, and counted. */
#define INVENTORY_FOLDER_STREAMS_MAX (768u << 20)

/* Bytes of a layer that came through a pipe, must be read twice, and is taken to memory for that. */
#define INVENTORY_SPOOL_MAX (4ull << 30)
#define INVENTORY_SPOOL_PIECE (256u << 10)

/* Of an image. */
#define INVENTORY_LAYERS_MAX 4096u
#define INVENTORY_COMPONENTS_MAX 1000000u
#define INVENTORY_IMAGE_REMARKS_MAX 100000u
#define INVENTORY_SAME_NAME_MAX 64u /* packages of one name that another file's words are for: architectures, versions */
#define INVENTORY_KEPT_MAX (64u << 20) /* bytes of a layer's report that are kept for the next image: 2 MiB is usual */
#define INVENTORY_ANSWERS_MAX (512u << 20) /* bytes of all workers' answers, which the parent holds at once */
#define INVENTORY_WORKER_MEMORY_MAX \
        (1536u << 20) /* bytes: the entries of the largest layer, sorted, beside its status file */
