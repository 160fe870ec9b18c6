/*
 * advisory: version keys, and advisories of all publishers compiled into one immutable, memory-mapped database.
 *
 * In:    version strings; documents of feeds (untrusted, read in a worker); a compiled database and its signature (untrusted
 *        until checked).
 * Out:   byte strings whose memcmp order is the ecosystem's version order; the advisories that speak of a package; what is known
 *        of a vulnerability by itself; what two databases say differently.
 * Never: knows of images; fetches anything; reads outside the mapped file whatever it contains.
 * Uses:  base codec jail
 * Terms: OSV schema 1.7 (affected, ranges, events, introduced, fixed, last_affected, limit), deb-version(7),
 *        SemVer 2.0.0, PEP 440, RFC 8032 (Ed25519), PMS (Package Manager Specification), EVR, CVSS 2, 3.1 and 4.0, CSAF 2.0, OCI image-spec 1.1 (artefacts), OpenVEX 0.2.0, CycloneDX 1.6 (vulnerabilities), PKWARE APPNOTE 6.3.10 (zip), POSIX ustar and pax.
 */
#pragma once

#include "base/base.h"
#include "jail/jail.h"

/* ---- version keys ---- */

enum version_order {
        VERSION_ORDER_NONE = 0,
        VERSION_ORDER_DPKG = 1,
        VERSION_ORDER_SEMVER = 2,
        VERSION_ORDER_PEP440 = 3,
        VERSION_ORDER_RPM = 4,
        VERSION_ORDER_APK = 5,
        VERSION_ORDER_MAVEN = 6,
        VERSION_ORDER_RUBYGEMS = 7,
        VERSION_ORDER_PACMAN = 8,
        VERSION_ORDER_PORTAGE = 9,
        VERSION_ORDER_COMPOSER = 20,
        VERSION_ORDER_NUGET = 21,
        VERSION_ORDER_GO = 22, /* modules, and Go itself */
        VERSION_ORDER_HEX = 23,
        VERSION_ORDER_PUB = 24,
        VERSION_ORDER_CRAN = 25,
        VERSION_ORDER_PVP = 26, /* Hackage, GHC */
        VERSION_ORDER_JULIA = 27,
        VERSION_ORDER_BITNAMI = 28,
        VERSION_ORDER_OPAM = 29
};

#define VERSION_MAX 512u      /* bytes of a version string; longest seen in feeds: 124 */
#define VERSION_KEY_FORMAT 2u /* raise it when any key changes: stored keys are then made anew */

/* By OSV ecosystem name, release suffix ignored: "Debian:12", "Ubuntu:22.04:LTS", "npm", "PyPI", "crates.io" ...; NONE
 * if we have no order for it. */
enum version_order version_order_of(struct span ecosystem);
const char *version_order_name(enum version_order o);
/* The i-th ecosystem that has an order, NULL after the last one. */
const char *version_ecosystem(size_t i);

/*
 * The ecosystem and package under which records and questions are filed: PyPI names as PEP 503 normalises them, Ubuntu releases
 * without ":LTS" (a host's os-release does not say it), Red Hat's without the channel. All others as they are. What changes is
 * copied into the arena.
 */
void advisory_names(struct arena *a, struct span *io_ecosystem, struct span *io_package);

/*
 * Appends the key of `version`: for all a and b that the ecosystem accepts, memcmp(key(a), key(b)) (shorter first when
 * one is a prefix) has the sign of compare(a, b); equal versions have equal keys. ERR_MALFORMED with the reason when
 * the ecosystem's rules reject it, ERR_LIMIT when too long.
 */
bool version_key(enum version_order o, struct span version, struct buf *ret_key, struct err *e);
/* -1, 0, 1 by keys. */
bool version_compare(enum version_order o, struct span a, struct span b, int *ret, struct err *e);

/* ---- ranges of versions as ecosystems write them ---- */

enum range_syntax {
        RANGE_SYNTAX_NONE = 0,
        RANGE_SYNTAX_PLAIN, /* ">= 1.0, < 2.0 || = 3.0": GHSA, GitLab, Go; terms by ',' or blanks, alternatives by "||" */
        RANGE_SYNTAX_NPM,   /* "^1.2 || 2.x || 1.0 - 2.0" */
        RANGE_SYNTAX_CARGO, /* "1.2, <1.5": without an operator it is "^" */
        RANGE_SYNTAX_GEM,   /* "~> 1.2, != 1.2.7" */
        RANGE_SYNTAX_COMPOSER,
        RANGE_SYNTAX_PEP440, /* "~=1.4.2, !=1.4.5, ==1.*" */
        RANGE_SYNTAX_MAVEN,  /* "[1.0,2.0),(3.0,]" */
        RANGE_SYNTAX_NUGET,  /* "[1.0,2.0)"; "1.0" is 1.0 and later */
        RANGE_SYNTAX_HEX,    /* "~> 1.2 and != 1.2.7 or 2.0.0" */
        RANGE_SYNTAX_PUB,    /* "^1.2.3", ">=1.0.0 <2.0.0", "any" */
        RANGE_SYNTAX_DPKG,   /* "(>= 1.0), (<< 2.0) | (= 3.0)" */
        RANGE_SYNTAX_RPM     /* as PLAIN without "!=" */
};

/* That of an ecosystem's own manifests; PLAIN for the others that have an order; NONE for those without. */
enum range_syntax version_range_syntax_of(struct span ecosystem);

#define VERSION_INTERVAL_OPEN 1u      /* no upper end */
#define VERSION_INTERVAL_INCLUSIVE 2u /* hi itself is in it */
#define VERSION_INTERVAL_ABOVE 4u     /* lo_text itself is not; lo then is the key after its key */

/* Keys of the order: those k are in it for which lo <= k and k < hi, or k is hi and that is INCLUSIVE. */
struct version_interval {
        struct span lo, hi;           /* an empty lo is the beginning of all versions */
        struct span lo_text, hi_text; /* the bounds as the range spells them, or as they follow from it */
        uint8_t flags;
};

struct version_range_form {
        enum range_syntax syntax;
        enum version_order order;
        /*
         * Advisories mean the order alone: 1.3.0-rc.1 lies in "^1.2". Package managers pass over pre-releases that the
         * range does not ask for (npm, Cargo, pip), and that is what false says; it changes version_range_has only,
         * and in npm the lower end of a short version, as node-semver's includePrerelease does.
         */
        bool prereleases;
};

struct version_range {
        struct version_range_form form;
        const struct version_interval *intervals; /* ascending, none touching another */
        size_t n_intervals;
        const struct range_group *groups; /* the alternatives, for the rule of pre-releases */
        size_t n_groups;
};

/*
 * The union of intervals that `text` means; all in the arena. ERR_MALFORMED with the offset and the reason; also for
 * an alternative that no version can be in, and for an empty text: it never means "none" or "all". ERR_LIMIT (length,
 * terms), ERR_UNSUPPORTED for what is no range of versions (a floating NuGet version, PEP 440's arbitrary equality of
 * something that is no version) and for an order that is not known.
 */
bool version_range_parse(
    const struct version_range_form *form, struct span text, struct arena *a, struct version_range *ret, struct err *e);
/* ERR_MALFORMED and the rest as version_key. */
bool version_range_has(const struct version_range *r, struct span version, bool *ret, struct err *e);
/*
 * In the words of PLAIN, which reads them back as the same intervals: ">= 1.0, < 2.0 || = 3.0"; "*" for all. Of PEP
 * 440, "1.0+*" is 1.0 with any local version and "1.0.*" are all versions of release 1.0.
 */
void version_range_print(const struct version_range *r, struct buf *to);

/*
 * VERS ("vers:npm/>=1.0.0|<2.0.0"), as statements write ranges: whether `version` of a package with a purl of `purl_type` is in it.
 * ERR_MALFORMED: no such range (its constraints in order and none twice), or no version of its order; ERR_UNSUPPORTED: a scheme whose
 * order is not known, or not that of the type. version_vers_check is the first half: what can be said without a version.
 */
bool version_vers_check(struct span vers, struct err *e);
bool version_vers_has(struct span vers, struct span purl_type, struct span version, bool *ret, struct err *e);

/* ---- severity ---- */

enum severity { SEVERITY_NONE = 0, SEVERITY_UNKNOWN, SEVERITY_LOW, SEVERITY_MEDIUM, SEVERITY_HIGH, SEVERITY_CRITICAL };
const char *severity_name(enum severity s); /* "none", "unknown", "low" ... */
bool severity_parse(struct span text, enum severity *ret);
/*
 * Score in tenths (98 is 9.8) of a CVSS 2, 3.0, 3.1 or 4.0 vector, to the standard: of 3.x the base score, of the others with
 * all metrics given. A vector of CVSS 2 begins with "AV:". ERR_MALFORMED, ERR_UNSUPPORTED.
 */
bool cvss_score(struct span vector, uint32_t *ret_tenths, struct err *e);
/* 20, 30, 31 or 40, by how it begins; 0: no vector. Of several vectors the one of the highest version counts. */
unsigned cvss_version(struct span vector);
enum severity cvss_severity(uint32_t tenths);                            /* the standard's rating scale since 3.0 */
enum severity cvss_vector_severity(struct span vector, uint32_t tenths); /* CVSS 2: as NVD rates it, never critical */

/* ---- what a publisher says beside versions ---- */

/* Of a package in one release. The zero value says nothing: then the ranges alone decide. */
enum advisory_status {
        ADVISORY_STATUS_NONE = 0,
        ADVISORY_STATUS_FIXED,          /* mended in the version given */
        ADVISORY_STATUS_NOT_AFFECTED,   /* no version is affected, whatever other sources say: the code is not there */
        ADVISORY_STATUS_INVESTIGATING,  /* not yet known */
        ADVISORY_STATUS_PENDING,        /* affected, and a fix is on its way */
        ADVISORY_STATUS_POSTPONED,      /* affected, too small for an update of its own (Debian: no-dsa, postponed) */
        ADVISORY_STATUS_WILL_NOT_FIX,   /* affected, and stays so */
        ADVISORY_STATUS_END_OF_LIFE     /* affected, and the package or release gets no more updates */
};
#define ADVISORY_STATUS_LAST ADVISORY_STATUS_END_OF_LIFE
const char *advisory_status_name(enum advisory_status s); /* "", "fixed", "not affected", "will not fix" ... */

/* CISA's Stakeholder-Specific Vulnerability Categorization, as published in CVE records ("vulnrichment"). */
enum advisory_exploitation { ADVISORY_EXPLOITATION_UNKNOWN = 0, ADVISORY_EXPLOITATION_NONE, ADVISORY_EXPLOITATION_POC,
        ADVISORY_EXPLOITATION_ACTIVE };

/* What is known of a vulnerability by itself, whatever it sits in. Zero: not known. */
struct advisory_fact {
        struct span id;                      /* "CVE-2021-44228" */
        int64_t kev_added_s, kev_due_s;      /* CISA's list of known exploited vulnerabilities; added 0: not in it */
        bool ransomware;                     /* used in ransomware campaigns, as that list says */
        uint32_t epss, epss_percentile;      /* FIRST's probability of exploitation within 30 days; millionths */
        enum advisory_exploitation exploitation;
        bool automatable, total_impact;      /* SSVC: "automatable: yes", "technical impact: total" */
        struct span vector; /* CVSS: of all sources the highest version, and of that the highest score */
        uint32_t score_tenths;
};

/* ---- building ---- */

struct advisory_build_stats {
        uint64_t records, withdrawn, affected, ranges, versions, facts; /* taken */
        uint64_t skipped_ecosystem; /* affected entries for which we have no version order */
        uint64_t refused;           /* records that break the schema: named in the report */
        uint64_t refused_versions;  /* versions that their ecosystem rejects: the entry is kept as "can't tell" */
        uint64_t unclear; /* records that were taken though they, or others of their id, don't say one clear thing: see on_unclear */
};

/*
 * Compiles the records of sources into `name` in dir_fd, atomically; of records with one id the newest counts. A source is
 * a document of one of the known forms (OSV, Debian's tracker, OVAL ...: told by its content), a file with one such JSON
 * document a line, a zip or tar of such files, or a folder of them; files may be compressed with gzip, zstd, xz or bzip2,
 * and are then unpacked into an unnamed file in dir_fd first. A refused record is reported
 * by on_refused (place and reason) and the rest goes on; a source that can't be read at all, a worker that died or
 * sources without any usable record fail the build and leave the old database in place. Sources are parsed in workers,
 * archives in several. ERR_NOT_FOUND, ERR_UNSUPPORTED (other kinds of source, no worker), ERR_MALFORMED, ERR_LIMIT.
 */
struct advisory_build {
        const char *const *sources;
        const char *const *names; /* what the database calls each source; NULL: as they are given */
        size_t n_sources;
        void (*on_refused)(void *ctx, const char *place, const struct err *why);
        /*
         * A record is taken, but not as it stands: one source has several of its id, of which one counts; or one of its ranges
         * begins nowhere, so that it can't be told who is affected. May be NULL.
         */
        void (*on_unclear)(void *ctx, const char *place, const struct err *why);
        void (*on_progress)(void *ctx, uint64_t done, uint64_t total);
        /*
         * A source can't be read as a whole: true goes on without it, and none of its records are taken. NULL: the build fails
         * with it. Not asked when the machine fails (no worker, disk full).
         */
        bool (*on_failed)(void *ctx, size_t source, const struct err *why);
        void *ctx;
};
bool advisory_build(
    const struct advisory_build *b, int dir_fd, const char *name, struct advisory_build_stats *ret, struct err *e);

/* ---- the compiled database ---- */

struct advisory_db;

struct advisory_db_info {
        uint32_t format;
        int64_t built_s;         /* wall time */
        int64_t newest_record_s; /* the latest "modified" in it */
        uint64_t records, packages, ranges, bytes;
        struct digest digest; /* of the file's content: names it in records */
        struct {
                struct span ecosystem;
                uint64_t records;
        } * ecosystems;
        size_t n_ecosystems;
        uint64_t facts; /* vulnerabilities of which something is known beside packages */
        struct {
                struct span name;         /* as it was given to the build */
                uint64_t records, facts;  /* taken from it; of records with one id in several sources the newest counts */
                uint32_t refused;         /* records that could not be read */
                uint32_t unclear;         /* records that were taken, but not as they stand: see on_unclear */
                int64_t newest_record_s;
        } * sources;
        size_t n_sources;
};

/*
 * Maps the file and checks its header and size, and the content's checksum too when it has at most 4 MiB (2 ms). Larger
 * files are checked when they are built, and by advisory_db_verify. Without it a damaged file can give wrong answers,
 * never an access outside of it. ERR_NOT_FOUND, ERR_MALFORMED (hostile or cut file), ERR_UNSUPPORTED (other format).
 */
bool advisory_db_open(int dir_fd, const char *name, struct advisory_db **ret, struct err *e);
/*
 * How long a file is that begins with `head`, at least ADVISORY_DB_HEAD bytes, by its own word: so that of what is none, or goes on for
 * ever, no more is taken. Nothing else is looked at. ERR_MALFORMED, ERR_UNSUPPORTED (other format), ERR_LIMIT.
 */
#define ADVISORY_DB_HEAD 24u
bool advisory_db_length(struct span head, uint64_t *ret, struct err *e);
/* The content against its checksum, about 0.5 s for 1 GB: call it for a file that came from elsewhere. ERR_MALFORMED.
 */
bool advisory_db_verify(const struct advisory_db *db, struct err *e);
void advisory_db_free(struct advisory_db *db);
void advisory_db_freep(struct advisory_db **db);
const struct advisory_db_info *advisory_db_info(const struct advisory_db *db);

/* ---- who made a database: a signature in a file beside it ---- */

#define ADVISORY_SIGNATURE_MAX 1024u /* bytes of its text: eight lines, at most 460 */

struct advisory_signature {
        uint32_t format;
        struct digest file; /* SHA-256 of all its bytes */
        uint64_t size;
        int64_t built_s;
        uint64_t sequence; /* of one key's signatures, what has the greater one is newer; 1 to INT64_MAX */
        uint8_t key[SIGN_PUBLIC_LEN];
        uint8_t signature[SIGN_LEN]; /* over all lines before its own; the first names what is signed, and in which form */
};

/* "ed25519:" and 64 hex digits. ERR_MALFORMED. */
bool advisory_key_parse(struct span text, uint8_t ret_key[SIGN_PUBLIC_LEN], struct err *e);
void advisory_key_put(const uint8_t key[SIGN_PUBLIC_LEN], struct buf *to);

/* Total, and one text for each: what is accepted is what _put writes. ERR_MALFORMED, ERR_LIMIT, ERR_UNSUPPORTED (another form). */
bool advisory_signature_parse(struct span text, struct advisory_signature *ret, struct err *e);
void advisory_signature_put(const struct advisory_signature *s, struct buf *to);
/* Verifies the content first: what is damaged is not signed. `sequence` 0: the time when it was built. */
bool advisory_signature_make(
    const struct advisory_db *db, uint64_t sequence, struct secret *seed, struct advisory_signature *ret, struct err *e);
/* Whether `key` made it; of which file is for advisory_db_open_signed. ERR_UNTRUSTED. */
bool advisory_signature_check(const struct advisory_signature *s, struct err *e);
/*
 * Opens the file that the signature is of: every byte is compared before any is looked at. Whether the key is one to be
 * trusted is for the caller to say. ERR_UNTRUSTED: changed, another file's, or not that key's; further as advisory_db_open.
 */
bool advisory_db_open_signed(
    int dir_fd, const char *name, const struct advisory_signature *s, struct advisory_db **ret, struct err *e);

/* ---- a database as an OCI artefact (image-spec 1.1): a manifest, the file as zstd, its signature ---- */

#define ADVISORY_ARTIFACT_MAX (1u << 20) /* bytes of a manifest or index */
#define ADVISORY_ARTIFACT_TYPE "application/vnd.coffer.advisories.v1"

struct advisory_blob {
        struct digest digest; /* sha256 */
        uint64_t size;
};

#define ADVISORY_DELTAS_MAX 16u

struct advisory_artifact {
        struct advisory_blob database;  /* compressed */
        struct advisory_blob signature; /* size 0: it has none */
        struct advisory_delta {
                struct digest from; /* SHA-256 of the whole file that it is a difference to */
                struct advisory_blob blob;
        } deltas[ADVISORY_DELTAS_MAX];
        size_t n_deltas;
};

/*
 * Read a manifest, or the index.json of a layout, from `fd` in a worker. In an index `tag` chooses; NULL: the only one that is there.
 * ERR_MALFORMED, ERR_LIMIT, ERR_UNSUPPORTED (an image, or an artefact of something else), ERR_NOT_FOUND (no such tag), ERR_CONFLICT
 * (several, and no tag).
 */
bool advisory_artifact_read(int fd, const char *name, struct advisory_artifact *ret, struct err *e);
bool advisory_artifact_find(int fd, const char *name, const char *tag, struct advisory_blob *ret, struct err *e);
/* The same, written. The manifest's configuration is the empty one, the two bytes "{}", which a layout must hold, too. */
void advisory_artifact_put(const struct advisory_artifact *a, const struct advisory_db_info *i, struct buf *to);
void advisory_artifact_put_index(const struct advisory_blob *manifest, const char *tag, struct buf *to);

struct span advisory_db_bytes(const struct advisory_db *db); /* the whole file; lives as long as the database */
/*
 * Writes the file as zstd to `fd`: the same bytes for the same file and library. `from` NULL: whole; else as the difference to
 * that one, of at most 256 MiB (ERR_LIMIT).
 */
bool advisory_db_pack(
    const struct advisory_db *from, const struct advisory_db *db, int fd, struct advisory_blob *ret, struct err *e);
struct advisory_packed {
        int fd;
        int base_fd; /* what it is a difference to; -1: nothing */
};
/* Unpacked by a worker into a new file `name` of dir_fd, of at most `max` bytes; `fd` is read from where it stands. ERR_MALFORMED, ERR_LIMIT. */
bool advisory_db_unpack(
    const struct advisory_packed *p, const char *label, uint64_t max, int dir_fd, const char *name, struct err *e);

enum advisory_answer {
        ADVISORY_UNKNOWN = 0,
        ADVISORY_AFFECTED,
        ADVISORY_NOT_AFFECTED
}; /* unknown: the version can't be ordered; report it */

/* One record that speaks of the package; spans borrow from the mapping. */
struct advisory_hit {
        struct span id, summary;
        const struct span *aliases;
        size_t n_aliases; /* also "related" and "upstream" CVE ids of a distribution's record */
        enum advisory_answer answer;
        bool withdrawn;
        enum severity severity;
        uint32_t score_tenths;  /* 0 when no vector */
        struct span vector;     /* the CVSS vector taken, empty if none */
        struct span introduced; /* of the interval that matched, as the record spells it; only when affected */
        struct span fixed;      /* version that mends this interval; empty: none known */
        struct span last_affected;
        struct span reference; /* one URL, advisory first */
        int64_t modified_s, published_s;
        bool by_version_list; /* matched by the explicit list, not by a range */
        enum advisory_status status; /* the publisher's own verdict for this package and release */
        struct span note;            /* why, in its words */
        struct span module;          /* rpm: speaks only of packages of this module "name:stream" */
        struct span source;          /* which source the record came from */
};

/*
 * All records for (ecosystem, package), evaluated for `version` (OSV schema, "Evaluation"), each once and in the order
 * of their ids; then those of the ecosystem without release ("Debian" for "Debian:12"). on_hit returning false stops.
 * What a hit borrows lives until on_hit returns, its spans as long as the database. A version that its ecosystem
 * rejects gets ADVISORY_UNKNOWN from every record. ERR_UNSUPPORTED for an ecosystem without version order (not "no
 * advisories"), ERR_MALFORMED for a damaged database.
 */
bool advisory_db_lookup(const struct advisory_db *db, struct span ecosystem, struct span package, struct span version,
    bool (*on_hit)(void *ctx, const struct advisory_hit *hit), void *ctx, struct err *e);

/* What is known of a vulnerability by itself; *ret_known false: nothing. Spans live as long as the database. ERR_MALFORMED. */
bool advisory_db_fact(const struct advisory_db *db, struct span id, struct advisory_fact *ret, bool *ret_known, struct err *e);

/* Each package of which a record speaks that has this id, or names it as an alias. False from on_package ends it well. */
bool advisory_db_speaks(const struct advisory_db *db, struct span id,
    bool (*on_package)(void *ctx, struct span ecosystem, struct span package), void *ctx, struct err *e);

/*
 * What two databases say differently: each package of which some record says something else that a finding can come of (not: its
 * texts and times, EPSS), or of whose vulnerabilities KEV, SSVC or a score changed. In the order of their names; one that
 * only one of them has counts. The keys are the versions for which it can matter: lo <= key < hi; an empty hi is no bound.
 * False from on_change ends it well. Time grows with the databases' packages, not their ranges. ERR_MALFORMED.
 */
struct advisory_change {
        struct span ecosystem, package;
        struct span key_lo, key_hi;
        bool bounded;         /* else it can matter for all versions, and the following is empty */
        struct span from, to; /* the bounds as the records spell them; an empty `from` or "0" is the beginning */
        bool to_itself;       /* that version, too */
};
bool advisory_db_diff(const struct advisory_db *old, const struct advisory_db *new,
    bool (*on_change)(void *ctx, const struct advisory_change *c), void *ctx, struct err *e);

/* The same by records and by vulnerabilities, in the order of their ids. False from the callback ends it well. ERR_MALFORMED. */
enum advisory_record_change {
        ADVISORY_RECORD_SAME = 0,
        ADVISORY_RECORD_ADDED,
        ADVISORY_RECORD_REMOVED,
        ADVISORY_RECORD_CHANGED, /* a finding can come of it, or be called otherwise */
        ADVISORY_RECORD_REWORDED /* its texts or times alone; another source of the same is no difference */
};
const char *advisory_record_change_name(enum advisory_record_change c); /* "same", "added" ... */

struct advisory_record_difference {
        enum advisory_record_change change;
        struct span id, summary; /* of the new one, if there is one */
        bool withdrawn;
        int64_t modified_s;
};
bool advisory_db_diff_records(const struct advisory_db *old, const struct advisory_db *new,
    bool (*on_record)(void *ctx, const struct advisory_record_difference *d), void *ctx, struct err *e);
/* `old` or `new` of a vulnerability of which nothing is known there has its id alone. EPSS does not count. */
bool advisory_db_diff_facts(const struct advisory_db *old, const struct advisory_db *new,
    bool (*on_fact)(void *ctx, const struct advisory_fact *old, const struct advisory_fact *new), void *ctx, struct err *e);

/* ---- statements of a user's about findings (VEX) ---- */

enum vex_status {
        VEX_STATUS_NONE = 0,
        VEX_STATUS_INVESTIGATING,
        VEX_STATUS_AFFECTED,
        VEX_STATUS_NOT_AFFECTED,
        VEX_STATUS_FIXED
};
const char *vex_status_name(enum vex_status s); /* OpenVEX's words: "under_investigation", "affected" ... */

/* What a statement is about. Its words are a package URL (what it leaves out may be anything), an image's name or a digest. */
struct vex_product {
        struct span name;
        struct span ecosystem;            /* of the release that it is of: no other counts; empty: of any */
        struct span range;                /* of its versions, "vers:npm/>=1|<2"; empty: as the name says */
        const struct span *subcomponents; /* only these packages in it, as purls; none: itself */
        size_t n_subcomponents;
};

struct vex_statement {
        const struct span *ids; /* of the vulnerability: its name, then other names */
        size_t n_ids;
        const struct vex_product *products; /* any of them */
        size_t n_products;
        enum vex_status status;
        struct span justification; /* "vulnerable_code_not_present" ...; empty: not given */
        struct span note;          /* impact statement or detail */
        struct span action;        /* what to do about it */
        int64_t time_s;            /* since when it holds; of two the later counts */
};

struct vex_document {
        struct arena *arena;
        struct span name; /* as the caller calls it */
        struct span form; /* "OpenVEX", "CSAF 2.0", "CycloneDX 1.5" */
        struct span id, author;
        struct digest digest;             /* of its bytes: for records */
        struct vex_statement *statements; /* in the document's order */
        size_t n_statements;
        uint64_t n_passed_over; /* that name no vulnerability, or nothing that could be recognised in an image */
        const struct span *remarks; /* what its form demands and it lacks, without which it can be read all the same */
        size_t n_remarks;
};

/*
 * Reads OpenVEX (0.0 to 0.2), CSAF 2.0 or CycloneDX 1.4 to 1.7 (JSON, XML) from `fd` in a worker. ERR_UNSUPPORTED for any other form,
 * ERR_MALFORMED with the place, ERR_LIMIT. A "not affected" of OpenVEX that gives no reason is malformed.
 */
bool vex_document_read(int fd, const char *name, struct vex_document **ret, struct err *e);
void vex_document_free(struct vex_document *d); /* accepts NULL */

/* ---- writing OpenVEX 0.2.0 ---- */

struct vex_draft {
        struct span id; /* an IRI; empty: "urn:uuid:...", made of everything else, so that the same says the same */
        struct span author, role, tooling; /* the last two may be empty */
        int64_t time_s;                    /* of the document, and of statements that give none */
        uint32_t version;                  /* from 1 */
        const struct vex_statement *statements;
        size_t n_statements;
};

/*
 * What OpenVEX demands of a statement: an id, a status, one of its justifications or an impact statement for "not affected", an
 * action statement for "affected", and neither of them for others; products that can be named. ERR_MALFORMED.
 */
bool vex_statement_check(const struct vex_statement *s, struct err *e);
/* For people: OpenVEX's justifications, separated by blanks. */
extern const char vex_justifications[];
void vex_write(const struct vex_draft *d, struct buf *to);

struct vex_merged {
        struct vex_statement *statements; /* by time; of equal times as given. Equal ones once */
        size_t n_statements;
        struct span *notes; /* what OpenVEX can't say and was left out, for people */
        size_t n_notes;
};

/*
 * All statements of the documents, each with its time, as OpenVEX has them: a reason that is none of its justifications is an
 * impact statement, and where its form demands one that the document does not give, that is what is said. In `a`; borrows
 * from the documents. ERR_MALFORMED: a statement without a time, so that nobody could say which of two is the later.
 */
bool vex_merge(const struct vex_document *const *documents, size_t n_documents, struct arena *a, struct vex_merged *ret,
    struct err *e);

extern const struct jail_job advisory_jobs[];
extern const size_t advisory_n_jobs;
