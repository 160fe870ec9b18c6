/*
 * Toolchains that lay their version down as a file: go/VERSION of Go, releases/NN/OTP_VERSION of Erlang. Of those that a
 * package owns the package says it better.
 */
#include "inventory/elf/elf_priv.h"
#include "inventory/lang/lang_priv.h"

#define TOOLCHAIN_FILE_MAX 4096u /* bytes: one line, or two */

static bool is_otp(struct span path)
{
        return span_is(path_name(path), "OTP_VERSION");
}

/* "usr/local/go", "usr/lib/go-1.19", "sdk/go1.22.1" */
static bool wants(struct span path)
{
        struct span folder = path_name(path_folder(path));

        if (is_otp(path))
                return span_is(path_name(path_folder(path_folder(path))), "releases");
        return span_is(path_name(path), "VERSION") &&
               (span_is(folder, "go") || span_starts(folder, "go1") || span_starts(folder, "go-1"));
}

/* The Go command and its compiler have advisories of their own, of the module "toolchain" in OSV's ecosystem "Go". */
static void read_go(struct span line, struct findings *f)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        struct span release = span_starts(line, "go") ? go_release(line, a) : (struct span){0};
        struct span cpe = arena_printf(a, "cpe:2.3:a:golang:go:%.*s:*:*:*:*:*:*:*", SPAN_FMT(release));

        if (release.len > 0) /* another project's VERSION in a folder go/ */
                findings_package(f, "version",
                    &(struct package){.name = SPAN_LIT("toolchain"),
                        .version = release,
                        .type = "golang",
                        .ecosystem = "Go",
                        .cpe = memchr(release.at, '-', release.len) ? (struct span){0} : cpe,
                        .unless_owned = true});
}

/* "25.3.2.6"; with "**" behind it when the installation was patched (OTP Design Principles, "Versions"). */
static void read_otp(struct span line, struct findings *f)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        size_t n = 0;
        char shown[80];

        if (span_ends(line, "**"))
                line = span_cut(line, 0, line.len - 2);
        while (n < line.len && ((line.at[n] >= '0' && line.at[n] <= '9') || (line.at[n] == '.' && n > 0)))
                n++;
        if (n == 0 || (n < line.len && line.at[n] != '-') || !printable_word(line, "")) {
                findings_note(
                    f, "\"%s\" is no version of Erlang/OTP: not listed", span_printable(line, shown, sizeof(shown)));
                return;
        }
        findings_package(f, "version",
            &(struct package){.name = SPAN_LIT("erlang"),
                .version = line,
                .cpe = n < line.len
                           ? (struct span){0}
                           : arena_printf(a, "cpe:2.3:a:erlang:erlang\\/otp:%.*s:*:*:*:*:*:*:*", SPAN_FMT(line)),
                .unless_owned = true});
}

static void read_any(struct span content, struct findings *f)
{
        struct cursor lines = {.rest = content};
        struct span line;

        if (!cursor_line(&lines, &line))
                line = (struct span){0};
        line = span_trim(line);
        if (is_otp(f->path))
                read_otp(line, f);
        else
                read_go(line, f);
}

const struct detector detect_toolchain = {
    .name = "toolchain",
    .type = "generic",
    .ecosystem = "",
    .confidence = CONFIDENCE_HIGH,
    .by_path = true,
    .size_max = TOOLCHAIN_FILE_MAX,
    .wants = wants,
    .names = "VERSION OTP_VERSION",
    .read = read_any,
};
