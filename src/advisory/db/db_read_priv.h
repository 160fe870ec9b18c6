/* The opened database, shared by opening and looking up. */
#pragma once

#include "advisory/db/db_format_priv.h"

struct advisory_db {
        struct span file;
        struct span sections[DB_SECTIONS];
        bool mapped; /* by us: unmap it */
        struct advisory_db_info info;
};
