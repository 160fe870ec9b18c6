/* OpenVEX 0.2.0, and 0.0 where vulnerabilities and products were plain strings. */
#include "advisory/vex/vex_priv.h"

struct product_list {
        struct vex_product *at;
        size_t len, cap;
};

static int64_t time_read(struct json *j)
{
        struct span text = json_string(j);
        int64_t s = 0;

        if (!j->failed && !clock_parse(text, &s))
                json_fail(j, ERR_MALFORMED, "a date and time was expected");
        return s > 0 ? s : 0;
}

static enum vex_status status_read(struct json *j)
{
        struct span word = json_string(j);

        for (int s = VEX_STATUS_INVESTIGATING; s <= VEX_STATUS_FIXED; s++)
                if (span_is(word, vex_status_name((enum vex_status)s)))
                        return (enum vex_status)s;
        if (!j->failed)
                json_fail(j, ERR_MALFORMED, "not_affected, affected, fixed or under_investigation was expected");
        return VEX_STATUS_NONE;
}

static void identifiers_read(struct json *j, struct vex_span_list *names)
{
        struct span key;

        for (json_object(j); json_member(j, &key);) {
                struct span value = json_string(j);

                if (span_is(key, "purl"))
                        *ARENA_PUSH(j->arena, names) = value;
        }
}

static void hashes_read(struct json *j, struct vex_span_list *names)
{
        struct span key;

        for (json_object(j); json_member(j, &key);) {
                struct span value = json_string(j);

                if (span_is(key, "sha-256") && value.len == 64)
                        *ARENA_PUSH(j->arena, names) = arena_printf(j->arena, "sha256:%.*s", SPAN_FMT(value));
        }
}

/* All names that a component has: its @id, its purl, the digest of an image. */
static void component_read(struct json *j, struct vex_span_list *names, struct vex_span_list *subcomponents)
{
        struct span key;

        if (json_peek(j) == JSON_STRING) {
                *ARENA_PUSH(j->arena, names) = json_string(j);
                return;
        }
        json_object(j);
        while (json_member(j, &key)) {
                if (span_is(key, "@id")) {
                        *ARENA_PUSH(j->arena, names) = json_string(j);
                } else if (span_is(key, "identifiers")) {
                        identifiers_read(j, names);
                } else if (span_is(key, "hashes")) {
                        hashes_read(j, names);
                } else if (subcomponents && span_is(key, "subcomponents") && !json_null(j)) {
                        for (json_array(j); json_element(j);)
                                component_read(j, subcomponents, NULL);
                } else {
                        json_skip(j);
                }
        }
}

static bool is_repeated(const struct vex_span_list *names, size_t i)
{
        for (size_t k = 0; k < i; k++)
                if (span_equal(names->at[k], names->at[i]))
                        return true;
        return false;
}

/* Many write one purl as @id and as an identifier. */
static void product_read(struct json *j, struct product_list *to)
{
        struct vex_span_list names = {0}, subcomponents = {0};

        component_read(j, &names, &subcomponents);
        for (size_t i = 0; i < names.len; i++)
                if (!is_repeated(&names, i))
                        *ARENA_PUSH(j->arena, to) = (struct vex_product){
                    .name = names.at[i], .subcomponents = subcomponents.at, .n_subcomponents = subcomponents.len};
}

static void vulnerability_read(struct json *j, struct vex_span_list *ids)
{
        struct span key, id = {0};

        if (json_peek(j) == JSON_STRING) {
                *ARENA_PUSH(j->arena, ids) = json_string(j);
                return;
        }
        json_object(j);
        while (json_member(j, &key)) {
                if (span_is(key, "name"))
                        *ARENA_PUSH(j->arena, ids) = json_string(j);
                else if (span_is(key, "@id"))
                        id = json_string(j);
                else if (span_is(key, "aliases") && !json_null(j))
                        for (json_array(j); json_element(j);)
                                *ARENA_PUSH(j->arena, ids) = json_string(j);
                else
                        json_skip(j);
        }
        if (ids->len == 0 && id.len > 0)
                *ARENA_PUSH(j->arena, ids) = id;
}

/* 0.0 has the subcomponents of all products beside them. */
static void subcomponents_share(struct product_list *products, const struct vex_span_list *shared)
{
        for (size_t i = 0; i < products->len && shared->len > 0; i++)
                if (products->at[i].n_subcomponents == 0) {
                        products->at[i].subcomponents = shared->at;
                        products->at[i].n_subcomponents = shared->len;
                }
}

/* What the standard demands beyond what is needed to know which findings a statement is about. */
static void statement_judge(struct json *j, const struct vex_statement *s, size_t index, struct vex_parsed *p)
{
        if (j->failed)
                return;
        if (s->n_ids == 0)
                vex_remark(p, j->arena, "statements[%zu]: \"vulnerability\" has no \"name\"", index);
        if (s->n_products == 0)
                vex_remark(p, j->arena, "statements[%zu]: it names no product, and so is about nothing", index);
        if (s->justification.len > 0 && !vex_justification_is_known(s->justification))
                vex_remark(p, j->arena, "statements[%zu]: \"justification\" is none of %s", index, vex_justifications);
        if (s->status == VEX_STATUS_AFFECTED && s->action.len == 0)
                vex_remark(p, j->arena, "statements[%zu]: \"affected\" needs an \"action_statement\"", index);
        if (s->status == VEX_STATUS_NONE)
                vex_remark(p, j->arena, "statements[%zu]: \"status\" is missing", index);
}

static void statement_read(struct json *j, struct vex_statement *ret)
{
        struct vex_span_list ids = {0}, shared = {0};
        struct product_list products = {0};
        struct span key, impact = {0}, notes = {0};
        int64_t updated_s = 0;

        json_object(j);
        while (json_member(j, &key)) {
                if (span_is(key, "vulnerability"))
                        vulnerability_read(j, &ids);
                else if (span_is(key, "products") && !json_null(j))
                        for (json_array(j); json_element(j);)
                                product_read(j, &products);
                else if (span_is(key, "subcomponents") && !json_null(j))
                        for (json_array(j); json_element(j);)
                                component_read(j, &shared, NULL);
                else if (span_is(key, "status"))
                        ret->status = status_read(j);
                else if (span_is(key, "justification"))
                        ret->justification = json_string(j);
                else if (span_is(key, "impact_statement"))
                        impact = json_string(j);
                else if (span_is(key, "status_notes"))
                        notes = json_string(j);
                else if (span_is(key, "action_statement"))
                        ret->action = json_string(j);
                else if (span_is(key, "timestamp"))
                        ret->time_s = time_read(j);
                else if (span_is(key, "last_updated"))
                        updated_s = time_read(j);
                else
                        json_skip(j);
        }
        if (updated_s > ret->time_s)
                ret->time_s = updated_s;
        subcomponents_share(&products, &shared);
        ret->note = impact.len > 0 ? impact : notes;
        ret->ids = ids.at;
        ret->n_ids = ids.len;
        ret->products = products.at;
        ret->n_products = products.len;
        if (!j->failed && ret->status == VEX_STATUS_NOT_AFFECTED && ret->justification.len == 0 && impact.len == 0)
                json_fail(j, ERR_MALFORMED, "not_affected needs a justification or an impact_statement");
}

static void document_judge(struct vex_parsed *p, struct arena *a, bool has_time, bool has_version, size_t n_statements)
{
        const struct {
                bool there;
                const char *name;
        } members[] = {{p->id.len > 0, "@id"}, {p->author.len > 0, "author"}, {has_time, "timestamp"},
            {has_version, "version"}, {n_statements > 0, "statements"}};

        for (size_t i = 0; i < ARRAY_LEN(members); i++)
                if (!members[i].there)
                        vex_remark(p, a, "\"%s\" is missing", members[i].name);
}

bool openvex_parse(struct span document, struct arena *a, struct vex_parsed *ret, struct err *e)
{
        static const struct json_limits limits = {.string_max = VEX_DOCUMENT_MAX, .members_max = VEX_STATEMENTS_MAX};
        struct vex_parsed p = {.form = SPAN_LIT("OpenVEX")};
        int64_t time_s = 0, updated_s = 0;
        bool has_context = false, has_version = false;
        size_t index = 0;
        struct json j;
        struct span key;

        json_init(&j, document, a, &limits);
        json_object(&j);
        while (json_member(&j, &key)) {
                if (span_is(key, "@context")) {
                        has_context = span_starts(json_string(&j), "https://openvex.dev/ns");
                } else if (span_is(key, "@id")) {
                        p.id = json_string(&j);
                } else if (span_is(key, "author")) {
                        p.author = json_string(&j);
                } else if (span_is(key, "timestamp")) {
                        time_s = time_read(&j);
                } else if (span_is(key, "last_updated")) {
                        updated_s = time_read(&j);
                } else if (span_is(key, "statements")) {
                        for (json_array(&j); json_element(&j);) {
                                struct vex_statement s = {0};
                                struct err why = {0};

                                statement_read(&j, &s);
                                statement_judge(&j, &s, index++, &p);
                                if (!j.failed && !vex_add(&p, a, &s, &why))
                                        json_fail(&j, why.kind, "%s", why.text);
                        }
                } else {
                        has_version |= span_is(key, "version");
                        json_skip(&j);
                }
        }
        if (!json_finish(&j, e))
                return false;
        if (!has_context)
                return err_set(e, ERR_MALFORMED, "\"@context\" is not OpenVEX's");
        document_judge(&p, a, time_s > 0, has_version, index);
        if (updated_s > time_s)
                time_s = updated_s;
        for (size_t i = 0; i < p.statements.len; i++) /* a statement holds since its document does */
                if (p.statements.at[i].time_s == 0)
                        p.statements.at[i].time_s = time_s;
        *ret = p;
        return true;
}
