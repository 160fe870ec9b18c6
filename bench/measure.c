/*
 * Runs a command N times and prints medians: wall s, CPU s, peak KiB. Usage: bench_measure N COMMAND [ARG...]
 * A command that ends with another status than 0 is no measurement.
 *
 * CPU and memory are those of the command and all its children. A program as small as this is needed for it: a child's
 * peak begins with what its parent had when it was forked.
 */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

#define RUNS_MAX 1000

static double seconds(struct timeval t)
{
        return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static int by_value(const void *a, const void *b)
{
        double x = *(const double *)a, y = *(const double *)b;

        return (x > y) - (x < y);
}

static double median(double *at, int n)
{
        qsort(at, (size_t)n, sizeof(*at), by_value);
        return at[n / 2];
}

int main(int argc, char **argv)
{
        static double wall[RUNS_MAX], cpu[RUNS_MAX], peak[RUNS_MAX];
        posix_spawn_file_actions_t quiet;
        int n = argc > 2 ? (int)strtol(argv[1], NULL, 10) : 0;

        if (n < 1 || n > RUNS_MAX) {
                fprintf(stderr, "usage: bench_measure N COMMAND [ARG...]\n");
                return 2;
        }
        posix_spawn_file_actions_init(&quiet);
        posix_spawn_file_actions_addopen(&quiet, 1, "/dev/null", O_WRONLY, 0);
        posix_spawn_file_actions_addopen(&quiet, 2, "/dev/null", O_WRONLY, 0);
        for (int i = 0; i < n; i++) {
                struct timespec begin, end;
                struct rusage u;
                int status;
                pid_t pid;
                clock_gettime(CLOCK_MONOTONIC, &begin);
                if (posix_spawn(&pid, argv[2], &quiet, NULL, argv + 2, environ) != 0 || wait4(pid, &status, 0, &u) != pid ||
                    !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
                        fprintf(stderr, "%s: did not run or failed\n", argv[2]);
                        return 1;
                }
                clock_gettime(CLOCK_MONOTONIC, &end);
                wall[i] = (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9;
                cpu[i] = seconds(u.ru_utime) + seconds(u.ru_stime);
                peak[i] = (double)u.ru_maxrss;
        }
        printf("%.4f %.4f %.0f\n", median(wall, n), median(cpu, n), median(peak, n));
        return 0;
}
