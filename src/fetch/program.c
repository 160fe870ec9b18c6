/* coffer-fetch: reads what the parent asks for on descriptor 3, and runs all transfers in one loop. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "fetch/transfer_priv.h"

#define CONTROL_FD 3

int64_t now_ms(void)
{
        struct timespec t;

        clock_gettime(CLOCK_MONOTONIC, &t);
        return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void session_say(struct session *s, struct span packet)
{
        if (!packet_send(s->control, packet, NULL, 0, NULL))
                _exit(1); /* nobody is there any more */
}

static bool content_of(int fd, size_t max, struct arena *a, struct span *ret, struct err *e)
{
        uint8_t *to;
        size_t n;
        struct stat st;

        if (fstat(fd, &st) != 0 || st.st_size < 0 || (uint64_t)st.st_size > max)
                return err_set(e, ERR_LIMIT, "larger than %zu bytes", max);
        to = arena_alloc(a, (size_t)st.st_size + 1);
        if (!fd_pread_full(fd, 0, to, (size_t)st.st_size, &n, e))
                return false;
        *ret = span_bytes(to, n);
        return true;
}

/* The session's own authority beside the system's: curl takes one bundle. */
static bool authorities(struct session *s, int fd, struct err *e)
{
        struct span own, common = {0};
        CLEANUP(buf_done) struct buf bundle = {.max = 2 * FETCH_CA_MAX};
        CLEANUP(buf_done) struct buf file = {0};

        if (!content_of(fd, FETCH_CA_MAX, s->arena, &own, e))
                return err_wrap(e, "the authority's certificate");
        if (file_read(AT_FDCWD, "/etc/ssl/certs/ca-certificates.crt", FETCH_CA_MAX, &file, NULL))
                common = buf_span(&file);
        buf_put(&bundle, common);
        buf_put_text(&bundle, "\n");
        buf_put(&bundle, own);
        s->ca = arena_copy(s->arena, buf_span(&bundle));
        return true;
}

static bool setup(struct session *s, struct err *e)
{
        CLEANUP(buf_done) struct buf packet = {0};
        int fds[PACKET_FDS_MAX];
        size_t n_fds = 0, at = 0;
        struct cursor c;
        bool has_ca, ok = true;

        if (!packet_receive(s->control, true, &packet, fds, &n_fds, e))
                return false;
        c = (struct cursor){.rest = buf_span(&packet)};
        ok = cursor_u8(&c) == 'S';
        s->plain_http = cursor_u8(&c) == 1;
        s->retries = cursor_u32le(&c);
        s->stall_s = cursor_u32le(&c);
        has_ca = cursor_u8(&c) == 1;
        s->n_auth_files = cursor_u32le(&c);
        if (!ok || c.failed || s->n_auth_files + has_ca != n_fds)
                return err_set(e, ERR_BUG, "the first message is none");
        if (has_ca)
                ok = authorities(s, fds[at++], e);
        for (size_t i = 0; ok && i < s->n_auth_files; i++) {
                s->auth_files[i].label = arena_copy(s->arena, cursor_string(&c, 4096));
                ok = content_of(fds[at + i], FETCH_AUTH_FILE_MAX, s->arena, &s->auth_files[i].content, e);
        }
        for (size_t i = 0; i < n_fds; i++)
                fd_close(&fds[i]);
        return ok && (cursor_at_end(&c) || err_set(e, ERR_BUG, "the first message is none"));
}

static bool posted_take(struct transfer *t, int fd, struct err *e)
{
        struct span content;

        if (!content_of(fd, FETCH_HOOK_MAX, t->arena, &content, e))
                return false;
        t->posted.max = FETCH_HOOK_MAX + 1;
        buf_put(&t->posted, content);
        return true;
}

static bool take_request(struct session *s, struct err *e)
{
        CLEANUP(buf_done) struct buf packet = {0};
        int fds[PACKET_FDS_MAX];
        size_t n_fds = 0;
        struct get g;

        if (!packet_receive(s->control, false, &packet, fds, &n_fds, e))
                return e->kind == ERR_NOT_FOUND;
        struct cursor c = {.rest = buf_span(&packet)};
        if (cursor_u8(&c) != 'G' || !get_get(&c, &g) || !cursor_at_end(&c) || n_fds != 1)
                return err_set(e, ERR_BUG, "a message that is no request");
        struct transfer *t = transfer_new(s, &g, g.kind == GET_HOOK ? -1 : fds[0]);
        if (g.kind == GET_HOOK) {
                bool ok = posted_take(t, fds[0], e);
                fd_close(&fds[0]);
                if (!ok)
                        return false;
        }
        transfer_start(t);
        return true;
}

static void reap(struct session *s)
{
        struct transfer **p = &s->transfers;

        while (*p) {
                struct transfer *t = *p;
                if (t->ended) {
                        *p = t->next;
                        transfer_free(t);
                } else {
                        p = &t->next;
                }
        }
}

static void finished(struct session *s)
{
        CURLMsg *m;
        int left;

        while ((m = curl_multi_info_read(s->multi, &left)) != NULL) {
                struct transfer *t = NULL;
                CURLcode code = m->data.result;
                if (m->msg != CURLMSG_DONE)
                        continue;
                curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&t);
                transfer_done(t, code);
        }
}

/* Pipes that are full are watched until they take more; those that are not, for a reader that has gone. */
static bool turn(struct session *s, struct err *e)
{
        struct curl_waitfd fds[FETCH_TRANSFERS_MAX + 1] = {{.fd = s->control, .events = CURL_WAIT_POLLIN}};
        struct transfer *of[FETCH_TRANSFERS_MAX + 1];
        unsigned n = 1;
        int running, timeout_ms = 60000;

        for (struct transfer *t = s->transfers; t; t = t->next) {
                if (t->wake_ms) {
                        int64_t rest = t->wake_ms - now_ms();
                        timeout_ms = rest < 0 ? 0 : rest < timeout_ms ? (int)rest : timeout_ms;
                }
                if (t->pending.len > 0 && n <= FETCH_TRANSFERS_MAX) {
                        of[n] = t;
                        fds[n++] = (struct curl_waitfd){.fd = t->pipe, .events = CURL_WAIT_POLLOUT};
                }
        }
        if (curl_multi_poll(s->multi, fds, n, timeout_ms, NULL) != CURLM_OK)
                return err_set(e, ERR_SYSTEM, "waiting: %s", strerror(errno));
        for (unsigned i = 1; i < n; i++)
                if (fds[i].revents)
                        transfer_flush(of[i]);
        for (struct transfer *t = s->transfers; t; t = t->next)
                if (t->wake_ms && t->wake_ms <= now_ms())
                        transfer_start(t);
        curl_multi_perform(s->multi, &running);
        finished(s);
        reap(s);
        return !fds[0].revents || take_request(s, e);
}

int fetch_program(int argc, char **argv)
{
        struct session s = {.control = CONTROL_FD, .arena = arena_new()};
        struct err e = {0};
        bool ok;

        (void)argv;
        if (argc != 1) {
                static const char text[] = "coffer-fetch is started by coffer, which needs it to reach registries\n";
                (void)!write(2, text, sizeof(text) - 1);
                return 2;
        }
        signal(SIGPIPE, SIG_IGN);
        ok = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK && (s.multi = curl_multi_init()) != NULL;
        if (!ok)
                return 1;
        curl_multi_setopt(s.multi, CURLMOPT_MAX_HOST_CONNECTIONS, 8L);
        /* The files are opened by the parent, and read before the lock-down; the bundle of authorities too. */
        if (!setup(&s, &e) || !fetch_confine(&e)) {
                CLEANUP(buf_done) struct buf packet = {0};
                buf_put_u8(&packet, 'E');
                buf_put_u32le(&packet, 0);
                buf_put_u8(&packet, (uint8_t)e.kind);
                buf_put_string(&packet, span_of(e.text));
                session_say(&s, buf_span(&packet));
                return 1;
        }
        session_say(&s, SPAN_LIT("R"));
        while (turn(&s, &e))
                ;
        return e.kind == ERR_UNAVAILABLE ? 0 : 1; /* the parent has gone: the session's end */
}
