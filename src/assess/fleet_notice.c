/* Changed components -> the images that hold them -> one notice for each. */
#include "assess/fleet_priv.h"

/* One changed component in one image. */
struct concern {
        int64_t image;
        size_t row;
};

struct concerns {
        struct concern *at;
        size_t len, cap;
};

static int concern_order(const void *pa, const void *pb)
{
        const struct concern *a = pa, *b = pb;
        int by = (a->image > b->image) - (a->image < b->image);

        return by ? by : (a->row > b->row) - (a->row < b->row);
}

static bool concerns_collect(struct fleet *f, struct concerns *ret, struct err *e)
{
        CLEANUP(arena_freep) struct arena *scratch = arena_new();

        for (size_t i = 0; i < f->rows.len; i++) {
                int64_t *images;
                size_t n;

                arena_reset(scratch);
                if (!store_fleet_holders(f->store, f->rows.at[i].component, scratch, &images, &n, e))
                        return false;
                for (size_t k = 0; k < n; k++)
                        *ARENA_PUSH(f->arena, ret) = (struct concern){.image = images[k], .row = i};
        }
        if (ret->len > 1)
                qsort(ret->at, ret->len, sizeof(*ret->at), concern_order);
        return true;
}

/* Most urgent first; then by what it is, so that the packages built from one source stand side by side. */
static int change_order(const void *pa, const void *pb)
{
        const struct change *a = *(const struct change *const *)pa, *b = *(const struct change *const *)pb;
        int by = (a->kind > b->kind) - (a->kind < b->kind);

        if (by == 0)
                by = b->exploited - a->exploited;
        if (by == 0)
                by = (a->severity < b->severity) - (a->severity > b->severity);
        if (by == 0)
                by = span_compare(a->id, b->id);
        if (by == 0)
                by = span_compare(a->ecosystem, b->ecosystem);
        if (by == 0)
                by = span_compare(a->package, b->package);
        return by ? by : span_compare(a->version, b->version);
}

static void count(struct assess_fleet_stats *s, enum change_kind kind)
{
        uint64_t *const counts[CHANGE_KINDS] = {[CHANGE_ADDED] = &s->added,
            [CHANGE_REMOVED] = &s->removed,
            [CHANGE_WORSENED] = &s->worsened,
            [CHANGE_EASED] = &s->eased,
            [CHANGE_MENDABLE] = &s->mendable};

        ++*counts[kind];
}

static void change_put(struct json_out *o, const struct change *c)
{
        static const char *const kinds[CHANGE_KINDS] = {"added", "removed", "worsened", "eased", "mendable"};

        json_out_object(o);
        json_out_member_text(o, "kind", kinds[c->kind]);
        json_out_member(o, "id", c->id);
        json_out_member(o, "ecosystem", c->ecosystem);
        json_out_member(o, "package", c->package);
        json_out_member(o, "version", c->version);
        json_out_member_text(o, "severity", severity_name(c->severity));
        json_out_key(o, "score");
        if (c->score_tenths > 0)
                json_out_fixed1(o, c->score_tenths);
        else
                json_out_null(o);
        json_out_key(o, "fixed");
        if (c->fixed.len > 0)
                json_out_string(o, c->fixed);
        else
                json_out_null(o);
        json_out_key(o, "exploited");
        json_out_bool(o, c->exploited);
        json_out_member(o, "explanation", c->explanation);
        json_out_object_end(o);
}

static size_t changes_of(
    const struct fleet *f, const struct concern *c, size_t n, struct arena *a, const struct change ***ret)
{
        const struct change **list;
        size_t all = 0, len = 0, kept = 0;

        for (size_t i = 0; i < n; i++)
                all += f->rows.at[c[i].row].n;
        list = arena_array(a, all, sizeof(*list));
        for (size_t i = 0; i < n; i++)
                for (size_t k = 0; k < f->rows.at[c[i].row].n; k++)
                        list[len++] = &f->changes.at[f->rows.at[c[i].row].first + k];
        qsort(list, len, sizeof(*list), change_order);
        for (size_t i = 0; i < len; i++)
                if (i == 0 || change_order(&list[i], &list[kept - 1]) != 0)
                        list[kept++] = list[i];
        *ret = list;
        return kept;
}

static void notice_make(
    struct fleet *f, const struct store_holder *h, const struct change *const *changes, size_t n, struct buf *to)
{
        size_t told = n < ASSESS_CHANGES_MAX ? n : ASSESS_CHANGES_MAX;
        char name[4096];
        struct json_out o;

        json_out_init(&o, to, 0);
        json_out_object(&o);
        json_out_member(&o, "image", h->digest);
        json_out_member_text(&o, "name", span_printable(h->name, name, sizeof(name)));
        json_out_member_text(&o, "from", f->from);
        json_out_member_text(&o, "to", f->to);
        json_out_key(&o, "changes");
        json_out_array(&o);
        for (size_t i = 0; i < told; i++)
                change_put(&o, changes[i]);
        json_out_array_end(&o);
        json_out_member_u64(&o, "left_out", n - told);
        json_out_object_end(&o);
        for (size_t i = 0; i < n; i++)
                count(&f->stats, changes[i]->kind);
}

/* Each image in one pass alone: that of the database that it was matched with by itself, if there is one. */
static bool is_of_pass(const struct fleet *f, struct span matched)
{
        if (f->of_base)
                return span_is(matched, f->from);
        for (size_t i = 0; i < f->n_bases; i++)
                if (span_equal(matched, f->bases[i].digest))
                        return false;
        return true;
}

static bool image_tell(struct fleet *f, const struct concern *c, size_t n, struct arena *a, struct err *e)
{
        CLEANUP(buf_done) struct buf body = {0};
        const struct change **changes;
        struct store_holder h;
        size_t n_changes;

        if (!store_fleet_image(f->store, c->image, a, &h, e))
                return false;
        if (!is_of_pass(f, h.advisories))
                return true;
        if (span_is(h.advisories, f->to)) {
                f->stats.told_before++;
                return true;
        }
        n_changes = changes_of(f, c, n, a, &changes);
        notice_make(f, &h, changes, n_changes, &body);
        f->stats.images++;
        if (!store_fleet_notice(
                f->store, span_of(f->to), &h, buf_span(&body), f->options->sinks, f->options->n_sinks, e))
                return false;
        if (f->options->on_image)
                *ARENA_PUSH(f->arena, &f->told) = (struct told){.digest = arena_copy(f->arena, h.digest),
                    .name = arena_copy(f->arena, h.name),
                    .notice = arena_copy(f->arena, buf_span(&body))};
        return true;
}

bool fleet_tell(struct fleet *f, struct err *e)
{
        CLEANUP(arena_freep) struct arena *scratch = arena_new();
        struct concerns all = {0};

        if (!concerns_collect(f, &all, e))
                return false;
        for (size_t i = 0, end; i < all.len; i = end) {
                for (end = i + 1; end < all.len && all.at[end].image == all.at[i].image; end++)
                        ;
                arena_reset(scratch);
                if (!image_tell(f, &all.at[i], end - i, scratch, e))
                        return false;
        }
        return true;
}
