/* coffer-worker with this room's jobs alone. */
#include "inventory/inventory.h"

int main(int argc, char **argv)
{
        return jail_worker_main(argc, argv, inventory_jobs, inventory_n_jobs);
}
