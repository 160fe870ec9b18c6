/* Limits of the runtime room. Each has its unit and its reason. */
#pragma once

#define RUNTIME_ARGS_MAX \
        4096u /* arguments, and variables: a config.json stays readable; the kernel's own limit is in bytes */
#define RUNTIME_ARG_BYTES_MAX \
        (1u << 20)              /* bytes of all arguments and variables together: half of Linux's default for exec */
#define RUNTIME_VOLUMES_MAX 64u
#define RUNTIME_PATH_MAX 4095u        /* bytes: PATH_MAX without the NUL */
#define RUNTIME_PASSWD_MAX (1u << 20) /* bytes of etc/passwd or etc/group: 10,000 accounts; read into memory */
#define RUNTIME_USER_LINE_MAX 65536u  /* bytes of one line; a group with thousands of members */
#define RUNTIME_GROUPS_MAX 64u        /* supplementary groups; more make the start fail */
#define RUNTIME_USER_MAX 256u         /* bytes of the user as asked for */
#define RUNTIME_HOSTNAME_MAX 63u      /* bytes: a label of RFC 1123; the kernel takes 64 */
#define RUNTIME_CONFIG_MAX (8u << 20) /* bytes of config.json */
#define RUNTIME_EXIT_FILE_MAX 4096u   /* bytes of the exit record that the monitor writes */
#define RUNTIME_LOG_LINE_MAX 65536u   /* bytes of one line of the log: the monitor writes at most 16 KiB and a prefix */
#define RUNTIME_IDS 65536u            /* ids of one container: STORE_ID_RANGE */
#define RUNTIME_MEMORY_MIN (6u << 20) /* bytes: below it the OCI runtime itself is killed while it starts */
#define RUNTIME_NOFILE 65536u         /* open files; lowered to the hard limit that we have */
#define RUNTIME_START_TIMEOUT_MS 60000 /* from fork to "started": a cold disk with room */
