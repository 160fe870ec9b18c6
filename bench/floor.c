/*
 * The floor of a cold scan: reads gzip layers, hashes stored and plain bytes, inflates, walks the tar; nothing else.
 *
 * usage: bench_floor BLOB...      prints wall and CPU seconds, plain bytes, entries
 * Two threads: one reads, inflates and walks, one computes both hashes. It shares no code with the product on purpose, and
 * checks nothing but what it needs to go on: a program that does the product's work can't be faster by much.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <isa-l/igzip_lib.h>
#include <openssl/evp.h>

#define IN_SIZE (256u << 10)
#define OUT_SIZE (1u << 20)
#define SLOTS 8u

struct slot {
        uint8_t *at;
        size_t len;
        bool stored; /* which of the two hashes it belongs to */
        bool last;
};

static struct slot ring[SLOTS];
static uint8_t *out[SLOTS];               /* of the slot of the same number */
static uint8_t in[SLOTS + 1][IN_SIZE]; /* one more than can wait: its piece is inflated while others' outputs go by */
static unsigned head, tail;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static char digests[2][65];

static struct slot *slot_free(void)
{
        pthread_mutex_lock(&lock);
        while (head - tail == SLOTS)
                pthread_cond_wait(&changed, &lock);
        pthread_mutex_unlock(&lock);
        return &ring[head % SLOTS];
}

static void slot_give(void)
{
        pthread_mutex_lock(&lock);
        head++;
        pthread_cond_signal(&changed);
        pthread_mutex_unlock(&lock);
}

static void *hash_thread(void *unused)
{
        EVP_MD *md = EVP_MD_fetch(NULL, "SHA256", NULL);
        EVP_MD_CTX *ctx[2] = {EVP_MD_CTX_new(), EVP_MD_CTX_new()};
        bool last = false;

        (void)unused;
        EVP_DigestInit_ex2(ctx[0], md, NULL);
        EVP_DigestInit_ex2(ctx[1], md, NULL);
        while (!last) {
                pthread_mutex_lock(&lock);
                while (head == tail)
                        pthread_cond_wait(&changed, &lock);
                pthread_mutex_unlock(&lock);
                struct slot *s = &ring[tail % SLOTS];
                EVP_DigestUpdate(ctx[s->stored], s->at, s->len);
                last = s->last;
                pthread_mutex_lock(&lock);
                tail++;
                pthread_cond_signal(&changed);
                pthread_mutex_unlock(&lock);
        }
        for (int i = 0; i < 2; i++) {
                uint8_t d[32];
                EVP_DigestFinal_ex(ctx[i], d, NULL);
                for (int k = 0; k < 32; k++)
                        snprintf(digests[i] + 2 * k, 3, "%02x", d[k]);
                EVP_MD_CTX_free(ctx[i]);
        }
        EVP_MD_free(md);
        return NULL;
}

/* Names and sizes alone, as a walk must at least do. */
struct walk {
        uint8_t header[512];
        size_t have;
        uint64_t skip, entries;
};

static void walk(struct walk *w, const uint8_t *at, size_t len)
{
        while (len > 0) {
                if (w->skip) {
                        size_t n = w->skip < len ? (size_t)w->skip : len;
                        w->skip -= n;
                        at += n;
                        len -= n;
                        continue;
                }
                size_t n = 512 - w->have < len ? 512 - w->have : len;
                memcpy(w->header + w->have, at, n);
                w->have += n;
                at += n;
                len -= n;
                if (w->have < 512)
                        return;
                w->have = 0;
                uint64_t size = strtoull((char *)w->header + 124, NULL, 8);
                if (w->header[0]) {
                        w->entries++;
                        w->skip = (size + 511) & ~511ull;
                }
        }
}

static double now(clockid_t c)
{
        struct timespec t;

        clock_gettime(c, &t);
        return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static uint64_t one(const char *path, uint64_t *ret_entries)
{
        static struct inflate_state z;
        struct walk w = {0};
        uint64_t plain = 0;
        pthread_t t;
        int fd = open(path, O_RDONLY);
        ssize_t n;

        if (fd < 0) {
                perror(path);
                exit(1);
        }
        head = tail = 0;
        pthread_create(&t, NULL, hash_thread, NULL);
        isal_inflate_init(&z);
        z.crc_flag = ISAL_GZIP;
        for (unsigned piece = 0;; piece++) {
                struct slot *s = slot_free();
                uint8_t *at = in[piece % (SLOTS + 1)];
                n = read(fd, at, IN_SIZE);
                if (n <= 0)
                        break;
                *s = (struct slot){.at = at, .len = (size_t)n, .stored = true};
                z.next_in = at;
                z.avail_in = (uint32_t)n;
                slot_give();
                do {
                        struct slot *o = slot_free();
                        uint8_t *to = out[head % SLOTS];
                        z.next_out = to;
                        z.avail_out = OUT_SIZE;
                        int rc = isal_inflate(&z);
                        if (rc < 0) {
                                fprintf(stderr, "%s: inflate failed (%d)\n", path, rc);
                                exit(1);
                        }
                        *o = (struct slot){.at = to, .len = OUT_SIZE - z.avail_out};
                        plain += o->len;
                        walk(&w, o->at, o->len);
                        slot_give();
                } while (z.avail_in > 0 || z.avail_out == 0);
        }
        struct slot *s = slot_free();
        *s = (struct slot){.at = in[0], .last = true};
        slot_give();
        pthread_join(t, NULL);
        close(fd);
        printf("stored sha256:%s\nplain  sha256:%s\n", digests[1], digests[0]);
        *ret_entries = w.entries;
        return plain;
}

int main(int argc, char **argv)
{
        double wall = now(CLOCK_MONOTONIC), cpu;
        uint64_t plain = 0, entries = 0, n;

        for (unsigned i = 0; i < SLOTS; i++)
                out[i] = malloc(OUT_SIZE);
        for (int i = 1; i < argc; i++) {
                plain += one(argv[i], &n);
                entries += n;
        }
        cpu = now(CLOCK_PROCESS_CPUTIME_ID);
        wall = now(CLOCK_MONOTONIC) - wall;
        printf("%.3f s wall, %.3f s CPU, %llu plain bytes, %llu entries\n", wall, cpu, (unsigned long long)plain,
            (unsigned long long)entries);
        return 0;
}
