/*
 * A bill of materials in place of an image: CycloneDX 1.2 to 1.7 (JSON, XML) and SPDX 2.2 and 2.3 (JSON, tag-value).
 *
 * In:    a document's bytes, of any origin.
 * Out:   an inventory whose components are all "declared", and what the document says of itself.
 * Never: opens what the document refers to; believes its identity (an image's digest in it makes it no image's inventory);
 *        takes what it can't read, look up or follow for clean: each such thing is a note.
 *
 * A reader (cyclonedx_json.c, cyclonedx_xml.c, spdx_json.c, spdx_tags.c) hands out entries as the document states them;
 * links.c follows references between them, distro.c tells which system's they are, identify.c what they are, and resolve.c
 * makes an inventory of them. All of it runs in the jail, as the job "inventory-sbom" (job.c); inventory_of_sbom is the
 * parent's side.
 */
#pragma once

#include "inventory/detect_priv.h"
#include "inventory/merge_priv.h"
#include "inventory/purl_priv.h"

#define SBOM_FILE_MAX (256u << 20)   /* bytes: 100,000 components with all properties of syft are 150 MiB */
#define SBOM_STRING_MAX (16u << 20)  /* bytes of one JSON string: licence texts and signatures are in it as base64 */
#define SBOM_MEMBERS_MAX (4u << 20)  /* of one JSON container: SPDX relates every file to its package */
#define SBOM_ENTRIES_MAX 1000000u    /* components, nested ones and services too */
#define SBOM_EDGES_MAX 2000000u      /* dependencies and relationships that are walked */
#define SBOM_PURLS_MAX 32u           /* of one package; SPDX lets it have several, and one is usual */
#define SBOM_LICENCES_MAX 100000u    /* licences that SPDX explains at its end */
#define SBOM_WORDS_MAX 256u          /* bytes of an explained licence that stand in for its reference */
#define SBOM_MEMORY_MAX (4ull << 30) /* bytes: for a million components, a list of them and its answer */
#define SBOM_ANSWER_MAX (300u << 20)

/* What one component (CycloneDX) or package (SPDX) states. Empty: not stated. */
struct sbom_entry {
        struct sbom_entry *next;
        uint32_t number;  /* from 1 */
        struct span ref;  /* bom-ref, SPDXID */
        struct span type; /* CycloneDX's word for it: "library", "operating-system" */
        struct span group, name, version, description;
        struct span_list purls;
        struct span cpe, vendor, path;
        struct span licence; /* joined: see sbom_licence */
        unsigned n_licences;
        struct span concluded; /* SPDX: counts when no licence is declared */
        struct span source_name, source_version, source_release, source_epoch, module;
        struct span os_id, os_version, os_codename, os_name; /* syft's properties of a system */
        struct span owned_by;                                /* ref of the component that installed it: ours */
        struct sbom_entry *owner;                            /* likewise, found */
        uint32_t component; /* 1 + its place among the drafts, later in the list; 0: not listed */
        bool subject;       /* what the document is about */
        bool service;       /* counts as a place that dependencies may lead to */
        bool holder;        /* a lock file or a system, listed for its packages alone */
        bool development;
        bool of_system; /* one of a system's packages */
        bool too_many_purls;
        bool walked;
};

struct sbom_edge {
        struct span from, to;
        bool contains; /* what is at `to` is part of what is at `from`, and does not just serve it */
};

/* A LicenseRef of SPDX and what it stands for. */
struct sbom_licence_text {
        struct span id, name, text;
};

struct sbom_document {
        struct arena *arena;
        const char *detector;  /* "cyclonedx", "spdx" */
        struct span form;      /* "CycloneDX 1.6" */
        struct span file;      /* the document's own name */
        struct span subject;   /* name of what it is about */
        struct span created;   /* RFC 3339 */
        uint64_t n_statements; /* about vulnerabilities: passed over */
        struct sbom_entry *first, *last;
        uint32_t n_entries;
        struct {
                struct sbom_edge *at;
                size_t len, cap;
        } edges;
        bool edges_closed; /* every edge must lead to an entry */
        bool too_many_edges;
        struct span elsewhere; /* the first other document that it refers to */
        size_t n_elsewhere;
        struct {
                struct span *at;
                size_t len, cap;
        } described; /* SPDX: ids of what the document is about */
        struct {
                struct sbom_licence_text *at;
                size_t len, cap;
        } licences;
        struct notes notes;
};

/* ---- what readers call ---- */

/* NULL with ERR_LIMIT when there are too many. */
struct sbom_entry *sbom_entry_new(struct sbom_document *d, struct err *e);
void sbom_edge(struct sbom_document *d, struct span from, struct span to, bool contains);
/* What it describes stands in another document, which nobody reads. */
void sbom_elsewhere(struct sbom_document *d, struct span document);
/* One more licence that holds for it: they are joined by AND, and an OR within one gets brackets. */
void sbom_licence(struct sbom_document *d, struct sbom_entry *entry, struct span licence);
/* CycloneDX: name and value pairs, of which the ones of syft, Trivy, npm and ours are known. */
void sbom_property(struct sbom_entry *entry, struct span name, struct span value);
/* The document says itself that it does not list everything. */
void sbom_note_incomplete(struct sbom_document *d);
/* False with ERR_UNSUPPORTED unless it is a version that is read; sets detector and form. */
bool sbom_is_cyclonedx(struct sbom_document *d, struct span version, struct err *e);
bool sbom_is_spdx(struct sbom_document *d, struct span version, struct err *e);

/* "component pkg:npm/a@1: TEXT" */
PRINTF_LIKE(3, 4) void sbom_note(struct sbom_document *d, const struct sbom_entry *entry, const char *fmt, ...);

/* ---- readers: `in` is borrowed by what they hand out ---- */

bool cyclonedx_json_read(struct span in, struct sbom_document *d, struct err *e);
bool cyclonedx_xml_read(struct span in, struct sbom_document *d, struct err *e);
bool spdx_json_read(struct span in, struct sbom_document *d, struct err *e);
bool spdx_tags_read(struct span in, struct sbom_document *d, struct err *e);

/* What SPDX's two forms share. */
void spdx_external_ref(struct sbom_document *d, struct sbom_entry *entry, struct span type, struct span locator);
void spdx_source_info(struct sbom_entry *entry, struct span text);
void spdx_relationship(struct sbom_document *d, struct span from, struct span type, struct span to);
void spdx_purpose(struct sbom_document *d, struct sbom_entry *entry, struct span purpose);
struct span spdx_party(struct span text);  /* "Organization: Example (x@example.org)" -> "Example" */
struct span spdx_stated(struct span text); /* empty for NOASSERTION and NONE */
/* When all is read: subjects, licences that are references. */
void spdx_settle(struct sbom_document *d);

/* ---- JSON ---- */

/* The next value as text; null is the empty span. */
struct span sbom_text(struct json *j);
/* Enters an array or object; false for null, which is read. */
bool sbom_array(struct json *j);
bool sbom_object(struct json *j);
extern const struct json_limits sbom_json_limits;

/* ---- from entries to an inventory ---- */

/*
 * Which system a package of an operating system is of: by the qualifier "distro" of its purl, which names a release in
 * many ways ("debian-12", "12", "bookworm", "debian-12.5"), and by its namespace. False: nothing says.
 */
bool sbom_distro(const struct purl *p, struct arena *a, struct os_release *ret);
/* os-release(5)'s ID and VERSION_ID of what a component of type operating-system states. */
void sbom_system(const struct sbom_entry *entry, struct arena *a, struct os_release *ret);

/* The purl has the qualifier: what sbom_distro says is not its namespace alone. */
bool sbom_is_distro_stated(const struct purl *p);
/* Empty when the purl has none of that key. */
struct span sbom_qualifier(const struct purl *p, const char *key);

/*
 * Follows the references: paths of what a lock file lists, owners, and a note for references that lead nowhere.
 */
void sbom_links(struct sbom_document *d);

/* Fills v; everything lies in d->arena or the document, which must be v->arena and outlive v. */
void sbom_resolve(struct sbom_document *d, struct inventory *v);

/*
 * A whole document: `file` is its name, `in` is borrowed by what comes back. ERR_MALFORMED, ERR_LIMIT or ERR_UNSUPPORTED
 * with the place; what is wrong with a single component is a note.
 */
bool sbom_read(
    struct span in, struct span file, struct inventory **ret, struct inventory_sbom *ret_sbom, struct err *e);
/* By its first bytes: whether it may be a bill of materials at all, and not an archive or a program. */
bool sbom_head(struct span head);

/*
 * Job "inventory-sbom": the descriptor is the document; the request a byte (1: it must be one) and its name. Answer: a byte
 * (0: it is none, and nothing follows), what the document says of itself, the inventory as it is stored.
 */
bool sbom_job(size_t n_fds, struct err *e);
void sbom_answer_put(struct buf *b, const struct inventory_sbom *s, const struct inventory *v);
/* ERR_MALFORMED for what no honest worker answers. */
bool sbom_answer_get(struct span bytes, struct inventory **ret, struct inventory_sbom *ret_sbom, struct err *e);
