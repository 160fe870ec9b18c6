/*
 * Calls that do not compile here: each has a bounded or error-reporting counterpart in this room.
 * The system's headers that declare or use these names come first; base.h includes this file before its own leaves, and
 * every other header of the system, OpenSSL, SQLite and cmocka may come before or after it.
 */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <alloca.h>

/* Some are macros (clang's _FORTIFY_SOURCE, alloca): a macro can't be poisoned cleanly, so it goes first. */
#undef sprintf
#undef vsprintf
#undef alloca
#pragma GCC poison strcpy strcat sprintf vsprintf strtok atoi atol atof system gets tmpnam tempnam mktemp alloca
