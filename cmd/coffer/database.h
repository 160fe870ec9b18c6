/* Where the compiled advisory database lies: `advisory/` in the state folder, `current` being the one in use. */
#pragma once

#include "advisory/advisory.h"
#include "fetch/fetch.h"

#include "signers.h"

#define DATABASE_NEW "new" /* the name that a build writes, before it is installed */
#define DATABASES_KEPT 4u  /* that single images were scanned with since `reassess` last looked at all; each may have 1 GB */

bool database_folder(int *ret_fd, struct err *e);
/* The same for whoever makes a new one: one at a time, until the descriptor is closed. ERR_CONFLICT: another is at it. */
bool database_folder_lock(int *ret_fd, struct err *e);
/* Makes no folder: who only looks may have no place to write. ERR_NOT_FOUND. */
bool database_folder_existing(int *ret_fd, struct err *e);
/* ERR_NOT_FOUND says how to get one. */
bool database_open(struct advisory_db **ret, struct err *e);
/* One that was in use before, and is kept because images were last matched with it. ERR_NOT_FOUND and as advisory_db_open. */
bool database_open_digest(struct span digest, struct advisory_db **ret, struct err *e);
/* A file as the user named it, every byte against its checksum; NULL: the one in use. */
bool database_open_file(const char *path, struct advisory_db **ret, struct err *e);
/*
 * Opens and checks DATABASE_NEW, gives it its digest's name and points `current` at it; removes those that nobody needs. The
 * signature is of that very file and was checked; NULL: it has none. Where the store is away, which says what is needed, the database
 * is installed all the same and nothing is removed: *ret_record is then why, else ERR_NONE.
 */
bool database_install(int dir_fd, const struct advisory_signature *s, struct err *ret_record, struct err *e);
/* Says on standard error that the record alone failed; the exit status of a command that did all else. */
int database_say_record(const struct err *record);
/* What `current` names: the hex digits of its digest; empty when there is none. */
bool database_name(int dir_fd, char ret_hex[DIGEST_TEXT_MAX], struct err *e);

/* ---- signatures: in a file of the same name and this end ---- */

#define SIGNATURE_END ".sig"

bool database_signature_write(int dir_fd, const char *name, const struct advisory_signature *s, struct err *e);
/* `path` is the signature's own; with AT_FDCWD as the user named it. ERR_NOT_FOUND and as advisory_signature_parse. */
bool database_signature_read(int dir_fd, const char *path, struct advisory_signature *ret, struct err *e);

/* ---- databases from elsewhere (database_import.c) ---- */

struct database_import {
        const char *path;             /* a file, or what database_source_open takes */
        const char *signature;        /* of a file; NULL: what lies beside it */
        struct fetch_options registry;
        bool may_be_unsigned;         /* then a signature is not looked at */
        bool may_be_older;            /* than the one in use, or than the newest that was ever taken of its signer */
};

struct database_origin {
        bool is_signed; /* else the rest is empty */
        struct advisory_signature signature;
        struct signer signer;
        bool is_here_already; /* nothing was taken: it is the one in use */
        uint64_t delta_bytes; /* it came as a difference of so many bytes; 0: whole */
        struct err no_delta;  /* a difference was there and could not be used */
        struct err no_record; /* it is in use, and the store is away: see database_install */
};

/* `only` NULL: the signers that the state folder's list names. ERR_UNTRUSTED. */
bool database_signer(
    const struct advisory_signature *s, const struct signers *only, struct signer *ret, struct err *e);
/* Of the one in use: its signature, compared with nothing yet. */
bool database_signature_present(int dir_fd, const struct advisory_db_info *i, struct advisory_signature *ret, struct err *e);
/*
 * Takes the file over if one of the trusted signers signed it and it is no step back. What was in use stays in use on every failure.
 * ERR_UNTRUSTED, ERR_MALFORMED, ERR_LIMIT, ERR_NOT_FOUND (no file, no signature).
 */
bool database_import(int dir_fd, const struct database_import *in, struct database_origin *ret, struct err *e);
