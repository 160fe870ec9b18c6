#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "image/layer_hash_priv.h"

#define QUEUE_SIZE (IMAGE_RING_STORED + IMAGE_RING_PLAIN)
#define STACK_SIZE (512u << 10) /* bytes: OpenSSL's update needs less than 16 KiB, a sanitizer more */

struct item {
        enum layer_stream stream;
        struct span bytes;
};

/* Counts only grow; a buffer is number % size. */
struct ring {
        uint8_t *at;
        uint64_t size;  /* in buffers */
        uint64_t given; /* to be hashed: written by the reader alone */
        uint64_t done;  /* hashed: under the lock */
};

struct layer_hash {
        struct layer_hash_want want;
        struct hasher *hashers[LAYER_STREAMS];
        struct ring rings[LAYER_STREAMS];

        bool started;
        pthread_t thread;
        pthread_mutex_t lock; /* over all below and every ring's `done` */
        pthread_cond_t more, less;
        struct item queue[QUEUE_SIZE];
        uint64_t head, tail; /* given, taken and hashed */
        bool stop;
};

static void item_hash(struct layer_hash *h, const struct item *i)
{
        hasher_update(h->hashers[i->stream], i->bytes);
        if (h->want.same && h->hashers[LAYER_PLAIN])
                hasher_update(h->hashers[LAYER_PLAIN], i->bytes);
}

static void *thread_main(void *arg)
{
        struct layer_hash *h = arg;

        pthread_mutex_lock(&h->lock);
        for (;;) {
                struct item item;

                while (h->head == h->tail && !h->stop)
                        pthread_cond_wait(&h->more, &h->lock);
                if (h->stop)
                        break;
                item = h->queue[h->tail % QUEUE_SIZE];
                pthread_mutex_unlock(&h->lock);
                item_hash(h, &item);
                pthread_mutex_lock(&h->lock);
                h->tail++;
                h->rings[item.stream].done++;
                pthread_cond_signal(&h->less);
        }
        pthread_mutex_unlock(&h->lock);
        return NULL;
}

static bool thread_start(struct layer_hash *h, struct err *e)
{
        pthread_attr_t attr;
        int rc;

        if (pthread_mutex_init(&h->lock, NULL) != 0 || pthread_cond_init(&h->more, NULL) != 0 ||
            pthread_cond_init(&h->less, NULL) != 0 || pthread_attr_init(&attr) != 0)
                return err_set(e, ERR_BUG, "a lock can't be made");
        rc = pthread_attr_setstacksize(&attr, STACK_SIZE);
        if (rc == 0)
                rc = pthread_create(&h->thread, &attr, thread_main, h);
        pthread_attr_destroy(&attr);
        if (rc == 0) {
                h->started = true;
                return true;
        }
        errno = rc;
        return err_set(e, ERR_SYSTEM, "start a thread for hashing: %s", strerror(rc));
}

bool layer_hash_new(const struct layer_hash_want *want, struct layer_hash **ret, struct err *e)
{
        static const uint64_t sizes[LAYER_STREAMS] = {IMAGE_RING_STORED, IMAGE_RING_PLAIN};
        struct layer_hash *h CLEANUP(layer_hash_freep) = heap_alloc(sizeof(*h));

        h->want = *want;
        for (size_t i = 0; i < LAYER_STREAMS; i++) {
                if (i == LAYER_PLAIN && want->same && want->algs[i] == want->algs[LAYER_STORED])
                        continue;
                h->hashers[i] = hasher_new(want->algs[i]);
        }
        for (size_t i = 0; i < (want->same ? LAYER_PLAIN : LAYER_STREAMS); i++) {
                h->rings[i].size = want->thread ? sizes[i] : 1;
                /* Not heap_alloc, which would also write all of it. */
                h->rings[i].at = heap_realloc(NULL, h->rings[i].size, IMAGE_PIECE_SIZE);
        }
        if (want->thread && !thread_start(h, e))
                return false;
        *ret = h;
        h = NULL;
        return true;
}

void layer_hash_free(struct layer_hash *h)
{
        if (!h)
                return;
        if (h->started) {
                pthread_mutex_lock(&h->lock);
                h->stop = true;
                pthread_cond_signal(&h->more);
                pthread_mutex_unlock(&h->lock);
                pthread_join(h->thread, NULL);
                pthread_cond_destroy(&h->more);
                pthread_cond_destroy(&h->less);
                pthread_mutex_destroy(&h->lock);
        }
        for (size_t i = 0; i < LAYER_STREAMS; i++) {
                hasher_free(h->hashers[i]);
                free(h->rings[i].at);
        }
        free(h);
}

void layer_hash_freep(struct layer_hash **h)
{
        layer_hash_free(*h);
        *h = NULL;
}

uint8_t *layer_hash_buffer(struct layer_hash *h, enum layer_stream stream)
{
        struct ring *r = &h->rings[stream];

        if (h->started) {
                pthread_mutex_lock(&h->lock);
                while (r->given - r->done == r->size)
                        pthread_cond_wait(&h->less, &h->lock);
                pthread_mutex_unlock(&h->lock);
        }
        return r->at + r->given % r->size * IMAGE_PIECE_SIZE;
}

void layer_hash_give(struct layer_hash *h, enum layer_stream stream, size_t n)
{
        struct ring *r = &h->rings[stream];
        struct item item = {stream, span_bytes(r->at + r->given % r->size * IMAGE_PIECE_SIZE, n)};

        if (n == 0)
                return;
        r->given++;
        if (!h->started) {
                item_hash(h, &item);
                return;
        }
        pthread_mutex_lock(&h->lock);
        /* Never full: no ring has more buffers out than it has, and the queue holds them all. */
        h->queue[h->head++ % QUEUE_SIZE] = item;
        pthread_cond_signal(&h->more);
        pthread_mutex_unlock(&h->lock);
}

void layer_hash_final(struct layer_hash *h, struct digest ret[LAYER_STREAMS])
{
        if (h->started) {
                pthread_mutex_lock(&h->lock);
                while (h->head != h->tail)
                        pthread_cond_wait(&h->less, &h->lock);
                pthread_mutex_unlock(&h->lock);
        }
        hasher_final(h->hashers[LAYER_STORED], &ret[LAYER_STORED]);
        if (h->hashers[LAYER_PLAIN])
                hasher_final(h->hashers[LAYER_PLAIN], &ret[LAYER_PLAIN]);
        else
                ret[LAYER_PLAIN] = ret[LAYER_STORED];
}
