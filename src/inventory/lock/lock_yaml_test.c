/* Lock files that are YAML. */
#include "inventory/lock/lock_test_priv.h"

static void test_yarn_berry(void **state)
{
        static const struct lock_row rows[] = {
            {"# generated\n\n__metadata:\n  version: 6\n  cacheKey: 8\n\n\"@s/a@npm:^1.0.0, @s/a@npm:^1.1.0\":\n"
             "  version: 1.2.0\n  resolution: \"@s/a@npm:1.2.0\"\n  linkType: hard\n\n\"p@workspace:.\":\n"
             "  version: 0.0.0-use.local\n  resolution: \"p@workspace:.\"\n\n\"x@npm:y@^2.0.0\":\n  version: 2.0.0\n"
             "  resolution: \"y@npm:2.0.0\"\n\n\"t@patch:t@^4.3.5#~builtin<compat/t>\":\n  version: 4.3.5\n"
             "  resolution: \"t@patch:t@npm%3A4.3.5#~builtin<compat/t>::version=4.3.5&hash=d8b4e7\"\n"
             "\"t@npm:^4.3.5\":\n  version: 4.3.5\n  resolution: \"t@npm:4.3.5\"\n",
                "@s/a 1.2.0\nt 4.3.5\ny 2.0.0", NULL},
            {"__metadata:\n  version: 6\n\"a@npm:1\":\n  version: 1.0.0\n", "", "\"a@npm:1\" has no resolution"},
            {"__metadata:\n  version: 6\na: [\n", "", "not read: line "},
        };

        (void)state;
        CHECK_LOCKS("app/yarn.lock", rows);
}

static void test_pnpm(void **state)
{
        static const struct lock_row rows[] = {
            {"lockfileVersion: 5.4\npackages:\n\n  /@s/a/1.0.0_react@17.0.2:\n    dev: true\n  /b/2.0.0-rc.1:\n"
             "    dev: false\n  registry.example.org/c/3.0.0:\n    resolution: {tarball: x}\n"
             "  github.com/d/e/0123:\n    name: e\n    version: 0.1.0\n  file:../own:\n    name: own\n    version: "
             "1.0.0\n",
                "@s/a 1.0.0 dev\nb 2.0.0-rc.1\nc 3.0.0\ne 0.1.0", NULL},
            {"lockfileVersion: '6.0'\npackages:\n  /@s/a@1.0.0(react@17.0.2)(b@1.0.0):\n    dev: true\n  /b@1.0.0:\n"
             "    dev: false\n  '@github.com/d/e/0123':\n    name: e\n    version: 0.1.0\n"
             "  /b@1.0.0(c@2.0.0):\n    dev: true\n",
                "@s/a 1.0.0 dev\nb 1.0.0\ne 0.1.0", NULL},
            {"lockfileVersion: '9.0'\nimporters:\n  .:\n    dependencies:\n      a:\n        specifier: ^1\n"
             "        version: 1.0.0(b@2.0.0)\n      alias:\n        specifier: npm:real@1\n        version: "
             "real@1.0.0\n"
             "    devDependencies:\n      d:\n        specifier: ^1\n        version: 1.0.0\n"
             "    optionalDependencies:\n      o:\n        specifier: ^1\n        version: 1.0.0\n"
             "packages:\n  a@1.0.0:\n    resolution: {integrity: x}\n  own@file:../own:\n"
             "    resolution: {directory: ../own, type: directory}\n  g@https://codeload.github.com/a/g/tar.gz/01:\n"
             "    resolution: {tarball: https://x/y}\n    version: 4.0.0\n"
             "snapshots:\n  a@1.0.0(b@2.0.0):\n    dependencies:\n      b: 2.0.0\n  b@2.0.0: {}\n"
             "  d@1.0.0:\n    dependencies:\n      b: 2.0.0\n      e: 1.0.0\n  e@1.0.0: {}\n  o@1.0.0: {}\n"
             "  own@file:../own: {}\n  real@1.0.0: {}\n  g@https://codeload.github.com/a/g/tar.gz/01: {}\n"
             "  u@https://example.org/u.tgz: {}\n",
                "a 1.0.0\nb 2.0.0\nd 1.0.0 dev\ne 1.0.0 dev\ng 4.0.0 dev download_url=https://x/y\no 1.0.0\nreal "
                "1.0.0\nu  dev none download_url=https://example.org/u.tgz",
                NULL},
            /* Since pnpm 11: what pnpm itself needs, and then the project. */
            {"---\nlockfileVersion: '9.0'\nimporters:\n  .:\n    packageManagerDependencies:\n      pnpm:\n"
             "        specifier: 12.0.0\n        version: 12.0.0\npackages:\n  pnpm@12.0.0:\n    resolution: "
             "{integrity: x}\n"
             "snapshots:\n  pnpm@12.0.0: {}\n---\nlockfileVersion: '9.0'\nimporters:\n  .:\n    dependencies:\n      "
             "a:\n"
             "        specifier: ^1\n        version: 1.0.0\npackages:\n  a@1.0.0:\n    resolution: {integrity: x}\n"
             "snapshots:\n  a@1.0.0: {}\n",
                "a 1.0.0\npnpm 12.0.0 dev", NULL},
            {"lockfileVersion: 5.1\npackages:\n  /a:\n    dev: true\n", "", "\"/a\" names no package and version"},
            {"lockfileVersion: 4\n", "", "lockfileVersion \"4\" is not known"},
            {"lockfileVersion: '12.0'\n", "", "lockfileVersion \"12.0\" is not known"},
            {"packages: {}\n", "", "lockfileVersion \"\" is not known"},
            {"- a\n", "", "no lock file"},
            {"", "", "no lock file"},
        };

        (void)state;
        CHECK_LOCKS("app/pnpm-lock.yaml", rows);
}

static void test_pub(void **state)
{
        static const struct lock_row rows[] = {
            {"packages:\n  a:\n    dependency: \"direct main\"\n    description:\n      name: a\n"
             "      url: \"https://pub.dev\"\n    source: hosted\n    version: \"1.0.0\"\n  t:\n"
             "    dependency: \"direct dev\"\n    description: {name: t}\n    source: hosted\n    version: "
             "\"2.0.0+1\"\n"
             "  flutter:\n    description: flutter\n    source: sdk\n    version: \"0.0.0\"\n  g:\n"
             "    description: {url: \"https://x/y.git\"}\n    source: git\n    version: \"3.0.0\"\n  own:\n    "
             "source: path\n"
             "    version: \"1.0.0\"\nsdks:\n  dart: \">=3\"\n",
                "a 1.0.0\ng 3.0.0 vcs_url=https://x/y.git\nt 2.0.0+1 dev", NULL},
            {"packages:\n  a: [", "", "not read: line "},
        };

        (void)state;
        CHECK_LOCKS("app/pubspec.lock", rows);
}

static void test_cocoapods(void **state)
{
        static const struct lock_row rows[] = {
            {"PODS:\n  - A/Core (1.0.0):\n    - B (~> 2)\n  - A/Extra (1.0.0)\n  - B (2.1.0)\n  - Own (0.1.0)\n\n"
             "DEPENDENCIES:\n  - A/Core\n\nEXTERNAL SOURCES:\n  Own:\n    :path: \"../Own\"\n\nCOCOAPODS: 1.11.3\n",
                "A 1.0.0 none\nB 2.1.0 none", NULL},
            {"PODS:\n  - GoogleUtilities/Network (6.6.0):\n    - \"GoogleUtilities/NSData+zlib\"\n"
             "  - \"GoogleUtilities/NSData+zlib (6.6.0)\"\n  - \"gRPC-C++/Implementation (0.0.9)\":\n"
             "    - gRPC-Core (= 1.21.0)\n    - nanopb (~> 0.3)\n  - gRPC-Core (1.21.0)\n  - nanopb/decode (0.3.9011)\n"
             "\nSPEC CHECKSUMS:\n  nanopb: 18003b5e\n\nCOCOAPODS: 1.9.0\n",
                "GoogleUtilities 6.6.0 none\ngRPC-C++ 0.0.9 none\ngRPC-Core 1.21.0 none\nnanopb 0.3.9011 none", NULL},
            {"PODS:\n  - A\n", "", "\"A\" has no version"},
        };

        (void)state;
        CHECK_LOCKS("app/Podfile.lock", rows);
}

static void test_conda(void **state)
{
        static const struct lock_row locked[] = {
            {"version: 1\nmetadata:\n  platforms: [linux-64, osx-64]\npackage:\n- name: _libgcc_mutex\n  version: "
             "'0.1'\n"
             "  manager: conda\n  platform: linux-64\n  category: main\n  optional: false\n- name: zlib\n  version: "
             "1.2.13\n"
             "  manager: conda\n  platform: linux-64\n- name: zlib\n  version: 1.2.13\n  manager: conda\n"
             "  platform: osx-64\n- name: pytest\n  version: 8.0.0\n  manager: conda\n  category: dev\n"
             "- name: Flask_Cors\n  version: 4.0.0\n  manager: pip\n  category: main\n",
                "_libgcc_mutex 0.1 none\nflask-cors 4.0.0\npytest 8.0.0 dev none\nzlib 1.2.13 none", NULL},
            {"package:\n- version: 1\n", "", "no valid name"},
            {"package: {}\n", "", NULL},
        };
        static const struct lock_row environment[] = {
            {"name: x\nchannels: [conda-forge]\ndependencies:\n  - python=3.11.4=hab00c5b_0_cpython\n  - "
             "numpy==1.25.0\n"
             "  - conda-forge::zlib ==1.2.13\n  - pip:\n      - Flask==3.0.0\n      - u @ https://example.org/u.whl\n"
             "prefix: /opt/x\n",
                "flask 3.0.0\nnumpy 1.25.0 none\npython 3.11.4 none\nu  none download_url=https://example.org/u.whl\n"
                "zlib 1.2.13 none",
                NULL},
            {"dependencies:\n  - python=3.11\n  - numpy\n  - scipy>=1\n  - a==1.*\n  - b=1=*\n  - c==1|2\n  - pip:\n"
             "    - -r requirements.txt\n    - flask\n",
                "", NULL},
            {"services: [\n", "", NULL},
            {"dependencies: [\n", "", "not read: line "},
        };

        (void)state;
        CHECK_LOCKS("srv/conda-lock.yml", locked);
        CHECK_LOCKS("srv/environment.yml", environment);
}

static void test_stack(void **state)
{
        static const struct lock_row rows[] = {
            {"packages:\n- completed:\n    hackage: ansi-wl-pprint-1.0.2@sha256:b8,1915\n    pantry-tree:\n      size: "
             "390\n"
             "  original:\n    hackage: ansi-wl-pprint-1.0.2\n- completed:\n    commit: '0123'\n"
             "    git: https://github.com/a/g.git\n    name: g\n    version: 0.3.0\n",
                "ansi-wl-pprint 1.0.2\ng 0.3.0 vcs_url=https://github.com/a/g.git", NULL},
            {"packages: []\nsnapshots:\n- completed:\n    url: https://x/0.yaml\n  original: lts-21.0\n", "",
                "the packages of its snapshot"},
            {"packages:\n- completed: {}\n", "", "no valid name"},
        };

        (void)state;
        CHECK_LOCKS("src/stack.yaml.lock", rows);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_yarn_berry),
            cmocka_unit_test(test_pnpm),
            cmocka_unit_test(test_pub),
            cmocka_unit_test(test_cocoapods),
            cmocka_unit_test(test_conda),
            cmocka_unit_test(test_stack),
        };

        return cmocka_run_group_tests_name("inventory lock files in YAML", tests, NULL, NULL);
}
