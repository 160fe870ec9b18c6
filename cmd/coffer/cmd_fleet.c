/* reassess, affected: what new advisories change for the images that are known. */
#include "commands.h"

#include <strings.h>

#include "assess/assess.h"
#include "match/match.h"
#include "store/store.h"

#include "database.h"
#include "ecosystem.h"
#include "notify.h"

static struct cli_list arg_notify;
static bool arg_json, arg_restart;
static const char *arg_fail_on;
static struct notify_options arg_hook;
static uint64_t arg_retries = 2;

static bool fleet_open(struct store **ret_store, struct advisory_db **ret_db, struct err *e)
{
        CLEANUP(fd_close) int root = -1;

        return database_open(ret_db, e) && state_open(&root, e) && store_open(root, state_path(), ret_store, e);
}

/* ---- reassess ---- */

#define NOTICES_KEPT_S (90 * 86400) /* of notices that nobody waits for: so that somebody can still look */

struct telling {
        bool any;
        enum severity worst; /* of what was added or worsened */
};

static const struct {
        const char *kind, *says;
} kinds[] = {{"added", "new"}, {"removed", "gone"}, {"worsened", "worse"}, {"eased", "less"}, {"mendable", "mendable"}};

struct told_change {
        struct span kind, id, package, version, severity, fixed;
        bool exploited;
};

static void change_read(struct json *j, struct told_change *c)
{
        struct span key;

        *c = (struct told_change){0};
        for (json_object(j); json_member(j, &key);) {
                struct span *to = span_is(key, "kind")       ? &c->kind
                                  : span_is(key, "id")       ? &c->id
                                  : span_is(key, "package")  ? &c->package
                                  : span_is(key, "version")  ? &c->version
                                  : span_is(key, "severity") ? &c->severity
                                  : span_is(key, "fixed")    ? &c->fixed
                                                             : NULL;
                if (span_is(key, "exploited"))
                        c->exploited = json_bool(j);
                else if (to && json_peek(j) == JSON_STRING)
                        *to = json_string(j);
                else
                        json_skip(j);
        }
}

static void change_print(struct telling *t, const struct told_change *c)
{
        char id[128], package[128], version[128], severity[32], fixed[128];
        enum severity s = SEVERITY_NONE;
        const char *says = "";

        for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
                if (span_is(c->kind, kinds[i].kind))
                        says = kinds[i].says;
        if ((span_is(c->kind, "added") || span_is(c->kind, "worsened")) && severity_parse(c->severity, &s) &&
            s > t->worst)
                t->worst = s;
        if (arg_json)
                return;
        printf("  %-8s  %-18s %-9s %s%s %s", says, span_printable(c->id, id, sizeof(id)),
            span_printable(c->severity, severity, sizeof(severity)), c->exploited ? "EXPLOITED " : "",
            span_printable(c->package, package, sizeof(package)), span_printable(c->version, version, sizeof(version)));
        if (c->fixed.len > 0)
                printf("  -> %s", span_printable(c->fixed, fixed, sizeof(fixed)));
        printf("\n");
}

static void on_image(void *ctx, struct span digest, struct span name, struct span notice)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        struct telling *t = ctx;
        struct span key;
        char shown[300], image[DIGEST_TEXT_MAX];
        struct json j;

        if (arg_json)
                printf("%s\n    %.*s", t->any ? "," : "", (int)notice.len, (const char *)notice.at);
        else
                printf("%s  %s\n", span_printable(name, shown, sizeof(shown)),
                    span_printable(digest, image, sizeof(image)));
        t->any = true;
        json_init(&j, notice, a, NULL); /* our own JSON */
        json_object(&j);
        while (json_member(&j, &key)) {
                struct told_change c;

                if (!span_is(key, "changes")) {
                        json_skip(&j);
                        continue;
                }
                for (json_array(&j); json_element(&j);) {
                        change_read(&j, &c);
                        change_print(t, &c);
                }
        }
}

/* The database that the images were last matched with; NULL and true when there is none to compare with. */
static bool old_database(
    struct store *s, const struct advisory_db *new, struct advisory_db **ret, bool *ret_same, struct err *e)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        char present[DIGEST_TEXT_MAX];
        struct span text;

        *ret_same = false;
        if (!store_fleet_advisories(s, (struct span){0}, a, &text, e))
                return false;
        *ret_same = span_is(text, digest_format(&advisory_db_info(new)->digest, present));
        if (text.len == 0 || *ret_same)
                return true;
        if (database_open_digest(text, ret, e))
                return true;
        return err_wrap(
            e, "there is nothing to compare with; \"coffer reassess --restart\" begins anew with the present database");
}

static bool begin_anew(struct store *s, const struct advisory_db *new, struct err *e)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        char present[DIGEST_TEXT_MAX];
        struct span text;

        return store_fleet_begin(s, a, &text, e) &&
               store_fleet_end(s, true, span_of(digest_format(&advisory_db_info(new)->digest, present)), e);
}

static bool tell_sinks(struct store *s, struct err *e)
{
        arg_hook.retries = (uint32_t)arg_retries;
        for (size_t i = 0; i < arg_notify.n; i++) {
                size_t n;

                if (!notify_tell(s, arg_notify.at[i], &arg_hook, &n, e))
                        return err_wrap(e, "the notices wait; the next reassess tells them");
        }
        return true;
}

static void summary_print(const struct assess_fleet_stats *stats, bool same)
{
        if (arg_json) {
                printf("],\n  \"packages\": %llu,\n  \"components\": %llu,\n  \"images\": %llu,\n  \"told_before\": "
                       "%llu,\n"
                       "  \"first\": %s\n}\n",
                    (unsigned long long)stats->packages, (unsigned long long)stats->components,
                    (unsigned long long)stats->images, (unsigned long long)stats->told_before,
                    stats->first ? "true" : "false");
                return;
        }
        if (same && stats->packages == 0)
                printf("the advisories are those of the last time: nothing can have changed\n");
        else if (stats->first && stats->packages == 0)
                printf("there was nothing to compare with; from now on there is\n");
        else
                printf("%llu package%s changed, %llu component%s matched again, %llu image%s: %llu new, %llu gone, "
                       "%llu worse, %llu "
                       "less, %llu mendable\n",
                    (unsigned long long)stats->packages, stats->packages == 1 ? "" : "s",
                    (unsigned long long)stats->components, stats->components == 1 ? "" : "s",
                    (unsigned long long)stats->images, stats->images == 1 ? "" : "s", (unsigned long long)stats->added,
                    (unsigned long long)stats->removed, (unsigned long long)stats->worsened,
                    (unsigned long long)stats->eased, (unsigned long long)stats->mendable);
        if (stats->told_before)
                printf("%llu more had been scanned with these advisories already\n",
                    (unsigned long long)stats->told_before);
}

static bool open_kept(void *ctx, struct span digest, struct advisory_db **ret)
{
        (void)ctx;
        return database_open_digest(digest, ret, NULL);
}

static int reassess_run(int argc, char **argv)
{
        CLEANUP(store_freep) struct store *s = NULL;
        CLEANUP(advisory_db_freep) struct advisory_db *old = NULL, *new = NULL;
        struct telling t = {0};
        struct assess_fleet_options o = {
            .sinks = arg_notify.at, .n_sinks = arg_notify.n, .open = open_kept, .on_image = on_image, .ctx = &t};
        struct assess_fleet_stats stats = {0};
        enum severity limit = SEVERITY_NONE;
        uint64_t forgotten;
        struct err e = {0};
        bool same;

        (void)argc;
        (void)argv;
        for (size_t i = 0; i < arg_notify.n; i++)
                if (!notify_check(arg_notify.at[i], &e)) {
                        fprintf(stderr, "coffer: --notify: %s\n", e.text);
                        return EXIT_USAGE;
                }
        if (!fleet_open(&s, &new, &e) || (arg_restart && !begin_anew(s, new, &e)) ||
            !old_database(s, new, &old, &same, &e))
                return cli_fail(&e);
        if (arg_json)
                printf("{\n  \"schema_version\": 1,\n  \"notices\": [");
        if (!assess_fleet(s, old, new, &o, &stats, &e))
                return cli_fail(&e);
        summary_print(&stats, same);
        if (!tell_sinks(s, &e) || !store_notices_forget(s, clock_wall_s() - NOTICES_KEPT_S, &forgotten, &e))
                return cli_fail(&e);
        if (arg_fail_on && severity_parse(span_of(arg_fail_on), &limit) && t.worst >= limit)
                return EXIT_FINDINGS;
        return 0;
}

static const struct cli_option reassess_options[] = {
    {"notify", 0, CLI_LIST, "SINK",
        "who is told beside the ledger: file:/PATH (JSON lines), webhook:URL; what can't be told now waits", &arg_notify, NULL},
    {"webhook-key", 0, CLI_TEXT, "FILE", "signs what webhooks get: X-Coffer-Signature is HMAC-SHA-256 over the content", &arg_hook.key_file, NULL},
    {"ca", 0, CLI_TEXT, "FILE", "trust this authority (PEM) beside the system's", &arg_hook.ca_file, NULL},
    {"plain-http", 0, CLI_FLAG, NULL, "allow http:// webhooks", &arg_hook.plain_http, NULL},
    {"retries", 0, CLI_NUMBER, "N", "attempts after the first, with growing pauses (2)", &arg_retries, NULL},
    {"fail-on", 0, CLI_TEXT, "SEVERITY", "exit with 1 if something at least this severe is new or worse", &arg_fail_on,
        "low medium high critical"},
    {"json", 0, CLI_FLAG, NULL, "as JSON", &arg_json, NULL},
    {"restart", 0, CLI_FLAG, NULL, "compare with nothing: the present advisories are what the next time compares with",
        &arg_restart, NULL},
};

const struct cli_command cmd_reassess = {
    .name = "reassess",
    .operands = "",
    .summary = "find the known images whose findings a new advisory database changes",
    .about = "Compares the present advisory database with the one of the last time, and matches again only the "
             "components of which the "
             "two say something different: time grows with what changed, not with the number of images. Each image "
             "whose findings "
             "change gets one record in the ledger (\"image.reassessed\") and one notice for each --notify, all of "
             "them or none; after a "
             "crash the next call tells what was not told, and nothing twice.\n\n"
             "An image that was scanned with the present database already is not told of again; one that was scanned with another one since "
             "the last time is told what is different from that scan, as long as that database is kept: the last four.",
    .examples = "coffer db build Debian.zip && coffer reassess\tafter each update of the advisories\n"
                "coffer reassess --notify file:/var/log/coffer-notices.jsonl --fail-on high\tin a timer",
    .options = reassess_options,
    .n_options = ARRAY_LEN(reassess_options),
    .run = reassess_run,
};

/* ---- affected ---- */

struct listing {
        struct json_out o;
        uint64_t n;
};

static bool print_holder(void *ctx, const struct assess_holder *h)
{
        char name[300], digest[DIGEST_TEXT_MAX], package[128], version[128], fixed[128];
        struct listing *l = ctx;

        l->n++;
        if (arg_json) {
                json_out_object(&l->o);
                json_out_member(&l->o, "image", h->digest);
                json_out_member_text(&l->o, "name", span_printable(h->name, name, sizeof(name)));
                json_out_member(&l->o, "ecosystem", h->ecosystem);
                json_out_member(&l->o, "package", h->package);
                json_out_member(&l->o, "version", h->version);
                json_out_key(&l->o, "finding");
                if (h->finding) {
                        json_out_object(&l->o);
                        json_out_member(&l->o, "id", h->finding->id);
                        json_out_member_text(
                            &l->o, "answer", h->finding->answer == ADVISORY_AFFECTED ? "affected" : "cannot_tell");
                        json_out_member_text(&l->o, "severity", severity_name(h->finding->severity));
                        json_out_key(&l->o, "fixed");
                        if (h->finding->fixed.len > 0)
                                json_out_string(&l->o, h->finding->fixed);
                        else
                                json_out_null(&l->o);
                        json_out_object_end(&l->o);
                } else {
                        json_out_null(&l->o);
                }
                json_out_object_end(&l->o);
                return true;
        }
        printf("%s  %s  %s %s", span_printable(h->name, name, sizeof(name)),
            span_printable(h->digest, digest, sizeof(digest)), span_printable(h->package, package, sizeof(package)),
            span_printable(h->version, version, sizeof(version)));
        if (h->finding && h->finding->answer != ADVISORY_AFFECTED)
                printf("  can't tell");
        if (h->finding && h->finding->fixed.len > 0)
                printf("  -> %s", span_printable(h->finding->fixed, fixed, sizeof(fixed)));
        printf("\n");
        return true;
}

static bool count_package(void *ctx, struct span ecosystem, struct span package)
{
        (void)ecosystem;
        (void)package;
        ++*(uint64_t *)ctx;
        return false; /* one is enough */
}

/* An id that nobody has heard of is no reason to call the images unconcerned. */
static bool ask_id(struct store *s, const struct advisory_db *db, const char *id, struct listing *l, struct err *e)
{
        uint64_t known = 0;
        char shown[128];

        if (!advisory_db_speaks(db, span_of(id), count_package, &known, e))
                return false;
        if (known == 0)
                return err_set(e, ERR_NOT_FOUND, "no record in the advisory database is known as %s",
                    span_printable(span_of(id), shown, sizeof(shown)));
        return assess_affected(s, db, span_of(id), print_holder, l, e);
}

static bool ask_purl(struct store *s, const char *purl, struct listing *l, struct err *e)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        struct component c;

        if (!inventory_purl_read(span_of(purl), a, &c, e))
                return err_wrap(e, "package URL");
        return assess_holders(s, c.ecosystem, c.name, c.version, print_holder, l, e);
}

static bool is_purl(const char *text)
{
        return strncasecmp(text, "pkg:", 4) == 0;
}

static bool ask(struct store *s, const struct advisory_db *db, int argc, char **argv, struct listing *l, struct err *e)
{
        if (argc == 1)
                return is_purl(argv[0]) ? ask_purl(s, argv[0], l, e) : ask_id(s, db, argv[0], l, e);
        return assess_holders(
            s, span_of(argv[0]), span_of(argv[1]), argc > 2 ? span_of(argv[2]) : (struct span){0}, print_holder, l, e);
}

/* "Debian" of "Debian:12", or all of it: what it says of a system it says of each release. */
static bool is_within(struct span ecosystem, struct span named)
{
        return span_equal(span_cut(ecosystem, 0, named.len), named) &&
               (ecosystem.len == named.len || ecosystem.at[named.len] == ':');
}

/*
 * False for a name that nobody knows: that no image has it says nothing then. Of a release that no image has, the ones that images
 * have are told, since an answer is only as good as its spelling.
 */
static bool ecosystem_check(struct store *s, const char *named, bool *ret_known, struct err *e)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        struct span *held, name, release, asked = span_of(named), package = {0};
        char shown[128], other[128];
        size_t n, others = 0;

        advisory_names(a, &asked, &package);
        if (!assess_ecosystems(s, a, &held, &n, e))
                return false;
        *ret_known = true;
        for (size_t i = 0; i < n; i++)
                if (is_within(held[i], asked))
                        return true;
        *ret_known = ecosystem_is_known(named);
        if (!*ret_known || !span_split(span_of(named), ':', &name, &release) || arg_quiet)
                return true;
        for (size_t i = 0; i < n; i++)
                if (is_within(held[i], name)) {
                        if (others++ == 0)
                                fprintf(stderr, "no known image has anything of %s; there are: ",
                                    span_printable(span_of(named), shown, sizeof(shown)));
                        fprintf(stderr, "%s%s", others > 1 ? ", " : "", span_printable(held[i], other, sizeof(other)));
                }
        if (others > 0)
                fputc('\n', stderr);
        return true;
}

static int affected_run(int argc, char **argv)
{
        CLEANUP(store_freep) struct store *s = NULL;
        CLEANUP(advisory_db_freep) struct advisory_db *db = NULL;
        CLEANUP(buf_done) struct buf b = {0};
        struct listing l = {.n = 0};
        struct err e = {0};
        bool known = true;

        if (!fleet_open(&s, &db, &e) || (argc > 1 && !ecosystem_check(s, argv[0], &known, &e)))
                return cli_fail(&e);
        if (!known)
                return ecosystem_refuse("affected", argv[0]);
        json_out_init(&l.o, &b, 2);
        if (arg_json)
                json_out_array(&l.o);
        if (!ask(s, db, argc, argv, &l, &e))
                return cli_fail(&e);
        if (arg_json) {
                json_out_array_end(&l.o);
                buf_put_text(&b, "\n");
                if (!cli_write_output(NULL, buf_span(&b), &e))
                        return cli_fail(&e);
        } else if (l.n == 0 && !arg_quiet) {
                fprintf(stderr, argc == 1 && !is_purl(argv[0]) ? "no known image has it\n" : "no known image has the package\n");
        }
        return l.n > 0 ? EXIT_FINDINGS : 0;
}

static const struct cli_option affected_options[] = {
    {"json", 0, CLI_FLAG, NULL, "as JSON", &arg_json, NULL},
};

const struct cli_command cmd_affected = {
    .name = "affected",
    .operands = "ID | PURL | ECOSYSTEM PACKAGE [VERSION]",
    .summary = "list the known images that a vulnerability, or a package, concerns",
    .about = "ID is a CVE, a GHSA or any other id that the advisories know it by. ECOSYSTEM and PACKAGE are as in "
             "\"coffer db lookup\"; "
             "an ecosystem without a release (\"Debian\") means all of them. PURL names a package of a language, with its version or "
             "without; one of a system is asked for by its release. Answers from what earlier scans have "
             "found: no image is "
             "read.\n\nThe exit status is 1 when there is one, 0 when there is none, 3 when no record is known by the id, 2 "
             "when no ecosystem is known by the name.",
    .examples = "coffer affected CVE-2021-44228\twhere is it?\n"
                "coffer affected pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1\twho has this very version?\n"
                "coffer affected npm event-stream 3.3.6\tthe same, in the words of \"db lookup\"",
    .options = affected_options,
    .n_options = ARRAY_LEN(affected_options),
    .min_operands = 1,
    .max_operands = 3,
    .run = affected_run,
};
