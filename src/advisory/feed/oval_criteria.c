/*
 * A tree of criteria becomes the ways to meet it, each one package on some systems. Conditions that no image answers are taken
 * as met: which kernel runs, which architecture it is, whose key a package is signed with.
 *
 *      OR                                            nothing: no release is none of ours
 *        Red Hat Enterprise Linux must be installed
 *        AND
 *          Red Hat Enterprise Linux 9 is installed   firefox < 0:91.9.1-1.el9_0 on 9
 *          firefox is earlier than 0:91.9.1-1.el9_0
 *          firefox is signed with ...
 */
#include "advisory/feed/oval_priv.h"

struct evaluation {
        struct oval *o;
        struct arena *scratch;
        struct err *e;
};

/* ---- systems ---- */

static bool systems_empty(const struct oval_systems *s)
{
        uint64_t all = 0;

        for (size_t i = 0; i < ARRAY_LEN(s->bits); i++)
                all |= s->bits[i];
        return !s->any && all == 0;
}

static struct oval_systems systems_both(const struct oval_systems *a, const struct oval_systems *b)
{
        struct oval_systems r = *a;

        if (a->any)
                return *b;
        for (size_t i = 0; i < ARRAY_LEN(r.bits) && !b->any; i++)
                r.bits[i] &= b->bits[i];
        return r;
}

static void systems_unite(struct oval_systems *io, const struct oval_systems *with)
{
        io->any |= with->any;
        for (size_t i = 0; i < ARRAY_LEN(io->bits); i++)
                io->bits[i] |= with->bits[i];
}

static bool system_add(struct evaluation *v, struct span ecosystem, struct oval_systems *to)
{
        struct oval *o = v->o;
        size_t i = 0;

        while (i < o->n_systems && !span_equal(o->systems[i], ecosystem))
                i++;
        if (i == OVAL_SYSTEMS_MAX)
                return err_set(v->e, ERR_LIMIT, "the document asks for more than %u releases", OVAL_SYSTEMS_MAX);
        if (i == o->n_systems)
                o->systems[o->n_systems++] = arena_copy(o->arena, ecosystem);
        to->bits[i / 64] |= UINT64_C(1) << i % 64;
        return true;
}

/* ---- one criterion ---- */

static struct oval_alternative *alternative_add(struct evaluation *v, struct oval_alternatives *to)
{
        struct oval_alternative *n = ARENA_PUSH(v->scratch, to);

        *n = (struct oval_alternative){.systems = {.any = true}};
        return n;
}

static bool unsupported(struct evaluation *v, const char *what, struct span of)
{
        char text[120];

        return err_set(
            v->e, ERR_UNSUPPORTED, "%s%s%s", what, of.len > 0 ? ": " : "", span_printable(of, text, sizeof(text)));
}

static struct span without(struct span s, const char *end)
{
        return span_ends(s, end) ? span_cut(s, 0, s.len - strlen(end)) : s;
}

/* "SUSE Linux Enterprise Server 15 SP5 is installed" */
static bool release_take(struct evaluation *v, struct span comment, struct oval_alternatives *to)
{
        struct span name = without(without(comment, "."), " is installed");
        struct span ecosystem = oval_ecosystem(name, v->scratch);
        struct oval_alternative *n = alternative_add(v, to);

        n->systems.any = false;
        if (ecosystem.len == 0) {
                n->stranger = name;
                return true;
        }
        return system_add(v, ecosystem, &n->systems);
}

/* "Module nodejs:18 is enabled" */
static bool module_take(struct evaluation *v, struct span comment, struct oval_alternatives *to)
{
        struct span name = without(span_from(comment, strlen("Module ")), " is enabled"), stream;

        if (!span_starts(comment, "Module ") || !span_ends(comment, " is enabled") ||
            !feed_is_name(name, FEED_MODULE_MAX) || !span_split(name, ':', &name, &stream) || name.len == 0 ||
            stream.len == 0)
                return unsupported(v, "a module of the form name:stream was expected", comment);
        alternative_add(v, to)->module = (struct span){name.at, name.len + 1 + stream.len};
        return true;
}

/* Packages that only say which system it is: "redhat-release", "openSUSE-release", "sle-module-basesystem-release". */
static bool is_release_package(struct span name)
{
        return span_ends(name, "-release") || span_starts(name, "redhat-release");
}

/* "0:1.2-3", and once "0: 1.2-3" */
static struct span without_epoch_0(struct span version)
{
        return span_starts(version, "0:") ? span_trim(span_from(version, 2)) : version;
}

static bool bound_take(struct evaluation *v, const struct oval_state *s, struct oval_alternative *n)
{
        struct span value = without_epoch_0(oval_text(v->o, s->value));

        if (value.len == 0 || value.len > VERSION_MAX)
                return unsupported(v, "a state without a version", (struct span){0});
        /* Debian and SUSE say of packages that are not affected that they would have to be older than any. */
        if ((s->op == OVAL_OP_LESS || s->op == OVAL_OP_EQUALS) && span_is(value, "0")) {
                n->never = true;
                return true;
        }
        if (!s->evr)
                return unsupported(v, "a version without its release", value);
        /* SUSE's word for what is affected and not mended: "greater than 0:0-0" */
        if ((s->op == OVAL_OP_GREATER || s->op == OVAL_OP_GREATER_OR_EQUAL) &&
            (span_is(value, "0-0") || span_is(value, "0")))
                return true;
        switch (s->op) {
        case OVAL_OP_LESS:
        case OVAL_OP_LESS_OR_EQUAL:
                n->upper = value;
                n->upper_inclusive = s->op == OVAL_OP_LESS_OR_EQUAL;
                return true;
        case OVAL_OP_GREATER_OR_EQUAL:
                n->lower = value;
                return true;
        case OVAL_OP_GREATER:
                /* Without a release nothing that is installed equals it; with one, rpm's '^' is what comes next behind it. */
                n->lower =
                    memchr(value.at, '-', value.len) ? arena_printf(v->scratch, "%.*s^", SPAN_FMT(value)) : value;
                return true;
        case OVAL_OP_EQUALS:
                n->equal = value;
                return true;
        default:
                return unsupported(v, "an operation on versions that is not known here", value);
        }
}

static bool package_take(
    struct evaluation *v, const struct oval_test *t, struct span comment, struct oval_alternatives *to)
{
        const struct oval_object *object = oval_object_of(v->o, t->object);
        struct oval_alternative n = {.systems = {.any = true}, .comment = comment};
        bool signature = false, conditions = false, versions = false;

        if (!object || object->name == 0 || object->pattern)
                return unsupported(v, "a test whose object is not one package's name", comment);
        n.package = oval_text(v->o, object->name);
        for (size_t i = 0; i < t->n_states; i++) {
                const struct oval_state *s = oval_state_of(v->o, t->states[i]);

                if (!s)
                        return err_set(v->e, ERR_MALFORMED, "a state is missing");
                conditions |= s->other;
                signature |= s->signature;
                versions |= s->evr || s->version;
        }
        if (is_release_package(n.package)) {
                if (t->none)
                        return true;
                if (versions || !conditions)
                        return release_take(v, comment, to);
                alternative_add(v, to); /* its architecture */
                return true;
        }
        for (size_t i = 0; i < t->n_states; i++) {
                const struct oval_state *s = oval_state_of(v->o, t->states[i]);

                if (s->odd)
                        return unsupported(v, "a state that asks for more than a version", n.package);
                if ((s->evr || s->version) && !bound_take(v, s, &n))
                        return false;
        }
        if (signature && !versions) {
                alternative_add(v, to);
                return true;
        }
        if (t->none && versions)
                return unsupported(v, "a version that must not be installed", n.package);
        n.absent = t->none;
        *alternative_add(v, to) = n;
        return true;
}

static bool text_take(
    struct evaluation *v, const struct oval_test *t, struct span comment, struct oval_alternatives *to)
{
        const struct oval_object *object = oval_object_of(v->o, t->object);
        struct span file = object ? oval_text(v->o, object->file) : (struct span){0};

        if (span_ends(file, ".module"))
                return t->none ? unsupported(v, "a module that must not be enabled", comment)
                               : module_take(v, comment, to);
        if (span_ends(file, "-release") || span_ends(file, "debian_version"))
                return t->none || release_take(v, comment, to);
        if (span_starts(file, "/boot/") || span_starts(file, "/etc/grub")) {
                alternative_add(v, to); /* which kernel is started next */
                return true;
        }
        return unsupported(v, "a test of a file", file);
}

static bool criterion_take(struct evaluation *v, const struct oval_node *node, struct oval_alternatives *to)
{
        const struct oval_test *t = oval_test_of(v->o, node->test);
        struct span comment = oval_text(v->o, node->comment);

        if (!t)
                return err_set(v->e, ERR_MALFORMED, "a test is missing");
        if (t->odd)
                return unsupported(v, "a test with a check or an operator that is not known here", comment);
        switch (t->kind) {
        case OVAL_TEST_MACHINE:
                alternative_add(v, to);
                return true;
        case OVAL_TEST_RELEASE:
                return t->none || release_take(v, comment, to);
        case OVAL_TEST_PACKAGE:
                return package_take(v, t, comment, to);
        case OVAL_TEST_TEXT:
                return text_take(v, t, comment, to);
        default:
                return unsupported(v, "a test of a kind that is not known here", comment);
        }
}

/* ---- Ubuntu: what is wrong with which source package stands in the comment ---- */

/* "openssh package in jammy was ...", "The 'php' package in trusty is ...", "gcc: while related ..." */
static struct span comment_package(struct span comment)
{
        struct span word, rest;

        if (span_starts(comment, "(CVE-")) /* the feed of packages: the CVE comes first */
                return (struct span){0};
        if (span_starts(comment, "The '")) {
                span_split(span_from(comment, strlen("The '")), '\'', &word, &rest);
                return span_starts(rest, " package ") ? word : (struct span){0};
        }
        span_split(comment, ' ', &word, &rest);
        if (span_ends(word, ":") && span_starts(rest, "while related"))
                return span_cut(word, 0, word.len - 1);
        return span_starts(rest, "package in ") || span_starts(rest, "package does not") ? word : (struct span){0};
}

/* "Is kernel linux-aws running?": by itself it says that all of this kernel are affected, and no more. */
static struct span comment_kernel(struct span comment)
{
        struct span name = span_from(comment, strlen("Is kernel "));

        if (!span_starts(comment, "Is kernel "))
                return (struct span){0};
        name = without(without(name, "?"), " running");
        return without(name, " currently");
}

static bool comment_take(struct evaluation *v, const struct oval_node *node, struct oval_alternatives *to)
{
        const struct oval_test *t = oval_test_of(v->o, node->test);
        struct oval_alternative n = {.systems = {.any = true}, .comment = oval_text(v->o, node->comment)};

        if (!t)
                return err_set(v->e, ERR_MALFORMED, "a test is missing");
        n.package = comment_package(n.comment);
        if (n.package.len == 0 && t->kind == OVAL_TEST_MACHINE) {
                n.package = comment_kernel(n.comment);
                n.comment = (struct span){0};
        }
        if (n.package.len == 0)
                return unsupported(v, "its criteria name no source package", oval_text(v->o, node->comment));
        for (size_t i = 0; i < t->n_states && t->kind != OVAL_TEST_MACHINE; i++) {
                const struct oval_state *s = oval_state_of(v->o, t->states[i]);

                if (!s || !s->evr || s->odd)
                        return err_set(v->e, ERR_MALFORMED, "a state is missing, or is not of a version");
                if (!bound_take(v, s, &n))
                        return false;
        }
        *alternative_add(v, to) = n;
        return true;
}

/* ---- the tree ---- */

/* Both at once; false with `err` set: that can't be told; false without: nothing meets both. */
static bool alternative_both(struct evaluation *v, const struct oval_alternative *a, const struct oval_alternative *b,
    struct oval_alternative *ret, bool *ret_ok)
{
        struct oval_alternative r = *a;

        *ret_ok = true;
        r.systems = systems_both(&a->systems, &b->systems);
        if (r.stranger.len == 0)
                r.stranger = b->stranger;
        if (r.module.len == 0)
                r.module = b->module;
        else if (b->module.len > 0 && !span_equal(r.module, b->module))
                return false;
        *ret = r;
        if (b->package.len == 0)
                return true;
        if (a->package.len == 0) {
                r = *b;
                r.systems = ret->systems;
                r.module = ret->module;
                r.stranger = ret->stranger;
                *ret = r;
                return true;
        }
        *ret_ok = span_equal(a->package, b->package) && a->equal.len == 0 && b->equal.len == 0 &&
                  (a->lower.len == 0 || b->lower.len == 0) && (a->upper.len == 0 || b->upper.len == 0);
        if (!*ret_ok)
                return unsupported(v, "it asks for two packages at once", a->package);
        /* Red Hat: "zlib is installed" and "zlib is not installed" */
        ret->never = a->never || b->never || a->absent != b->absent;
        ret->absent = a->absent && b->absent;
        if (ret->comment.len == 0)
                ret->comment = b->comment;
        if (b->lower.len > 0)
                ret->lower = b->lower;
        if (b->upper.len > 0) {
                ret->upper = b->upper;
                ret->upper_inclusive = b->upper_inclusive;
        }
        return true;
}

static bool both(struct evaluation *v, const struct oval_alternatives *a, const struct oval_alternatives *b,
    struct oval_alternatives *ret)
{
        struct oval_alternatives all = {0};

        for (size_t i = 0; i < a->len; i++)
                for (size_t k = 0; k < b->len; k++) {
                        struct oval_alternative n;
                        bool ok;

                        if (all.len >= OVAL_ALTERNATIVES_MAX)
                                return err_set(v->e, ERR_LIMIT, "its criteria can be met in more than %u ways",
                                    OVAL_ALTERNATIVES_MAX);
                        if (alternative_both(v, &a->at[i], &b->at[k], &n, &ok))
                                *ARENA_PUSH(v->scratch, &all) = n;
                        else if (!ok)
                                return false;
                }
        *ret = all;
        return true;
}

static bool is_condition(const struct oval_alternative *n)
{
        return n->package.len == 0 && n->module.len == 0;
}

/* Releases become one alternative of several systems: else each would double the packages beside them. */
static bool either(struct evaluation *v, const struct oval_alternatives *from, struct oval_alternatives *io)
{
        for (size_t i = 0; i < from->len; i++) {
                size_t k = 0;

                while (k < io->len && is_condition(&from->at[i]) && !is_condition(&io->at[k]))
                        k++;
                if (k < io->len && is_condition(&from->at[i])) {
                        systems_unite(&io->at[k].systems, &from->at[i].systems);
                        if (io->at[k].stranger.len == 0)
                                io->at[k].stranger = from->at[i].stranger;
                        continue;
                }
                if (io->len >= OVAL_ALTERNATIVES_MAX)
                        return err_set(
                            v->e, ERR_LIMIT, "its criteria can be met in more than %u ways", OVAL_ALTERNATIVES_MAX);
                *ARENA_PUSH(v->scratch, io) = from->at[i];
        }
        return true;
}

static bool node_take(struct evaluation *v, uint32_t at, unsigned depth, struct oval_alternatives *ret);

static bool criteria_take(struct evaluation *v, uint32_t at, unsigned depth, struct oval_alternatives *ret)
{
        const struct oval_node *node = &v->o->nodes.at[at];
        struct oval_alternatives all = {0};
        uint32_t child = at + 1;

        if (node->kind == OVAL_NODE_ODD)
                return unsupported(v, "criteria that are neither AND nor OR", (struct span){0});
        if (node->kind == OVAL_NODE_AND)
                alternative_add(v, &all);
        while (child < node->end) {
                struct oval_alternatives one = {0};

                if (!node_take(v, child, depth + 1, &one) ||
                    !(node->kind == OVAL_NODE_AND ? both(v, &all, &one, &all) : either(v, &one, &all)))
                        return false;
                child = v->o->nodes.at[child].end;
        }
        *ret = all;
        return true;
}

static bool node_take(struct evaluation *v, uint32_t at, unsigned depth, struct oval_alternatives *ret)
{
        const struct oval_node *node = &v->o->nodes.at[at];

        if (depth > 32)
                return err_set(v->e, ERR_LIMIT, "its criteria are nested too deeply");
        if (node->negate)
                return unsupported(v, "a criterion that must not be met", oval_text(v->o, node->comment));
        if (node->kind == OVAL_NODE_EXTEND) { /* "Ubuntu 22.04 LTS (jammy) is installed.": its platform says so, too */
                if (!span_ends(without(oval_text(v->o, node->comment), "."), " is installed"))
                        return unsupported(v, "a definition within its criteria", oval_text(v->o, node->comment));
                alternative_add(v, ret);
                return true;
        }
        if (node->kind == OVAL_NODE_CRITERION)
                return v->o->publisher->by_comment ? comment_take(v, node, ret) : criterion_take(v, node, ret);
        return criteria_take(v, at, depth, ret);
}

bool oval_evaluate(struct oval *o, const struct oval_definition *d, struct arena *scratch,
    struct oval_alternatives *ret, struct err *e)
{
        struct evaluation v = {o, scratch, e};
        struct oval_alternatives all = {0};

        if (d->node == d->node_end || o->nodes.at[d->node].end != d->node_end)
                return err_set(e, ERR_MALFORMED, "it has no criteria, or more than one tree of them");
        if (!node_take(&v, d->node, 0, &all))
                return false;
        for (size_t i = 0; i < all.len; i++) {
                if (all.at[i].package.len == 0 && !systems_empty(&all.at[i].systems))
                        return unsupported(&v, "its criteria can be met without a package", (struct span){0});
                if (all.at[i].absent && !all.at[i].never)
                        return unsupported(&v, "it asks for a package that is not installed", all.at[i].package);
        }
        *ret = all;
        return true;
}
