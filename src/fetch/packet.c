/* One message, one packet; descriptors travel beside it (unix(7), SCM_RIGHTS). */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "fetch/fetch_priv.h"

bool headers_check(struct span headers)
{
        struct cursor c = {.rest = headers};
        struct span line, name, value;

        if (headers.len > 0 && headers.at[headers.len - 1] != '\n')
                return false;
        while (cursor_line(&c, &line)) {
                if (!span_split(line, ':', &name, &value) || name.len == 0)
                        return false;
                for (size_t i = 0; i < line.len; i++)
                        if (line.at[i] < ' ' || line.at[i] > '~' || (i < name.len && line.at[i] == ' '))
                                return false;
        }
        return true;
}

void get_put(struct buf *b, const struct get *g)
{
        buf_put_u8(b, 'G');
        buf_put_u32le(b, g->id);
        buf_put_u8(b, (uint8_t)g->kind);
        buf_put_string(b, g->host);
        buf_put_string(b, g->repository);
        buf_put_string(b, g->reference);
        buf_put_string(b, g->headers);
        buf_put_string(b, g->artifact_type);
        buf_put_string(b, g->next);
        buf_put_u64le(b, g->offset);
        buf_put_u64le(b, g->size);
}

bool get_get(struct cursor *c, struct get *ret)
{
        ret->id = cursor_u32le(c);
        uint8_t kind = cursor_u8(c);
        ret->host = cursor_string(c, FETCH_NAME_MAX);
        ret->repository = cursor_string(c, FETCH_NAME_MAX);
        ret->reference = cursor_string(c, FETCH_URL_MAX);
        ret->headers = cursor_string(c, FETCH_HEADERS_SENT_MAX);
        ret->artifact_type = cursor_string(c, FETCH_ARTIFACT_TYPE_MAX);
        ret->next = cursor_string(c, FETCH_LINK_MAX);
        ret->offset = cursor_u64le(c);
        ret->size = cursor_u64le(c);
        if (c->failed || kind == GET_NONE || kind >= GET_KINDS || !headers_check(ret->headers))
                return false;
        ret->kind = (enum get_kind)kind;
        return true;
}

bool packet_send(int fd, struct span packet, const int *fds, size_t n_fds, struct err *e)
{
        union {
                char bytes[CMSG_SPACE(PACKET_FDS_MAX * sizeof(int))];
                struct cmsghdr align;
        } control = {0};
        struct iovec part = {(void *)(uintptr_t)packet.at, packet.len};
        struct msghdr m = {.msg_iov = &part, .msg_iovlen = 1};

        if (n_fds > PACKET_FDS_MAX || packet.len > FETCH_PACKET_MAX)
                return err_set(e, ERR_BUG, "a message of %zu bytes with %zu descriptors", packet.len, n_fds);
        if (n_fds > 0) {
                m.msg_control = control.bytes;
                m.msg_controllen = CMSG_SPACE(n_fds * sizeof(int));
                struct cmsghdr *c = CMSG_FIRSTHDR(&m);
                c->cmsg_level = SOL_SOCKET;
                c->cmsg_type = SCM_RIGHTS;
                c->cmsg_len = CMSG_LEN(n_fds * sizeof(int));
                memcpy(CMSG_DATA(c), fds, n_fds * sizeof(int));
        }
        while (sendmsg(fd, &m, MSG_NOSIGNAL) < 0)
                if (errno != EINTR)
                        return err_set(e, ERR_UNAVAILABLE, "coffer-fetch is gone: %s", strerror(errno));
        return true;
}

static void take_fds(struct msghdr *m, int *ret_fds, size_t *ret_n_fds)
{
        size_t n = 0;

        for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
                if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
                        continue;
                for (size_t i = 0; i < (c->cmsg_len - CMSG_LEN(0)) / sizeof(int); i++) {
                        int fd;
                        memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(fd));
                        if (ret_fds && n < PACKET_FDS_MAX)
                                ret_fds[n++] = fd;
                        else
                                fd_close(&fd);
                }
        }
        if (ret_n_fds)
                *ret_n_fds = n;
}

bool packet_receive(int fd, bool wait, struct buf *ret, int *ret_fds, size_t *ret_n_fds, struct err *e)
{
        union {
                char bytes[CMSG_SPACE(PACKET_FDS_MAX * sizeof(int))];
                struct cmsghdr align;
        } control;
        struct iovec part;
        struct msghdr m = {
            .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof(control)};
        ssize_t n;

        ret->max = FETCH_PACKET_MAX;
        buf_clear(ret);
        part.iov_base = buf_reserve(ret, FETCH_PACKET_MAX);
        part.iov_len = FETCH_PACKET_MAX;
        do {
                n = recvmsg(fd, &m, MSG_CMSG_CLOEXEC | (wait ? 0 : MSG_DONTWAIT));
                if (n < 0 && errno == EINTR && wait && file_cancel_flag)
                        return err_set(e, ERR_CANCELLED, "stopped on request");
        } while (n < 0 && errno == EINTR);
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
                return err_set(e, ERR_NOT_FOUND, "no message");
        if (n <= 0)
                return err_set(e, ERR_UNAVAILABLE, "coffer-fetch is gone");
        take_fds(&m, ret_fds, ret_n_fds);
        if (m.msg_flags & (MSG_TRUNC | MSG_CTRUNC))
                return err_set(e, ERR_MALFORMED, "coffer-fetch: a message longer than %u bytes", FETCH_PACKET_MAX);
        ret->len = (size_t)n;
        return true;
}
