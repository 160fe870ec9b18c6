#include <assert.h>
#include <stdarg.h>

#include "base/base.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_ASAN 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define ARENA_ASAN 1
#endif
/* Under AddressSanitizer what was not handed out is poisoned: a read past an allocation is caught inside a block too.
 */
#ifdef ARENA_ASAN
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(at, size) ((void)(at), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(at, size) ((void)(at), (void)(size))
#endif

#define ARENA_ALIGN 16u
#define ARENA_BLOCK_FIRST 4096u     /* bytes: a small document needs one block */
#define ARENA_BLOCK_MOST (1u << 20) /* bytes: larger allocations get a block of their own */

struct arena_block {
        struct arena_block *older;
        size_t size, used;
        _Alignas(ARENA_ALIGN) uint8_t bytes[];
};

struct arena {
        struct arena_block *newest;
        size_t used;
        size_t next_size;
};

static _Noreturn void memory_out(size_t size)
{
        fprintf(stderr, "coffer: out of memory (%zu bytes wanted)\n", size);
        abort();
}

static size_t size_times(size_t n, size_t size)
{
        size_t total;

        if (__builtin_mul_overflow(n, size, &total))
                memory_out(SIZE_MAX);
        return total;
}

void *heap_alloc(size_t size)
{
        void *at = calloc(1, size ? size : 1);

        if (!at)
                memory_out(size);
        return at;
}

void *heap_realloc(void *old, size_t n, size_t size)
{
        size_t total = size_times(n, size);
        void *at = realloc(old, total ? total : 1);

        if (!at)
                memory_out(total);
        return at;
}

void heap_freep(void *pointer_to_pointer)
{
        void **p = pointer_to_pointer;

        free(*p);
        *p = NULL;
}

struct arena *arena_new(void)
{
        struct arena *a = heap_alloc(sizeof(*a));

        a->next_size = ARENA_BLOCK_FIRST;
        return a;
}

static void blocks_free(struct arena_block *b)
{
        while (b) {
                struct arena_block *older = b->older;

                ASAN_UNPOISON_MEMORY_REGION(b->bytes, b->size);
                free(b);
                b = older;
        }
}

void arena_free(struct arena *a)
{
        if (!a)
                return;
        blocks_free(a->newest);
        free(a);
}

void arena_freep(struct arena **a)
{
        arena_free(*a);
        *a = NULL;
}

void arena_reset(struct arena *a)
{
        struct arena_block *keep = a->newest;

        a->used = 0;
        if (!keep)
                return;
        blocks_free(keep->older);
        keep->older = NULL;
        if (keep->size > ARENA_BLOCK_MOST) {
                blocks_free(keep);
                a->newest = NULL;
                return;
        }
        keep->used = 0;
        ASAN_POISON_MEMORY_REGION(keep->bytes, keep->size);
}

size_t arena_used(const struct arena *a)
{
        return a->used;
}

bool arena_owns(const struct arena *a, struct span s)
{
        for (const struct arena_block *b = a->newest; b; b = b->older)
                if (s.at >= b->bytes && s.at <= b->bytes + b->used && s.len <= (size_t)(b->bytes + b->used - s.at))
                        return true;
        return false;
}

/* A block of its own is zeroed, which for a large one costs nothing: the kernel's pages are. */
static struct arena_block *block_new(size_t size, bool zeroed)
{
        struct arena_block *b;
        size_t total;

        if (__builtin_add_overflow(sizeof(*b), size, &total))
                memory_out(SIZE_MAX);
        b = zeroed ? calloc(1, total) : malloc(total);
        if (!b)
                memory_out(total);
        b->older = NULL;
        b->size = size;
        b->used = 0;
        ASAN_POISON_MEMORY_REGION(b->bytes, size);
        return b;
}

/*
 * A block for at least `size` bytes. A large one goes behind the newest, which keeps serving small requests; it is zeroed if
 * that is wanted, and *ret_zeroed then.
 */
static struct arena_block *arena_room(struct arena *a, size_t size, bool zeroed, bool *ret_zeroed)
{
        struct arena_block *b = a->newest;

        if (b && b->size - b->used >= size)
                return b;
        if (b && size > a->next_size / 2) {
                struct arena_block *own = block_new(size, zeroed);

                *ret_zeroed = zeroed;
                own->older = b->older;
                b->older = own;
                return own;
        }
        b = block_new(size > a->next_size ? size : a->next_size, false);
        b->older = a->newest;
        a->newest = b;
        if (a->next_size < ARENA_BLOCK_MOST)
                a->next_size *= 2;
        return b;
}

static void *arena_take(struct arena *a, size_t size, bool zeroed)
{
        struct arena_block *b;
        bool is_zeroed = false;
        size_t rounded;
        uint8_t *at;

        if (__builtin_add_overflow(size ? size : 1, ARENA_ALIGN - 1, &rounded))
                memory_out(SIZE_MAX);
        rounded &= ~(size_t)(ARENA_ALIGN - 1);
        b = arena_room(a, rounded, zeroed, &is_zeroed);
        at = b->bytes + b->used;
        b->used += rounded;
        a->used += size;
        ASAN_UNPOISON_MEMORY_REGION(at, size);
        if (zeroed && !is_zeroed)
                memset(at, 0, size);
        return at;
}

void *arena_alloc(struct arena *a, size_t size)
{
        return arena_take(a, size, true);
}

void *arena_array(struct arena *a, size_t n, size_t size)
{
        return arena_alloc(a, size_times(n, size));
}

struct span arena_copy(struct arena *a, struct span s)
{
        uint8_t *at;

        if (s.len == 0)
                return (struct span){0};
        at = arena_take(a, s.len, false);
        memcpy(at, s.at, s.len);
        return (struct span){at, s.len};
}

char *arena_string(struct arena *a, struct span s)
{
        char *at = arena_take(a, size_times(s.len + 1, 1), false);

        assert(s.len == 0 || !memchr(s.at, 0, s.len));
        if (s.len > 0)
                memcpy(at, s.at, s.len);
        at[s.len] = 0;
        return at;
}

struct span arena_printf(struct arena *a, const char *fmt, ...)
{
        char *at;
        va_list args;
        int n;

        assert(fmt);
        va_start(args, fmt);
        n = vsnprintf(NULL, 0, fmt, args);
        va_end(args);
        assert(n >= 0);
        at = arena_take(a, (size_t)n + 1, false);
        va_start(args, fmt);
        vsnprintf(at, (size_t)n + 1, fmt, args);
        va_end(args);
        return (struct span){(const uint8_t *)at, (size_t)n};
}

void *arena_grow(struct arena *a, void *old, size_t len, size_t *cap, size_t size)
{
        size_t new_cap = *cap ? size_times(*cap, 2) : 8;
        uint8_t *at = arena_alloc(a, size_times(new_cap, size)); /* its new rows must be zero */

        if (len > 0)
                memcpy(at, old, len * size);
        *cap = new_cap;
        return at;
}
