/* Which system: what purls and components of type operating-system say, in os-release(5)'s words. */
#include "inventory/sbom/sbom_priv.h"

/* distro-info-data 0.58; VERSION_ID as os-release has it. */
static const struct {
        const char *codename, *id, *version;
} codenames[] = {
    {"wheezy", "debian", "7"},
    {"jessie", "debian", "8"},
    {"stretch", "debian", "9"},
    {"buster", "debian", "10"},
    {"bullseye", "debian", "11"},
    {"bookworm", "debian", "12"},
    {"trixie", "debian", "13"},
    {"forky", "debian", "14"},
    {"sid", "debian", ""},
    {"precise", "ubuntu", "12.04"},
    {"trusty", "ubuntu", "14.04"},
    {"xenial", "ubuntu", "16.04"},
    {"yakkety", "ubuntu", "16.10"},
    {"zesty", "ubuntu", "17.04"},
    {"artful", "ubuntu", "17.10"},
    {"bionic", "ubuntu", "18.04"},
    {"cosmic", "ubuntu", "18.10"},
    {"disco", "ubuntu", "19.04"},
    {"eoan", "ubuntu", "19.10"},
    {"focal", "ubuntu", "20.04"},
    {"groovy", "ubuntu", "20.10"},
    {"hirsute", "ubuntu", "21.04"},
    {"impish", "ubuntu", "21.10"},
    {"jammy", "ubuntu", "22.04"},
    {"kinetic", "ubuntu", "22.10"},
    {"lunar", "ubuntu", "23.04"},
    {"mantic", "ubuntu", "23.10"},
    {"noble", "ubuntu", "24.04"},
    {"oracular", "ubuntu", "24.10"},
    {"plucky", "ubuntu", "25.04"},
    {"questing", "ubuntu", "25.10"},
    {"edge", "alpine", "edge"},
};

/* Names that tools and namespaces of purls have for an ID; in small letters. */
static const struct {
        const char *name, *id;
} aliases[] = {
    {"redhat", "rhel"},
    {"red hat enterprise linux", "rhel"},
    {"alma", "almalinux"},
    {"rockylinux", "rocky"},
    {"rocky linux", "rocky"},
    {"amazon", "amzn"},
    {"amazonlinux", "amzn"},
    {"amazon linux", "amzn"},
    {"oracle", "ol"},
    {"oraclelinux", "ol"},
    {"oracle linux", "ol"},
    {"opensuse.leap", "opensuse-leap"},
    {"opensuse leap", "opensuse-leap"},
    {"opensuse.tumbleweed", "opensuse-tumbleweed"},
    {"suse linux enterprise server", "sles"},
    {"suse linux enterprise micro", "sle-micro"},
    {"cbl-mariner", "mariner"},
    {"azure linux", "azurelinux"},
    {"openeuler", "openEuler"},
    {"archlinux", "arch"},
    {"arch linux", "arch"},
    {"photon os", "photon"},
};

static bool is_digit(uint8_t c)
{
        return c >= '0' && c <= '9';
}

static struct span id_of(struct span name, struct arena *a)
{
        uint8_t *to = arena_alloc(a, name.len);
        struct span id = {to, name.len};

        for (size_t i = 0; i < name.len; i++)
                to[i] = name.at[i] >= 'A' && name.at[i] <= 'Z' ? (uint8_t)(name.at[i] + 'a' - 'A') : name.at[i];
        for (size_t i = 0; i < ARRAY_LEN(aliases); i++)
                if (span_is(id, aliases[i].name))
                        return span_of(aliases[i].id);
        return id;
}

/* The first `n` numbers of a version: n 2 makes "22.04" of "22.04.3". */
static struct span numbers(struct span version, unsigned n)
{
        size_t i = 0;

        while (i < version.len && (is_digit(version.at[i]) || (version.at[i] == '.' && --n > 0)))
                i++;
        return i > 0 ? span_cut(version, 0, i) : version;
}

/* VERSION_ID: no "(Karoo)" behind it, no "v" before it, and no point release where os-release has none. */
static struct span version_of(struct span id, struct span version)
{
        struct span first, rest;

        span_split(span_trim(version), ' ', &first, &rest);
        if (first.len > 1 && first.at[0] == 'v' && is_digit(first.at[1]))
                first = span_from(first, 1);
        if (span_is(id, "debian"))
                return numbers(first, 1);
        return span_is(id, "ubuntu") ? numbers(first, 2) : first;
}

static bool codename_take(struct span name, struct os_release *os)
{
        for (size_t i = 0; i < ARRAY_LEN(codenames); i++)
                if (span_is(name, codenames[i].codename)) {
                        os->id = span_of(codenames[i].id);
                        os->version_id = span_of(codenames[i].version);
                        os->version_codename = span_of(codenames[i].codename);
                        return true;
                }
        return false;
}

/* "debian-12.5", "opensuse-leap-15.5", "debian-trixie", "arch": an ID, and what stands behind its last '-'. */
static void named_take(struct span text, struct arena *a, struct os_release *os)
{
        for (size_t i = 1; i + 1 < text.len; i++) {
                struct span tail = span_from(text, i + 1);
                bool version = is_digit(tail.at[0]) || (tail.len > 1 && tail.at[0] == 'v' && is_digit(tail.at[1]));
                if (text.at[i] != '-' || (!version && !codename_take(tail, os)))
                        continue;
                os->id = id_of(span_cut(text, 0, i), a);
                if (version)
                        os->version_id = version_of(os->id, tail);
                return;
        }
        os->id = id_of(text, a);
}

struct span sbom_qualifier(const struct purl *p, const char *key)
{
        for (size_t i = 0; i < PURL_QUALIFIERS_MAX && p->qualifiers[i].key; i++)
                if (strcmp(p->qualifiers[i].key, key) == 0)
                        return p->qualifiers[i].value;
        return (struct span){0};
}

bool sbom_is_distro_stated(const struct purl *p)
{
        return span_trim(sbom_qualifier(p, "distro")).len > 0;
}

bool sbom_distro(const struct purl *p, struct arena *a, struct os_release *ret)
{
        struct span text = span_trim(sbom_qualifier(p, "distro"));
        struct os_release os = {.id = id_of(p->namespace, a)};

        if (text.len > 0 && (is_digit(text.at[0]) || (text.len > 1 && text.at[0] == 'v' && is_digit(text.at[1]))))
                os.version_id = version_of(os.id, text);
        else if (text.len > 0 && !codename_take(text, &os))
                named_take(text, a, &os);
        if (os.id.len == 0 || !text_is_clean(os.id, INVENTORY_OS_TEXT_MAX) ||
            !text_is_clean(os.version_id, INVENTORY_OS_TEXT_MAX))
                return false;
        *ret = os;
        return true;
}

static struct span clean(struct span s)
{
        return text_is_clean(s, INVENTORY_OS_TEXT_MAX) ? s : (struct span){0};
}

void sbom_system(const struct sbom_entry *entry, struct arena *a, struct os_release *ret)
{
        struct os_release os = {.id = id_of(clean(entry->os_id.len > 0 ? entry->os_id : entry->name), a)};
        struct span version = clean(entry->os_version.len > 0 ? entry->os_version : entry->version);

        os.version_id = version_of(os.id, version);
        if (version.len > 0 && !is_digit(version.at[0]))
                codename_take(version, &os);
        if (entry->os_codename.len > 0)
                os.version_codename = clean(entry->os_codename);
        for (size_t i = 0; i < ARRAY_LEN(codenames) && os.version_codename.len == 0 && version.len > 0; i++)
                if (span_is(os.id, codenames[i].id) && span_is(os.version_id, codenames[i].version))
                        os.version_codename = span_of(codenames[i].codename);
        os.pretty_name = clean(entry->os_name.len > 0 ? entry->os_name : entry->description);
        *ret = os;
}
