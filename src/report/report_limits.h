/* Limits of the report room: what it reads again. What it writes is bounded by what it is given. */
#pragma once

#define STORED_TEXT_MAX (256u << 20)  /* bytes; 20,000 findings in 10,000 components are 30 MB */
#define STORED_ANSWER_MAX (256u << 20)
#define STORED_STRING_MAX (1u << 20)  /* bytes of one text in it */
#define STORED_ELEMENTS_MAX (1u << 20) /* components, findings */
