/* db keygen, sign, verify, trust: who made an advisory database, and whose are taken over. */
#include "commands.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "database.h"

static const char *arg_name, *arg_key, *arg_output, *arg_signature, *arg_remove;
static struct cli_list arg_keys;
static bool arg_unsigned;
static uint64_t arg_sequence;

/* ---- db keygen ---- */

static bool key_write(const char *path, struct secret *seed, struct err *e)
{
        CLEANUP(fd_close) int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

        if (fd < 0)
                return err_set(e, errno == EEXIST ? ERR_CONFLICT : ERR_SYSTEM, "%s: %s", path,
                    errno == EEXIST ? "it exists, and a key is never overwritten" : strerror(errno));
        if (!fd_write_all(fd, span_bytes(secret_bytes(seed), SIGN_SEED_LEN), e) || fsync(fd) != 0) {
                unlink(path);
                return e->kind == ERR_NONE ? err_set(e, ERR_SYSTEM, "%s: %s", path, strerror(errno))
                                           : err_wrap(e, "%s", path);
        }
        return true;
}

static bool key_make(const char *path, struct signer *ret, struct err *e)
{
        CLEANUP(secret_freep) struct secret *seed = NULL;
        struct signer s = {0};

        if (!signer_name_set(&s, span_of(arg_name), e) || !sign_key_generate(&seed, e) ||
            !sign_key_public(seed, s.key, e) || !key_write(path, seed, e))
                return false;
        *ret = s;
        return true;
}

static int keygen_run(int argc, char **argv)
{
        CLEANUP(buf_done) struct buf line = {0};
        struct signer s;
        char public_path[4096];
        struct err e = {0};

        (void)argc;
        if ((size_t)snprintf(public_path, sizeof(public_path), "%s.pub", argv[0]) >= sizeof(public_path)) {
                err_set(&e, ERR_LIMIT, "the path is too long");
                return cli_fail(&e);
        }
        if (!key_make(argv[0], &s, &e))
                return cli_fail(&e);
        advisory_key_put(s.key, &line);
        buf_printf(&line, "%s%s\n", s.name[0] ? " " : "", s.name);
        if (!cli_write_output(public_path, buf_span(&line), &e))
                return cli_fail(&e);
        printf("%.*s", SPAN_FMT(buf_span(&line)));
        return 0;
}

static const struct cli_option keygen_options[] = {
    {"name", 0, CLI_TEXT, "NAME", "what it is called in FILE.pub", &arg_name, NULL},
};

const struct cli_command cmd_db_keygen = {
    .name = "db keygen",
    .operands = "FILE",
    .summary = "make a key that signs advisory databases",
    .about = "FILE gets the secret key (Ed25519, for its owner alone), FILE.pub the public one, as a line for `coffer "
             "db trust`. "
             "An existing FILE is never overwritten.",
    .examples = "coffer db keygen --name 'site mirror' /root/advisories.key\tonce, where databases are compiled",
    .options = keygen_options,
    .n_options = ARRAY_LEN(keygen_options),
    .min_operands = 1,
    .max_operands = 1,
    .run = keygen_run,
};

/* ---- db sign ---- */

static bool seed_read(struct secret **ret, struct err *e)
{
        CLEANUP(fd_close) int fd = -1;

        return (file_open_user(arg_key, O_RDONLY, &fd, e) && sign_key_read(fd, arg_key, ret, e)) ||
               err_wrap(e, "--key");
}

static bool sign_to(const char *path, const struct advisory_signature *s, struct err *e)
{
        CLEANUP(buf_done) struct buf text = {0};
        char beside[4096];

        if ((size_t)snprintf(beside, sizeof(beside), "%s" SIGNATURE_END, path ? path : "") >= sizeof(beside))
                return err_set(e, ERR_LIMIT, "the path is too long");
        advisory_signature_put(s, &text);
        return cli_write_output(arg_output ? arg_output : beside, buf_span(&text), e);
}

static bool sign(const char *path, struct advisory_signature *ret, struct err *e)
{
        CLEANUP(advisory_db_freep) struct advisory_db *db = NULL;
        CLEANUP(secret_freep) struct secret *seed = NULL;
        CLEANUP(fd_close) int dir = -1;
        char name[DIGEST_TEXT_MAX];

        if (!seed_read(&seed, e) || (!path && !database_folder_lock(&dir, e)) || !database_open_file(path, &db, e) ||
            !advisory_signature_make(db, arg_sequence, seed, ret, e))
                return false;
        if (path || arg_output)
                return sign_to(path, ret, e);
        return database_signature_write(dir, digest_hex(&advisory_db_info(db)->digest, name), ret, e);
}

static int sign_run(int argc, char **argv)
{
        struct advisory_signature s;
        struct signer by = {0};
        char text[SIGNER_TEXT_MAX];
        struct err e = {0};

        if (!arg_key) {
                fprintf(stderr, "coffer db sign: --key says which key signs; `coffer db keygen` makes one\n");
                return EXIT_USAGE;
        }
        if (!sign(argc > 0 ? argv[0] : NULL, &s, &e))
                return cli_fail(&e);
        memcpy(by.key, s.key, sizeof(by.key));
        printf("signed as number %llu by %s\n", (unsigned long long)s.sequence, signer_text(&by, text));
        return 0;
}

static const struct cli_option sign_options[] = {
    {"key", 0, CLI_TEXT, "FILE", "the secret key, as `coffer db keygen` made it", &arg_key, NULL},
    {"sequence", 0, CLI_NUMBER, "N",
        "its number: it must grow with each that is given out (when it was built, in seconds)", &arg_sequence, NULL},
    {"output", 'O', CLI_TEXT, "FILE", "write the signature there", &arg_output, NULL},
};

const struct cli_command cmd_db_sign = {
    .name = "db sign",
    .operands = "[DATABASE]",
    .summary = "sign an advisory database",
    .about = "Writes DATABASE" SIGNATURE_END
             ", a text of eight lines; without DATABASE the one in use is signed, where it lies. What is damaged is "
             "not signed.",
    .examples = "coffer db sign --key /root/advisories.key advisories.cdb\tgive both files to others",
    .options = sign_options,
    .n_options = ARRAY_LEN(sign_options),
    .max_operands = 1,
    .run = sign_run,
};

/* ---- db verify ---- */

/* Where the database and its signature are: a file of the user's, or the one in use. */
struct place {
        int dir;
        char database[4096], signature[4096 + 8];
};

static bool place_find(const char *path, struct place *ret, struct err *e)
{
        char name[DIGEST_TEXT_MAX];

        ret->dir = -1;
        if (!path && (!database_folder_existing(&ret->dir, e) || !database_name(ret->dir, name, e)))
                return false;
        if (!path && !name[0])
                return err_set(
                    e, ERR_NOT_FOUND, "no advisory database in %s; make one: coffer db build SOURCE...", state_path());
        if (path)
                ret->dir = AT_FDCWD;
        if ((size_t)snprintf(ret->database, sizeof(ret->database), "%s", path ? path : name) >= sizeof(ret->database))
                return err_set(e, ERR_LIMIT, "the path is too long");
        snprintf(ret->signature, sizeof(ret->signature), "%s" SIGNATURE_END, ret->database);
        return true;
}

static bool signers_named(struct signers *ret, struct err *e)
{
        for (size_t i = 0; i < arg_keys.n; i++)
                if (!signer_of(arg_keys.at[i], &ret->at[ret->n++], e))
                        return err_wrap(e, "--key");
        return true;
}

static bool verify(const struct place *p, struct database_origin *ret, struct advisory_db **ret_db, struct err *e)
{
        static struct signers only;
        struct advisory_signature *s = &ret->signature;

        if (!signers_named(&only, e))
                return false;
        if (arg_unsigned)
                return advisory_db_open(p->dir, p->database, ret_db, e) && advisory_db_verify(*ret_db, e);
        if (arg_signature ? !database_signature_read(AT_FDCWD, arg_signature, s, e)
                          : !database_signature_read(p->dir, p->signature, s, e))
                return e->kind == ERR_NOT_FOUND && !arg_signature
                           ? err_set(e, ERR_UNTRUSTED,
                                 "%s has no signature; --unsigned compares it with its own checksum alone",
                                 p->dir == AT_FDCWD ? p->database : "the database in use")
                           : false;
        ret->is_signed = true;
        return database_signer(s, only.n ? &only : NULL, &ret->signer, e) &&
               advisory_db_open_signed(p->dir, p->database, s, ret_db, e) && advisory_db_verify(*ret_db, e);
}

static int verify_run(int argc, char **argv)
{
        CLEANUP(advisory_db_freep) struct advisory_db *db = NULL;
        struct database_origin o = {0};
        static struct place p;
        char text[SIGNER_TEXT_MAX], when[CLOCK_TEXT_MAX];
        struct err e = {0};
        bool ok;

        if (arg_unsigned && (arg_signature || arg_keys.n)) {
                fprintf(stderr, "coffer db verify: --unsigned contradicts --signature and --key\n");
                return EXIT_USAGE;
        }
        ok = place_find(argc > 0 ? argv[0] : NULL, &p, &e) && verify(&p, &o, &db, &e);
        if (p.dir >= 0)
                close(p.dir);
        if (!ok)
                return cli_fail(&e);
        clock_format(advisory_db_info(db)->built_s, when);
        if (o.is_signed)
                printf("sound: built %s, number %llu of %s\n", when, (unsigned long long)o.signature.sequence,
                    signer_text(&o.signer, text));
        else
                printf("as its own checksum says: built %s; who made it was not asked\n", when);
        return 0;
}

static const struct cli_option verify_options[] = {
    {"key", 0, CLI_LIST, "KEY", "trust this public key alone (\"ed25519:...\" or a file); may be repeated", &arg_keys,
        NULL},
    {"signature", 0, CLI_TEXT, "FILE", "its signature (DATABASE" SIGNATURE_END ")", &arg_signature, NULL},
    {"unsigned", 0, CLI_FLAG, NULL, "compare it with its own checksum alone", &arg_unsigned, NULL},
};

const struct cli_command cmd_db_verify = {
    .name = "db verify",
    .operands = "[DATABASE]",
    .summary = "check every byte of an advisory database, and who signed it",
    .about = "DATABASE is a file with its signature beside it; without it, the one in use. The signature must be of "
             "one of the keys "
             "that `coffer db trust` lists, or that --key names.\n\nExit status 0 when all of it holds, else 3.",
    .examples = "coffer db verify --key mirror.pub advisories.cdb\tbefore it is carried over",
    .options = verify_options,
    .n_options = ARRAY_LEN(verify_options),
    .max_operands = 1,
    .run = verify_run,
};

/* ---- db trust ---- */

static bool trust_add(struct signers *all, const char *operand, struct err *e)
{
        struct signer new;

        if (!signer_of(operand, &new, e) || (arg_name && !signer_name_set(&new, span_of(arg_name), e)))
                return false;
        for (size_t i = 0; i < all->n; i++)
                if (memcmp(all->at[i].key, new.key, sizeof(new.key)) == 0) {
                        all->at[i] = new;
                        return true;
                }
        if (all->n == SIGNERS_MAX)
                return err_set(e, ERR_LIMIT, "more than %u keys are trusted; --remove some", SIGNERS_MAX);
        all->at[all->n++] = new;
        return true;
}

static bool trust_remove(struct signers *all, struct err *e)
{
        struct signer gone;
        size_t kept = 0;

        if (!signer_of(arg_remove, &gone, e))
                return err_wrap(e, "--remove");
        for (size_t i = 0; i < all->n; i++)
                if (memcmp(all->at[i].key, gone.key, sizeof(gone.key)) != 0)
                        all->at[kept++] = all->at[i];
        if (kept == all->n)
                return err_set(e, ERR_NOT_FOUND, "--remove: that key is not trusted");
        all->n = kept;
        return true;
}

static int trust_run(int argc, char **argv)
{
        CLEANUP(fd_close) int dir = -1;
        CLEANUP(fd_close) int root = -1;
        static struct signers all;
        bool changes = argc > 0 || arg_remove, ok;
        char text[SIGNER_TEXT_MAX];
        struct err e = {0};

        ok = (changes ? state_open(&root, &e) && database_folder_lock(&dir, &e) : state_open_existing(&root, &e)) &&
             signers_read(root, &all, &e) && (!arg_remove || trust_remove(&all, &e));
        for (int i = 0; i < argc && ok; i++)
                ok = trust_add(&all, argv[i], &e);
        if (!ok || (changes && !signers_write(root, &all, &e)))
                return cli_fail(&e);
        for (size_t i = 0; i < all.n; i++)
                printf("%s\n", signer_text(&all.at[i], text));
        if (all.n == 0 && !arg_quiet)
                fprintf(stderr, "no key is trusted: `coffer db import` takes databases with --unsigned alone\n");
        return 0;
}

static const struct cli_option trust_options[] = {
    {"name", 0, CLI_TEXT, "NAME", "what it is called here", &arg_name, NULL},
    {"remove", 0, CLI_TEXT, "KEY", "trust this key no more", &arg_remove, NULL},
};

const struct cli_command cmd_db_trust = {
    .name = "db trust",
    .operands = "[KEY]...",
    .summary = "say whose advisory databases are taken over, or list it",
    .about = "A KEY is \"ed25519:\" and 64 hex digits, or a file that holds it, such as `coffer db keygen` writes "
             "(FILE.pub). Ask its owner "
             "for it on another way than the one on which the databases come. The list is keys/advisories.trusted in "
             "the state folder.",
    .examples = "coffer db trust --name 'site mirror' mirror.pub\ttheir databases are taken over from now on\n"
                "coffer db trust\twho is trusted",
    .options = trust_options,
    .n_options = ARRAY_LEN(trust_options),
    .max_operands = -1,
    .run = trust_run,
};
