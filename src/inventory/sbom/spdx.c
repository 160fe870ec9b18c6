/* What SPDX's two forms share (SPDX 2.3, chapters 7, 10 and 11). */
#include "inventory/sbom/sbom_priv.h"

struct span spdx_stated(struct span text)
{
        return span_is(text, "NOASSERTION") || span_is(text, "NONE") ? (struct span){0} : text;
}

struct span spdx_party(struct span text)
{
        static const char *const kinds[] = {"Organization:", "Person:", "Tool:"};
        struct span name, rest;

        text = spdx_stated(text);
        for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
                if (span_starts(text, kinds[i])) {
                        text = span_trim(span_from(text, strlen(kinds[i])));
                        break;
                }
        if (!span_ends(text, ")"))
                return text;
        for (size_t i = text.len; i > 0; i--) /* an address in brackets, which may be empty */
                if (text.at[i - 1] == '(') {
                        name = span_trim(span_cut(text, 0, i - 1));
                        rest = span_from(text, i);
                        return name.len > 0 && (rest.len == 1 || memchr(rest.at, '@', rest.len)) ? name : text;
                }
        return text;
}

void spdx_purpose(struct sbom_document *d, struct sbom_entry *entry, struct span purpose)
{
        uint8_t *to = arena_alloc(d->arena, purpose.len);

        for (size_t i = 0; i < purpose.len; i++) {
                uint8_t c = purpose.at[i];
                to[i] = c == '_' ? '-' : c >= 'A' && c <= 'Z' ? (uint8_t)(c + 'a' - 'A') : c;
        }
        entry->type = (struct span){to, purpose.len};
}

void spdx_external_ref(struct sbom_document *d, struct sbom_entry *entry, struct span type, struct span locator)
{
        if (span_is(type, "cpe23Type") || (span_is(type, "cpe22Type") && entry->cpe.len == 0))
                entry->cpe = locator;
        if (!span_is(type, "purl") || locator.len == 0)
                return;
        for (size_t i = 0; i < entry->purls.len; i++)
                if (span_equal(entry->purls.at[i], locator))
                        return;
        if (entry->purls.len < SBOM_PURLS_MAX)
                *ARENA_PUSH(d->arena, &entry->purls) = locator;
        else
                entry->too_many_purls = true;
}

/* What stands behind the first `words`; `before` (may be NULL) gets what stands in front. */
static bool after(struct span text, const char *words, struct span *before, struct span *ret)
{
        const void *found = text.len ? memmem(text.at, text.len, words, strlen(words)) : NULL;
        size_t at;

        if (!found)
                return false;
        at = (size_t)((const uint8_t *)found - text.at);
        *ret = span_from(text, at + strlen(words));
        if (before)
                *before = span_cut(text, 0, at);
        return true;
}

/* "recorded in /PATH, brought by layer N (DIGEST), built from source package NAME VERSION, of module LABEL" */
static void own_source_info(struct sbom_entry *entry, struct span text)
{
        struct span rest;

        after(text, ", of module ", &text, &entry->module);
        if (after(text, ", built from source package ", &text, &rest))
                span_split(rest, ' ', &entry->source_name, &entry->source_version);
        after(text, ", brought by layer ", &text, &rest);
        entry->path = text;
}

/* Words for people, of which some tools' are known: ours, Trivy's, syft's. */
void spdx_source_info(struct sbom_entry *entry, struct span text)
{
        struct span rest, before = {0};

        if (after(text, "declared in /", &before, &rest) && before.len == 0)
                own_source_info(entry, rest);
        else if (after(text, "installed; recorded in /", &before, &rest) && before.len == 0)
                own_source_info(entry, rest);
        else if (after(text, "built package from: ", &before, &rest) && before.len == 0)
                span_split(rest, ' ', &entry->source_name, &entry->source_version);
        else if (span_starts(text, "acquired package info from ") && after(text, ": /", NULL, &rest))
                span_split(rest, ',', &entry->path, &rest);
}

void spdx_relationship(struct sbom_document *d, struct span from, struct span type, struct span to)
{
        static const char document[] = "SPDXRef-DOCUMENT";

        bool describes = span_is(type, "DESCRIBES") || span_is(type, "DESCRIBE"); /* the second is older Trivy's */
        bool parts = describes || span_is(type, "CONTAINS") || span_is(type, "DEPENDS_ON");

        if (parts && span_starts(to, "DocumentRef-"))
                sbom_elsewhere(d, to);
        else if (describes && span_is(from, document))
                *ARENA_PUSH(d->arena, &d->described) = to;
        else if (span_is(type, "DESCRIBED_BY") && span_is(to, document))
                *ARENA_PUSH(d->arena, &d->described) = from;
        else if (span_is(type, "CONTAINS") || span_is(type, "DEPENDS_ON"))
                sbom_edge(d, from, to, span_is(type, "CONTAINS"));
        else if (span_is(type, "CONTAINED_BY") || span_is(type, "DEPENDENCY_OF"))
                sbom_edge(d, to, from, span_is(type, "CONTAINED_BY"));
}

static int licence_order(const void *a, const void *b)
{
        const struct sbom_licence_text *x = a, *y = b;

        return span_compare(x->id, y->id);
}

/* A licence that is nothing but a reference: the words that it stands for, if they are words and no whole text. */
static void words_settle(const struct sbom_document *d, struct sbom_entry *entry)
{
        struct sbom_licence_text wanted = {.id = entry->licence};
        const struct sbom_licence_text *found;

        if (!span_starts(entry->licence, "LicenseRef-") || d->licences.len == 0)
                return;
        found = bsearch(&wanted, d->licences.at, d->licences.len, sizeof(wanted), licence_order);
        /* Of a reference that is its own explanation nothing else is known. */
        if (!found || span_equal(found->text, span_from(entry->licence, strlen("LicenseRef-"))))
                return;
        if (spdx_stated(found->text).len > 0 && text_is_clean(found->text, SBOM_WORDS_MAX))
                entry->licence = found->text;
        else if (spdx_stated(found->name).len > 0 && text_is_clean(found->name, SBOM_WORDS_MAX))
                entry->licence = found->name;
}

void spdx_settle(struct sbom_document *d)
{
        struct span subject = d->described.len > 0 ? d->described.at[0] : (struct span){0};

        /* Several, and the document is about a list of packages: none of them is a whole that the others are parts of. */
        for (size_t i = 1; i < d->described.len; i++)
                if (!span_equal(d->described.at[i], subject))
                        subject = (struct span){0};
        if (d->licences.len > 0)
                qsort(d->licences.at, d->licences.len, sizeof(*d->licences.at), licence_order);
        for (struct sbom_entry *entry = d->first; entry; entry = entry->next) {
                if (entry->licence.len == 0)
                        sbom_licence(d, entry, entry->concluded);
                words_settle(d, entry);
                /* Trivy's words for a lock file, which has a name and nothing else, and for a system. */
                entry->holder |= span_starts(entry->ref, "SPDXRef-Application-");
                if (span_starts(entry->ref, "SPDXRef-OperatingSystem"))
                        entry->type = SPAN_LIT("operating-system");
                if (subject.len > 0 && span_equal(entry->ref, subject)) {
                        entry->subject = true;
                        d->subject = entry->name;
                }
        }
}
