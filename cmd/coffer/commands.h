/* The rows of the command table; each is defined in cmd_<name>.c. */
#pragma once

#include "cli.h"

extern const struct cli_command cmd_explain, cmd_scan, cmd_sbom, cmd_check, cmd_run, cmd_referrers;
extern const struct cli_command cmd_ps, cmd_stop, cmd_rm, cmd_logs, cmd_inspect, cmd_prune;
extern const struct cli_command cmd_db_build, cmd_db_import, cmd_db_status, cmd_db_lookup, cmd_db_feeds, cmd_db_update, cmd_db_diff;
extern const struct cli_command cmd_db_keygen, cmd_db_sign, cmd_db_verify, cmd_db_trust, cmd_db_export;
extern const struct cli_command cmd_ledger_list, cmd_ledger_verify, cmd_ledger_export, cmd_ledger_head;
extern const struct cli_command cmd_policy_show, cmd_policy_check;
extern const struct cli_command cmd_vex_create, cmd_vex_merge, cmd_vex_apply, cmd_vex_validate;
extern const struct cli_command cmd_reassess, cmd_affected;
extern const struct cli_command cmd_versions, cmd_doctor, cmd_completion, cmd_man, cmd_help, cmd_version;
