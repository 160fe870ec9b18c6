/*
 * OVAL 5.x definitions: what a document says is gathered into compact tables first, for a definition refers to tests that come
 * behind it, and they to objects and states behind them; then definition after definition is told.
 *
 * Texts that are needed are kept once each; descriptions, half of a document, are not. The tables take up to two thirds of its size.
 */
#pragma once

#include "advisory/feed/csaf_priv.h"

#define OVAL_NAMES_MAX (1u << 24)    /* texts of one document; Ubuntu's largest has 900,000 */
#define OVAL_NODES_MAX (1u << 24)    /* of all criteria; SUSE's largest have 3 million */
#define OVAL_TEST_STATES 4u          /* of one test; seen: 2 */
#define OVAL_SYSTEMS_MAX 256u        /* of one document; seen: 60 */
#define OVAL_ALTERNATIVES_MAX 65536u /* packages and conditions of one definition; a kernel's has 3,000 */
#define OVAL_STRANGERS_MAX 64u       /* systems that nobody asks for, each told once */

/* A text of the document by its number; 0 is the empty one. */
typedef uint32_t oval_name;

enum oval_op {
        OVAL_OP_NONE = 0, /* one that is not known here */
        OVAL_OP_EQUALS,
        OVAL_OP_LESS,
        OVAL_OP_LESS_OR_EQUAL,
        OVAL_OP_GREATER,
        OVAL_OP_GREATER_OR_EQUAL,
        OVAL_OP_PATTERN
};

struct oval_state {
        bool evr, version; /* what `value` is of; neither: there is none */
        bool odd;          /* asks for more than one version, or for something that is not known here */
        bool signature;    /* whose key: no condition on a version */
        bool other;        /* of an architecture, a text: none either */
        enum oval_op op;
        oval_name value;
};

struct oval_object {
        oval_name name, file; /* file: path, or path's last part */
        bool pattern;         /* the name is one */
};

enum oval_test_kind {
        OVAL_TEST_OTHER = 0,
        OVAL_TEST_PACKAGE, /* rpminfo, dpkginfo */
        OVAL_TEST_RELEASE, /* rpmverifyfile: of a release file */
        OVAL_TEST_TEXT,    /* textfilecontent54 */
        OVAL_TEST_MACHINE  /* uname, variable: what is running */
};

struct oval_test {
        enum oval_test_kind kind;
        bool none; /* check="none satisfy" or check_existence="none_exist" */
        bool odd;  /* a check or an operator that is not known here */
        uint8_t n_states;
        oval_name object, states[OVAL_TEST_STATES];
};

enum oval_node_kind { OVAL_NODE_AND = 0, OVAL_NODE_OR, OVAL_NODE_ODD, OVAL_NODE_CRITERION, OVAL_NODE_EXTEND };

/* Criteria lie before what is in them, which ends at `end`. */
struct oval_node {
        uint8_t kind;
        bool negate;
        uint32_t end;
        oval_name test, comment;
};

/* Of struct oval's `links`: index + 1 of the first and the last; 0: empty. */
struct oval_list {
        uint32_t first, last;
};
struct oval_link {
        uint32_t value, next;
};

struct oval_definition {
        oval_name id, title, advisory, reference, severity, vector, issued, updated;
        uint32_t score_tenths;
        bool patch;
        struct oval_list cves, platforms, cpes;
        struct oval_list resolutions; /* a state, then its components, each after OVAL_COMPONENT */
        uint32_t node, node_end;
};
#define OVAL_COMPONENT UINT32_MAX

/* The publisher by what its ids begin with: "oval:com.redhat.rhsa:def:20224765". */
struct oval_publisher {
        const char *space;  /* "com.redhat." */
        const char *prefix; /* of records about a CVE: "RHEL" -> "RHEL-OVAL-CVE-2022-1" */
        bool by_cpe;        /* the releases are in affected_cpe_list */
        bool by_platform;   /* ... in affected/platform */
        bool by_tag;        /* ... in the versions alone: "1.20.7-1.azl3" */
        bool by_comment;    /* packages and verdicts are in the criteria's comments */
        bool by_line;       /* versions are of several lines: see feed_oracle_from */
};

struct oval_slot {
        struct span text;
        uint32_t test, object, state; /* of that id: index + 1 */
};

struct oval {
        struct feed_out *out;
        struct arena *arena;
        struct err *e;
        bool gone; /* nothing can be handed on any more */
        const struct oval_publisher *publisher;
        int64_t made_s; /* generator/timestamp */

        struct {
                struct oval_slot *at;
                size_t len, cap;
        } names;
        uint32_t *table; /* names by their hash */
        size_t table_size;
        uint64_t seed;

        struct {
                struct oval_link *at;
                size_t len, cap;
        } links;
        struct {
                struct oval_node *at;
                size_t len, cap;
        } nodes;
        struct {
                struct oval_definition *at;
                size_t len, cap;
        } definitions;
        struct {
                struct oval_test *at;
                size_t len, cap;
        } tests;
        struct {
                struct oval_object *at;
                size_t len, cap;
        } objects;
        struct {
                struct oval_state *at;
                size_t len, cap;
        } states;
        struct span systems[OVAL_SYSTEMS_MAX]; /* ecosystems */
        size_t n_systems;
        struct {
                char name[80];
                uint64_t n;
        } strangers[OVAL_STRANGERS_MAX];
        size_t n_strangers;
};

oval_name oval_name_of(struct oval *o, struct span text);
static inline struct span oval_text(const struct oval *o, oval_name n)
{
        return o->names.at[n].text;
}
/* NULL behind the last. */
static inline const struct oval_link *oval_link_at(const struct oval *o, uint32_t link)
{
        return link ? &o->links.at[link - 1] : NULL;
}
const struct oval_test *oval_test_of(const struct oval *o, oval_name id); /* NULL: it is missing */
const struct oval_object *oval_object_of(const struct oval *o, oval_name id);
const struct oval_state *oval_state_of(const struct oval *o, oval_name id);
/* NULL: nobody's that is known here. */
const struct oval_publisher *oval_publisher_of(struct span definition_id);

/* ---- what a definition's criteria come to ---- */

struct oval_systems {
        uint64_t bits[OVAL_SYSTEMS_MAX / 64];
        bool any; /* no release is asked for */
};

/* One way to meet them: a package on one of these systems. */
struct oval_alternative {
        struct oval_systems systems;
        struct span module, package, comment;
        bool absent;                     /* the package must not be installed */
        bool never;                      /* no version of it meets them: it is not affected */
        struct span lower, upper, equal; /* versions; lower itself counts */
        bool upper_inclusive;
        struct span stranger; /* a release that is none of ours */
};

struct oval_alternatives {
        struct oval_alternative *at;
        size_t len, cap;
};

/*
 * All ways, in the scratch arena. ERR_UNSUPPORTED when they can't be told as packages and versions, ERR_MALFORMED (a test is
 * missing), ERR_LIMIT: of this definition alone.
 */
bool oval_evaluate(struct oval *o, const struct oval_definition *d, struct arena *scratch,
    struct oval_alternatives *ret, struct err *e);
/* ---- what its publisher means by it ---- */

/* What one package comes to, on whatever system. */
struct oval_claim {
        struct span ecosystem, package, module;
        enum advisory_status status;
        struct span from, fixed, last, equal, note;
};

/* All but the ecosystem. False: it says of the package that the release does not have it, or nothing that could be told apart. */
bool oval_claim_make(const struct oval *o, const struct oval_definition *d, const struct oval_alternative *n,
    struct arena *a, struct oval_claim *ret);
/* Azure Linux by the mark of its builds; empty: none. */
struct span oval_tag_ecosystem(const struct oval_alternative *n, struct arena *a);
/* "Red Hat Enterprise Linux 9", "Ubuntu 22.04 LTS", "SUSE Linux Enterprise Server 15 SP5" -> its ecosystem; empty: of none. */
struct span oval_ecosystem(struct span name, struct arena *a);

/* Definition after definition becomes records and refusals. False: the parent is gone. */
bool oval_tell(struct oval *o);
