/* db diff: what one advisory database says otherwise than another. */
#include "commands.h"

#include "advisory/advisory.h"

#include "database.h"

static bool arg_json, arg_all;

struct telling {
        struct json_out *json;                                                   /* NULL: as text */
        uint64_t packages, facts, records[ADVISORY_RECORD_REWORDED + 1], listed; /* listed: of the records */
};

/* ---- packages ---- */

static void package_json(struct json_out *o, const struct advisory_change *c)
{
        json_out_object(o);
        json_out_member(o, "ecosystem", c->ecosystem);
        json_out_member(o, "package", c->package);
        json_out_key(o, "all_versions");
        json_out_bool(o, !c->bounded);
        if (c->bounded) {
                json_out_member(o, "from", c->from);
                json_out_member(o, c->to_itself ? "to" : "before", c->to);
        }
        json_out_object_end(o);
}

static bool package_tell(void *ctx, const struct advisory_change *c)
{
        struct telling *t = ctx;
        char ecosystem[128], package[256], from[128], to[128];

        t->packages++;
        if (t->json) {
                package_json(t->json, c);
                return true;
        }
        if (t->packages == 1)
                printf("\nPACKAGES\n");
        printf("  %s %s  ", span_printable(c->ecosystem, ecosystem, sizeof(ecosystem)),
            span_printable(c->package, package, sizeof(package)));
        if (!c->bounded)
                printf("all versions\n");
        else if (c->from.len == 0 || span_is(c->from, "0"))
                printf("%s %s\n", c->to_itself ? "<=" : "<", span_printable(c->to, to, sizeof(to)));
        else
                printf(">= %s, %s %s\n", span_printable(c->from, from, sizeof(from)), c->to_itself ? "<=" : "<",
                    span_printable(c->to, to, sizeof(to)));
        return true;
}

/* ---- records ---- */

static bool record_tell(void *ctx, const struct advisory_record_difference *d)
{
        struct telling *t = ctx;
        char id[128], summary[256], when[CLOCK_TEXT_MAX];

        t->records[d->change]++;
        if (d->change == ADVISORY_RECORD_REWORDED && !arg_all)
                return true;
        if (t->json) {
                json_out_object(t->json);
                json_out_member(t->json, "id", d->id);
                json_out_member_text(t->json, "change", advisory_record_change_name(d->change));
                json_out_key(t->json, "withdrawn");
                json_out_bool(t->json, d->withdrawn);
                json_out_member_text(t->json, "modified", clock_format(d->modified_s, when));
                json_out_member(t->json, "summary", d->summary);
                json_out_object_end(t->json);
                return true;
        }
        if (t->listed++ == 0)
                printf("\nRECORDS\n");
        printf("  %-9s %s%s  %s\n", advisory_record_change_name(d->change), span_printable(d->id, id, sizeof(id)),
            d->withdrawn ? " (withdrawn)" : "", span_printable(d->summary, summary, sizeof(summary)));
        return true;
}

/* ---- facts ---- */

static void fact_json(struct json_out *o, const char *key, const struct advisory_fact *f)
{
        char when[CLOCK_TEXT_MAX];

        json_out_key(o, key);
        json_out_object(o);
        json_out_member_text(
            o, "known_exploited_since", f->kev_added_s > 0 ? clock_format(f->kev_added_s, when) : NULL);
        json_out_key(o, "ransomware");
        json_out_bool(o, f->ransomware);
        json_out_key(o, "score");
        json_out_fixed1(o, f->score_tenths);
        json_out_member(o, "vector", f->vector);
        json_out_object_end(o);
}

static bool fact_tell(void *ctx, const struct advisory_fact *old, const struct advisory_fact *new)
{
        struct telling *t = ctx;
        char id[128];

        t->facts++;
        if (t->json) {
                json_out_object(t->json);
                json_out_member(t->json, "id", new->id);
                fact_json(t->json, "old", old);
                fact_json(t->json, "new", new);
                json_out_object_end(t->json);
                return true;
        }
        if (t->facts == 1)
                printf("\nVULNERABILITIES\n");
        printf("  %s", span_printable(new->id, id, sizeof(id)));
        if ((old->kev_added_s > 0) != (new->kev_added_s > 0))
                printf(", %s", new->kev_added_s > 0 ? "now known to be exploited" : "no longer listed as exploited");
        if (old->ransomware != new->ransomware)
                printf(", %s", new->ransomware ? "used by ransomware" : "not said to be used by ransomware any more");
        if (old->exploitation != new->exploitation)
                printf(", exploitation assessed anew (SSVC)");
        if (old->score_tenths != new->score_tenths)
                printf(", score %u.%u -> %u.%u", old->score_tenths / 10, old->score_tenths % 10, new->score_tenths / 10,
                    new->score_tenths % 10);
        else if (!span_equal(old->vector, new->vector))
                printf(", another vector, the same score");
        printf("\n");
        return true;
}

/* ---- both ---- */

static void side_json(struct json_out *o, const char *key, const struct advisory_db *db)
{
        const struct advisory_db_info *i = advisory_db_info(db);
        char text[DIGEST_TEXT_MAX], when[CLOCK_TEXT_MAX];

        json_out_key(o, key);
        json_out_object(o);
        json_out_member_text(o, "digest", digest_format(&i->digest, text));
        json_out_member_text(o, "built", clock_format(i->built_s, when));
        json_out_member_u64(o, "records", i->records);
        json_out_object_end(o);
}

static void side_print(const char *what, const struct advisory_db *db)
{
        const struct advisory_db_info *i = advisory_db_info(db);
        char text[DIGEST_TEXT_MAX], when[CLOCK_TEXT_MAX];

        printf("%s  built %s, %llu records, %s\n", what, clock_format(i->built_s, when), (unsigned long long)i->records,
            digest_format(&i->digest, text));
}

static bool all_tell(const struct advisory_db *old, const struct advisory_db *new, struct telling *t, struct err *e)
{
        struct json_out *o = t->json;

        if (o) {
                json_out_key(o, "packages");
                json_out_array(o);
        }
        if (!advisory_db_diff(old, new, package_tell, t, e))
                return false;
        if (o) {
                json_out_array_end(o);
                json_out_key(o, "records");
                json_out_array(o);
        }
        if (!advisory_db_diff_records(old, new, record_tell, t, e))
                return false;
        if (o) {
                json_out_array_end(o);
                json_out_key(o, "vulnerabilities");
                json_out_array(o);
        }
        if (!advisory_db_diff_facts(old, new, fact_tell, t, e))
                return false;
        if (o)
                json_out_array_end(o);
        return true;
}

static int as_json(const struct advisory_db *old, const struct advisory_db *new)
{
        CLEANUP(buf_done) struct buf b = {.max = 1u << 30};
        struct json_out o;
        struct telling t = {.json = &o};
        struct err e = {0};

        json_out_init(&o, &b, 2);
        json_out_object(&o);
        side_json(&o, "old", old);
        side_json(&o, "new", new);
        if (!all_tell(old, new, &t, &e))
                return cli_fail(&e);
        json_out_object_end(&o);
        buf_put_text(&b, "\n");
        if (b.failed) {
                err_set(&e, ERR_LIMIT, "the difference is larger than 1 GiB as JSON");
                return cli_fail(&e);
        }
        return cli_write_output(NULL, buf_span(&b), &e) ? 0 : cli_fail(&e);
}

static int db_diff_run(int argc, char **argv)
{
        CLEANUP(advisory_db_freep) struct advisory_db *old = NULL;
        CLEANUP(advisory_db_freep) struct advisory_db *new = NULL;
        struct telling t = {0};
        struct err e = {0};

        if (!database_open_file(argv[0], &old, &e) || !database_open_file(argc > 1 ? argv[1] : NULL, &new, &e))
                return cli_fail(&e);
        if (arg_json)
                return as_json(old, new);
        side_print("old", old);
        side_print("new", new);
        if (!all_tell(old, new, &t, &e))
                return cli_fail(&e);
        printf("\n%llu packages of which something else is said; records: %llu added, %llu removed, %llu changed, %llu "
               "reworded; %llu vulnerabilities\n",
            (unsigned long long)t.packages, (unsigned long long)t.records[ADVISORY_RECORD_ADDED],
            (unsigned long long)t.records[ADVISORY_RECORD_REMOVED],
            (unsigned long long)t.records[ADVISORY_RECORD_CHANGED],
            (unsigned long long)t.records[ADVISORY_RECORD_REWORDED], (unsigned long long)t.facts);
        return 0;
}

static const struct cli_option diff_options[] = {
    {"json", 0, CLI_FLAG, NULL, "as JSON", &arg_json, NULL},
    {"all", 'a', CLI_FLAG, NULL, "list the records, too, of which texts and times alone changed", &arg_all, NULL},
};

const struct cli_command cmd_db_diff = {
    .name = "db diff",
    .operands = "OLD [NEW]",
    .summary = "show what one advisory database says otherwise than another",
    .about = "OLD and NEW are files of databases; without NEW, the one in use. Listed are the packages of which "
             "something else is "
             "said that a finding can come of, each with the versions for which it can matter; the records that came, "
             "went or changed; "
             "and the vulnerabilities that are now known to be exploited, or no longer, or have another score. EPSS "
             "does not count.",
    .examples = "coffer db diff yesterday.cdb\twhat is new in the database in use\n"
                "coffer db diff --json old.cdb new.cdb\tfor a program",
    .options = diff_options,
    .n_options = ARRAY_LEN(diff_options),
    .min_operands = 1,
    .max_operands = 2,
    .run = db_diff_run,
};
