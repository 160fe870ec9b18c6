/*
 * The tables, as steps from one schema to the next. A released step is never changed: add one.
 *
 * Texts compare as bytes (SQLite's BINARY collation; PostgreSQL's "C"), byte strings as memcmp does.
 */
#include "store/store_priv.h"

/*
 * member has both directions: from a component to its sets (who is affected?), and from a set to its components (what
 * may go with it?). inventory is the last column of its row, so that a scan of images does not read over it.
 */
static const char step_1[] =
    "CREATE TABLE component ("
    " id INTEGER PRIMARY KEY,"
    " digest BLOB NOT NULL UNIQUE," /* of all the columns below: one row each */
    " ecosystem TEXT NOT NULL,"
    " package TEXT NOT NULL," /* what advisories call it: source_name, or name */
    " key_format INTEGER NOT NULL,"
    " key BLOB NOT NULL,"
    " name TEXT NOT NULL,"
    " version TEXT NOT NULL,"
    " source_name TEXT NOT NULL,"
    " source_version TEXT NOT NULL"
    ") STRICT;"
    "CREATE INDEX component_by_key ON component (ecosystem, package, key_format, key);"

    "CREATE TABLE component_set ("
    " id INTEGER PRIMARY KEY,"
    " digest BLOB NOT NULL UNIQUE" /* of the sorted digests of its components */
    ") STRICT;"
    "CREATE TABLE member ("
    " component_id INTEGER NOT NULL REFERENCES component (id),"
    " set_id INTEGER NOT NULL REFERENCES component_set (id),"
    " PRIMARY KEY (component_id, set_id)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX member_by_set ON member (set_id);"

    "CREATE TABLE image ("
    " id INTEGER PRIMARY KEY,"
    " digest TEXT NOT NULL UNIQUE,"
    " name BLOB NOT NULL,"
    " set_id INTEGER NOT NULL REFERENCES component_set (id),"
    " assessed_s INTEGER NOT NULL,"
    " inventory_format INTEGER NOT NULL,"
    " inventory BLOB NOT NULL"
    ") STRICT;"
    "CREATE INDEX image_by_set ON image (set_id);"

    "CREATE TABLE id_range ("
    " first INTEGER PRIMARY KEY,"
    " owner TEXT NOT NULL UNIQUE"
    ") STRICT;"

    "CREATE TABLE container ("
    " id TEXT NOT NULL PRIMARY KEY,"
    " name TEXT NOT NULL UNIQUE,"
    " image BLOB NOT NULL,"
    " image_digest TEXT NOT NULL," /* "none" for a root folder */
    " created_s INTEGER NOT NULL,"
    " ids_first INTEGER NOT NULL,"
    " command BLOB NOT NULL,"
    " record TEXT NOT NULL"
    ") STRICT, WITHOUT ROWID;"

    "CREATE TABLE ledger ("
    " seq INTEGER PRIMARY KEY,"
    " time_s INTEGER NOT NULL,"
    " event TEXT NOT NULL,"
    " body TEXT NOT NULL,"
    " previous BLOB NOT NULL,"
    " hash BLOB NOT NULL"
    ") STRICT;"
    /* Against accidents; who can write the file can drop them, and is found out by the hashes. */
    "CREATE TRIGGER ledger_keeps_records BEFORE DELETE ON ledger BEGIN"
    " SELECT raise(ABORT, 'a ledger record is never removed'); END;"
    "CREATE TRIGGER ledger_keeps_content BEFORE UPDATE ON ledger BEGIN"
    " SELECT raise(ABORT, 'a ledger record is never changed'); END;";

/* The bytes are the last column, so that the sizes and times of all rows are read without them. */
static const char step_2[] =
    "CREATE TABLE layer ("
    " id INTEGER PRIMARY KEY,"
    " diff_id TEXT NOT NULL UNIQUE,"
    " format INTEGER NOT NULL,"
    " used_s INTEGER NOT NULL,"
    " size INTEGER NOT NULL,"
    " bytes BLOB NOT NULL"
    ") STRICT;"
    "CREATE INDEX layer_by_use ON layer (used_s, id, size);";

/*
 * The components that one layer brought stand in a set of their own, so that images which share layers share sets: a fleet of
 * 10^6 images over 10^4 layers has 10^7 rows in part, and would have 4 * 10^8 in member. What an image was known to hold is
 * made anew from its layers when it is next looked at: the old rows lack what a decision about them needs.
 */
static const char step_3[] =
    "DELETE FROM member; DROP TABLE image; DELETE FROM component_set; DELETE FROM component;"
    "ALTER TABLE component ADD COLUMN type TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE component ADD COLUMN module TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE component ADD COLUMN owner TEXT NOT NULL DEFAULT '';" /* ecosystem of the package that installed it */
    "CREATE TABLE image ("
    " id INTEGER PRIMARY KEY,"
    " digest TEXT NOT NULL UNIQUE,"
    " name BLOB NOT NULL,"
    " assessed_s INTEGER NOT NULL,"
    " advisories TEXT NOT NULL," /* digest of the database that it was last matched with by itself; "" not since it was last told of */
    " inventory_format INTEGER NOT NULL,"
    " inventory BLOB NOT NULL"
    ") STRICT;"
    "CREATE TABLE part ("
    " set_id INTEGER NOT NULL REFERENCES component_set (id),"
    " image_id INTEGER NOT NULL REFERENCES image (id),"
    " PRIMARY KEY (set_id, image_id)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX part_by_image ON part (image_id);"

    "CREATE TABLE fleet (" /* one row: with which advisories all images were last matched */
    " id INTEGER PRIMARY KEY CHECK (id = 1),"
    " advisories TEXT NOT NULL,"
    " time_s INTEGER NOT NULL"
    ") STRICT;"
    "CREATE TABLE notice ("
    " id INTEGER PRIMARY KEY,"
    " time_s INTEGER NOT NULL,"
    " advisories TEXT NOT NULL," /* the database that gave rise to it, and the ledger's last record before */
    " image TEXT NOT NULL,"
    " body TEXT NOT NULL,"
    " UNIQUE (advisories, image)"
    ") STRICT;"
    "CREATE TABLE delivery (" /* what is still to be told to whom */
    " sink TEXT NOT NULL,"
    " notice_id INTEGER NOT NULL REFERENCES notice (id),"
    " PRIMARY KEY (sink, notice_id)"
    ") STRICT, WITHOUT ROWID;";

/* Which databases images were matched with by themselves, and which notices are old: by an index each. */
static const char step_4[] = "CREATE INDEX image_by_advisories ON image (advisories);"
                             "CREATE INDEX notice_by_time ON notice (time_s);"
                             "CREATE INDEX delivery_by_notice ON delivery (notice_id);";

static const char *const steps[] = {step_1, step_2, step_3, step_4};

const struct schema sqlite_schema = {.steps = steps, .n_steps = ARRAY_LEN(steps)};
