#include "inventory/os/system_priv.h"

/* How much of VERSION_ID names a release. */
enum release_form {
        RELEASE_NONE = 0, /* rolling: none */
        RELEASE_MAJOR,    /* "9" of "9.4" */
        RELEASE_MINOR,    /* "3.18" of "3.18.4" */
        RELEASE_OWN       /* see the system's own function */
};

struct named_system {
        const char *id;   /* os-release's */
        const char *type; /* purl type of its packages */
        enum release_form form;
        const char *ecosystem; /* before the release; NULL: no advisories are published */
        const char *before;    /* between the two: ":" when NULL */
        /* Writes what follows the ecosystem's name; false: none for this release. */
        bool (*name)(const struct os_release *os, struct buf *to);
};

/* ---- numbers ---- */

static bool digits(struct span s)
{
        for (size_t i = 0; i < s.len; i++)
                if (s.at[i] < '0' || s.at[i] > '9')
                        return false;
        return s.len > 0 && s.len <= 4;
}

/* The first number of a version; no leading zero. */
static bool major_of(struct span version, struct span *ret)
{
        struct span rest;

        span_split(version, '.', ret, &rest);
        return digits(*ret) && ret->at[0] != '0';
}

/* The first two, as they stand. */
static bool minor_of(struct span version, struct span *ret)
{
        struct span major, minor, rest;

        if (!span_split(version, '.', &major, &rest) || !digits(major))
                return false;
        span_split(rest, '.', &minor, &rest);
        if (!digits(minor))
                return false;
        *ret = span_cut(version, 0, major.len + 1 + minor.len);
        return true;
}

/* ---- releases that have rules of their own ---- */

/* Point releases stand in debian_version, not here: "12", never "12.4". Testing states its codename alone. */
static bool debian_release(const struct os_release *os, struct buf *to)
{
        static const struct {
                const char *codename, *release; /* distro-info-data 0.58 */
        } testing[] = {{"bookworm", "12"}, {"trixie", "13"}, {"forky", "14"}};

        if (digits(os->version_id) && os->version_id.at[0] != '0') {
                buf_put(to, os->version_id);
                return true;
        }
        for (size_t i = 0; os->version_id.len == 0 && i < ARRAY_LEN(testing); i++)
                if (span_is(os->version_codename, testing[i].codename)) {
                        buf_put_text(to, testing[i].release);
                        return true;
                }
        return false;
}

static bool ubuntu_release(const struct os_release *os, struct buf *to)
{
        struct span year, month;
        uint64_t number;

        if (!span_split(os->version_id, '.', &year, &month) || !digits(year) || year.at[0] == '0' || month.len != 2 ||
            !digits(month) || !span_to_u64(month, &number) || number < 1 || number > 12)
                return false;
        buf_put(to, os->version_id);
        return true;
}

/* Those of April in even years have long-term support since 6.06, which came late. */
static bool ubuntu_name(const struct os_release *os, struct buf *to)
{
        if (!ubuntu_release(os, to))
                return false;
        struct span year = span_cut(os->version_id, 0, os->version_id.len - 3);
        if ((span_ends(os->version_id, ".04") && (year.at[year.len - 1] - '0') % 2 == 0) ||
            span_is(os->version_id, "6.06"))
                buf_put_text(to, ":LTS");
        return true;
}

static bool alpine_release(const struct os_release *os, struct buf *to)
{
        struct span release, v = os->version_id;

        for (size_t i = 0; i < v.len; i++)
                if (span_starts(span_from(v, i), "_alpha")) {
                        buf_put_text(to, "edge");
                        return true;
                }
        if (span_is(v, "edge")) {
                buf_put_text(to, "edge");
                return true;
        }
        for (size_t i = 0; i < v.len; i++) /* "3.18.0_rc1", "3.18_git20230501" */
                if (v.at[i] == '_') {
                        v = span_cut(v, 0, i);
                        break;
                }
        if (!minor_of(v, &release))
                return false;
        buf_put(to, release);
        return true;
}

static bool alpine_name(const struct os_release *os, struct buf *to)
{
        CLEANUP(buf_done) struct buf release = {0};

        if (!alpine_release(os, &release))
                return false;
        if (!span_is(buf_span(&release), "edge"))
                buf_put_u8(to, 'v');
        buf_put(to, buf_span(&release));
        return true;
}

/* CentOS Linux rebuilt Red Hat's packages; CentOS Stream runs ahead of them, and no advisory speaks of its versions. */
static bool centos_is_stream(const struct os_release *os)
{
        struct span major;

        return span_starts(os->pretty_name, "CentOS Stream") ||
               (major_of(os->version_id, &major) && (major.len > 1 || major.at[0] > '8'));
}

static bool centos_release(const struct os_release *os, struct buf *to)
{
        struct span major;

        if (!major_of(os->version_id, &major))
                return false;
        buf_printf(to, "%s%.*s", centos_is_stream(os) ? "stream-" : "", SPAN_FMT(major));
        return true;
}

static bool centos_name(const struct os_release *os, struct buf *to)
{
        return !centos_is_stream(os) && centos_release(os, to);
}

/* "2", "2023"; the first one called itself by the month: "2018.03". */
static bool amazon_release(const struct os_release *os, struct buf *to)
{
        struct span major;

        if (!major_of(os->version_id, &major))
                return false;
        if (span_starts(major, "201"))
                buf_put_u8(to, '1');
        else
                buf_put(to, major);
        return true;
}

/* "15.5" is "15 SP5", "15" is "15", "16.0" is "16.0". */
static bool sle_name(const struct os_release *os, struct buf *to)
{
        struct span major, minor;

        if (!span_split(os->version_id, '.', &major, &minor)) {
                if (!digits(major))
                        return false;
                buf_put(to, major);
                return true;
        }
        if (!digits(major) || !digits(minor))
                return false;
        if (span_is(major, "11") || span_is(major, "12") || span_is(major, "15"))
                buf_printf(to, span_is(minor, "0") ? "%.*s" : "%.*s SP%.*s", SPAN_FMT(major), SPAN_FMT(minor));
        else
                buf_put(to, os->version_id);
        return true;
}

static bool opensuse_release(const struct os_release *os, struct buf *to)
{
        struct span release;

        if (!minor_of(os->version_id, &release))
                return false;
        buf_put(to, release);
        return true;
}

/* openSUSE 13.2 and older had no name; Leap counts 42.1 to 42.3, then 15.0. */
static bool opensuse_name(const struct os_release *os, struct buf *to)
{
        struct span major;

        if (!major_of(os->version_id, &major))
                return false;
        if (span_is(os->id, "opensuse-leap") || span_is(major, "42"))
                buf_put_text(to, "Leap ");
        return opensuse_release(os, to);
}

static bool tumbleweed_name(const struct os_release *os, struct buf *to)
{
        (void)os;
        buf_put_text(to, "Tumbleweed");
        return true;
}

/* "openEuler 22.03 (LTS-SP1)": what stands in brackets is no part of VERSION_ID. */
static bool openeuler_release(const struct os_release *os, struct buf *to)
{
        struct span release, before, words, rest;

        if (!minor_of(os->version_id, &release))
                return false;
        buf_put(to, release);
        if (!span_split(os->pretty_name, '(', &before, &rest) || !span_split(rest, ')', &words, &rest))
                return true;
        words = span_trim(words);
        if (words.len == 0 || words.len > 20)
                return true;
        buf_put_u8(to, '-');
        for (size_t i = 0; i < words.len; i++)
                buf_put_u8(to, words.at[i] == ' ' ? '-' : words.at[i]);
        return true;
}

/* Its advisories speak of releases with long-term support alone. */
static bool openeuler_name(const struct os_release *os, struct buf *to)
{
        CLEANUP(buf_done) struct buf release = {0};
        struct span name;

        if (!openeuler_release(os, &release))
                return false;
        name = buf_span(&release);
        if (name.len < strlen("22.03-LTS") || !span_starts(span_from(name, strlen("22.03")), "-LTS"))
                return false;
        buf_put(to, name);
        return true;
}

/* As it stands: "23", "stream" */
static bool whole_name(const struct os_release *os, struct buf *to)
{
        if (os->version_id.len == 0)
                return false;
        buf_put(to, os->version_id);
        return true;
}

/* ---- the table ---- */

static const struct named_system systems[] = {
    {"debian", "deb", RELEASE_OWN, "Debian", NULL, debian_release},
    {"ubuntu", "deb", RELEASE_OWN, "Ubuntu", NULL, ubuntu_name},
    {"echo", "deb", RELEASE_NONE, "Echo", NULL, NULL},
    {"alpine", "apk", RELEASE_OWN, "Alpine", NULL, alpine_name},
    {"wolfi", "apk", RELEASE_NONE, "Wolfi", NULL, NULL},
    {"chainguard", "apk", RELEASE_NONE, "Chainguard", NULL, NULL},
    {"minimos", "apk", RELEASE_NONE, "MinimOS", NULL, NULL},
    {"cleanstart", "apk", RELEASE_NONE, "CleanStart", NULL, NULL},
    {"clnstrt", "apk", RELEASE_NONE, "CleanStart", NULL, NULL},
    {"alpaquita", "apk", RELEASE_OWN, "Alpaquita", NULL, whole_name},
    {"bellsoft-hardened-containers", "apk", RELEASE_OWN, "BellSoft Hardened Containers", NULL, whole_name},
    {"rhel", "rpm", RELEASE_MAJOR, "Red Hat", ":enterprise_linux:", NULL},
    {"redhat", "rpm", RELEASE_MAJOR, "Red Hat", ":enterprise_linux:", NULL},
    {"centos", "rpm", RELEASE_OWN, "Red Hat", ":enterprise_linux:", centos_name},
    {"almalinux", "rpm", RELEASE_MAJOR, "AlmaLinux", NULL, NULL},
    {"rocky", "rpm", RELEASE_MAJOR, "Rocky Linux", NULL, NULL},
    {"ol", "rpm", RELEASE_MAJOR, "Oracle Linux", NULL, NULL},
    {"amzn", "rpm", RELEASE_OWN, "Amazon Linux", NULL, amazon_release},
    {"fedora", "rpm", RELEASE_MAJOR, "Fedora", NULL, NULL},
    {"sles", "rpm", RELEASE_OWN, "SUSE", ":Linux Enterprise Server ", sle_name},
    {"sles_sap", "rpm", RELEASE_OWN, "SUSE", ":Linux Enterprise Server for SAP Applications ", sle_name},
    {"sled", "rpm", RELEASE_OWN, "SUSE", ":Linux Enterprise Desktop ", sle_name},
    {"sle_hpc", "rpm", RELEASE_OWN, "SUSE", ":Linux Enterprise High Performance Computing ", sle_name},
    {"sle-micro", "rpm", RELEASE_MINOR, "SUSE", ":Linux Enterprise Micro ", NULL},
    {"sle-micro-rancher", "rpm", RELEASE_MINOR, "SUSE", ":Linux Enterprise Micro ", NULL},
    {"sl-micro", "rpm", RELEASE_MINOR, "SUSE", ":Linux Micro ", NULL},
    {"opensuse-leap", "rpm", RELEASE_OWN, "openSUSE", NULL, opensuse_name},
    {"opensuse", "rpm", RELEASE_OWN, "openSUSE", NULL, opensuse_name},
    {"opensuse-leap-micro", "rpm", RELEASE_MINOR, "openSUSE", ":Leap Micro ", NULL},
    {"opensuse-tumbleweed", "rpm", RELEASE_OWN, "openSUSE", NULL, tumbleweed_name},
    {"photon", "rpm", RELEASE_MINOR, "Photon OS", NULL, NULL},
    {"azurelinux", "rpm", RELEASE_MAJOR, "Azure Linux", NULL, NULL},
    {"mariner", "rpm", RELEASE_MAJOR, "Azure Linux", NULL, NULL},
    {"mageia", "rpm", RELEASE_MAJOR, "Mageia", NULL, NULL},
    {"openEuler", "rpm", RELEASE_OWN, "openEuler", NULL, openeuler_name},
    {"bottlerocket", "rpm", RELEASE_NONE, "Bottlerocket", NULL, NULL},
    {"arch", "alpm", RELEASE_NONE, "Arch Linux", NULL, NULL},
    {"gentoo", "portage", RELEASE_NONE, "Gentoo", NULL, NULL},
    /* Those for which nobody publishes advisories in a form that can be matched. */
    {"openwrt", "opkg", RELEASE_MINOR, NULL, NULL, NULL},
    {"void", "xbps", RELEASE_NONE, NULL, NULL, NULL},
    {"nixos", "nix", RELEASE_MINOR, NULL, NULL, NULL},
};

static const struct named_system *system_of(const struct os_release *os)
{
        for (size_t i = 0; i < ARRAY_LEN(systems); i++)
                if (span_is(os->id, systems[i].id))
                        return &systems[i];
        return NULL;
}

/* The release alone, by its form. */
static bool put_release(const struct named_system *s, const struct os_release *os, struct buf *to)
{
        struct span release;

        if (s->form == RELEASE_MAJOR ? !major_of(os->version_id, &release) : !minor_of(os->version_id, &release))
                return false;
        buf_put(to, release);
        return true;
}

bool system_ecosystem(const struct os_release *os, struct buf *to)
{
        const struct named_system *s = system_of(os);
        CLEANUP(buf_done) struct buf release = {0};

        if (!s || !s->ecosystem)
                return false;
        if (s->form != RELEASE_NONE && !(s->name ? s->name(os, &release) : put_release(s, os, &release)))
                return false;
        buf_put_text(to, s->ecosystem);
        if (s->form != RELEASE_NONE) {
                buf_put_text(to, s->before ? s->before : ":");
                buf_put(to, buf_span(&release));
        }
        return true;
}

bool system_package_ecosystem(const struct os_release *os, const char *type, struct buf *to)
{
        const struct named_system *s = system_of(os);

        return s && strcmp(s->type, type) == 0 && system_ecosystem(os, to);
}

const char *system_package_type(const struct os_release *os)
{
        const struct named_system *s = system_of(os);

        return s ? s->type : NULL;
}

void system_release(const struct os_release *os, struct buf *to)
{
        static const struct {
                const char *id;
                bool (*release)(const struct os_release *os, struct buf *to);
        } own[] = {
            {"debian", debian_release},
            {"ubuntu", ubuntu_release},
            {"alpine", alpine_release},
            {"centos", centos_release},
            {"amzn", amazon_release},
            {"sles", whole_name},
            {"sles_sap", whole_name},
            {"sled", whole_name},
            {"sle_hpc", whole_name},
            {"opensuse", opensuse_release},
            {"opensuse-leap", opensuse_release},
            {"openEuler", openeuler_release},
        };
        const struct named_system *s = system_of(os);

        for (size_t i = 0; i < ARRAY_LEN(own); i++)
                if (span_is(os->id, own[i].id)) {
                        own[i].release(os, to);
                        return;
                }
        if (s && (s->form == RELEASE_MAJOR || s->form == RELEASE_MINOR))
                put_release(s, os, to);
}

void system_distro(const struct os_release *os, struct buf *to)
{
        struct span version = os->version_id.len > 0 ? os->version_id : os->version_codename;

        buf_put(to, os->id);
        if (os->id.len > 0 && version.len > 0) {
                buf_put_u8(to, '-');
                buf_put(to, version);
        }
}

void system_name(const struct os_release *os, struct buf *to)
{
        if (os->pretty_name.len > 0)
                buf_put(to, os->pretty_name);
        else
                system_distro(os, to);
}
