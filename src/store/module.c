/*
 * Which database a state folder uses: coffer.db in it, unless it has a store.conf, which names one of PostgreSQL's. What knows
 * PostgreSQL is a module, loaded only then.
 *
 *      # PostgreSQL in place of coffer.db
 *      connection: host=/run/postgresql dbname=coffer
 *      schema: coffer
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "coffer_build.h"
#include "store/store_priv.h"

#define CONF "store.conf"
#define CONF_MAX 16384u /* bytes */
#define MODULE "coffer-store-postgres.so"

struct conf {
        char *connection; /* heap; may hold a password: wiped */
        char schema[STORE_SCHEMA_NAME_MAX + 1];
        mode_t mode;
};

static void conf_done(struct conf *c)
{
        if (c->connection)
                explicit_bzero(c->connection, strlen(c->connection));
        free(c->connection);
}

static void secret_buf_done(struct buf *b)
{
        if (b->at)
                explicit_bzero(b->at, b->len);
        buf_done(b);
}

/* It goes into statements between quotes, as it is. */
static bool schema_take(struct span value, struct conf *ret, struct err *e)
{
        bool ok =
            value.len > 0 && value.len <= STORE_SCHEMA_NAME_MAX && value.at[0] > '9' && !span_starts(value, "pg_");

        for (size_t i = 0; ok && i < value.len; i++)
                ok = (value.at[i] >= 'a' && value.at[i] <= 'z') || (value.at[i] >= '0' && value.at[i] <= '9') ||
                     value.at[i] == '_';
        if (!ok)
                return err_set(e, ERR_MALFORMED,
                    "a schema's name is at most %u of [a-z0-9_], not a digit first, not pg_...", STORE_SCHEMA_NAME_MAX);
        snprintf(ret->schema, sizeof(ret->schema), "%.*s", SPAN_FMT(value));
        return true;
}

static bool line_read(struct span line, struct conf *ret, struct err *e)
{
        struct span key, value;
        size_t at;

        line = span_trim(line);
        if (line.len == 0 || line.at[0] == '#')
                return true;
        if (!span_split(line, ':', &key, &value))
                return err_set(e, ERR_MALFORMED, "\"key: value\" was expected");
        key = span_trim(key);
        value = span_trim(value);
        if (span_is(key, "schema"))
                return schema_take(value, ret, e);
        if (!span_is(key, "connection"))
                return err_set(e, ERR_MALFORMED, "keys are connection and schema");
        if (ret->connection || value.len == 0 || span_find(value, 0, &at))
                return err_set(e, ERR_MALFORMED, "one connection is needed");
        ret->connection = strndup((const char *)value.at, value.len);
        return true;
}

static bool conf_parse(struct span text, struct conf *ret, struct err *e)
{
        struct cursor c = {.rest = text};
        unsigned number = 0;
        struct span line;

        snprintf(ret->schema, sizeof(ret->schema), "coffer");
        while (c.rest.len > 0) {
                size_t end = 0;

                line = c.rest;
                if (span_find(c.rest, '\n', &end))
                        line = span_cut(c.rest, 0, end);
                cursor_take(&c, line.len + (line.len < c.rest.len));
                number++;
                if (!line_read(line, ret, e))
                        return err_wrap(e, "line %u", number);
        }
        return ret->connection || err_set(e, ERR_MALFORMED, "it names no connection");
}

/* *ret_found false: there is none. Whoever may write it chooses where records go. */
static bool conf_read(int root_fd, struct conf *ret, bool *ret_found, struct err *e)
{
        struct buf text CLEANUP(secret_buf_done) = {0};
        struct stat st;

        *ret_found = fstatat(root_fd, CONF, &st, AT_SYMLINK_NOFOLLOW) == 0;
        if (!*ret_found)
                return errno == ENOENT || err_set(e, ERR_SYSTEM, "%s: %s", CONF, strerror(errno));
        if (!S_ISREG(st.st_mode) || (st.st_uid != 0 && st.st_uid != geteuid()) || (st.st_mode & 022))
                return err_set(e, ERR_UNTRUSTED, "%s must be a file of yours that nobody else may write", CONF);
        if (!file_read(root_fd, CONF, CONF_MAX, &text, e))
                return false;
        ret->mode = st.st_mode;
        return conf_parse(buf_span(&text), ret, e) || err_wrap(e, "%s", CONF);
}

/* Code that runs as us: nobody else may have been able to change it. */
static bool module_trusted(const char *path, struct err *e)
{
        char folder[4096];
        struct stat st[2];

        snprintf(folder, sizeof(folder), "%s", path);
        *strrchr(folder, '/') = 0;
        if (stat(path, &st[0]) != 0 || stat(folder, &st[1]) != 0)
                return err_set(e, ERR_SYSTEM, "%s: %s", path, strerror(errno));
        for (size_t i = 0; i < 2; i++)
                if ((st[i].st_uid != 0 && st[i].st_uid != geteuid()) || (st[i].st_mode & 022))
                        return err_set(e, ERR_UNTRUSTED,
                            "%s could have been changed by others: it and its folder must be writable by root or you "
                            "alone",
                            path);
        return true;
}

static bool module_load(const struct store_module **ret, struct err *e)
{
        const struct store_module *m;
        char path[4096], why[300];
        void *library;

        if (!program_path(MODULE, path, sizeof(path), e))
                return err_wrap(e, "%s asks for PostgreSQL", CONF);
        if (!module_trusted(path, e))
                return false;
        library = dlopen(path, RTLD_NOW | RTLD_LOCAL); /* stays: a store may be open until the end of the process */
        if (!library) {
                span_printable(span_of(dlerror()), why, sizeof(why));
                return err_set(e, ERR_UNSUPPORTED, "%s: %s: is libpq installed?", path, why);
        }
        m = dlsym(library, "coffer_store_module");
        if (!m || strcmp(m->version, COFFER_VERSION) != 0 || m->size != sizeof(struct store))
                return err_set(e, ERR_UNSUPPORTED, "%s is not of this version of Coffer", path);
        *ret = m;
        return true;
}

bool store_open_elsewhere(struct store *s, bool *ret_opened, struct err *e)
{
        const struct store_module *m;
        struct conf conf CLEANUP(conf_done) = {0};
        bool secret;

        if (!conf_read(s->root_fd, &conf, ret_opened, e))
                return false;
        if (!*ret_opened)
                return true;
        if (!module_load(&m, e))
                return false;
        if (!m->has_password(conf.connection, &secret, e))
                return err_wrap(e, "%s: connection", CONF);
        if (secret && (conf.mode & 077))
                return err_set(e, ERR_UNTRUSTED,
                    "%s holds a password and others may read it: chmod 600, or put it into a password file (passfile=)",
                    CONF);
        return m->open(conf.connection, conf.schema, s, e);
}
