/* Limits of the policy room. Policies are written by hand: these are far above any of them. */
#pragma once

#define POLICY_DEPTH_MAX 16u           /* levels of YAML; a policy has 4. Attack: stack */
#define POLICY_NODES_MAX 65536u        /* scalars, lists and mappings of one file */
#define POLICY_KEYS_MAX 64u            /* of one mapping */
#define POLICY_TEXT_MAX 1024u          /* bytes of one scalar */
#define POLICY_RULES_MAX 256u          /* in findings.deny */
#define POLICY_LIST_MAX 4096u          /* patterns of one list, exceptions in ignore */
#define POLICY_ERRORS_MAX 100u         /* told of one file */
#define POLICY_CPUS_MAX 4096u          /* what `coffer run --cpus` takes */
#define POLICY_PIDS_MAX 4194304u       /* Linux's own (PID_MAX_LIMIT) */
#define POLICY_AGE_DAYS_MAX 36500u     /* a century */
#define POLICY_LICENCE_TOKENS_MAX 256u /* of one licence expression; longer ones are taken as words */
#define POLICY_LICENCE_DEPTH_MAX 32u   /* parentheses; attack: stack */
