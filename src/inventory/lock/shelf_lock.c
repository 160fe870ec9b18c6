/* Lock files: what was declared, not what is there. */
#include "inventory/lock/lock_priv.h"

static const struct detector *const rows[] = {
    &detect_lock_npm,
    &detect_lock_yarn,
    &detect_lock_pnpm,
    &detect_lock_bun,
    &detect_lock_poetry,
    &detect_lock_uv,
    &detect_lock_pdm,
    &detect_lock_pipenv,
    &detect_lock_requirements,
    &detect_lock_cargo,
    &detect_lock_go,
    &detect_lock_composer,
    &detect_lock_gem,
    &detect_lock_nuget,
    &detect_lock_gradle,
    &detect_lock_mix,
    &detect_lock_pub,
    &detect_lock_cocoapods,
    &detect_lock_swift,
    &detect_lock_conan,
    &detect_lock_bun_binary,
    &detect_lock_pylock,
    &detect_lock_rebar,
    &detect_lock_deno,
    &detect_lock_renv,
    &detect_lock_conda,
    &detect_lock_environment,
    &detect_lock_stack,
    &detect_lock_cabal,
};

const struct detector_shelf shelf_lock = {rows, ARRAY_LEN(rows)};
