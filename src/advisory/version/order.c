/* The table of version orders, and of the ecosystems that have exactly one of them. */
#include "advisory/version/order_priv.h"

static const struct {
        const char *name;
        bool (*key)(struct span version, struct buf *ret_key, struct err *e);
} orders[] = {
    [VERSION_ORDER_NONE] = {"none", NULL},
    [VERSION_ORDER_DPKG] = {"dpkg", version_key_dpkg},
    [VERSION_ORDER_SEMVER] = {"semver", version_key_semver},
    [VERSION_ORDER_PEP440] = {"pep440", version_key_pep440},
    [VERSION_ORDER_RPM] = {"rpm", version_key_rpm},
    [VERSION_ORDER_APK] = {"apk", version_key_apk},
    [VERSION_ORDER_MAVEN] = {"maven", version_key_maven},
    [VERSION_ORDER_RUBYGEMS] = {"rubygems", version_key_rubygems},
    [VERSION_ORDER_PACMAN] = {"pacman", version_key_pacman},
    [VERSION_ORDER_PORTAGE] = {"portage", version_key_portage},
    [VERSION_ORDER_COMPOSER] = {"composer", version_key_composer},
    [VERSION_ORDER_NUGET] = {"nuget", version_key_nuget},
    [VERSION_ORDER_GO] = {"go", version_key_go},
    [VERSION_ORDER_HEX] = {"hex", version_key_hex},
    [VERSION_ORDER_PUB] = {"pub", version_key_pub},
    [VERSION_ORDER_CRAN] = {"cran", version_key_cran},
    [VERSION_ORDER_PVP] = {"pvp", version_key_pvp},
    [VERSION_ORDER_JULIA] = {"julia", version_key_julia},
    [VERSION_ORDER_BITNAMI] = {"bitnami", version_key_bitnami},
    [VERSION_ORDER_OPAM] = {"opam", version_key_opam},
};

/*
 * Names as the OSV schema spells them, and after them those of systems that it doesn't name, as the inventory spells
 * them. Left out on purpose: Root, TuxCare and Docker Hardened Images (the suffix names another ecosystem, whose order it
 * is), FreeBSD (pkg-version(8)), Android, Linux, OSS-Fuzz, ConanCenter (no order that the ecosystem itself would define).
 * A GitHub action's "v4" is a tag that moves, and refused as a version: what it is at the time can't be told from it.
 */
static const struct {
        const char *ecosystem;
        enum version_order order;
} ecosystems[] = {
    {"Debian", VERSION_ORDER_DPKG},
    {"Ubuntu", VERSION_ORDER_DPKG},
    {"Echo", VERSION_ORDER_DPKG},
    {"npm", VERSION_ORDER_SEMVER},
    {"crates.io", VERSION_ORDER_SEMVER},
    {"SwiftURL", VERSION_ORDER_SEMVER},
    {"GitHub Actions", VERSION_ORDER_SEMVER},
    {"Kubernetes", VERSION_ORDER_SEMVER},
    {"VSCode", VERSION_ORDER_SEMVER},
    {"PyPI", VERSION_ORDER_PEP440},
    {"Red Hat", VERSION_ORDER_RPM},
    {"AlmaLinux", VERSION_ORDER_RPM},
    {"Rocky Linux", VERSION_ORDER_RPM},
    {"SUSE", VERSION_ORDER_RPM},
    {"openSUSE", VERSION_ORDER_RPM},
    {"Mageia", VERSION_ORDER_RPM},
    {"openEuler", VERSION_ORDER_RPM},
    {"Azure Linux", VERSION_ORDER_RPM},
    {"Photon OS", VERSION_ORDER_RPM},
    {"Alpine", VERSION_ORDER_APK},
    {"Wolfi", VERSION_ORDER_APK},
    {"Chainguard", VERSION_ORDER_APK},
    {"MinimOS", VERSION_ORDER_APK},
    {"CleanStart", VERSION_ORDER_APK},
    {"Alpaquita", VERSION_ORDER_APK},
    {"BellSoft Hardened Containers", VERSION_ORDER_APK},
    {"Maven", VERSION_ORDER_MAVEN},
    {"RubyGems", VERSION_ORDER_RUBYGEMS},
    {"Packagist", VERSION_ORDER_COMPOSER},
    {"NuGet", VERSION_ORDER_NUGET},
    {"Go", VERSION_ORDER_GO},
    {"Hex", VERSION_ORDER_HEX},
    {"Pub", VERSION_ORDER_PUB},
    {"CRAN", VERSION_ORDER_CRAN},
    {"Bioconductor", VERSION_ORDER_CRAN},
    {"Hackage", VERSION_ORDER_PVP},
    {"GHC", VERSION_ORDER_PVP},
    {"Julia", VERSION_ORDER_JULIA},
    {"Bitnami", VERSION_ORDER_BITNAMI},
    {"opam", VERSION_ORDER_OPAM},
    /* Not OSV's. */
    {"Amazon Linux", VERSION_ORDER_RPM},
    {"Oracle Linux", VERSION_ORDER_RPM},
    {"Fedora", VERSION_ORDER_RPM},
    {"Bottlerocket", VERSION_ORDER_RPM},
    {"Arch Linux", VERSION_ORDER_PACMAN},
    {"Gentoo", VERSION_ORDER_PORTAGE},
};

const char *version_ecosystem(size_t i)
{
        return i < ARRAY_LEN(ecosystems) ? ecosystems[i].ecosystem : NULL;
}

enum version_order version_order_of(struct span ecosystem)
{
        struct span name, suffix;

        span_split(ecosystem, ':', &name, &suffix);
        for (size_t i = 0; i < ARRAY_LEN(ecosystems); i++)
                if (span_is(name, ecosystems[i].ecosystem))
                        return ecosystems[i].order;
        return VERSION_ORDER_NONE;
}

const char *version_order_name(enum version_order o)
{
        return (size_t)o < ARRAY_LEN(orders) && orders[o].name ? orders[o].name : "none";
}

void version_put_number(struct buf *key, struct span digits)
{
        size_t zeros = 0;

        while (zeros < digits.len && digits.at[zeros] == '0')
                zeros++;
        digits = span_from(digits, zeros);
        if (digits.len < 255) {
                buf_put_u8(key, (uint8_t)digits.len);
        } else {
                buf_put_u8(key, 255);
                buf_put_u8(key, (uint8_t)(digits.len >> 8));
                buf_put_u8(key, (uint8_t)digits.len);
        }
        buf_put(key, digits);
}

bool version_key(enum version_order o, struct span version, struct buf *ret_key, struct err *e)
{
        size_t before = ret_key->len;
        struct err why = {0};
        char text[80];

        if ((size_t)o >= ARRAY_LEN(orders) || !orders[o].key)
                return err_set(e, ERR_UNSUPPORTED, "no version order is known for this ecosystem");
        if (version.len > VERSION_MAX)
                return err_set(e, ERR_LIMIT, "version is %zu bytes, at most %u", version.len, VERSION_MAX);
        if (version.len == 0)
                return err_set(e, ERR_MALFORMED, "version is empty");
        if (!orders[o].key(version, ret_key, &why)) {
                ret_key->len = before;
                return err_set(
                    e, why.kind, "version \"%s\": %s", span_printable(version, text, sizeof(text)), why.text);
        }
        if (ret_key->failed) {
                ret_key->len = before;
                return err_set(e, ERR_LIMIT, "the buffer for the version key is full");
        }
        return true;
}

bool version_compare(enum version_order o, struct span a, struct span b, int *ret, struct err *e)
{
        struct buf key_a CLEANUP(buf_done) = {0}, key_b CLEANUP(buf_done) = {0};
        int sign;

        if (!version_key(o, a, &key_a, e) || !version_key(o, b, &key_b, e))
                return false;
        sign = span_compare(buf_span(&key_a), buf_span(&key_b));
        *ret = sign < 0 ? -1 : sign > 0;
        return true;
}
