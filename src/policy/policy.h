/*
 * policy: facts -> a verdict with every reason.
 *
 * In:    a policy file's bytes; facts about one image, as plain data of this room.
 * Out:   deny or allow; each reason with the line of the policy that asked for it; each exception used or expired.
 * Never: gathers facts; reads a clock; says yes without having looked at everything.
 * Uses:  base
 * Terms: YAML 1.2 (a strict subset), purl (ECMA-427), SPDX licence expressions, RFC 3339 dates.
 *
 *      version: 1
 *      findings:
 *        deny:                      # any finding that matches any rule
 *          - severity: high         # at least: unknown, low, medium, high, critical; unknown is below low
 *            fix_available: true    # true, false or any (default)
 *            exploited: true        # only what is known to be exploited; true or any (default)
 *      packages:                    # purl patterns: * is any run without "/", ** any run; no version: every version;
 *                                   # case counts only where the type's own rules say so
 *        deny: ["pkg:deb/debian/telnet*", "pkg:npm/event-stream@3.3.6"]
 *        allow: ["pkg:deb**", "pkg:npm**"]  # if present: only these
 *      licences:                    # SPDX ids, "*" as above, case ignored; NOASSERTION: none stated
 *        deny: ["AGPL-*"]
 *      ignore:                      # exceptions to findings.deny and to "can't tell"
 *        - id: CVE-2023-1234        # the finding's id or an alias
 *          package: openssl         # optional: the package or its source package
 *          component: "pkg:npm**"   # optional: its purl, a pattern as in "packages"
 *          path: "opt/app**"        # optional: the file that names the component, a pattern
 *          image: "ghcr.io/org/app" # optional: a name or digest of the image, a pattern
 *          reason: not reachable    # mandatory
 *          since: 2026-10-01        # the first day, UTC; optional without max_ignore_days
 *          until: 2026-12-31        # mandatory: the last day, UTC; afterwards as if absent, and a reason of its own
 *      max_ignore_days: 92          # no exception may last longer
 *      vex:                         # statements about findings that count for the verdict; absent: none
 *        documents: [sha256:...]    # of documents with these digests, or "any": of whatever the caller gives
 *        attached: true             # and of any that was found attached to the image; default false, even with "any"
 *        authors: ["Example *"]     # optional: of those, what these say they wrote; nobody proves it
 *      require:                     # steps that must have been done
 *        scan: true                 # the image assessed as a whole; default true
 *        signature: false
 *        host: false
 *      max_database_age_days: 30
 *      run:                         # how `coffer run` may start it; a key that is absent limits nothing
 *        network: none              # none or host: the most that is given
 *        volumes: ["/srv/www:ro", "/srv/out"]  # patterns of host paths, links resolved; ":ro": read-only alone; []: none
 *        user: non-root             # non-root (uid 0 inside is refused, and a name, which could be 0) or any
 *        command: image             # image (its own alone) or any
 *        environment:               # names of variables that may be set from outside; "*" any run, case counts
 *          deny: ["LD_*"]
 *          allow: ["APP_*"]         # if present: only these
 *        runtimes: [runc]           # what --runtime may name besides the default: a name, or a path; []: nothing
 *        read_only: true            # its root must be
 *        allow_32bit: false
 *        max_memory: 2GiB           # bytes, KiB, MiB, GiB or TiB; the limit must be in force, not merely asked for
 *        max_cpus: 1.5
 *        max_pids: 512
 */
#pragma once

#include "base/base.h"

enum verdict { VERDICT_DENY = 0, VERDICT_ALLOW = 1 };

/* The same values as the advisory room's, which this room does not know. */
enum policy_severity {
        POLICY_SEVERITY_NONE = 0,
        POLICY_SEVERITY_UNKNOWN,
        POLICY_SEVERITY_LOW,
        POLICY_SEVERITY_MEDIUM,
        POLICY_SEVERITY_HIGH,
        POLICY_SEVERITY_CRITICAL
};

enum policy_step_state { POLICY_NOT_CHECKED = 0, POLICY_DONE_OK, POLICY_FAILED };
enum policy_step_kind { POLICY_STEP_SCAN = 0, POLICY_STEP_SIGNATURE, POLICY_STEP_HOST, POLICY_STEPS };

struct policy_step {
        enum policy_step_state state;
        struct span detail; /* why it failed or was not done; for people */
};

struct policy_finding {
        struct span id;
        const struct span *aliases;
        size_t n_aliases;
        struct span package, source_package; /* the component's name and its source's, "" if it has none */
        struct span version;
        enum policy_severity severity;
        uint32_t score_tenths;
        bool fix_available;
        bool cannot_tell; /* whether it is affected could not be told: part of the scan is missing */
        bool exploited;   /* known to be: CISA's list, or its SSVC decision */
        bool suppressed;  /* a statement (VEX) that the caller trusts says that this image does not have it: no rule looks at it */
        struct span purl, path; /* of the component */
        bool disputed;          /* a statement that does not count here says what `suppressed` says: for the sentence alone */
};

struct policy_component {
        struct span purl, licence;
};

enum policy_run_state {
        POLICY_RUN_UNKNOWN = 0,
        POLICY_RUN_NONE, /* nothing is to be run: a check or a scan. The section is not judged, and the verdict says so */
        POLICY_RUN_ASKED
};
enum policy_network { POLICY_NETWORK_UNKNOWN = 0, POLICY_NETWORK_NONE, POLICY_NETWORK_HOST };

struct policy_volume {
        struct span asked;  /* as the user named it; for people */
        struct span source; /* where it really lies: absolute, without links, "." and ".."; empty: can't be told */
        bool read_only;
};

struct policy_limit {
        uint64_t value; /* 0: none */
        bool in_force;  /* this host can hold a container to it */
};

/* How it is to be run. Each zero value is one that a limit on it refuses. */
struct policy_run {
        enum policy_run_state state;
        enum policy_network network;
        const struct policy_volume *volumes;
        size_t n_volumes;
        struct span user; /* as asked for, or as the image says; for people */
        bool uid_known;
        uint32_t uid;                 /* inside */
        bool command_of_image;        /* nothing else than what the image says */
        const struct span *variables; /* names of those that are set from outside the image */
        size_t n_variables;
        bool runtime_default; /* Coffer's own choice */
        struct span runtime;  /* else: its name, or its path without links */
        bool read_only;
        bool no_32bit;                          /* i386 programs can't run */
        struct policy_limit memory, cpus, pids; /* bytes, thousandths, processes and threads */
};

/* The zero value is refused by every policy. */
struct policy_facts {
        /*
         * What the image is called: its digests, "HOST/REPOSITORY", "HOST/REPOSITORY:TAG", a path that begins with "/", "." or
         * "form:". No name of something on this disk may look like one of a registry.
         */
        const struct span *image_names;
        size_t n_image_names;
        const struct policy_finding *findings;
        size_t n_findings;
        const struct policy_component *components;
        size_t n_components;
        struct policy_step steps[POLICY_STEPS];
        int64_t
            database_s; /* of which time the advisory database is: when it was built, or its newest record, if that is
                             * older; wall time; 0: there is none */
        int64_t now_s;  /* wall time of the decision; never 0 */
        struct policy_run run;
};

enum policy_reason_kind {
        POLICY_REASON_FACTS = 0,   /* the facts are not whole */
        POLICY_REASON_STEP,        /* a required step was not done or failed: `step` */
        POLICY_REASON_DATABASE,    /* too old, or none */
        POLICY_REASON_CANNOT_TELL, /* `index` is a finding */
        POLICY_REASON_FINDING,     /* `index` is a finding */
        POLICY_REASON_IGNORE,      /* an exception that ended, and whose finding is refused again: `index` is an exception */
        POLICY_REASON_PACKAGE,     /* `index` is a component */
        POLICY_REASON_LICENCE,     /* `index` is a component */
        POLICY_REASON_RUN          /* how it is to be run */
};

struct policy_reason {
        enum policy_reason_kind kind;
        uint32_t line; /* of the rule in the policy file; 0: a default that no line states */
        enum policy_step_kind step;
        size_t index;
        struct span text; /* whole sentence with the policy's name and line */
};

enum policy_ignore_state {
        POLICY_IGNORE_UNUSED = 0, /* covers nothing */
        POLICY_IGNORE_USED,
        POLICY_IGNORE_EXPIRED,
        POLICY_IGNORE_NOT_YET,  /* begins later: as if absent */
        POLICY_IGNORE_ELSEWHERE /* of other images */
};

struct policy_ignore_note {
        enum policy_ignore_state state;
        uint32_t line;
        struct span id, package, component, path, image, reason, since, until; /* empty: not limited by it */
        size_t n_findings; /* that it kept from refusing, or would have kept had it not expired */
        size_t n_again;    /* of an expired one: those that count again, for no other exception covers them */
        struct span text;
};

struct policy_verdict {
        struct arena *arena;
        enum verdict verdict;
        struct span policy;                  /* its name */
        struct digest policy_digest;         /* of the file's bytes: for the record */
        const struct policy_reason *reasons; /* of a refusal; never empty then. In the order of the kinds */
        size_t n_reasons;
        uint64_t reasons_left_out;                /* above POLICY_REASONS_MAX */
        const struct policy_ignore_note *ignores; /* each of the file, in its order */
        size_t n_ignores;
        uint32_t
            run_not_judged; /* line of the policy's `run`, when nothing is to be run; 0: judged, or there is none */
};

#define POLICY_REASONS_MAX 10000u  /* told one by one; more are counted. Attack: an image with 10^6 bad packages */
#define POLICY_FILE_MAX (1u << 20) /* bytes; the longest we wrote is 4 KiB */

struct policy; /* immutable */

/*
 * `name` is what messages call it: a path. ERR_MALFORMED for anything but the above, as "NAME:LINE:COLUMN: what and the
 * remedy" (unknown and duplicate keys, wrong types, anchors, aliases, tags, several documents, empty lists), ERR_LIMIT.
 */
bool policy_load(struct span bytes, const char *name, struct policy **ret, struct err *e);
/*
 * As policy_load, and every error, not the first alone: for whoever mends a file. What breaks YAML itself ends the reading.
 * The texts lie in `a`; there is one at least when it fails.
 */
struct policy_notes { /* sentences, each with its place in front */
        struct span *at;
        size_t len, cap;
};
bool policy_examine(
    struct span bytes, const char *name, struct arena *a, struct policy **ret, struct policy_notes *ret_errors);
/* A file of exceptions alone: `version`, `ignore` and `max_ignore_days`, and nothing that decides. */
bool policy_load_exceptions(struct span bytes, const char *name, struct policy **ret, struct err *e);
/* What holds when nobody gave a policy: policy_default_text. */
struct policy *policy_default(void);
extern const char policy_default_text[];
void policy_free(struct policy *p); /* accepts NULL */
void policy_freep(struct policy **p);
/* What is no error and may not do what it seems to: patterns that may match nothing. They live as long as the policy. */
const struct policy_notes *policy_remarks(const struct policy *p);
/* Exceptions that have ended at `now_s`, each a sentence in `a`: for whoever looks at the file, not at an image. */
void policy_expired(const struct policy *p, int64_t now_s, struct arena *a, struct policy_notes *ret);
/* What it asks for, in words: each rule a line with its place. A rule of which no line tells nothing limits nothing. */
void policy_describe(const struct policy *p, struct buf *to);
const struct digest *policy_digest(const struct policy *p);

/*
 * Does a document of statements about findings (VEX) count, by the digest of its bytes and the author that it names? Only then
 * may the caller make a finding `suppressed` on its word. `attached`: whoever may push to the image's repository gave it.
 */
bool policy_counts_vex(const struct policy *p, const struct digest *document, struct span author, bool attached);
/*
 * Looks at every fact with every rule and says everything it found. False (and no verdict: deny) only with ERR_BUG, for
 * facts that announce entries and hold none.
 */
bool policy_decide(const struct policy *p, const struct policy_facts *f, struct policy_verdict **ret, struct err *e);
void policy_verdict_free(struct policy_verdict *v); /* accepts NULL */
void policy_verdict_freep(struct policy_verdict **v);

const char *verdict_name(enum verdict v); /* "deny", "allow" */
const char *policy_step_name(enum policy_step_kind s);
const char *policy_reason_kind_name(enum policy_reason_kind k); /* "finding", "cannot_tell" ... */
const char *policy_ignore_state_name(enum policy_ignore_state s);

/* What exceptions say of findings where nobody decides: for whoever only looks. */
struct policy_exceptions {
        struct arena *arena;
        struct span name; /* of the file, as policy_load_exceptions was told it */
        const struct policy_ignore_note *notes; /* each exception, in the file's order */
        size_t n_notes;
        uint32_t *covers;   /* of each finding: 1 + index of the exception in force that covers it; 0: none */
        uint32_t *ended; /* of each finding that none covers: 1 + index of the first that did until it ended; else 0 */
        uint64_t n_covered; /* findings */
};

/* Of the facts it looks at the findings, the names of the image and the time. ERR_BUG without a time. */
bool policy_except(const struct policy *p, const struct policy_facts *f, struct policy_exceptions **ret, struct err *e);
void policy_exceptions_free(struct policy_exceptions *x); /* accepts NULL */
