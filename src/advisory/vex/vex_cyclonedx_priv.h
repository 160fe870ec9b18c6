/*
 * What CycloneDX says in JSON and in XML: components and vulnerabilities as they are written; what refers to what is resolved once
 * all is read, since either may come first.
 */
#pragma once

#include "advisory/vex/vex_priv.h"

struct cdx_component {
        struct span ref, purl, name, version;
};

/* An entry of "affects". */
struct cdx_target {
        struct span ref;
        bool limited; /* it lists versions: only those that are affected are what the analysis is of */
        struct vex_span_list versions, ranges;
};

struct cdx_vulnerability {
        struct vex_span_list ids;
        struct {
                struct cdx_target *at;
                size_t len, cap;
        } targets;
        struct vex_statement s; /* status, words, time; neither ids nor products */
        bool stated;            /* it has an analysis with a state */
        int64_t updated_s;
};

struct cdx_document {
        struct arena *arena;
        struct span id, author, version;
        int64_t time_s;
        struct {
                struct cdx_component *at;
                size_t len, cap;
        } components;
        struct {
                struct cdx_vulnerability *at;
                size_t len, cap;
        } vulnerabilities;
        size_t n_targets;
};

/* NONE for a word that is none of CycloneDX's. */
enum vex_status cdx_state(struct span word);
/* False, with the reason, above a limit. */
bool cdx_component_add(struct cdx_document *d, struct cdx_component c, struct err *e);
bool cdx_target_add(struct cdx_document *d, struct cdx_vulnerability *v, const struct cdx_target *t, struct err *e);
void cdx_version_add(
    struct cdx_document *d, struct cdx_target *t, struct span version, struct span range, struct span status);
void cdx_response_add(struct cdx_document *d, struct cdx_vulnerability *v, struct span response);
/* Takes the document's statements; sorts its components. */
bool cdx_resolve(struct cdx_document *d, struct vex_parsed *ret, struct err *e);

bool vex_cyclonedx_json_parse(struct span document, struct arena *a, struct vex_parsed *ret, struct err *e);
bool vex_cyclonedx_xml_parse(struct span document, struct arena *a, struct vex_parsed *ret, struct err *e);
