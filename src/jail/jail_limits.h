/* Every bound of this room, with its unit and reason. */
#pragma once

#define JAIL_MEMORY_DEFAULT (512ull << 20) /* bytes: a zstd window of 128 MiB, OpenSSL's libraries, thread stacks */
#define JAIL_CPU_DEFAULT_S 600u            /* 20 GiB at 40 MB/s, hashed twice and inflated */
#define JAIL_WALL_DEFAULT_MS (30u * 60u * 1000u)
#define JAIL_ANSWER_DEFAULT (256ull << 20) /* bytes: a layer of 10^6 files at 200 bytes each */

/* Frames of one answer: an empty frame is cheap to write and not quite as cheap to read. A million files: one each. */
#define JAIL_FRAMES_MAX (4u << 20)

#define JAIL_STDERR_KEPT 2048u      /* bytes: the last line of a dying worker goes into the error */
#define JAIL_READ_CHUNK (64u << 10) /* bytes: what a pipe holds */
#define JAIL_POLL_MS 100            /* how soon a cancelled run ends */
#define JAIL_PROGRESS_MS 100        /* between two progress frames */
#define JAIL_JOB_NAME_MAX 64u       /* bytes with the NUL */
