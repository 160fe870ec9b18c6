/* The parts of the ledger: records and their hashes, heads as text, the node's key. */
#pragma once

#include "store/store_priv.h"

#define LEDGER_HASH_LEN 32u
#define LEDGER_COLUMNS "seq, time_s, event, body, previous, hash"

/* What the next record would link to. */
struct ledger_end {
        uint64_t seq;
        struct digest hash;
};
struct ledger_end ledger_beginning(void); /* seq 0, 32 zero bytes */

void ledger_record_hash(const struct ledger_record *r, struct digest *ret);
/* From a row of LEDGER_COLUMNS; ERR_MALFORMED when it can't be a record at all. Spans borrow from the row. */
bool ledger_record_of_row(const struct store_value *row, size_t n, struct ledger_record *ret, struct err *e);
/* The last record's place; its hash is compared with its content when `check`: ERR_UNTRUSTED. In a transaction. */
bool ledger_end_read(struct store *s, bool check, struct ledger_end *ret, struct err *e);

struct head {
        struct ledger_end end;
        uint8_t key[SIGN_PUBLIC_LEN];
        uint8_t signature[SIGN_LEN];
};

/* Total; one text for each head: what is accepted is what head_put writes. */
bool head_parse(struct span text, struct head *ret, struct err *e);
void head_put_signed(struct buf *b, const struct head *h); /* the part that the signature is over */
void head_put(struct buf *b, const struct head *h);

/* ERR_NOT_FOUND when the node has none yet, ERR_UNTRUSTED when others may read or replace it. */
bool ledger_key_load(struct store *s, struct secret **ret, struct err *e);
/* The same, and makes it once: of several processes that try, all get the same one. Not in a transaction. */
bool ledger_key_take(struct store *s, struct secret **ret, struct err *e);
