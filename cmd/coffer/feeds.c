#include "feeds.h"

#include <fcntl.h>

#define FILE_NAME "feeds.json"
#define FILE_MAX (4u << 20)

/* Where publishers keep what they publish. %s is what stands behind the colon of a name. */
static const struct {
        const char *name, *url, *about, *licence;
} catalogue[] = {
    {"osv:ECOSYSTEM", "https://osv-vulnerabilities.storage.googleapis.com/%s/all.zip",
        "all of OSV's records of an ecosystem: osv:npm, osv:PyPI, osv:Debian, osv:Alpine ...",
        "of each record's publisher"},
    {"debian", "https://security-tracker.debian.org/tracker/data/json",
        "Debian's security tracker: also what will not be mended", "public domain data"},
    {"debian-dsa", "https://salsa.debian.org/security-tracker-team/security-tracker/-/raw/master/data/DSA/list",
        "Debian's security advisories, by their own numbers", "not stated"},
    {"debian-dla", "https://salsa.debian.org/security-tracker-team/security-tracker/-/raw/master/data/DLA/list",
        "Debian's advisories of long-term support", "not stated"},
    {"alpine:RELEASE", "https://secdb.alpinelinux.org/%s/main.json", "Alpine's fixed versions: alpine:v3.20",
        "not stated"},
    {"wolfi", "https://packages.wolfi.dev/os/security.json", "Wolfi's fixed versions", "not stated"},
    {"ubuntu:CODENAME", "https://security-metadata.canonical.com/oval/com.ubuntu.%s.cve.oval.xml.bz2",
        "Ubuntu's CVEs as OVAL: ubuntu:jammy", "GPL-3.0 documents"},
    {"oracle:RELEASE", "https://linux.oracle.com/security/oval/com.oracle.elsa-ol%s.xml.bz2",
        "Oracle Linux' advisories as OVAL: oracle:9", "not stated"},
    {"azurelinux:RELEASE",
        "https://raw.githubusercontent.com/microsoft/AzureLinuxVulnerabilityData/main/azurelinux-%s-oval.xml",
        "Azure Linux' CVEs as OVAL: azurelinux:3.0", "MIT"},
    {"mariner:RELEASE",
        "https://raw.githubusercontent.com/microsoft/AzureLinuxVulnerabilityData/main/cbl-mariner-%s-oval.xml",
        "CBL-Mariner's CVEs as OVAL: mariner:2.0", "MIT"},
    {"suse-oval:FILE", "https://ftp.suse.com/pub/projects/security/oval/%s.xml.gz",
        "one SUSE product's CVEs as OVAL: suse-oval:suse.linux.enterprise.server.15-affected, "
        "suse-oval:opensuse.leap.15.6",
        "CC-BY-4.0"},
    {"suse", "https://ftp.suse.com/pub/projects/security/csaf-vex.tar.bz2",
        "SUSE's and openSUSE's CVEs as CSAF VEX: also what is not affected", "CC-BY-4.0"},
    {"arch", "https://security.archlinux.org/all.json", "Arch Linux' advisories", "MIT"},
    {"photon:RELEASE", "https://packages.broadcom.com/photon/photon_cve_metadata/cve_data_photon%s.json",
        "Photon OS' CVEs: photon:5.0", "not stated"},
    {"nvd:YEAR", "https://nvd.nist.gov/feeds/json/cve/2.0/nvdcve-2.0-%s.json.gz",
        "NVD's scores of a year's CVEs: nvd:2026, nvd:modified", "public domain"},
    {"ghsa", "https://github.com/github/advisory-database/archive/refs/heads/main.zip",
        "GitHub's reviewed and unreviewed advisories", "CC-BY-4.0"},
    {"gitlab", "https://gitlab.com/gitlab-org/advisories-community/-/archive/main/advisories-community-main.tar.gz",
        "GitLab's advisories of packages of languages, a month old", "MIT"},
    {"kev", "https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json",
        "CISA's list of known exploited vulnerabilities", "CC0-1.0"},
    {"epss", "https://epss.empiricalsecurity.com/epss_scores-current.csv.gz", "FIRST's probabilities of exploitation",
        "free use with attribution"},
    {"vulnrichment", "https://github.com/cisagov/vulnrichment/archive/refs/heads/develop.zip",
        "CISA's SSVC decisions and scores", "CC0-1.0"},
};

size_t feed_known(size_t index, const char **ret_name, const char **ret_about, const char **ret_licence)
{
        if (index < ARRAY_LEN(catalogue)) {
                *ret_name = catalogue[index].name;
                *ret_about = catalogue[index].about;
                *ret_licence = catalogue[index].licence;
        }
        return ARRAY_LEN(catalogue);
}

/* A file's name in the folder of feeds, and a word in messages: nothing that leads elsewhere. */
static bool name_check(struct span name)
{
        for (size_t i = 0; i < name.len; i++) {
                uint8_t c = name.at[i];
                bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');

                if (!plain && (i == 0 || (c != ':' && c != '.' && c != '_' && c != '-')))
                        return false;
        }
        return name.len > 0 && name.len < FEED_NAME_MAX - 4;
}

/* "A B" as it stands in a path: %20 for what is not plain. */
static void escape(struct span s, struct buf *to)
{
        for (size_t i = 0; i < s.len; i++) {
                uint8_t c = s.at[i];
                bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
                             c == '-' || c == '_';

                if (plain)
                        buf_put_u8(to, c);
                else
                        buf_printf(to, "%%%02X", c);
        }
}

static bool url_of(struct span name, struct buf *ret)
{
        struct span kind, parameter, known, placeholder, before, after;
        bool has = span_split(name, ':', &kind, &parameter);

        for (size_t i = 0; i < ARRAY_LEN(catalogue); i++) {
                bool wants = span_split(span_of(catalogue[i].name), ':', &known, &placeholder);

                if (!span_equal(known, kind) || wants != has || (has && parameter.len == 0))
                        continue;
                if (!has) {
                        buf_put_text(ret, catalogue[i].url);
                        return true;
                }
                span_split(span_of(catalogue[i].url), '%', &before, &after);
                buf_put(ret, before);
                escape(parameter, ret);
                buf_put(ret, span_from(after, 1));
                return true;
        }
        return false;
}

/* "https://user:password@host/": everybody may read the list of feeds. */
static bool has_user(struct span url)
{
        struct span scheme, rest;
        size_t end, at;

        span_split(url, '/', &scheme, &rest);
        rest = span_from(rest, rest.len > 0); /* the second '/' */
        for (end = 0; end < rest.len && !memchr("/?#", rest.at[end], 3); end++)
                ;
        return span_find(span_cut(rest, 0, end), '@', &at);
}

bool feed_parse(const char *text, struct feed *ret, struct err *e)
{
        CLEANUP(buf_done) struct buf url = {.max = FEED_URL_MAX - 1};
        struct span name, own;
        char shown[128];

        *ret = (struct feed){0};
        if (span_split(span_of(text), '=', &name, &own))
                buf_put(&url, own);
        else
                name = span_of(text);
        if (!name_check(name))
                return err_set(e, ERR_MALFORMED,
                    "\"%s\": a feed's name has letters, digits and : . _ - and at most %u bytes",
                    span_printable(name, shown, sizeof(shown)), FEED_NAME_MAX - 5);
        if (url.len == 0 && !url_of(name, &url))
                return err_set(e, ERR_MALFORMED,
                    "no feed is known as \"%s\": see \"coffer db feeds\", or say %s=https://...",
                    span_printable(name, shown, sizeof(shown)), span_printable(name, shown, sizeof(shown)));
        if (url.failed || (!span_starts(buf_span(&url), "https://") && !span_starts(buf_span(&url), "http://")))
                return err_set(e, ERR_MALFORMED, "the URL of %s begins with https:// and has at most %u bytes",
                    span_printable(name, shown, sizeof(shown)), FEED_URL_MAX - 1);
        if (has_user(buf_span(&url)))
                return err_set(e, ERR_MALFORMED,
                    "the URL of %s names a user or a password, and everybody may read the list of feeds: leave it out",
                    span_printable(name, shown, sizeof(shown)));
        snprintf(ret->name, sizeof(ret->name), "%.*s", SPAN_FMT(name));
        snprintf(ret->url, sizeof(ret->url), "%.*s", SPAN_FMT(buf_span(&url)));
        return true;
}

static void text_take(struct json *j, char *to, size_t size)
{
        struct span s = json_string(j);

        if (s.len >= size || span_has_control(s))
                json_fail(j, ERR_MALFORMED, "a text of at most %zu printable bytes was expected", size - 1);
        else
                snprintf(to, size, "%.*s", (int)s.len, (const char *)s.at);
}

static void feed_take(struct json *j, struct feed *f)
{
        struct span key;

        for (json_object(j); json_member(j, &key);) {
                if (span_is(key, "name"))
                        text_take(j, f->name, sizeof(f->name));
                else if (span_is(key, "url"))
                        text_take(j, f->url, sizeof(f->url));
                else if (span_is(key, "etag"))
                        text_take(j, f->validators.etag, sizeof(f->validators.etag));
                else if (span_is(key, "modified"))
                        text_take(j, f->validators.modified, sizeof(f->validators.modified));
                else if (span_is(key, "fetched"))
                        f->fetched_s = json_i64(j);
                else if (span_is(key, "checked"))
                        f->checked_s = json_i64(j);
                else if (span_is(key, "newest"))
                        f->newest_s = json_i64(j);
                else if (span_is(key, "records"))
                        f->records = json_u64(j);
                else if (span_is(key, "failed"))
                        f->failed_s = json_i64(j);
                else if (span_is(key, "failure"))
                        text_take(j, f->failure, sizeof(f->failure));
                else
                        json_fail(j, ERR_MALFORMED, "no key of a feed");
        }
        if (!j->failed && !name_check(span_of(f->name)))
                json_fail(j, ERR_MALFORMED, "a feed's name");
}

bool feeds_read(int advisory_fd, struct arena *a, struct feeds *ret, struct err *e)
{
        CLEANUP(buf_done) struct buf content = {0};
        struct err why = {0};
        struct json j;

        *ret = (struct feeds){.at = arena_array(a, FEEDS_MAX + 1, sizeof(*ret->at))};
        if (!file_read(advisory_fd, FILE_NAME, FILE_MAX, &content, &why)) {
                if (why.kind == ERR_NOT_FOUND)
                        return true;
                if (e)
                        *e = why;
                return err_wrap(e, "advisory/%s", FILE_NAME);
        }
        json_init(&j, buf_span(&content), a, NULL);
        for (json_array(&j); json_element(&j);) {
                if (ret->n == FEEDS_MAX) {
                        json_fail(&j, ERR_LIMIT, "more than %u feeds", FEEDS_MAX);
                        break;
                }
                feed_take(&j, &ret->at[ret->n++]);
        }
        return json_finish(&j, e) || err_wrap(e, "advisory/%s", FILE_NAME);
}

bool feeds_write(int advisory_fd, const struct feeds *f, struct err *e)
{
        CLEANUP(buf_done) struct buf b = {0};
        struct json_out o;

        json_out_init(&o, &b, 2);
        json_out_array(&o);
        for (size_t i = 0; i < f->n; i++) {
                const struct feed *x = &f->at[i];

                json_out_object(&o);
                json_out_member_text(&o, "name", x->name);
                json_out_member_text(&o, "url", x->url);
                json_out_member_text(&o, "etag", x->validators.etag);
                json_out_member_text(&o, "modified", x->validators.modified);
                json_out_key(&o, "fetched");
                json_out_i64(&o, x->fetched_s);
                json_out_key(&o, "checked");
                json_out_i64(&o, x->checked_s);
                json_out_key(&o, "newest");
                json_out_i64(&o, x->newest_s);
                json_out_member_u64(&o, "records", x->records);
                json_out_key(&o, "failed");
                json_out_i64(&o, x->failed_s);
                json_out_member_text(&o, "failure", x->failure);
                json_out_object_end(&o);
        }
        json_out_array_end(&o);
        buf_put_text(&b, "\n");
        return file_replace(advisory_fd, FILE_NAME, buf_span(&b), 0644, e) || err_wrap(e, "advisory/%s", FILE_NAME);
}
