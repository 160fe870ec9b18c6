/* Every bound of this room, with its unit and reason. */
#pragma once

#define SECRETS_RULES_MAX 1000u           /* each costs all texts a little */
#define SECRETS_RULES_FILE_MAX (1u << 20) /* bytes */
#define SECRETS_TEXT_MAX 1000u            /* bytes of one line of a rules file */
#define SECRETS_COMPILED_MAX (64u << 20)  /* bytes: 60 rules take 300 KiB */
#define SECRETS_ALLOWED_MAX 64u           /* words and paths of one rule */

/* A file is looked at in windows, each of which repeats the end of the one before: no value is longer than that. */
#define SECRETS_WINDOW (256u << 10)
#define SECRETS_OVERLAP (4u << 10)
#define SECRETS_HEAD (8u << 10)        /* bytes: with a NUL among them a file is no text */
#define SECRETS_FILE_MAX (64ull << 20) /* bytes: larger texts are dumps; what lies beyond is not read, and said */
#define SECRETS_RAW_HITS_MAX 10000u    /* of one window, before they are weighed. Attack: a file made of matches */
