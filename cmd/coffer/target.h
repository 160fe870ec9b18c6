/* What scan, check and run share: the request to launch, made from the same options. */
#pragma once

#include "cli.h"
#include "launch/launch.h"

extern const char *arg_policy, *arg_platform, *arg_registry_auth, *arg_registry_ca;
extern bool arg_plain_http, arg_secrets;
extern const char *arg_secret_rules, *arg_detectors, *arg_ignore_file;
extern struct cli_list arg_vex;
extern uint64_t arg_registry_timeout, arg_registry_retries;

/* Rows for the options of whatever takes an image's name. */
#define REGISTRY_OPTIONS                                                                                                      \
        {"registry-auth", 0, CLI_TEXT, "FILE", "credentials for registries (podman's auth.json, then docker's config.json)",  \
            &arg_registry_auth, NULL},                                                                                        \
        {"registry-ca", 0, CLI_TEXT, "FILE", "trust this authority's certificate (PEM) for registries, too",                  \
            &arg_registry_ca, NULL},                                                                                          \
        {"registry-timeout", 0, CLI_NUMBER, "SECONDS", "give a silent registry up after that (30)", &arg_registry_timeout, NULL}, \
        {"registry-retries", 0, CLI_NUMBER, "N", "ask again so often, waiting longer each time (5)", &arg_registry_retries, NULL}, \
        {"plain-http", 0, CLI_FLAG, NULL, "speak http, not https, with registries: nobody is protected", &arg_plain_http, NULL}

#define SECRETS_OPTIONS                                                                                                       \
        {"secrets", 0, CLI_FLAG, NULL, "look for keys, tokens and passwords in files, history and environment", &arg_secrets, \
            NULL},                                                                                                            \
        {"secret-rules", 0, CLI_TEXT, "FILE", "look for secrets by these rules instead of the built-in ones",                 \
            &arg_secret_rules, NULL}

#define VEX_OPTIONS                                                                                                  \
        {"vex", 0, CLI_LIST, "FILE", "what this says of findings (OpenVEX, CSAF, CycloneDX), or what is \"attached\" to the image; may be repeated", &arg_vex, \
            NULL}

#define DETECTOR_OPTIONS                                                                                                  \
        {"detectors", 0, CLI_TEXT, "DIR", "ask the programs in this folder, too (\"detectors\" in the state's folder)", \
            &arg_detectors, NULL}

#define IMAGE_FORMS                                                                                                      \
        "oci:DIR[:TAG], oci-archive:FILE[:TAG], docker-archive:FILE[:TAG], aci:FILE (with its dependencies from the " \
        "same folder), dir:ROOT, or a path, whose kind is found by looking; docker://NAME, or a NAME that is no path here, of a registry (\"debian:12\" is "                       \
        "docker.io/library/debian:12); docker-daemon:NAME and podman:NAME of an engine on this host; pid:PID, the root " \
        "folder of a running process."

/* What scan and sbom take besides. */
#define SBOM_FORMS                                                                                                        \
        "\n\nInstead of an image: sbom:FILE, a FILE that is one, a pipe, or - (standard input): a bill of materials, "    \
        "CycloneDX 1.2 to 1.7 (JSON, XML) or SPDX 2.2 and 2.3 (JSON, tag-value), of Coffer, syft, Trivy or any other "    \
        "tool. Components are looked up by their package URLs, in the release that these or the document's operating "    \
        "system name. What has none, what the document refers to and does not list, and what it says to be incomplete "   \
        "is not assessed: exit status 3. Statements about vulnerabilities in it (VEX) are passed over, unless --vex names it, too."

/* What REGISTRY_OPTIONS were given. */
struct fetch_options target_registry_options(void);

struct target {
        int root_fd;
        struct store *store;
        struct advisory_db *db;
        struct policy *policy, *exceptions;
        struct vex_document *vex[CLI_LIST_MAX];
        size_t n_vex;
        struct progress progress;
        int secrets_fd;
        struct inventory_plugins *plugins;
        struct launch_request request;
};

/*
 * Opens what the command needs: with `store` the state folder's store, the database (none is no error here: `db` stays
 * NULL and `ret_no_db` says why), and with `policy` the --policy file or the built-in one.
 */
bool target_open(const char *reference, bool store, bool policy, struct target *ret, struct err *ret_no_db, struct err *e);
/*
 * launch_assess, once more if the advisory database was replaced while the image was read: otherwise a reassess in between has not
 * seen the image, and nobody would ever be told what the newer database says of it. ERR_UNAVAILABLE when it is replaced each time.
 */
bool target_assess(struct target *t, const char *event, struct launch **ret, struct err *e);
void target_done(struct target *t);
