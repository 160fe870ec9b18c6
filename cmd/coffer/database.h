/* Where the compiled advisory database lies: `advisory/` in the state folder, `current` being the one in use. */
#pragma once

#include "advisory/advisory.h"

#define DATABASE_NEW "new" /* the name that a build writes, before it is installed */

bool database_folder(int *ret_fd, struct err *e);
/* The same for whoever makes a new one: one at a time, until the descriptor is closed. ERR_CONFLICT: another is at it. */
bool database_folder_lock(int *ret_fd, struct err *e);
/* ERR_NOT_FOUND says how to get one. */
bool database_open(struct advisory_db **ret, struct err *e);
/* One that was in use before, and is kept because all images were last matched with it. ERR_NOT_FOUND and as advisory_db_open. */
bool database_open_digest(struct span digest, struct advisory_db **ret, struct err *e);
/* A file as the user named it, every byte against its checksum; NULL: the one in use. */
bool database_open_file(const char *path, struct advisory_db **ret, struct err *e);
/* Opens and checks DATABASE_NEW, gives it its digest's name and points `current` at it; removes those that nobody needs. */
bool database_install(int dir_fd, struct err *e);
bool database_import(int dir_fd, const char *path, struct err *e);
