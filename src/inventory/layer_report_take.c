/* A layer's report out of its frames, in the parent: nothing of it is believed that an honest worker could not have said. */
#include "inventory/report_priv.h"

static bool malformed(struct err *e, const char *what)
{
        return err_set(e, ERR_MALFORMED, "the worker's answer: %s", what);
}

static bool too_many(struct err *e, const char *what)
{
        return err_set(e, ERR_LIMIT, "the worker's answer: too many %s", what);
}

static struct span take_bytes(struct cursor *c, uint32_t max)
{
        uint16_t len = cursor_u16le(c);

        if (len > max)
                c->failed = true;
        return c->failed ? (struct span){0} : cursor_take(c, len);
}

/* Of at most `max` bytes, clean, copied. */
static bool take_text(struct layer_report *r, struct cursor *c, uint32_t max, struct span *ret)
{
        struct span text = take_bytes(c, max);

        if (c->failed || !text_is_clean(text, max))
                return false;
        *ret = arena_copy(r->arena, text);
        return true;
}

static bool take_texts(struct layer_report *r, struct cursor *c, struct span *const *to, const uint32_t *max, size_t n)
{
        for (size_t i = 0; i < n; i++)
                if (!take_text(r, c, max[i], to[i]))
                        return false;
        return true;
}

/* Any bytes that a tar may name, but no NUL and not from the root. */
static bool take_path(struct layer_report *r, struct cursor *c, bool may_be_empty, struct span *ret)
{
        struct span path = take_bytes(c, INVENTORY_PATH_MAX);
        size_t nul;

        if (c->failed || (path.len == 0 && !may_be_empty) || span_starts(path, "/") || span_find(path, 0, &nul))
                return false;
        *ret = arena_copy(r->arena, path);
        return true;
}

static bool take_format(struct layer_report *r, struct cursor *c, struct err *e)
{
        uint32_t format = cursor_u32le(c);

        if (c->failed || r->begun || format != LAYER_REPORT_FORMAT)
                return malformed(e, "it is of another format");
        r->begun = true;
        return true;
}

static bool take_note(struct layer_report *r, struct cursor *c, struct span *ret, struct err *e)
{
        if (++r->n_notes > INVENTORY_LAYER_NOTES_MAX + INVENTORY_EVIDENCE_MAX)
                return too_many(e, "notes");
        if (!take_text(r, c, INVENTORY_NOTE_MAX, ret) || ret->len == 0)
                return malformed(e, "a note is no text");
        return true;
}

static bool take_layer_note(struct layer_report *r, struct cursor *c, struct err *e)
{
        struct span note = {0};

        if (!take_note(r, c, &note, e))
                return false;
        *ARENA_PUSH(r->arena, &r->notes) = note;
        return true;
}

static bool take_hidden(struct layer_report *r, struct cursor *c, struct span_list *list, struct err *e)
{
        struct span path = {0};

        if (r->whiteouts.len + r->opaques.len == INVENTORY_WHITEOUTS_MAX)
                return too_many(e, "whiteouts");
        if (!take_path(r, c, list == &r->opaques, &path))
                return malformed(e, "a whiteout's path");
        *ARENA_PUSH(r->arena, list) = path;
        return true;
}

static bool take_whiteout(struct layer_report *r, struct cursor *c, struct err *e)
{
        return take_hidden(r, c, &r->whiteouts, e);
}

static bool take_opaque(struct layer_report *r, struct cursor *c, struct err *e)
{
        return take_hidden(r, c, &r->opaques, e);
}

static bool take_ids(struct path_ids *to, struct cursor *c, struct err *e)
{
        uint32_t n = cursor_u32le(c);

        if (n == 0 || n > IDS_PER_RECORD)
                return malformed(e, "a list of paths");
        if (n > INVENTORY_ENTRIES_MAX - to->len)
                return too_many(e, "paths");
        struct span ids = cursor_take(c, n * sizeof(struct path_id));
        if (c->failed)
                return malformed(e, "a list of paths ends early");
        to->at = heap_realloc(to->at, to->len + n, sizeof(*to->at));
        memcpy(&to->at[to->len], ids.at, ids.len);
        for (size_t i = to->len; i < to->len + n; i++)
                if (i > 0 && path_id_compare(&to->at[i - 1], &to->at[i]) >= 0)
                        return malformed(e, "paths are not in order");
        to->len += n;
        return true;
}

static bool take_taken(struct layer_report *r, struct cursor *c, struct err *e)
{
        return take_ids(&r->taken, c, e);
}

static bool take_folders(struct layer_report *r, struct cursor *c, struct err *e)
{
        return take_ids(&r->folders, c, e);
}

static bool take_usr_links(struct layer_report *r, struct cursor *c, struct err *e)
{
        for (size_t i = 0; i < USR_LINKS; i++) {
                uint8_t said = cursor_u8(c);
                if (c->failed || said > USR_LINK_NO)
                        return malformed(e, "what is a link into usr");
                r->usr_links[i] = (enum usr_link)said;
        }
        return true;
}

static struct evidence *last_evidence(struct layer_report *r)
{
        return r->evidence.len > 0 ? &r->evidence.at[r->evidence.len - 1] : NULL;
}

/* So that a worker that was taken over can't speak for other files. */
static bool may_speak(const struct detector *d, struct span path)
{
        const struct detector *wanted = detector_of_path(path);

        if (wanted == d || detector_of_link(path) == d || detector_of_companion(path) == d)
                return true;
        return !wanted && d->stream && d->stream->sniff;
}

static bool take_evidence(struct layer_report *r, struct cursor *c, struct err *e)
{
        const struct detector *d = detector_of_name(take_bytes(c, INVENTORY_NAME_MAX));
        const struct evidence *before = last_evidence(r);
        struct span path = {0};

        if (r->evidence.len == INVENTORY_EVIDENCE_MAX)
                return too_many(e, "files that name packages");
        if (!d || !take_path(r, c, false, &path))
                return malformed(e, "no detector or no path");
        if (path_depth(path) > INVENTORY_DEPTH_MAX || (before && span_compare(before->path, path) >= 0))
                return malformed(e, "files are not in order, or too deep");
        if (!may_speak(d, path))
                return malformed(e, "a detector speaks of a file that it does not want");
        struct evidence *new = ARENA_PUSH(r->arena, &r->evidence);
        *new = (struct evidence){.detector = d, .path = path, .found = {.arena = r->arena, .path = path}};
        return true;
}

static bool take_system(struct layer_report *r, struct cursor *c, struct err *e)
{
        static const uint32_t max[] = {INVENTORY_OS_TEXT_MAX, INVENTORY_OS_TEXT_MAX, INVENTORY_OS_TEXT_MAX,
            INVENTORY_OS_TEXT_MAX, INVENTORY_OS_TEXT_MAX};
        struct evidence *to = last_evidence(r);

        if (!to || to->detector != &detect_os_release)
                return malformed(e, "a system without its file");
        struct os_release *os = &to->found.os;
        struct span *const texts[] = {&os->id, &os->id_like, &os->version_id, &os->version_codename, &os->pretty_name};
        return take_texts(r, c, texts, max, ARRAY_LEN(texts)) || malformed(e, "a system's texts");
}

/* A purl's type, or the key of a qualifier: small letters, digits and ".-_" (ECMA-427). */
static bool take_word(struct layer_report *r, struct cursor *c, uint32_t max, const char **ret)
{
        struct span word = take_bytes(c, max);

        for (size_t i = 0; i < word.len; i++) {
                uint8_t b = word.at[i];
                if (!(b >= 'a' && b <= 'z') && !(i > 0 && ((b >= '0' && b <= '9') || b == '.' || b == '-' || b == '_')))
                        return false;
        }
        if (c->failed || word.len == 0)
                return false;
        *ret = arena_string(r->arena, word);
        return true;
}

static bool take_qualifiers(struct layer_report *r, struct cursor *c, size_t n, struct package *p)
{
        static const char *const own[] = {"arch", "distro", "epoch"};

        if (n > ARRAY_LEN(p->qualifiers))
                return false;
        for (size_t i = 0; i < n; i++) {
                struct package_qualifier *q = &p->qualifiers[i];
                if (!take_word(r, c, INVENTORY_KEY_MAX, &q->key) || !take_text(r, c, INVENTORY_NAME_MAX, &q->value))
                        return false;
                for (size_t k = 0; k < ARRAY_LEN(own); k++)
                        if (strcmp(q->key, own[k]) == 0)
                                return false;
                for (size_t k = 0; k < i; k++)
                        if (strcmp(q->key, p->qualifiers[k].key) == 0)
                                return false;
        }
        return true;
}

static bool take_package_texts(struct layer_report *r, struct cursor *c, unsigned has, struct package *p)
{
        static const uint32_t max[] = {INVENTORY_NAME_MAX, INVENTORY_VERSION_MAX, INVENTORY_ARCH_MAX,
            INVENTORY_LICENCE_MAX, INVENTORY_NAME_MAX, INVENTORY_NAME_MAX, INVENTORY_NAME_MAX, INVENTORY_PATH_MAX};
        struct span *const texts[] = {
            &p->source_name, &p->source_version, &p->arch, &p->licence, &p->vendor, &p->cpe, &p->module, &p->inside};
        struct span ecosystem;

        if (!take_text(r, c, INVENTORY_NAME_MAX, &p->name) || p->name.len == 0 ||
            !take_text(r, c, INVENTORY_VERSION_MAX, &p->version))
                return false;
        for (size_t i = 0; i < ARRAY_LEN(texts); i++)
                if ((has >> i & 1) && (!take_text(r, c, max[i], texts[i]) || texts[i]->len == 0))
                        return false;
        if ((has >> PACKAGE_TYPE & 1) && !take_word(r, c, INVENTORY_TYPE_MAX, &p->type))
                return false;
        if (has >> PACKAGE_ECOSYSTEM & 1) {
                if (!take_text(r, c, INVENTORY_ECOSYSTEM_MAX, &ecosystem))
                        return false;
                p->ecosystem = arena_string(r->arena, ecosystem);
        }
        if (has & PACKAGE_SOURCE_SAME) {
                if (has & 3u)
                        return false;
                p->source_name = p->name;
                p->source_version = p->version;
        }
        return take_qualifiers(r, c, has >> PACKAGE_QUALIFIERS & 3, p);
}

static bool take_package(struct layer_report *r, struct cursor *c, struct err *e)
{
        struct evidence *to = last_evidence(r);
        unsigned has = cursor_u16le(c), sources = cursor_u8(c);
        struct package p = {0};

        if (!to || to->detector == &detect_os_release)
                return malformed(e, "a package without its file");
        if (++r->n_packages > INVENTORY_PACKAGES_MAX)
                return too_many(e, "packages");
        if ((sources & 15) > CONFIDENCE_CERTAIN || sources >> 4 > LICENCE_SOURCE_DOCUMENT ||
            !take_package_texts(r, c, has, &p))
                return malformed(e, "a package's texts");
        if (!p.type && !to->detector->type)
                return malformed(e, "a package without a type");
        p.confidence = (enum component_confidence)(sources & 15);
        p.licence_source = (enum licence_source)(sources >> 4);
        p.development = (has & PACKAGE_DEVELOPMENT) != 0;
        p.state = has & PACKAGE_DECLARED ? COMPONENT_DECLARED : COMPONENT_INSTALLED;
        p.unless_owned = (has & PACKAGE_UNLESS_OWNED) != 0;
        *ARENA_PUSH(r->arena, &to->found.packages) = p;
        return true;
}

static bool take_supplement(struct layer_report *r, struct cursor *c, struct err *e)
{
        struct evidence *to = last_evidence(r);
        uint8_t source = cursor_u8(c);
        struct supplement s = {0};

        if (!to)
                return malformed(e, "a supplement without its file");
        if (++r->n_supplements > INVENTORY_SUPPLEMENTS_MAX)
                return too_many(e, "supplements");
        if (source > LICENCE_SOURCE_DOCUMENT || !take_text(r, c, INVENTORY_NAME_MAX, &s.name) || s.name.len == 0 ||
            !take_text(r, c, INVENTORY_ARCH_MAX, &s.arch) || !take_text(r, c, INVENTORY_LICENCE_MAX, &s.licence))
                return malformed(e, "a supplement's texts");
        s.licence_source = (enum licence_source)source;
        *ARENA_PUSH(r->arena, &to->found.supplements) = s;
        return true;
}

static bool take_owned(struct layer_report *r, struct cursor *c, struct err *e)
{
        struct evidence *to = last_evidence(r);
        uint8_t by_supplement = cursor_u8(c);
        uint32_t package = cursor_u32le(c), n = cursor_u32le(c);

        if (c->failed || !to || by_supplement > 1 || n == 0 || n > IDS_PER_RECORD ||
            package >= (by_supplement ? to->found.supplements.len : to->found.packages.len))
                return malformed(e, "files of no package");
        if (n > INVENTORY_OWNED_MAX - r->n_owned)
                return too_many(e, "files of packages");
        for (uint32_t i = 0; i < n; i++) {
                struct span id = cursor_take(c, sizeof(struct path_id));
                if (c->failed)
                        return malformed(e, "a package's files end early");
                struct owned *o = ARENA_PUSH(r->arena, &to->owned);
                o->package = package;
                o->by_supplement = by_supplement;
                memcpy(o->id.bytes, id.at, sizeof(o->id.bytes));
        }
        r->n_owned += n;
        return true;
}

static bool take_evidence_note(struct layer_report *r, struct cursor *c, struct err *e)
{
        struct evidence *to = last_evidence(r);
        struct span note = {0};

        if (!to)
                return malformed(e, "a note without its file");
        if (!take_note(r, c, &note, e))
                return false;
        *ARENA_PUSH(r->arena, &to->found.notes) = note;
        return true;
}

static bool take_remark(struct layer_report *r, struct cursor *c, struct err *e)
{
        struct remark s = {0};
        uint8_t kind = cursor_u8(c), severity = cursor_u8(c);

        s.line = cursor_u64le(c);
        if (r->remarks.len == INVENTORY_REMARKS_MAX)
                return too_many(e, "remarks");
        if (kind == REMARK_NONE || kind > REMARK_CONFIGURATION || severity > REMARK_CRITICAL ||
            !take_text(r, c, INVENTORY_RULE_MAX, &s.rule) || s.rule.len == 0 ||
            !take_text(r, c, INVENTORY_REMARK_TEXT_MAX, &s.title) || !take_path(r, c, false, &s.path) ||
            !take_text(r, c, INVENTORY_REMARK_TEXT_MAX, &s.excerpt) ||
            !take_text(r, c, INVENTORY_REMARK_TEXT_MAX, &s.remedy))
                return malformed(e, "a remark's texts");
        if (path_depth(s.path) > INVENTORY_DEPTH_MAX ||
            (r->remarks.len > 0 && span_compare(r->remarks.at[r->remarks.len - 1].said.path, s.path) > 0))
                return malformed(e, "remarks are not in order, or too deep");
        s.kind = (enum remark_kind)kind;
        s.severity = (enum remark_severity)severity;
        *ARENA_PUSH(r->arena, &r->remarks) = (struct layer_remark){.said = s};
        return true;
}

static bool take_end(struct layer_report *r, struct cursor *c, struct err *e)
{
        struct image_read read = {0};

        read.blob = cursor_digest(c);
        read.diff_id = cursor_digest(c);
        read.plain_size = cursor_u64le(c);
        read.entries = cursor_u64le(c);
        if (c->failed)
                return malformed(e, "its end");
        r->read = read;
        r->ended = true;
        return true;
}

bool layer_report_frame(struct layer_report *r, struct span frame, struct err *e)
{
        static bool (*const take[256])(struct layer_report *, struct cursor *, struct err *) = {
            ['V'] = take_format,
            ['L'] = take_layer_note,
            ['W'] = take_whiteout,
            ['O'] = take_opaque,
            ['T'] = take_taken,
            ['D'] = take_folders,
            ['M'] = take_usr_links,
            ['E'] = take_evidence,
            ['S'] = take_system,
            ['P'] = take_package,
            ['U'] = take_supplement,
            ['F'] = take_owned,
            ['N'] = take_evidence_note,
            ['R'] = take_remark,
            ['Z'] = take_end,
        };
        struct cursor c = {.rest = frame};

        while (c.rest.len > 0) {
                uint8_t letter = cursor_u8(&c);
                if (r->ended)
                        return malformed(e, "something after its end");
                if (!take[letter])
                        return malformed(e, "an unknown record");
                if (!r->begun && letter != 'V')
                        return malformed(e, "it does not say its format");
                if (!take[letter](r, &c, e))
                        return false;
        }
        return true;
}
