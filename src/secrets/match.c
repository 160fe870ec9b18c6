/* Vectorscan, loaded by hand: the one file that knows it. */
#include <dlfcn.h>
#include <hs/hs.h>
#include <stdlib.h>
#include <string.h>

#include "secrets/secrets_priv.h"

static struct {
        void *handle;
        __typeof__(hs_compile_multi) *compile_multi;
        __typeof__(hs_free_compile_error) *free_compile_error;
        __typeof__(hs_free_database) *free_database;
        __typeof__(hs_serialize_database) *serialize_database;
        __typeof__(hs_deserialize_database) *deserialize_database;
        __typeof__(hs_alloc_scratch) *alloc_scratch;
        __typeof__(hs_free_scratch) *free_scratch;
        __typeof__(hs_scan) *scan;
} hs;

static bool symbol(const char *name, void *to)
{
        void *at = dlsym(hs.handle, name);

        memcpy(to, &at, sizeof(at));
        return at != NULL;
}

bool secrets_load(struct err *e)
{
        if (hs.scan)
                return true;
        hs.handle = dlopen("libhs.so.5", RTLD_NOW | RTLD_LOCAL);
        if (!hs.handle)
                return err_set(e, ERR_UNSUPPORTED,
                    "looking for secrets needs Vectorscan: apt install libvectorscan5 (%s)", dlerror());
        if (!symbol("hs_compile_multi", &hs.compile_multi) ||
            !symbol("hs_free_compile_error", &hs.free_compile_error) ||
            !symbol("hs_free_database", &hs.free_database) ||
            !symbol("hs_serialize_database", &hs.serialize_database) ||
            !symbol("hs_deserialize_database", &hs.deserialize_database) ||
            !symbol("hs_alloc_scratch", &hs.alloc_scratch) || !symbol("hs_free_scratch", &hs.free_scratch) ||
            !symbol("hs_scan", &hs.scan))
                return err_set(e, ERR_UNSUPPORTED, "libhs.so.5 is not the Vectorscan that we know: %s", dlerror());
        return true;
}

bool matcher_compile(const struct secrets_rules *r, struct buf *ret, struct err *e)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        size_t n = r->rules.len;
        const char **expressions = arena_array(a, n, sizeof(*expressions));
        unsigned *flags = arena_array(a, n, sizeof(*flags)), *ids = arena_array(a, n, sizeof(*ids));
        hs_compile_error_t *why = NULL;
        hs_database_t *db = NULL;
        char *bytes = NULL;
        size_t len = 0;

        if (!secrets_load(e))
                return false;
        for (size_t i = 0; i < n; i++) {
                expressions[i] = arena_string(a, r->rules.at[i].match);
                flags[i] = HS_FLAG_SOM_LEFTMOST; /* where a match begins, not its end alone */
                ids[i] = (unsigned)i;
        }
        if (hs.compile_multi(expressions, flags, ids, (unsigned)n, HS_MODE_BLOCK, NULL, &db, &why) != HS_SUCCESS) {
                bool ours = why && why->expression >= 0 && (size_t)why->expression < n;
                err_set(e, ERR_MALFORMED, "%.*s: Vectorscan does not take the expression: %s",
                    ours ? (int)r->rules.at[why->expression].id.len : 5,
                    ours ? (const char *)r->rules.at[why->expression].id.at : "rules",
                    why ? why->message : "no reason given");
                hs.free_compile_error(why);
                return false;
        }
        bool ok = hs.serialize_database(db, &bytes, &len) == HS_SUCCESS;
        if (ok)
                buf_put(ret, span_bytes(bytes, len));
        free(bytes);
        hs.free_database(db);
        return (ok && !ret->failed) || err_set(e, ERR_LIMIT, "the compiled rules are too large");
}

struct matcher {
        hs_database_t *db;
        hs_scratch_t *scratch;
};

bool matcher_open(struct span compiled, struct matcher **ret, struct err *e)
{
        struct matcher *m;

        if (!secrets_load(e))
                return false;
        m = heap_alloc(sizeof(*m));
        hs_error_t rc = hs.deserialize_database((const char *)compiled.at, compiled.len, &m->db);
        if (rc != HS_SUCCESS || hs.alloc_scratch(m->db, &m->scratch) != HS_SUCCESS) {
                matcher_free(m);
                if (rc == HS_DB_VERSION_ERROR || rc == HS_DB_PLATFORM_ERROR)
                        return err_set(
                            e, ERR_UNSUPPORTED, "the rules were compiled for another processor or Vectorscan");
                return err_set(e, ERR_MALFORMED, "the compiled rules are damaged");
        }
        *ret = m;
        return true;
}

void matcher_free(struct matcher *m)
{
        if (!m)
                return;
        if (m->scratch)
                hs.free_scratch(m->scratch);
        if (m->db)
                hs.free_database(m->db);
        free(m);
}

struct scan {
        bool (*on_match)(void *ctx, size_t rule, size_t from, size_t to);
        void *ctx;
};

static int on_event(unsigned id, unsigned long long from, unsigned long long to, unsigned flags, void *ctx)
{
        const struct scan *s = ctx;

        (void)flags;
        return s->on_match(s->ctx, id, (size_t)from, (size_t)to) ? 0 : 1;
}

void matcher_scan(const struct matcher *m, struct span text,
    bool (*on_match)(void *ctx, size_t rule, size_t from, size_t to), void *ctx)
{
        struct scan s = {on_match, ctx};

        if (text.len > 0)
                (void)hs.scan(m->db, (const char *)text.at, (unsigned)text.len, 0, m->scratch, on_event, &s);
}
