/* db build, status, lookup: the compiled advisory database. */
#include "commands.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "advisory/advisory.h"

#include "database.h"
#include "ecosystem.h"

static bool arg_json, arg_strict, arg_verify, arg_keep_going;
static struct progress progress;

static void on_progress(void *ctx, uint64_t done, uint64_t total)
{
        (void)ctx;
        progress.total = total;
        progress_at(&progress, done);
}

struct building {
        const char *const *sources;
        unsigned refused, unclear, failed;
};

#define REFUSED_SHOWN 20u /* then only the count: a broken feed must not flood the terminal */

static void on_refused(void *ctx, const char *place, const struct err *why)
{
        struct building *b = ctx;
        char shown[ERR_TEXT_MAX], where[512];

        if (++b->refused > REFUSED_SHOWN || arg_quiet)
                return;
        fprintf(stderr, "refused: %s: %s\n", span_printable(span_of(place), where, sizeof(where)),
            span_printable(span_of(why->text), shown, sizeof(shown)));
}

static void on_unclear(void *ctx, const char *place, const struct err *why)
{
        struct building *b = ctx;
        char shown[ERR_TEXT_MAX], where[512];

        if (++b->unclear > REFUSED_SHOWN || arg_quiet)
                return;
        fprintf(stderr, "unclear: %s: %s\n", span_printable(span_of(place), where, sizeof(where)),
            span_printable(span_of(why->text), shown, sizeof(shown)));
}

static bool on_failed(void *ctx, size_t source, const struct err *why)
{
        struct building *b = ctx;
        char shown[ERR_TEXT_MAX], where[512];

        if (!arg_keep_going)
                return false;
        b->failed++;
        fprintf(stderr, "left out: %s: %s\n", span_printable(span_of(b->sources[source]), where, sizeof(where)),
            span_printable(span_of(why->text), shown, sizeof(shown)));
        return true;
}

static int db_build_run(int argc, char **argv)
{
        CLEANUP(fd_close) int dir = -1;
        struct advisory_build_stats stats = {0};
        struct building b = {.sources = (const char *const *)argv};
        struct err e = {0}, record = {0};
        bool ok;

        if (!database_folder_lock(&dir, &e))
                return cli_fail(&e);
        progress_begin(&progress, "reading advisories", 0, arg_quiet);
        ok = advisory_build(&(struct advisory_build){.sources = (const char *const *)argv,
                                .n_sources = (size_t)argc,
                                .on_refused = on_refused,
                                .on_unclear = on_unclear,
                                .on_progress = on_progress,
                                .on_failed = on_failed,
                                .ctx = &b},
            dir, DATABASE_NEW, &stats, &e);
        progress_end(&progress);
        if (!ok)
                return cli_fail(&e);
        if (b.refused > REFUSED_SHOWN && !arg_quiet)
                fprintf(stderr, "... and %u more refused\n", b.refused - REFUSED_SHOWN);
        if (b.unclear > REFUSED_SHOWN && !arg_quiet)
                fprintf(stderr, "... and %u more unclear\n", b.unclear - REFUSED_SHOWN);
        if (arg_strict && (stats.refused || stats.refused_versions)) {
                unlinkat(dir, DATABASE_NEW, 0);
                err_set(&e, ERR_MALFORMED, "--strict: %llu records and %llu versions were refused; the old database stays",
                    (unsigned long long)stats.refused, (unsigned long long)stats.refused_versions);
                return cli_fail(&e);
        }
        if (!database_install(dir, NULL, &record, &e))
                return cli_fail(&e);
        printf("%llu records (%llu withdrawn), %llu affected entries, %llu ranges, %llu listed versions\n",
            (unsigned long long)stats.records, (unsigned long long)stats.withdrawn, (unsigned long long)stats.affected,
            (unsigned long long)stats.ranges, (unsigned long long)stats.versions);
        if (stats.skipped_ecosystem)
                printf("%llu entries are of ecosystems whose version order is not known here\n",
                    (unsigned long long)stats.skipped_ecosystem);
        if (stats.refused || stats.refused_versions)
                printf("refused: %llu records, %llu versions (their findings say \"can't tell\")\n",
                    (unsigned long long)stats.refused, (unsigned long long)stats.refused_versions);
        if (stats.unclear)
                printf("unclear: %llu records (taken: of several with one id one counts, and a range without a beginning says "
                       "\"can't tell\")\n",
                    (unsigned long long)stats.unclear);
        if (stats.facts)
                printf("%llu vulnerabilities with facts of their own (EPSS, KEV, SSVC, scores)\n", (unsigned long long)stats.facts);
        if (record.kind != ERR_NONE)
                return database_say_record(&record);
        return b.failed ? 3 : 0;
}

static const struct cli_option build_options[] = {
    {"keep-going", 'k', CLI_FLAG, NULL, "leave out a source that can't be read, make the database of the others, and exit with 3", &arg_keep_going, NULL},
    {"strict", 0, CLI_FLAG, NULL, "fail, and keep the old database, if a record or version is refused", &arg_strict, NULL},
};

const struct cli_command cmd_db_build = {
    .name = "db build",
    .operands = "SOURCE...",
    .summary = "compile feeds of advisories into the advisory database",
    .about = "A source is a document of a form that is known here, told by its content; a file with one JSON document a line; a "
             "zip or tar of such files; or a folder of them. Each may be compressed with gzip, zstd, xz or bzip2. The "
             "database is one immutable file, replaced as a whole; a build that fails leaves the old one. Where the state's PostgreSQL "
             "server is away, the database is made and used all the same, and the exit status is 3.\n\n"
             "OSV publishes all records of an ecosystem as one zip: "
             "https://osv-vulnerabilities.storage.googleapis.com/ECOSYSTEM/all.zip, for example Debian, npm, PyPI. "
             "Red Hat's archive of CSAF VEX is named by https://security.access.redhat.com/data/csaf/v2/vex/archive_latest.txt and "
             "is read as it is; what changed since stands beside it, a document for each CVE. Distributions' OVAL and "
             "their repositories' updateinfo.xml are read, too: docs/oval.md.",
    .examples = "coffer db build Debian.zip npm.zip PyPI.zip\tthe files that OSV publishes\n"
                "coffer db build com.ubuntu.jammy.cve.oval.xml.bz2 updateinfo.xml.gz\tas distributions publish them\n"
                "coffer db build demo/advisories\tthe small set of this repository",
    .options = build_options,
    .n_options = ARRAY_LEN(build_options),
    .min_operands = 1,
    .max_operands = -1,
    .run = db_build_run,
};

static uint64_t age_s(const struct advisory_db_info *i)
{
        int64_t now = clock_wall_s();

        return now > i->built_s ? (uint64_t)(now - i->built_s) : 0;
}

/* Who made the database in use. */
struct maker {
        struct database_origin origin;
        bool is_trusted;
        struct err why; /* a signature is there that can't be read */
};

static bool maker_find(const struct advisory_db_info *i, struct maker *ret, struct err *e)
{
        CLEANUP(fd_close) int dir = -1;
        struct database_origin *o = &ret->origin;
        struct err why = {0};

        if (!database_folder_existing(&dir, e))
                return false;
        o->is_signed = database_signature_present(dir, i, &o->signature, &why);
        if (!o->is_signed) {
                if (why.kind != ERR_NOT_FOUND)
                        ret->why = why;
                return true;
        }
        memcpy(o->signer.key, o->signature.key, sizeof(o->signer.key));
        ret->is_trusted = database_signer(&o->signature, NULL, &o->signer, &why);
        if (!ret->is_trusted && why.kind != ERR_UNTRUSTED)
                ret->why = why;
        return true;
}

static void maker_json(struct json_out *o, const struct maker *m)
{
        CLEANUP(buf_done) struct buf key = {0};
        char file[DIGEST_TEXT_MAX];

        json_out_key(o, "signature");
        if (!m->origin.is_signed) {
                json_out_null(o);
                return;
        }
        advisory_key_put(m->origin.signature.key, &key);
        json_out_object(o);
        json_out_member(o, "key", buf_span(&key));
        json_out_member_text(o, "name", m->origin.signer.name);
        json_out_member_u64(o, "sequence", m->origin.signature.sequence);
        json_out_member_text(o, "file", digest_format(&m->origin.signature.file, file));
        json_out_key(o, "trusted");
        json_out_bool(o, m->is_trusted);
        json_out_object_end(o);
}

static void maker_print(const struct maker *m)
{
        char text[SIGNER_TEXT_MAX], shown[ERR_TEXT_MAX];

        if (m->origin.is_signed)
                printf("signed as number %llu by %s%s\n", (unsigned long long)m->origin.signature.sequence,
                    signer_text(&m->origin.signer, text), m->is_trusted ? "" : ", which is not trusted");
        else
                printf("not signed\n");
        if (m->why.kind != ERR_NONE)
                printf("%s\n", span_printable(span_of(m->why.text), shown, sizeof(shown)));
}

/* Every byte: against the signature if there is one, and against the file's own checksum. */
static bool all_verify(const struct advisory_db *db, const struct maker *m, struct err *e)
{
        CLEANUP(advisory_db_freep) struct advisory_db *again = NULL;
        CLEANUP(fd_close) int dir = -1;
        char name[DIGEST_TEXT_MAX];

        if (m->why.kind != ERR_NONE) {
                *e = m->why;
                return false;
        }
        if (m->origin.is_signed &&
            (!database_folder_existing(&dir, e) ||
                !advisory_db_open_signed(
                    dir, digest_hex(&advisory_db_info(db)->digest, name), &m->origin.signature, &again, e)))
                return false;
        return advisory_db_verify(db, e);
}

static void status_json(const struct advisory_db_info *i, const struct maker *m, struct buf *b)
{
        char text[DIGEST_TEXT_MAX], when[CLOCK_TEXT_MAX];
        struct json_out o;

        json_out_init(&o, b, 2);
        json_out_object(&o);
        json_out_member_u64(&o, "format", i->format);
        json_out_member_text(&o, "digest", digest_format(&i->digest, text));
        json_out_member_text(&o, "built", clock_format(i->built_s, when));
        json_out_member_u64(&o, "age_s", age_s(i));
        json_out_member_text(&o, "newest_record", clock_format(i->newest_record_s, when));
        maker_json(&o, m);
        json_out_member_u64(&o, "records", i->records);
        json_out_member_u64(&o, "packages", i->packages);
        json_out_member_u64(&o, "ranges", i->ranges);
        json_out_member_u64(&o, "bytes", i->bytes);
        json_out_key(&o, "ecosystems");
        json_out_array(&o);
        for (size_t k = 0; k < i->n_ecosystems; k++) {
                json_out_object(&o);
                json_out_member(&o, "name", i->ecosystems[k].ecosystem);
                json_out_member_u64(&o, "records", i->ecosystems[k].records);
                json_out_object_end(&o);
        }
        json_out_array_end(&o);
        json_out_member_u64(&o, "facts", i->facts);
        json_out_key(&o, "sources");
        json_out_array(&o);
        for (size_t k = 0; k < i->n_sources; k++) {
                json_out_object(&o);
                json_out_member(&o, "name", i->sources[k].name);
                json_out_member_u64(&o, "records", i->sources[k].records);
                json_out_member_u64(&o, "facts", i->sources[k].facts);
                json_out_member_u64(&o, "refused", i->sources[k].refused);
                json_out_member_u64(&o, "unclear", i->sources[k].unclear);
                json_out_member_text(&o, "newest_record", clock_format(i->sources[k].newest_record_s, when));
                json_out_object_end(&o);
        }
        json_out_array_end(&o);
        json_out_object_end(&o);
        buf_put_text(b, "\n");
}

static int db_status_run(int argc, char **argv)
{
        CLEANUP(advisory_db_freep) struct advisory_db *db = NULL;
        CLEANUP(buf_done) struct buf b = {0};
        const struct advisory_db_info *i;
        struct maker maker = {0};
        char text[DIGEST_TEXT_MAX], when[CLOCK_TEXT_MAX], newest[CLOCK_TEXT_MAX], name[512];
        struct err e = {0};

        (void)argc;
        (void)argv;
        if (!database_open(&db, &e))
                return cli_fail(&e);
        i = advisory_db_info(db);
        if (!maker_find(i, &maker, &e) || (arg_verify && !all_verify(db, &maker, &e)))
                return cli_fail(&e);
        if (arg_json) {
                status_json(i, &maker, &b);
                return cli_write_output(NULL, buf_span(&b), &e) ? 0 : cli_fail(&e);
        }
        printf("built %s (%llu days ago), newest record of %s, format %u\n%llu records, %llu packages, %llu ranges, %llu bytes\n%s\n",
            clock_format(i->built_s, when), (unsigned long long)(age_s(i) / 86400),
            clock_format(i->newest_record_s, newest), i->format,
            (unsigned long long)i->records, (unsigned long long)i->packages, (unsigned long long)i->ranges,
            (unsigned long long)i->bytes, digest_format(&i->digest, text));
        maker_print(&maker);
        printf("records by ecosystem\n");
        for (size_t k = 0; k < i->n_ecosystems; k++)
                printf("  %-24s %llu\n", span_printable(i->ecosystems[k].ecosystem, name, sizeof(name)),
                    (unsigned long long)i->ecosystems[k].records);
        printf("sources\n");
        for (size_t k = 0; k < i->n_sources; k++) {
                printf("  %s: %llu records", span_printable(i->sources[k].name, name, sizeof(name)),
                    (unsigned long long)i->sources[k].records);
                if (i->sources[k].facts)
                        printf(", facts of %llu vulnerabilities", (unsigned long long)i->sources[k].facts);
                if (i->sources[k].refused)
                        printf(", %u refused", i->sources[k].refused);
                if (i->sources[k].unclear)
                        printf(", %u unclear", i->sources[k].unclear);
                if (i->sources[k].newest_record_s)
                        printf(", newest of %s", clock_format(i->sources[k].newest_record_s, when));
                printf("\n");
        }
        return 0;
}

static const struct cli_option status_options[] = {
    {"json", 0, CLI_FLAG, NULL, "as JSON", &arg_json, NULL},
    {"verify", 0, CLI_FLAG, NULL, "read every byte and compare it with its checksum and, if it is signed, the signature first", &arg_verify, NULL},
};

const struct cli_command cmd_db_status = {
    .name = "db status",
    .operands = "",
    .summary = "say what the advisory database holds and how old it is",
    .about = "Age, who signed it, and counts for each ecosystem. The age that is still good enough is the policy's to say.",
    .options = status_options,
    .n_options = ARRAY_LEN(status_options),
    .run = db_status_run,
};

static bool print_hit(void *ctx, const struct advisory_hit *h)
{
        static const char *const answers[] = {"can't tell", "affected", "not affected"};
        char id[128], a[128], b[128], text[256];
        unsigned *n = ctx;

        ++*n;
        printf("%-12s %s", h->withdrawn ? "withdrawn" : answers[h->answer], span_printable(h->id, id, sizeof(id)));
        if (h->answer == ADVISORY_AFFECTED) {
                printf("  from %s", h->introduced.len ? span_printable(h->introduced, a, sizeof(a)) : "the beginning");
                if (h->fixed.len)
                        printf(", fixed in %s", span_printable(h->fixed, b, sizeof(b)));
                else if (h->last_affected.len)
                        printf(", last affected %s", span_printable(h->last_affected, b, sizeof(b)));
                else
                        printf(", no fix known");
        }
        printf("  [%s%s", severity_name(h->severity), h->score_tenths ? " " : "");
        if (h->score_tenths)
                printf("%u.%u", h->score_tenths / 10, h->score_tenths % 10);
        printf("]\n             %s\n", span_printable(h->summary, text, sizeof(text)));
        return true;
}

static int db_lookup_run(int argc, char **argv)
{
        CLEANUP(advisory_db_freep) struct advisory_db *db = NULL;
        char ecosystem[128], package[256];
        struct err e = {0};
        unsigned n = 0;

        (void)argc;
        if (!ecosystem_is_known(argv[0]))
                return ecosystem_refuse("db lookup", argv[0]);
        if (!database_open(&db, &e) ||
            !advisory_db_lookup(db, span_of(argv[0]), span_of(argv[1]), span_of(argv[2]), print_hit, &n, &e))
                return cli_fail(&e);
        if (n == 0)
                printf("no record of %s %s\n", span_printable(span_of(argv[0]), ecosystem, sizeof(ecosystem)),
                    span_printable(span_of(argv[1]), package, sizeof(package)));
        return 0;
}

const struct cli_command cmd_db_lookup = {
    .name = "db lookup",
    .operands = "ECOSYSTEM PACKAGE VERSION",
    .summary = "show every record that speaks of a package, and what it says of a version",
    .about = "For distributions the package is the source package, but for Red Hat and AlmaLinux, whose advisories list "
             "what is installed. An ecosystem that is not known is a usage error (2), with the names that look like it.",
    .examples = "coffer db lookup Debian:12 openssl 3.0.11-1~deb12u2\tevery record, affected or not",
    .min_operands = 3,
    .max_operands = 3,
    .run = db_lookup_run,
};
