/* coffer: the command line. Wiring only: what a command does stands in its own file. */
#include "cli.h"

#include <signal.h>
#include <sys/prctl.h>

static void on_stop_signal(int signal)
{
        (void)signal;
        file_cancel_flag = 1; /* rooms end with ERR_CANCELLED and unwind; a second signal of the same kind kills */
}

int main(int argc, char **argv)
{
        struct sigaction stop = {.sa_handler = on_stop_signal, .sa_flags = SA_RESETHAND};

        sigaction(SIGINT, &stop, NULL);
        sigaction(SIGTERM, &stop, NULL);
        sigaction(SIGHUP, &stop, NULL);
        signal(SIGPIPE, SIG_IGN); /* a closed pipe is a write error with a text, not a silent death */
        signal(SIGXFSZ, SIG_IGN); /* likewise a file-size limit */
        return cli_main(argc, argv);
}
