/* The mapped database: opening, checks, rows and strings. Every offset in it is held against its section when it is
 * used. */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "advisory/db/db_read_priv.h"

struct span db_row(const struct advisory_db *db, enum db_section section, uint64_t index)
{
        uint64_t size = db_row_size[section];

        if (index >= db->sections[section].len / size)
                return (struct span){0};
        return span_cut(db->sections[section], (size_t)(index * size), (size_t)size);
}

bool db_string(const struct advisory_db *db, uint32_t offset, struct span *ret)
{
        struct cursor c = {.rest = span_from(db->sections[DB_STRINGS], offset)};
        uint16_t len = cursor_u16le(&c);
        struct span s = cursor_take(&c, len);

        if (c.failed)
                return false;
        *ret = s;
        return true;
}

static bool sources_fill(struct advisory_db *db, struct err *e)
{
        struct advisory_db_info *info = &db->info;
        size_t n = db->sections[DB_SOURCES].len / DB_SOURCE_ROW;

        if (n > DB_SOURCES_MAX)
                return err_set(e, ERR_LIMIT, "advisory database has %zu sources, at most %u", n, DB_SOURCES_MAX);
        info->sources = heap_alloc(n * sizeof(*info->sources));
        for (size_t i = 0; i < n; i++) {
                struct cursor c = {.rest = db_row(db, DB_SOURCES, i)};
                uint32_t name = cursor_u32le(&c);

                info->sources[i].refused = cursor_u32le(&c);
                info->sources[i].records = cursor_u64le(&c);
                info->sources[i].facts = cursor_u32le(&c);
                info->sources[i].unclear = cursor_u32le(&c);
                info->sources[i].newest_record_s = (int64_t)cursor_u64le(&c);
                if (c.failed || !db_string(db, name, &info->sources[i].name))
                        return err_set(e, ERR_MALFORMED, "advisory database is damaged: source %zu has no name", i);
        }
        info->n_sources = n;
        return true;
}

static bool info_fill(struct advisory_db *db, const struct db_header *h, struct err *e)
{
        struct advisory_db_info *info = &db->info;
        size_t n = db->sections[DB_ECOSYSTEMS].len / DB_ECOSYSTEM_ROW;

        if (n > DB_ECOSYSTEMS_MAX)
                return err_set(e, ERR_LIMIT, "advisory database has %zu ecosystems, at most %u", n, DB_ECOSYSTEMS_MAX);
        info->format = h->format;
        info->built_s = h->built_s;
        info->newest_record_s = h->newest_record_s;
        info->records = h->records;
        info->packages = h->packages;
        info->ranges = h->intervals;
        info->bytes = h->bytes;
        info->digest = h->content;
        info->ecosystems = heap_alloc(n * sizeof(*info->ecosystems));
        for (size_t i = 0; i < n; i++) {
                struct cursor c = {.rest = db_row(db, DB_ECOSYSTEMS, i)};
                uint32_t name = cursor_u32le(&c);
                cursor_take(&c, 12);
                info->ecosystems[i].records = cursor_u64le(&c);
                if (c.failed || !db_string(db, name, &info->ecosystems[i].ecosystem))
                        return err_set(e, ERR_MALFORMED, "advisory database is damaged: ecosystem %zu has no name", i);
        }
        info->n_ecosystems = n;
        info->facts = db->sections[DB_FACTS].len / DB_FACT_ROW;
        return sources_fill(db, e);
}

bool advisory_db_over(struct span file, struct advisory_db **ret, struct err *e)
{
        struct advisory_db *db CLEANUP(advisory_db_freep) = NULL;
        struct db_header h;

        if (!db_header_read(file, &h, e))
                return false;
        db = heap_alloc(sizeof(*db));
        db->file = file;
        for (size_t i = 0; i < DB_SECTIONS; i++)
                db->sections[i] = span_cut(file, (size_t)h.sections[i].at, (size_t)h.sections[i].len);
        if (!info_fill(db, &h, e))
                return false;
        *ret = db;
        db = NULL;
        return true;
}

static bool file_map(int dir_fd, const char *name, struct span *ret, struct err *e)
{
        int fd CLEANUP(fd_close) = openat(dir_fd, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
        struct stat st;
        void *at;

        if (fd < 0 && errno == ENOENT)
                return err_set(e, ERR_NOT_FOUND, "there is no advisory database %s", name);
        if (fd < 0 || fstat(fd, &st) != 0)
                return err_set(e, ERR_SYSTEM, "open advisory database %s: %s", name, strerror(errno));
        if (!S_ISREG(st.st_mode))
                return err_set(e, ERR_MALFORMED, "advisory database %s is not a regular file", name);
        if (st.st_size < (off_t)DB_CONTENT || (uint64_t)st.st_size > DB_BYTES_MAX)
                return err_set(e, ERR_MALFORMED, "advisory database %s has %lld bytes: it is cut, or none", name,
                    (long long)st.st_size);
        at = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (at == MAP_FAILED)
                return err_set(e, ERR_SYSTEM, "map advisory database %s: %s", name, strerror(errno));
        *ret = span_bytes(at, (size_t)st.st_size);
        return true;
}

/* Takes the mapping over, also when it fails. */
static bool mapped_open(struct span file, const char *name, struct advisory_db **ret, struct err *e)
{
        struct advisory_db *db CLEANUP(advisory_db_freep) = NULL;

        if (!advisory_db_over(file, &db, e)) {
                munmap((void *)file.at, file.len);
                return err_wrap(e, "%s", name);
        }
        db->mapped = true;
        if (db->file.len <= DB_CHECK_AT_OPEN && !advisory_db_verify(db, e))
                return err_wrap(e, "%s", name);
        *ret = db;
        db = NULL;
        return true;
}

bool advisory_db_open(int dir_fd, const char *name, struct advisory_db **ret, struct err *e)
{
        struct span file;

        return file_map(dir_fd, name, &file, e) && mapped_open(file, name, ret, e);
}

bool advisory_db_open_signed(
    int dir_fd, const char *name, const struct advisory_signature *s, struct advisory_db **ret, struct err *e)
{
        struct advisory_db *db CLEANUP(advisory_db_freep) = NULL;
        struct span file;
        struct digest whole;

        if (!advisory_signature_check(s, e) || !file_map(dir_fd, name, &file, e))
                return false;
        digest_of(DIGEST_SHA256, file, &whole);
        if (file.len != s->size || !digest_equal(&whole, &s->file)) {
                munmap((void *)file.at, file.len);
                return err_set(e, ERR_UNTRUSTED, "%s is not the file that was signed: it was changed, cut, or is another", name);
        }
        if (!mapped_open(file, name, &db, e))
                return false;
        if (db->info.format != s->format || db->info.built_s != s->built_s)
                return err_set(e, ERR_UNTRUSTED, "%s: its signature says another format or time of building than the file", name);
        *ret = db;
        db = NULL;
        return true;
}

bool advisory_db_verify(const struct advisory_db *db, struct err *e)
{
        struct digest content;

        digest_of(DIGEST_SHA256, span_from(db->file, DB_CONTENT), &content);
        if (!digest_equal(&content, &db->info.digest))
                return err_set(e, ERR_MALFORMED, "advisory database is damaged: the content fails its checksum");
        return true;
}

void advisory_db_free(struct advisory_db *db)
{
        if (!db)
                return;
        if (db->mapped)
                munmap((void *)db->file.at, db->file.len);
        free(db->info.ecosystems);
        free(db->info.sources);
        free(db);
}

void advisory_db_freep(struct advisory_db **db)
{
        advisory_db_free(*db);
}

const struct advisory_db_info *advisory_db_info(const struct advisory_db *db)
{
        return &db->info;
}

struct span advisory_db_bytes(const struct advisory_db *db)
{
        return db->file;
}
