/* What vex create and vex merge share: the head of the document that they write. */
#pragma once

#include "advisory/advisory.h"
#include "commands.h"
#include "fetch/fetch.h"
#include "match/match.h"

extern const char *arg_vex_author, *arg_vex_role, *arg_vex_id, *arg_vex_time, *arg_vex_output;
extern uint64_t arg_vex_version;

#define VEX_DRAFT_OPTIONS                                                                                               \
        {"author", 0, CLI_TEXT, "NAME", "who says so", &arg_vex_author, NULL},                                          \
        {"role", 0, CLI_TEXT, "TEXT", "as what the author says it: \"Document Creator\"", &arg_vex_role, NULL},         \
        {"document-id", 0, CLI_TEXT, "IRI", "the document's id (one made of its content)", &arg_vex_id, NULL},          \
        {"document-version", 0, CLI_NUMBER, "N", "its version (1)", &arg_vex_version, NULL},                            \
        {"timestamp", 0, CLI_TEXT, "TIME", "since when it holds, RFC 3339 (now)", &arg_vex_time, NULL},                 \
        {"output", 'O', CLI_TEXT, "FILE", "write there instead of standard output", &arg_vex_output, NULL}

/* From the options; its statements are the caller's to set. */
bool vex_draft_begin(struct vex_draft *d, struct err *e);
/* Checks each statement, writes the document to --output or standard output. */
bool vex_draft_write(const struct vex_draft *d, struct err *e);
/* A file, or "-". */
bool vex_input_read(const char *name, struct buf *ret, struct err *e);
