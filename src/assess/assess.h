/*
 * assess: what is known of an image, kept by its digest.
 *
 * In:    an opened image; the store.
 * Out:   its inventory, from the store if it is known there, else read anew and kept.
 * Never: decides anything; keeps an inventory that is not whole, or one of an image without an identity.
 * Uses:  base store image inventory advisory match
 * Terms: digest (OCI image-spec 1.1), version key.
 */
#pragma once

#include "advisory/advisory.h"
#include "base/base.h"
#include "image/image.h"
#include "inventory/inventory.h"
#include "match/match.h"
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

/* ---- all images that are known, when the advisories change ---- */

struct assess_fleet_options {
        const char *const *sinks; /* who is to be told beside the ledger; notices wait for each, see store_notices */
        size_t n_sinks;
        /*
         * Opens the database with this digest, if it is still there; the caller frees it. May be NULL: none is. An image that was
         * matched by itself with another one than all images is compared with that.
         */
        bool (*open)(void *ctx, struct span digest, struct advisory_db **ret);
        /* When all of it has happened: each image whose findings change, with its notice. May be NULL. */
        void (*on_image)(void *ctx, struct span digest, struct span name, struct span notice);
        void *ctx;
};

struct assess_fleet_stats {
        bool first;       /* there was nothing to compare with: from now on there is */
        uint64_t packages; /* of which the two databases say something different; and so for each that single images are compared with */
        uint64_t components; /* distinct ones that were matched for them */
        uint64_t images;     /* whose findings change */
        uint64_t told_before; /* of them, images that were matched with the new database by themselves: no notice */
        uint64_t added, removed, worsened, eased, mendable; /* changes in all notices */
};

/*
 * Finds the images whose findings are other ones by `new` than by `old`, and leaves for each one record in the ledger (event
 * "image.reassessed") and one notice for each sink: all of it or nothing, once for a pair of databases. What is looked at are
 * the packages of which the databases say something different, and of those the versions for which it matters: time grows
 * with the answer. The result is the same as matching every image with both. What an image was scanned with by itself since
 * counts for it in place of `old`: nobody is told what that scan has told already, and "from" names it; where that database is not
 * kept any more, `old` counts, since told twice is better than not at all. `old` NULL: all images were last
 * matched with `new`, or with nothing; those alone are compared that were matched with another one by themselves, and `new` is what
 * the next call compares with. A notice is a JSON object:
 *
 *      {"image": digest, "name": text, "from": digest, "to": digest, "changes": [{"kind": "added", "id": "CVE-2023-1",
 *       "package": "openssl", "version": "3.0.9-1", "ecosystem": "Debian:12", "severity": "high", "score": 7.5 or null,
 *       "fixed": text or null, "exploited": false, "explanation": text}], "left_out": 0}
 *
 * kind: "added", "removed", "worsened" (severity, exploitation, can't tell -> affected), "eased" (the contrary), "mendable"
 * (a fix is known now). A finding that has another id now, and its former one among its aliases or the other way round, is the same
 * one: a GHSA that was given its CVE is nothing new. ERR_CONFLICT: `old` is not what the images were last matched with. As match and the store fail.
 */
bool assess_fleet(struct store *s, const struct advisory_db *old, const struct advisory_db *new,
    const struct assess_fleet_options *o, struct assess_fleet_stats *ret, struct err *e);

#define ASSESS_CHANGES_MAX 500u /* told in one notice; more are counted */

/* ---- which images a vulnerability, or a package, concerns ---- */

struct assess_holder {
        struct span digest, name;      /* of the image */
        struct span ecosystem, package, version; /* as advisories call the component */
        const struct finding *finding; /* NULL when a package was asked for */
};

/*
 * Every known image that has a finding of this id (a CVE, a GHSA, or what else names it) by `db`, once for each package of it. Looks
 * at the components of the packages alone that some record with that id speaks of. False from on_image ends it well.
 */
bool assess_affected(struct store *s, const struct advisory_db *db, struct span id,
    bool (*on_image)(void *ctx, const struct assess_holder *h), void *ctx, struct err *e);
/* Every known image that has the package, in this version or (empty) in any. An ecosystem without release means all of them. */
bool assess_holders(struct store *s, struct span ecosystem, struct span package, struct span version,
    bool (*on_image)(void *ctx, const struct assess_holder *h), void *ctx, struct err *e);
/* Every ecosystem, with its release, that some known image has something of, in the order of their bytes; in `a`. */
bool assess_ecosystems(struct store *s, struct arena *a, struct span **ret, size_t *ret_n, struct err *e);
