/* The feeds that are kept up to date: which they are, what was last fetched of each, and how that went. */
#pragma once

#include "fetch/fetch.h"

#define FEEDS_MAX 256u
#define FEED_NAME_MAX 64u
#define FEED_URL_MAX 2048u

struct feed {
        char name[FEED_NAME_MAX], url[FEED_URL_MAX];
        struct fetch_validators validators; /* of what is kept */
        int64_t fetched_s, checked_s;       /* when it last changed here, and when it was last asked for with success; 0: never */
        int64_t newest_s;                   /* its newest record */
        uint64_t records;                   /* and facts */
        int64_t failed_s;                   /* when the last attempt failed; 0: it did not */
        char failure[ERR_TEXT_MAX];
};

struct feeds {
        struct feed *at;
        size_t n;
};

/* advisory/feeds.json; none is no feeds. ERR_MALFORMED: it was changed by hand, badly. */
bool feeds_read(int advisory_fd, struct arena *a, struct feeds *ret, struct err *e);
bool feeds_write(int advisory_fd, const struct feeds *f, struct err *e);
/* "kev", "osv:npm", "NAME=https://...": ERR_MALFORMED with what is known. */
bool feed_parse(const char *text, struct feed *ret, struct err *e);
/* What the catalogue knows: n names, each with what it is. */
size_t feed_known(size_t index, const char **ret_name, const char **ret_about, const char **ret_licence);
