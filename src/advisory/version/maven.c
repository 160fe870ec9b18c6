/*
 * Maven: the order of org.apache.maven.artifact.versioning.ComparableVersion in Maven 3.9.
 *
 * A version is numbers and words in nested lists. '.' divides; '-' and every change between digits and letters divide
 * and open a list within the list, and so does a word that ends the version or stands before digits, if it isn't the
 * first of its list. Zeros and the words "", ga, final and release at the end of a list are nothing: 1.0.ga = 1.
 * Words, in any case: alpha, beta, milestone, rc (or cr) and snapshot come before nothing, sp and all other words
 * (bytewise) after it; a, b and m right before a digit are alpha, beta and milestone.
 *
 * Two different things at one place: word < list < number, and what comes after the end of the other version is
 * compared with nothing, a list by the first of it that isn't nothing itself. The two rules together have circles:
 *
 *     1-alpha < 1 < 1.x.1, yet 1.x.1 < 1-alpha: a word before a list
 *     1.0.alpha.1 < 1 < 1.x.1 and 1 < 1-1, yet 1.x.1 < 1.0.alpha.1 and 1-1 < 1.0.alpha.1: a zero after both
 *     1-alpha < 1 < 1.ga.1, yet 1.ga.1 < 1-alpha: likewise
 *
 * Ours is a total order: what is less than nothing comes before what is more than nothing, always, and only within each
 * of the two Maven's word < list < number decides. So 1.0.alpha.1 and 1-alpha come before 1, and 1-1 and 1.x.1 after
 * it. It differs from Maven's only where one of two versions is less than their common beginning and the other more.
 *
 * Maven compares any text. Refused are what it allows in no version (DefaultModelValidator: \ / : " < > | ? * and
 * "${"), in a version that isn't a range ([ ] ( ) and ,), the words RELEASE and LATEST, which stand for others, and
 * blanks, control bytes and bytes above 0x7f.
 *
 * Key: at each place one byte for what stands there, as below, and its value; for zeros and lists what follows decides
 * whether they are less or more than nothing.
 */
#include "advisory/version/order_priv.h"

enum {
        NEXT_WORD_LESS = 1, /* to 5: alpha, beta, milestone, rc, snapshot */
        NEXT_NO_WORD_LESS = 6,
        NEXT_LIST_LESS,
        NEXT_ZERO_LESS,
        NEXT_END,
        NEXT_NO_WORD_MORE,
        NEXT_SP,
        NEXT_WORD, /* ended by 00 */
        NEXT_LIST_MORE,
        NEXT_ZERO_MORE,
        NEXT_NUMBER
};

enum kind { KIND_ZERO = 0, KIND_NUMBER, KIND_NO_WORD, KIND_KNOWN, KIND_WORD };

/* One number or word. */
struct atom {
        uint16_t at, len;
        uint16_t opens; /* lists that begin with it */
        uint8_t kind;
        uint8_t rank; /* KIND_KNOWN: its byte in the key */
};

struct parsed {
        struct span text;
        struct atom atoms[VERSION_MAX + 1]; /* each takes a byte: its own or the divider after nothing */
        size_t n;
        uint16_t opens; /* lists opened since the last atom */
        bool list_empty;
};

static void list_open(struct parsed *p)
{
        p->opens++;
        p->list_empty = true;
}

static struct atom *atom_add(struct parsed *p, size_t from, size_t to)
{
        struct atom *a = &p->atoms[p->n++];

        *a = (struct atom){.at = (uint16_t)from, .len = (uint16_t)(to - from), .opens = p->opens};
        p->opens = 0;
        p->list_empty = false;
        return a;
}

static void number_add(struct parsed *p, size_t from, size_t to)
{
        struct atom *a = atom_add(p, from, to);

        for (size_t i = from; i < to; i++)
                if (p->text.at[i] != '0')
                        a->kind = KIND_NUMBER;
}

static bool word_is(struct span word, const char *lower)
{
        size_t i = 0;

        SPAN_HOLDS(word);
        for (; i < word.len && lower[i]; i++)
                if (ascii_lower(word.at[i]) != (uint8_t)lower[i])
                        return false;
        return i == word.len && !lower[i];
}

static void word_add(struct parsed *p, size_t from, size_t to, bool before_digit)
{
        static const struct {
                const char *word;
                uint8_t kind, rank;
        } known[] = {{"alpha", KIND_KNOWN, NEXT_WORD_LESS}, {"beta", KIND_KNOWN, NEXT_WORD_LESS + 1},
            {"milestone", KIND_KNOWN, NEXT_WORD_LESS + 2}, {"rc", KIND_KNOWN, NEXT_WORD_LESS + 3},
            {"cr", KIND_KNOWN, NEXT_WORD_LESS + 3}, {"snapshot", KIND_KNOWN, NEXT_WORD_LESS + 4},
            {"sp", KIND_KNOWN, NEXT_SP}, {"ga", KIND_NO_WORD, 0}, {"final", KIND_NO_WORD, 0},
            {"release", KIND_NO_WORD, 0}};
        struct atom *a = atom_add(p, from, to);
        struct span word = span_cut(p->text, from, to - from);
        size_t i = 0;

        a->kind = KIND_WORD;
        if (before_digit && word.len == 1) {
                for (; i < 3; i++)
                        if (ascii_lower(word.at[0]) == (uint8_t) "abm"[i])
                                break;
                if (i == 3)
                        return;
        } else {
                while (i < ARRAY_LEN(known) && !word_is(word, known[i].word))
                        i++;
                if (i == ARRAY_LEN(known))
                        return;
        }
        a->kind = known[i].kind;
        a->rank = known[i].rank;
}

/* What stands before a divider or before the end: perhaps nothing, which is 0. */
static void divided_add(struct parsed *p, size_t from, size_t to)
{
        if (from == to || ascii_is_digit(p->text.at[from]))
                number_add(p, from, to);
        else
                word_add(p, from, to, false);
}

static void parse(struct parsed *p)
{
        struct span text = p->text;
        size_t from = 0;

        p->list_empty = true;
        for (size_t i = 0; i < text.len; i++) {
                if (text.at[i] == '.' || text.at[i] == '-') {
                        divided_add(p, from, i);
                        from = i + 1;
                        if (text.at[i] == '-')
                                list_open(p);
                } else if (i > from && ascii_is_digit(text.at[i]) != ascii_is_digit(text.at[i - 1])) {
                        if (ascii_is_digit(text.at[i])) {
                                if (!p->list_empty)
                                        list_open(p);
                                word_add(p, from, i, true);
                        } else {
                                number_add(p, from, i);
                        }
                        from = i;
                        list_open(p);
                }
        }
        if (from == text.len)
                return;
        if (!ascii_is_digit(text.at[from]) && !p->list_empty)
                list_open(p);
        divided_add(p, from, text.len);
}

static bool is_nothing(const struct atom *a)
{
        return a->kind == KIND_ZERO || a->kind == KIND_NO_WORD;
}

/* From the end: nothing stays of what is nothing at the end of its list, a list within it aside. */
static void normalise(struct parsed *p)
{
        size_t kept = p->n;
        bool at_end = true;

        for (size_t i = p->n; i > 0; i--) {
                struct atom a = p->atoms[i - 1];
                if (at_end && is_nothing(&a)) {
                        if (kept < p->n)
                                p->atoms[kept].opens = (uint16_t)(p->atoms[kept].opens + a.opens);
                        continue;
                }
                at_end = a.opens > 0;
                p->atoms[--kept] = a;
        }
        memmove(p->atoms, p->atoms + kept, (p->n - kept) * sizeof(p->atoms[0]));
        p->n -= kept;
}

static void atom_put(struct buf *key, struct span text, const struct atom *a, bool less)
{
        switch ((enum kind)a->kind) {
        case KIND_ZERO:
                buf_put_u8(key, less ? NEXT_ZERO_LESS : NEXT_ZERO_MORE);
                break;
        case KIND_NUMBER:
                buf_put_u8(key, NEXT_NUMBER);
                version_put_number(key, span_cut(text, a->at, a->len));
                break;
        case KIND_NO_WORD:
                buf_put_u8(key, less ? NEXT_NO_WORD_LESS : NEXT_NO_WORD_MORE);
                break;
        case KIND_KNOWN:
                buf_put_u8(key, a->rank);
                break;
        case KIND_WORD:
                buf_put_u8(key, NEXT_WORD);
                for (size_t i = a->at; i < (size_t)a->at + a->len; i++)
                        buf_put_u8(key, ascii_lower(text.at[i]));
                buf_put_u8(key, 0);
                break;
        }
}

static bool check(struct span version, struct err *e)
{
        for (size_t i = 0; i < version.len; i++) {
                uint8_t byte = version.at[i];
                if (byte <= ' ' || byte >= 0x7f || strchr("\\/:\"<>|?*[](),", byte))
                        return err_set(e, ERR_MALFORMED, "byte 0x%02x is not allowed in a version of Maven", byte);
                if (byte == '$' && i + 1 < version.len && version.at[i + 1] == '{')
                        return err_set(e, ERR_MALFORMED, "a property stands for a part of it");
        }
        if (span_is(version, "RELEASE") || span_is(version, "LATEST"))
                return err_set(e, ERR_MALFORMED, "it stands for another version");
        return true;
}

bool version_key_maven(struct span version, struct buf *ret_key, struct err *e)
{
        struct parsed p;
        size_t decides = 0; /* the first atom from here on that isn't nothing */

        if (!check(version, e))
                return false;
        p.text = version;
        p.n = 0;
        p.opens = 0;
        parse(&p);
        normalise(&p);
        for (size_t i = 0; i < p.n; i++) {
                const struct atom *a = &p.atoms[i];
                if (decides < i)
                        decides = i;
                while (is_nothing(&p.atoms[decides]))
                        decides++;
                bool less = p.atoms[decides].kind == KIND_KNOWN && p.atoms[decides].rank < NEXT_END;
                for (unsigned k = 0; k < a->opens; k++)
                        buf_put_u8(ret_key, less ? NEXT_LIST_LESS : NEXT_LIST_MORE);
                atom_put(ret_key, version, a, less);
        }
        buf_put_u8(ret_key, NEXT_END);
        return true;
}
