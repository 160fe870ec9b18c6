#include "target.h"

#include <fcntl.h>

#include "database.h"

const char *arg_policy, *arg_platform, *arg_registry_auth, *arg_registry_ca;
bool arg_plain_http;
uint64_t arg_registry_timeout, arg_registry_retries = FETCH_RETRIES_DEFAULT;

static void on_progress(void *ctx, uint64_t done, uint64_t total)
{
        struct target *t = ctx;

        if (!t->progress.active && done < total)
                progress_begin(&t->progress, "reading layers", total, arg_quiet);
        t->progress.total = total;
        progress_at(&t->progress, done);
        if (done >= total)
                progress_end(&t->progress);
}

void target_done(struct target *t)
{
        progress_end(&t->progress);
        policy_free(t->policy);
        advisory_db_free(t->db);
        store_free(t->store);
        fd_close(&t->root_fd);
}

static bool policy_open(struct target *t, struct err *e)
{
        CLEANUP(buf_done) struct buf text = {0};

        if (!arg_policy) {
                t->policy = policy_default();
                return true;
        }
        if (!file_read(AT_FDCWD, arg_policy, POLICY_FILE_MAX, &text, e))
                return err_wrap(e, "--policy %s", arg_policy);
        return policy_load(buf_span(&text), arg_policy, &t->policy, e);
}

bool target_open(const char *reference, bool store, bool policy, struct target *ret, struct err *ret_no_db, struct err *e)
{
        *ret = (struct target){.root_fd = -1};
        if (policy && !policy_open(ret, e))
                return false;
        if (store && (!state_open(&ret->root_fd, e) || !store_open(ret->root_fd, state_path(), &ret->store, e)))
                return false;
        if (!database_open(&ret->db, ret_no_db) && ret_no_db->kind != ERR_NOT_FOUND) {
                *e = *ret_no_db; /* a database that is there and can't be used is never passed over */
                return false;
        }
        ret->request = (struct launch_request){
            .reference = reference,
            .platform = arg_platform,
            .registry = {.plain_http = arg_plain_http,
                .auth_file = arg_registry_auth,
                .ca_file = arg_registry_ca,
                .retries = (uint32_t)(arg_registry_retries > 1000 ? 1000 : arg_registry_retries),
                .stall_s = (uint32_t)(arg_registry_timeout > 86400 ? 86400 : arg_registry_timeout)},
            .store = ret->store,
            .root_fd = ret->root_fd,
            .db = ret->db,
            .policy = ret->policy,
            .on_progress = on_progress,
            .ctx = ret,
        };
        return true;
}
