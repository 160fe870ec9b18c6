/* The section "vex": whose statements about findings count. */
#include "policy/load_priv.h"

static bool document_read(const struct loader *l, const struct node *n, struct vex_document_rule *ret)
{
        struct span text;

        ret->line = n->line;
        if (!load_text(l, n, "vex.documents", &text))
                return false;
        return (digest_parse(text, &ret->digest, NULL) && ret->digest.alg == DIGEST_SHA256) ||
               load_fail(l, n,
                   "vex.documents: sha256: and 64 hexadecimal digits were expected, the digest of the document's "
                   "bytes");
}

static bool vex_documents(const struct loader *l, const struct node *n, void *into)
{
        struct vex_rules *to = &l->p->vex;
        bool ok = true;

        (void)into;
        to->line = n->line;
        if (n->kind == NODE_SCALAR) {
                to->any = n->plain && span_is(n->text, "any");
                return to->any || load_fail(l, n, "vex.documents: a list of digests, or any, was expected");
        }
        if (!load_list(l, n, "vex.documents", POLICY_LIST_MAX))
                return false;
        for (size_t i = 0; i < n->n_items; i++) {
                struct vex_document_rule rule = {.line = 0};

                ok &= document_read(l, &n->items[i], &rule);
                *ARENA_PUSH(l->p->arena, &to->documents) = rule;
        }
        return ok;
}

static bool vex_authors(const struct loader *l, const struct node *n, void *into)
{
        bool ok = true;

        (void)into;
        if (!load_list(l, n, "vex.authors", POLICY_LIST_MAX))
                return false;
        if (n->n_items == 0)
                return load_fail(
                    l, n, "vex.authors: an empty list would count nobody: leave it out, or the whole of \"vex\"");
        for (size_t i = 0; i < n->n_items; i++) {
                struct name_rule rule = {.line = n->items[i].line};

                ok &= load_text(l, &n->items[i], "vex.authors", &rule.text);
                rule.pattern = load_stars_doubled(rule.text, l->p->arena);
                *ARENA_PUSH(l->p->arena, &l->p->vex.authors) = rule;
        }
        return ok;
}

static bool vex_attached(const struct loader *l, const struct node *n, void *into)
{
        (void)into;
        l->p->vex.attached_line = n->line;
        return load_bool(l, n, "vex.attached", &l->p->vex.attached);
}

/* "documents" is mandatory: an author's name alone is what anybody can write. */
static const struct load_key vex_keys[] = {
    {"documents", vex_documents, true}, {"attached", vex_attached, false}, {"authors", vex_authors, false}};

bool load_vex(const struct loader *l, const struct node *n, void *into)
{
        return load_mapping(l, n, "vex", vex_keys, ARRAY_LEN(vex_keys), into);
}

/*
 * A digest says which bytes, wherever they came from. "any" is whatever the caller gives: nobody gave what somebody else has
 * pushed beside the image.
 */
static bool is_listed(const struct vex_rules *v, const struct digest *document, bool attached)
{
        for (size_t i = 0; i < v->documents.len; i++)
                if (digest_equal(&v->documents.at[i].digest, document))
                        return true;
        return attached ? v->attached : v->any;
}

bool policy_counts_vex(const struct policy *p, const struct digest *document, struct span author, bool attached)
{
        bool counts = document->alg != DIGEST_NONE && is_listed(&p->vex, document, attached);
        bool named = p->vex.authors.len == 0;

        for (size_t i = 0; i < p->vex.authors.len && !named; i++)
                named = pattern_matches(p->vex.authors.at[i].pattern, author, false);
        return counts && named;
}
