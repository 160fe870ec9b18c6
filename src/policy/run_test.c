/* The section `run`: what it limits, each key both ways, and what is no such section. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "policy/policy_priv.h"

/* Rows below say what differs from the tightest run. */
#pragma GCC diagnostic ignored "-Woverride-init"

#define NOW_S 1795392000 /* 2026-11-23T00:00:00Z */
#define GIB (1ull << 30)

static struct policy_facts facts_of(const struct policy_run *run)
{
        return (struct policy_facts){
            .steps = {[POLICY_STEP_SCAN] = {POLICY_DONE_OK, {0}}}, .database_s = NOW_S, .now_s = NOW_S, .run = *run};
}

static const struct policy_volume plain_volume[] = {{SPAN_LIT("/srv/data/a"), SPAN_LIT("/srv/data/a"), true}};
static const struct policy_volume written_volume[] = {{SPAN_LIT("/srv/data/a"), SPAN_LIT("/srv/data/a"), false}};
static const struct policy_volume linked_volume[] = {{SPAN_LIT("/srv/data/link"), SPAN_LIT("/"), true}};
static const struct policy_volume lost_volume[] = {{SPAN_LIT("/proc/7/root"), {0}, true}};
static const struct policy_volume two_volumes[] = {
    {SPAN_LIT("/srv/data/a"), SPAN_LIT("/srv/data/a"), true}, {SPAN_LIT("out"), SPAN_LIT("/home/u/out"), false}};
static const struct span preload[] = {SPAN_LIT("LD_PRELOAD")};
static const struct span app[] = {SPAN_LIT("APP_MODE"), SPAN_LIT("APP_A/B")};

/* What every policy here allows: the tightest that can be asked for. */
#define TIGHT                                                                                                          \
        .state = POLICY_RUN_ASKED, .network = POLICY_NETWORK_NONE, .uid_known = true, .uid = 1000,                     \
        .command_of_image = true, .runtime_default = true, .read_only = true, .no_32bit = true, .memory = {GIB, true}, \
        .cpus = {1500, true}, .pids = {100, true}

static const struct {
        const char *policy; /* behind "version: 1\nrun:\n", so from line 3 */
        struct policy_run run;
        const char *verdict;
} rows[] = {
    {"  network: none\n", {TIGHT}, "allow\n"},
    {"  network: none\n", {TIGHT, .network = POLICY_NETWORK_HOST},
        "deny\nrun: p.yaml:3: the host's network is not allowed: leave --network host out\n"},
    {"  network: none\n", {TIGHT, .network = POLICY_NETWORK_UNKNOWN},
        "deny\nrun: p.yaml:3: the host's network is not allowed: leave --network host out\n"},
    {"  network: host\n", {TIGHT, .network = POLICY_NETWORK_HOST}, "allow\n"},
    /* volumes */
    {"  volumes: []\n", {TIGHT}, "allow\n"},
    {"  volumes: []\n", {TIGHT, .volumes = plain_volume, .n_volumes = 1},
        "deny\nrun: p.yaml:3: the volume /srv/data/a: no volume is allowed: leave -v out\n"},
    {"  volumes:\n    - /srv/data/*:ro\n", {TIGHT, .volumes = plain_volume, .n_volumes = 1}, "allow\n"},
    {"  volumes:\n    - /srv/data/*:ro\n", {TIGHT, .volumes = written_volume, .n_volumes = 1},
        "deny\nrun: p.yaml:4: the volume /srv/data/a is writable, and /srv/data/*:ro allows it read-only alone: end it "
        "with "
        ":ro\n"},
    {"  volumes: ['/srv/data/*:ro', /srv/data/a]\n", {TIGHT, .volumes = written_volume, .n_volumes = 1}, "allow\n"},
    {"  volumes: [/srv/data/a]\n", {TIGHT, .volumes = plain_volume, .n_volumes = 1}, "allow\n"},
    {"  volumes: [/srv/data]\n", {TIGHT, .volumes = plain_volume, .n_volumes = 1},
        "deny\nrun: p.yaml:3: the volume /srv/data/a is none of the volumes allowed: leave it out, or have its path "
        "added "
        "there\n"},
    {"  volumes: [/srv/*]\n", {TIGHT, .volumes = plain_volume, .n_volumes = 1},
        "deny\nrun: p.yaml:3: the volume /srv/data/a is none of the volumes allowed: leave it out, or have its path "
        "added "
        "there\n"},
    {"  volumes: [/srv/**]\n", {TIGHT, .volumes = written_volume, .n_volumes = 1}, "allow\n"},
    {"  volumes: [/srv/**]\n", {TIGHT, .volumes = linked_volume, .n_volumes = 1},
        "deny\nrun: p.yaml:3: the volume /srv/data/link (really /) is none of the volumes allowed: leave it out, or "
        "have its "
        "path added there\n"},
    {"  volumes: [/]\n", {TIGHT, .volumes = linked_volume, .n_volumes = 1}, "allow\n"},
    {"  volumes: [/]\n", {TIGHT, .volumes = plain_volume, .n_volumes = 1},
        "deny\nrun: p.yaml:3: the volume /srv/data/a is none of the volumes allowed: leave it out, or have its path "
        "added "
        "there\n"},
    {"  volumes: [/**]\n", {TIGHT, .volumes = lost_volume, .n_volumes = 1},
        "deny\nrun: p.yaml:3: the volume /proc/7/root: where it really lies can't be told, and volumes are limited: "
        "name the "
        "folder by its own path\n"},
    {"  volumes: ['/srv/data/**:ro']\n", {TIGHT, .volumes = two_volumes, .n_volumes = 2},
        "deny\nrun: p.yaml:3: the volume out (really /home/u/out) is none of the volumes allowed: leave it out, or "
        "have its "
        "path added there\n"},
    {"  network: none\n", {TIGHT, .volumes = lost_volume, .n_volumes = 1}, "allow\n"},
    /* user */
    {"  user: non-root\n", {TIGHT}, "allow\n"},
    {"  user: non-root\n", {TIGHT, .uid = 0},
        "deny\nrun: p.yaml:3: it would run as root (uid 0 inside): name another user, by number: --user 1000\n"},
    {"  user: non-root\n", {TIGHT, .uid_known = false, .user = SPAN_LIT("nginx")},
        "deny\nrun: p.yaml:3: whether the user nginx is root can't be told from the name, which the image explains: "
        "say the "
        "number: --user 1000\n"},
    {"  user: any\n", {TIGHT, .uid_known = false}, "allow\n"},
    /* command */
    {"  command: image\n", {TIGHT}, "allow\n"},
    {"  command: image\n", {TIGHT, .command_of_image = false},
        "deny\nrun: p.yaml:3: the image's own command alone is allowed: leave --entrypoint and the words after the "
        "image "
        "out\n"},
    {"  command: any\n", {TIGHT, .command_of_image = false}, "allow\n"},
    /* environment */
    {"  environment: {deny: ['LD_*']}\n", {TIGHT, .variables = app, .n_variables = 2}, "allow\n"},
    {"  environment:\n    deny: [X]\n", {TIGHT, .variables = preload, .n_variables = 1}, "allow\n"},
    {"  environment:\n    deny: ['LD_*']\n", {TIGHT, .variables = preload, .n_variables = 1},
        "deny\nrun: p.yaml:4: the variable LD_PRELOAD is denied by LD_*: leave its -e out\n"},
    {"  environment:\n    deny: ['*']\n", {TIGHT, .variables = app, .n_variables = 2},
        "deny\nrun: p.yaml:4: the variable APP_MODE is denied by *: leave its -e out\n"
        "run: p.yaml:4: the variable APP_A/B is denied by *: leave its -e out\n"},
    {"  environment:\n    allow: ['APP_*']\n", {TIGHT, .variables = app, .n_variables = 2}, "allow\n"},
    {"  environment:\n    allow: ['APP_*']\n", {TIGHT, .variables = preload, .n_variables = 1},
        "deny\nrun: p.yaml:4: the variable LD_PRELOAD is none of the variables allowed: leave its -e out\n"},
    {"  environment: {allow: []}\n", {TIGHT, .variables = preload, .n_variables = 1},
        "deny\nrun: p.yaml:3: the variable LD_PRELOAD is none of the variables allowed: leave its -e out\n"},
    {"  environment: {deny: [ld_preload]}\n", {TIGHT, .variables = preload, .n_variables = 1}, "allow\n"},
    /* runtimes */
    {"  runtimes: []\n", {TIGHT}, "allow\n"},
    {"  runtimes: []\n", {TIGHT, .runtime_default = false, .runtime = SPAN_LIT("runc")},
        "deny\nrun: p.yaml:3: the OCI runtime runc is none of those allowed: leave --runtime out\n"},
    {"  runtimes: [runc]\n", {TIGHT, .runtime_default = false, .runtime = SPAN_LIT("runc")}, "allow\n"},
    {"  runtimes: [runc]\n", {TIGHT, .runtime_default = false, .runtime = SPAN_LIT("/home/u/runc")},
        "deny\nrun: p.yaml:3: the OCI runtime /home/u/runc is none of those allowed: leave --runtime out\n"},
    {"  runtimes: ['*']\n", {TIGHT, .runtime_default = false},
        "deny\nrun: p.yaml:3: the OCI runtime (not known) is none of those allowed: leave --runtime out\n"},
    /* root, programs */
    {"  read_only: true\n", {TIGHT}, "allow\n"},
    {"  read_only: true\n", {TIGHT, .read_only = false},
        "deny\nrun: p.yaml:3: its root must be read-only: say --read-only\n"},
    {"  read_only: false\n", {TIGHT, .read_only = false}, "allow\n"},
    {"  allow_32bit: false\n", {TIGHT}, "allow\n"},
    {"  allow_32bit: false\n", {TIGHT, .no_32bit = false},
        "deny\nrun: p.yaml:3: i386 programs are not allowed: leave --allow-32bit out\n"},
    {"  allow_32bit: true\n", {TIGHT, .no_32bit = false}, "allow\n"},
    /* limits */
    {"  max_memory: 1GiB\n", {TIGHT}, "allow\n"},
    {"  max_memory: 1073741823\n", {TIGHT},
        "deny\nrun: p.yaml:3: at most 1073741823 bytes are allowed, and it would have 1 GiB: say --memory\n"},
    {"  max_memory: 11GiB\n", {TIGHT, .memory = {12638255104, true}},
        "deny\nrun: p.yaml:3: at most 11 GiB are allowed, and it would have 12638255104 bytes (11.7 GiB): say "
        "--memory\n"},
    {"  max_memory: 1 TiB\n", {TIGHT, .memory = {UINT64_MAX, true}},
        "deny\nrun: p.yaml:3: at most 1 TiB are allowed, and it would have no limit: say --memory\n"},
    {"  max_memory: 1024MiB\n", {TIGHT, .memory = {0, true}},
        "deny\nrun: p.yaml:3: at most 1 GiB are allowed, and no limit is set: say --memory\n"},
    {"  max_memory: 1048576KiB\n", {TIGHT, .memory = {GIB, false}},
        "deny\nrun: p.yaml:3: at most 1 GiB are allowed, and this host has no control group that would hold it to "
        "that: see "
        "`coffer doctor`\n"},
    {"  max_cpus: 1.5\n", {TIGHT}, "allow\n"},
    {"  max_cpus: 1.499\n", {TIGHT},
        "deny\nrun: p.yaml:3: at most 1.499 CPUs are allowed, and it would have 1.5 CPUs: say --cpus\n"},
    {"  max_cpus: 2\n", {TIGHT, .cpus = {0, true}},
        "deny\nrun: p.yaml:3: at most 2 CPUs are allowed, and no limit is set: say --cpus\n"},
    {"  max_pids: 100\n", {TIGHT}, "allow\n"},
    {"  max_pids: 99\n", {TIGHT},
        "deny\nrun: p.yaml:3: at most 99 processes are allowed, and it would have 100 processes: say --pids-limit\n"},
    {"  {}\n", {TIGHT, .network = POLICY_NETWORK_HOST}, "allow\n"},
    {"  {}\n", {.state = POLICY_RUN_UNKNOWN},
        "deny\nrun: p.yaml:3: how it is to be run is limited, and was not said\n"},
    {"  network: none\n", {TIGHT, .state = (enum policy_run_state)7},
        "deny\nrun: p.yaml:3: how it is to be run is limited, and was not said\n"},
};

static struct policy *load(const char *section)
{
        CLEANUP(buf_done) struct buf b = {0};
        struct policy *p = NULL;
        struct err e = {0};

        buf_printf(&b, "version: 1\nrun:\n%s", section);
        if (!policy_load(buf_span(&b), "p.yaml", &p, &e))
                fail_msg("%s", e.text);
        return p;
}

static void test_each_key_both_ways(void **state)
{
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                CLEANUP(policy_freep) struct policy *p = load(rows[i].policy);
                CLEANUP(policy_verdict_freep) struct policy_verdict *v = NULL;
                CLEANUP(buf_done) struct buf b = {0};
                struct policy_facts f = facts_of(&rows[i].run);

                print_message("%s", rows[i].policy);
                assert_true(policy_decide(p, &f, &v, NULL));
                buf_printf(&b, "%s\n", verdict_name(v->verdict));
                for (size_t k = 0; k < v->n_reasons; k++) {
                        assert_int_equal(v->reasons[k].kind, POLICY_REASON_RUN);
                        buf_printf(&b, "%s: %.*s\n", policy_reason_kind_name(v->reasons[k].kind),
                            SPAN_FMT(v->reasons[k].text));
                }
                buf_put_u8(&b, 0);
                assert_string_equal((const char *)b.at, rows[i].verdict);
                assert_int_equal(v->run_not_judged, 0);
        }
}

#define ALL_KEYS                                                                                           \
        "  network: none\n  volumes: []\n  user: non-root\n  command: image\n  environment: {allow: []}\n" \
        "  runtimes: []\n  read_only: true\n  allow_32bit: false\n  max_memory: 1GiB\n  max_cpus: 1\n  max_pids: 1\n"

/* A run of which nothing is known is refused by each key that could be meant by it. */
static void test_zero_run_is_refused(void **state)
{
        static const uint32_t lines[] = {3, 5, 6, 8, 9, 10, 11, 12, 13}; /* no volumes and no variables are none */
        CLEANUP(policy_freep) struct policy *p = load(ALL_KEYS);
        CLEANUP(policy_verdict_freep) struct policy_verdict *v = NULL;
        struct policy_facts f = facts_of(&(struct policy_run){.state = POLICY_RUN_ASKED});

        (void)state;
        assert_true(policy_decide(p, &f, &v, NULL));
        assert_int_equal(v->verdict, VERDICT_DENY);
        assert_int_equal(v->n_reasons, ARRAY_LEN(lines));
        for (size_t i = 0; i < ARRAY_LEN(lines); i++)
                assert_int_equal(v->reasons[i].line, lines[i]);
        assert_int_equal((enum policy_run_state)0, POLICY_RUN_UNKNOWN);
}

static void test_not_judged_when_nothing_runs(void **state)
{
        CLEANUP(policy_freep) struct policy *p = load(ALL_KEYS);
        CLEANUP(policy_freep) struct policy *without = policy_default();
        CLEANUP(policy_verdict_freep) struct policy_verdict *v = NULL;
        CLEANUP(policy_verdict_freep) struct policy_verdict *w = NULL;
        struct policy_facts f = facts_of(&(struct policy_run){.state = POLICY_RUN_NONE});

        (void)state;
        assert_true(policy_decide(p, &f, &v, NULL));
        assert_int_equal(v->verdict, VERDICT_ALLOW);
        assert_int_equal(v->run_not_judged, 3);
        assert_true(policy_decide(without, &f, &w, NULL));
        assert_int_equal(w->run_not_judged, 0);
}

static void test_facts_without_entries(void **state)
{
        CLEANUP(policy_freep) struct policy *p = load(ALL_KEYS);
        const struct policy_run hollow[] = {{TIGHT, .n_volumes = 1}, {TIGHT, .n_variables = 1}};

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(hollow); i++) {
                struct policy_verdict *v = NULL;
                struct policy_facts f = facts_of(&hollow[i]);
                struct err e = {0};

                assert_false(policy_decide(p, &f, &v, &e));
                assert_int_equal(e.kind, ERR_BUG);
        }
}

static const struct {
        const char *section, *error;
} broken[] = {
    {"  []\n", "3:3: run: a mapping (key: value) was expected, found a list"},
    {"", "2:5: run: a mapping (key: value) was expected, found nothing"},
    {"  net: none\n", "3:3: unknown key \"net\"; known here: network, volumes, user, command, environment, runtimes, "
                      "read_only, allow_32bit, max_memory, max_cpus, max_pids"},
    {"  network: none\n  network: host\n", "4:3: duplicate key \"network\", first in line 3: keep one"},
    {"  network: bridge\n", "3:12: run: network: none or host was expected"},
    {"  network: [none]\n", "3:12: run: network: none or host was expected"},
    {"  volumes: /srv\n", "3:12: run: volumes: a list was expected, found a text"},
    {"  volumes: [[/srv]]\n", "3:13: run: volumes: a text was expected, found a list"},
    {"  volumes: [srv]\n", "3:13: run: volumes: a pattern begins with \"/\""},
    {"  volumes: [':ro']\n", "3:13: run: volumes: a pattern begins with \"/\""},
    {"  volumes: [/srv/]\n", "3:13: run: volumes: a pattern ends without \"/\"; \"/**\" is what lies below a folder"},
    {"  volumes: ['/srv/:ro']\n",
        "3:13: run: volumes: a pattern ends without \"/\"; \"/**\" is what lies below a folder"},
    {"  volumes: [/srv/../etc]\n", "3:13: run: volumes: a pattern has neither \"//\" nor \".\" nor \"..\" in it: it is "
                                   "compared with a path that is resolved"},
    {"  volumes: [/srv//etc]\n", "3:13: run: volumes: a pattern has neither \"//\" nor \".\" nor \"..\" in it: it is "
                                 "compared with a path that is resolved"},
    {"  volumes: [/./etc]\n",
        "3:13: run: volumes: a pattern has neither \"//\" nor \".\" nor \"..\" in it: it is compared "
        "with a path that is resolved"},
    {"  user: root\n", "3:9: run: user: non-root or any was expected"},
    {"  user: 0\n", "3:9: run: user: non-root or any was expected"},
    {"  command: none\n", "3:12: run: command: image or any was expected"},
    {"  environment: [LD_*]\n", "3:16: run: environment: a mapping (key: value) was expected, found a list"},
    {"  environment: {only: [A]}\n", "3:17: unknown key \"only\"; known here: deny, allow"},
    {"  environment: {deny: A}\n", "3:23: run: environment.deny: a list was expected, found a text"},
    {"  environment: {deny: [A=1]}\n", "3:24: run: environment.deny: a name has no \"=\" in it: leave the value out"},
    {"  environment: {allow: ['']}\n", "3:25: run: environment.allow: a text was expected, found nothing"},
    {"  runtimes: runc\n", "3:13: run: runtimes: a list was expected, found a text"},
    {"  read_only: yes\n", "3:14: run: read_only: true or false was expected"},
    {"  allow_32bit: 'false'\n", "3:16: run: allow_32bit: true or false was expected"},
    {"  max_memory: 0\n", "3:15: run: max_memory: a size above 0 was expected, for example 512MiB or 2GiB"},
    {"  max_memory: GiB\n", "3:15: run: max_memory: a size above 0 was expected, for example 512MiB or 2GiB"},
    {"  max_memory: 2GB\n", "3:15: run: max_memory: a size above 0 was expected, for example 512MiB or 2GiB"},
    {"  max_memory: -1\n", "3:15: run: max_memory: a size above 0 was expected, for example 512MiB or 2GiB"},
    {"  max_memory: 16777216TiB\n", "3:15: run: max_memory: a size above 0 was expected, for example 512MiB or 2GiB"},
    {"  max_memory: [1]\n", "3:15: run: max_memory: a size above 0 was expected, for example 512MiB or 2GiB"},
    {"  max_cpus: 0\n", "3:13: run: max_cpus: a number above 0 was expected, for example 2 or 1.5"},
    {"  max_cpus: 0.000\n", "3:13: run: max_cpus: a number above 0 was expected, for example 2 or 1.5"},
    {"  max_cpus: 1.\n", "3:13: run: max_cpus: a number above 0 was expected, for example 2 or 1.5"},
    {"  max_cpus: .5\n", "3:13: run: max_cpus: a number above 0 was expected, for example 2 or 1.5"},
    {"  max_cpus: 1.2345\n", "3:13: run: max_cpus: a number above 0 was expected, for example 2 or 1.5"},
    {"  max_cpus: 4097\n", "3:13: run: max_cpus: a number above 0 was expected, for example 2 or 1.5"},
    {"  max_cpus: {}\n", "3:13: run: max_cpus: a number above 0 was expected, for example 2 or 1.5"},
    {"  max_pids: 0\n", "3:13: run: max_pids: a number above 0 was expected"},
    {"  max_pids: 4194305\n", "3:13: run: max_pids: a whole number from 0 to 4194304 was expected"},
};

static void test_broken_sections(void **state)
{
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(broken); i++) {
                CLEANUP(buf_done) struct buf b = {0};
                struct policy *p = NULL;
                struct err e = {0};

                print_message("%s", broken[i].section);
                buf_printf(&b, "version: 1\nrun:\n%s", broken[i].section);
                assert_false(policy_load(buf_span(&b), "p.yaml", &p, &e));
                assert_null(p);
                assert_int_equal(e.kind, ERR_MALFORMED);
                assert_memory_equal(e.text, "p.yaml:", 7);
                assert_string_equal(e.text + 7, broken[i].error);
        }
}

/* Exceptions alone decide nothing, and so say nothing of runs. */
static void test_no_part_of_exceptions(void **state)
{
        struct policy *p = NULL;
        struct err e = {0};

        (void)state;
        assert_false(policy_load_exceptions(SPAN_LIT("version: 1\nignore: []\nrun: {}\n"), "x", &p, &e));
        assert_string_equal(e.text, "x:3:1: unknown key \"run\"; known here: version, ignore, max_ignore_days");
}

static void test_every_error_is_told(void **state)
{
        static const char text[] = "run:\n  network: bridge\n  volumes: [a, /b, c/]\n  max_cpus: 0\n"
                                   "findings:\n  deny: [{severity: hgih}, {fix_available: 7}]\n"
                                   "packages: {deny: [telnet]}\nnothing: here\nmax_database_age_days: -1\n";
        static const char errors[] =
            "p:2:12: run: network: none or host was expected\n"
            "p:3:13: run: volumes: a pattern begins with \"/\"\n"
            "p:3:20: run: volumes: a pattern begins with \"/\"\n"
            "p:4:13: run: max_cpus: a number above 0 was expected, for example 2 or 1.5\n"
            "p:6:21: severity: unknown, low, medium, high or critical was expected\n"
            "p:6:44: fix_available: true, false or any was expected\n"
            "p:6:28: findings.deny: \"severity\" is missing\n"
            "p:7:19: packages.deny: a purl pattern begins with \"pkg:\", for example pkg:npm/event-stream@3.3.6\n"
            "p:8:1: unknown key \"nothing\"; known here: version, findings, packages, licences, ignore, max_ignore_days, vex, require, "
            "max_database_age_days, run\n"
            "p:9:24: max_database_age_days: a whole number from 0 to 36500 was expected\n"
            "p:1:1: policy: \"version\" is missing\n";
        CLEANUP(arena_freep) struct arena *a = arena_new();
        struct policy_notes told = {0};
        struct policy *p = NULL;
        CLEANUP(buf_done) struct buf many = {0}, all = {0};

        (void)state;
        assert_false(policy_examine(SPAN_LIT(text), "p", a, &p, &told));
        assert_null(p);
        for (size_t i = 0; i < told.len; i++)
                buf_printf(&all, "%.*s\n", SPAN_FMT(told.at[i]));
        buf_put_u8(&all, 0);
        assert_string_equal((const char *)all.at, errors);
        assert_false(
            policy_examine(SPAN_LIT("version: *x\nrun: 7\n"), "p", a, &p, &told)); /* YAML's own end the reading */
        assert_int_equal(told.len, 1);
        buf_put_text(&many, "version: 1\nlicences: {deny: [''");
        for (unsigned i = 0; i < POLICY_ERRORS_MAX; i++)
                buf_put_text(&many, ",''");
        buf_put_text(&many, "]}\n");
        assert_false(policy_examine(buf_span(&many), "p", a, &p, &told));
        assert_int_equal(told.len, POLICY_ERRORS_MAX);
        assert_true(policy_examine(span_of(policy_default_text), "p", a, &p, &told));
        assert_int_equal(told.len, 0);
        policy_free(p);
}

static void test_in_words(void **state)
{
        static const char text[] =
            "version: 1\n"
            "findings: {deny: [{severity: high, fix_available: true}, {severity: critical}, {severity: low, "
            "fix_available: "
            "false}]}\n"
            "packages: {deny: ['pkg:npm/a@1'], allow: ['pkg:**']}\n"
            "licences: {deny: [GPL-*], allow: ['*']}\n"
            "ignore: [{id: CVE-1, package: b, reason: not built, until: 2026-12-31}, {id: CVE-2, reason: r, until: "
            "2027-01-01}]\n"
            "require: {signature: true, host: true}\n"
            "max_database_age_days: 30\n"
            "run:\n"
            "  network: none\n"
            "  volumes: ['/srv/www:ro', /srv/out]\n"
            "  user: non-root\n"
            "  command: image\n"
            "  environment: {deny: [LD_*], allow: [A, B]}\n"
            "  runtimes: [runc]\n"
            "  read_only: true\n"
            "  allow_32bit: false\n"
            "  max_memory: 2GiB\n"
            "  max_cpus: 1.05\n"
            "  max_pids: 512\n";
        static const char words[] =
            "p: the image must have been assessed as a whole (by default)\n"
            "p:6: its signature must have been checked (nothing does that yet: it refuses everything)\n"
            "p:6: the host must have been proved (nothing does that yet: it refuses everything)\n"
            "p:7: the advisory database may be 30 days old\n"
            "p:2: refuses a finding of severity high or above if there is a fix\n"
            "p:2: refuses a finding of severity critical\n"
            "p:2: refuses a finding of severity low or above if there is none\n"
            "p:5: except CVE-1 in b until 2026-12-31: not built\n"
            "p:5: except CVE-2 until 2027-01-01: r\n"
            "p:3: refuses the package pkg:npm/a@1\n"
            "p:3: of packages, only those listed: pkg:**\n"
            "p:4: refuses the licence GPL-*\n"
            "p:4: of licences, only those listed: *\n"
            "p:9: run: no network but its own loopback\n"
            "p:10: run: of volumes, only those listed, this one read-only: /srv/www\n"
            "p:10: run: of volumes, only those listed: /srv/out\n"
            "p:11: run: not as root (uid 0 inside), nor as a user who is only named\n"
            "p:12: run: the image's own command alone\n"
            "p:13: run: no variable set from outside that is called LD_*\n"
            "p:13: run: of variables set from outside, only those listed: A\n"
            "p:13: run: of variables set from outside, only those listed: B\n"
            "p:14: run: of OCI runtimes, the default and those listed: runc\n"
            "p:15: run: with a read-only root\n"
            "p:16: run: no i386 programs\n"
            "p:17: run: at most 2 GiB of memory\n"
            "p:18: run: at most 1.05 CPUs\n"
            "p:19: run: at most 512 processes\n";
        static const char empty[] =
            "version: 1\nrequire: {scan: false}\nrun: {volumes: [], environment: {allow: []}, runtimes: "
            "[], network: host, user: any, max_cpus: 1}\n";
        CLEANUP(policy_freep) struct policy *p = NULL;
        CLEANUP(policy_freep) struct policy *q = NULL;
        CLEANUP(buf_done) struct buf b = {0};

        (void)state;
        assert_true(policy_load(SPAN_LIT(text), "p", &p, NULL));
        policy_describe(p, &b);
        buf_put_u8(&b, 0);
        assert_string_equal((const char *)b.at, words);
        buf_clear(&b);
        assert_true(policy_load(SPAN_LIT(empty), "q", &q, NULL));
        policy_describe(q, &b);
        buf_put_u8(&b, 0);
        assert_string_equal((const char *)b.at, "q:2: an image that was not assessed as a whole may run\n"
                                                "q:3: run: no volumes\nq:3: run: no variables set from outside\n"
                                                "q:3: run: the default OCI runtime alone\nq:3: run: at most 1 CPU\n");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_each_key_both_ways),
            cmocka_unit_test(test_zero_run_is_refused),
            cmocka_unit_test(test_not_judged_when_nothing_runs),
            cmocka_unit_test(test_facts_without_entries),
            cmocka_unit_test(test_broken_sections),
            cmocka_unit_test(test_no_part_of_exceptions),
            cmocka_unit_test(test_every_error_is_told),
            cmocka_unit_test(test_in_words),
        };

        return cmocka_run_group_tests_name("policy_run", tests, NULL, NULL);
}
