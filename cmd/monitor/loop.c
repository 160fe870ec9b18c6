#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "monitor.h"

bool channel_send(struct monitor *m, enum monitor_message_kind kind, int value, const char *text)
{
        struct monitor_message msg = {.kind = kind, .value = value, .err_kind = ERR_UNAVAILABLE};

        if (m->channel < 0)
                return false;
        if (value == RUNTIME_EXIT_NOT_FOUND)
                msg.err_kind = ERR_NOT_FOUND;
        snprintf(msg.text, sizeof(msg.text), "%s", text);
        return send(m->channel, &msg, sizeof(msg), MSG_NOSIGNAL) == (ssize_t)sizeof(msg);
}

/* We are the first process of the namespace: orphans of the container's runtime come to us as well. */
void children_reap(struct monitor *m, pid_t want, int *ret_status, bool *ret_ended)
{
        int status;
        pid_t pid;

        while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
                if (pid == want) {
                        *ret_status = status;
                        *ret_ended = true;
                }
                if (pid == m->init) {
                        m->init_status = status;
                        m->init_ended = true;
                }
        }
}

void terminal_resize(const struct monitor *m)
{
        struct winsize w;

        if (m->master >= 0 && (ioctl(0, TIOCGWINSZ, &w) == 0 || ioctl(1, TIOCGWINSZ, &w) == 0))
                ioctl(m->master, TIOCSWINSZ, &w);
}

static void forward(const struct monitor *m, int signal)
{
        if (signal == SIGWINCH && m->terminal)
                terminal_resize(m);
        else if (m->init > 0 && !m->init_ended)
                kill(m->init, signal);
}

static void signals_read(struct monitor *m)
{
        struct signalfd_siginfo s;

        while (read(m->signals, &s, sizeof(s)) == (ssize_t)sizeof(s)) {
                if (s.ssi_signo != SIGCHLD && s.ssi_signo != SIGPIPE && s.ssi_signo != SIGTTOU &&
                    s.ssi_signo != SIGTTIN)
                        forward(m, (int)s.ssi_signo);
        }
}

static void channel_read(struct monitor *m)
{
        struct monitor_message msg;
        ssize_t n = recv(m->channel, &msg, sizeof(msg), MSG_DONTWAIT);

        if (n < 0 && (errno == EAGAIN || errno == EINTR))
                return;
        if (n != (ssize_t)sizeof(msg)) { /* the caller is gone; the container goes on */
                close(m->channel);
                m->channel = -1;
                return;
        }
        if (msg.kind == MONITOR_SIGNAL && msg.value > 0 && msg.value < NSIG)
                forward(m, msg.value);
        else if (msg.kind == MONITOR_RESIZE) {
                m->raw = true;
                terminal_resize(m);
        }
}

bool wait_for(struct monitor *m, pid_t pid, int *ret_status)
{
        bool ended = false;

        for (;;) {
                struct pollfd p[] = {{.fd = m->signals, .events = POLLIN}, {.fd = m->channel, .events = POLLIN}};

                children_reap(m, pid, ret_status, &ended);
                if (ended)
                        return true;
                if (poll(p, 2, -1) < 0 && errno != EINTR)
                        return false;
                if (p[0].revents)
                        signals_read(m);
                if (p[1].revents && m->channel >= 0)
                        channel_read(m);
                /* Before "started" there is nobody but the caller who wants this container. */
                if (m->channel < 0 && !m->started) {
                        kill(pid, SIGKILL);
                        m->started = true; /* so that the rest is waited for */
                        wait_for(m, pid, ret_status);
                        return false;
                }
        }
}

static size_t relay_poll(const struct relay *r, struct pollfd *p)
{
        bool pending = r->off < r->have;

        p[0] = (struct pollfd){.fd = pending ? -1 : r->from, .events = POLLIN};
        p[1] = (struct pollfd){.fd = pending ? r->to : -1, .events = POLLOUT};
        return 2;
}

/*
 * Something is still to be written. With its first process the whole PID namespace of the container died, so what it
 * wrote is in the pipe already; its end may never come, for a descriptor can be sent out of a container by a socket.
 */
static bool relay_busy(const struct relay *r)
{
        struct pollfd p = {.fd = r->from, .events = POLLIN};

        return r->off < r->have || (r->from >= 0 && poll(&p, 1, 0) == 1 && (p.revents & POLLIN));
}

/* The caller makes its terminal raw and then tells its size: what went through before would be echoed, and its lines ended twice. */
static void terminal_await(struct monitor *m)
{
        while (m->terminal && m->channel >= 0 && !m->raw) {
                struct pollfd p[] = {{.fd = m->signals, .events = POLLIN}, {.fd = m->channel, .events = POLLIN}};

                if (poll(p, 2, -1) < 0)
                        continue;
                if (p[0].revents)
                        signals_read(m);
                if (p[1].revents)
                        channel_read(m);
        }
}

void supervise(struct monitor *m)
{
        struct relay *relays[] = {&m->in, &m->out, &m->err};

        terminal_await(m);
        for (;;) {
                struct pollfd p[8] = {{.fd = m->signals, .events = POLLIN}, {.fd = m->channel, .events = POLLIN}};
                int unused;
                bool ended;

                children_reap(m, 0, &unused, &ended);
                if (m->init_ended && !relay_busy(&m->out) && !relay_busy(&m->err))
                        return;
                for (size_t i = 0; i < 3; i++)
                        relay_poll(relays[i], &p[2 + 2 * i]);
                if (poll(p, 8, -1) < 0)
                        continue;
                if (p[0].revents)
                        signals_read(m);
                if (p[1].revents && m->channel >= 0)
                        channel_read(m);
                for (size_t i = 0; i < 3; i++)
                        relay_step(relays[i], &m->log, p[2 + 2 * i].revents, p[3 + 2 * i].revents);
        }
}
