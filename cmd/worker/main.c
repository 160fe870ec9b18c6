/*
 * coffer-worker: one parsing job, locked down, started by the other programs for each piece of foreign bytes.
 * The rooms' tables of jobs are put one after the other; the job's own code is in its room.
 */
#include <assert.h>

#include "advisory/advisory.h"
#include "image/image.h"
#include "inventory/inventory.h"
#include "jail/jail.h"
#include "report/report.h"

#define JOBS_MAX 64u /* all rooms together */

static size_t jobs_add(struct jail_job *to, size_t n, const struct jail_job *jobs, size_t n_jobs)
{
        for (size_t i = 0; i < n_jobs; i++) {
                assert(n < JOBS_MAX);
                to[n++] = jobs[i];
        }
        return n;
}

int main(int argc, char **argv)
{
        struct jail_job jobs[JOBS_MAX];
        size_t n = 0;

        n = jobs_add(jobs, n, image_jobs, image_n_jobs);
        n = jobs_add(jobs, n, inventory_jobs, inventory_n_jobs);
        n = jobs_add(jobs, n, advisory_jobs, advisory_n_jobs);
        n = jobs_add(jobs, n, report_jobs, report_n_jobs);
        return jail_worker_main(argc, argv, jobs, n);
}
