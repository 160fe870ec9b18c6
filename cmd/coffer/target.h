/* What scan, check and run share: the request to launch, made from the same options. */
#pragma once

#include "cli.h"
#include "launch/launch.h"

extern const char *arg_policy, *arg_platform;

struct target {
        int root_fd;
        struct store *store;
        struct advisory_db *db;
        struct policy *policy;
        struct progress progress;
        struct launch_request request;
};

/*
 * Opens what the command needs: with `store` the state folder's store, the database (none is no error here: `db` stays
 * NULL and `ret_no_db` says why), and with `policy` the --policy file or the built-in one.
 */
bool target_open(const char *reference, bool store, bool policy, struct target *ret, struct err *ret_no_db, struct err *e);
void target_done(struct target *t);
