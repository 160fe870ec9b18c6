#include "notify.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fetch/fetch.h"

#define AT_ONCE 256u
#define LINE_MAX_BYTES (2u << 20) /* a notice has at most 1 MiB, and its number */

static const char *path_of(const char *sink)
{
        return sink + strlen("file:");
}

static bool is_webhook(const char *sink)
{
        return span_starts(span_of(sink), "webhook:https://") || span_starts(span_of(sink), "webhook:http://");
}

bool notify_check(const char *sink, struct err *e)
{
        if (span_starts(span_of(sink), "file:/") || is_webhook(sink))
                return true;
        return err_set(e, ERR_MALFORMED,
            "\"%s\" is nobody to tell: say file: and an absolute path, or webhook: and a URL", sink);
}

/*
 * The number of the last whole line; 0 without one. What a crash left behind it is cut off: half a line would make nonsense of
 * the next.
 */
static bool last_told(int fd, int64_t *ret, struct err *e)
{
        CLEANUP(heap_freep) uint8_t *tail = NULL;
        CLEANUP(arena_freep) struct arena *a = arena_new();
        off_t size = lseek(fd, 0, SEEK_END);
        size_t want, n, end, start;
        struct span key, line;
        struct json j;

        *ret = 0;
        if (size < 0)
                return err_set(e, ERR_SYSTEM, "%s", strerror(errno));
        want = (uint64_t)size < LINE_MAX_BYTES ? (size_t)size : LINE_MAX_BYTES;
        tail = heap_alloc(want + 1);
        if (!fd_pread_full(fd, (uint64_t)size - want, tail, want, &n, e))
                return false;
        for (end = n; end > 0 && tail[end - 1] != '\n'; end--)
                ;
        if (end == 0 && (uint64_t)size > want)
                return err_set(
                    e, ERR_MALFORMED, "ends in a line of more than %u bytes: it is no file of notices", LINE_MAX_BYTES);
        if (end < n && ftruncate(fd, size - (off_t)(n - end)) != 0)
                return err_set(e, ERR_SYSTEM, "cut off half a line: %s", strerror(errno));
        if (end == 0)
                return true;
        for (start = end - 1; start > 0 && tail[start - 1] != '\n'; start--)
                ;
        line = span_bytes(tail + start, end - 1 - start);
        json_init(&j, line, a, NULL);
        json_object(&j);
        while (json_member(&j, &key))
                if (span_is(key, "notice"))
                        *ret = json_i64(&j);
                else
                        json_skip(&j);
        return json_finish(&j, e) || err_wrap(e, "its last line is no notice");
}

static bool file_open_sink(const char *sink, int *ret, struct err *e)
{
        struct stat st;

        *ret = open(path_of(sink), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW, 0600);
        if (*ret < 0 || fstat(*ret, &st) != 0)
                return err_set(e, ERR_SYSTEM, "%s", strerror(errno));
        return S_ISREG(st.st_mode) || err_set(e, ERR_MALFORMED, "is not a regular file");
}

static bool tell_some(
    struct store *s, const char *sink, int fd, int64_t *io_last, size_t *ret_n, bool *ret_more, struct err *e)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        CLEANUP(buf_done) struct buf lines = {.max = AT_ONCE * (size_t)LINE_MAX_BYTES};
        struct store_notice *list;
        size_t n;

        if (!store_notices(s, sink, AT_ONCE, a, &list, &n, e))
                return false;
        for (size_t i = 0; i < n; i++) {
                char when[CLOCK_TEXT_MAX];

                if (list[i].id <= *io_last || list[i].body.len < 2)
                        continue; /* it stands there already: the crash came before the store knew */
                buf_printf(&lines, "{\"notice\":%lld,\"time\":\"%s\",", (long long)list[i].id,
                    clock_format(list[i].time_s, when));
                buf_put(&lines, span_from(list[i].body, 1));
                buf_put_text(&lines, "\n");
                ++*ret_n;
        }
        if (lines.failed)
                return err_set(e, ERR_LIMIT, "too much to tell at once");
        if (lines.len > 0 && (!fd_write_all(fd, buf_span(&lines), e) || fdatasync(fd) != 0))
                return err_set(e, ERR_SYSTEM, "%s", strerror(errno));
        for (size_t i = 0; i < n; i++) {
                if (!store_notice_told(s, sink, list[i].id, e))
                        return false;
                *io_last = list[i].id;
        }
        *ret_more = n == AT_ONCE;
        return true;
}

static bool file_tell(struct store *s, const char *sink, size_t *ret_n, struct err *e)
{
        CLEANUP(fd_close) int fd = -1;
        int64_t last;
        bool more = true;

        if (!file_open_sink(sink, &fd, e) || !last_told(fd, &last, e))
                return err_wrap(e, "%s", path_of(sink));
        while (more)
                if (!tell_some(s, sink, fd, &last, ret_n, &more, e))
                        return err_wrap(e, "%s", path_of(sink));
        return true;
}

/* ---- webhooks ---- */

#define KEY_MIN 16u /* bytes: less can be guessed */
#define KEY_MAX 4096u

/* The file's bytes without white space at their end, in locked memory. */
static bool key_read(const char *path, struct secret **ret, struct span *ret_key, struct err *e)
{
        CLEANUP(fd_close) int fd = -1;
        struct stat st;
        size_t n;

        if (!path)
                return err_set(e, ERR_MALFORMED, "a webhook needs --webhook-key FILE: what it shares with the receiver");
        if (!file_open_user(path, O_RDONLY, &fd, e))
                return err_wrap(e, "--webhook-key");
        if (fstat(fd, &st) != 0 || st.st_mode & (S_IROTH | S_IWOTH))
                return err_set(e, ERR_UNTRUSTED, "--webhook-key: everybody may read or write %s; say chmod 600", path);
        if (!secret_new(KEY_MAX, ret, e) || !fd_read_full(fd, secret_bytes(*ret), KEY_MAX, &n, e))
                return err_wrap(e, "--webhook-key");
        *ret_key = span_trim(span_bytes(secret_bytes(*ret), n));
        return ret_key->len >= KEY_MIN || err_set(e, ERR_MALFORMED, "--webhook-key: a key has at least %u bytes", KEY_MIN);
}

/* The receiver knows a notice by its number, and us by the signature over the content. */
static bool post(struct fetch *f, const char *url, struct span key, const struct store_notice *n, struct err *e)
{
        CLEANUP(buf_done) struct buf body = {.max = LINE_MAX_BYTES};
        char when[CLOCK_TEXT_MAX], hex[DIGEST_TEXT_MAX], headers[400];
        struct digest signature;

        buf_printf(&body, "{\"notice\":%lld,\"time\":\"%s\",", (long long)n->id, clock_format(n->time_s, when));
        buf_put(&body, span_from(n->body, 1));
        hmac_of(key, buf_span(&body), &signature);
        snprintf(headers, sizeof(headers),
            "Content-Type: application/json\nX-Coffer-Notice: %lld\nX-Coffer-Signature: sha256=%s\n", (long long)n->id,
            digest_hex(&signature, hex));
        return fetch_post(f, url, headers, buf_span(&body), e);
}

static bool hook_tell(
    struct store *s, const char *sink, const struct notify_options *o, size_t *ret_n, struct err *e)
{
        CLEANUP(fetch_freep) struct fetch *f = NULL;
        CLEANUP(secret_freep) struct secret *secret = NULL;
        struct span key;
        const char *url = sink + strlen("webhook:");
        size_t n = AT_ONCE;

        if (!key_read(o->key_file, &secret, &key, e))
                return false;
        while (n == AT_ONCE) {
                CLEANUP(arena_freep) struct arena *a = arena_new();
                struct store_notice *list;

                if (!store_notices(s, sink, AT_ONCE, a, &list, &n, e))
                        return false;
                if (n > 0 && !f &&
                    !fetch_open(&(struct fetch_options){.plain_http = o->plain_http, .ca_file = o->ca_file, .retries = o->retries},
                        &f, e))
                        return false;
                for (size_t i = 0; i < n; i++) {
                        if (!post(f, url, key, &list[i], e) || !store_notice_told(s, sink, list[i].id, e))
                                return false;
                        ++*ret_n;
                }
        }
        return true;
}

bool notify_tell(struct store *s, const char *sink, const struct notify_options *o, size_t *ret_n, struct err *e)
{
        *ret_n = 0;
        return is_webhook(sink) ? hook_tell(s, sink, o, ret_n, e) : file_tell(s, sink, ret_n, e);
}
