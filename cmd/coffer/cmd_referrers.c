/* referrers: what is attached to an image. */
#include "commands.h"
#include "target.h"

static const char *arg_format = "table", *arg_type;

static void unless_empty(struct json_out *o, const char *key, struct span s)
{
        json_out_key(o, key);
        if (s.len > 0)
                json_out_string(o, s);
        else
                json_out_null(o);
}

static void blobs_put(struct json_out *o, const struct image_referrer *r)
{
        char text[DIGEST_TEXT_MAX];

        json_out_key(o, "blobs");
        json_out_array(o);
        for (size_t i = 0; i < r->n_blobs; i++) {
                json_out_object(o);
                json_out_member(o, "media_type", r->blobs[i].media_type);
                json_out_member_text(o, "digest", digest_format(&r->blobs[i].digest, text));
                json_out_member_u64(o, "size", r->blobs[i].size);
                unless_empty(o, "title", r->blobs[i].title);
                json_out_object_end(o);
        }
        json_out_array_end(o);
}

static void print_json(const struct launch_referrers *x, struct buf *to)
{
        char text[DIGEST_TEXT_MAX];
        struct json_out o;

        json_out_init(&o, to, 2);
        json_out_object(&o);
        json_out_member(&o, "image", x->image->name);
        json_out_member_text(&o, "digest", digest_format(&x->image->manifest, text));
        unless_empty(&o, "index",
            x->image->index.alg == DIGEST_NONE ? (struct span){0} : span_of(digest_format(&x->image->index, text)));
        json_out_key(&o, "referrers");
        json_out_array(&o);
        for (size_t i = 0; i < x->list.len; i++) {
                const struct image_referrer *r = &x->list.at[i];

                json_out_object(&o);
                json_out_member_text(&o, "digest", digest_format(&r->digest, text));
                json_out_member_text(&o, "subject", digest_format(&r->subject, text));
                unless_empty(&o, "artifact_type", r->artifact_type);
                json_out_member(&o, "media_type", r->media_type);
                json_out_member_u64(&o, "size", r->size);
                unless_empty(&o, "created", r->created);
                unless_empty(&o, "title", r->title);
                blobs_put(&o, r);
                unless_empty(&o, "refused", r->refused);
                json_out_object_end(&o);
        }
        json_out_array_end(&o);
        json_out_object_end(&o);
        buf_put_text(to, "\n");
}

/* What somebody has pushed there, made harmless for a terminal; "-" for nothing. */
static const char *cell(struct span s, char *out, size_t size)
{
        return s.len > 0 ? span_printable(s, out, size) : "-";
}

/* Its own, or that of the only file in it. */
static struct span title_of(const struct image_referrer *r)
{
        return r->title.len == 0 && r->n_blobs == 1 ? r->blobs[0].title : r->title;
}

static void print_table(const struct launch_referrers *x, struct buf *to)
{
        const struct digest *subject = NULL;
        char text[DIGEST_TEXT_MAX], type[128], created[40], title[128], refused[ERR_TEXT_MAX];

        if (x->list.len == 0)
                buf_printf(to, "nothing%s%s is attached to it (%s)\n", arg_type ? " of type " : "",
                    arg_type ? arg_type : "", digest_format(&x->image->manifest, text));
        for (size_t i = 0; i < x->list.len; i++) {
                const struct image_referrer *r = &x->list.at[i];

                if (!subject || !digest_equal(subject, &r->subject)) {
                        buf_printf(to, "%sattached to the %s %s\n", subject ? "\n" : "",
                            digest_equal(&r->subject, &x->image->manifest) ? "image" : "index of the image,",
                            digest_format(&r->subject, text));
                        buf_printf(
                            to, "  %-71s  %-40s  %8s  %-20s  %s\n", "DIGEST", "TYPE", "SIZE", "CREATED", "TITLE");
                        subject = &r->subject;
                }
                buf_printf(to, "  %-71s  %-40s  %8llu  %-20s  %s\n", digest_format(&r->digest, text),
                    cell(r->artifact_type, type, sizeof(type)), (unsigned long long)r->size,
                    cell(r->created, created, sizeof(created)), cell(title_of(r), title, sizeof(title)));
                if (r->refused.len > 0)
                        buf_printf(to, "    REFUSED: %s\n", span_printable(r->refused, refused, sizeof(refused)));
        }
}

static int referrers_run(int argc, char **argv)
{
        CLEANUP(launch_referrers_freep) struct launch_referrers *x = NULL;
        CLEANUP(buf_done) struct buf b = {0};
        const struct launch_request request = {
            .reference = argv[0], .platform = arg_platform, .registry = target_registry_options(), .root_fd = -1};
        struct err e = {0};

        (void)argc;
        if (!launch_referrers(&request, arg_type, &x, &e))
                return cli_fail(&e);
        if (strcmp(arg_format, "json") == 0)
                print_json(x, &b);
        else
                print_table(x, &b);
        if (!cli_write_output(NULL, buf_span(&b), &e))
                return cli_fail(&e);
        for (size_t i = 0; i < x->list.len; i++)
                if (x->list.at[i].refused.len > 0)
                        return EXIT_NOT_ASSESSED;
        return EXIT_CLEAN;
}

static const struct cli_option referrers_options[] = {
    {"artifact-type", 0, CLI_TEXT, "TYPE", "of this type alone: application/vnd.openvex+json", &arg_type, NULL},
    {"format", 'o', CLI_TEXT, "FORMAT", "for people or for programs", &arg_format, "table json"},
    {"platform", 0, CLI_TEXT, "OS/ARCH", "of an image for several (the host's)", &arg_platform, NULL},
    REGISTRY_OPTIONS,
};

const struct cli_command cmd_referrers = {
    .name = "referrers",
    .operands = "IMAGE",
    .summary = "list what is attached to an image: signatures, bills of materials, statements (VEX)",
    .about = "Referrers (OCI 1.1): what names the image, or the index for several platforms that led to it, as its "
             "subject. A "
             "registry is asked for its list, or for the tag that stands for it where it has no such lists; of an OCI "
             "layout its "
             "index.json is read. Every manifest in the list is fetched and verified: one that is missing, is not of "
             "its digest, "
             "or names another subject or type is listed as refused, and the exit status is 3.\n\n"
             "Nothing here is signed, and whoever may push to the repository may attach what they like. scan, check, "
             "run and explain heed the statements among it with --vex attached (docs/vex.md).\n\n"
             "IMAGE is oci:DIR[:TAG] or a folder that is a layout; docker://NAME, or a NAME that is no path here, of a "
             "registry.",
    .examples = "coffer referrers ghcr.io/org/app:1\twhat is there\n"
                "coffer referrers -o json --artifact-type application/vnd.openvex+json ./image\tfor programs",
    .options = referrers_options,
    .n_options = ARRAY_LEN(referrers_options),
    .min_operands = 1,
    .max_operands = 1,
    .run = referrers_run,
};
