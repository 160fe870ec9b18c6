/* coffer-worker with this room's jobs alone: lies beside image_test, where program_path looks first. */
#include "image/image.h"

int main(int argc, char **argv)
{
        return jail_worker_main(argc, argv, image_jobs, image_n_jobs);
}
