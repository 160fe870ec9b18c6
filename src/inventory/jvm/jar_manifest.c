#include "inventory/jvm/jar_priv.h"

/* One header's value, its lines joined: at most JAR_HEADER_MAX bytes of it. */
struct header {
        struct span name;
        struct buf value;
};

static bool name_is(struct span name, const char *wanted)
{
        return name.len == strlen(wanted) && strncasecmp((const char *)name.at, wanted, name.len) == 0;
}

static struct span *place_of(struct jar_manifest *m, struct span name)
{
        const struct {
                const char *name;
                struct span *to;
        } headers[] = {
            {"Implementation-Title", &m->title},
            {"Implementation-Version", &m->version},
            {"Implementation-Vendor-Id", &m->vendor_id},
            {"Implementation-Vendor", &m->vendor},
            {"Specification-Version", &m->specification_version},
            {"Bundle-SymbolicName", &m->symbolic_name},
            {"Bundle-Version", &m->bundle_version},
            {"Bundle-License", &m->bundle_license},
            {"Automatic-Module-Name", &m->module},
            {"Group-Id", &m->group_id},
            {"Short-Name", &m->short_name},
            {"Plugin-Version", &m->plugin_version},
        };

        for (size_t i = 0; i < ARRAY_LEN(headers); i++)
                if (name_is(name, headers[i].name))
                        return headers[i].to;
        return NULL;
}

/* The last of a name counts, as java.util.jar.Attributes has it. */
static void header_end(struct header *h, struct arena *a, struct jar_manifest *m)
{
        struct span *to = h->name.len > 0 ? place_of(m, h->name) : NULL;
        struct span value = span_trim(buf_span(&h->value)), rest;

        if (to) {
                if (to == &m->symbolic_name) {
                        span_split(value, ';', &value, &rest);
                        value = span_trim(value);
                }
                *to = text_is_clean(value, JAR_HEADER_MAX) ? arena_copy(a, value) : (struct span){0};
        }
        h->name = (struct span){0};
        buf_clear(&h->value);
}

/* Lines end with "\r\n", '\n' or '\r'. */
static bool next_line(struct span *rest, struct span *ret)
{
        size_t n = 0;

        if (rest->len == 0)
                return false;
        while (n < rest->len && rest->at[n] != '\n' && rest->at[n] != '\r')
                n++;
        *ret = span_cut(*rest, 0, n);
        if (n + 1 < rest->len && rest->at[n] == '\r' && rest->at[n + 1] == '\n')
                n++;
        *rest = span_from(*rest, n + 1);
        return true;
}

bool jar_manifest_read(struct span text, struct arena *a, struct jar_manifest *ret)
{
        CLEANUP(buf_done) struct buf room = {0};
        struct header h = {.value = {.max = JAR_HEADER_MAX}};
        struct span line, value;
        bool ended = false;

        while (!ended && next_line(&text, &line)) {
                ended = line.len == 0;
                if (line.len > 0 && line.at[0] == ' ') {
                        buf_put(&h.value, span_from(line, 1));
                        continue;
                }
                header_end(&h, a, ret);
                if (span_split(line, ':', &h.name, &value))
                        buf_put(&h.value, value);
                else
                        h.name = (struct span){0};
        }
        header_end(&h, a, ret);
        room = h.value;
        return ended;
}
