/* The parent's side: starts coffer-fetch, asks, and waits. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fetch/fetch_priv.h"
#include "jail/jail.h"

struct transfer_state {
        uint32_t id;
        bool headed, ended;
        struct err err; /* kind NONE when it ended well */
        char media_type[256], digest[DIGEST_TEXT_MAX];
        bool unchanged;
        struct fetch_validators validators;
        bool filtered;
        struct span next; /* in the session's arena */
};

struct fetch {
        pid_t pid;
        int control;
        uint32_t last_id;
        struct {
                struct transfer_state *at;
                size_t len, cap;
        } transfers;
        struct arena *arena;
};

/* ---- start ---- */

static _Noreturn void child(const char *program, int control, pid_t parent)
{
        char *argv[] = {(char *)(uintptr_t) "coffer-fetch", NULL};
        char *none[] = {NULL};
        int null;

        prctl(PR_SET_PDEATHSIG, (long)SIGKILL, 0L, 0L, 0L);
        if (getppid() != parent)
                _exit(127);
        setsid(); /* Ctrl-C is the parent's, which then ends us */
        null = open("/dev/null", O_RDWR);
        /* The control socket's number may be below 4: it goes above first. */
        control = fcntl(control, F_DUPFD, 10);
        if (null < 0 || control < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 || dup2(control, 3) < 0 ||
            close_range(4, ~0u, 0) != 0)
                _exit(127);
        execve(program, argv, none); /* no proxy or other setting gets in by the environment */
        _exit(127);
}

static bool start(struct fetch *f, struct err *e)
{
        int ends[2] = {-1, -1};
        char path[4096];
        pid_t parent = getpid();

        if (!program_path("coffer-fetch", path, sizeof(path), e))
                return false;
        if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
                return err_set(e, ERR_SYSTEM, "socketpair: %s", strerror(errno));
        f->pid = fork();
        if (f->pid == 0)
                child(path, ends[1], parent);
        fd_close(&ends[1]);
        f->control = ends[0];
        return f->pid > 0 || err_set(e, ERR_SYSTEM, "start coffer-fetch: %s", strerror(errno));
}

/* ---- where credentials are kept ---- */

struct auth_files {
        int fds[PACKET_FDS_MAX];
        const char *labels[PACKET_FDS_MAX];
        size_t n;
};

static void auth_add(struct auth_files *files, struct arena *a, const char *folder, const char *name)
{
        const char *path;
        int fd;

        if (!folder || !folder[0] || files->n == PACKET_FDS_MAX - 1)
                return;
        path = arena_string(a, arena_printf(a, "%s/%s", folder, name));
        fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
        if (fd < 0)
                return; /* not there, or not for us */
        files->labels[files->n] = path;
        files->fds[files->n++] = fd;
}

/* podman's before docker's, as skopeo looks for them (containers-auth.json(5)). */
static bool auth_files(const char *named, struct arena *a, struct auth_files *files, struct err *e)
{
        const char *registry = named ? named : getenv("REGISTRY_AUTH_FILE"), *home = getenv("HOME");

        if (registry && registry[0]) {
                if (!file_open_user(registry, O_RDONLY, &files->fds[0], e))
                        return err_wrap(e, "%s", named ? "--registry-auth" : "REGISTRY_AUTH_FILE");
                files->labels[0] = registry;
                files->n = 1;
                return true;
        }
        auth_add(files, a, getenv("XDG_RUNTIME_DIR"), "containers/auth.json");
        if (getenv("XDG_CONFIG_HOME"))
                auth_add(files, a, getenv("XDG_CONFIG_HOME"), "containers/auth.json");
        else
                auth_add(files, a, home, ".config/containers/auth.json");
        if (getenv("DOCKER_CONFIG"))
                auth_add(files, a, getenv("DOCKER_CONFIG"), "config.json");
        else
                auth_add(files, a, home, ".docker/config.json");
        return true;
}

static bool setup_send(struct fetch *f, const struct fetch_options *o, struct err *e)
{
        CLEANUP(buf_done) struct buf packet = {0};
        struct auth_files files = {.n = 0};
        int fds[PACKET_FDS_MAX], ca CLEANUP(fd_close) = -1;
        size_t n = 0;
        bool ok;

        if (o->ca_file && !file_open_user(o->ca_file, O_RDONLY, &ca, e))
                return err_wrap(e, "--registry-ca");
        if (!auth_files(o->auth_file, f->arena, &files, e))
                return false;
        buf_put_u8(&packet, 'S');
        buf_put_u8(&packet, o->plain_http);
        buf_put_u32le(&packet, o->retries);
        buf_put_u32le(&packet, o->stall_s ? o->stall_s : FETCH_STALL_S);
        buf_put_u8(&packet, ca >= 0);
        buf_put_u32le(&packet, (uint32_t)files.n);
        if (ca >= 0)
                fds[n++] = ca;
        for (size_t i = 0; i < files.n; i++) {
                buf_put_string(&packet, span_of(files.labels[i]));
                fds[n++] = files.fds[i];
        }
        ok = packet_send(f->control, buf_span(&packet), fds, n, e);
        for (size_t i = 0; i < files.n; i++)
                fd_close(&files.fds[i]);
        return ok;
}

/* ---- what it says ---- */

static struct transfer_state *state_of(struct fetch *f, uint32_t id)
{
        for (size_t i = 0; i < f->transfers.len; i++)
                if (f->transfers.at[i].id == id)
                        return &f->transfers.at[i];
        return NULL;
}

static bool answer_helper(struct fetch *f, struct cursor *c, struct err *e)
{
        struct span name = cursor_string(c, FETCH_HELPER_MAX), host = cursor_string(c, 4 * FETCH_NAME_MAX);
        CLEANUP(buf_done) struct buf packet = {0}, output = {0};
        struct err why = {0};
        bool ok;

        if (!cursor_at_end(c))
                return err_set(e, ERR_MALFORMED, "coffer-fetch: nonsense about a credential helper");
        ok = helper_run(name, host, &output, &why);
        if (!ok && why.kind == ERR_CANCELLED) {
                *e = why;
                return false;
        }
        buf_put_u8(&packet, 'c');
        buf_put_u8(&packet, ok);
        buf_put_string(&packet, ok ? buf_span(&output) : span_of(why.text));
        ok = packet_send(f->control, buf_span(&packet), NULL, 0, e);
        wipe(packet.at, packet.len);
        if (output.at)
                wipe(output.at, output.len);
        return ok;
}

/* A text of the program's, which may be a registry's: printable, for an error. */
static void text_take(struct cursor *c, char *out, size_t size)
{
        span_printable(cursor_string(c, 4096), out, size);
}

static bool message(struct fetch *f, struct span packet, struct err *e)
{
        struct cursor c = {.rest = packet};
        uint8_t letter = cursor_u8(&c), kind;
        struct transfer_state *t;

        if (letter == 'C')
                return answer_helper(f, &c, e);
        t = state_of(f, cursor_u32le(&c));
        if (!t || t->ended)
                return err_set(e, ERR_MALFORMED, "coffer-fetch speaks of a transfer that nobody asked for");
        switch (letter) {
        case 'H':
                text_take(&c, t->media_type, sizeof(t->media_type));
                text_take(&c, t->digest, sizeof(t->digest));
                t->unchanged = cursor_u8(&c);
                text_take(&c, t->validators.etag, sizeof(t->validators.etag));
                text_take(&c, t->validators.modified, sizeof(t->validators.modified));
                t->filtered = cursor_u8(&c) == 1;
                t->next = arena_copy(f->arena, cursor_string(&c, FETCH_LINK_MAX));
                t->headed = true;
                break;
        case 'D':
                t->ended = true;
                break;
        case 'E':
                kind = cursor_u8(&c);
                t->err.kind = kind > ERR_NONE && kind < ERR_KIND_COUNT ? (enum err_kind)kind : ERR_MALFORMED;
                text_take(&c, t->err.text, sizeof(t->err.text));
                t->ended = true;
                break;
        default:
                return err_set(e, ERR_MALFORMED, "coffer-fetch speaks nonsense");
        }
        return cursor_at_end(&c) || err_set(e, ERR_MALFORMED, "coffer-fetch speaks nonsense");
}

/* Messages that have come; with `wait_ms` waits for one, or for `pipe` (may be -1) to have something. */
static bool pump(struct fetch *f, int pipe, int wait_ms, struct err *e)
{
        struct pollfd p[2] = {{.fd = f->control, .events = POLLIN}, {.fd = pipe, .events = POLLIN}};
        CLEANUP(buf_done) struct buf packet = {0};

        if (file_cancel_flag)
                return err_set(e, ERR_CANCELLED, "stopped on request");
        if (poll(p, 2, wait_ms) < 0 && errno != EINTR)
                return err_set(e, ERR_SYSTEM, "poll: %s", strerror(errno));
        if (!(p[0].revents & (POLLIN | POLLHUP | POLLERR)))
                return true;
        return packet_receive(f->control, true, &packet, NULL, NULL, e) && message(f, buf_span(&packet), e);
}

bool fetch_open(const struct fetch_options *o, struct fetch **ret, struct err *e)
{
        CLEANUP(fetch_freep) struct fetch *f = heap_alloc(sizeof(*f));
        CLEANUP(buf_done) struct buf packet = {0};
        struct cursor c;

        f->control = -1;
        f->arena = arena_new();
        if (!start(f, e) || !setup_send(f, o, e) || !packet_receive(f->control, true, &packet, NULL, NULL, e))
                return false;
        c = (struct cursor){.rest = buf_span(&packet)};
        if (cursor_u8(&c) != 'R') {
                char text[ERR_TEXT_MAX];
                (void)cursor_u32le(&c);
                (void)cursor_u8(&c);
                text_take(&c, text, sizeof(text));
                return err_set(e, ERR_UNSUPPORTED, "coffer-fetch: %s", text);
        }
        *ret = f;
        f = NULL;
        return true;
}

void fetch_free(struct fetch *f)
{
        if (!f)
                return;
        fd_close(&f->control);
        if (f->pid > 0) {
                kill(f->pid, SIGKILL); /* it holds nothing that could be left half done */
                while (waitpid(f->pid, NULL, 0) < 0 && errno == EINTR)
                        ;
        }
        arena_free(f->arena);
        free(f);
}

void fetch_freep(struct fetch **f)
{
        fetch_free(*f);
        *f = NULL;
}

/* ---- requests ---- */

#define PIPE_SIZE (1 << 20) /* bytes: the limit that an unprivileged user has by default */

/* Asks, and waits for the head of the answer: what fails does so here, as a rule. */
static bool ask(struct fetch *f, struct get *g, int *ret_pipe, struct err *e)
{
        int ends[2], out CLEANUP(fd_close) = -1, in CLEANUP(fd_close) = -1;
        CLEANUP(buf_done) struct buf packet = {0};

        if (pipe2(ends, O_CLOEXEC) != 0)
                return err_set(e, ERR_SYSTEM, "pipe: %s", strerror(errno));
        in = ends[0];
        out = ends[1];
        (void)fcntl(in, F_SETPIPE_SZ, PIPE_SIZE);
        if (fcntl(out, F_SETFL, O_NONBLOCK) != 0)
                return err_set(e, ERR_SYSTEM, "pipe: %s", strerror(errno));
        g->id = ++f->last_id;
        *ARENA_PUSH(f->arena, &f->transfers) = (struct transfer_state){.id = g->id};
        get_put(&packet, g);
        if (!packet_send(f->control, buf_span(&packet), &out, 1, e))
                return false;
        fd_close(&out);
        for (;;) {
                struct transfer_state *t = state_of(f, g->id);
                if (!t || t->headed || t->ended)
                        break;
                if (!pump(f, -1, 1000, e))
                        return false;
        }
        struct transfer_state *t = state_of(f, g->id);
        if (!t)
                return err_set(e, ERR_BUG, "the transfer was forgotten");
        if (t->err.kind != ERR_NONE) {
                if (e)
                        *e = t->err;
                return false;
        }
        *ret_pipe = TAKE_FD(in);
        return true;
}

bool fetch_blob_done(struct fetch *f, uint32_t id, struct err *e)
{
        struct transfer_state *t = state_of(f, id);

        if (!t)
                return err_set(e, ERR_BUG, "a transfer that nobody began");
        while (!t->ended) {
                if (!pump(f, -1, 1000, e))
                        return false;
                t = state_of(f, id);
        }
        if (t->err.kind != ERR_NONE && e)
                *e = t->err;
        return t->err.kind == ERR_NONE;
}

/* The pipe's bytes, whole. */
static bool read_whole(struct fetch *f, int pipe, uint32_t id, size_t max, struct buf *ret, struct err *e)
{
        ret->max = max + 1;
        for (;;) {
                struct pollfd p = {.fd = pipe, .events = POLLIN};
                uint8_t piece[16384];
                ssize_t n;
                if (!pump(f, pipe, 1000, e))
                        return false;
                if (poll(&p, 1, 0) <= 0)
                        continue;
                n = read(pipe, piece, sizeof(piece));
                if (n < 0 && errno != EINTR)
                        return err_set(e, ERR_SYSTEM, "read: %s", strerror(errno));
                if (n == 0)
                        break;
                if (n > 0)
                        buf_put(ret, span_bytes(piece, (size_t)n));
                if (ret->failed || ret->len > max)
                        return err_set(e, ERR_LIMIT, "a document of more than %zu bytes", max);
        }
        return fetch_blob_done(f, id, e);
}

static struct get get_of(enum get_kind kind, const struct fetch_name *name)
{
        return (struct get){.kind = kind,
            .host = span_of(name->host),
            .repository = span_of(name->repository),
            .reference = span_of(name->reference)};
}

bool fetch_manifest(
    struct fetch *f, const struct fetch_name *name, size_t max, struct fetch_document *ret, struct err *e)
{
        struct get g = get_of(GET_MANIFEST, name);
        CLEANUP(buf_done) struct buf content = {0};
        int pipe CLEANUP(fd_close) = -1;
        struct digest is, wanted;
        char shown[DIGEST_TEXT_MAX];

        g.size = max;
        if (!ask(f, &g, &pipe, e) || !read_whole(f, pipe, g.id, max, &content, e))
                return false;
        const struct transfer_state *t = state_of(f, g.id);
        bool by_digest = strchr(name->reference, ':') != NULL;
        const char *says = by_digest ? name->reference : t->digest;
        digest_of(DIGEST_SHA256, buf_span(&content), &is);
        if (says[0] && digest_parse(span_of(says), &wanted, NULL)) {
                if (wanted.alg != is.alg)
                        digest_of(wanted.alg, buf_span(&content), &is);
                if (!digest_equal(&is, &wanted))
                        return err_set(e, ERR_UNTRUSTED, "%s: what it sent as %s has the digest %s%s", name->host,
                            name->reference, digest_format(&is, shown), by_digest ? "" : ", not the one of its header");
        }
        ret->content = content;
        content = (struct buf){0};
        ret->digest = is;
        memcpy(ret->media_type, t->media_type, sizeof(ret->media_type));
        return true;
}

/* A type that could leave its place in the URL is escaped there; one that is no media type at all is the caller's mistake. */
static bool type_check(struct span type, struct err *e)
{
        bool ok = type.len <= FETCH_ARTIFACT_TYPE_MAX;

        for (size_t i = 0; ok && i < type.len; i++)
                ok = type.at[i] > ' ' && type.at[i] < 0x7f;
        return ok || err_set(e, ERR_MALFORMED, "an artifact type is a media type of at most %u bytes", FETCH_ARTIFACT_TYPE_MAX);
}

bool fetch_referrers(struct fetch *f, const struct fetch_name *name, const char *artifact_type, const char *next, size_t max,
    struct fetch_page *ret, struct err *e)
{
        struct get g = get_of(GET_REFERRERS, name);
        CLEANUP(buf_done) struct buf content = {0};
        int pipe CLEANUP(fd_close) = -1;

        g.size = max;
        g.artifact_type = span_of(artifact_type);
        g.next = span_of(next);
        if (!type_check(g.artifact_type, e) || !ask(f, &g, &pipe, e) || !read_whole(f, pipe, g.id, max, &content, e))
                return false;
        const struct transfer_state *t = state_of(f, g.id);
        if (span_has_control(t->next) || span_find(t->next, 0, &(size_t){0}))
                return err_set(e, ERR_MALFORMED, "coffer-fetch speaks nonsense");
        ret->content = content;
        content = (struct buf){0};
        ret->filtered = t->filtered;
        ret->next = t->next.len > 0 ? arena_string(f->arena, t->next) : NULL;
        return true;
}

bool fetch_blob(struct fetch *f, const struct fetch_name *name, const struct digest *digest, uint64_t offset,
    uint64_t size, int *ret_pipe, uint32_t *ret_id, struct err *e)
{
        struct get g = get_of(GET_BLOB, name);
        char text[DIGEST_TEXT_MAX];

        g.reference = span_of(digest_format(digest, text));
        g.offset = offset;
        g.size = size;
        if (offset > size)
                return err_set(e, ERR_BUG, "a blob from beyond its end on");
        if (!ask(f, &g, ret_pipe, e))
                return false;
        *ret_id = g.id;
        return true;
}

bool fetch_small_blob(struct fetch *f, const struct fetch_name *name, const struct digest *digest, uint64_t size,
    struct buf *ret, struct err *e)
{
        CLEANUP(buf_done) struct buf content = {0};
        int pipe CLEANUP(fd_close) = -1;
        struct digest is;
        uint32_t id;
        char text[DIGEST_TEXT_MAX];

        if (!fetch_blob(f, name, digest, 0, size, &pipe, &id, e) || !read_whole(f, pipe, id, (size_t)size, &content, e))
                return false;
        digest_of(digest->alg, buf_span(&content), &is);
        if (!digest_equal(&is, digest))
                return err_set(e, ERR_UNTRUSTED, "%s: what it sent as %s is something else", name->host,
                    digest_format(digest, text));
        *ret = content;
        content = (struct buf){0};
        return true;
}

bool fetch_engine(
    struct fetch *f, const char *socket_path, const char *image, int *ret_pipe, uint32_t *ret_id, struct err *e)
{
        struct get g = {
            .kind = GET_ENGINE, .host = span_of(socket_path), .reference = span_of(image), .size = UINT64_MAX};

        if (g.host.len > FETCH_NAME_MAX || g.reference.len > FETCH_NAME_MAX)
                return err_set(
                    e, ERR_LIMIT, "an engine's socket or image has a name of more than %u bytes", FETCH_NAME_MAX);
        if (!ask(f, &g, ret_pipe, e))
                return false;
        *ret_id = g.id;
        return true;
}

/* "example.org:8443" of a URL; curl reads the whole of it in the program. */
static bool url_host(const char *url, char *out, size_t size, struct err *e)
{
        const char *at = strstr(url, "://");
        size_t n;

        if (!at || (!span_starts(span_of(url), "https://") && !span_starts(span_of(url), "http://")) ||
            strlen(url) >= FETCH_URL_MAX || span_has_control(span_of(url)))
                return err_set(e, ERR_MALFORMED, "a URL begins with https:// and has at most %u bytes", FETCH_URL_MAX - 1);
        at += 3;
        n = strcspn(at, "/?#");
        if (n == 0 || n >= size || memchr(at, '@', n))
                return err_set(e, ERR_MALFORMED, "a URL names a host, and no user");
        snprintf(out, size, "%.*s", (int)n, at);
        return true;
}

/* The server's own words back to it; nothing where it said none, or nonsense. */
static struct span unless_unchanged(const struct fetch_validators *known, char *line, size_t size)
{
        line[0] = '\0';
        if (known && known->etag[0])
                snprintf(line, size, "If-None-Match: %s\n", known->etag);
        else if (known && known->modified[0])
                snprintf(line, size, "If-Modified-Since: %s\n", known->modified);
        return headers_check(span_of(line)) ? span_of(line) : (struct span){0};
}

bool fetch_url(struct fetch *f, const char *url, const struct fetch_validators *known, uint64_t max, struct fetch_file *ret,
    struct err *e)
{
        struct get g = {.kind = GET_URL, .reference = span_of(url), .size = max};
        char host[FETCH_NAME_MAX], headers[FETCH_HEADERS_SENT_MAX];
        CLEANUP(fd_close) int pipe = -1;
        const struct transfer_state *t;

        if (!url_host(url, host, sizeof(host), e))
                return err_wrap(e, "%s", url);
        g.host = span_of(host);
        g.headers = unless_unchanged(known, headers, sizeof(headers));
        if (!ask(f, &g, &pipe, e))
                return false;
        t = state_of(f, g.id);
        *ret = (struct fetch_file){.pipe = t->unchanged ? -1 : TAKE_FD(pipe), .id = g.id, .unchanged = t->unchanged, .validators = t->validators};
        return true;
}

bool fetch_post(struct fetch *f, const char *url, const char *headers, struct span body, struct err *e)
{
        struct get g = {.kind = GET_HOOK, .reference = span_of(url), .headers = span_of(headers), .size = 0};
        CLEANUP(fd_close) int fd = -1;
        CLEANUP(buf_done) struct buf packet = {0};
        char host[FETCH_NAME_MAX];

        if (!url_host(url, host, sizeof(host), e))
                return err_wrap(e, "%s", url);
        if (body.len > FETCH_HOOK_MAX)
                return err_set(e, ERR_LIMIT, "a message of %zu bytes, at most %u", body.len, FETCH_HOOK_MAX);
        if (!headers_check(g.headers))
                return err_set(e, ERR_BUG, "headers that are none");
        fd = memfd_create("posted", MFD_CLOEXEC);
        if (fd < 0 || !fd_write_all(fd, body, e))
                return err_set(e, ERR_SYSTEM, "what is posted: %s", strerror(errno));
        g.host = span_of(host);
        g.id = ++f->last_id;
        *ARENA_PUSH(f->arena, &f->transfers) = (struct transfer_state){.id = g.id};
        get_put(&packet, &g);
        return packet_send(f->control, buf_span(&packet), &fd, 1, e) && fetch_blob_done(f, g.id, e);
}
