/*
 * Erlang and Elixir: ebin/NAME.app of an application that is installed or part of a release, the term
 * {application, NAME, [{vsn, "1.2"}, ...]}. (OTP, app(4)). Applications of OTP and of Elixir itself are no Hex packages.
 * Also hex_metadata.config, in which a package from Hex states its licence.
 */
#include "inventory/lang/lang_priv.h"
#include "inventory/lang/literal_priv.h"

static bool wants(struct span path)
{
        if (span_is(path_name(path), "hex_metadata.config"))
                return true;
        return span_ends(path, ".app") && span_is(path_name(path_folder(path)), "ebin") &&
               path_name(path).len > sizeof(".app") - 1;
}

/* ---- tokens of Erlang terms ---- */

enum token_kind {
        TOKEN_END = 0,
        TOKEN_WORD,
        TOKEN_QUOTED,
        TOKEN_STRING,
        TOKEN_OPEN,
        TOKEN_CLOSE,
        TOKEN_OTHER,
        TOKEN_BROKEN
};

struct token {
        enum token_kind kind;
        struct span text; /* of strings and quoted atoms with their quotes */
};

static bool word_byte(uint8_t c)
{
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '@' ||
               c >= 0x80;
}

static void skip_blanks(struct span *in)
{
        struct span line, rest;

        while (in->len > 0) {
                if (in->at[0] == '%') {
                        span_split(*in, '\n', &line, &rest);
                        *in = rest;
                } else if (in->at[0] <= ' ') {
                        *in = span_from(*in, 1);
                } else {
                        return;
                }
        }
}

static struct token take(struct span *in, enum token_kind kind, size_t len)
{
        struct token t = {kind, span_cut(*in, 0, len)};

        *in = span_from(*in, len);
        return t;
}

static struct token next(struct span *in)
{
        size_t n = 1;

        skip_blanks(in);
        if (in->len == 0)
                return (struct token){0};
        uint8_t c = in->at[0];
        if (span_starts(*in, "<<"))
                return take(in, TOKEN_OPEN, 2);
        if (span_starts(*in, ">>"))
                return take(in, TOKEN_CLOSE, 2);
        if (c == '{' || c == '[' || c == '(')
                return take(in, TOKEN_OPEN, 1);
        if (c == '}' || c == ']' || c == ')')
                return take(in, TOKEN_CLOSE, 1);
        if (c == '"' || c == '\'') {
                while (n < in->len && in->at[n] != c)
                        n += in->at[n] == '\\' ? 2 : 1;
                if (n >= in->len)
                        return take(in, TOKEN_BROKEN, in->len);
                return take(in, c == '"' ? TOKEN_STRING : TOKEN_QUOTED, n + 1);
        }
        if (!word_byte(c))
                return take(in, TOKEN_OTHER, 1);
        while (n < in->len && word_byte(in->at[n]))
                n++;
        return take(in, TOKEN_WORD, n);
}

static bool expect(struct span *in, enum token_kind kind, const char *text)
{
        struct token t = next(in);

        return t.kind == kind && span_is(t.text, text);
}

/* Reads on behind the bracket that closes the one read last, or with `depth` 2 the one around it. */
static bool skip_to_close(struct span *in, size_t depth)
{
        while (depth > 0) {
                struct token t = next(in);
                if (t.kind == TOKEN_END || t.kind == TOKEN_BROKEN)
                        return false;
                depth += t.kind == TOKEN_OPEN;
                depth -= t.kind == TOKEN_CLOSE;
        }
        return true;
}

static bool text_of(struct token t, struct arena *a, struct span *ret)
{
        if (t.kind == TOKEN_STRING || t.kind == TOKEN_QUOTED)
                return literal_erlang(&t.text, a, ret);
        *ret = t.text;
        return t.kind == TOKEN_WORD;
}

/* ---- NAME.app ---- */

/* A property, its '{' read already: {vsn, "1.2"} tells; the others are passed over. */
static bool read_property(struct span *in, struct arena *a, struct span *version)
{
        struct token key = next(in), value;

        if (key.kind == TOKEN_CLOSE)
                return true;
        if (key.kind == TOKEN_OPEN)
                return skip_to_close(in, 2);
        if (key.kind != TOKEN_WORD || !span_is(key.text, "vsn"))
                return skip_to_close(in, 1);
        if (!expect(in, TOKEN_OTHER, ","))
                return false;
        value = next(in);
        if (value.kind == TOKEN_OPEN)
                return skip_to_close(in, 2);
        return value.kind == TOKEN_STRING && text_of(value, a, version) && skip_to_close(in, 1);
}

static bool read_application(struct span in, struct arena *a, struct span *name, struct span *version)
{
        if (!expect(&in, TOKEN_OPEN, "{") || !expect(&in, TOKEN_WORD, "application") ||
            !expect(&in, TOKEN_OTHER, ",") || !text_of(next(&in), a, name) || !expect(&in, TOKEN_OTHER, ",") ||
            !expect(&in, TOKEN_OPEN, "["))
                return false;
        for (;;) {
                struct token t = next(&in);
                if (t.kind == TOKEN_CLOSE)
                        return true;
                if (t.kind == TOKEN_OPEN ? !read_property(&in, a, version) : t.kind != TOKEN_OTHER)
                        return false;
        }
}

/* Erlang/OTP 17 to 28 and Elixir 1: what comes with the language, under its version numbers. */
static const char *const own[] = {"asn1", "common_test", "compiler", "cosEvent", "cosEventDomain", "cosFileTransfer",
    "cosNotification", "cosProperty", "cosTime", "cosTransactions", "crypto", "debugger", "dialyzer", "diameter",
    "edoc", "eex", "eldap", "elixir", "erl_docgen", "erl_interface", "erts", "et", "eunit", "ex_unit", "ftp", "gs",
    "hipe", "ic", "iex", "inets", "jinterface", "kernel", "logger", "megaco", "mix", "mnesia", "observer", "odbc",
    "orber", "os_mon", "ose", "otp_mibs", "parsetools", "percept", "public_key", "reltool", "runtime_tools", "sasl",
    "snmp", "ssh", "ssl", "stdlib", "syntax_tools", "test_server", "tftp", "tools", "typer", "webtool", "wx", "xmerl"};

static void read_app(struct span content, struct findings *f)
{
        CLEANUP(arena_freep) struct arena *scratch = arena_new();
        struct package p = {0};
        char shown[80];

        if (!read_application(content, scratch, &p.name, &p.version)) {
                findings_note(f, "not read: no term {application, NAME, [{KEY, VALUE}, ...]}");
                return;
        }
        if (!package_name(p.name) || !printable_word(p.version, "/")) {
                findings_note(
                    f, "\"%s\" has no valid name or vsn: not listed", span_printable(p.name, shown, sizeof(shown)));
                return;
        }
        for (size_t i = 0; i < ARRAY_LEN(own); i++)
                if (span_is(p.name, own[i])) {
                        p.type = "otp";
                        p.ecosystem = "";
                }
        findings_package(f, "app", &p);
}

/* ---- hex_metadata.config: {<<"name">>,<<"jason">>}. terms ---- */

/* A binary of one string, <<"text">> or <<"text"/utf8>>; its "<<" is read already. */
static bool read_binary(struct span *in, struct arena *a, struct span *ret)
{
        struct token t = next(in);

        return t.kind == TOKEN_STRING && text_of(t, a, ret) && skip_to_close(in, 1);
}

/* [<<"MIT">>,<<"Apache-2.0">>]: the package is under each of them, as Hex says ("licenses"). */
static bool read_binaries(struct span *in, struct arena *a, struct buf *to)
{
        for (;;) {
                struct token t = next(in);
                struct span one;
                if (t.kind == TOKEN_CLOSE)
                        return true;
                if (t.kind == TOKEN_OPEN && span_is(t.text, "<<")) {
                        if (!read_binary(in, a, &one))
                                return false;
                        licence_also(to, one);
                } else if (t.kind != TOKEN_OTHER) {
                        return false;
                }
        }
}

static bool read_term(struct span *in, struct arena *a, struct span *name, struct span *app, struct buf *licence)
{
        struct span key;
        struct token t;

        if (!expect(in, TOKEN_OPEN, "<<") || !read_binary(in, a, &key) || !expect(in, TOKEN_OTHER, ","))
                return false;
        t = next(in);
        if (t.kind != TOKEN_OPEN)
                return skip_to_close(in, 1);
        if (span_is(key, "name") && span_is(t.text, "<<"))
                return read_binary(in, a, name) && skip_to_close(in, 1);
        if (span_is(key, "app") && span_is(t.text, "<<"))
                return read_binary(in, a, app) && skip_to_close(in, 1);
        if (span_is(key, "licenses") && span_is(t.text, "["))
                return read_binaries(in, a, licence) && skip_to_close(in, 1);
        return skip_to_close(in, 2);
}

static void read_hex_metadata(struct span content, struct findings *f)
{
        CLEANUP(arena_freep) struct arena *scratch = arena_new();
        CLEANUP(buf_done) struct buf licence = {.max = INVENTORY_LICENCE_MAX};
        struct supplement s = {.licence_source = LICENCE_SOURCE_FIELD};
        struct span in = content, name = {0};
        struct token t;

        while ((t = next(&in)).kind != TOKEN_END) {
                if (span_is(t.text, ".") && t.kind == TOKEN_OTHER)
                        continue;
                if (t.kind != TOKEN_OPEN || !read_term(&in, scratch, &name, &s.name, &licence)) {
                        findings_note(f, "not read: a term that is not {<<\"KEY\">>, VALUE}");
                        return;
                }
        }
        if (s.name.len == 0)
                s.name = name; /* mostly the application is called as the package is */
        s.licence = buf_span(&licence);
        if (package_name(s.name) && s.licence.len > 0 && !licence.failed)
                findings_supplement(f, "hex_metadata.config", &s);
}

static void read_any(struct span content, struct findings *f)
{
        if (span_is(path_name(f->path), "hex_metadata.config"))
                read_hex_metadata(content, f);
        else
                read_app(content, f);
}

const struct detector detect_beam = {
    .name = "beam",
    .type = "hex",
    .ecosystem = "Hex",
    .by_path = true,
    .size_max = INVENTORY_METADATA_MAX,
    .confidence = CONFIDENCE_HIGH,
    .wants = wants,
    .names = "*.app hex_metadata.config",
    .read = read_any,
};
