/* A CSAF document from its first byte: who says it, the product tree, and each vulnerability handed on as it is read. */
#include "advisory/feed/csaf_priv.h"

struct reading {
        struct json *j;
        struct csaf_document *d;
        const struct csaf_sink *sink;
        struct csaf_said *said; /* of the vulnerability being read; all zero between two of them */
        uint32_t *touched;
        bool given_up; /* by the sink: its error is the sink's own */
        struct err why;
};

static int64_t time_read(struct json *j)
{
        struct span text = json_string(j);
        int64_t s = 0;

        if (!j->failed && !clock_parse(text, &s))
                json_fail(j, ERR_MALFORMED, "a date and time was expected");
        return s > 0 ? s : 0;
}

/* ---- document ---- */

static void tracking_read(struct json *j, struct csaf_document *d)
{
        struct span key;

        json_object(j);
        while (json_member(j, &key)) {
                if (span_is(key, "id")) {
                        d->id = json_string(j);
                } else if (span_is(key, "status")) {
                        d->deleted = span_is(json_string(j), "deleted");
                } else if (span_is(key, "current_release_date")) {
                        d->modified_s = time_read(j);
                        d->dated = true;
                } else if (span_is(key, "initial_release_date")) {
                        d->published_s = time_read(j);
                } else {
                        json_skip(j);
                }
        }
}

/* A page for people before the document itself; of several the one that calls itself "self". */
static struct span references_read(struct json *j)
{
        struct span best = {0}, key;
        int best_rank = -1;

        for (json_array(j); json_element(j);) {
                struct span category = {0}, url = {0};
                int rank;

                json_object(j);
                while (json_member(j, &key)) {
                        if (span_is(key, "category"))
                                category = json_string(j);
                        else if (span_is(key, "url"))
                                url = json_string(j);
                        else
                                json_skip(j);
                }
                rank = (span_ends(url, ".json") ? 0 : 2) + span_is(category, "self");
                if (rank <= best_rank || !feed_is_name(url, FEED_URL_MAX) ||
                    !(span_starts(url, "https://") || span_starts(url, "http://")))
                        continue;
                best = url;
                best_rank = rank;
        }
        return best;
}

static void document_read(struct json *j, struct csaf_document *d)
{
        struct span key;

        json_object(j);
        while (json_member(j, &key)) {
                if (span_is(key, "title")) {
                        d->title = json_string(j);
                } else if (span_is(key, "tracking")) {
                        tracking_read(j, d);
                } else if (span_is(key, "references")) {
                        d->reference = references_read(j);
                } else if (span_is(key, "publisher")) {
                        for (json_object(j); json_member(j, &key);) {
                                if (span_is(key, "name"))
                                        d->author = json_string(j);
                                else if (span_is(key, "namespace"))
                                        d->namespace = json_string(j);
                                else
                                        json_skip(j);
                        }
                } else if (span_is(key, "aggregate_severity")) {
                        for (json_object(j); json_member(j, &key);) {
                                if (span_is(key, "text"))
                                        feed_severity_word(&d->severity, json_string(j));
                                else
                                        json_skip(j);
                        }
                } else {
                        json_skip(j);
                }
        }
}

/* ---- what a vulnerability says of products ---- */

/* NULL for a product that nobody declared: nothing is known of it. */
static struct csaf_said *said_of(struct reading *r, struct span id)
{
        struct csaf_product *p = csaf_tree_find(&r->d->tree, id);

        return p ? &r->said[p - r->d->tree.at] : NULL;
}

struct id_list {
        struct span *at;
        size_t len, cap;
};

/* product_ids and group_ids of a flag, a threat or a remediation. */
static void targets_read(struct reading *r, bool groups, struct id_list *to)
{
        struct json *j = r->j;

        for (json_array(j); json_element(j);) {
                struct span id = json_string(j);

                if (!groups) {
                        *ARENA_PUSH(j->arena, to) = id;
                        continue;
                }
                for (size_t i = 0; i < r->d->tree.groups.len; i++) {
                        const struct csaf_group *g = &r->d->tree.groups.at[i];

                        if (!span_equal(g->id, id))
                                continue;
                        if (to->len + g->n_products > CSAF_PRODUCTS_MAX) {
                                json_fail(j, ERR_LIMIT, "its groups have more than %u products", CSAF_PRODUCTS_MAX);
                                return;
                        }
                        for (size_t k = 0; k < g->n_products; k++)
                                *ARENA_PUSH(j->arena, to) = g->products[k];
                }
        }
}

static void status_read(struct reading *r, struct csaf_vulnerability *v)
{
        static const struct {
                const char *key;
                uint8_t bit;
        } rows[] = {{"fixed", CSAF_FIXED}, {"first_fixed", CSAF_FIXED}, {"recommended", CSAF_FIXED},
            {"known_affected", CSAF_AFFECTED}, {"known_not_affected", CSAF_NOT_AFFECTED},
            {"under_investigation", CSAF_INVESTIGATING}, {"first_affected", CSAF_FIRST_AFFECTED},
            {"last_affected", CSAF_LAST_AFFECTED}};
        struct json *j = r->j;
        struct span key;

        json_object(j);
        while (json_member(j, &key)) {
                size_t k = 0;

                while (k < ARRAY_LEN(rows) && !span_is(key, rows[k].key))
                        k++;
                if (k == ARRAY_LEN(rows)) {
                        json_skip(j);
                        continue;
                }
                for (json_array(j); json_element(j);) {
                        struct csaf_said *s = said_of(r, json_string(j));

                        if (!s)
                                continue;
                        if (s->status == 0)
                                v->touched[v->n_touched++] = (uint32_t)(s - r->said);
                        s->status |= rows[k].bit;
                }
        }
}

struct word {
        struct span category, details, label;
        struct id_list targets;
        bool for_all; /* it names no product: it speaks of all */
};

static struct word word_read(struct reading *r)
{
        struct word w = {.for_all = true};
        struct json *j = r->j;
        struct span key;

        json_object(j);
        while (json_member(j, &key)) {
                bool groups = span_is(key, "group_ids");

                if (groups || span_is(key, "product_ids")) {
                        targets_read(r, groups, &w.targets);
                        w.for_all = false;
                } else if (span_is(key, "category")) {
                        w.category = json_string(j);
                } else if (span_is(key, "details")) {
                        w.details = json_string(j);
                } else if (span_is(key, "label")) {
                        w.label = json_string(j);
                } else {
                        json_skip(j);
                }
        }
        return w;
}

static bool has_text(struct span in, const char *text)
{
        return in.len > 0 && memmem(in.at, in.len, text, strlen(text)) != NULL;
}

/* Red Hat's details: "Affected", "Fix deferred", "Will not fix", "Out of support scope". */
static enum advisory_status remedy_of(const struct word *w)
{
        if (span_is(w->category, "none_available"))
                return has_text(w->details, "deferred") ? ADVISORY_STATUS_POSTPONED : ADVISORY_STATUS_PENDING;
        if (span_is(w->category, "no_fix_planned"))
                return has_text(w->details, "support scope") || has_text(w->details, "end of life") ||
                               has_text(w->details, "End of Life")
                           ? ADVISORY_STATUS_END_OF_LIFE
                           : ADVISORY_STATUS_WILL_NOT_FIX;
        return ADVISORY_STATUS_NONE;
}

enum word_kind { WORD_FLAG, WORD_THREAT, WORD_REMEDIATION };

static void word_apply(struct csaf_said *s, const struct word *w, enum word_kind kind)
{
        enum advisory_status remedy;

        switch (kind) {
        case WORD_FLAG:
                if (s->flag.len == 0)
                        s->flag = w->label;
                break;
        case WORD_THREAT:
                if (s->impact.len == 0 && span_is(w->category, "impact"))
                        s->impact = w->details;
                break;
        case WORD_REMEDIATION:
                remedy = remedy_of(w);
                if (remedy > s->remedy) {
                        s->remedy = remedy;
                        s->remedy_text = w->details;
                }
                if (s->action.len == 0)
                        s->action = w->details;
                break;
        }
}

/* Read before product_status or after it: what is said of a product without a status is forgotten. */
static void words_read(struct reading *r, enum word_kind kind, struct csaf_vulnerability *v)
{
        struct json *j = r->j;

        for (json_array(j); json_element(j);) {
                struct word w = word_read(r);

                if (kind == WORD_THREAT && span_is(w.category, "impact"))
                        feed_severity_word(&v->severity, w.details);
                for (size_t i = 0; w.for_all && i < r->d->tree.len; i++)
                        word_apply(&r->said[i], &w, kind);
                for (size_t i = 0; i < w.targets.len; i++) {
                        struct csaf_said *s = said_of(r, w.targets.at[i]);

                        if (s)
                                word_apply(s, &w, kind);
                }
        }
}

static void scores_read(struct reading *r, struct csaf_vulnerability *v)
{
        struct json *j = r->j;
        struct span key;

        for (json_array(j); json_element(j);) {
                json_object(j);
                while (json_member(j, &key)) {
                        if (!span_starts(key, "cvss_v")) {
                                json_skip(j);
                                continue;
                        }
                        for (json_object(j); json_member(j, &key);) {
                                if (span_is(key, "vectorString"))
                                        feed_severity_vector(&v->severity, json_string(j));
                                else
                                        json_skip(j);
                        }
                }
        }
}

static void ids_read(struct reading *r, struct csaf_vulnerability *v)
{
        struct json *j = r->j;
        struct id_list ids = {0};
        struct span key;

        for (json_array(j); json_element(j);) {
                json_object(j);
                while (json_member(j, &key)) {
                        struct span text;

                        if (!span_is(key, "text")) {
                                json_skip(j);
                                continue;
                        }
                        text = json_string(j);
                        if (feed_is_name(text, FEED_ID_MAX) && ids.len < FEED_ALIASES_MAX)
                                *ARENA_PUSH(j->arena, &ids) = text;
                }
        }
        v->ids = ids.at;
        v->n_ids = ids.len;
}

static struct span description_read(struct json *j)
{
        struct span best = {0}, key;
        int best_rank = 0, rank;

        for (json_array(j); json_element(j);) {
                struct span category = {0}, text = {0};

                json_object(j);
                while (json_member(j, &key)) {
                        if (span_is(key, "category"))
                                category = json_string(j);
                        else if (span_is(key, "text"))
                                text = json_string(j);
                        else
                                json_skip(j);
                }
                /* "general" is SUSE's; Red Hat has remarks on scores under it, and a description beside them. */
                rank = span_is(category, "description") ? 3
                       : span_is(category, "summary")   ? 2
                                                        : span_is(category, "general");
                if (rank > best_rank) {
                        best = text;
                        best_rank = rank;
                }
        }
        return best;
}

static void vulnerability_read(struct reading *r)
{
        struct csaf_vulnerability v = {.said = r->said, .touched = r->touched};
        struct json *j = r->j;
        struct span key;

        json_object(j);
        while (json_member(j, &key)) {
                if (span_is(key, "cve"))
                        v.cve = json_string(j);
                else if (span_is(key, "title"))
                        v.title = json_string(j);
                else if (span_is(key, "ids"))
                        ids_read(r, &v);
                else if (span_is(key, "product_status"))
                        status_read(r, &v);
                else if (span_is(key, "flags"))
                        words_read(r, WORD_FLAG, &v);
                else if (span_is(key, "threats"))
                        words_read(r, WORD_THREAT, &v);
                else if (span_is(key, "remediations"))
                        words_read(r, WORD_REMEDIATION, &v);
                else if (span_is(key, "scores"))
                        scores_read(r, &v);
                else if (span_is(key, "references"))
                        v.reference = references_read(j);
                else if (span_is(key, "notes"))
                        v.description = description_read(j);
                else
                        json_skip(j);
        }
        if (!j->failed && !r->sink->vulnerability(r->sink->ctx, r->d, &v, &r->why)) {
                r->given_up = true;
                json_fail(j, ERR_CANCELLED, "given up");
        }
        memset(r->said, 0, r->d->tree.len * sizeof(*r->said));
}

static bool vulnerabilities_read(struct reading *r, struct json *j)
{
        struct csaf_tree *t = &r->d->tree;

        csaf_tree_sort(t);
        r->j = j;
        r->said = arena_array(j->arena, t->len, sizeof(*r->said));
        r->touched = arena_array(j->arena, t->len, sizeof(*r->touched));
        for (json_array(j); json_element(j);)
                vulnerability_read(r);
        return !j->failed;
}

/* The members may come in any order; vulnerabilities that come before what they speak of are read again. */
bool csaf_parse(
    struct span text, struct arena *a, const struct csaf_sink *sink, struct csaf_document *ret, struct err *e)
{
        static const struct json_limits limits = {.string_max = FEED_TEXT_MAX, .members_max = CSAF_PRODUCTS_MAX};
        struct csaf_document d = {0};
        struct reading r = {.d = &d, .sink = sink};
        struct json j, later;
        struct span key, waiting = {0};
        bool has_document = false, has_tree = false;

        json_init(&j, text, a, &limits);
        json_object(&j);
        while (json_member(&j, &key)) {
                if (span_is(key, "document")) {
                        document_read(&j, &d);
                        has_document = true;
                } else if (span_is(key, "product_tree")) {
                        csaf_tree_read(&j, &d.tree);
                        has_tree = true;
                } else if (span_is(key, "vulnerabilities") && has_document && has_tree) {
                        vulnerabilities_read(&r, &j);
                } else if (span_is(key, "vulnerabilities")) {
                        waiting = json_raw(&j);
                } else {
                        json_skip(&j);
                }
        }
        if (!r.given_up && !json_finish(&j, e))
                return false;
        if (!has_document || d.id.len == 0)
                return err_set(e, ERR_MALFORMED, "document.tracking.id is missing");
        if (waiting.len > 0) {
                json_init(&later, waiting, a, &limits);
                if (!vulnerabilities_read(&r, &later) && !r.given_up) {
                        (void)json_finish(&later, e);
                        return err_wrap(e, "vulnerabilities");
                }
        }
        if (r.given_up) {
                if (e)
                        *e = r.why;
                return false;
        }
        *ret = d;
        return true;
}
