/*
 * Layers' reports -> what the merged image holds. A pure function. merge.c puts layers on each other, merge_components.c
 * makes what is listed, merge_owners.c says who owns what, merge_remarks.c and merge_notes.c the rest.
 */
#pragma once

#include "inventory/layer_priv.h"

/*
 * Fills v->os, os_known, components, remarks, notes and complete from the reports, lowest first, as an overlay mount would
 * see the layers. Everything is copied into v->arena. v->components[].layer is the lowest layer since which the component
 * was there without a break: a status file that every layer rewrites does not move its packages up.
 */
void inventory_merge(struct layer_report *const *reports, size_t n, struct inventory *v);

/* An empty one with its arena. */
struct inventory *inventory_new(void);

/* Order of components in an inventory; no two are equal. */
int component_compare(const struct component *a, const struct component *b);
/* Order of remarks: all that is told of one is compared. */
int remark_compare(const struct remark *a, const struct remark *b);

/* ---- the parts of a merge ---- */

/* A file of a layer that says something. */
struct source {
        const struct evidence *evidence;
        struct place *place;
        size_t *keys; /* of its packages */
};

/* A path that some layer says something of, and its ancestors' ids: ids[i] is of the first `ends[i]` bytes. */
struct place {
        struct span path;
        size_t *ends;
        struct path_id *ids;
        size_t n_ids;
        const struct source *live; /* the layer's file that is visible now; NULL: none */
        uint32_t live_layer;
};

/* A package, as components are told apart. */
struct key {
        const struct source *source;
        const struct package *package;
        size_t *slot; /* where its source keeps the number of this key */
};

/* How many visible files state it, while the layers are put on each other. */
struct presence {
        size_t count, count_below; /* count_below: before the layer `touched` */
        uint32_t touched;          /* layer + 1; 0: never */
        uint32_t since;
        /* Of the visible files that state it, the first by path. */
        const struct source *source;
        const struct package *package;
        bool needed; /* one of them says that it is not for development alone */
};

/* Whiteouts and opaque folders of a layer, sorted. */
struct hidden {
        struct span_list whiteouts, opaques;
};

struct notes {
        struct span *at;
        size_t len, cap, left_out;
};

/* A component on its way to the list. */
struct draft {
        struct component c;
        size_t key;
        const struct source *source;
        const struct package *package;
        bool of_system; /* of the operating system's package manager */
        bool gone;
};

/* A file in which secrets were seen, ascending by path. */
struct secret_file {
        struct span path;
        uint32_t owner; /* of the system's components: 1 + index of its draft; 0: none */
};

struct merge {
        struct arena *arena;
        struct layer_report *const *reports;
        size_t n_layers;
        struct inventory *v;
        struct source **sources; /* of each layer, beside its evidence */
        struct place *places;    /* ascending by path */
        size_t n_places;
        struct hidden *hidden; /* of each layer */
        struct key *keys;      /* one of each kind */
        struct presence *presence;
        size_t n_keys;
        struct {
                size_t *at;
                size_t len, cap;
        } touched;
        struct draft *drafts; /* in the order of components */
        size_t n_drafts;
        struct secret_file *secrets;
        size_t n_secrets;
        bool usr_links[USR_LINKS]; /* of the merged image */
        struct notes notes;
};

void place_init(struct arena *a, struct place *p, struct span path);
/* Whether a layer hides what lies at this path in the layers below: it, or a folder above it, is gone or replaced. */
bool layer_hides(const struct layer_report *r, const struct hidden *h, const struct place *p);
const char *package_type(const struct detector *d, const struct package *p);
enum component_state package_state(const struct detector *d, const struct package *p);

/* Returns how many packages are the system's own. `ret_type`: the type of the first. */
size_t merge_components(struct merge *m, const struct os_release *os, const char **ret_type);
/* Licences and numbers of files from supplements, owners; marks as gone what is not to be listed. */
void merge_owners(struct merge *m);
/* Before merge_components: the files with secrets, whose owners it will look up. */
void merge_secret_files(struct merge *m);
void merge_remarks(struct merge *m);

void merge_note(struct merge *m, struct span text); /* in v->arena */
void merge_notes(struct merge *m, const struct os_release *os, size_t n_system, const char *system_type);
