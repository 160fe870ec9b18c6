/*
 * Runs a fuzz target without libFuzzer: every file of the folders given, then mutations of each, from a fixed seed.
 *
 * A corpus file ends in .hex (hex text, white space ignored) or is taken as it is. `make fuzz` uses libFuzzer instead.
 */
#include <ctype.h>
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define INPUT_MAX (1u << 20)
#define MUTATIONS_PER_INPUT 400u /* keeps `make test` in seconds */

static uint64_t rng_state = 0x9e3779b97f4a7c15u;

static uint64_t rng(void)
{
        rng_state ^= rng_state << 13;
        rng_state ^= rng_state >> 7;
        rng_state ^= rng_state << 17;
        return rng_state;
}

/* The target gets a heap copy of the exact size, so that a sanitizer sees a read of one byte too many. */
static void run_once(const uint8_t *data, size_t size)
{
        uint8_t *exact = calloc(1, size ? size : 1);

        if (!exact)
                abort();
        memcpy(exact, data, size);
        LLVMFuzzerTestOneInput(exact, size);
        free(exact);
}

static size_t unhex(uint8_t *data, size_t size)
{
        size_t n = 0;
        int high = -1;

        for (size_t i = 0; i < size; i++) {
                int c = tolower(data[i]);
                int v = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
                if (v < 0)
                        continue;
                if (high < 0) {
                        high = v;
                } else {
                        data[n++] = (uint8_t)(high << 4 | v);
                        high = -1;
                }
        }
        return n;
}

static void mutate_and_run(const uint8_t *data, size_t size)
{
        static uint8_t copy[INPUT_MAX + 64];

        for (unsigned i = 0; i < MUTATIONS_PER_INPUT; i++) {
                size_t n = size;
                memcpy(copy, data, size);
                for (uint64_t k = rng() % 4 + 1; k > 0; k--) {
                        size_t at = n ? rng() % n : 0;
                        switch (rng() % 5) {
                        case 0: /* one bit */
                                if (n)
                                        copy[at] ^= (uint8_t)(1u << (rng() % 8));
                                break;
                        case 1: /* any byte */
                                if (n)
                                        copy[at] = (uint8_t)rng();
                                break;
                        case 2: /* cut */
                                n = at;
                                break;
                        case 3: /* insert */
                                if (n < INPUT_MAX) {
                                        memmove(copy + at + 1, copy + at, n - at);
                                        copy[at] = (uint8_t)rng();
                                        n++;
                                }
                                break;
                        default: /* repeat a piece */
                                if (n > 1 && n < INPUT_MAX - 32) {
                                        size_t len = rng() % (n - at) % 32;
                                        memmove(copy + at + len, copy + at, n - at);
                                        n += len;
                                }
                                break;
                        }
                }
                run_once(copy, n);
        }
}

static unsigned replay_file(const char *path)
{
        static uint8_t data[INPUT_MAX];
        FILE *f = fopen(path, "rb");
        size_t n, len = strlen(path);

        if (!f) {
                perror(path);
                exit(1);
        }
        n = fread(data, 1, sizeof(data), f);
        fclose(f);
        if (len > 4 && strcmp(path + len - 4, ".hex") == 0)
                n = unhex(data, n);
        run_once(data, n);
        mutate_and_run(data, n);
        return 1;
}

int main(int argc, char **argv)
{
        unsigned inputs = 0;

        run_once((const uint8_t *)"", 0);
        for (int i = 1; i < argc; i++) {
                DIR *d = opendir(argv[i]);
                struct dirent *e;

                if (!d) {
                        inputs += replay_file(argv[i]);
                        continue;
                }
                while ((e = readdir(d))) {
                        char path[4096];
                        if (e->d_name[0] == '.')
                                continue;
                        if ((size_t)snprintf(path, sizeof(path), "%s/%s", argv[i], e->d_name) < sizeof(path))
                                inputs += replay_file(path);
                }
                closedir(d);
        }
        if (inputs == 0) {
                fprintf(stderr, "no corpus file found: a replay that runs nothing shows nothing\n");
                return 1;
        }
        printf("%u inputs, %u mutations each\n", inputs, MUTATIONS_PER_INPUT);
        return 0;
}
