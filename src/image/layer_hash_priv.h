/*
 * The two hashes of a layer, and the buffers that what is hashed lies in: computed at once, or by a second thread that
 * follows behind. The reader fills a buffer, gives it away for hashing and goes on reading (not writing) it; it comes
 * back when both are done with it. No byte is copied.
 */
#pragma once

#include "image/image.h"
#include "image/image_limits.h"

enum layer_stream { LAYER_STORED = 0, LAYER_PLAIN, LAYER_STREAMS };

struct layer_hash;

/*
 * `same`: the layer is stored as it is, so its plain bytes are the stored ones; only that stream is then used.
 * ERR_SYSTEM when a second thread was asked for and can't be had.
 */
struct layer_hash_want {
        enum digest_alg algs[LAYER_STREAMS]; /* none of them DIGEST_NONE */
        bool same, thread;
};

bool layer_hash_new(const struct layer_hash_want *want, struct layer_hash **ret, struct err *e);
/* Ends the thread, if there is one, wherever it stands. Accepts NULL. */
void layer_hash_free(struct layer_hash *h);
void layer_hash_freep(struct layer_hash **h);
/* The stream's next buffer of IMAGE_PIECE_SIZE bytes; the one before it must no longer be looked at. May wait. */
uint8_t *layer_hash_buffer(struct layer_hash *h, enum layer_stream stream);
/* Hashes the first n bytes of the stream's current buffer, and makes the next one current. */
void layer_hash_give(struct layer_hash *h, enum layer_stream stream, size_t n);
/* Waits for what was given. */
void layer_hash_final(struct layer_hash *h, struct digest ret[LAYER_STREAMS]);
