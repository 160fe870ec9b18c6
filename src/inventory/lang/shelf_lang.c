/* What language package managers install. */
#include "inventory/lang/lang_priv.h"

static const struct detector *const rows[] = {
    &detect_npm,
    &detect_npm_elsewhere, /* after it: for what that one does not want */
    &detect_python,
    &detect_python_egg,
    &detect_python_wheel,
    &detect_gem,
    &detect_composer,
    &detect_pear,
    &detect_dotnet,
    &detect_cpan,
    &detect_cran,
    &detect_julia,
    &detect_haskell,
    &detect_beam,
    &detect_luarocks,
    &detect_conda,
    &detect_opam,
    &detect_toolchain,
    &detect_wordpress,
};
const struct detector_shelf shelf_lang = {rows, ARRAY_LEN(rows)};
