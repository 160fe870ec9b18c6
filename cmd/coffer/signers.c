#include "signers.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define FOLDER "keys"
#define FILE_NAME "advisories.trusted"
#define FILE_MAX (SIGNERS_MAX * 256u) /* bytes: comments, too */
#define LINE_MAX 256u                 /* bytes of a .pub file: one line */

bool signer_name_set(struct signer *s, struct span name, struct err *e)
{
        if (name.len >= sizeof(s->name))
                return err_set(
                    e, ERR_LIMIT, "a signer's name is at most %zu bytes, not %zu", sizeof(s->name) - 1, name.len);
        if (span_has_control(name) || !span_is_utf8(name) || name.len != span_trim(name).len)
                return err_set(e, ERR_MALFORMED, "a signer's name is text without control characters");
        memset(s->name, 0, sizeof(s->name));
        if (name.len > 0)
                memcpy(s->name, name.at, name.len);
        return true;
}

bool signer_parse(struct span line, struct signer *ret, struct err *e)
{
        struct signer s = {0};
        struct span key, name;

        span_split(line, ' ', &key, &name);
        if (!advisory_key_parse(key, s.key, e) || !signer_name_set(&s, span_trim(name), e))
                return false;
        *ret = s;
        return true;
}

bool signer_of(const char *operand, struct signer *ret, struct err *e)
{
        CLEANUP(buf_done) struct buf b = {0};

        if (span_starts(span_of(operand), "ed25519:"))
                return signer_parse(span_of(operand), ret, e);
        if (!file_read(AT_FDCWD, operand, LINE_MAX, &b, e) || !signer_parse(span_trim(buf_span(&b)), ret, e))
                return err_wrap(e, "public key %s", operand);
        return true;
}

const char *signer_text(const struct signer *s, char out[SIGNER_TEXT_MAX])
{
        CLEANUP(buf_done) struct buf key = {0};
        char name[SIGNER_NAME_MAX];

        advisory_key_put(s->key, &key);
        if (s->name[0])
                snprintf(out, SIGNER_TEXT_MAX, "%s (%.*s)", span_printable(span_of(s->name), name, sizeof(name)),
                    SPAN_FMT(buf_span(&key)));
        else
                snprintf(out, SIGNER_TEXT_MAX, "%.*s", SPAN_FMT(buf_span(&key)));
        return out;
}

const struct signer *signers_find(const struct signers *s, const uint8_t key[SIGN_PUBLIC_LEN])
{
        for (size_t i = 0; i < s->n; i++)
                if (memcmp(s->at[i].key, key, SIGN_PUBLIC_LEN) == 0)
                        return &s->at[i];
        return NULL;
}

/* Who may write the list, or the folder that holds it, could trust a key of theirs. */
static bool is_ours(int root_fd, const char *path, struct err *e)
{
        struct stat st;

        if (fstatat(root_fd, path, &st, AT_SYMLINK_NOFOLLOW) != 0)
                return err_set(e, errno == ENOENT ? ERR_NOT_FOUND : ERR_SYSTEM, "%s: %s", path, strerror(errno));
        if ((st.st_uid != geteuid() && st.st_uid != 0) || (st.st_mode & 022) != 0)
                return err_set(e, ERR_UNTRUSTED,
                    "%s can be written by others (owner %u, mode %04o): chmod go-w, and look through the keys in it",
                    path, st.st_uid, st.st_mode & 07777u);
        return true;
}

static bool lines_take(struct span text, struct signers *ret, struct err *e)
{
        struct cursor c = {.rest = text};
        struct span line;

        for (unsigned number = 1; cursor_line(&c, &line); number++) {
                struct signer s;

                line = span_trim(line);
                if (line.len == 0 || line.at[0] == '#')
                        continue;
                if (!signer_parse(line, &s, e))
                        return err_wrap(e, FOLDER "/" FILE_NAME ":%u", number);
                if (signers_find(ret, s.key))
                        return err_set(e, ERR_MALFORMED, FOLDER "/" FILE_NAME ":%u: the same key again", number);
                if (ret->n == SIGNERS_MAX)
                        return err_set(
                            e, ERR_LIMIT, FOLDER "/" FILE_NAME ":%u: more than %u keys", number, SIGNERS_MAX);
                ret->at[ret->n++] = s;
        }
        return true;
}

bool signers_read(int root_fd, struct signers *ret, struct err *e)
{
        CLEANUP(buf_done) struct buf b = {0};
        struct signers s = {0};
        struct err why = {0};

        if (!is_ours(root_fd, FOLDER, &why) || !is_ours(root_fd, FOLDER "/" FILE_NAME, &why) ||
            !file_read(root_fd, FOLDER "/" FILE_NAME, FILE_MAX, &b, &why) || !lines_take(buf_span(&b), &s, &why)) {
                if (why.kind != ERR_NOT_FOUND) {
                        *e = why;
                        return false;
                }
        }
        *ret = s;
        return true;
}

bool signers_write(int root_fd, const struct signers *s, struct err *e)
{
        CLEANUP(buf_done) struct buf b = {0};
        CLEANUP(fd_close) int folder = -1;

        if (!dir_make(root_fd, FOLDER, 0700, &folder, e) || !is_ours(root_fd, FOLDER, e))
                return false;
        buf_put_text(&b, "# Whose advisory databases `coffer db import` takes over. Written by `coffer db trust`.\n");
        for (size_t i = 0; i < s->n; i++) {
                advisory_key_put(s->at[i].key, &b);
                buf_printf(&b, "%s%s\n", s->at[i].name[0] ? " " : "", s->at[i].name);
        }
        return file_replace(folder, FILE_NAME, buf_span(&b), 0644, e) || err_wrap(e, FOLDER "/" FILE_NAME);
}
