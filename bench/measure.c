/*
 * Runs a command N times and prints medians: wall s, CPU s, peak KiB. Usage: bench_measure [-s STATUS] N COMMAND [ARG...]
 *
 * CPU is that of the command and all its children, memory that of the largest of them. A program as small as this is needed
 * for it: a child's peak begins with what its parent had when it was forked.
 *
 * The command must end with 0, or with STATUS: `coffer scan` says 3 of an image with components that no advisory can
 * speak of. With -m the minima instead, for a machine that others use too.
 */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

static double one_of(double *at, int n, int which)
{
        qsort(at, (size_t)n, sizeof(*at), by_value);
        return at[which];
}

int main(int argc, char **argv)
{
        static double wall[RUNS_MAX], cpu[RUNS_MAX], peak[RUNS_MAX];
        posix_spawn_file_actions_t quiet;
        int n = 0, right = 0, least = 0;
        char **command = argv + 1;

        (void)argc;
        for (; *command && **command == '-'; command++) {
                if (strcmp(*command, "-m") == 0)
                        least = 1;
                else if (strcmp(*command, "-s") == 0 && command[1])
                        right = (int)strtol(*++command, NULL, 10);
        }
        if (*command)
                n = (int)strtol(*command++, NULL, 10);
        if (n < 1 || n > RUNS_MAX || !*command) {
                fprintf(stderr, "usage: bench_measure [-m] [-s STATUS] N COMMAND [ARG...]\n");
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
                if (posix_spawn(&pid, command[0], &quiet, NULL, command, environ) != 0 ||
                    wait4(pid, &status, 0, &u) != pid || !WIFEXITED(status) ||
                    (WEXITSTATUS(status) != 0 && WEXITSTATUS(status) != right)) {
                        fprintf(stderr, "%s: did not run or failed\n", command[0]);
                        return 1;
                }
                clock_gettime(CLOCK_MONOTONIC, &end);
                wall[i] = (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9;
                cpu[i] = seconds(u.ru_utime) + seconds(u.ru_stime);
                peak[i] = (double)u.ru_maxrss;
        }
        int which = least ? 0 : n / 2;
        printf("%.4f %.4f %.0f\n", one_of(wall, n, which), one_of(cpu, n, which), one_of(peak, n, which));
        return 0;
}
