#include "inventory/lang/lang_priv.h"
#include "inventory/os/licence_priv.h"

/* Keys as key_of makes them. Words that name several licences ("BSD", "GPL", "LGPL") are not here. */
static const struct {
        const char *key, *spdx;
} known[] = {
    {"2clausebsd", "BSD-2-Clause"},
    {"3clausebsd", "BSD-3-Clause"},
    {"agplv3", "AGPL-3.0-only"},
    {"apache2", "Apache-2.0"},
    {"apache20", "Apache-2.0"},
    {"apachelicense2", "Apache-2.0"},
    {"apachelicense20", "Apache-2.0"},
    {"apachelicenseversion20", "Apache-2.0"},
    {"apachelicensev20", "Apache-2.0"},
    {"apachev2", "Apache-2.0"},
    {"apachev20", "Apache-2.0"},
    {"artistic20", "Artistic-2.0"},
    {"asl20", "Apache-2.0"},
    {"boostsoftware", "BSL-1.0"},
    {"bsd2clause", "BSD-2-Clause"},
    {"bsd3", "BSD-3-Clause"},
    {"bsd3clause", "BSD-3-Clause"},
    {"bsdstyle3clause", "BSD-3-Clause"},
    {"cc0", "CC0-1.0"},
    {"expat", "MIT"},
    {"freebsd", "BSD-2-Clause"},
    {"gnugeneralpubliclicensev2orlater", "GPL-2.0-or-later"},
    {"gnugeneralpubliclicensev3orlater", "GPL-3.0-or-later"},
    {"gpl2+", "GPL-2.0-or-later"},
    {"gpl3+", "GPL-3.0-or-later"},
    {"gplv2", "GPL-2.0-only"},
    {"gplv2+", "GPL-2.0-or-later"},
    {"gplv2orlater", "GPL-2.0-or-later"},
    {"gplv3", "GPL-3.0-only"},
    {"gplv3+", "GPL-3.0-or-later"},
    {"gplv3orlater", "GPL-3.0-or-later"},
    {"iscl", "ISC"},
    {"lgplv2", "LGPL-2.0-only"},
    {"lgplv2+", "LGPL-2.0-or-later"},
    {"lgplv21", "LGPL-2.1-only"},
    {"lgplv21+", "LGPL-2.1-or-later"},
    {"lgplv3", "LGPL-3.0-only"},
    {"lgplv3+", "LGPL-3.0-or-later"},
    {"mit", "MIT"},
    {"mitx11", "MIT"},
    {"modifiedbsd", "BSD-3-Clause"},
    {"mozillapublic20", "MPL-2.0"},
    {"mozillapubliclicense20", "MPL-2.0"},
    {"mozillapubliclicensev20", "MPL-2.0"},
    {"mplv20", "MPL-2.0"},
    {"newbsd", "BSD-3-Clause"},
    {"psf", "PSF-2.0"},
    {"pythonsoftwarefoundation", "PSF-2.0"},
    {"revisedbsd", "BSD-3-Clause"},
    {"rubys", "Ruby"},
    {"simplifiedbsd", "BSD-2-Clause"},
    {"unlicense", "Unlicense"},
    {"wtfpl", "WTFPL"},
    {"zlib", "Zlib"},
    {"zpl21", "ZPL-2.1"},
};

#define KEY_MAX 64u

static bool key_drop(struct buf *key, const char *prefix, const char *suffix)
{
        struct span s = buf_span(key);
        size_t from = prefix && span_starts(s, prefix) ? strlen(prefix) : 0;
        size_t less = suffix && span_ends(s, suffix) ? strlen(suffix) : 0;

        if (from + less == 0 || from + less >= s.len)
                return false;
        memmove(key->at, key->at + from, s.len - from);
        key->len = s.len - from - less;
        return true;
}

/* "The MIT License" -> "mit": small letters, digits and '+', without the article and the word "license". */
static void key_of(struct span words, struct buf *key)
{
        for (size_t i = 0; i < words.len; i++) {
                uint8_t c = words.at[i];
                if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+')
                        buf_put_u8(key, c);
                else if (c >= 'A' && c <= 'Z')
                        buf_put_u8(key, (uint8_t)(c + 32));
        }
        key_drop(key, "the", NULL);
        if (!key_drop(key, NULL, "license"))
                key_drop(key, NULL, "licence");
}

struct span licence_of_words(struct span words)
{
        CLEANUP(buf_done) struct buf key = {.max = KEY_MAX};

        words = span_trim(words);
        if (spdx_licence(words).len > 0)
                return spdx_licence(words); /* "mit" */
        if (words.len > 2 * KEY_MAX || inventory_licence_is_spdx(words))
                return words;
        key_of(words, &key);
        for (size_t i = 0; !key.failed && i < ARRAY_LEN(known); i++)
                if (span_is(buf_span(&key), known[i].key))
                        return span_of(known[i].spdx);
        return words;
}

void licence_choice(struct buf *to, struct span words)
{
        struct span licence = licence_of_words(words), rest = buf_span(to);

        if (licence.len == 0)
                return;
        for (; rest.len >= licence.len; rest = span_from(rest, 1)) {
                bool begins = rest.at == to->at || rest.at[-1] == ' ';
                struct span behind = span_from(rest, licence.len);
                if (begins && span_equal(span_cut(rest, 0, licence.len), licence) &&
                    (behind.len == 0 || span_starts(behind, " OR ")))
                        return;
        }
        licence_or(to, licence);
}

void licence_also(struct buf *to, struct span words)
{
        struct span licence = licence_of_words(words);
        bool brackets = licence.len > 0 && memmem(licence.at, licence.len, " OR ", 4) && licence.at[0] != '(';

        if (licence.len == 0)
                return;
        if (to->len > 0)
                buf_put_text(to, " AND ");
        if (brackets)
                buf_put_u8(to, '(');
        buf_put(to, licence);
        if (brackets)
                buf_put_u8(to, ')');
}
