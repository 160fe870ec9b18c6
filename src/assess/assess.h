/*
 * assess: what is known of an image, kept by its digest.
 *
 * In:    an opened image; the store.
 * Out:   its inventory, from the store if it is known there, else read anew and kept.
 * Never: decides anything; keeps an inventory that is not whole, or one of an image without an identity.
 * Uses:  base store image inventory advisory
 * Terms: digest (OCI image-spec 1.1), version key.
 */
#pragma once

#include "base/base.h"
#include "image/image.h"
#include "inventory/inventory.h"
#include "store/store.h"

struct assess_options {
        bool secrets;    /* see struct inventory_options: the image's own record is then neither used nor kept */
        int secrets_fd;
        uint32_t secrets_number; /* tells sets of rules apart; with the highest bit set */
        const struct inventory_plugins *plugins; /* may be NULL; what was read with others is not used */
        unsigned parallel; /* workers at once; 0: number of cores */
        void (*on_progress)(void *ctx, uint64_t done, uint64_t total); /* stored bytes of all layers; may be NULL */
        void *ctx;
};

/*
 * `s` may be NULL: nothing is looked up or kept. An inventory of an older format, or one that the store gives back
 * damaged, is made anew. What was read is kept with a version key beside each version (an empty one where the version
 * can't be ordered), so that a new advisory finds the image by one range scan. Fails as inventory_of_image and the store do.
 *
 * What single layers hold is kept beside it, by diff id and INVENTORY_DETECTORS, so that an image which shares layers with one
 * that was read costs its own alone; of layers with a note, too, and not of root folders. That takes at most 1 GiB (see
 * store_layer_put), and where it can't be read or written the layers are read as if it were not there.
 */
bool assess_image(struct store *s, const struct image *i, const struct assess_options *o, struct inventory **ret,
    bool *ret_from_store, struct err *e);
