/*
 * One look-up in the compiled database, timed: bench_lookup DIR NAME PREFIX COUNT
 *
 * Looks up PREFIX0 .. PREFIX(COUNT-1) of ecosystem npm in a fixed scrambled order, once cold in this process (first touch
 * of each page) and once warm, and prints median, 99th percentile and maximum of each pass; reading the clock is in them,
 * so a third pass is timed as a whole.
 */
#include "advisory/advisory.h"

#include <fcntl.h>
#include <stdlib.h>
#include <time.h>

static uint64_t now_ns(void)
{
        struct timespec t;

        clock_gettime(CLOCK_MONOTONIC, &t);
        return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static int by_value(const void *a, const void *b)
{
        uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

        return (x > y) - (x < y);
}

static bool count_hit(void *ctx, const struct advisory_hit *h)
{
        uint64_t *n = ctx;

        *n += h->answer == ADVISORY_AFFECTED;
        return true;
}

static void look_up(const struct advisory_db *db, const char *name, uint64_t *hits)
{
        struct err e = {0};

        if (advisory_db_lookup(db, SPAN_LIT("npm"), span_of(name), SPAN_LIT("1.2.3"), count_hit, hits, &e))
                return;
        fprintf(stderr, "%s\n", e.text);
        exit(1);
}

int main(int argc, char **argv)
{
        struct advisory_db *db = NULL;
        struct err e = {0};
        uint64_t hits = 0, count, begin, *times;
        char(*names)[64];
        int dir;

        if (argc != 5 || !span_to_u64(span_of(argv[4]), &count) || count == 0 || count > 10000000) {
                fprintf(stderr, "usage: bench_lookup DIR NAME PREFIX COUNT\n");
                return 2;
        }
        dir = open(argv[1], O_RDONLY | O_DIRECTORY);
        begin = now_ns();
        if (dir < 0 || !advisory_db_open(dir, argv[2], &db, &e)) {
                fprintf(stderr, "%s\n", e.text);
                return 1;
        }
        printf("open %.3f ms, %llu ranges, %llu packages\n", (double)(now_ns() - begin) / 1e6,
            (unsigned long long)advisory_db_info(db)->ranges, (unsigned long long)advisory_db_info(db)->packages);
        times = heap_alloc(count * sizeof(*times));
        names = heap_alloc(count * sizeof(*names));
        for (uint64_t i = 0; i < count; i++) /* 7919 is prime: every package once, neighbours far apart */
                snprintf(names[i], sizeof(names[i]), "%s%llu", argv[3], (unsigned long long)(i * 7919 % count));
        for (int pass = 0; pass < 2; pass++) {
                for (uint64_t i = 0; i < count; i++) {
                        begin = now_ns();
                        look_up(db, names[i], &hits);
                        times[i] = now_ns() - begin;
                }
                qsort(times, count, sizeof(*times), by_value);
                printf("%s: median %.2f us, 99 %% %.2f us, maximum %.2f us\n", pass ? "warm" : "first touch",
                    (double)times[count / 2] / 1e3, (double)times[count * 99 / 100] / 1e3,
                    (double)times[count - 1] / 1e3);
        }
        begin = now_ns();
        for (uint64_t i = 0; i < count; i++)
                look_up(db, names[i], &hits);
        printf("warm, without a clock in between: %.2f us each\n", (double)(now_ns() - begin) / 1e3 / (double)count);
        printf("%llu affected answers\n", (unsigned long long)hits);
        return hits > 0 ? 0 : 1;
}
