/* OVAL 5.x: the document into tables; see oval_priv.h. */
#include "advisory/feed/oval_priv.h"
#include "codec/codec.h"

enum section {
        SECTION_NONE = 0,
        SECTION_GENERATOR,
        SECTION_DEFINITIONS,
        SECTION_TESTS,
        SECTION_OBJECTS,
        SECTION_STATES
};

struct reading {
        struct oval *o;
        enum section section;
        unsigned depth;
        bool over; /* a table is full: `why` says which */
        struct err why;
        bool in_definition, in_entity; /* a test, an object or a state is open */
        bool ovals;                    /* the outermost element was the right one */
        struct span unknown;           /* the first publisher that nobody knows */
        uint64_t n_unknown;
        uint32_t open[XML_DEPTH_MAX]; /* criteria */
        size_t n_open;
        enum oval_op op; /* of the entity's field that is open */
        bool by_variable;
};

/* ---- texts ---- */

static uint64_t text_hash(struct span s, uint64_t seed)
{
        uint64_t h = seed;

        SPAN_HOLDS(s);
        for (size_t i = 0; i < s.len; i++)
                h = (h ^ s.at[i]) * 0x9e3779b97f4a7c15u;
        return h ^ h >> 32;
}

static void table_grow(struct oval *o)
{
        o->table_size = o->table_size ? o->table_size * 2 : 1u << 12;
        o->table = arena_array(o->arena, o->table_size, sizeof(*o->table));
        for (uint32_t i = 1; i < o->names.len; i++) {
                size_t at = text_hash(o->names.at[i].text, o->seed) & (o->table_size - 1);

                while (o->table[at])
                        at = (at + 1) & (o->table_size - 1);
                o->table[at] = i;
        }
}

oval_name oval_name_of(struct oval *o, struct span text)
{
        size_t at;

        text = span_trim(text);
        if (text.len == 0 || o->names.len >= OVAL_NAMES_MAX)
                return 0;
        if (o->names.len * 2 >= o->table_size)
                table_grow(o);
        for (at = text_hash(text, o->seed) & (o->table_size - 1); o->table[at]; at = (at + 1) & (o->table_size - 1))
                if (span_equal(o->names.at[o->table[at]].text, text))
                        return o->table[at];
        o->table[at] = (uint32_t)o->names.len;
        *ARENA_PUSH(o->arena, &o->names) = (struct oval_slot){.text = arena_copy(o->arena, text)};
        return o->table[at];
}

const struct oval_test *oval_test_of(const struct oval *o, oval_name id)
{
        uint32_t i = o->names.at[id].test;

        return i ? &o->tests.at[i - 1] : NULL;
}

const struct oval_object *oval_object_of(const struct oval *o, oval_name id)
{
        uint32_t i = o->names.at[id].object;

        return i ? &o->objects.at[i - 1] : NULL;
}

const struct oval_state *oval_state_of(const struct oval *o, oval_name id)
{
        uint32_t i = o->names.at[id].state;

        return i ? &o->states.at[i - 1] : NULL;
}

static oval_name attribute(struct reading *r, const struct xml_element *e, const char *name)
{
        return oval_name_of(r->o, xml_attribute(e, name));
}

static void overflow(struct reading *r, const char *what)
{
        if (!r->over)
                err_set(&r->why, ERR_LIMIT, "%s", what);
        r->over = true;
}

static void list_add(struct reading *r, struct oval_list *to, uint32_t value)
{
        struct oval *o = r->o;

        if (o->links.len >= OVAL_NODES_MAX) {
                overflow(r, "too many CVEs, platforms and components");
                return;
        }
        *ARENA_PUSH(o->arena, &o->links) = (struct oval_link){.value = value};
        if (to->last)
                o->links.at[to->last - 1].next = (uint32_t)o->links.len;
        else
                to->first = (uint32_t)o->links.len;
        to->last = (uint32_t)o->links.len;
}

/* ---- definitions ---- */

static struct oval_definition *definition(struct reading *r)
{
        return &r->o->definitions.at[r->o->definitions.len - 1];
}

static void definition_open(struct reading *r, const struct xml_element *e)
{
        struct span class = xml_attribute(e, "class"), id = xml_attribute(e, "id");
        const struct oval_publisher *p = oval_publisher_of(id);

        if (!p || (r->o->publisher && r->o->publisher != p)) {
                if (r->n_unknown++ == 0)
                        r->unknown = arena_copy(r->o->arena, id);
                return;
        }
        r->o->publisher = p;
        /* "inventory" tells what is installed; others are not about vulnerabilities. */
        if ((!span_is(class, "patch") && !span_is(class, "vulnerability")) ||
            span_is(xml_attribute(e, "deprecated"), "true"))
                return;
        if (r->o->definitions.len >= OVAL_NODES_MAX) {
                overflow(r, "too many definitions");
                return;
        }
        r->in_definition = true;
        r->n_open = 0;
        *ARENA_PUSH(r->o->arena, &r->o->definitions) = (struct oval_definition){.id = oval_name_of(r->o, id),
            .patch = span_is(class, "patch"),
            .node = (uint32_t)r->o->nodes.len,
            .node_end = (uint32_t)r->o->nodes.len};
}

static void cve_add(struct reading *r, struct span text)
{
        struct oval_definition *d = definition(r);
        struct span word;

        text = span_trim(text);
        while (text.len > 0) { /* "Mitre CVE-2010-2322", "CVE-2001-1267 at SUSE" */
                span_split(text, ' ', &word, &text);
                if (!feed_is_cve(word))
                        continue;
                oval_name n = oval_name_of(r->o, word);
                for (const struct oval_link *l = oval_link_at(r->o, d->cves.first); l; l = oval_link_at(r->o, l->next))
                        if (l->value == n)
                                return;
                list_add(r, &d->cves, n);
                return;
        }
}

/* Of several pages an advisory's is its own, a CVE's is the publisher's ("SUSE CVE"), else the first. */
static void reference_open(struct reading *r, const struct xml_element *e)
{
        struct oval_definition *d = definition(r);
        struct span source = xml_attribute(e, "source"), id = xml_attribute(e, "ref_id"),
                    url = xml_attribute(e, "ref_url");
        bool advisory =
            d->advisory == 0 && !span_is(source, "CVE") && !span_ends(source, " CVE") && !span_is(source, "Package");

        cve_add(r, id);
        if (advisory)
                d->advisory = oval_name_of(r->o, id);
        if (url.len <= FEED_URL_MAX &&
            (d->reference == 0 || (d->patch && advisory) || (!d->patch && span_ends(source, " CVE"))))
                d->reference = oval_name_of(r->o, url);
}

/* cvss3="7.0/CVSS:3.1/AV:N/...", Ubuntu's cvss_vector="CVSS:3.1/AV:N/...": the worst of all. */
static void cve_open(struct reading *r, const struct xml_element *e)
{
        struct oval_definition *d = definition(r);
        struct span score, vector;
        uint32_t tenths;

        if (!span_split(xml_attribute(e, "cvss3"), '/', &score, &vector) || !cvss_score(vector, &tenths, NULL))
                return;
        if (d->vector == 0 || tenths > d->score_tenths) {
                d->vector = oval_name_of(r->o, vector);
                d->score_tenths = tenths;
        }
}

static void node_add(struct reading *r, struct oval_node n)
{
        if (r->o->nodes.len >= OVAL_NODES_MAX) {
                overflow(r, "too many criteria");
                return;
        }
        *ARENA_PUSH(r->o->arena, &r->o->nodes) = n;
        definition(r)->node_end = (uint32_t)r->o->nodes.len;
}

/* Those of packages and signatures repeat what the tests say, but in Ubuntu's. */
static bool comment_is_wanted(const struct oval *o, struct span comment)
{
        return o->publisher->by_comment || span_ends(comment, "installed") || span_ends(comment, "installed.") ||
               span_ends(comment, "enabled") || span_ends(comment, "affected");
}

static void criteria_open(struct reading *r, const struct xml_element *e)
{
        struct span comment = span_trim(xml_attribute(e, "comment")), op = xml_attribute(e, "operator");
        struct oval_node n = {
            .negate = span_is(xml_attribute(e, "negate"), "true"), .end = (uint32_t)r->o->nodes.len + 1};

        if (span_is(e->name, "criteria")) {
                n.kind = span_is(op, "OR")                   ? OVAL_NODE_OR
                         : op.len == 0 || span_is(op, "AND") ? OVAL_NODE_AND
                                                             : OVAL_NODE_ODD;
                if (r->n_open < ARRAY_LEN(r->open))
                        r->open[r->n_open++] = (uint32_t)r->o->nodes.len;
        } else {
                bool extend = span_is(e->name, "extend_definition");

                n.kind = extend ? OVAL_NODE_EXTEND : OVAL_NODE_CRITERION;
                n.test = attribute(r, e, "test_ref");
                if (extend || comment_is_wanted(r->o, comment))
                        n.comment = oval_name_of(r->o, comment);
        }
        node_add(r, n);
}

static void definition_element(struct reading *r, const struct xml_element *e)
{
        struct oval_definition *d = definition(r);

        if (span_is(e->name, "criteria") || span_is(e->name, "criterion") || span_is(e->name, "extend_definition"))
                criteria_open(r, e);
        else if (span_is(e->name, "reference"))
                reference_open(r, e);
        else if (span_is(e->name, "cve"))
                cve_open(r, e);
        else if (span_is(e->name, "issued"))
                d->issued = attribute(r, e, "date");
        else if (span_is(e->name, "updated"))
                d->updated = attribute(r, e, "date");
        else if (span_is(e->name, "resolution"))
                list_add(r, &d->resolutions, attribute(r, e, "state"));
}

static void definition_text(struct reading *r, struct span name, struct span text)
{
        struct oval_definition *d = definition(r);

        if (span_is(name, "definition")) {
                r->in_definition = false;
        } else if (span_is(name, "criteria")) {
                if (r->n_open > 0)
                        r->o->nodes.at[r->open[--r->n_open]].end = (uint32_t)r->o->nodes.len;
        } else if (span_is(name, "title")) {
                d->title = oval_name_of(r->o, feed_headline(text));
        } else if (span_is(name, "platform")) {
                list_add(r, &d->platforms, oval_name_of(r->o, text));
        } else if (span_is(name, "cpe")) {
                list_add(r, &d->cpes, oval_name_of(r->o, text));
        } else if (span_is(name, "cve")) {
                cve_add(r, text);
        } else if (span_is(name, "severity")) {
                d->severity = oval_name_of(r->o, text);
        } else if (span_is(name, "component") && d->resolutions.first > 0) {
                list_add(r, &d->resolutions, OVAL_COMPONENT);
                list_add(r, &d->resolutions, oval_name_of(r->o, text));
        } else if (d->issued == 0 &&
                   (span_is(name, "public_date") || span_is(name, "advisory_date") || span_is(name, "date"))) {
                d->issued = oval_name_of(r->o, text);
        }
}

/* ---- tests, objects, states ---- */

static void test_open(struct reading *r, const struct xml_element *e)
{
        static const struct {
                const char *element;
                enum oval_test_kind kind;
        } kinds[] = {{"rpminfo_test", OVAL_TEST_PACKAGE}, {"dpkginfo_test", OVAL_TEST_PACKAGE},
            {"rpmverifyfile_test", OVAL_TEST_RELEASE}, {"textfilecontent54_test", OVAL_TEST_TEXT},
            {"uname_test", OVAL_TEST_MACHINE}, {"variable_test", OVAL_TEST_MACHINE}};
        struct span check = xml_attribute(e, "check"), existence = xml_attribute(e, "check_existence");
        struct span op = xml_attribute(e, "state_operator");
        struct oval_test t = {.odd = op.len > 0 && !span_is(op, "AND")};
        oval_name id = attribute(r, e, "id");

        for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
                if (span_is(e->name, kinds[i].element))
                        t.kind = kinds[i].kind;
        t.none = span_is(check, "none satisfy") || span_is(existence, "none_exist");
        t.odd |= (check.len > 0 && !t.none && !span_is(check, "at least one") && !span_is(check, "all")) ||
                 (existence.len > 0 && !t.none && !span_is(existence, "at_least_one_exists") &&
                     !span_is(existence, "all_exist"));
        *ARENA_PUSH(r->o->arena, &r->o->tests) = t;
        r->o->names.at[id].test = (uint32_t)r->o->tests.len;
}

static void entity_open(struct reading *r, const struct xml_element *e)
{
        oval_name id = oval_name_of(r->o, xml_attribute(e, "id"));

        if (id == 0 || r->o->tests.len + r->o->objects.len + r->o->states.len >= OVAL_NAMES_MAX)
                return;
        r->in_entity = true;
        if (r->section == SECTION_TESTS) {
                test_open(r, e);
        } else if (r->section == SECTION_OBJECTS) {
                *ARENA_PUSH(r->o->arena, &r->o->objects) = (struct oval_object){0};
                r->o->names.at[id].object = (uint32_t)r->o->objects.len;
        } else {
                *ARENA_PUSH(r->o->arena, &r->o->states) = (struct oval_state){0};
                r->o->names.at[id].state = (uint32_t)r->o->states.len;
        }
}

static enum oval_op operation_of(struct span s)
{
        static const struct {
                const char *word;
                enum oval_op op;
        } rows[] = {{"equals", OVAL_OP_EQUALS}, {"less than", OVAL_OP_LESS},
            {"less than or equal", OVAL_OP_LESS_OR_EQUAL}, {"greater than", OVAL_OP_GREATER},
            {"greater than or equal", OVAL_OP_GREATER_OR_EQUAL}, {"pattern match", OVAL_OP_PATTERN}};

        if (s.len == 0)
                return OVAL_OP_EQUALS; /* the schema's default */
        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
                if (span_is(s, rows[i].word))
                        return rows[i].op;
        return OVAL_OP_NONE;
}

static void entity_element(struct reading *r, const struct xml_element *e)
{
        struct oval_test *t;

        r->op = operation_of(xml_attribute(e, "operation"));
        r->by_variable = xml_attribute(e, "var_ref").len > 0;
        if (r->section != SECTION_TESTS)
                return;
        t = &r->o->tests.at[r->o->tests.len - 1];
        if (span_is(e->name, "object"))
                t->object = attribute(r, e, "object_ref");
        else if (span_is(e->name, "state") && t->n_states < OVAL_TEST_STATES)
                t->states[t->n_states++] = attribute(r, e, "state_ref");
        else if (span_is(e->name, "state"))
                t->odd = true;
}

static void object_text(struct reading *r, struct span name, struct span text)
{
        struct oval_object *o = &r->o->objects.at[r->o->objects.len - 1];

        if (span_is(name, "name")) {
                o->name = oval_name_of(r->o, text);
                o->pattern = r->op != OVAL_OP_EQUALS || r->by_variable;
        } else if (span_is(name, "filepath") || span_is(name, "filename")) {
                o->file = oval_name_of(r->o, text);
        }
}

static void state_text(struct reading *r, struct span name, struct span text)
{
        struct oval_state *s = &r->o->states.at[r->o->states.len - 1];
        bool evr = span_is(name, "evr") || span_is(name, "subexpression"), version = span_is(name, "version");

        if (span_is(name, "signature_keyid")) {
                s->signature = true;
                return;
        }
        if (!evr && !version) {
                s->other = true;
                s->odd |= span_is(name, "epoch") || span_is(name, "release");
                return;
        }
        s->odd |= s->evr || s->version || r->by_variable;
        s->evr = evr;
        s->version = version;
        s->op = r->op;
        s->value = oval_name_of(r->o, text);
}

/* ---- the walk ---- */

static enum section section_of(struct span name)
{
        return span_is(name, "definitions") ? SECTION_DEFINITIONS
               : span_is(name, "tests")     ? SECTION_TESTS
               : span_is(name, "objects")   ? SECTION_OBJECTS
               : span_is(name, "states")    ? SECTION_STATES
               : span_is(name, "generator") ? SECTION_GENERATOR
                                            : SECTION_NONE;
}

/* 1: the document; 2: a section; 3: a definition, a test ...; 4: what is in it. */
static void on_open(void *ctx, const struct xml_element *e)
{
        struct reading *r = ctx;

        r->depth++;
        if (r->over)
                return;
        if (r->depth == 2)
                r->section = section_of(e->name);
        else if (r->depth == 3 && r->section == SECTION_DEFINITIONS && span_is(e->name, "definition"))
                definition_open(r, e);
        else if (r->depth == 3 && r->section >= SECTION_TESTS)
                entity_open(r, e);
        else if (r->depth > 3 && r->in_definition)
                definition_element(r, e);
        else if (r->depth == 4 && r->in_entity)
                entity_element(r, e);
}

static void on_close(void *ctx, struct span name, struct span text)
{
        struct reading *r = ctx;
        unsigned depth = r->depth--;

        if (r->over)
                return;
        if (depth == 2)
                r->section = SECTION_NONE;
        else if (depth >= 3 && r->in_definition)
                definition_text(r, name, text);
        else if (depth == 3)
                r->in_entity = false;
        else if (depth == 4 && r->in_entity && r->section == SECTION_OBJECTS)
                object_text(r, name, text);
        else if (depth == 4 && r->in_entity && r->section == SECTION_STATES)
                state_text(r, name, text);
        if (depth == 3 && r->section == SECTION_GENERATOR && span_is(name, "timestamp"))
                feed_date(text, &r->o->made_s);
        if (r->o->names.len >= OVAL_NAMES_MAX)
                overflow(r, "too many ids and texts");
}

static bool unknown_refuse(struct reading *r)
{
        struct err why = {0};

        if (r->n_unknown == 0)
                return true;
        err_set(&why, ERR_UNSUPPORTED, "%llu definitions are of a publisher whose words are not known here",
            (unsigned long long)r->n_unknown);
        return feed_refuse(
            r->o->out, r->unknown.len > 0 ? r->unknown : SPAN_LIT("a definition without an id"), &why, r->o->e);
}

static bool oval_read(struct span document, struct arena *a, struct feed_out *out, struct err *e)
{
        struct oval *o = arena_alloc(a, sizeof(*o));
        struct reading *r = arena_alloc(a, sizeof(*r));
        struct err why = {0};

        *o = (struct oval){.out = out, .arena = a, .e = e};
        random_bytes(&o->seed, sizeof(o->seed));
        *ARENA_PUSH(a, &o->names) = (struct oval_slot){0};
        r->o = o;
        if (!xml_read_spaces(document, &(struct xml_reader){on_open, on_close, r}, &why)) {
                if (e)
                        *e = why;
                return false;
        }
        if (r->over) {
                if (e)
                        *e = r->why;
                return false;
        }
        return unknown_refuse(r) && oval_tell(o);
}

static bool oval_is(struct span head)
{
        return feed_xml_is(head, "oval_definitions");
}

const struct feed_form feed_oval = {.name = "oval", .is = oval_is, .read = oval_read};
