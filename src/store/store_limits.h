/* Every bound of this room, with its unit and reason. */
#pragma once

#define STORE_SCHEMA_NAME_MAX 63u /* bytes: NAMEDATALEN of PostgreSQL less one */

#define STORE_BUSY_MS 5000 /* how long a writer waits for another one; the longest put seen takes 0.2 s */

/* Bytes of one text or byte string. */
#define STORE_TEXT_MAX 8192u             /* names, versions, keys, paths: a path is at most 4095, a purl 8192 */
#define STORE_INVENTORY_MAX (256u << 20) /* an image of 10^6 components at 250 bytes; SQLite's own limit is 10^9 */
#define STORE_LAYER_MAX (64u << 20)      /* of one layer: 2 MiB for 50,000 files */
#define STORE_LAYERS_MAX (1ull << 30)    /* of all layers together, unless the caller says otherwise: some 500 */
#define STORE_RECORD_MAX (1u << 20)      /* a container's record, a ledger record's body: 4 KiB is usual */
#define STORE_COMMAND_MAX (2u << 20)     /* what execve(2) takes as one command */
#define STORE_OWNER_MAX 64u
#define STORE_CONTAINER_NAME_MAX 128u
#define STORE_EVENT_MAX 64u

#define STORE_COMPONENTS_MAX 1000000u /* of one image; as many as an inventory may have */
#define STORE_CONTAINERS_MAX 100000u  /* in one list; ids for 24,576 exist */

/*
 * Id ranges lie below this. systemd (UIDS-GIDS.md) sets 0x80000 to 0x6fffffff aside for containers and warns of ids
 * from 0x80000000 on, which old programs take for negative. 24,576 ranges lie between STORE_ID_FIRST and here.
 */
#define STORE_ID_END 0x70000000u
#define STORE_SUBID_FILE_MAX (4u << 20) /* bytes of /etc/subuid: 100,000 users */
#define STORE_SUBID_RANGES_MAX 200000u  /* of both files together */

#define STORE_CONTAINER_ID_LEN 12u
#define STORE_CONTAINER_PREFIX_MIN 4u /* digits of an id that may stand for it */

#define STORE_HEAD_MAX 512u /* bytes of a head's text; the longest is 341 */
