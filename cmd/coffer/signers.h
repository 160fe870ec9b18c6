/* Whose advisory databases are taken over: `keys/advisories.trusted` in the state folder, a line "ed25519:<hex> NAME" each. */
#pragma once

#include "advisory/advisory.h"

#define SIGNERS_MAX 64u
#define SIGNER_NAME_MAX 64u /* bytes with the NUL */

struct signer {
        uint8_t key[SIGN_PUBLIC_LEN];
        char name[SIGNER_NAME_MAX]; /* what the operator calls it; may be empty */
};

struct signers {
        struct signer at[SIGNERS_MAX];
        size_t n;
};

/* No file is no signer. ERR_UNTRUSTED when others may write it, ERR_MALFORMED with the line: a list is read whole or not at all. */
bool signers_read(int root_fd, struct signers *ret, struct err *e);
bool signers_write(int root_fd, const struct signers *s, struct err *e);
/* NULL: not among them. */
const struct signer *signers_find(const struct signers *s, const uint8_t key[SIGN_PUBLIC_LEN]);

bool signer_parse(struct span line, struct signer *ret, struct err *e);
/* As the user named it: the key's text, or a file that holds one such line, as `db keygen` writes it. */
bool signer_of(const char *operand, struct signer *ret, struct err *e);
bool signer_name_set(struct signer *s, struct span name, struct err *e);
/* "NAME (ed25519:...)", or the key alone; for people. */
#define SIGNER_TEXT_MAX (SIGNER_NAME_MAX + 80u)
const char *signer_text(const struct signer *s, char out[SIGNER_TEXT_MAX]);
