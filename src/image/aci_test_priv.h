/* A folder and an App Container Image in the making, for tests; they include cmocka before this. Not part of the product. */
#pragma once

#include <sys/stat.h>

#include "image/aci_priv.h"
#include "image/archive_make_priv.h"
#include "image/record_test_priv.h"

#define S SPAN_LIT
#define HEAD "{\"acKind\":\"ImageManifest\",\"acVersion\":\"0.8.11\",\"name\":"
#define MINIMAL HEAD "\"example.com/app\"}"
#define HEX_64 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

struct fixture {
        struct buf tar;
        struct arena *arena;
        char folder[64];
};

static inline int set_up(void **state)
{
        struct fixture *f = heap_alloc(sizeof(*f));

        f->arena = arena_new();
        snprintf(f->folder, sizeof(f->folder), "/tmp/coffer-aci-test.XXXXXX");
        *state = f;
        return mkdtemp(f->folder) ? 0 : -1;
}

static inline int tear_down(void **state)
{
        struct fixture *f = *state;
        struct err e;

        assert_true(tree_remove(AT_FDCWD, f->folder, &e) || rmdir(f->folder) == 0);
        buf_done(&f->tar);
        arena_free(f->arena);
        free(f);
        return 0;
}

static inline void says(const struct err *e, enum err_kind kind, const char *text)
{
        if (e->kind != kind || !strstr(e->text, text))
                fail_msg("kind %d \"%s\", expected kind %d \"%s\"", e->kind, e->text, kind, text);
}

static inline void file_put(struct fixture *f, const char *path, const char *content)
{
        archive_make_file(&f->tar, path, span_of(content));
}

static inline void folder_put(struct fixture *f, const char *path)
{
        tar_make(&f->tar, &(struct tar_item){.path = path, .type = '5', .mode = 0755});
}

static inline void begin(struct fixture *f, const char *manifest)
{
        buf_clear(&f->tar);
        if (manifest)
                file_put(f, "manifest", manifest);
        folder_put(f, "rootfs");
}
