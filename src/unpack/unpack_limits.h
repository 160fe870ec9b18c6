/* Every bound of this room, with its unit and reason. */
#pragma once

/* Folders of one layer whose times are set at the end, and the bytes of their paths: the largest real layer has 10^5.
 */
#define UNPACK_FOLDERS_MAX 2000000u
#define UNPACK_FOLDER_PATHS_MAX (256u << 20)

/* Bytes of address space: a zstd window, the folders above, two stacks. */
#define UNPACK_MEMORY_MAX (1ull << 30)
#define UNPACK_CPU_S_MAX 1800u             /* CPU seconds: 20 GiB at 40 MB/s, and as much again for small files */
#define UNPACK_WALL_MS_MAX (3600u * 1000u) /* a slow disk included */
#define UNPACK_END_MS_MAX 5000u            /* from the last answer to the end: memory is freed, no more */
#define UNPACK_FDS_MAX 64u                 /* descriptors: removing a tree holds 24 */
#define UNPACK_MESSAGE_MAX 4096u           /* bytes of a request or an answer */
#define UNPACK_SWEEP_MAX 64u               /* left folders that one sweep removes: each is a descriptor */
/* A second thread pays from about here on: starting it costs 0.1 ms. Bytes as stored. */
#define UNPACK_THREAD_SIZE (4u << 20)
#define UNPACK_SIZE_LEVELS \
        128u /* folders within folders that a pruned layer's size counts, a descriptor each; deepest seen: 40 */
