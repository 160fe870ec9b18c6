/* OpenVEX 0.2.0 out: one form, whatever the statements came from. The same draft gives the same bytes. */
#include "advisory/vex/vex_priv.h"

const char vex_justifications[] =
    "component_not_present vulnerable_code_not_present vulnerable_code_not_in_execute_path "
    "vulnerable_code_cannot_be_controlled_by_adversary inline_mitigations_already_exist";

bool vex_justification_is_known(struct span label)
{
        struct span rest = span_of(vex_justifications), one;

        while (rest.len > 0) {
                span_split(rest, ' ', &one, &rest);
                if (label.len > 0 && span_equal(one, label))
                        return true;
        }
        return false;
}

static bool names_are_there(const struct vex_statement *s)
{
        for (size_t i = 0; i < s->n_products; i++) {
                if (s->products[i].name.len == 0 || s->products[i].ecosystem.len > 0 || s->products[i].range.len > 0)
                        return false;
                for (size_t k = 0; k < s->products[i].n_subcomponents; k++)
                        if (s->products[i].subcomponents[k].len == 0)
                                return false;
        }
        return s->n_products > 0;
}

bool vex_statement_check(const struct vex_statement *s, struct err *e)
{
        bool ruled_out = s->status == VEX_STATUS_NOT_AFFECTED;

        if (s->n_ids == 0 || s->ids[0].len == 0)
                return err_set(e, ERR_MALFORMED, "a statement needs the id of a vulnerability");
        if (s->status == VEX_STATUS_NONE)
                return err_set(e, ERR_MALFORMED, "a statement needs a status");
        if (!names_are_there(s))
                return err_set(e, ERR_MALFORMED, "a statement needs a product, each with a name");
        if (s->justification.len > 0 && !vex_justification_is_known(s->justification))
                return err_set(e, ERR_MALFORMED, "the justification is one of %s", vex_justifications);
        if (ruled_out && s->justification.len == 0 && s->note.len == 0)
                return err_set(e, ERR_MALFORMED,
                    "not_affected needs a justification or an impact statement: who reads it asks why");
        if (!ruled_out && s->justification.len > 0)
                return err_set(e, ERR_MALFORMED, "a justification is for not_affected alone");
        if (s->status == VEX_STATUS_AFFECTED && s->action.len == 0)
                return err_set(e, ERR_MALFORMED, "affected needs an action statement: what whoever has it can do");
        if (s->status != VEX_STATUS_AFFECTED && s->action.len > 0)
                return err_set(e, ERR_MALFORMED, "an action statement is for affected alone");
        return true;
}

/* An "@id" for all, and what a digest is in the member for it. */
static void put_component(struct json_out *o, struct span name)
{
        json_out_member(o, "@id", name);
        if (!span_starts(name, "sha256:"))
                return;
        json_out_key(o, "hashes");
        json_out_object(o);
        json_out_member(o, "sha-256", span_from(name, strlen("sha256:")));
        json_out_object_end(o);
}

static void put_products(struct json_out *o, const struct vex_statement *s)
{
        json_out_key(o, "products");
        json_out_array(o);
        for (size_t i = 0; i < s->n_products; i++) {
                const struct vex_product *p = &s->products[i];

                json_out_object(o);
                put_component(o, p->name);
                if (p->n_subcomponents > 0) {
                        json_out_key(o, "subcomponents");
                        json_out_array(o);
                        for (size_t k = 0; k < p->n_subcomponents; k++) {
                                json_out_object(o);
                                put_component(o, p->subcomponents[k]);
                                json_out_object_end(o);
                        }
                        json_out_array_end(o);
                }
                json_out_object_end(o);
        }
        json_out_array_end(o);
}

static void member_unless_empty(struct json_out *o, const char *key, struct span s)
{
        if (s.len > 0)
                json_out_member(o, key, s);
}

static void put_statement(struct json_out *o, const struct vex_statement *s)
{
        char when[CLOCK_TEXT_MAX];

        json_out_object(o);
        json_out_key(o, "vulnerability");
        json_out_object(o);
        json_out_member(o, "name", s->ids[0]);
        if (s->n_ids > 1) {
                json_out_key(o, "aliases");
                json_out_array(o);
                for (size_t i = 1; i < s->n_ids; i++)
                        json_out_string(o, s->ids[i]);
                json_out_array_end(o);
        }
        json_out_object_end(o);
        if (s->time_s > 0)
                json_out_member_text(o, "timestamp", clock_format(s->time_s, when));
        put_products(o, s);
        json_out_member_text(o, "status", vex_status_name(s->status));
        member_unless_empty(o, "justification", s->justification);
        member_unless_empty(o, s->status == VEX_STATUS_NOT_AFFECTED ? "impact_statement" : "status_notes", s->note);
        member_unless_empty(o, "action_statement", s->action);
        json_out_object_end(o);
}

static void write_with(const struct vex_draft *d, struct span id, struct buf *to)
{
        char when[CLOCK_TEXT_MAX];
        struct json_out o;

        json_out_init(&o, to, 2);
        json_out_object(&o);
        json_out_member_text(&o, "@context", "https://openvex.dev/ns/v0.2.0");
        json_out_member(&o, "@id", id);
        json_out_member(&o, "author", d->author);
        member_unless_empty(&o, "role", d->role);
        json_out_member_text(&o, "timestamp", clock_format(d->time_s, when));
        json_out_member_u64(&o, "version", d->version);
        member_unless_empty(&o, "tooling", d->tooling);
        json_out_key(&o, "statements");
        json_out_array(&o);
        for (size_t i = 0; i < d->n_statements; i++)
                put_statement(&o, &d->statements[i]);
        json_out_array_end(&o);
        json_out_object_end(&o);
        buf_put_text(to, "\n");
}

/* RFC 9562, 5.8: a UUID of version 8 is whatever its maker says; here the first bytes of a digest. */
static struct span uuid_of(struct span content, char out[64])
{
        struct digest d;
        uint8_t *b = d.bytes;

        digest_of(DIGEST_SHA256, content, &d);
        b[6] = (uint8_t)((b[6] & 0x0f) | 0x80);
        b[8] = (uint8_t)((b[8] & 0x3f) | 0x80);
        snprintf(out, 64, "urn:uuid:%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1],
            b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
        return span_of(out);
}

void vex_write(const struct vex_draft *d, struct buf *to)
{
        CLEANUP(buf_done) struct buf nameless = {0};
        char uuid[64];

        if (d->id.len > 0) {
                write_with(d, d->id, to);
                return;
        }
        write_with(d, d->id, &nameless);
        to->failed |= nameless.failed;
        write_with(d, uuid_of(buf_span(&nameless), uuid), to);
}
