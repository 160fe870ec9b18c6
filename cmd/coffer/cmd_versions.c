/* versions: the order of an ecosystem's versions, for scripts and tests. */
#include "advisory/advisory.h"
#include "commands.h"
#include "ecosystem.h"

static int versions_run(int argc, char **argv)
{
        enum version_order order = version_order_of(span_of(argv[0]));
        char *line = NULL;
        size_t size = 0;
        ssize_t len;

        (void)argc;
        if (order == VERSION_ORDER_NONE)
                return ecosystem_refuse("versions", argv[0]);
        while ((len = getline(&line, &size, stdin)) >= 0) {
                struct span text = span_bytes(line, (size_t)len), a, b;
                struct err e = {0};
                int sign;

                if (len > 0 && line[len - 1] == '\n')
                        text.len--;
                if (!span_split(text, '\t', &a, &b))
                        puts("! no tab between two versions");
                else if (version_compare(order, a, b, &sign, &e))
                        puts(sign < 0 ? "<" : sign > 0 ? ">" : "=");
                else
                        printf("! %s\n", e.text);
        }
        free(line);
        if (ferror(stdin) || fflush(stdout) != 0) {
                fprintf(stderr, "coffer versions: reading or writing failed\n");
                return EXIT_NOT_ASSESSED;
        }
        return 0;
}

const struct cli_command cmd_versions = {
    .name = "versions",
    .operands = "ECOSYSTEM",
    .summary = "compare pairs of versions as an ecosystem does",
    .about = "Reads lines A<TAB>B from standard input and prints <, = or > for each; ! and a reason where one of them is "
             "not a version by the ecosystem's own rules. Ecosystems are named as OSV spells them, and systems that OSV doesn't "
             "name as `coffer sbom` does; a release after a colon may stand there and doesn't count.\n\n"
             "dpkg: Debian, Ubuntu, Echo. rpm: Red Hat, AlmaLinux, Rocky Linux, SUSE, openSUSE, Mageia, openEuler, Azure Linux, "
             "Photon OS, Amazon Linux, Oracle Linux, Fedora, Bottlerocket. apk: Alpine, Wolfi, Chainguard, MinimOS, CleanStart, "
             "Alpaquita, BellSoft Hardened Containers. pacman: Arch Linux. Portage: Gentoo. SemVer: npm, crates.io, SwiftURL, "
             "GitHub Actions, Kubernetes, VSCode. An order of their own each: PyPI (PEP 440), Maven, RubyGems, Packagist, NuGet, Go, "
             "Hex, Pub, CRAN and Bioconductor, Hackage and GHC, Julia, Bitnami, opam.",
    .examples = "printf '1.0~rc1\\t1.0\\n' | coffer versions Debian\tprints <\n"
                "printf '1:1.1-2.el9\\t2.0-1.el9\\n' | coffer versions 'Red Hat:9'\tprints >: an epoch comes first",
    .min_operands = 1,
    .max_operands = 1,
    .run = versions_run,
};
