/* coffer-worker with the jobs of plug-ins alone: lies beside the test. */
#include "inventory/plugin/plugin_priv.h"

int main(int argc, char **argv)
{
        static const struct jail_job jobs[] = {
            {.name = "inventory-plugin", .run = plugin_job_printed},
            {.name = "inventory-plugin-files", .run = plugin_job_files},
        };

        return jail_worker_main(argc, argv, jobs, ARRAY_LEN(jobs));
}
