#include "target.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>

#include "secrets/secrets.h"

#include "database.h"

const char *arg_policy, *arg_platform, *arg_registry_auth, *arg_registry_ca;
bool arg_plain_http, arg_secrets;
const char *arg_secret_rules, *arg_detectors, *arg_ignore_file;
struct cli_list arg_vex;
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
        policy_free(t->exceptions);
        for (size_t i = 0; i < t->n_vex; i++)
                vex_document_free(t->vex[i]);
        advisory_db_free(t->db);
        store_free(t->store);
        fd_close(&t->root_fd);
        fd_close(&t->secrets_fd);
        inventory_plugins_free(t->plugins);
}

/* Compiled here, from the operator's own rules; the workers only load it. */
static bool secrets_prepare(struct target *t, struct err *e)
{
        CLEANUP(buf_done) struct buf text = {0}, compiled = {0};
        CLEANUP(secrets_rules_freep) struct secrets_rules *rules = NULL;
        const char *name = arg_secret_rules ? arg_secret_rules : "built-in rules";
        struct digest d;

        if (arg_secret_rules && !file_read(AT_FDCWD, arg_secret_rules, 1u << 20, &text, e))
                return err_wrap(e, "--secret-rules %s", arg_secret_rules);
        if (!secrets_rules_parse(arg_secret_rules ? buf_span(&text) : span_of(secrets_default_rules), name, &rules, e))
                return false;
        if (!secrets_compile(rules, &compiled, e))
                return err_wrap(e, "%s", name);
        t->secrets_fd = memfd_create("coffer-secrets", MFD_CLOEXEC | MFD_ALLOW_SEALING);
        if (t->secrets_fd < 0)
                return err_set(e, ERR_SYSTEM, "memfd_create: %s", strerror(errno));
        if (!fd_write_all(t->secrets_fd, buf_span(&compiled), e))
                return false;
        (void)fcntl(t->secrets_fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL);
        digest_of(DIGEST_SHA256, arg_secret_rules ? buf_span(&text) : span_of(secrets_default_rules), &d);
        t->request.secrets = true;
        t->request.secrets_fd = t->secrets_fd;
        t->request.secrets_number = 1u << 31 | (uint32_t)d.bytes[0] << 16 | (uint32_t)d.bytes[1] << 8 | d.bytes[2];
        return true;
}

/* A folder that was named must be there: mistyped, it would be no detector at all. */
static bool plugins_open(struct target *t, struct err *e)
{
        CLEANUP(buf_done) struct buf path = {0};
        CLEANUP(fd_close) int fd = -1;

        if (arg_detectors) {
                if (!file_open_user(arg_detectors, O_RDONLY | O_DIRECTORY, &fd, e))
                        return err_wrap(e, "--detectors");
                buf_put_text(&path, arg_detectors);
        } else if (state_path()[0]) {
                buf_printf(&path, "%s/detectors", state_path());
        } else {
                return true;
        }
        buf_put_u8(&path, 0);
        if (!inventory_plugins_open((const char *)path.at, &t->plugins, e))
                return false;
        t->request.plugins = t->plugins;
        return true;
}

static bool exceptions_open(struct target *t, struct err *e)
{
        CLEANUP(buf_done) struct buf text = {0};

        if (!arg_ignore_file)
                return true;
        if (!file_read(AT_FDCWD, arg_ignore_file, POLICY_FILE_MAX, &text, e))
                return err_wrap(e, "--ignore-file %s", arg_ignore_file);
        return policy_load_exceptions(buf_span(&text), arg_ignore_file, &t->exceptions, e);
}

/* A statement that can't be told apart from others suppresses nothing, and that is said. */
static void vex_tell(const struct target *t, const char *name, const struct vex_document *d, bool attached)
{
        char digest[DIGEST_TEXT_MAX];

        if (arg_quiet)
                return;
        if (d->n_passed_over > 0)
                fprintf(stderr,
                    "coffer: --vex %s: %llu statement%s passed over: no package URL, image or release of a "
                    "distribution says what they are about\n",
                    name, (unsigned long long)d->n_passed_over, d->n_passed_over == 1 ? " is" : "s are");
        if (!t->policy || (attached && d->n_statements == 0) || policy_counts_vex(t->policy, &d->digest, d->author, attached))
                return;
        fprintf(stderr,
            "coffer: --vex %s: the policy does not count it; to let it, add its digest to the policy's "
            "vex.documents: %s\n",
            name, digest_format(&d->digest, digest));
}

#define VEX_ATTACHED "attached" /* a file of that name is ./attached */

static bool vex_open(struct target *t, struct err *e)
{
        for (size_t i = 0; i < arg_vex.n; i++) {
                CLEANUP(fd_close) int fd = -1;

                if (strcmp(arg_vex.at[i], VEX_ATTACHED) == 0) {
                        t->request.vex_attached = true;
                        continue;
                }
                if (!file_open_user(arg_vex.at[i], O_RDONLY, &fd, e))
                        return err_wrap(e, "--vex");
                if (!vex_document_read(fd, arg_vex.at[i], &t->vex[t->n_vex], e))
                        return false;
                vex_tell(t, arg_vex.at[i], t->vex[t->n_vex++], false);
        }
        return true;
}

static void vex_attached_tell(const struct target *t, const struct launch *l)
{
        char name[DIGEST_TEXT_MAX + 16];

        if (!t->request.vex_attached || arg_quiet)
                return;
        if (l->n_attached == 0)
                fprintf(stderr, "coffer: --vex attached: no document (VEX) is attached to the image\n");
        for (size_t i = 0; i < l->n_attached; i++)
                vex_tell(t, span_printable(l->attached[i]->name, name, sizeof(name)), l->attached[i], true);
}

static void tell_remarks(const struct policy *p)
{
        const struct policy_notes *n = policy_remarks(p);
        char shown[2048];

        for (size_t i = 0; !arg_quiet && i < n->len; i++)
                fprintf(stderr, "coffer: %s\n", span_printable(n->at[i], shown, sizeof(shown)));
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
        if (!policy_load(buf_span(&text), arg_policy, &t->policy, e))
                return false;
        tell_remarks(t->policy);
        return true;
}

struct fetch_options target_registry_options(void)
{
        return (struct fetch_options){.plain_http = arg_plain_http,
            .auth_file = arg_registry_auth,
            .ca_file = arg_registry_ca,
            .retries = (uint32_t)(arg_registry_retries > 1000 ? 1000 : arg_registry_retries),
            .stall_s = (uint32_t)(arg_registry_timeout > 86400 ? 86400 : arg_registry_timeout)};
}

bool target_open(
    const char *reference, bool store, bool policy, struct target *ret, struct err *ret_no_db, struct err *e)
{
        *ret = (struct target){.root_fd = -1, .secrets_fd = -1};
        if ((policy && !policy_open(ret, e)) || !exceptions_open(ret, e) || !vex_open(ret, e))
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
            .registry = target_registry_options(),
            .store = ret->store,
            .root_fd = ret->root_fd,
            .db = ret->db,
            .policy = ret->policy,
            .exceptions = ret->exceptions,
            .vex = (const struct vex_document *const *)ret->vex,
            .n_vex = ret->n_vex,
            .vex_attached = ret->request.vex_attached,
            .on_progress = on_progress,
            .ctx = ret,
        };
        return plugins_open(ret, e) && ((!arg_secrets && !arg_secret_rules) || secrets_prepare(ret, e));
}

#define ASSESS_ATTEMPTS 5u

/* Is the database that the image was matched with the present one still? Only of an image that the store knows from now on. */
static bool is_overtaken(const struct target *t, const struct launch *l, bool *ret, struct err *e)
{
        CLEANUP(advisory_db_freep) struct advisory_db *db = NULL;

        *ret = false;
        if (!t->store || !l->match || !l->image || l->image->manifest.alg == DIGEST_NONE)
                return true;
        if (!database_open(&db, e))
                return false;
        *ret = !digest_equal(&advisory_db_info(db)->digest, &l->match->database.digest);
        return true;
}

bool target_assess(struct target *t, const char *event, struct launch **ret, struct err *e)
{
        for (unsigned i = 0; i < ASSESS_ATTEMPTS; i++) {
                CLEANUP(launch_freep) struct launch *l = NULL;
                bool overtaken;

                if (!launch_assess(&t->request, event, &l, e) || !is_overtaken(t, l, &overtaken, e))
                        return false;
                if (!overtaken) {
                        vex_attached_tell(t, l);
                        *ret = l;
                        l = NULL;
                        return true;
                }
                advisory_db_freep(&t->db);
                t->db = NULL;
                t->request.db = NULL;
                if (!database_open(&t->db, e))
                        return false;
                t->request.db = t->db;
        }
        return err_set(e, ERR_UNAVAILABLE, "the advisory database was replaced %u times meanwhile; try again", ASSESS_ATTEMPTS);
}
