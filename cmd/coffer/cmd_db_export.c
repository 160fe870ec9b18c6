/* db export: the advisory database for other machines, as a file or as an OCI artefact. */
#include "commands.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "database.h"

#define LAYOUT_PREFIX "oci:"
#define TAG_DEFAULT "latest"

/* The one in use, and what its signature says; size 0: it has none. */
struct export
{
        struct advisory_db *db;
        struct advisory_signature signature;
        bool is_signed;
};

static struct cli_list arg_from;

static bool export_open(struct export *ret, struct err *e)
{
        CLEANUP(fd_close) int dir = -1;
        struct err why = {0};

        if (!database_open(&ret->db, e) || !advisory_db_verify(ret->db, e) || !database_folder_existing(&dir, e))
                return false;
        ret->is_signed = database_signature_present(dir, advisory_db_info(ret->db), &ret->signature, &why);
        if (!ret->is_signed && why.kind != ERR_NOT_FOUND) {
                *e = why;
                return false;
        }
        return true;
}

/* ---- a file, and its signature beside it ---- */

static bool to_file(const struct export *x, const char *path, struct err *e)
{
        CLEANUP(buf_done) struct buf text = {0};
        char beside[4096];

        if ((size_t)snprintf(beside, sizeof(beside), "%s" SIGNATURE_END, path) >= sizeof(beside))
                return err_set(e, ERR_LIMIT, "the path is too long");
        if (unlink(beside) != 0 && errno != ENOENT) /* of what was there before */
                return err_set(e, ERR_SYSTEM, "%s: %s", beside, strerror(errno));
        if (!cli_write_output(path, advisory_db_bytes(x->db), e))
                return false;
        if (!x->is_signed)
                return true;
        advisory_signature_put(&x->signature, &text);
        return cli_write_output(beside, buf_span(&text), e);
}

/* ---- an OCI layout ---- */

static bool small_blob(int blobs, struct span content, struct advisory_blob *ret, struct err *e)
{
        char hex[DIGEST_TEXT_MAX];

        digest_of(DIGEST_SHA256, content, &ret->digest);
        ret->size = content.len;
        return file_replace(blobs, digest_hex(&ret->digest, hex), content, 0644, e);
}

/* `from` NULL: whole; else the difference to that one. */
static bool database_blob(
    int blobs, const struct advisory_db *from, const struct advisory_db *db, struct advisory_blob *ret, struct err *e)
{
        static const char temporary[] = "database.new";
        CLEANUP(fd_close)
        int fd = openat(blobs, temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
        char hex[DIGEST_TEXT_MAX];

        if (fd < 0)
                return err_set(e, ERR_SYSTEM, "blobs/sha256: %s", strerror(errno));
        if (!advisory_db_pack(from, db, fd, ret, e)) {
                unlinkat(blobs, temporary, 0);
                return false;
        }
        if (fsync(fd) != 0 || renameat(blobs, temporary, blobs, digest_hex(&ret->digest, hex)) != 0)
                return err_set(e, ERR_SYSTEM, "blobs/sha256: %s", strerror(errno));
        return true;
}

/* Only what is worth it: one that is not much smaller than the whole costs more than it saves. */
static bool deltas_put(const struct export *x, int blobs, struct advisory_artifact *a, struct err *e)
{
        for (size_t i = 0; i < arg_from.n; i++) {
                CLEANUP(advisory_db_freep) struct advisory_db *from = NULL;
                struct advisory_delta *d = &a->deltas[a->n_deltas];
                char hex[DIGEST_TEXT_MAX];

                if (a->n_deltas == ADVISORY_DELTAS_MAX)
                        return err_set(e, ERR_LIMIT, "--from: more than %u", ADVISORY_DELTAS_MAX);
                if (!database_open_file(arg_from.at[i], &from, e) || !database_blob(blobs, from, x->db, &d->blob, e))
                        return err_wrap(e, "--from %s", arg_from.at[i]);
                digest_of(DIGEST_SHA256, advisory_db_bytes(from), &d->from);
                if (d->blob.size <= a->database.size / 2)
                        a->n_deltas++;
                else
                        unlinkat(blobs, digest_hex(&d->blob.digest, hex), 0);
        }
        return true;
}

/* A new one: what others have put into a layout is not ours to replace. */
static bool layout_make(const char *folder, int *ret_layout, int *ret_blobs, struct err *e)
{
        CLEANUP(fd_close) int layout = -1;
        CLEANUP(fd_close) int both = -1;

        if (mkdir(folder, 0777) != 0 && errno != EEXIST)
                return err_set(e, ERR_SYSTEM, "%s: %s", folder, strerror(errno));
        layout = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (layout < 0)
                return err_set(e, ERR_SYSTEM, "%s: %s", folder, strerror(errno));
        if (faccessat(layout, "index.json", F_OK, AT_SYMLINK_NOFOLLOW) == 0)
                return err_set(e, ERR_CONFLICT, "%s is a layout already; export into a new folder", folder);
        if (!dir_make(layout, "blobs", 0755, &both, e) || !dir_make(both, "sha256", 0755, ret_blobs, e))
                return false;
        *ret_layout = TAKE_FD(layout);
        return true;
}

/* The index last: without it there is no layout. */
static bool layout_write(const struct export *x, int layout, int blobs, const char *tag, struct err *e)
{
        CLEANUP(buf_done) struct buf text = {0};
        struct advisory_artifact a = {0};
        struct advisory_blob other;

        if (!database_blob(blobs, NULL, x->db, &a.database, e) || !deltas_put(x, blobs, &a, e))
                return false;
        if (x->is_signed) {
                advisory_signature_put(&x->signature, &text);
                if (!small_blob(blobs, buf_span(&text), &a.signature, e))
                        return false;
        }
        buf_clear(&text);
        advisory_artifact_put(&a, advisory_db_info(x->db), &text);
        if (!small_blob(blobs, SPAN_LIT("{}"), &other, e) || !small_blob(blobs, buf_span(&text), &other, e))
                return false;
        buf_clear(&text);
        advisory_artifact_put_index(&other, tag, &text);
        return file_replace(layout, "oci-layout", SPAN_LIT("{\"imageLayoutVersion\":\"1.0.0\"}"), 0644, e) &&
               file_replace(layout, "index.json", buf_span(&text), 0644, e);
}

static bool to_layout(const struct export *x, const char *name, struct err *e)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        CLEANUP(fd_close) int layout = -1;
        CLEANUP(fd_close) int blobs = -1;
        char *folder = arena_string(a, span_of(name)), *colon = strrchr(folder, ':');
        const char *tag = TAG_DEFAULT;

        if (colon && !strchr(colon, '/')) {
                *colon = '\0';
                tag = colon + 1;
        }
        if (!folder[0] || !tag[0] || strlen(tag) > 128)
                return err_set(e, ERR_MALFORMED, "oci:%s: it is oci:DIR[:TAG], a tag at most 128 bytes long", name);
        return (layout_make(folder, &layout, &blobs, e) && layout_write(x, layout, blobs, tag, e)) ||
               err_wrap(e, "export to %s", folder);
}

static int db_export_run(int argc, char **argv)
{
        struct export x = {.db = NULL};
        struct err e = {0};
        bool layout = span_starts(span_of(argv[0]), LAYOUT_PREFIX), ok;

        (void)argc;
        if (arg_from.n > 0 && !layout) {
                fprintf(stderr, "coffer db export: --from is for oci:DIR; a file is whole\n");
                return EXIT_USAGE;
        }
        ok = export_open(&x, &e);
        if (ok)
                ok = layout ? to_layout(&x, argv[0] + strlen(LAYOUT_PREFIX), &e) : to_file(&x, argv[0], &e);
        advisory_db_free(x.db);
        if (!ok)
                return cli_fail(&e);
        printf("exported to %s\n", argv[0]);
        if (!x.is_signed && !arg_quiet)
                fprintf(stderr,
                    "it is not signed: others take it with --unsigned alone; `coffer db sign --key FILE` signs it\n");
        return 0;
}

static const struct cli_option export_options[] = {
    {"from", 0, CLI_LIST, "FILE",
        "add the difference to this earlier database, for those who have it; may be repeated (oci:)", &arg_from, NULL},
};

const struct cli_command cmd_db_export = {
    .name = "db export",
    .operands = "FILE | oci:DIR[:TAG]",
    .summary = "write the advisory database out for other machines",
    .about = "FILE gets the database as it is, FILE" SIGNATURE_END
             " its signature, if it has one. oci:DIR makes a new OCI layout with one "
             "artefact (\"" ADVISORY_ARTIFACT_TYPE
             "\"): the database packed with zstd, and the signature. skopeo or oras push it to any "
             "registry, and `coffer db import` takes it over from there.",
    .examples =
        "coffer db export /mnt/advisories.cdb\tto be carried over\n"
        "coffer db export oci:out:1 && skopeo copy oci:out:1 docker://registry.example/advisories:1\tto a registry",
    .options = export_options,
    .n_options = ARRAY_LEN(export_options),
    .min_operands = 1,
    .max_operands = 1,
    .run = db_export_run,
};
