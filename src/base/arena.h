/*
 * Memory that dies together: a parsed document lives in one arena, nothing inside is freed alone.
 *
 * Every size is bounded by the caller before it asks, so running out of memory is our bug or the machine's end: it
 * prints one line and aborts, and no caller tests for NULL. In a worker that is a finding ("parser died").
 */
#pragma once

#include "base/span.h"

struct arena; /* grows in blocks; not thread-safe */

struct arena *arena_new(void);
void arena_free(struct arena *a); /* accepts NULL */
void arena_freep(struct arena **a);
/* Forgets all that was handed out and keeps one block: for a reader of many documents, one after the other. */
void arena_reset(struct arena *a);
size_t arena_used(const struct arena *a);              /* bytes handed out */
bool arena_owns(const struct arena *a, struct span s); /* s lies in memory of the arena: for tests and asserts */

void *arena_alloc(struct arena *a, size_t size); /* zeroed, aligned for any type; size 0 gives a valid pointer */
void *arena_array(struct arena *a, size_t n, size_t size);
struct span arena_copy(struct arena *a, struct span s); /* len 0 gives the empty span */
char *arena_string(struct arena *a, struct span s);     /* NUL-terminated; s must hold no NUL (asserted) */
struct span arena_printf(struct arena *a, const char *fmt, ...) PRINTF_LIKE(2, 3);

/*
 * A growable list in an arena: struct { T *at; size_t len, cap; } v = {0};  T *new = ARENA_PUSH(a, &v);
 * The new element is zeroed. Growing moves the elements: keep indexes, not pointers.
 */
#define ARENA_PUSH(a, v)                                                                           \
        __extension__({                                                                            \
                if ((v)->len == (v)->cap)                                                          \
                        (v)->at = arena_grow((a), (v)->at, (v)->len, &(v)->cap, sizeof(*(v)->at)); \
                &(v)->at[(v)->len++];                                                              \
        })
void *arena_grow(struct arena *a, void *old, size_t len, size_t *cap, size_t size);

/* Heap with the same rule: never NULL. */
void *heap_alloc(size_t size); /* zeroed */
void *heap_realloc(void *old, size_t n, size_t size);
void heap_freep(void *pointer_to_pointer); /* for CLEANUP: char *s CLEANUP(heap_freep) */
