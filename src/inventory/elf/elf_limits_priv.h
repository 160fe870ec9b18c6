/* Maxima of the reader of programs. What lies above one is named in a note, unless it only costs a guess. */
#pragma once

#include <stdint.h>

/* Bytes that are seen from a place on before it is judged: "/registry/src/", an index of 80 bytes, a crate and its
 * version of 64 bytes each. */
#define ELF_CONTEXT 320u

#define ELF_START 512u /* bytes at the beginning, where packers sign */

#define ELF_CAPTURES_MAX 64u   /* more than all limits below allow */
#define ELF_SEGMENTS_MAX 1024u /* 15 are usual, core files apart */
#define ELF_SECTIONS_MAX 4096u /* 40 are usual; objects with one section a function have more and are no programs */
#define ELF_NOTE_SEGMENTS_MAX 8u
#define ELF_NOTE_MAX (64u << 10) /* bytes of one segment of notes: 200 are usual */

#define ELF_GO_PLACES_MAX 4u          /* of Go's mark: programs that read build information hold it twice */
#define ELF_GO_VERSION_MAX 256u       /* bytes of "go1.26.8 X:..." */
#define ELF_GO_MODULES_MAX (4u << 20) /* bytes of module lines: 120 KiB with 900 modules */
#define ELF_GO_FILES_MAX (64u << 20)  /* bytes of a table of source files: 132 KB with 2,900 files */
#define ELF_GO_PATH_MAX 4096u
#define ELF_GO_TABLES_MAX 16u /* places that look like the header of pclntab: 1 or 2 are usual */

#define ELF_DEP_STORED_MAX (1u << 20) /* bytes of .dep-v0 as stored: 300 with 10 crates */
#define ELF_DEP_PLAIN_MAX (8u << 20)  /* as cargo-auditable's own reader has it */
#define ELF_DEP_PACKAGES_MAX 65536u

#define ELF_NAMES_MAX 8192u /* modules or crates told from paths in one program */
#define ELF_PROGRAMS_MAX 6u /* texts that are looked for in a program by its name: mysqld has five */
