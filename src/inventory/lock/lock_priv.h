/*
 * What the readers of lock files share.
 *
 * They list what a project declares, not the project itself nor what lies in its own folders: packages with no other
 * source than a path. Each is listed once for a file, however often the file names it; it counts as one for development
 * only if every mention is.
 */
#pragma once

#include "inventory/detect_priv.h"
#include "inventory/lock/tree_priv.h"
#include "inventory/os/words_priv.h"

#define LOCK_FILE_MAX (16u << 20)     /* bytes */
#define LOCK_FILE_BIG_MAX (32u << 20) /* of Node's managers: one of 20,000 packages is 10 MiB */
#define LOCK_PACKAGES_MAX 200000u     /* of one file, duplicates counted; the largest real ones have 30,000 */

struct lock {
        struct findings *f;
        const char *place; /* for notes: "yarn.lock" */
        struct arena *arena;
        struct {
                struct package *at;
                size_t len, cap;
        } packages;
        size_t n_left_out; /* above LOCK_PACKAGES_MAX */
};

/* Of a lock file that says something of the image: not in documentation, nor shipped within an installed package. */
bool lock_path(struct span path);
static inline bool lock_named(struct span path, const char *name)
{
        return span_is(path_name(path), name) && lock_path(path);
}

/* Texts must live as long as l->arena. A name or version that can't be one makes a note. */
void lock_add(struct lock *l, const struct package *p);
/* With the name checked for the characters in `never` and the version for blanks. */
static inline void lock_add_plain(struct lock *l, struct span name, struct span version, bool development)
{
        lock_add(l, &(struct package){.name = name, .version = version, .development = development});
}
/*
 * Of git, a URL or a file: `url` becomes the purl's vcs_url or download_url, without passwords and queries; it may be
 * empty. With a release's number it is looked up like one of the registry, since a copy has the flaws of what it was
 * copied from. Whoever has a commit or a branch in its place says so by the ecosystem "": those have no order.
 */
void lock_add_elsewhere(struct lock *l, const struct package *p, struct span url);
/* Sorted, and each once, to the findings. */
void lock_end(struct lock *l);

/* PEP 503: "Foo._Bar" -> "foo-bar". */
struct span lock_python_name(struct arena *a, struct span name);
/*
 * PEP 508's "name[extra] == 1.2.3; marker" or "name @ URL", of which a copy is added. What is open, "name>=1", is no
 * package: which release was chosen shows where it is installed. `type` and `ecosystem` may be NULL: the detector's.
 */
void lock_requirement(struct lock *l, struct span line, const char *type, const char *ecosystem);
/* "https://HOST/@scope/name/-/name-1.2.3.tgz": a release's address at npm's registry and its mirrors. */
bool lock_npm_release(struct span url, struct span *ret_name, struct span *ret_version);
/* ASCII letters made small. */
struct span lock_small(struct arena *a, struct span s);

/*
 * The readers of whole documents: `each` gets the tree, whose root is a map; what it adds is listed afterwards. A
 * document that does not hold makes a note.
 */
typedef bool lock_reader(struct tree *t, struct span in, struct err *e);
void lock_tree(struct span content, struct findings *f, const char *place, lock_reader *read,
    void (*each)(struct lock *l, const struct tree *t));
/* The same for lines or anything else. */
void lock_text(
    struct span content, struct findings *f, const char *place, void (*each)(struct lock *l, struct span content));

/*
 * What of a graph of packages is reached from the project without its development dependencies. Nodes are numbers below
 * `n`; edges may be added in any order.
 */
struct lock_graph {
        struct arena *arena;
        size_t n;
        struct {
                struct lock_edge {
                        size_t from, to;
                } * at;
                size_t len, cap;
        } edges;
        struct {
                size_t *at;
                size_t len, cap;
        } roots;
        bool *reached; /* after lock_graph_walk */
};
void lock_graph_edge(struct lock_graph *g, size_t from, size_t to);
void lock_graph_root(struct lock_graph *g, size_t node);
void lock_graph_walk(struct lock_graph *g);

#define LOCK_DETECTOR_SIZED(NAME, TYPE, ECOSYSTEM, NAMES, WANTS, READ, SIZE)                                          \
        {                                                                                                             \
                .name = (NAME), .type = (TYPE), .ecosystem = (ECOSYSTEM), .confidence = CONFIDENCE_HIGH,              \
                .state = COMPONENT_DECLARED, .by_path = true, .size_max = (SIZE), .wants = (WANTS), .names = (NAMES), \
                .any_path = true, .read = (READ),                                                                     \
        }
#define LOCK_DETECTOR(NAME, TYPE, ECOSYSTEM, NAMES, WANTS, READ) \
        LOCK_DETECTOR_SIZED(NAME, TYPE, ECOSYSTEM, NAMES, WANTS, READ, LOCK_FILE_MAX)
/* The usual one: files of a single name. */
#define LOCK_DETECTOR_OF(ID, NAME, TYPE, ECOSYSTEM, FILE, READ) \
        static bool ID##_wants(struct span path)                \
        {                                                       \
                return lock_named(path, (FILE));                \
        }                                                       \
        const struct detector detect_##ID = LOCK_DETECTOR(NAME, TYPE, ECOSYSTEM, FILE, ID##_wants, READ)
#define LOCK_DETECTOR_BIG(ID, NAME, TYPE, ECOSYSTEM, FILE, READ) \
        static bool ID##_wants(struct span path)                 \
        {                                                        \
                return lock_named(path, (FILE));                 \
        }                                                        \
        const struct detector detect_##ID =                      \
            LOCK_DETECTOR_SIZED(NAME, TYPE, ECOSYSTEM, FILE, ID##_wants, READ, LOCK_FILE_BIG_MAX)

extern const struct detector detect_lock_npm, detect_lock_yarn, detect_lock_pnpm, detect_lock_bun, detect_lock_poetry,
    detect_lock_uv, detect_lock_pdm, detect_lock_cargo, detect_lock_pipenv, detect_lock_requirements, detect_lock_go,
    detect_lock_composer, detect_lock_gem, detect_lock_nuget, detect_lock_gradle, detect_lock_mix, detect_lock_pub,
    detect_lock_cocoapods, detect_lock_swift, detect_lock_conan, detect_lock_bun_binary, detect_lock_pylock,
    detect_lock_nuget_config, detect_lock_paket, detect_lock_pom, detect_lock_rebar, detect_lock_deno, detect_lock_renv,
    detect_lock_conda, detect_lock_environment, detect_lock_stack, detect_lock_cabal, detect_lock_nuget_project;
