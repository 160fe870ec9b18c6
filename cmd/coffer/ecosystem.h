/* Ecosystems as users name them: a name that nobody knows is a mistake of the command line, never "nothing found". */
#pragma once

#include "base/base.h"

/* Of those that versions can be ordered for; a release behind a colon does not count. */
bool ecosystem_is_known(const char *named);
/* Says on standard error that there is none of that name, and which ones look like it, else all; EXIT_USAGE. */
int ecosystem_refuse(const char *command, const char *named);
