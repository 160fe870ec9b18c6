/* The calling side of an attached container: its signals, its terminal, its end. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include "base/base.h"
#include "runtime/start_priv.h"

static const int forwarded[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGCONT, SIGWINCH};

struct terminal {
        bool raw;
        struct termios before;
};

static void terminal_raw(struct terminal *t)
{
        struct termios raw;

        if (tcgetattr(0, &t->before) != 0)
                return;
        raw = t->before;
        cfmakeraw(&raw);
        t->raw = tcsetattr(0, TCSANOW, &raw) == 0;
}

static void terminal_restore(struct terminal *t)
{
        if (t->raw)
                tcsetattr(0, TCSADRAIN, &t->before);
        t->raw = false;
}

/*
 * The first process of a PID namespace does not get signals that it has no handler for: `sleep` as a container's
 * command can't be interrupted. Who asks three times means it.
 */
#define ASKED_TO_END 3u
#define LAST_MS 5000 /* from the monitor's last message to its end */
#define ASKED_MS 400 /* what ends when it is asked has done so by then */

struct asked {
        unsigned n;
        int signal;       /* the first one */
        int64_t until_ms; /* when the caller is told; 0: it was, or need not be */
};

static void signal_forward(const struct runtime_started *s, int signals, struct asked *asked)
{
        struct signalfd_siginfo info;
        struct monitor_message m = {.kind = MONITOR_SIGNAL};

        while (read(signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
                m.value = (int32_t)info.ssi_signo;
                if (info.ssi_signo == SIGINT || info.ssi_signo == SIGTERM) {
                        if (++asked->n >= ASKED_TO_END)
                                m.value = SIGKILL;
                        if (asked->n == 1) {
                                asked->signal = (int)info.ssi_signo;
                                asked->until_ms = clock_mono_ms() + ASKED_MS;
                        }
                }
                m.kind = s->terminal && info.ssi_signo == SIGWINCH ? MONITOR_RESIZE : MONITOR_SIGNAL;
                message_send(s->channel, &m, NULL);
        }
}

/* Milliseconds to wait for; -1: for ever. */
static int asked_tell(const struct runtime_started *s, struct asked *asked)
{
        int64_t left = asked->until_ms - clock_mono_ms();

        if (asked->until_ms == 0)
                return -1;
        if (left > 0)
                return (int)left;
        asked->until_ms = 0;
        if (s->on_asked && asked->n < ASKED_TO_END)
                s->on_asked(asked->signal, ASKED_TO_END - asked->n);
        return -1;
}

static bool exit_receive(const struct runtime_started *s, int signals, int *ret_status, struct err *e)
{
        struct monitor_message m;
        struct asked asked = {0};

        for (;;) {
                struct pollfd p[] = {{.fd = s->channel, .events = POLLIN}, {.fd = signals, .events = POLLIN}};

                if (poll(p, 2, asked_tell(s, &asked)) < 0) {
                        if (errno == EINTR)
                                continue;
                        return err_set(e, ERR_SYSTEM, "poll: %s", strerror(errno));
                }
                if (p[1].revents)
                        signal_forward(s, signals, &asked);
                if (!p[0].revents)
                        continue;
                if (!message_receive(s->channel, -1, &m, e))
                        return err_wrap(e, "the container was ended");
                if (m.kind == MONITOR_EXITED && m.value >= 0 && m.value <= 255) {
                        *ret_status = m.value;
                        /* Then the channel ends, and with the monitor all mounts. */
                        while (message_receive(s->channel, LAST_MS, &m, NULL))
                                continue;
                        return true;
                }
        }
}

bool runtime_wait(struct runtime_started *s, int *ret_status, struct err *e)
{
        struct terminal t CLEANUP(terminal_restore) = {0};
        int signals CLEANUP(fd_close) = -1;
        sigset_t wanted, before;
        bool ok;

        sigemptyset(&wanted);
        for (size_t i = 0; i < ARRAY_LEN(forwarded); i++)
                sigaddset(&wanted, forwarded[i]);
        if (sigprocmask(SIG_BLOCK, &wanted, &before) != 0)
                return err_set(e, ERR_SYSTEM, "block signals: %s", strerror(errno));
        signals = signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK);
        if (s->terminal) { /* the monitor waits for the message before it lets anything through */
                terminal_raw(&t);
                message_send(s->channel, &(struct monitor_message){.kind = MONITOR_RESIZE}, NULL);
        }
        ok = signals < 0 ? err_set(e, ERR_SYSTEM, "signalfd: %s", strerror(errno))
                         : exit_receive(s, signals, ret_status, e);
        sigprocmask(SIG_SETMASK, &before, NULL);
        runtime_detach(s);
        return ok;
}

void runtime_detach(struct runtime_started *s)
{
        fd_close(&s->channel);
        s->channel = -1;
}
