/*
 * Package lists that no detector reads yet. An image that has one is "not assessed", never "clean".
 * Whoever adds a detector for one takes its line from here.
 */
#include "inventory/detect_priv.h"

static const char *const lists[] = {
    "nix/var/nix/db/db.sqlite",
};

static bool wants(struct span path)
{
        for (size_t i = 0; i < ARRAY_LEN(lists); i++)
                if (span_is(path, lists[i]))
                        return true;
        return false;
}

static void read_nothing(struct span content, struct findings *f)
{
        (void)content;
        findings_note(f, "a package list: no detector reads it, its packages were not assessed");
}

const struct detector detect_unread = {
    .name = "unread",
    .size_max = 0,
    .wants = wants,
    .read = read_nothing,
};
