/*
 * A database that somebody else compiled. Who may give us one is the operator's to say (signers.h); that it is no step back is
 * held against the one in use and, for each signer, against the newest that was ever taken: `advisory/newest/<key>` is its
 * signature. Whoever can keep updates from us can't bring back what was known last year.
 */
#include "database.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"
#include "database_source.h"

#define DATABASE_MAX (4ull << 30) /* bytes: 50 times all of OSV today */

static bool file_open(const char *path, int *ret_fd, struct err *e)
{
        CLEANUP(fd_close) int fd = -1;
        struct stat st;

        if (!file_open_user(path, O_RDONLY, &fd, e))
                return false;
        if (fstat(fd, &st) != 0)
                return err_set(e, ERR_SYSTEM, "%s", strerror(errno));
        if (!S_ISREG(st.st_mode) && !S_ISFIFO(st.st_mode))
                return err_set(e, ERR_MALFORMED, "it is neither a regular file nor a pipe");
        *ret_fd = TAKE_FD(fd);
        return true;
}

/*
 * One that is signed is as long as its signature says: a byte more is taken, so that whoever compares them sees that there is one.
 * Else no more than its header says, and of what is no database nothing at all.
 */
static bool copy_in(int from, int to, const struct database_origin *o, struct err *e)
{
        static uint8_t piece[1u << 20];
        uint64_t left = o->is_signed ? o->signature.size + 1 : 0;
        size_t n = 0;

        if (!o->is_signed && (!fd_read_full(from, piece, ADVISORY_DB_HEAD, &n, e) ||
                                 !advisory_db_length(span_bytes(piece, n), &left, e)))
                return false;
        do {
                if (n > left && !o->is_signed)
                        return err_set(e, ERR_MALFORMED, "it goes on behind the end that its header names");
                n = n < left ? n : (size_t)left;
                left -= n;
                if (!fd_write_all(to, span_bytes(piece, n), e) || !fd_read_full(from, piece, sizeof(piece), &n, e))
                        return false;
        } while (n > 0 && (left > 0 || !o->is_signed));
        if (left > 0 && !o->is_signed)
                return err_set(e, ERR_MALFORMED, "it ends %llu bytes before the end that its header names",
                    (unsigned long long)left);
        if (fsync(to) != 0)
                return err_set(e, ERR_SYSTEM, "write the copy: %s", strerror(errno));
        return true;
}

static bool copy_make(int dir_fd, int from, const struct database_origin *o, struct err *e)
{
        CLEANUP(fd_close) int to = -1;

        unlinkat(dir_fd, DATABASE_NEW, 0);
        to = openat(dir_fd, DATABASE_NEW, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
        if (to < 0)
                return err_set(e, ERR_SYSTEM, "make the copy: %s", strerror(errno));
        return copy_in(from, to, o, e);
}

/* ---- who signed it ---- */

bool database_signer(const struct advisory_signature *s, const struct signers *only, struct signer *ret, struct err *e)
{
        CLEANUP(fd_close) int root = -1;
        struct signers trusted = {0};
        const struct signer *found;
        struct signer unknown = {0};
        char text[SIGNER_TEXT_MAX];

        if (!only && (!state_open_existing(&root, e) || !signers_read(root, &trusted, e)))
                return false;
        found = signers_find(only ? only : &trusted, s->key);
        if (found) {
                *ret = *found;
                return true;
        }
        memcpy(unknown.key, s->key, sizeof(unknown.key));
        return err_set(e, ERR_UNTRUSTED, "it is signed by %s, which is none of the %zu keys that are trusted%s",
            signer_text(&unknown, text), only ? only->n : trusted.n,
            only ? "" : "; if it shall be: coffer db trust KEY");
}

static bool signature_find(const struct database_import *in, struct database_origin *ret, struct err *e)
{
        struct database_origin o = {.is_signed = true};
        char beside[4096];

        if ((size_t)snprintf(beside, sizeof(beside), "%s" SIGNATURE_END, in->path) >= sizeof(beside))
                return err_set(e, ERR_LIMIT, "the path is too long");
        if (!database_signature_read(AT_FDCWD, in->signature ? in->signature : beside, &o.signature, e))
                return e->kind == ERR_NOT_FOUND && !in->signature
                           ? err_set(e, ERR_UNTRUSTED,
                                 "there is no signature %s; --unsigned takes the file without one", beside)
                           : false;
        if (!database_signer(&o.signature, NULL, &o.signer, e))
                return false;
        *ret = o;
        return true;
}

/* ---- no step back ---- */

#define NEWEST "newest"

static const char *newest_name(const struct advisory_signature *s, struct buf *b)
{
        buf_put_hex(b, span_bytes(s->key, sizeof(s->key)));
        buf_put_u8(b, 0);
        return (const char *)b->at;
}

/* Against the newest of this signer that was ever taken. */
static bool sequence_check(int dir_fd, const struct advisory_signature *s, struct err *e)
{
        CLEANUP(fd_close) int folder = -1;
        CLEANUP(buf_done) struct buf name = {0};
        struct advisory_signature newest;
        char was[CLOCK_TEXT_MAX];
        struct err why = {0};

        if (!dir_make(dir_fd, NEWEST, 0755, &folder, e))
                return false;
        if (!database_signature_read(folder, newest_name(s, &name), &newest, &why)) {
                if (why.kind == ERR_NOT_FOUND)
                        return true;
                *e = why;
                return err_wrap(e, "advisory/" NEWEST);
        }
        if (s->sequence < newest.sequence)
                return err_set(e, ERR_UNTRUSTED,
                    "it is number %llu of this signer, and number %llu, built %s, was here: a step back; --allow-older "
                    "takes it",
                    (unsigned long long)s->sequence, (unsigned long long)newest.sequence,
                    clock_format(newest.built_s, was));
        if (s->sequence == newest.sequence && !digest_equal(&s->file, &newest.file))
                return err_set(e, ERR_UNTRUSTED,
                    "this signer has called another database number %llu before; --allow-older takes it",
                    (unsigned long long)s->sequence);
        return true;
}

/* Against the one in use, whoever made it. One that can't be read says nothing: it is to be replaced. */
static bool age_check(int dir_fd, int64_t built_s, struct err *e)
{
        CLEANUP(advisory_db_freep) struct advisory_db *present = NULL;
        char was[CLOCK_TEXT_MAX], is[CLOCK_TEXT_MAX];

        if (!advisory_db_open(dir_fd, "current", &present, NULL) || built_s >= advisory_db_info(present)->built_s)
                return true;
        return err_set(e, ERR_UNTRUSTED, "it was built %s, the one in use %s: a step back; --allow-older takes it",
            clock_format(built_s, is), clock_format(advisory_db_info(present)->built_s, was));
}

/* Before it is installed: a crash between the two must not let an older one in. */
static bool newest_keep(int dir_fd, const struct advisory_signature *s, struct err *e)
{
        CLEANUP(fd_close) int folder = -1;
        CLEANUP(buf_done) struct buf name = {0}, text = {0};

        advisory_signature_put(s, &text);
        return dir_make(dir_fd, NEWEST, 0755, &folder, e) &&
               file_replace(folder, newest_name(s, &name), buf_span(&text), 0644, e);
}

/* ---- all of it ---- */

static bool step_back_check(
    int dir_fd, const struct database_import *in, int64_t built_s, const struct advisory_signature *s, struct err *e)
{
        return in->may_be_older || (age_check(dir_fd, built_s, e) && (!s || sequence_check(dir_fd, s, e)));
}

/* Every byte of DATABASE_NEW, once: opening it later looks at its header alone. */
static bool copy_check(int dir_fd, const struct database_import *in, const struct database_origin *o, struct err *e)
{
        CLEANUP(advisory_db_freep) struct advisory_db *db = NULL;
        const struct advisory_signature *s = o->is_signed ? &o->signature : NULL;

        if (s ? !advisory_db_open_signed(dir_fd, DATABASE_NEW, s, &db, e)
              : !advisory_db_open(dir_fd, DATABASE_NEW, &db, e))
                return false;
        return advisory_db_verify(db, e) && step_back_check(dir_fd, in, advisory_db_info(db)->built_s, s, e);
}

static bool file_take(int dir_fd, const struct database_import *in, struct database_origin *ret, struct err *e)
{
        CLEANUP(fd_close) int from = -1;

        return file_open(in->path, &from, e) && (in->may_be_unsigned || signature_find(in, ret, e)) &&
               copy_make(dir_fd, from, ret, e) && copy_check(dir_fd, in, ret, e);
}

static bool is_present(int dir_fd, const struct advisory_signature *s)
{
        CLEANUP(advisory_db_freep) struct advisory_db *present = NULL;
        struct advisory_signature of_present;

        return advisory_db_open(dir_fd, "current", &present, NULL) &&
               database_signature_present(dir_fd, advisory_db_info(present), &of_present, NULL) &&
               digest_equal(&of_present.file, &s->file);
}

/* The signature first: it is small, and says whether the rest is wanted, and how large it is. */
static bool artifact_signature(int dir_fd, const struct database_import *in, struct database_source *from,
    const struct advisory_artifact *a, struct database_origin *ret, struct err *e)
{
        if (in->may_be_unsigned)
                return true;
        if (a->signature.size == 0)
                return err_set(e, ERR_UNTRUSTED, "it has no signature; --unsigned takes it without one");
        ret->is_signed = true;
        if (!database_source_signature(from, &a->signature, &ret->signature, e) ||
            !advisory_signature_check(&ret->signature, e) || !database_signer(&ret->signature, NULL, &ret->signer, e) ||
            !step_back_check(dir_fd, in, ret->signature.built_s, &ret->signature, e))
                return false;
        ret->is_here_already = is_present(dir_fd, &ret->signature);
        return true;
}

/* The difference to the one in use, if there is one and somebody signed what is in use: else nobody said which file it is. */
static const struct advisory_delta *delta_find(int dir_fd, const struct advisory_artifact *a, int *ret_base)
{
        CLEANUP(advisory_db_freep) struct advisory_db *present = NULL;
        struct advisory_signature s;

        if (a->n_deltas == 0 || !advisory_db_open(dir_fd, "current", &present, NULL) ||
            !database_signature_present(dir_fd, advisory_db_info(present), &s, NULL))
                return NULL;
        for (size_t i = 0; i < a->n_deltas; i++)
                if (digest_equal(&a->deltas[i].from, &s.file)) {
                        *ret_base = openat(dir_fd, "current", O_RDONLY | O_CLOEXEC);
                        return *ret_base < 0 ? NULL : &a->deltas[i];
                }
        return NULL;
}

/* DATABASE_NEW of a blob: the whole, or (base_fd) the difference to what is in use. */
static bool blob_take(int dir_fd, const struct database_import *in, struct database_source *from,
    const struct advisory_blob *blob, int base_fd, const struct database_origin *o, struct err *e)
{
        CLEANUP(fd_close) int packed = -1;

        unlinkat(dir_fd, DATABASE_NEW, 0);
        return database_source_blob(from, blob, dir_fd, &packed, e) &&
               advisory_db_unpack(&(struct advisory_packed){.fd = packed, .base_fd = base_fd}, "the database",
                   o->is_signed ? o->signature.size : DATABASE_MAX, dir_fd, DATABASE_NEW, e) &&
               copy_check(dir_fd, in, o, e);
}

static bool artifact_take(int dir_fd, const struct database_import *in, struct database_origin *ret, struct err *e)
{
        CLEANUP(database_source_freep) struct database_source *from = NULL;
        CLEANUP(fd_close) int base = -1;
        const struct advisory_delta *d;
        struct advisory_artifact a;

        if (!database_source_open(in->path, &in->registry, &from, e) || !database_source_artifact(from, &a, e) ||
            !artifact_signature(dir_fd, in, from, &a, ret, e))
                return false;
        if (ret->is_here_already)
                return true;
        d = ret->is_signed ? delta_find(dir_fd, &a, &base) : NULL;
        /* A difference that leads elsewhere is no reason to stay behind: the whole is there, too. */
        if (d && blob_take(dir_fd, in, from, &d->blob, base, ret, &ret->no_delta))
                ret->delta_bytes = d->blob.size;
        if (ret->no_delta.kind == ERR_CANCELLED) {
                *e = ret->no_delta;
                return false;
        }
        return ret->delta_bytes > 0 || blob_take(dir_fd, in, from, &a.database, -1, ret, e);
}

bool database_import(int dir_fd, const struct database_import *in, struct database_origin *ret, struct err *e)
{
        struct database_origin o = {0};
        bool ok = database_source_is(in->path) ? artifact_take(dir_fd, in, &o, e) : file_take(dir_fd, in, &o, e);

        if (ok && o.is_here_already) {
                *ret = o;
                return true;
        }
        if (!ok || (o.is_signed && !newest_keep(dir_fd, &o.signature, e))) {
                unlinkat(dir_fd, DATABASE_NEW, 0);
                return err_wrap(e, "import %s", in->path);
        }
        if (!database_install(dir_fd, o.is_signed ? &o.signature : NULL, &o.no_record, e))
                return false;
        *ret = o;
        return true;
}
