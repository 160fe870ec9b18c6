/* Ed25519 (RFC 8032) for what this node signs itself: ledger heads, its own advisory database. */
#pragma once

#include "base/secret.h"

#define SIGN_SEED_LEN 32u
#define SIGN_PUBLIC_LEN 32u
#define SIGN_LEN 64u

/* A new key: 32 random bytes in locked memory. */
bool sign_key_generate(struct secret **ret_seed, struct err *e);
/*
 * From an opened file that holds just the seed, straight into locked memory. ERR_UNTRUSTED when others may read or replace it
 * (its owner is neither we nor root, or the mode gives them anything), ERR_MALFORMED for any other size or kind of file. Errors
 * call it `name`.
 */
bool sign_key_read(int fd, const char *name, struct secret **ret_seed, struct err *e);
bool sign_key_public(struct secret *seed, uint8_t ret_public[SIGN_PUBLIC_LEN], struct err *e);
bool sign_make(struct secret *seed, struct span message, uint8_t ret_signature[SIGN_LEN], struct err *e);
/* ERR_UNTRUSTED when the signature is not that key's over that message. */
bool sign_check(const uint8_t public_key[SIGN_PUBLIC_LEN], struct span message, struct span signature, struct err *e);
