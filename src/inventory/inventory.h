/*
 * inventory: from a layer's files to components with purl, version, source package, licence and origin.
 *
 * In:    an opened image, or a bill of materials (CycloneDX, SPDX).
 * Out:   the components of the merged image, each with the layer that brought it; what system it is; what could not
 *        be assessed.
 * Never: decides what is wrong with a component; writes files; trusts a worker's answer.
 * Uses:  base codec jail image secrets
 * Terms: purl (ECMA-427), OSV ecosystem names, os-release(5), deb822, SPDX licence expressions, PEP 503 and 566, CycloneDX
 *        (ECMA-424), SPDX 2.3.
 *
 * A detector is one file on a shelf (os/, lang/, jvm/, elf/, lock/) and one row in the shelf's table: which paths or first
 * bytes it wants, and a function that turns a file's content into components. Adding one touches nothing else, but raises
 * INVENTORY_DETECTORS. Who remarks on files has one row in remarks.c.
 */
#pragma once

#include "base/base.h"
#include "image/image.h"
#include "jail/jail.h"

/* The zero value claims least. */
enum component_confidence {
        CONFIDENCE_NONE = 0,
        CONFIDENCE_LOW,    /* a guess: a file's name */
        CONFIDENCE_MEDIUM, /* a statement that is often stale or partial: MANIFEST.MF, paths in a binary */
        CONFIDENCE_HIGH,   /* the package's own metadata: pom.properties, package.json, build information */
        CONFIDENCE_CERTAIN /* a package manager's record of what it installed */
};

enum component_state {
        COMPONENT_INSTALLED = 0,
        COMPONENT_DECLARED /* a lock file or an SBOM says so; whether it is there nobody looked */
};

enum licence_source {
        LICENCE_SOURCE_NONE = 0,
        LICENCE_SOURCE_FIELD,      /* the package's own metadata */
        LICENCE_SOURCE_CLASSIFIER, /* Python's trove classifiers */
        LICENCE_SOURCE_COPYRIGHT,  /* DEP-5 copyright file */
        LICENCE_SOURCE_DOCUMENT    /* an SBOM */
};

struct component {
        struct span ecosystem;     /* as OSV spells it: "Debian:12", "npm", "PyPI"; empty: no advisories exist for it */
        struct span type;          /* purl type: "deb", "npm", "pypi" */
        struct span name, version; /* as OSV's records spell them: PyPI as PEP 503 has it, Maven "group:artifact",
                                      Go "example.org/module", npm "@scope/name", rpm version "epoch:version-release" */
        struct span source_name, source_version; /* deb, rpm, apk: source package; empty elsewhere */
        struct span arch, licence; /* licence: SPDX expression or the package's own words; empty if not stated */
        struct span vendor, cpe;   /* as the package states them; empty if not */
        struct span module;        /* rpm: modularity label "name:stream:version:context:arch" */
        struct span purl;
        struct span path;     /* the file that says so, relative to the root */
        struct span detector; /* which detector read it: "dpkg", "go-binary" */
        enum licence_source licence_source;
        enum component_confidence confidence;
        enum component_state state;
        bool development; /* declared for development and tests alone */
        uint32_t layer;   /* index of the lowest layer since which this version is there without a break */
        uint32_t owner;   /* 1 + index of the operating system's component that installed `path`; 0: none */
        uint32_t n_files; /* that its package manager says it owns; 0: not said */
};

/* What is remarkable about a file or the configuration, beside components. */
enum remark_kind { REMARK_NONE = 0, REMARK_SECRET, REMARK_CONFIGURATION };
enum remark_severity { REMARK_INFO = 0, REMARK_LOW, REMARK_MEDIUM, REMARK_HIGH, REMARK_CRITICAL };

struct remark {
        enum remark_kind kind;
        enum remark_severity severity;
        struct span rule;    /* stable id: "secret.aws-access-key", "config.root-user" */
        struct span title;   /* one line for people */
        struct span path;    /* empty: the image's configuration or its history */
        uint64_t line;       /* from 1; 0: none */
        struct span excerpt; /* printable; of a secret never more than its first four characters */
        struct span remedy;  /* one line: what to do */
        uint32_t layer;      /* that brought it; of the configuration: the last */
        bool visible;        /* false: a higher layer removed or replaced it, yet the image still carries it */
};

struct inventory {
        struct arena *arena; /* holds everything below */
        struct digest image; /* the image's identity; none for a root folder */
        struct digest config;
        struct digest plugins; /* inventory_plugins_fingerprint of those that were asked */
        struct {
                struct span id, version_id, version_codename, pretty_name; /* os-release(5); empty when there is none */
        } os;
        bool os_known;                /* an ecosystem of advisories exists for it */
        struct component *components; /* sorted: type, name, version, arch, path */
        size_t n_components;
        struct remark *remarks; /* sorted: kind, severity falling, rule, path, line, layer */
        size_t n_remarks;
        struct {
                struct digest diff_id, blob;
                uint64_t size, plain_size, entries;
                struct span created_by;
        } * layers;
        size_t n_layers;
        struct span *notes; /* what could not be assessed, for people: never empty when something was not looked at */
        size_t n_notes;
        bool complete; /* false: "not assessed", never "clean" */
};

/* Raise it when a detector finds more or says it otherwise: stored inventories of an older number are made anew. */
#define INVENTORY_FORMAT 5u

/* Raise it when any detector changes: what is kept of single layers is of one number. */
#define INVENTORY_DETECTORS 6u

/*
 * Detectors of the operator's own: programs in a folder, each in a cage; docs/plugins.md is the contract with who writes one.
 */
struct inventory_plugins;

/*
 * Asks every program of the folder what it is (NAME --describe). A folder that is not there has none. ERR_DENIED when it, or
 * a program in it, can be written by others than its owner or belongs to neither root nor this user: anyone could then
 * decide what is found. A program that can't be asked makes every inventory incomplete, by its name.
 */
bool inventory_plugins_open(const char *folder, struct inventory_plugins **ret, struct err *e);
void inventory_plugins_free(struct inventory_plugins *p); /* accepts NULL */
void inventory_plugins_freep(struct inventory_plugins **p);
/* Of all programs and what they want; none when there are none, or `p` is NULL. An inventory says which it was made with. */
const struct digest *inventory_plugins_fingerprint(const struct inventory_plugins *p);

struct inventory_options {
        unsigned parallel;                                             /* workers at once; 0: number of cores */
        void (*on_progress)(void *ctx, uint64_t done, uint64_t total); /* stored bytes of all layers; may be NULL */
        void *ctx;
        /*
         * What is known of single layers, by diff id and INVENTORY_DETECTORS; both may be NULL. What `layer_get` gives is checked as
         * a worker's answer is: bytes that don't hold are no error, and the layer is read. A layer that is known is not read at
         * all, so its stored bytes are not verified here. `layer_put` is given only what is of a verified diff id, and whole.
         */
        bool (*layer_get)(void *ctx, const struct digest *diff_id, struct buf *ret); /* false: not known */
        void (*layer_put)(void *ctx, const struct digest *diff_id, struct span bytes);
        void *layer_ctx;
        /*
         * With `secrets` files, history and environment are searched for secrets, too; secrets_fd is a file that holds what
         * secrets_compile made; borrowed. Layers are then known under another number: layer_get and layer_put must tell the
         * two apart.
         */
        bool secrets;
        int secrets_fd;
        const struct inventory_plugins *plugins; /* may be NULL; with any, every layer is read once more, for their files */
};

/*
 * Reads every layer in its own worker and merges what they say, lowest first, as an overlay mount would: whiteouts,
 * opaque folders and replaced files hide what lies below. Fails when any layer fails: the error names image, layer
 * and place. A detector that can't read its file makes a note and `complete` false, with the rest still listed;
 * so does one that dies at it, up to INVENTORY_RETRIES_MAX times a layer.
 * A root folder is walked here and read by one worker. What can't be opened, or is of another file system, makes a
 * note; links are not followed. It counts as one layer without digests and sizes.
 */
bool inventory_of_image(
    const struct image *i, const struct inventory_options *o, struct inventory **ret, struct err *e);

/* What a bill of materials says of itself, and nobody has checked. Texts lie in the inventory's arena. */
struct inventory_sbom {
        struct span form;      /* "CycloneDX 1.6", "SPDX 2.3" */
        struct span subject;   /* the name of what it is about; empty: not said */
        struct span type;      /* CycloneDX's word for what it is about: "container", "application"; empty: not said */
        struct span created;   /* RFC 3339; empty: not said */
        uint64_t n_statements; /* VEX: about vulnerabilities, which are passed over */
        struct digest digest;  /* of the document's bytes */
};

/*
 * Reads the document in `fd` (a file or a pipe, from where it stands to its end; borrowed) in one worker. `name` is for
 * errors and stands for the path of components that have none. The inventory has no layers, no remarks and no identity;
 * every component is "declared". What the document lists without saying what it is, what it refers to and does not hold,
 * and what it says to be incomplete is a note, and `complete` false.
 * ERR_NOT_FOUND when it is no bill of materials by its first bytes; with `sure` that is ERR_MALFORMED, as is any other
 * flaw: with the line or the byte and the field. ERR_UNSUPPORTED for versions that are not read, ERR_LIMIT.
 */
bool inventory_of_sbom(int fd, const char *name, bool sure, struct inventory **ret, struct inventory_sbom *ret_sbom,
    struct err *e);
void inventory_free(struct inventory *v);
void inventory_freep(struct inventory **v);

/* One canonical form, for the store; reading checks every bound (ERR_MALFORMED) and the format number
 * (ERR_UNSUPPORTED). */
void inventory_put(struct buf *b, const struct inventory *v);
bool inventory_get(struct span s, struct inventory **ret, struct err *e);
/* The same without a copy: `s` lies in *a, which becomes the inventory's own, and *a NULL; on failure it stays the caller's. */
bool inventory_take(struct arena **a, struct span s, struct inventory **ret, struct err *e);

/*
 * True when the image's system gets no updates any more, or only those who pay for them do; `note` (may be NULL) gets the
 * sentence for people. It depends on the day, so no stored inventory says it.
 */
bool inventory_end_of_life(const struct inventory *v, int64_t now_s, struct buf *note);

/*
 * A package URL in the words that components have, for a type whose packages have an ecosystem of their own; version may be empty,
 * qualifiers and subpath are passed over. Spans borrow from `purl` or lie in `a`. ERR_MALFORMED with the rule that is broken,
 * ERR_LIMIT; ERR_UNSUPPORTED for a system's package, whose ecosystem is its release's, and for types without one.
 */
bool inventory_purl_read(struct span purl, struct arena *a, struct component *ret, struct err *e);

/* Whether a component's licence is an SPDX expression of known identifiers (SPDX 2.3, annex D), and not words. */
bool inventory_licence_is_spdx(struct span text);

extern const struct jail_job inventory_jobs[];
extern const size_t inventory_n_jobs;
