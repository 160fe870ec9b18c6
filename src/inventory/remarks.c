/* Who remarks on files. */
#include "inventory/secret_remarks_priv.h"

/* Programs that run with their owner's or group's rights whoever starts them: chmod(2), S_ISUID and S_ISGID. */
static bool set_id_wants(const struct image_entry *entry)
{
        return (entry->mode & 06000) != 0;
}

static void *set_id_begin(struct findings *f, const struct image_entry *entry)
{
        char mode[16];

        snprintf(mode, sizeof(mode), "mode %04o", entry->mode);
        findings_remark(f,
            &(struct remark){.kind = REMARK_CONFIGURATION,
                .severity = REMARK_LOW,
                .rule = SPAN_LIT("config.setuid-file"),
                .title = SPAN_LIT("a program that runs with the rights of its owner or group, whoever starts it"),
                .excerpt = span_of(mode),
                .remedy = SPAN_LIT("chmod a-s, or leave the package out, unless the image needs it")});
        return NULL;
}

static const struct remark_reader set_id = {.name = "set-id", .wants = set_id_wants, .begin = set_id_begin};

const struct remark_reader *const remark_readers[] = {
    &set_id,
    &secret_remarks,
    NULL,
};
