/* keys/ledger.key: the node's Ed25519 seed, 32 bytes as they are, for its owner alone. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/ledger_priv.h"

#define KEY_NAME "keys/ledger.key"

/* Who may write to the folder could put a key of theirs into it. */
static bool keys_folder_check(struct store *s, struct err *e)
{
        struct stat st;

        if (fstatat(s->root_fd, "keys", &st, AT_SYMLINK_NOFOLLOW) != 0)
                return err_set(e, ERR_SYSTEM, "keys: %s", strerror(errno));
        if (!S_ISDIR(st.st_mode) || (st.st_uid != geteuid() && st.st_uid != 0) || (st.st_mode & 022) != 0)
                return err_set(e, ERR_UNTRUSTED,
                    "keys/ can be written by others (owner %u, mode %04o): make it 0700 and yours, and take a new key "
                    "if %s may have been replaced",
                    st.st_uid, st.st_mode & 07777u, KEY_NAME);
        return true;
}

bool ledger_key_load(struct store *s, struct secret **ret, struct err *e)
{
        CLEANUP(fd_close) int fd = -1;

        return keys_folder_check(s, e) && file_open_beneath(s->root_fd, KEY_NAME, O_RDONLY | O_NONBLOCK, 0, &fd, e) &&
               sign_key_read(fd, KEY_NAME, ret, e);
}

static bool key_make(struct store *s, struct secret **ret, struct err *e)
{
        CLEANUP(secret_freep) struct secret *seed = NULL;
        struct err why = {0};

        /* Again, now that no other process can be making one. */
        if (ledger_key_load(s, ret, &why))
                return true;
        if (why.kind != ERR_NOT_FOUND) {
                if (e)
                        *e = why;
                return false;
        }
        if (!sign_key_generate(&seed, e) ||
            !file_replace(s->root_fd, KEY_NAME, span_bytes(secret_bytes(seed), SIGN_SEED_LEN), 0600, e))
                return false;
        *ret = seed;
        seed = NULL;
        return true;
}

bool ledger_key_take(struct store *s, struct secret **ret, struct err *e)
{
        CLEANUP(secret_freep) struct secret *seed = NULL;
        struct err why = {0};

        if (ledger_key_load(s, ret, &why))
                return true;
        if (why.kind != ERR_NOT_FOUND) {
                if (e)
                        *e = why;
                return false;
        }
        /* A write transaction, which writes nothing, is the lock. */
        if (!store_begin(s, true, e) || !store_end(s, key_make(s, &seed, e), e))
                return false;
        *ret = seed;
        seed = NULL;
        return true;
}
