/*
 * The parts of policy: policy_yaml.c (bytes -> nodes, libyaml), load.c, load_node.c, load_ignore.c, load_vex.c and load_run.c (nodes -> policy),
 * decide.c and decide_run.c (facts -> verdict), ignore.c (exceptions), pattern.c and purl_types.c (purl patterns), licence.c (licence
 * expressions), describe.c (policy -> words).
 */
#pragma once

#include "policy/policy.h"
#include "policy/policy_limits.h"

#define DAY_S 86400

/* ---- YAML as a tree ---- */

enum node_kind { NODE_SCALAR, NODE_LIST, NODE_MAPPING };

struct node {
        enum node_kind kind;
        uint32_t line, column; /* from 1 */
        struct span text;      /* scalar */
        bool plain;            /* scalar without quotes: may be a number, a boolean or nothing */
        struct node *items;    /* list: elements; mapping: key, value, key, value ... */
        size_t n_items;
};

/* One document without anchors, aliases, tags and duplicate keys; texts without control bytes. */
bool policy_yaml_read(struct span bytes, const char *name, struct arena *a, struct node *ret, struct err *e);

/* ---- patterns ---- */

/* What of a purl is compared without regard to case; DASHES: and '_' is '-'. */
enum purl_fold { FOLD_NONE = 0, FOLD_NAMESPACE, FOLD_NAME, FOLD_BOTH, FOLD_NAME_DASHES, FOLD_KINDS };

/* A purl or a pattern for one: without qualifiers and subpath, percent-decoded. */
struct purl_parts {
        struct span path; /* "pkg:type/namespace/name" */
        struct span version;
        bool has_version;
};

struct purl_rule {
        uint32_t line;
        struct span text;
        struct purl_parts parts;
        struct span folded[FOLD_KINDS]; /* the path: whose type fits, and so what counts, the purl says */
};

void purl_split(struct span purl, struct arena *a, struct purl_parts *ret);
void purl_rule_fold(struct purl_rule *r, struct arena *a);
/* `purl` as purl_split and purl_folded gave it, `fold` what its type wants. */
bool purl_matches(const struct purl_rule *pattern, const struct purl_parts *purl, enum purl_fold fold);

/* ---- types of purls ---- */

enum purl_fold purl_fold_of(struct span path);
struct span purl_folded(struct span path, enum purl_fold fold, struct arena *a); /* the type always */
/* Why no purl can match; NULL: one can. */
const char *purl_pattern_fault(struct span path);
/* Why it may match nothing, with the remedy; else nothing is written. */
void purl_pattern_remark(const struct purl_rule *r, struct buf *b);

/* ---- names and paths ---- */

/* "*": any run without '/', "**": any run; everything else stands for itself. */
bool pattern_matches(struct span pattern, struct span text, bool ignore_case);

/* ---- licences ---- */

struct licence_entry {
        struct span pattern;
        uint32_t line;
};

struct licence_list {
        bool present;
        struct licence_entry *at;
        size_t len, cap;
};

/*
 * A licence expression is refused when no choice of its OR branches avoids the deny list or stays in the allow list.
 * Gives the entry to blame (NULL: not in the allow list) and the part of the expression that it concerns.
 */
bool licence_refused(struct span licence, const struct licence_list *deny, const struct licence_list *allow,
    const struct licence_entry **ret_entry, struct span *ret_part);

/* ---- the policy ---- */

struct finding_rule {
        uint32_t line;
        enum policy_severity least;
        enum { FIX_ANY = 0, FIX_YES, FIX_NO } fix;
        bool exploited; /* those alone that are */
};

struct ignore_rule {
        uint32_t line, column;
        struct span id, package, reason, since, until;
        struct span image, path;    /* patterns; empty: any */
        struct purl_rule component; /* its text is empty: any */
        int64_t begin_s; /* 0: always was */
        int64_t end_s;   /* the first second after the last day */
};

struct purl_list {
        bool present;
        uint32_t line;
        struct purl_rule *at;
        size_t len, cap;
};

/* ---- how it is run ---- */

struct path_rule {
        uint32_t line;
        struct span text, pattern; /* the pattern is the text without ":ro" */
        bool read_only;
};

struct name_rule {
        uint32_t line;
        struct span text, pattern; /* each "*" of the text takes a '/', too: names are no paths */
};

struct name_list {
        uint32_t line; /* 0: absent */
        struct name_rule *at;
        size_t len, cap;
};

struct run_limit {
        uint32_t line; /* 0: absent */
        uint64_t max;
};

/* The zero value counts nothing. */
struct vex_rules {
        bool any; /* document that is given */
        uint32_t line;
        bool attached; /* any document that was found attached to the image */
        uint32_t attached_line;
        struct {
                struct vex_document_rule {
                        struct digest digest;
                        uint32_t line;
                } *at;
                size_t len, cap;
        } documents;
        struct name_list authors; /* none: any */
};

/* A line of 0: the key is absent, or allows everything. */
struct run_rules {
        uint32_t line;
        uint32_t network, user, command, read_only, no_32bit;
        struct {
                uint32_t line;
                struct path_rule *at;
                size_t len, cap;
        } volumes;
        struct name_list variables_deny, variables_allow, runtimes;
        struct run_limit memory, cpus, pids;
};

struct policy {
        struct arena *arena;
        struct span name;
        struct digest digest;
        struct {
                struct finding_rule *at;
                size_t len, cap;
        } rules;
        struct purl_list packages_deny, packages_allow;
        struct licence_list licences_deny, licences_allow;
        uint32_t licences_allow_line;
        struct {
                struct ignore_rule *at;
                size_t len, cap;
        } ignores;
        uint32_t ignore_days_line; /* 0: exceptions may last as long as they like */
        uint32_t ignore_days_max;
        struct {
                bool wanted;
                uint32_t line; /* 0: by default */
        } require[POLICY_STEPS];
        bool has_age_max;
        uint32_t age_days_max, age_line;
        struct vex_rules vex;
        struct run_rules run;
        struct policy_notes remarks;
};

/* ---- the verdict while it is made ---- */

struct deciding {
        const struct policy *p;
        const struct policy_facts *f;
        struct arena *arena;
        struct {
                struct policy_reason *at;
                size_t len, cap;
        } reasons;
        uint64_t left_out;
        struct policy_ignore_note *ignores; /* as many as the policy has */
};

void decide_refuse(struct deciding *d, struct policy_reason r, struct buf *text);
/* Gives the line of a section that was not judged, since nothing is to be run; else 0. */
uint32_t decide_run(struct deciding *d);

const char *policy_severity_name(enum policy_severity s);

/* "policy.yaml:7: " or, where no line asks for it, "policy.yaml: ". */
void policy_put_place(struct buf *b, const struct policy *p, uint32_t line);

/* "2 GiB"; "1.5 CPUs", of thousandths; "100 processes". */
void policy_put_bytes(struct buf *b, uint64_t v);
void policy_put_cpus(struct buf *b, uint64_t v);
void policy_put_pids(struct buf *b, uint64_t v);

/* ---- exceptions ---- */

/* A note of each exception, in their order. */
struct policy_ignore_note *ignores_begin(const struct policy *p, const struct policy_facts *f, struct arena *a);
/* 1 + index of the exception in force that covers the finding; 0: none. Counts it in the notes. */
uint32_t ignores_ask(const struct policy *p, const struct policy_finding *f, struct policy_ignore_note *io);
/* The sentence of each; `unused`: what one that covered nothing is said to match. */
void ignores_tell(const struct policy *p, const char *unused, struct policy_ignore_note *io, struct arena *a);
