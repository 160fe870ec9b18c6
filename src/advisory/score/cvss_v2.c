/*
 * CVSS 2 scores (guide 3.2): base; temporal when its metrics are given, environmental when those are. The guide fixes the order of
 * the metrics, and a group beyond the base is given whole or not at all.
 */
#include "advisory/score/cvss_priv.h"

enum { M_AV, M_AC, M_AU, M_C, M_I, M_A, M_E, M_RL, M_RC, M_CDP, M_TD, M_CR, M_IR, M_AR, M_COUNT };

struct weight {
        const char *value;
        double weight;
};

#define IMPACT                          \
        {                               \
                {"N", 0}, {"P", 0.275}, \
                {                       \
                        "C", 0.660      \
                }                       \
        }
#define REQUIREMENT                                \
        {                                          \
                {"L", 0.5}, {"M", 1}, {"H", 1.51}, \
                {                                  \
                        "ND", 1                    \
                }                                  \
        }

static const struct {
        const char *name;
        struct weight values[6];
} metrics2[M_COUNT] = {
    [M_AV] = {"AV", {{"L", 0.395}, {"A", 0.646}, {"N", 1}}},
    [M_AC] = {"AC", {{"H", 0.35}, {"M", 0.61}, {"L", 0.71}}},
    [M_AU] = {"Au", {{"M", 0.45}, {"S", 0.56}, {"N", 0.704}}},
    [M_C] = {"C", IMPACT},
    [M_I] = {"I", IMPACT},
    [M_A] = {"A", IMPACT},
    [M_E] = {"E", {{"U", 0.85}, {"POC", 0.9}, {"F", 0.95}, {"H", 1}, {"ND", 1}}},
    [M_RL] = {"RL", {{"OF", 0.87}, {"TF", 0.9}, {"W", 0.95}, {"U", 1}, {"ND", 1}}},
    [M_RC] = {"RC", {{"UC", 0.9}, {"UR", 0.95}, {"C", 1}, {"ND", 1}}},
    [M_CDP] = {"CDP", {{"N", 0}, {"L", 0.1}, {"LM", 0.3}, {"MH", 0.4}, {"H", 0.5}, {"ND", 0}}},
    [M_TD] = {"TD", {{"N", 0}, {"L", 0.25}, {"M", 0.75}, {"H", 1}, {"ND", 1}}},
    [M_CR] = {"CR", REQUIREMENT},
    [M_IR] = {"IR", REQUIREMENT},
    [M_AR] = {"AR", REQUIREMENT},
};

struct vector2 {
        double weight[M_COUNT];
        size_t len; /* of the metrics, in their order: M_E, M_CDP or M_COUNT */
};

static bool value_take(size_t metric, struct span value, double *ret, struct err *e)
{
        char text[40];

        for (size_t i = 0; i < ARRAY_LEN(metrics2[0].values) && metrics2[metric].values[i].value; i++) {
                if (!span_is(value, metrics2[metric].values[i].value))
                        continue;
                *ret = metrics2[metric].values[i].weight;
                return true;
        }
        return err_set(e, ERR_MALFORMED, "%s has no value \"%s\"", metrics2[metric].name,
            span_printable(value, text, sizeof(text)));
}

static bool vector_parse(struct span text, struct vector2 *ret, struct err *e)
{
        struct vector2 v = {.weight = {[M_E] = 1, 1, 1, 0, 1, 1, 1, 1}};
        char safe[40];

        for (bool more = true; more;) {
                struct span part, name, value;

                more = span_split(text, '/', &part, &text);
                if (!span_split(part, ':', &name, &value))
                        return err_set(
                            e, ERR_MALFORMED, "\"%s\" has no colon", span_printable(part, safe, sizeof(safe)));
                if (v.len == M_E && span_is(name, "CDP")) /* environmental without temporal */
                        v.len = M_CDP;
                if (v.len == M_COUNT || !span_is(name, metrics2[v.len].name))
                        return err_set(e, ERR_MALFORMED, "\"%s\" stands where %s was expected",
                            span_printable(name, safe, sizeof(safe)),
                            v.len == M_COUNT ? "the end" : metrics2[v.len].name);
                if (!value_take(v.len, value, &v.weight[v.len], e))
                        return false;
                v.len++;
        }
        if (v.len != M_E && v.len != M_CDP && v.len != M_COUNT)
                return err_set(e, ERR_MALFORMED, "%s is missing", metrics2[v.len].name);
        *ret = v;
        return true;
}

/* Half away from zero; what floating point loses of an exact half is far below a thousandth of a tenth. */
static double round_to_tenth(double score)
{
        double tenths = score * 10;

        return (double)(int)(tenths < 0 ? tenths - 0.5 - 1e-9 : tenths + 0.5 + 1e-9) / 10;
}

static double score_of(const double *w, double impact)
{
        double exploitability = 20 * w[M_AV] * w[M_AC] * w[M_AU];

        return impact <= 0 ? 0 : round_to_tenth((0.6 * impact + 0.4 * exploitability - 1.5) * 1.176);
}

/*
 * The base equation has no upper bound of the impact, the environmental one has. With low requirements the adjusted base
 * score can be below zero, and the guide goes on with that.
 */
bool cvss2_score(struct span metrics, uint32_t *ret_tenths, struct err *e)
{
        double c, i, a, impact, score;
        struct vector2 v;
        const double *w = v.weight;

        if (!vector_parse(metrics, &v, e))
                return false;
        c = w[M_C];
        i = w[M_I];
        a = w[M_A];
        impact = 10.41 * (1 - (1 - c) * (1 - i) * (1 - a));
        if (v.len == M_COUNT) {
                impact = 10.41 * (1 - (1 - c * w[M_CR]) * (1 - i * w[M_IR]) * (1 - a * w[M_AR]));
                if (impact > 10)
                        impact = 10;
        }
        score = round_to_tenth(score_of(w, impact) * w[M_E] * w[M_RL] * w[M_RC]);
        score = round_to_tenth((score + (10 - score) * w[M_CDP]) * w[M_TD]);
        *ret_tenths = score <= 0 ? 0 : (uint32_t)(score * 10 + 0.5);
        return true;
}
