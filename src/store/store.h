/*
 * store: what Coffer remembers: images and what they contain, containers, id ranges, and the ledger.
 *
 * In:    records of the rooms above, as plain values and byte strings; heads of a ledger, as text from anywhere.
 * Out:   the same, whole, after any crash; a chain of decisions that can be verified offline.
 * Never: interprets an inventory or a verdict; hands out the ledger's private key.
 * Uses:  base
 * Terms: SQLite WAL; hash chain; Ed25519 signed head; subordinate id range (subuid(5)).
 *
 * Records live in SQLite, or in PostgreSQL where the state folder has a store.conf (module.c), behind a small interface
 * (store_priv.h, struct store_ops); all above it is the same for both. Any number of processes may have one state folder open;
 * writers take turns. A store belongs to one thread, and a callback must not call it.
 *
 * Every function fails with ERR_SYSTEM (disk full, I/O error: nothing was changed), ERR_UNAVAILABLE (another process
 * held the database for 5 s, or its server can't be reached), ERR_MALFORMED (the file is damaged: the text names it and what to do), ERR_UNSUPPORTED
 * (a newer Coffer has changed the schema meanwhile) and, for texts beyond store_limits.h, ERR_LIMIT. Texts, where not
 * called "bytes", are UTF-8 without NUL, else ERR_MALFORMED. Nothing in a database file can make a read go astray.
 */
#pragma once

#include "base/base.h"

struct store;

/*
 * Opens or makes `coffer.db` (0600), or the schema that store.conf names, and `keys/` (0700) in the state folder; `root_path` must name the same folder as
 * `root_fd`, which is borrowed. Migrates an older schema in one transaction; refuses a newer one (ERR_UNSUPPORTED,
 * "made by a newer Coffer") and a database of another program (ERR_MALFORMED). ERR_UNTRUSTED: others may write store.conf or the
 * module, or read a password in it.
 */
bool store_open(int root_fd, const char *root_path, struct store **ret, struct err *e);
bool store_exists(int root_fd);   /* was one opened here before? True for what can't be told */
void store_free(struct store *s); /* accepts NULL */
void store_freep(struct store **s);
/* For people: "SQLite, /var/lib/coffer/coffer.db", "PostgreSQL at HOST, database NAME, schema NAME". */
const char *store_where(const struct store *s);
int store_schema_version(const struct store *s);

/* ---- images and components ---- */

struct store_component {
        struct span ecosystem, type, name, version;
        struct span source_name, source_version; /* empty where name and version are what advisories speak of */
        struct span module; /* as the inventory has it; empty: of none */
        struct span package; /* what advisories call it; empty: source_name, or name */
        struct span owner;  /* ecosystem of the system's package that installed it; empty: nobody's */
        /* Order-preserving key of source_version (of version, if that is empty). Can't be ordered: empty, format 0. */
        struct span key;
        uint32_t key_format;
        uint32_t part; /* which layer brought it: what one layer brought is kept once, for all images that have the same of it */
};

struct store_image {
        struct digest digest;
        struct span name; /* bytes, as the user named it */
        uint32_t inventory_format;
        struct span inventory; /* bytes, opaque here */
        int64_t assessed_s;
        const struct store_component *components; /* any order, repeats count once; store_image_get leaves it empty */
        size_t n_components;
};

/*
 * Keeps an image's inventory under its digest, and the components of each layer once: equal sets are shared between images.
 * All or nothing; replaces what was kept of the same digest, and drops sets and components that nothing holds any more.
 */
bool store_image_put(struct store *s, const struct store_image *i, struct err *e);
/* ERR_NOT_FOUND if unknown or of another format number. Spans live in `a`. */
bool store_image_get(struct store *s, const struct digest *d, uint32_t inventory_format, struct arena *a,
    struct store_image *ret, struct err *e);

/*
 * What is known of one layer, by its diff id and the number of what made it: bytes, opaque here, that can be made anew. When
 * all are more than `bytes_max` (0: STORE_LAYERS_MAX, 1 GiB), the least recently used go; one alone has at most 64 MiB.
 */
bool store_layer_put(struct store *s, const struct digest *diff_id, uint32_t format, struct span bytes,
    uint64_t bytes_max, struct err *e);
/* ERR_NOT_FOUND if unknown or of another number; ERR_LIMIT when `ret` is too small for it. Replaces what `ret` held. */
bool store_layer_get(struct store *s, const struct digest *diff_id, uint32_t format, struct buf *ret, struct err *e);

/* ---- the fleet: all images, and what changes for them when advisories do ---- */

/*
 * One unit of work on all images: begin, read, add notices, end. Others can read meanwhile, not write. `advisories` is the text of
 * the digest of the database that all images were last matched with, "" if they never were; it lives in `a`.
 */
bool store_fleet_begin(struct store *s, struct arena *a, struct span *ret_advisories, struct err *e);
/* The same to read alone, which waits for nobody and keeps nobody waiting; ends by store_fleet_end with `ok` false. */
bool store_fleet_look(struct store *s, struct err *e);
/* `ok` false, or an error: nothing of it happened. True with `advisories`: from now on they are the last. */
bool store_fleet_end(struct store *s, bool ok, struct span advisories, struct err *e);

/* Within the unit: every ecosystem that some component has, in the order of their bytes. */
bool store_fleet_ecosystems(struct store *s, struct arena *a, struct span **ret, size_t *ret_n, struct err *e);

/*
 * The same text, by itself. `first`, if not empty: where all images were never matched and some were kept, it is what the next
 * unit of work compares with. A database that this names must be kept.
 */
bool store_fleet_advisories(struct store *s, struct span first, struct arena *a, struct span *ret, struct err *e);

struct store_row {
        int64_t id;
        struct store_component c;
};
struct store_range {
        struct span ecosystem, package;
        uint32_t key_format;
        struct span key_lo, key_hi; /* lo <= key < hi; an empty hi: no bound */
};
/*
 * Within the unit: the distinct components of that package in that range, by one range of an index, for `match` to decide on. One
 * without a key of this format is in every range: not known is not "not affected".
 */
bool store_fleet_components(struct store *s, const struct store_range *r, struct arena *a, struct store_row **ret,
    size_t *ret_n, struct err *e);
/* Within the unit: those of every ecosystem, from id `after` on (0: the first), at most `max`; fewer: there are no more. */
bool store_fleet_all_components(struct store *s, int64_t after, size_t max, struct arena *a, struct store_row **ret,
    size_t *ret_n, struct err *e);

struct store_holder {
        int64_t id; /* of the image, as long as this unit of work lasts */
        struct span digest, name, advisories; /* texts; advisories: it was matched with by itself since it was last told of, or "" */
};
/* Within the unit: the images that hold a component, by their ids alone; each once. */
bool store_fleet_holders(struct store *s, int64_t component, struct arena *a, int64_t **ret, size_t *ret_n, struct err *e);
bool store_fleet_image(struct store *s, int64_t image, struct arena *a, struct store_holder *ret, struct err *e);

/*
 * Within the unit: each database that some image was matched with by itself since it was last told of something, in the order of
 * their texts. One that is not the last of all images is of use only as long as it is kept.
 */
bool store_fleet_matched(struct store *s, struct arena *a, struct span **ret, size_t *ret_n, struct err *e);
/* The same by itself, and since when the last of all images is that: 0, never. */
bool store_fleet_since(struct store *s, struct arena *a, struct span **ret, size_t *ret_n, int64_t *ret_s, struct err *e);

/* Within the unit: a record in the ledger (event "image.reassessed"), and the notice for each sink that is still to be told. */
bool store_fleet_notice(struct store *s, struct span advisories, const struct store_holder *image, struct span body,
    const char *const *sinks, size_t n_sinks, struct err *e);

/* The image was matched with these advisories, by itself. Writes only when that is news. Unknown image: fine. */
bool store_image_matched(struct store *s, const struct digest *image, struct span advisories, struct err *e);

struct store_notice {
        int64_t id, time_s;
        struct span image, body; /* body: JSON */
};
/* What is still to be told to a sink, oldest first, at most `max`. */
bool store_notices(
    struct store *s, const char *sink, size_t max, struct arena *a, struct store_notice **ret, size_t *ret_n, struct err *e);
/* It has been told. Only after that has become durable there: what is told twice is better than what is lost. */
bool store_notice_told(struct store *s, const char *sink, int64_t id, struct err *e);
/* Forgets notices of before `wall_s` that nobody waits for any more; the ledger keeps its records of them. */
bool store_notices_forget(struct store *s, int64_t wall_s, uint64_t *ret_n, struct err *e);

/* ---- id ranges ---- */

#define STORE_ID_RANGE 65536u      /* ids of one owner: a container, or "layers" */
#define STORE_ID_FIRST 0x10000000u /* above what distributions give to users in /etc/subuid; see store_limits.h */

/*
 * The first id of `owner`'s range; allocates the lowest that no other owner has and that overlaps nothing in
 * /etc/subuid and /etc/subgid. Same owner, same range, until it is given back. ERR_LIMIT when none is left.
 */
bool store_ids_take(struct store *s, const char *owner, uint32_t *ret_first, struct err *e);
bool store_ids_give_back(struct store *s, const char *owner, struct err *e); /* unknown owner: fine */

/* ---- containers ---- */

struct store_container {
        struct span id;    /* 12 lower-case hex digits */
        struct span name;  /* unique, and no other container's id; may be its own id */
        struct span image; /* bytes, as named by the user */
        struct digest image_digest;
        int64_t created_s;
        uint32_t ids_first;
        struct span command; /* bytes, for ps */
        struct span record;  /* JSON: how it was started, for inspect */
};

bool store_container_put(
    struct store *s, const struct store_container *c, struct err *e); /* ERR_CONFLICT: id or name taken */
/* An id, else a name, else the first 4 digits or more of an id. ERR_NOT_FOUND; ERR_CONFLICT when several begin so. */
bool store_container_get(
    struct store *s, const char *id_or_name, struct arena *a, struct store_container *ret, struct err *e);
/* Oldest first. */
bool store_container_list(struct store *s, struct arena *a, struct store_container **ret, size_t *ret_n, struct err *e);
bool store_container_remove(struct store *s, struct span id, struct err *e); /* whole id only; ERR_NOT_FOUND */

/* ---- the ledger: one hash chain per node, signed heads ---- */

struct ledger_record {
        uint64_t seq; /* from 1, without gaps */
        int64_t time_s;
        struct span event;            /* "run.allowed", "run.refused", "scan" ... */
        struct span body;             /* canonical JSON object */
        struct digest hash, previous; /* previous of record 1: 32 zero bytes */
};

/*
 * Appends and makes durable: after true the record survives a power cut. `ret` may be NULL; its spans are the caller's.
 * The hash is SHA-256 over: string "coffer-ledger-record-v1", u64 seq, u64 time_s, string event, string body, the 32
 * bytes of previous; integers little-endian, a string is its u32 length and its bytes.
 */
bool ledger_append(struct store *s, const char *event, struct span body, struct ledger_record *ret, struct err *e);
/* Records from_seq to to_seq, both included, as they are stored: nothing is verified. False from on_record ends it. */
bool ledger_read(struct store *s, uint64_t from_seq, uint64_t to_seq,
    bool (*on_record)(void *ctx, const struct ledger_record *r), void *ctx, struct err *e);

/*
 * The head, signed by this node's key (keys/ledger.key: 32 bytes, 0600, made at first use; ERR_UNTRUSTED when others
 * may read or replace it), appended to `ret_text`. Five lines, each ended by '\n', in this one form; the signature is
 * over the first four lines as they stand. seq 0 and a hash of zeros: nothing was recorded yet.
 *
 *      coffer-ledger-head v1
 *      seq 52
 *      hash sha256:<64 hex digits>
 *      key ed25519:<64 hex digits>
 *      signature <128 hex digits>
 */
bool ledger_head(struct store *s, struct buf *ret_text, struct err *e);

struct ledger_verdict {
        bool intact;
        uint64_t records;      /* that the chain holds, sound up to the broken one */
        uint64_t first_broken; /* seq; 0 if none, or if only the head tells */
        char reason[200];      /* "record 17: hash does not match its content", "the chain ends at 40, the head says 52:
                                  truncated" */
};

/*
 * Checks every hash and link; with `earlier_head` (may be empty) also that this node's key signed it and that the chain
 * still extends it: else "truncated", "rebuilt", or "of another node". A failed check is intact = false, not an error;
 * a head that is none at all is ERR_MALFORMED.
 */
bool ledger_verify(struct store *s, struct span earlier_head, struct ledger_verdict *ret, struct err *e);
