/* Limits of the match room: what one package and one image may say. */
#pragma once

#define MATCH_HITS_MAX 65536u         /* records of one package; Debian's linux has about 12,000 */
#define MATCH_IDS_MAX (1u << 20)      /* ids in the records of one package, and again after joining; attack: memory */
#define MATCH_FINDINGS_MAX (1u << 20) /* of one image; attack: memory (about 300 bytes each) */
#define MATCH_EXPLAINED_MAX 16u       /* records told in one explanation; the others are counted */
#define MATCH_UPDATE_STEPS_MAX 64u /* versions on the way to the one to move to. Attack: records that lead from one to the next */
#define MATCH_VEX_CHECKS_MAX (1u << 24) /* products held against components: a second. Attack: all statements of one id */
