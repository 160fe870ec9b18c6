/* coffer-worker with the advisory room's jobs alone, for fleet_test. */
#include "advisory/advisory.h"

int main(int argc, char **argv)
{
        return jail_worker_main(argc, argv, advisory_jobs, advisory_n_jobs);
}
