/* Who is told, beside the ledger, when the findings of an image change. */
#pragma once

#include "store/store.h"

/*
 * A sink is "file:PATH" or "webhook:URL". Its notices wait in the store until they were told there; each carries its number, so that what was told
 * when a crash came in between is known not to be new.
 */
bool notify_check(const char *sink, struct err *e); /* ERR_MALFORMED: no sink */
/* How webhooks are reached, for notify_tell; the strings are borrowed. `key_file` holds what signs: its bytes without white space at the end. */
struct notify_options {
        const char *key_file, *ca_file;
        bool plain_http;
        uint32_t retries;
};
/* Tells everything that waits for it, oldest first. *ret_n is what was told, also after a failure. */
bool notify_tell(struct store *s, const char *sink, const struct notify_options *o, size_t *ret_n, struct err *e);
