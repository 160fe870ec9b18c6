/*
 * From changed advisories to the images whose findings change.
 *
 *      two databases -> packages that they say different things of -> distinct components of those, by a range of keys each ->
 *      findings by the old and by the new database -> changes of a component -> the images that hold it -> notices
 */
#include "assess/fleet_priv.h"

struct change_list {
        struct advisory_change *at;
        size_t len, cap;
        struct arena *arena;
};

static bool change_take(void *ctx, const struct advisory_change *c)
{
        struct change_list *list = ctx;

        *ARENA_PUSH(list->arena, list) = (struct advisory_change){.ecosystem = c->ecosystem,
            .package = c->package,
            .key_lo = c->key_lo,
            .key_hi = arena_copy(list->arena, c->key_hi)};
        return true;
}

/* What the store knows of a component, as an inventory has it. */
static struct component component_of(const struct store_component *c)
{
        return (struct component){.ecosystem = c->ecosystem,
            .type = c->type,
            .name = c->name,
            .version = c->version,
            .source_name = c->source_name,
            .source_version = c->source_version,
            .module = c->module};
}

/*
 * At most FLEET_CHUNK rows as an inventory of their own. Behind them stand the packages that own some: nothing is known of them but
 * their ecosystem, and that is all that match wants to know.
 */
void fleet_inventory(const struct store_row *rows, size_t n, struct arena *a, struct inventory *ret)
{
        struct component *c = arena_array(a, 2 * n, sizeof(*c));
        size_t all = n;

        for (size_t i = 0; i < n; i++) {
                c[i] = component_of(&rows[i].c);
                if (rows[i].c.owner.len == 0)
                        continue;
                c[all] = (struct component){.ecosystem = rows[i].c.owner, .version = SPAN_LIT("0")};
                c[i].owner = (uint32_t)++all;
        }
        *ret = (struct inventory){.components = c, .n_components = all, .os_known = true, .complete = true};
}

static bool chunk_compare(struct fleet *f, const struct store_row *rows, size_t n, struct err *e)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        CLEANUP(match_freep) struct match *old = NULL, *new = NULL;
        struct inventory v;

        fleet_inventory(rows, n, a, &v);
        if (!match_inventory(&v, f->old, &old, e) || !match_inventory(&v, f->new, &new, e))
                return false;
        f->stats.components += n;
        return fleet_compare(f, rows, n, old, new, e);
}

static bool rows_compare(struct fleet *f, const struct store_row *rows, size_t n, struct err *e)
{
        for (size_t i = 0; i < n; i += FLEET_CHUNK)
                if (!chunk_compare(f, rows + i, n - i < FLEET_CHUNK ? n - i : FLEET_CHUNK, e))
                        return false;
        return true;
}

static bool package_compare(struct fleet *f, struct span ecosystem, const struct advisory_change *c, struct err *e)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        const struct store_range r = {.ecosystem = ecosystem,
            .package = c->package,
            .key_format = VERSION_KEY_FORMAT,
            .key_lo = c->key_lo,
            .key_hi = c->key_hi};
        struct store_row *rows;
        size_t n;

        return store_fleet_components(f->store, &r, a, &rows, &n, e) && rows_compare(f, rows, n, e);
}

/* Ubuntu's long-term releases stand with and without their mark; in the database without. */
static struct span without_lts(struct span ecosystem)
{
        if (span_starts(ecosystem, "Ubuntu:") && span_ends(ecosystem, ":LTS"))
                ecosystem.len -= strlen(":LTS");
        return ecosystem;
}

/* "Debian" speaks of every release. */
bool fleet_speaks_of(struct span advisories, struct span components)
{
        struct span name, release;

        components = without_lts(components);
        if (span_equal(advisories, components))
                return true;
        return span_split(components, ':', &name, &release) && span_equal(advisories, name);
}

static bool changes_compare(struct fleet *f, const struct change_list *changes, struct err *e)
{
        struct span *ecosystems;
        size_t n;

        if (!store_fleet_ecosystems(f->store, f->arena, &ecosystems, &n, e))
                return false;
        for (size_t i = 0; i < changes->len; i++)
                for (size_t k = 0; k < n; k++)
                        if (fleet_speaks_of(changes->at[i].ecosystem, ecosystems[k]) &&
                            !package_compare(f, ecosystems[k], &changes->at[i], e))
                                return false;
        return true;
}

static bool has_ecosystem(const struct advisory_db *db, struct span ecosystem)
{
        const struct advisory_db_info *info = advisory_db_info(db);

        for (size_t i = 0; i < info->n_ecosystems; i++)
                if (span_equal(info->ecosystems[i].ecosystem, without_lts(ecosystem)))
                        return true;
        return false;
}

/*
 * What a system's package installed is the system's to mend as long as the database knows the system. When that changes, all that
 * was installed so is looked at again, by walking over every component: once in a release's life.
 */
static bool owned_compare(struct fleet *f, struct err *e)
{
        int64_t after = 0;
        size_t n;

        do {
                CLEANUP(arena_freep) struct arena *a = arena_new();
                struct store_row *rows;
                size_t kept = 0;

                if (!store_fleet_all_components(f->store, after, 4096, a, &rows, &n, e))
                        return false;
                if (n > 0)
                        after = rows[n - 1].id;
                for (size_t i = 0; i < n; i++)
                        if (rows[i].c.owner.len > 0 &&
                            has_ecosystem(f->old, rows[i].c.owner) != has_ecosystem(f->new, rows[i].c.owner))
                                rows[kept++] = rows[i];
                if (!rows_compare(f, rows, kept, e))
                        return false;
        } while (n > 0);
        return true;
}

static bool same_ecosystems(const struct advisory_db *old, const struct advisory_db *new)
{
        const struct advisory_db_info *x = advisory_db_info(old), *y = advisory_db_info(new);

        if (x->n_ecosystems != y->n_ecosystems)
                return false;
        for (size_t i = 0; i < x->n_ecosystems; i++)
                if (!span_equal(x->ecosystems[i].ecosystem, y->ecosystems[i].ecosystem))
                        return false;
        return true;
}

static bool bases_open(struct fleet *f, struct err *e)
{
        struct span *matched;
        size_t n;

        if (!f->options->open)
                return true;
        if (!store_fleet_matched(f->store, f->arena, &matched, &n, e))
                return false;
        for (size_t i = 0; i < n && f->n_bases < FLEET_BASES_MAX; i++) {
                struct base *b = &f->bases[f->n_bases];

                if (span_is(matched[i], f->from) || span_is(matched[i], f->to) ||
                    !f->options->open(f->options->ctx, matched[i], &b->db))
                        continue;
                b->digest = matched[i];
                f->n_bases++;
        }
        return true;
}

static void bases_close(struct fleet *f)
{
        for (size_t i = 0; i < f->n_bases; i++)
                advisory_db_free(f->bases[i].db);
}

static bool pass(struct fleet *f, struct change_list *changes, struct err *e)
{
        return advisory_db_diff(f->old, f->new, change_take, changes, e) && changes_compare(f, changes, e) &&
               (same_ecosystems(f->old, f->new) || owned_compare(f, e)) && fleet_tell(f, e);
}

/* The same for the images of one base; what was counted and told goes on. */
static bool base_pass(struct fleet *f, const struct base *b, struct err *e)
{
        struct change_list changes = {.arena = f->arena};
        struct fleet of = *f;
        bool ok;

        of.old = b->db;
        of.of_base = true;
        digest_format(&advisory_db_info(b->db)->digest, of.from);
        memset(&of.changes, 0, sizeof(of.changes));
        memset(&of.rows, 0, sizeof(of.rows));
        ok = pass(&of, &changes, e);
        f->told.at = of.told.at;
        f->told.len = of.told.len;
        f->told.cap = of.told.cap;
        f->stats = of.stats;
        f->stats.packages += changes.len;
        return ok;
}

static bool base_passes(struct fleet *f, struct err *e)
{
        for (size_t i = 0; i < f->n_bases; i++)
                if (!base_pass(f, &f->bases[i], e))
                        return false;
        return true;
}

static bool reassess(struct fleet *f, struct span advisories, struct err *e)
{
        struct change_list changes = {.arena = f->arena};

        if (advisories.len > 0 && !f->old && !span_is(advisories, f->to))
                return err_set(e, ERR_CONFLICT,
                    "the images were last matched with the advisories %.*s, which are not there any more",
                    SPAN_FMT(advisories));
        /* What single images were matched with counts, even if nobody could record what all were. */
        if (!bases_open(f, e))
                return false;
        f->stats.first = advisories.len == 0 && f->n_bases == 0;
        if (!f->old)
                return base_passes(f, e);
        if (advisories.len > 0 && !span_is(advisories, f->from))
                return err_set(e, ERR_CONFLICT, "the images were last matched with the advisories %.*s, not with %s",
                    SPAN_FMT(advisories), f->from);
        if (!pass(f, &changes, e))
                return false;
        f->stats.packages = changes.len;
        return base_passes(f, e);
}

bool assess_fleet(struct store *s, const struct advisory_db *old, const struct advisory_db *new,
    const struct assess_fleet_options *o, struct assess_fleet_stats *ret, struct err *e)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        struct fleet f = {.store = s, .old = old, .new = new, .options = o, .arena = a};
        struct span advisories;
        bool ok;

        digest_format(&advisory_db_info(new)->digest, f.to);
        if (old)
                digest_format(&advisory_db_info(old)->digest, f.from);
        if (!store_fleet_begin(s, a, &advisories, e))
                return false;
        ok = reassess(&f, advisories, e);
        bases_close(&f);
        if (!store_fleet_end(s, ok, span_of(f.to), e))
                return false;
        for (size_t i = 0; i < f.told.len && o->on_image; i++)
                o->on_image(o->ctx, f.told.at[i].digest, f.told.at[i].name, f.told.at[i].notice);
        *ret = f.stats;
        return true;
}
