/* What the readers of languages' packages share. */
#pragma once

#include "inventory/detect_priv.h"
#include "inventory/os/words_priv.h"

/* A string, or the empty span for anything else, which is passed over. */
static inline struct span json_text_or_skip(struct json *j)
{
        if (json_peek(j) == JSON_STRING)
                return json_string(j);
        json_skip(j);
        return (struct span){0};
}

/* Enters an object; anything else is passed over. */
static inline bool json_object_or_skip(struct json *j)
{
        if (json_peek(j) == JSON_OBJECT) {
                json_object(j);
                return true;
        }
        json_skip(j);
        return false;
}

static inline bool json_array_or_skip(struct json *j)
{
        if (json_peek(j) == JSON_ARRAY) {
                json_array(j);
                return true;
        }
        json_skip(j);
        return false;
}

static inline struct span without_bom(struct span s)
{
        return span_starts(s, "\xef\xbb\xbf") ? span_from(s, 3) : s;
}

/* The path of `relative` as `folder` sees it: "a/b" and "../c" make "a/c". False: it leads out of the root, or is empty. */
bool path_join(struct span folder, struct span relative, struct buf *to);

/* "The MIT License" and other widely used words that name one licence -> "MIT"; anything else as it is, trimmed. */
struct span licence_of_words(struct span words);

/* Adds one of several licences of which one may choose, unless it is there already. */
void licence_choice(struct buf *to, struct span words);
/* Adds one of several licences that all hold. */
void licence_also(struct buf *to, struct span words);

/* METADATA or PKG-INFO (core metadata) -> a package, which is otherwise as `as` has it. */
void python_metadata_read(struct span content, struct findings *f, const struct package *as);

/* The detectors of this shelf that have no line in detect_priv.h. */
extern const struct detector detect_gem, detect_composer, detect_dotnet, detect_cpan, detect_cran, detect_julia,
    detect_haskell, detect_beam, detect_luarocks, detect_conda, detect_opam, detect_python_egg, detect_python_wheel,
    detect_toolchain,
    detect_wordpress,
    detect_pear;
