/* Every bound of this room, with its unit and reason. */
#pragma once

#include "codec/codec.h"

/* ---- documents ---- */

/* Bytes of an index or a manifest. OCI distribution-spec 1.1: registries should refuse more than 4 MiB. */
#define IMAGE_MANIFEST_MAX (4u << 20)
/* Bytes of a configuration: it holds every RUN line of the build in its history; 100 KiB is a large one. */
#define IMAGE_CONFIG_MAX (8u << 20)
/*
 * Each layer holds one descriptor, and the usual limit of those is 1,024; overlayfs takes 500 lower directories. Real
 * images have at most 127, which is what Docker builds.
 */
#define IMAGE_LAYERS_MAX 500u
#define IMAGE_MANIFESTS_MAX 4096u /* entries of one index: a layout that serves as a mirror has hundreds */
#define IMAGE_INDEX_DEPTH_MAX 4u  /* indexes within indexes: two are in use (tag -> platforms) */
#define IMAGE_HISTORY_MAX 4096u   /* history lines: layers and the empty ones between them */
#define IMAGE_TEXT_MAX (1u << 16) /* bytes of one text in manifest or configuration: a RUN line with a script in it */
#define IMAGE_MEDIA_TYPE_MAX 255u /* bytes: RFC 6838 allows 127 for each half */
#define IMAGE_PLATFORM_MAX 64u    /* bytes of each of os, architecture, variant; longest in use: 8 */
#define IMAGE_TAG_MAX 255u        /* bytes of a tag or ref.name: OCI says 128 for tags */
#define IMAGE_LIST_MAX 4096u      /* elements of Env, Entrypoint, Cmd: execve(2) has less than 2 MiB for all */
#define IMAGE_ANSWER_MAX (16u << 20) /* bytes of a document's answer: below what the documents themselves may have */

/* ---- what is attached to an image ---- */

/* Referrers of one image: each is a manifest that is fetched and read by a worker. A signature and an SBOM a build make few. */
#define IMAGE_REFERRERS_MAX 1024u
#define IMAGE_REFERRERS_PAGES_MAX 64u /* of one list: registries give 50 to 1,000 on each. Attack: pages without end */
#define IMAGE_REFERRERS_LOOKED_MAX 1024u /* manifests of a layout of which only their content says what they are attached to */
#define IMAGE_ANNOTATION_MAX 255u        /* bytes of an annotation that is shown; a longer one is left out */

/* ---- archives ---- */

/* Entries of an image archive, its folders among them: a few for each layer or blob; a mirror has thousands. */
#define IMAGE_ARCHIVE_ENTRIES_MAX 100000u
/* Bytes of their names and links together: 160 each, and a blob's is 76. */
#define IMAGE_ARCHIVE_NAMES_MAX (16u << 20)
/* Documents that are read to find the manifest that has a configuration: images times their platforms. */
#define IMAGE_ARCHIVE_DOCUMENTS_MAX 4096u

/* ---- App Container Images ---- */

#define IMAGE_ACI_NAME_MAX 255u         /* bytes of an AC identifier: the specification's own limit for its strings */
#define IMAGE_ACI_LABELS_MAX 64u        /* of an image, of a dependency: three are in use */
#define IMAGE_ACI_ANNOTATIONS_MAX 1024u
#define IMAGE_ACI_DEPENDENCIES_MAX 64u  /* of one image: docker2aci makes one, acbuild as many as were typed */
#define IMAGE_ACI_DEPTH_MAX 16u         /* dependencies of dependencies: each list of paths above is applied to a file */
#define IMAGE_ACI_FILES_MAX 256u        /* *.aci files in a folder that dependencies are looked for in: each is read */
#define IMAGE_ACI_WHITELIST_MAX 1000000u /* paths: docker2aci lists every file of an image, and that is 10^5 */
#define IMAGE_ACI_ANSWERS_MAX (256u << 20) /* bytes of what workers say of all files of a folder, which are kept */
/* Bytes of lists of paths that one file is read with: they go in one request. */
#define IMAGE_ACI_LISTS_MAX (15u << 20)
/* Bytes of a plain tar that is kept in memory because a list of paths leaves out some of it. */
#define IMAGE_ACI_FILTERED_MAX (4ull << 30)
/* ---- layers ---- */

#define IMAGE_PATH_MAX 4095u /* bytes of a path or a link's target: Linux PATH_MAX without the NUL */
#define IMAGE_NAME_MAX 255u  /* bytes of one component: Linux NAME_MAX */
/* Entries of one layer. The largest real images have 10^6 files; each costs a walker 512 bytes of reading. */
#define IMAGE_ENTRIES_MAX 10000000u
/* Bytes of one extended header (pax x or g, GNU L or K): extended attributes may hold 64 KiB each. */
#define IMAGE_PAX_MAX (1u << 20)
/* Bytes of a plain layer: half an hour at 600 MB/s, and more than a node's disk has for images. */
#define IMAGE_PLAIN_MAX (1ull << 40)
/*
 * Decompression bombs: 4 GiB of zeros are 4 to 18 MiB of gzip. Layers of text reach 20:1, of logs 50:1; a big file of
 * zeros in a real image exists, but then the rest of the layer is there, too. So both must hold to be refused: more
 * than this plain size (before it, all a bomb costs is two seconds) and more than this ratio of plain to stored bytes.
 */
#define IMAGE_BOMB_PLAIN (1ull << 30) /* bytes */
#define IMAGE_BOMB_RATIO 200u
/* Bytes of one piece of a stream: what a decompressor may be given at once. */
#define IMAGE_PIECE_SIZE COMPRESSION_PIECE_MAX
/* Pieces on their way to the hashing thread. */
#define IMAGE_RING_STORED 4u
#define IMAGE_RING_PLAIN 8u
