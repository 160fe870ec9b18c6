/*
 * Reading a feed, timed: bench_feed FILE...
 *
 * Each file of JSON lines is read as the worker does, in this process: forms told apart, records parsed, their ranges made into keys, encoded.
 * What is handed on is counted and dropped. The best of five runs, by CPU time.
 */
#include "advisory/feed/feed_priv.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static double cpu(void)
{
        struct timespec t;

        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
        return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static bool count(void *ctx, struct span frame, struct err *e)
{
        (void)e;
        *(size_t *)ctx += frame.len;
        return true;
}

int main(int argc, char **argv)
{
        for (int i = 1; i < argc; i++) {
                int fd CLEANUP(fd_close) = open(argv[i], O_RDONLY | O_CLOEXEC);
                double best = 1e9;
                size_t bytes = 0;
                struct stat st;

                if (fd < 0 || fstat(fd, &st) != 0) {
                        perror(argv[i]);
                        return 1;
                }
                for (int run = 0; run < 5; run++) {
                        struct feed_sink sink = {.frame = count, .ctx = &bytes};
                        struct err e = {0};
                        double start = cpu();

                        bytes = 0;
                        if (lseek(fd, 0, SEEK_SET) != 0 ||
                            !feed_read_source(fd, &(struct feed_request){FEED_SOURCE_LINES, {0, 1}}, &sink, &e)) {
                                fprintf(stderr, "%s: %s\n", argv[i], e.text);
                                return 1;
                        }
                        if (cpu() - start < best)
                                best = cpu() - start;
                }
                printf("%s: %.1f MB in %.3f s CPU, %.0f MB/s; %.1f MB handed on\n", argv[i], (double)st.st_size / 1e6, best,
                    (double)st.st_size / 1e6 / best, (double)bytes / 1e6);
        }
        return 0;
}
