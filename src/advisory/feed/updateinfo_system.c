/*
 * No field of updateinfo.xml says the release alone and the same way for everybody. Repositories are called after it, and
 * each publisher's way is a row here. A repository of add-ons (EPEL) or of one that is paid for by itself (Red Hat's EUS) is of no
 * system: packages of the same name there have versions of their own.
 */
#include "advisory/feed/csaf_priv.h"
#include "advisory/feed/updateinfo_priv.h"

enum number {
        NUMBER_NONE = 0, /* the whole name, without a release */
        NUMBER_MAJOR,    /* "9" of "9", "9.4", "9-for-x86_64" */
        NUMBER_MINOR     /* "15.3" */
};

static const struct {
        const char *before; /* the number */
        const char *after;  /* it; NULL: anything but a letter or a further digit */
        enum number number;
        const char *ecosystem;
} rows[] = {
    {"Amazon Linux AMI", NULL, NUMBER_NONE, "Amazon Linux:1"},
    {"amazon-linux-ami", NULL, NUMBER_NONE, "Amazon Linux:1"},
    {"Amazon Linux ", NULL, NUMBER_MAJOR, "Amazon Linux:"},
    {"amazon-linux-", NULL, NUMBER_MAJOR, "Amazon Linux:"},
    {"amzn", NULL, NUMBER_MAJOR, "Amazon Linux:"},
    {"AlmaLinux ", NULL, NUMBER_MAJOR, "AlmaLinux:"},
    {"almalinux-", NULL, NUMBER_MAJOR, "AlmaLinux:"},
    {"https://errata.almalinux.org/", "/", NUMBER_MAJOR, "AlmaLinux:"},
    {"Rocky Linux ", NULL, NUMBER_MAJOR, "Rocky Linux:"},
    {"rocky-linux-", NULL, NUMBER_MAJOR, "Rocky Linux:"},
    {"RL", NULL, NUMBER_MAJOR, "Rocky Linux:"},
    {"Oracle Linux ", NULL, NUMBER_MAJOR, "Oracle Linux:"},
    {"ol", "_", NUMBER_MAJOR, "Oracle Linux:"}, /* "ol9_baseos_latest" */
    {"Fedora ", NULL, NUMBER_MAJOR, "Fedora:"},
    {"Red Hat Enterprise Linux ", NULL, NUMBER_MAJOR, "Red Hat:enterprise_linux:"},
    {"rhel-", "-for-", NUMBER_MAJOR, "Red Hat:enterprise_linux:"},
    {"ubi-", "-", NUMBER_MAJOR, "Red Hat:enterprise_linux:"},
    {"openSUSE Leap ", NULL, NUMBER_MINOR, "openSUSE:Leap "},
    {"openSUSE-SLE ", NULL, NUMBER_MINOR, "openSUSE:Leap "}, /* the packages that Leap shares with SUSE's server */
    {"openSUSE Tumbleweed", NULL, NUMBER_NONE, "openSUSE:Tumbleweed"},
    {"Bottlerocket", NULL, NUMBER_NONE, "Bottlerocket"},
    {"bottlerocket", NULL, NUMBER_NONE, "Bottlerocket"},
};

/* Streams of Red Hat's that stay at one minor release. */
static bool is_own_stream(struct span name)
{
        static const char *const words[] = {"-eus-", "-aus-", "-tus-", "-e4s-", "-els-"};

        for (size_t i = 0; i < ARRAY_LEN(words); i++)
                if (name.len > 0 && memmem(name.at, name.len, words[i], strlen(words[i])))
                        return true;
        return false;
}

static bool is_digit(struct span s, size_t at)
{
        return at < s.len && s.at[at] >= '0' && s.at[at] <= '9';
}

/* The number that `s` begins with; 0: none. */
static size_t number_length(struct span s, enum number kind)
{
        size_t n = 0;

        while (n < 5 && is_digit(s, n))
                n++;
        if (n == 0 || n == 5)
                return 0;
        if (kind == NUMBER_MAJOR)
                return n;
        if (n >= s.len || s.at[n] != '.' || !is_digit(s, n + 1))
                return 0;
        for (n++; is_digit(s, n);)
                n++;
        return n;
}

static bool row_matches(size_t row, struct span name, struct span *ret_number)
{
        struct span rest = span_from(name, strlen(rows[row].before));
        size_t n = 0;

        if (!span_starts(name, rows[row].before))
                return false;
        if (rows[row].number != NUMBER_NONE && (n = number_length(rest, rows[row].number)) == 0)
                return false;
        *ret_number = span_cut(rest, 0, n);
        rest = span_from(rest, n);
        if (rows[row].after)
                return span_starts(rest, rows[row].after);
        return rest.len == 0 || !((rest.at[0] | 0x20) >= 'a' && (rest.at[0] | 0x20) <= 'z');
}

struct span updateinfo_ecosystem(struct span name, struct arena *a)
{
        struct span number;

        if (is_own_stream(name))
                return (struct span){0};
        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
                if (row_matches(i, name, &number))
                        return arena_printf(a, "%s%.*s", rows[i].ecosystem, SPAN_FMT(number));
        /* "SUSE Linux Enterprise Module for Basesystem 15 SP4" */
        return span_starts(name, "SUSE Linux ") ? csaf_suse(name, a) : (struct span){0};
}

/* "5.15" of "amazon-linux-2---kernel-5.15" and of "Amazon Linux 2 - kernel-5.15"; empty: the topic has no number. */
static struct span line_of(struct span name)
{
        struct span topic = {0};
        size_t n;

        for (size_t i = 0; i + 3 < name.len && topic.len == 0; i++)
                if (span_equal(span_cut(name, i, 3), SPAN_LIT("---")) ||
                    span_equal(span_cut(name, i, 3), SPAN_LIT(" - ")))
                        topic = span_from(name, i + 3);
        for (n = topic.len; n > 0 && (is_digit(topic, n - 1) || topic.at[n - 1] == '.'); n--)
                ;
        topic = span_from(topic, n);
        return is_digit(topic, 0) && is_digit(topic, topic.len - 1) ? topic : (struct span){0};
}

bool updateinfo_system_find(const struct updateinfo_names *n, struct arena *a, struct updateinfo_system *ret)
{
        const struct span asked[] = {n->collection, n->short_name, n->release, n->reference};

        for (size_t i = 0; i < ARRAY_LEN(asked); i++) {
                struct span ecosystem = updateinfo_ecosystem(asked[i], a);

                /* SUSE's products are called as the document calls them: that must be a name. */
                if (!feed_is_name(ecosystem, FEED_ECOSYSTEM_MAX))
                        continue;
                *ret = (struct updateinfo_system){.ecosystem = ecosystem};
                if (span_starts(ecosystem, "Amazon Linux:2"))
                        ret->line = line_of(n->short_name.len > 0 ? n->short_name : n->collection);
                return true;
        }
        return false;
}

bool updateinfo_is_of_line(struct span version, struct span line)
{
        return line.len > 0 && version.len > line.len && span_equal(span_cut(version, 0, line.len), line) &&
               version.at[line.len] == '.';
}
