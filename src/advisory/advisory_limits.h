/* How much of an advisory feed is accepted. Units are in the comments; the reason follows. */
#pragma once

#define RANGE_TEXT_MAX 8192u /* bytes of one range; longest seen: 369 */
#define RANGE_TERMS_MAX 512u /* comparisons of one range; seen: 46 */

#define FEED_RECORD_MAX \
        (16u << 20) /* bytes of one record's JSON; largest seen: 2 MB (a kernel CVE with all its versions) */
#define FEED_TEXT_MAX (4u << 20)     /* bytes of one string in it: "details" of a digest advisory */
#define FEED_ID_MAX 128u             /* bytes; longest seen: 61 */
#define FEED_ECOSYSTEM_MAX 128u      /* bytes; longest seen: 63 (SUSE modules) */
#define FEED_PACKAGE_MAX 1024u       /* bytes; Go import paths and Maven coordinates stay below 256 */
#define FEED_MODULE_MAX 256u       /* bytes of a modularity label */
#define FEED_DOCUMENT_MAX \
        (512u << 20) /* bytes of one document with many records: Debian's tracker has 70 MB, SUSE's OVAL 300 MB */
#define FEED_SUMMARY_MAX 200u        /* bytes kept of a summary: one line of a report */
#define FEED_URL_MAX 2048u           /* bytes; longer ones are passed over */
#define FEED_ALIASES_MAX 4096u       /* of one record; a distribution's kernel update has some hundred */
#define FEED_AFFECTED_MAX 65536u     /* affected entries of one record; seen: 1,400 */
#define FEED_EVENTS_MAX 65536u       /* events of one range; seen: 118 */
#define FEED_VERSIONS_MAX 262144u    /* of one affected entry's list */
#define FEED_ENCODED_MAX (12u << 20) /* bytes of one compiled record: less than a frame of the jail */
#define FEED_FRAME (256u << 10)      /* bytes after which the worker hands on what it has */

#define SOURCE_BATCH (32u << 20)  /* bytes of files given to one worker: a worker a file would cost 2 ms each */
#define SOURCE_FILES_MAX 2000000u /* files of one folder */
#define SOURCE_DEPTH_MAX 16u      /* folders inside a folder; github/advisory-database has 5 */
#define SOURCE_PATH_MAX 4096u     /* bytes */

#define SOURCE_PLAIN_MAX (16ull << 30)     /* bytes of a source that was compressed, unpacked */
#define SOURCE_RATIO_MAX 400u              /* plain to stored; highest seen: 60, OVAL as bzip2 */
#define SOURCE_RATIO_FREE (256ull << 20)   /* bytes of plain text for which no ratio is asked */

#define SOURCE_PARTS_MAX 64u        /* workers on one archive */
#define SOURCE_SPLIT_MIN (1u << 20) /* bytes of an archive from which more than one worker reads it: 20 ms of work */

#define ZIP_ENTRIES_MAX 2000000u       /* as files of a folder */
#define ZIP_DIRECTORY_MAX (200u << 20) /* bytes of a central directory: half of the worker's memory */
#define ZIP_PLAIN_MAX (16ull << 30)    /* bytes of all records of one zip; 55,000 records of all kinds have 63 MB */
#define ZIP_RATIO_MAX 200u             /* plain to deflated; highest seen: 28 */
#define ZIP_RATIO_FREE (64u << 10)     /* bytes of plain text for which no ratio is asked */
#define ARCHIVE_WINDOW (256u << 10)    /* bytes read at once */
#define FEED_MEMBER_MAX (64u << 20) /* bytes of one member of an archive: 44,000 records of vulnrichment in lines have 26 MB */
#define ARCHIVE_TAKE_MAX (FEED_MEMBER_MAX + 65536u) /* bytes: a member that deflate could not make smaller */
#define TAR_META_MAX (64u << 10)                   /* bytes of one pax header or GNU long name */

#define DB_CHECK_AT_OPEN (4u << 20) /* bytes: up to here opening checks the whole content, 2 ms at 2 GB/s */
#define DB_DELTA_BASE_MAX (256u << 20) /* bytes of a file that a difference is made to: a worker holds it in memory */
#define DB_ECOSYSTEMS_MAX 65536u
#define DB_SOURCES_MAX 65536u
#define DB_BYTES_MAX (4ull << 30) /* string offsets are 32 bits wide */

#define VEX_DOCUMENT_MAX (64u << 20) /* bytes; largest seen: 3 MB (Red Hat's of a Java library in every product) */
#define VEX_STATEMENTS_MAX (1u << 18) /* of one document; vexhub's largest has 864 */
#define VEX_PRODUCTS_MAX (1u << 20)   /* of all statements of one document */
#define VEX_TEXT_MAX 4096u            /* bytes kept of a note; a report shows all of it */
#define VERS_CONSTRAINTS_MAX 256u     /* of one range; those seen have 2 */
#define VEX_REMARKS_MAX 100u          /* told of one document */
#define VEX_ANSWER_MAX (64u << 20)    /* bytes of all statements: each product may be named in many */
