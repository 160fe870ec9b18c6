/*
 * OpenSSL's Ed25519, loaded by hand: only heads of the ledger and advisory databases are signed, and every program would pay
 * for the library.
 */
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/evp.h>

#include "base/base.h"

static struct {
        void *handle;
        __typeof__(ERR_clear_error) *clear_error;
        __typeof__(EVP_PKEY_free) *key_free;
        __typeof__(EVP_PKEY_new_raw_private_key) *private_key;
        __typeof__(EVP_PKEY_new_raw_public_key) *public_key;
        __typeof__(EVP_PKEY_get_raw_public_key) *get_public_key;
        __typeof__(EVP_MD_CTX_new) *context_new;
        __typeof__(EVP_MD_CTX_free) *context_free;
        __typeof__(EVP_DigestSignInit) *sign_init;
        __typeof__(EVP_DigestSign) *sign;
        __typeof__(EVP_DigestVerifyInit) *verify_init;
        __typeof__(EVP_DigestVerify) *verify;
        bool whole;
} ssl;
static pthread_once_t ssl_once = PTHREAD_ONCE_INIT;

static bool symbol(const char *name, void *to)
{
        void *at = dlsym(ssl.handle, name);

        memcpy(to, &at, sizeof(at));
        return at != NULL;
}

static void load(void)
{
        ssl.handle = dlopen("libcrypto.so.3", RTLD_NOW | RTLD_LOCAL);
        ssl.whole = ssl.handle && symbol("ERR_clear_error", &ssl.clear_error) &&
                    symbol("EVP_PKEY_free", &ssl.key_free) &&
                    symbol("EVP_PKEY_new_raw_private_key", &ssl.private_key) &&
                    symbol("EVP_PKEY_new_raw_public_key", &ssl.public_key) &&
                    symbol("EVP_PKEY_get_raw_public_key", &ssl.get_public_key) &&
                    symbol("EVP_MD_CTX_new", &ssl.context_new) && symbol("EVP_MD_CTX_free", &ssl.context_free) &&
                    symbol("EVP_DigestSignInit", &ssl.sign_init) && symbol("EVP_DigestSign", &ssl.sign) &&
                    symbol("EVP_DigestVerifyInit", &ssl.verify_init) && symbol("EVP_DigestVerify", &ssl.verify);
}

static bool ready(struct err *e)
{
        if (pthread_once(&ssl_once, load) == 0 && ssl.whole)
                return true;
        return err_set(e, ERR_UNSUPPORTED, "signatures need OpenSSL 3 (libcrypto.so.3): apt install libssl3");
}

/* OpenSSL keeps its own copy of the seed on its heap while a call runs; it wipes that copy when the key is freed. */

static void pkey_freep(EVP_PKEY **key)
{
        if (!ssl.whole)
                return;
        ssl.key_free(*key);
        ssl.clear_error(); /* nothing of ours may stay in the thread's queue and confuse the next caller */
}

static void context_freep(EVP_MD_CTX **context)
{
        if (*context)
                ssl.context_free(*context);
}

static bool seed_key(struct secret *seed, EVP_PKEY **ret, struct err *e)
{
        if (secret_len(seed) != SIGN_SEED_LEN)
                return err_set(e, ERR_BUG, "an Ed25519 seed has %u bytes, not %zu", SIGN_SEED_LEN, secret_len(seed));
        *ret = ssl.private_key(EVP_PKEY_ED25519, NULL, secret_bytes(seed), SIGN_SEED_LEN);
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

bool sign_key_read(int fd, const char *name, struct secret **ret_seed, struct err *e)
{
        struct secret *seed CLEANUP(secret_freep) = NULL;
        struct stat st;
        uint8_t more;
        size_t n, n_more = 0;

        if (fstat(fd, &st) != 0)
                return err_set(e, ERR_SYSTEM, "%s: %s", name, strerror(errno));
        if (!S_ISREG(st.st_mode))
                return err_set(e, ERR_MALFORMED, "%s is not a regular file", name);
        if ((st.st_uid != geteuid() && st.st_uid != 0) || (st.st_mode & 077) != 0)
                return err_set(e, ERR_UNTRUSTED,
                    "%s can be read or replaced by others (owner %u, mode %04o): chmod 600, and take a new key if "
                    "others may have read it",
                    name, st.st_uid, st.st_mode & 07777u);
        if (!secret_new(SIGN_SEED_LEN, &seed, e) || !fd_read_full(fd, secret_bytes(seed), SIGN_SEED_LEN, &n, e) ||
            !fd_read_full(fd, &more, 1, &n_more, e))
                return err_wrap(e, "%s", name);
        if (n != SIGN_SEED_LEN || n_more != 0)
                return err_set(e, ERR_MALFORMED,
                    "%s is damaged, it has not %u bytes: restore it; without it, remove it for a new one, which does "
                    "not "
                    "vouch for what this one signed",
                    name, SIGN_SEED_LEN);
        *ret_seed = seed;
        seed = NULL;
        return true;
}

bool sign_key_public(struct secret *seed, uint8_t ret_public[SIGN_PUBLIC_LEN], struct err *e)
{
        EVP_PKEY *key CLEANUP(pkey_freep) = NULL;
        uint8_t public_key[SIGN_PUBLIC_LEN];
        size_t len = sizeof(public_key);

        if (!ready(e) || !seed_key(seed, &key, e))
                return false;
        if (ssl.get_public_key(key, public_key, &len) != 1 || len != sizeof(public_key))
                return err_set(e, ERR_BUG, "OpenSSL gave no Ed25519 public key");
        memcpy(ret_public, public_key, sizeof(public_key));
        return true;
}

bool sign_make(struct secret *seed, struct span message, uint8_t ret_signature[SIGN_LEN], struct err *e)
{
        EVP_PKEY *key CLEANUP(pkey_freep) = NULL;
        EVP_MD_CTX *context CLEANUP(context_freep) = NULL;
        uint8_t signature[SIGN_LEN];
        size_t len = sizeof(signature);

        if (!ready(e) || !seed_key(seed, &key, e))
                return false;
        context = ssl.context_new();
        if (!context || ssl.sign_init(context, NULL, NULL, NULL, key) != 1 ||
            ssl.sign(context, signature, &len, message.at, message.len) != 1 || len != sizeof(signature))
                return err_set(e, ERR_BUG, "OpenSSL could not make an Ed25519 signature");
        memcpy(ret_signature, signature, sizeof(signature));
        return true;
}

bool sign_check(const uint8_t public_key[SIGN_PUBLIC_LEN], struct span message, struct span signature, struct err *e)
{
        EVP_PKEY *key CLEANUP(pkey_freep) = NULL;
        EVP_MD_CTX *context CLEANUP(context_freep) = NULL;

        if (signature.len != SIGN_LEN)
                return err_set(e, ERR_UNTRUSTED, "an Ed25519 signature has %u bytes, not %zu", SIGN_LEN, signature.len);
        if (!ready(e))
                return false;
        key = ssl.public_key(EVP_PKEY_ED25519, NULL, public_key, SIGN_PUBLIC_LEN);
        if (!key)
                return err_set(e, ERR_UNSUPPORTED, "this machine's OpenSSL has no Ed25519");
        context = ssl.context_new();
        if (!context || ssl.verify_init(context, NULL, NULL, NULL, key) != 1)
                return err_set(e, ERR_BUG, "OpenSSL could not begin an Ed25519 check");
        if (ssl.verify(context, signature.at, signature.len, message.at, message.len) == 1)
                return true;
        return err_set(e, ERR_UNTRUSTED, "the signature is not this key's over this content");
}
