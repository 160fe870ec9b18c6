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
        struct span ecosystem;
        enum version_order order;
} ecosystems[] = {
    {SPAN_LIT("Debian"), VERSION_ORDER_DPKG},
    {SPAN_LIT("Ubuntu"), VERSION_ORDER_DPKG},
    {SPAN_LIT("Echo"), VERSION_ORDER_DPKG},
    {SPAN_LIT("npm"), VERSION_ORDER_SEMVER},
    {SPAN_LIT("crates.io"), VERSION_ORDER_SEMVER},
    {SPAN_LIT("SwiftURL"), VERSION_ORDER_SEMVER},
    {SPAN_LIT("GitHub Actions"), VERSION_ORDER_SEMVER},
    {SPAN_LIT("Kubernetes"), VERSION_ORDER_SEMVER},
    {SPAN_LIT("VSCode"), VERSION_ORDER_SEMVER},
    {SPAN_LIT("PyPI"), VERSION_ORDER_PEP440},
    {SPAN_LIT("Red Hat"), VERSION_ORDER_RPM},
    {SPAN_LIT("AlmaLinux"), VERSION_ORDER_RPM},
    {SPAN_LIT("Rocky Linux"), VERSION_ORDER_RPM},
    {SPAN_LIT("SUSE"), VERSION_ORDER_RPM},
    {SPAN_LIT("openSUSE"), VERSION_ORDER_RPM},
    {SPAN_LIT("Mageia"), VERSION_ORDER_RPM},
    {SPAN_LIT("openEuler"), VERSION_ORDER_RPM},
    {SPAN_LIT("Azure Linux"), VERSION_ORDER_RPM},
    {SPAN_LIT("Photon OS"), VERSION_ORDER_RPM},
    {SPAN_LIT("Alpine"), VERSION_ORDER_APK},
    {SPAN_LIT("Wolfi"), VERSION_ORDER_APK},
    {SPAN_LIT("Chainguard"), VERSION_ORDER_APK},
    {SPAN_LIT("MinimOS"), VERSION_ORDER_APK},
    {SPAN_LIT("CleanStart"), VERSION_ORDER_APK},
    {SPAN_LIT("Alpaquita"), VERSION_ORDER_APK},
    {SPAN_LIT("BellSoft Hardened Containers"), VERSION_ORDER_APK},
    {SPAN_LIT("Maven"), VERSION_ORDER_MAVEN},
    {SPAN_LIT("RubyGems"), VERSION_ORDER_RUBYGEMS},
    {SPAN_LIT("Packagist"), VERSION_ORDER_COMPOSER},
    {SPAN_LIT("NuGet"), VERSION_ORDER_NUGET},
    {SPAN_LIT("Go"), VERSION_ORDER_GO},
    {SPAN_LIT("Hex"), VERSION_ORDER_HEX},
    {SPAN_LIT("Pub"), VERSION_ORDER_PUB},
    {SPAN_LIT("CRAN"), VERSION_ORDER_CRAN},
    {SPAN_LIT("Bioconductor"), VERSION_ORDER_CRAN},
    {SPAN_LIT("Hackage"), VERSION_ORDER_PVP},
    {SPAN_LIT("GHC"), VERSION_ORDER_PVP},
    {SPAN_LIT("Julia"), VERSION_ORDER_JULIA},
    {SPAN_LIT("Bitnami"), VERSION_ORDER_BITNAMI},
    {SPAN_LIT("opam"), VERSION_ORDER_OPAM},
    /* Not OSV's. */
    {SPAN_LIT("Amazon Linux"), VERSION_ORDER_RPM},
    {SPAN_LIT("Oracle Linux"), VERSION_ORDER_RPM},
    {SPAN_LIT("Fedora"), VERSION_ORDER_RPM},
    {SPAN_LIT("Bottlerocket"), VERSION_ORDER_RPM},
    {SPAN_LIT("Arch Linux"), VERSION_ORDER_PACMAN},
    {SPAN_LIT("Gentoo"), VERSION_ORDER_PORTAGE},
};

const char *version_ecosystem(size_t i)
{
        return i < ARRAY_LEN(ecosystems) ? (const char *)ecosystems[i].ecosystem.at : NULL;
}

enum version_order version_order_of(struct span ecosystem)
{
        struct span name, suffix;

        span_split(ecosystem, ':', &name, &suffix);
        for (size_t i = 0; i < ARRAY_LEN(ecosystems); i++)
                if (span_equal(name, ecosystems[i].ecosystem))
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
