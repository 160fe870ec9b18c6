/*
 * Distributors' CSAF 2.0 feeds: Red Hat's csaf/v2/vex and csaf/v2/advisories, SUSE's csaf-vex and csaf, openEuler's, and
 * whoever else follows the standard with packages of rpm.
 *
 * A VEX document about a CVE becomes the record "RHEL-CVE-2024-1"; an advisory keeps its own id and has its CVEs as aliases.
 * Left out: debug packages, which hold no code that runs; source packages, where the binary of that name is listed.
 */
#include "advisory/feed/csaf_priv.h"

/* What one product of one vulnerability comes to. */
struct claim {
        const struct csaf_package *package;
        struct span fixed; /* empty: by status alone */
        struct span from, last;
        enum advisory_status status;
        struct span note, word;
        bool passed_over;
};

struct feeding {
        struct feed_out *out;
        struct arena *arena;
        bool one_cve; /* the document's id is a CVE: a record for each vulnerability */
        struct {
                struct claim *at;
                size_t len, cap;
        } claims;
        struct {
                struct span *at;
                size_t len, cap;
        } aliases;
        struct feed_severity severity;
        struct span summary, reference;
        uint32_t n_vulnerabilities;
        struct span prefix;
};

/* ---- ids ---- */

static bool is_cve(struct span id)
{
        return span_starts(id, "CVE-");
}

/* "RHEL", "SUSE"; of others their name in capital letters. */
static struct span publisher_prefix(const struct csaf_document *d, struct arena *a)
{
        static const struct {
                const char *name, *prefix;
        } rows[] = {{"Red Hat", "RHEL"}, {"SUSE", "SUSE"}, {"openEuler", "OPENEULER"}, {"Oracle", "ORACLE"}};
        struct span name = span_cut(d->author, 0, 40);
        uint8_t *to = arena_alloc(a, name.len + 1);
        size_t n = 0;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
                if (span_starts(d->author, rows[i].name))
                        return span_of(rows[i].prefix);
        for (size_t i = 0; i < name.len; i++) {
                uint8_t c = name.at[i];

                if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'))
                        to[n++] = c;
                else if (c >= 'a' && c <= 'z')
                        to[n++] = (uint8_t)(c - 32);
                else if (n > 0 && to[n - 1] != '-')
                        to[n++] = '-';
        }
        while (n > 0 && to[n - 1] == '-')
                n--;
        return n > 0 ? (struct span){to, n} : SPAN_LIT("CSAF");
}

static void alias_add(struct feeding *f, struct span id)
{
        if (!feed_is_name(id, FEED_ID_MAX) || f->aliases.len >= FEED_ALIASES_MAX)
                return;
        for (size_t i = 0; i < f->aliases.len; i++)
                if (span_equal(f->aliases.at[i], id))
                        return;
        *ARENA_PUSH(f->arena, &f->aliases) = id;
}

/* ---- claims ---- */

static struct claim *claim_add(struct feeding *f, const struct csaf_package *p, enum advisory_status status)
{
        struct claim *c = ARENA_PUSH(f->arena, &f->claims);

        *c = (struct claim){.package = p, .status = status};
        return c;
}

static void claim_product(struct feeding *f, const struct csaf_package *p, uint8_t status, const struct csaf_said *s)
{
        struct claim *c;

        if (status & CSAF_FIXED && p->version.len > 0)
                claim_add(f, p, ADVISORY_STATUS_FIXED)->fixed = p->version;
        if (status & CSAF_AFFECTED) {
                c = claim_add(f, p, s->remedy ? s->remedy : ADVISORY_STATUS_PENDING);
                c->note = s->remedy_text;
        } else if (status & (CSAF_FIRST_AFFECTED | CSAF_LAST_AFFECTED) && p->version.len > 0) {
                c = claim_add(f, p, s->remedy ? s->remedy : ADVISORY_STATUS_PENDING);
                c->note = s->remedy_text;
                if (status & CSAF_FIRST_AFFECTED)
                        c->from = p->version;
                if (status & CSAF_LAST_AFFECTED)
                        c->last = p->version;
        } else if (status & CSAF_INVESTIGATING) {
                claim_add(f, p, ADVISORY_STATUS_INVESTIGATING);
        } else if (status == CSAF_NOT_AFFECTED) {
                c = claim_add(f, p, ADVISORY_STATUS_NOT_AFFECTED);
                c->note = s->flag.len > 0 ? s->flag : s->impact;
        }
}

static bool claims_take(struct feeding *f, struct csaf_document *d, const struct csaf_vulnerability *v, struct err *e)
{
        for (size_t i = 0; i < v->n_touched; i++) {
                struct csaf_product *p = &d->tree.at[v->touched[i]];
                const struct csaf_said *s = &v->said[v->touched[i]];
                size_t before = f->claims.len;
                struct err why = {0};

                if (!csaf_product_resolve(&d->tree, p, f->arena, &why) && !feed_refuse(f->out, p->id, &why, e))
                        return false;
                if (p->package.refused)
                        continue;
                if (p->package.passed_over) {
                        claim_add(f, &p->package, ADVISORY_STATUS_NONE)->passed_over = true;
                        continue;
                }
                if (feed_is_debug_package(p->package.name))
                        continue;
                claim_product(f, &p->package, s->status & (uint8_t)~p->package.claimed, s);
                if (!f->one_cve) /* a kernel's advisory lists 1,000 packages under each of 500 CVEs */
                        p->package.claimed |= s->status;
                for (size_t k = before; k < f->claims.len; k++)
                        f->claims.at[k].word = s->impact;
        }
        return true;
}

static int claim_order(const void *pa, const void *pb)
{
        const struct claim *a = pa, *b = pb;
        int by = a->passed_over - b->passed_over;

        if (by == 0 && !a->passed_over)
                by = span_compare(a->package->ecosystem, b->package->ecosystem);
        if (by == 0)
                by = span_compare(a->package->name, b->package->name);
        if (by == 0)
                by = span_compare(a->package->module, b->package->module);
        if (by == 0)
                by = (int)a->status - (int)b->status;
        if (by == 0)
                by = span_compare(a->fixed, b->fixed);
        if (by == 0)
                by = span_compare(a->from, b->from);
        if (by == 0)
                by = span_compare(a->last, b->last);
        return by ? by : span_compare(a->note, b->note);
}

static bool claim_same_package(const struct claim *a, const struct claim *b)
{
        return span_equal(a->package->ecosystem, b->package->ecosystem) &&
               span_equal(a->package->name, b->package->name) && span_equal(a->package->module, b->package->module);
}

struct affected_list {
        struct feed_affected *at;
        size_t len, cap;
};

static struct feed_affected *affected_add(struct feeding *f, const struct claim *c, struct affected_list *to)
{
        struct feed_affected *n = ARENA_PUSH(f->arena, to);

        *n = (struct feed_affected){.ecosystem = c->package->ecosystem,
            .package = c->package->name,
            .module = c->package->module,
            .status = c->status,
            .note = c->note};
        feed_severity_word(&n->severity, c->word);
        return n;
}

static void range_add(struct feeding *f, const struct claim *c, struct feed_affected *to)
{
        feed_affected_fixed(f->arena, c->from, (struct span){0}, to);
        if (c->last.len == 0)
                return;
        to->ranges[0].events[to->ranges[0].n_events++] =
            (struct feed_event){.kind = FEED_LAST_AFFECTED, .version = c->last};
}

/* Source packages go where a binary of that name is listed; "not affected" and "not yet known" where more is said. */
static size_t claims_choose(struct claim *c, size_t n)
{
        bool binary = false, more = false;
        size_t kept = 0;

        for (size_t i = 0; i < n; i++)
                binary |= !c[i].package->source;
        for (size_t i = 0; i < n; i++)
                if (!(binary && c[i].package->source))
                        c[kept++] = c[i];
        n = kept;
        for (size_t i = 0; i < n; i++)
                more |= c[i].status == ADVISORY_STATUS_FIXED || c[i].status >= ADVISORY_STATUS_PENDING;
        kept = 0;
        for (size_t i = 0; i < n; i++)
                if (!more || c[i].status == ADVISORY_STATUS_FIXED || c[i].status >= ADVISORY_STATUS_PENDING)
                        c[kept++] = c[i];
        return kept;
}

/* All claims of one package on one platform, sorted. */
static void package_put(struct feeding *f, struct claim *c, size_t n, struct affected_list *to)
{
        const struct claim *open = NULL, *fixed = NULL; /* the last put of every version; the first that mends */
        struct span *fixes = arena_array(f->arena, n, sizeof(*fixes));
        size_t n_fixes = 0;

        n = claims_choose(c, n);
        for (size_t i = 0; i < n; i++) {
                if (c[i].from.len > 0 || c[i].last.len > 0) {
                        range_add(f, &c[i], affected_add(f, &c[i], to));
                } else if (c[i].fixed.len == 0) {
                        if (!open || open->status != c[i].status)
                                affected_add(f, &c[i], to);
                        open = &c[i];
                } else {
                        fixed = fixed ? fixed : &c[i];
                        if (n_fixes == 0 || !span_equal(fixes[n_fixes - 1], c[i].fixed))
                                fixes[n_fixes++] = c[i].fixed;
                }
        }
        if (fixed)
                csaf_fixes(f->arena, fixes, n_fixes, affected_add(f, fixed, to));
}

/* Purls of other types and products of nobody's release: counted by their want of a version order. */
static void passed_over_put(struct feeding *f, const struct claim *c, struct affected_list *to)
{
        struct span type = c->package->type.len > 0 ? span_cut(c->package->type, 0, 32) : SPAN_LIT("none");

        *ARENA_PUSH(f->arena, to) =
            (struct feed_affected){.ecosystem = arena_printf(f->arena, "pkg:%.*s", SPAN_FMT(type))};
}

static bool record_put(struct feeding *f, const struct csaf_document *d, struct span id, struct err *e)
{
        struct affected_list list = {0};
        struct err why = {0};
        struct feed_record r = {.id = id,
            .modified_s = d->modified_s,
            .published_s = d->published_s,
            .withdrawn = d->deleted,
            .severity = f->severity,
            .summary = feed_headline(f->summary.len > 0 ? f->summary : d->title),
            .reference = f->reference.len > 0 ? f->reference : d->reference,
            .aliases = f->aliases.at,
            .n_aliases = f->aliases.len};

        if (!feed_is_name(id, FEED_ID_MAX)) {
                err_set(&why, ERR_MALFORMED, "an id of at most %u printable bytes is needed", FEED_ID_MAX);
                return feed_refuse(f->out, (struct span){0}, &why, e);
        }
        if (f->claims.len > 1)
                qsort(f->claims.at, f->claims.len, sizeof(*f->claims.at), claim_order);
        for (size_t i = 0, end; i < f->claims.len; i = end) {
                end = i + 1;
                if (f->claims.at[i].passed_over) { /* they are the last */
                        if (list.len < FEED_AFFECTED_MAX)
                                passed_over_put(f, &f->claims.at[i], &list);
                        continue;
                }
                while (end < f->claims.len && !f->claims.at[end].passed_over &&
                       claim_same_package(&f->claims.at[i], &f->claims.at[end]))
                        end++;
                package_put(f, &f->claims.at[i], end - i, &list);
        }
        if (list.len > FEED_AFFECTED_MAX) {
                err_set(&why, ERR_LIMIT, "more than %u packages and platforms", FEED_AFFECTED_MAX);
                return feed_refuse(f->out, id, &why, e);
        }
        r.affected = list.at;
        r.n_affected = list.len;
        return feed_put(f->out, &r, id, e);
}

/* SUSE's titles are the CVE once more; what it is stands in a note. */
static struct span summary_of(const struct csaf_vulnerability *v, const struct csaf_document *d)
{
        if (v->title.len > 0 && !span_equal(v->title, v->cve))
                return v->title;
        return v->description.len > 0 ? v->description : d->title;
}

static bool on_vulnerability(void *ctx, struct csaf_document *d, const struct csaf_vulnerability *v, struct err *e)
{
        struct feeding *f = ctx;
        struct span prefix;

        if (!d->dated)
                return err_set(e, ERR_MALFORMED, "document.tracking.current_release_date is missing");
        f->n_vulnerabilities++;
        f->one_cve = is_cve(d->id);
        if (f->one_cve) {
                f->claims.len = f->aliases.len = 0;
                f->aliases.at = NULL;
                f->aliases.cap = 0;
                f->severity = (struct feed_severity){0};
        }
        if (v->severity.scored && v->severity.score_tenths > f->severity.score_tenths) {
                f->severity.scored = true; /* an advisory's is the worst of them */
                f->severity.vector = v->severity.vector;
                f->severity.score_tenths = v->severity.score_tenths;
        }
        if (!f->severity.worded && v->severity.worded) {
                f->severity.worded = true;
                f->severity.word = v->severity.word;
        }
        if (v->cve.len > 0)
                alias_add(f, v->cve);
        for (size_t i = 0; i < v->n_ids; i++)
                if (span_starts(v->ids[i], "GHSA-"))
                        alias_add(f, v->ids[i]);
        if (!claims_take(f, d, v, e))
                return false;
        if (!f->one_cve)
                return true;
        if (!f->severity.worded && d->severity.worded) {
                f->severity.worded = true;
                f->severity.word = d->severity.word;
        }
        f->summary = summary_of(v, d);
        f->reference = v->reference;
        prefix = publisher_prefix(d, f->arena);
        return record_put(
            f, d, arena_printf(f->arena, "%.*s-%.*s", SPAN_FMT(prefix), SPAN_FMT(v->cve.len > 0 ? v->cve : d->id)), e);
}

/* Of one CVE alone "not affected" is not said of the others that the advisory mends. */
static void advisory_claims_trim(struct feeding *f)
{
        size_t n = 0;

        for (size_t i = 0; i < f->claims.len; i++) {
                enum advisory_status s = f->claims.at[i].status;

                if (f->n_vulnerabilities <= 1 ||
                    (s != ADVISORY_STATUS_NOT_AFFECTED && s != ADVISORY_STATUS_INVESTIGATING))
                        f->claims.at[n++] = f->claims.at[i];
        }
        f->claims.len = n;
}

/*
 * Beside the documents lie changes.csv and deletions.csv: "2023/cve-2023-1.json","2023-12-10T00:00:00+00:00". They say which
 * documents there are, and nothing of packages.
 */
static bool is_list_of_files(struct span head)
{
        struct cursor c = {.rest = head};
        struct span line, name, date;
        size_t at;

        return cursor_line(&c, &line) && span_split(line, ',', &name, &date) && span_starts(name, "\"") &&
               span_ends(name, ".json\"") && span_starts(date, "\"2") && span_find(date, 'T', &at);
}

static bool csaf_read(struct span document, struct arena *a, struct feed_out *o, struct err *e)
{
        struct feeding f = {.out = o, .arena = a};
        struct csaf_sink sink = {.vulnerability = on_vulnerability, .ctx = &f};
        struct csaf_document d;

        if (is_list_of_files(document))
                return true;
        if (!csaf_parse(document, a, &sink, &d, e))
                return false;
        if (!d.dated)
                return d.deleted ? err_set(e, ERR_MALFORMED,
                                       "the document is deleted and does not say when: take what it replaces out of "
                                       "the source")
                                 : err_set(e, ERR_MALFORMED, "document.tracking.current_release_date is missing");
        if (d.deleted && is_cve(d.id)) {
                struct span prefix = publisher_prefix(&d, a);

                f.claims.len = 0;
                return record_put(&f, &d, arena_printf(a, "%.*s-%.*s", SPAN_FMT(prefix), SPAN_FMT(d.id)), e);
        }
        if (is_cve(d.id)) /* SUSE's have no vulnerability while it is not known what they are in */
                return true;
        if (d.severity.worded)
                f.severity.word = d.severity.word;
        f.severity.worded |= d.severity.worded;
        advisory_claims_trim(&f);
        return record_put(&f, &d, d.id, e);
}

static bool csaf_is(struct span head)
{
        if (is_list_of_files(head))
                return true;
        return feed_json_has_key(head, "document") &&
               (memmem(head.at, head.len, "\"csaf_version\"", 14) || memmem(head.at, head.len, "\"tracking\"", 10));
}

const struct feed_form feed_csaf = {.name = "csaf", .is = csaf_is, .read = csaf_read};
