#include <openssl/err.h>
#include <openssl/evp.h>

#include "base/base.h"

/* OpenSSL keeps its own copy of the seed on its heap while a call runs; it wipes that copy when the key is freed. */

static void pkey_freep(EVP_PKEY **key)
{
        EVP_PKEY_free(*key);
        ERR_clear_error(); /* nothing of ours may stay in the thread's queue and confuse the next caller */
}

static void context_freep(EVP_MD_CTX **context)
{
        EVP_MD_CTX_free(*context);
}

static bool seed_key(struct secret *seed, EVP_PKEY **ret, struct err *e)
{
        if (secret_len(seed) != SIGN_SEED_LEN)
                return err_set(e, ERR_BUG, "an Ed25519 seed has %u bytes, not %zu", SIGN_SEED_LEN, secret_len(seed));
        *ret = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, secret_bytes(seed), SIGN_SEED_LEN);
        return *ret || err_set(e, ERR_UNSUPPORTED, "this machine's OpenSSL has no Ed25519");
}

bool sign_key_generate(struct secret **ret_seed, struct err *e)
{
        struct secret *seed;

        if (!secret_new(SIGN_SEED_LEN, &seed, e))
                return false;
        random_bytes(secret_bytes(seed), SIGN_SEED_LEN);
        *ret_seed = seed;
        return true;
}

bool sign_key_public(struct secret *seed, uint8_t ret_public[SIGN_PUBLIC_LEN], struct err *e)
{
        EVP_PKEY *key CLEANUP(pkey_freep) = NULL;
        uint8_t public_key[SIGN_PUBLIC_LEN];
        size_t len = sizeof(public_key);

        if (!seed_key(seed, &key, e))
                return false;
        if (EVP_PKEY_get_raw_public_key(key, public_key, &len) != 1 || len != sizeof(public_key))
                return err_set(e, ERR_BUG, "OpenSSL gave no Ed25519 public key");
        memcpy(ret_public, public_key, sizeof(public_key));
        return true;
}

bool sign_make(struct secret *seed, struct span message, uint8_t ret_signature[SIGN_LEN], struct err *e)
{
        EVP_PKEY *key CLEANUP(pkey_freep) = NULL;
        EVP_MD_CTX *context CLEANUP(context_freep) = EVP_MD_CTX_new();
        uint8_t signature[SIGN_LEN];
        size_t len = sizeof(signature);

        if (!seed_key(seed, &key, e))
                return false;
        if (!context || EVP_DigestSignInit(context, NULL, NULL, NULL, key) != 1 ||
            EVP_DigestSign(context, signature, &len, message.at, message.len) != 1 || len != sizeof(signature))
                return err_set(e, ERR_BUG, "OpenSSL could not make an Ed25519 signature");
        memcpy(ret_signature, signature, sizeof(signature));
        return true;
}

bool sign_check(const uint8_t public_key[SIGN_PUBLIC_LEN], struct span message, struct span signature, struct err *e)
{
        EVP_PKEY *key CLEANUP(pkey_freep) = NULL;
        EVP_MD_CTX *context CLEANUP(context_freep) = EVP_MD_CTX_new();

        if (signature.len != SIGN_LEN)
                return err_set(e, ERR_UNTRUSTED, "an Ed25519 signature has %u bytes, not %zu", SIGN_LEN, signature.len);
        key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, public_key, SIGN_PUBLIC_LEN);
        if (!key)
                return err_set(e, ERR_UNSUPPORTED, "this machine's OpenSSL has no Ed25519");
        if (!context || EVP_DigestVerifyInit(context, NULL, NULL, NULL, key) != 1)
                return err_set(e, ERR_BUG, "OpenSSL could not begin an Ed25519 check");
        if (EVP_DigestVerify(context, signature.at, signature.len, message.at, message.len) == 1)
                return true;
        return err_set(e, ERR_UNTRUSTED, "the signature is not this key's over this content");
}
