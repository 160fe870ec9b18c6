/*
 * match: components and advisories -> findings, each explained.
 *
 * In:    an inventory; an advisory database; a user's statements about findings.
 * Out:   what is known to be wrong with each component, on which record's word, what mends it, and all of a package at once; what can't be told; which
 *        statement speaks of a finding.
 * Never: does I/O; knows of policy; calls a component clean that was not looked up.
 * Uses:  base inventory advisory
 * Terms: OSV schema 1.7 (id, aliases, related, withdrawn, affected), CVSS base score, VEX (OpenVEX 0.2.0), purl (ECMA-427).
 *
 * A pure function: the same inventory and the same database give the same findings in the same order.
 */
#pragma once

#include "advisory/advisory.h"
#include "base/base.h"
#include "inventory/inventory.h"

/*
 * One vulnerability of one component: a CVE, on the word of every record that names it, be it DEBIAN-CVE-1, GHSA-a or
 * a DSA for ten CVEs (which is then a voice in ten findings). Records without a CVE join those whose ids they share.
 */
struct finding {
        uint32_t component; /* index in the inventory */
        struct span
            package; /* what was looked up: the source package, if the ecosystem speaks of these, else the name */
        struct span package_version;
        struct span id;             /* the CVE; without one the GHSA; else the least id of its records */
        const struct span *aliases; /* the other ids of its records but other CVEs, sorted */
        size_t n_aliases;
        enum advisory_answer answer; /* AFFECTED, or UNKNOWN: "can't tell", which counts as not assessed */
        enum severity severity;      /* the highest that a record of this CVE alone gives; else of any */
        uint32_t score_tenths;       /* that record's; 0: none */
        struct span vector;
        struct span introduced; /* of the record that gives `fixed`, else of the first */
        struct span fixed; /* the lowest version that mends it by every record that names an end; empty: none known */
        struct span last_affected;
        struct span summary, reference;
        struct span explanation; /* which record says so, and of which interval */
        enum advisory_status status; /* the publisher's own verdict on it: pending, postponed, will not fix, end of life ... */
        struct span note;            /* and why, in its words */
        struct advisory_fact fact;   /* what is known of the CVE by itself; its id is empty where nothing is */
        /*
         * With `fixed`: the lowest version from here on in which nothing of this package can be mended any more, this finding and all
         * others of it included; the same in all of them. Empty: where the records lead can't be told.
         */
        struct span update;
        uint32_t update_brings; /* findings that `update` has, no fix of which is known, and this version has not */
};

#define MATCH_SEVERITIES (SEVERITY_CRITICAL + 1)

struct match {
        struct arena *arena;      /* holds everything below: needs neither inventory nor database any more */
        struct finding *findings; /* sorted: known to be exploited first, then severity, EPSS and score falling, id, component */
        size_t n_findings;
        uint64_t n_affected[MATCH_SEVERITIES]; /* findings "affected", by severity */
        uint64_t n_cannot_tell;                /* findings "can't tell" */
        uint64_t n_assessed; /* components that were looked up, or whose owner was */
        uint64_t n_kernel_text; /* of them, made of the kernel's source without any of its code */
        struct span *notes;                    /* what was not looked up and why, for people */
        size_t n_notes;
        bool complete; /* every component was looked up; "can't tell" findings are counted apart */
        struct {
                struct digest digest;
                int64_t built_s, newest_record_s;
                uint64_t records;
        } database;
};

/*
 * What is asked by: the source package for dpkg, apk and pacman, and for the rpm distributions whose advisories speak of source
 * packages; the package itself for the others. Records of a modularity stream count for components of that stream alone. A
 * package built of the kernel's source without its code (headers, documentation) has none of its vulnerabilities, and is counted.
 * Where a publisher says that a release is not affected, that counts before ranges which others state without a verdict.
 *
 * A component that a package of the operating system installed is not looked up by itself, if that package is; nor is one
 * of a language that came from no registry (no ecosystem): nobody publishes advisories for it, and it counts as assessed.
 * An ecosystem that the database does not hold, or whose version order is not known, becomes a note and `complete`
 * false. Fails when the database does, or with ERR_LIMIT (match_limits.h) naming the package.
 */
struct match_asked {
        struct span package, version; /* as its advisories call them */
        struct span module;           /* "name:stream" */
};
struct match_asked match_asked_by(const struct component *c);

bool match_inventory(const struct inventory *v, const struct advisory_db *db, struct match **ret, struct err *e);
void match_free(struct match *m); /* accepts NULL */
void match_freep(struct match **m);

/* ---- statements of a user's (VEX) ---- */

/* What was scanned, in the words that statements may use for it; any may be empty. */
struct match_subject {
        struct span repository, tag;   /* of a registry: "docker.io/library/debian", "12" */
        const struct span *names;      /* digests ("sha256:..."), the name as the user wrote it, a document's subject */
        size_t n_names;
};

/* A statement that speaks of findings here. */
struct match_vex_note {
        enum vex_status status;
        bool suppresses; /* not_affected or fixed: what it covers does not count, and is shown with the reason */
        struct span id;  /* of the vulnerability, as the statement calls it first */
        struct span product;
        struct span justification, note, action, author;
        struct span document; /* as its reader was told to call it */
        int64_t time_s;
        size_t n_findings;
};

struct match_vex {
        struct arena *arena;                /* holds everything below: needs neither match nor documents any more */
        struct match_vex_note *notes;       /* in the order of the documents */
        size_t n_notes;
        uint32_t *speaks;                   /* of each finding: 1 + index of the note; 0: nobody speaks of it */
        uint64_t n_suppressed;              /* findings */
};

/*
 * Of the statements about a finding's vulnerability and its component, or the image that holds it, the last by time counts; of
 * equal times the last as they are given. A product's purl leaves open what it does not say: version, qualifiers, subpath.
 * The product is the image, the finding's component, or the system's package that installed it. A statement with subcomponents is
 * about these alone, in the product; which may then also be a component in the same file (a program, a jar) or above its folder
 * (a manifest). What can't be compared does not match. ERR_LIMIT.
 */
bool match_vex(const struct inventory *v, const struct match *m, const struct match_subject *subject,
    const struct vex_document *const *documents, size_t n_documents, struct match_vex **ret, struct err *e);
void match_vex_free(struct match_vex *x); /* accepts NULL */
