/*
 * Go: versions of modules (golang.org/x/mod/semver) and of Go itself ("stdlib" and "toolchain" of the vulnerability
 * database). Both are ordered as SemVer, with SemVer's keys.
 *
 * A module's version is SemVer with or without 'v'; "v1" and "v1.2" are v1.0.0 and v1.2.0, and such short forms have no
 * pre-release. Pseudo-versions are pre-releases; "+incompatible" and "+dirty" are metadata.
 *
 * Go itself is "go1.21rc2" or "1.21rc2" in its own spelling: beta and rc behind two or three numbers are the
 * pre-release "rc.2". "go1.21" is 1.21.0, as govulncheck has it (for `go version` it is the language, before its first
 * release candidate). Behind "go", "-suffix" names who built it and is ignored ("go1.21.3-bigcorp"), and so are
 * experiments behind a blank.
 */
#include "advisory/version/order_priv.h"

static bool numbers(struct cursor *c, struct buf *key, size_t *ret_n, struct err *e)
{
        static const char *const names[3] = {"major", "minor", "patch"};
        size_t n = 0;
        bool more = true;

        for (size_t i = 0; i < ARRAY_LEN(names); i++) {
                if (!more) {
                        version_put_number(key, SPAN_LIT(""));
                        continue;
                }
                if (!version_semver_number(c, names[i], false, key, e))
                        return false;
                n++;
                more = i + 1 < ARRAY_LEN(names) && scan_byte(c, '.');
        }
        *ret_n = n;
        return true;
}

/* "rc2" as the identifiers "rc" and 2. */
static bool candidate(struct cursor *c, struct buf *key, struct err *e)
{
        const char *word = scan_word(c, "beta") ? "beta" : scan_word(c, "rc") ? "rc" : NULL;
        struct span digits = word ? scan_digits(c) : (struct span){0};

        if (digits.len == 0 || (digits.len > 1 && digits.at[0] == '0'))
                return err_set(e, ERR_MALFORMED, "behind the numbers neither \"betaN\" nor \"rcN\" follows");
        buf_put_u8(key, SEMVER_TEXT);
        buf_put_text(key, word);
        buf_put_u8(key, 0);
        buf_put_u8(key, SEMVER_NUMBER);
        version_put_number(key, digits);
        buf_put_u8(key, SEMVER_END);
        return true;
}

bool version_key_go(struct span version, struct buf *ret_key, struct err *e)
{
        struct cursor c = {.rest = version};
        bool v = scan_byte(&c, 'v'), toolchain = false;
        size_t n = 0;

        if (!v && span_starts(version, "go")) {
                struct span rest;
                toolchain = true;
                span_split(span_from(version, 2), ' ', &c.rest, &rest);
                span_split(c.rest, '-', &c.rest, &rest);
        }
        if (!numbers(&c, ret_key, &n, e))
                return false;
        if (toolchain && n == 1 && !span_is(version, "go1"))
                return err_set(e, ERR_MALFORMED, "a version of Go has two or three numbers");
        if (!v && n > 1 && ascii_is_letter(scan_peek(&c)))
                return candidate(&c, ret_key, e) && version_semver_done(&c, "Go", e);
        if (n == 3)
                return version_semver_tail(&c, SEMVER_IDS, ret_key, e) && version_semver_done(&c, "Go", e);
        buf_put_u8(ret_key, SEMVER_RELEASE);
        return version_semver_done(&c, "Go", e);
}
