/* db feeds, db update: advisories from where they are published. */
#include "commands.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "advisory/advisory.h"

#include "database.h"
#include "feeds.h"

#define FEED_BYTES_MAX (8ull << 30)
#define CLOCKS_APART_S \
        (24 * 3600) /* a date beyond is a mistake: what comes after its correction must not count as older */

static bool arg_plain_http, arg_json, arg_force;
static const char *arg_ca, *arg_remove;
static uint64_t arg_retries = FETCH_RETRIES_DEFAULT;

/* ---- db feeds ---- */

static const char *when_text(int64_t s, char out[CLOCK_TEXT_MAX])
{
        return s > 0 ? clock_format(s, out) : "never";
}

static void feed_print(const struct feed *f)
{
        char checked[CLOCK_TEXT_MAX], newest[CLOCK_TEXT_MAX], failed[CLOCK_TEXT_MAX];

        printf("%-20s %llu records, newest of %s, asked for %s\n", f->name, (unsigned long long)f->records,
            when_text(f->newest_s, newest), when_text(f->checked_s, checked));
        if (f->failed_s)
                printf("%-20s failed %s: %s\n", "", clock_format(f->failed_s, failed), f->failure);
        if (!arg_quiet)
                printf("%-20s %s\n", "", f->url);
}

static void feeds_json(const struct feeds *f, struct buf *b)
{
        char when[CLOCK_TEXT_MAX];
        struct json_out o;

        json_out_init(&o, b, 2);
        json_out_array(&o);
        for (size_t i = 0; i < f->n; i++) {
                const struct feed *x = &f->at[i];

                json_out_object(&o);
                json_out_member_text(&o, "name", x->name);
                json_out_member_text(&o, "url", x->url);
                json_out_member_u64(&o, "records", x->records);
                json_out_member_text(&o, "newest_record", x->newest_s ? clock_format(x->newest_s, when) : NULL);
                json_out_member_text(&o, "fetched", x->fetched_s ? clock_format(x->fetched_s, when) : NULL);
                json_out_member_text(&o, "checked", x->checked_s ? clock_format(x->checked_s, when) : NULL);
                json_out_member_text(&o, "failed", x->failed_s ? clock_format(x->failed_s, when) : NULL);
                json_out_member_text(&o, "failure", x->failed_s ? x->failure : NULL);
                json_out_object_end(&o);
        }
        json_out_array_end(&o);
        buf_put_text(b, "\n");
}

static struct feed *feed_find(struct feeds *f, const char *name)
{
        for (size_t i = 0; i < f->n; i++)
                if (strcmp(f->at[i].name, name) == 0)
                        return &f->at[i];
        return NULL;
}

static bool feeds_folder(int dir, int *ret, struct err *e)
{
        return dir_make(dir, "feeds", 0755, ret, e);
}

static bool feeds_change(int dir, struct feeds *f, int argc, char **argv, struct err *e)
{
        for (int i = 0; i < argc; i++) {
                struct feed new, *old;

                if (!feed_parse(argv[i], &new, e))
                        return false;
                old = feed_find(f, new.name);
                if (old && strcmp(old->url, new.url) == 0)
                        continue;
                if (!old && f->n == FEEDS_MAX)
                        return err_set(e, ERR_LIMIT, "more than %u feeds", FEEDS_MAX);
                *(old ? old : &f->at[f->n++]) = new;
        }
        if (arg_remove) {
                struct feed *old = feed_find(f, arg_remove);
                CLEANUP(fd_close) int folder = -1;

                if (!old)
                        return err_set(e, ERR_NOT_FOUND, "there is no feed \"%s\" to remove", arg_remove);
                if (!feeds_folder(dir, &folder, e))
                        return false;
                unlinkat(folder, old->name, 0);
                *old = f->at[--f->n];
        }
        return feeds_write(dir, f, e);
}

static void known_print(void)
{
        const char *name = "", *about = "", *licence = "";

        printf("feeds that are known; add one with \"coffer db feeds NAME\", any other with NAME=URL\n");
        for (size_t i = 0; i < feed_known(i, &name, &about, &licence); i++)
                printf("  %-18s %s (%s)\n", name, about, licence);
}

static int feeds_run(int argc, char **argv)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        CLEANUP(buf_done) struct buf b = {0};
        CLEANUP(fd_close) int dir = -1;
        struct err e = {0};
        struct feeds f;
        bool changes = argc > 0 || arg_remove;

        if (!(changes ? database_folder_lock(&dir, &e) : database_folder(&dir, &e)) || !feeds_read(dir, a, &f, &e) ||
            (changes && !feeds_change(dir, &f, argc, argv, &e)))
                return cli_fail(&e);
        if (arg_json) {
                feeds_json(&f, &b);
                return cli_write_output(NULL, buf_span(&b), &e) ? 0 : cli_fail(&e);
        }
        for (size_t i = 0; i < f.n; i++)
                feed_print(&f.at[i]);
        if (f.n == 0)
                known_print();
        return 0;
}

static const struct cli_option feeds_options[] = {
    {"remove", 0, CLI_TEXT, "NAME", "forget this feed and what was fetched of it", &arg_remove, NULL},
    {"json", 0, CLI_FLAG, NULL, "as JSON", &arg_json, NULL},
};

const struct cli_command cmd_db_feeds = {
    .name = "db feeds",
    .operands = "[NAME | NAME=URL]...",
    .summary = "choose the feeds that \"db update\" fetches, and see how they stand",
    .about = "Without an operand: the feeds that were chosen, how new each is and whether its last fetch failed; or, "
             "when none was, those "
             "that are known. A URL may lead to any source that \"db build\" takes, compressed or not.",
    .examples = "coffer db feeds osv:Debian osv:npm osv:PyPI kev epss\twhat most need\n"
                "coffer db feeds mirror=https://mirror.example.org/all.zip\tfrom a mirror of one's own",
    .options = feeds_options,
    .n_options = ARRAY_LEN(feeds_options),
    .max_operands = -1,
    .run = feeds_run,
};

/* ---- db update ---- */

enum outcome { UNCHANGED = 0, FETCHED, FAILED };

struct updating {
        int dir, folder;
        struct feeds *feeds;
        enum outcome outcome[FEEDS_MAX];
        bool has[FEEDS_MAX]; /* something was fetched of it earlier */
        struct fetch_validators new[FEEDS_MAX];
        /* the sources of one build */
        size_t feed_of[FEEDS_MAX], n_sources;
        unsigned refused, unclear;
        struct progress progress;
};

static void failed(struct updating *u, size_t i, const struct err *why)
{
        struct feed *f = &u->feeds->at[i];
        char name[FEED_NAME_MAX + 8];

        u->outcome[i] = FAILED;
        f->failed_s = clock_wall_s();
        span_printable(span_of(why->text), f->failure, sizeof(f->failure));
        snprintf(name, sizeof(name), "%s.new", f->name);
        unlinkat(u->folder, name, 0);
}

/* The pipe into a file; whether it is whole is asked afterwards. */
static bool pipe_copy(int pipe, int to, struct err *e)
{
        CLEANUP(heap_freep) uint8_t *piece = heap_alloc(1u << 18);
        uint64_t total = 0;

        for (;;) {
                ssize_t n = read(pipe, piece, 1u << 18);

                if (n < 0 && errno == EINTR && file_cancel_flag)
                        return err_set(e, ERR_CANCELLED, "stopped on request");
                if (n < 0 && errno != EINTR)
                        return err_set(e, ERR_SYSTEM, "read: %s", strerror(errno));
                if (n == 0)
                        return fsync(to) == 0 || err_set(e, ERR_SYSTEM, "write: %s", strerror(errno));
                if (n > 0 && !fd_write_all(to, span_bytes(piece, (size_t)n), e))
                        return false;
                total += n > 0 ? (uint64_t)n : 0;
                if (total > FEED_BYTES_MAX)
                        return err_set(e, ERR_LIMIT, "more than %llu bytes", FEED_BYTES_MAX);
        }
}

static bool feed_fetch(struct updating *u, struct fetch *session, size_t i, struct err *e)
{
        struct feed *f = &u->feeds->at[i];
        const struct fetch_validators *known = u->has[i] && !arg_force ? &f->validators : NULL;
        CLEANUP(fd_close) int pipe = -1;
        CLEANUP(fd_close) int to = -1;
        char name[FEED_NAME_MAX + 8];
        struct fetch_file file;

        snprintf(name, sizeof(name), "%s.new", f->name);
        unlinkat(u->folder, name, 0);
        if (!fetch_url(session, f->url, known, FEED_BYTES_MAX, &file, e))
                return false;
        pipe = file.pipe;
        u->new[i] = file.validators;
        if (file.unchanged && known)
                return true;
        if (file.unchanged)
                return err_set(e, ERR_MALFORMED, "the server calls unchanged what it was not asked about");
        to = openat(u->folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
        if (to < 0)
                return err_set(e, ERR_SYSTEM, "feeds/%s: %s", name, strerror(errno));
        if (!pipe_copy(pipe, to, e) || !fetch_blob_done(session, file.id, e))
                return false;
        u->outcome[i] = FETCHED;
        return true;
}

static bool fetch_all(struct updating *u, struct err *e)
{
        CLEANUP(fetch_freep) struct fetch *session = NULL;
        struct fetch_options o = {.plain_http = arg_plain_http, .ca_file = arg_ca, .retries = (uint32_t)arg_retries};

        if (!fetch_open(&o, &session, e))
                return false;
        for (size_t i = 0; i < u->feeds->n; i++) {
                struct err why = {0};

                u->has[i] = faccessat(u->folder, u->feeds->at[i].name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
                if (!arg_quiet && isatty(2))
                        fprintf(stderr, "asking for %s\n", u->feeds->at[i].name);
                if (feed_fetch(u, session, i, &why))
                        continue;
                failed(u, i, &why);
                if (why.kind == ERR_CANCELLED || why.kind == ERR_BUG) {
                        *e = why;
                        return false;
                }
        }
        return true;
}

static void on_progress(void *ctx, uint64_t done, uint64_t total)
{
        struct updating *u = ctx;

        u->progress.total = total;
        progress_at(&u->progress, done);
}

static void on_refused(void *ctx, const char *place, const struct err *why)
{
        struct updating *u = ctx;

        (void)place;
        (void)why;
        u->refused++;
}

static void on_unclear(void *ctx, const char *place, const struct err *why)
{
        struct updating *u = ctx;

        (void)place;
        (void)why;
        u->unclear++;
}

/* What was fetched now is no feed: next time without it. */
static bool on_failed(void *ctx, size_t source, const struct err *why)
{
        struct updating *u = ctx;

        failed(u, u->feed_of[source], why);
        return true;
}

/*
 * Of what was fetched: does it say anything, nothing older than what we had, and most of what we had? A document that is broken in
 * its middle is read up to there. Fewer records of which none is refused are the publisher's business.
 */
static bool sources_check(struct updating *u, bool *ret_again, struct err *e)
{
        CLEANUP(advisory_db_freep) struct advisory_db *db = NULL;
        const struct advisory_db_info *info;

        if (!advisory_db_open(u->dir, DATABASE_NEW, &db, e))
                return false;
        info = advisory_db_info(db);
        for (size_t s = 0; s < u->n_sources && s < info->n_sources; s++) {
                struct feed *f = &u->feeds->at[u->feed_of[s]];
                uint64_t n = info->sources[s].records + info->sources[s].facts;
                int64_t newest = info->sources[s].newest_record_s;
                char was[CLOCK_TEXT_MAX], is[CLOCK_TEXT_MAX];
                struct err why = {0};

                if (u->outcome[u->feed_of[s]] == FETCHED && n == 0 && info->sources[s].refused + f->records > 0)
                        err_set(&why, ERR_MALFORMED, "nothing in it could be taken (%u records refused)",
                            info->sources[s].refused);
                else if (u->outcome[u->feed_of[s]] == FETCHED && info->sources[s].refused > 0 && n < f->records / 2)
                        err_set(&why, ERR_MALFORMED, "of it %llu records could be taken and %u not, we had %llu",
                            (unsigned long long)n, info->sources[s].refused, (unsigned long long)f->records);
                else if (u->outcome[u->feed_of[s]] == FETCHED && newest < f->newest_s)
                        err_set(&why, ERR_UNTRUSTED, "its newest record is of %s, we had one of %s",
                            when_text(newest, is), when_text(f->newest_s, was));
                if (why.kind != ERR_NONE) {
                        failed(u, u->feed_of[s], &why);
                        *ret_again = true;
                        continue;
                }
                if (u->outcome[u->feed_of[s]] != FETCHED)
                        continue;
                f->records = n;
                if (newest <= clock_wall_s() + CLOCKS_APART_S)
                        f->newest_s = newest;
        }
        return true;
}

/* Builds from what was fetched now, or earlier where that failed; again without what turns out to be broken. */
static bool build(struct updating *u, struct advisory_build_stats *ret, struct err *e)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        const char **paths = arena_array(a, u->feeds->n, sizeof(*paths)),
                   **names = arena_array(a, u->feeds->n, sizeof(*names));
        bool again = true;

        while (again) {
                struct advisory_build b = {.sources = paths,
                    .names = names,
                    .on_refused = on_refused,
                    .on_unclear = on_unclear,
                    .on_progress = on_progress,
                    .on_failed = on_failed,
                    .ctx = u};
                bool was_fetched[FEEDS_MAX];

                again = false;
                u->n_sources = u->refused = u->unclear = 0;
                for (size_t i = 0; i < u->feeds->n; i++) {
                        was_fetched[i] = u->outcome[i] == FETCHED;
                        if (!was_fetched[i] && !u->has[i])
                                continue;
                        paths[u->n_sources] = arena_string(a, arena_printf(a, "%s/advisory/feeds/%s%s", state_path(),
                                                                  u->feeds->at[i].name, was_fetched[i] ? ".new" : ""));
                        names[u->n_sources] = u->feeds->at[i].name;
                        u->feed_of[u->n_sources++] = i;
                }
                b.n_sources = u->n_sources;
                if (b.n_sources == 0)
                        return err_set(e, ERR_UNAVAILABLE, "no feed could be had");
                if (!advisory_build(&b, u->dir, DATABASE_NEW, ret, e))
                        return false;
                for (size_t i = 0; i < u->feeds->n; i++)
                        again |= u->outcome[i] == FAILED && was_fetched[i];
                if (!again && !sources_check(u, &again, e))
                        return false;
        }
        return true;
}

/* From now on what was fetched is what is kept. */
static bool keep(struct updating *u, struct err *e)
{
        int64_t now = clock_wall_s();

        for (size_t i = 0; i < u->feeds->n; i++) {
                struct feed *f = &u->feeds->at[i];
                char name[FEED_NAME_MAX + 8];

                if (u->outcome[i] == FAILED)
                        continue;
                f->checked_s = now;
                f->failed_s = 0;
                f->failure[0] = '\0';
                if (u->outcome[i] != FETCHED)
                        continue;
                snprintf(name, sizeof(name), "%s.new", f->name);
                if (renameat(u->folder, name, u->folder, f->name) != 0)
                        return err_set(e, ERR_SYSTEM, "feeds/%s: %s", name, strerror(errno));
                f->validators = u->new[i];
                f->fetched_s = now;
        }
        return fsync(u->folder) == 0 || err_set(e, ERR_SYSTEM, "feeds: %s", strerror(errno));
}

static void outcome_print(const struct updating *u, const struct advisory_build_stats *stats)
{
        static const char *const says[] = {[UNCHANGED] = "unchanged", [FETCHED] = "new", [FAILED] = "FAILED"};
        char when[CLOCK_TEXT_MAX];

        for (size_t i = 0; i < u->feeds->n; i++) {
                const struct feed *f = &u->feeds->at[i];

                printf("%-20s %-10s", f->name, says[u->outcome[i]]);
                if (u->outcome[i] != FAILED)
                        printf("%llu records, newest of %s\n", (unsigned long long)f->records,
                            when_text(f->newest_s, when));
                else if (u->has[i])
                        printf("%s; what was fetched %s stays\n", f->failure, when_text(f->fetched_s, when));
                else
                        printf("%s; there is nothing of it\n", f->failure);
        }
        if (stats)
                printf(
                    "%llu records in the database, %llu vulnerabilities with facts of their own, %u records refused, %u unclear\n",
                    (unsigned long long)stats->records, (unsigned long long)stats->facts, u->refused, u->unclear);
}

static bool any_is(const struct updating *u, enum outcome o)
{
        for (size_t i = 0; i < u->feeds->n; i++)
                if (u->outcome[i] == o)
                        return true;
        return false;
}

static bool is_source(const struct advisory_db_info *info, const char *name)
{
        for (size_t i = 0; i < info->n_sources; i++)
                if (span_is(info->sources[i].name, name))
                        return true;
        return false;
}

/*
 * Is the present database made of what is kept of these feeds, and of nothing else? Not when it is damaged or of another format, was
 * built or imported by hand, or holds a feed that was removed.
 */
static bool is_present(const struct updating *u)
{
        CLEANUP(advisory_db_freep) struct advisory_db *db = NULL;
        struct err why = {0};
        size_t kept = 0;

        if (!advisory_db_open(u->dir, "current", &db, &why))
                return false;
        for (size_t i = 0; i < u->feeds->n; i++) {
                if (u->has[i] && !is_source(advisory_db_info(db), u->feeds->at[i].name))
                        return false;
                kept += u->has[i];
        }
        return kept == advisory_db_info(db)->n_sources;
}

static int update_run(int argc, char **argv)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        CLEANUP(fd_close) int dir = -1;
        CLEANUP(fd_close) int folder = -1;
        static struct updating u;
        struct advisory_build_stats stats = {0};
        struct feeds feeds;
        struct err e = {0}, late = {0}, record = {0};
        bool built;

        (void)argc;
        (void)argv;
        if (!database_folder_lock(&dir, &e) || !feeds_read(dir, a, &feeds, &e) || !feeds_folder(dir, &folder, &e))
                return cli_fail(&e);
        if (feeds.n == 0) {
                err_set(&e, ERR_NOT_FOUND,
                    "no feeds were chosen; choose some: coffer db feeds osv:Debian osv:npm kev epss");
                return cli_fail(&e);
        }
        u.dir = dir;
        u.folder = folder;
        u.feeds = &feeds;
        if (!fetch_all(&u, &e))
                return cli_fail(&e);
        built = any_is(&u, FETCHED) || !is_present(&u);
        if (built) {
                progress_begin(&u.progress, "reading advisories", 0, arg_quiet);
                if (!build(&u, &stats, &e) || !database_install(dir, NULL, &record, &e))
                        late = e;
                progress_end(&u.progress);
        }
        if (late.kind == ERR_NONE && !keep(&u, &late))
                return cli_fail(&late);
        if (!feeds_write(dir, &feeds, &e))
                return cli_fail(&e);
        outcome_print(&u, built && late.kind == ERR_NONE ? &stats : NULL);
        if (late.kind != ERR_NONE)
                return cli_fail(&late);
        if (record.kind != ERR_NONE)
                return database_say_record(&record);
        return any_is(&u, FAILED) ? EXIT_NOT_ASSESSED : 0;
}

static const struct cli_option update_options[] = {
    {"force", 'f', CLI_FLAG, NULL, "fetch again what the server would call unchanged", &arg_force, NULL},
    {"plain-http", 0, CLI_FLAG, NULL, "allow http:// URLs", &arg_plain_http, NULL},
    {"ca", 0, CLI_TEXT, "FILE", "trust this authority (PEM) beside the system's", &arg_ca, NULL},
    {"retries", 0, CLI_NUMBER, "N", "attempts after the first, with growing pauses (5)", &arg_retries, NULL},
};

const struct cli_command cmd_db_update = {
    .name = "db update",
    .operands = "",
    .summary = "fetch what changed in the chosen feeds, and compile the advisory database anew",
    .about =
        "Each feed is asked for what changed since the last time. One that can't be had, can't be read, says nothing, "
        "is older than what was there, or breaks off before half of it, does not touch the others: what was last fetched of it stays in the database, the output and "
        "\"db feeds\" "
        "say so, and the exit status is 3. A database that is older than a policy allows is the policy's to refuse.",
    .examples = "coffer db update && coffer reassess\tin a timer",
    .options = update_options,
    .n_options = ARRAY_LEN(update_options),
    .run = update_run,
};
