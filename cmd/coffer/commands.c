/* The table: one row a command, in the order in which help shows them. */
#include "commands.h"

const struct cli_command *const cli_commands[] = {
    &cmd_run,
    &cmd_scan,
    &cmd_sbom,
    &cmd_check,
    &cmd_reassess,
    &cmd_affected,
    &cmd_ps,
    &cmd_logs,
    &cmd_stop,
    &cmd_rm,
    &cmd_inspect,
    &cmd_db_build,
    &cmd_db_import,
    &cmd_db_status,
    &cmd_db_lookup,
    &cmd_ledger_list,
    &cmd_ledger_verify,
    &cmd_ledger_export,
    &cmd_ledger_head,
    &cmd_policy_show,
    &cmd_policy_check,
    &cmd_versions,
    &cmd_doctor,
    &cmd_completion,
    &cmd_man,
    &cmd_help,
    &cmd_version,
};
const size_t cli_n_commands = ARRAY_LEN(cli_commands);
