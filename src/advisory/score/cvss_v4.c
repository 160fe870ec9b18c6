/*
 * CVSS 4.0 scores (specification section 8): the vector's MacroVector has a score; it is lowered by how far the vector
 * lies below the most severe one of its MacroVector, on average over the five groups of metrics that can be lowered.
 * All metrics given count, so the score is CVSS-B, -BT, -BE or -BTE. Whole numbers throughout: scores in tenths,
 * distances in steps of one level, and 840 divides by every depth of a group.
 */
#include "advisory/score/cvss_priv.h"

enum {
        M_AV,
        M_AC,
        M_AT,
        M_PR,
        M_UI,
        M_VC,
        M_VI,
        M_VA,
        M_SC,
        M_SI,
        M_SA,
        M_E,
        M_CR,
        M_IR,
        M_AR,
        M_MODIFIED,
};

static const struct cvss_metric metrics4[] = {
    [M_AV] = {"AV", "NALP", true},
    [M_AC] = {"AC", "LH", true},
    [M_AT] = {"AT", "NP", true},
    [M_PR] = {"PR", "NLH", true},
    [M_UI] = {"UI", "NPA", true},
    [M_VC] = {"VC", "HLN", true},
    [M_VI] = {"VI", "HLN", true},
    [M_VA] = {"VA", "HLN", true},
    [M_SC] = {"SC", "HLN", true},
    [M_SI] = {"SI", "HLN", true},
    [M_SA] = {"SA", "HLN", true},
    [M_E] = {"E", "XAPU", false},
    [M_CR] = {"CR", "XHML", false},
    [M_IR] = {"IR", "XHML", false},
    [M_AR] = {"AR", "XHML", false},
    [M_MODIFIED] = {"MAV", "XNALP", false}, /* then in the order of the base metrics */
    {"MAC", "XLH", false},
    {"MAT", "XNP", false},
    {"MPR", "XNLH", false},
    {"MUI", "XNPA", false},
    {"MVC", "XHLN", false},
    {"MVI", "XHLN", false},
    {"MVA", "XHLN", false},
    {"MSC", "XHLN", false},
    {"MSI", "XSHLN", false},
    {"MSA", "XSHLN", false},
    {"S", "XNP", false},
    {"AU", "XNY", false},
    {"R", "XAUI", false},
    {"V", "XDC", false},
    {"RE", "XLMH", false},
    {"U", "", false},
};

/* Values from the most severe on: the place is the level (specification, tables 24 to 28). SC has no S, so H is
 * level 1. */
static const char *const levels[M_MODIFIED] = {
    [M_AV] = "NALP",
    [M_AC] = "LH",
    [M_AT] = "NP",
    [M_PR] = "NLH",
    [M_UI] = "NPA",
    [M_VC] = "HLN",
    [M_VI] = "HLN",
    [M_VA] = "HLN",
    [M_SC] = "SHLN",
    [M_SI] = "SHLN",
    [M_SA] = "SHLN",
    [M_E] = "APU",
    [M_CR] = "HML",
    [M_IR] = "HML",
    [M_AR] = "HML",
};

/* Scores in tenths of the MacroVectors (FIRST, CVSS 4.0 lookup): [EQ1][EQ2][EQ3][EQ4][EQ5][EQ6]; 0: there is none. */
static const uint8_t macro_scores[3][2][3][3][3][2] = {
    {{{{{100, 99}, {98, 95}, {95, 92}}, {{100, 96}, {93, 87}, {91, 81}}, {{93, 90}, {89, 80}, {81, 68}}},
         {{{98, 95}, {95, 92}, {90, 84}}, {{93, 92}, {89, 81}, {81, 65}}, {{88, 80}, {78, 70}, {69, 48}}},
         {{{0, 92}, {0, 82}, {0, 72}}, {{0, 79}, {0, 69}, {0, 50}}, {{0, 69}, {0, 55}, {0, 27}}}},
        {{{{99, 97}, {95, 92}, {92, 85}}, {{95, 91}, {90, 83}, {84, 71}}, {{92, 81}, {82, 71}, {72, 53}}},
            {{{95, 93}, {92, 85}, {85, 73}}, {{92, 82}, {80, 72}, {70, 59}}, {{84, 70}, {71, 52}, {50, 30}}},
            {{{0, 86}, {0, 75}, {0, 52}}, {{0, 71}, {0, 52}, {0, 29}}, {{0, 63}, {0, 29}, {0, 17}}}}},
    {{{{{98, 95}, {94, 87}, {91, 81}}, {{94, 89}, {86, 74}, {77, 64}}, {{87, 75}, {74, 63}, {63, 49}}},
         {{{94, 89}, {88, 77}, {76, 67}}, {{86, 76}, {74, 58}, {59, 50}}, {{72, 57}, {57, 52}, {52, 25}}},
         {{{0, 83}, {0, 70}, {0, 54}}, {{0, 65}, {0, 58}, {0, 26}}, {{0, 53}, {0, 21}, {0, 13}}}},
        {{{{95, 90}, {88, 76}, {76, 70}}, {{90, 77}, {75, 62}, {61, 53}}, {{77, 66}, {68, 59}, {52, 30}}},
            {{{89, 78}, {76, 67}, {62, 58}}, {{74, 59}, {57, 57}, {47, 23}}, {{61, 52}, {57, 29}, {24, 16}}},
            {{{0, 71}, {0, 59}, {0, 30}}, {{0, 58}, {0, 26}, {0, 15}}, {{0, 23}, {0, 13}, {0, 6}}}}},
    {{{{{93, 87}, {86, 72}, {75, 58}}, {{86, 74}, {74, 61}, {56, 34}}, {{70, 54}, {52, 40}, {40, 22}}},
         {{{85, 75}, {74, 55}, {62, 51}}, {{72, 57}, {55, 41}, {46, 19}}, {{53, 36}, {34, 19}, {19, 8}}},
         {{{0, 64}, {0, 51}, {0, 20}}, {{0, 47}, {0, 21}, {0, 11}}, {{0, 24}, {0, 9}, {0, 4}}}},
        {{{{88, 75}, {73, 53}, {60, 50}}, {{73, 55}, {59, 40}, {41, 20}}, {{54, 43}, {45, 22}, {20, 11}}},
            {{{75, 55}, {58, 45}, {40, 21}}, {{61, 51}, {48, 18}, {20, 9}}, {{46, 18}, {17, 7}, {8, 2}}},
            {{{0, 53}, {0, 24}, {0, 14}}, {{0, 24}, {0, 12}, {0, 5}}, {{0, 10}, {0, 3}, {0, 1}}}}},
};

/* The most severe vectors of a level of a group, in the order of the group's metrics, and its depth in steps. */
struct level {
        const char *highest[5];
        unsigned depth;
};

static const uint8_t group1[] = {M_AV, M_PR, M_UI}, group2[] = {M_AC, M_AT}, group4[] = {M_SC, M_SI, M_SA};
static const uint8_t group36[] = {M_VC, M_VI, M_VA, M_CR, M_IR, M_AR};
static const struct level eq1_levels[] = {{{"NNN"}, 1}, {{"ANN", "NLN", "NNP"}, 4}, {{"PNN", "ALP"}, 5}};
static const struct level eq2_levels[] = {{{"LN"}, 1}, {{"HN", "LP"}, 2}};
static const struct level eq4_levels[] = {{{"HSS"}, 6}, {{"HHH"}, 5}, {{"LLL"}, 4}};
static const struct level eq36_levels[3][2] = {
    {{{"HHHHHH"}, 7}, {{"HHLMMH", "HHHMMM"}, 6}},
    {{{"LHHHHH", "HLHHHH"}, 8}, {{"LHLHMH", "LHHHMM", "HLHMHM", "HLLMHH", "LLHHHM"}, 8}},
    {{{NULL}, 1}, {{"LLLHHH"}, 10}}, /* EQ3 = 2 has no high impact, so EQ6 is 1 */
};

/* What counts: the modified metric if given, else the metric; E as attacked and requirements as high if not given. */
static char effective(const struct cvss_vector *v, size_t metric)
{
        char modified = metric <= M_SA ? v->value[M_MODIFIED + metric] : 0;
        char value = v->value[metric];

        if (modified && modified != 'X')
                return modified;
        if (metric >= M_E && (!value || value == 'X'))
                return metric == M_E ? 'A' : 'H';
        return value;
}

static int level_of(size_t metric, char value)
{
        return (int)(strchr(levels[metric], value) - levels[metric]);
}

/* Steps below the first of the level's most severe vectors that lies above the vector in every metric. */
static unsigned distance(const struct cvss_vector *m, const uint8_t *group, size_t n, const struct level *level)
{
        for (size_t k = 0; k < ARRAY_LEN(level->highest) && level->highest[k]; k++) {
                int sum = 0;
                bool below = true;
                for (size_t i = 0; i < n; i++) {
                        int steps = level_of(group[i], m->value[group[i]]) - level_of(group[i], level->highest[k][i]);
                        below &= steps >= 0;
                        sum += steps;
                }
                if (below)
                        return (unsigned)sum;
        }
        return 0;
}

/* EQ1 to EQ6 (specification, tables 24 to 29). */
static void equivalence(const struct cvss_vector *m, unsigned eq[6])
{
        const char *v = m->value;
        bool av = v[M_AV] == 'N', pr = v[M_PR] == 'N', ui = v[M_UI] == 'N';
        bool vc = v[M_VC] == 'H', vi = v[M_VI] == 'H', va = v[M_VA] == 'H';

        eq[0] = av && pr && ui ? 0 : (av || pr || ui) && v[M_AV] != 'P' ? 1 : 2;
        eq[1] = v[M_AC] == 'L' && v[M_AT] == 'N' ? 0 : 1;
        eq[2] = vc && vi ? 0 : vc || vi || va ? 1 : 2;
        eq[3] = v[M_SI] == 'S' || v[M_SA] == 'S' ? 0 : v[M_SC] == 'H' || v[M_SI] == 'H' || v[M_SA] == 'H' ? 1 : 2;
        eq[4] = (unsigned)level_of(M_E, v[M_E]);
        eq[5] = (vc && v[M_CR] == 'H') || (vi && v[M_IR] == 'H') || (va && v[M_AR] == 'H') ? 0 : 1;
}

static unsigned macro_score(const unsigned eq[6])
{
        if (eq[0] > 2 || eq[1] > 1 || eq[2] > 2 || eq[3] > 2 || eq[4] > 2 || eq[5] > 1)
                return 0;
        return macro_scores[eq[0]][eq[1]][eq[2]][eq[3]][eq[4]][eq[5]];
}

/* The score of the next lower MacroVector in one group (0 to 4: EQ1, EQ2, EQ3 with EQ6, EQ4, EQ5); 0: there is none. */
static unsigned next_lower(const unsigned eq[6], unsigned group)
{
        unsigned lower[6], other[6];

        memcpy(lower, eq, sizeof(lower));
        memcpy(other, eq, sizeof(other));
        if (group == 2 && eq[5] == 0) {
                lower[5]++; /* 10 to 11; 00 to the higher one of 01 and 10 */
                other[2]++;
                if (eq[2] == 0 && macro_score(other) > macro_score(lower))
                        return macro_score(other);
                return macro_score(lower);
        }
        lower[group]++;
        return macro_score(lower);
}

bool cvss4_score(struct span metrics, uint32_t *ret_tenths, struct err *e)
{
        struct cvss_vector v = {0}, m = {0};
        unsigned eq[6], score, n = 0, sum = 0;

        if (!cvss_vector_parse(metrics, metrics4, ARRAY_LEN(metrics4), true, &v, e))
                return false;
        for (size_t i = 0; i < M_MODIFIED; i++)
                m.value[i] = effective(&v, i);
        if (memcmp(m.value + M_VC, "NNNNNN", 6) == 0) {
                *ret_tenths = 0;
                return true;
        }
        equivalence(&m, eq);
        const struct level *eq36 = &eq36_levels[eq[2]][eq[5]];
        const struct {
                unsigned steps, depth;
        } groups[5] = {
            {distance(&m, group1, ARRAY_LEN(group1), &eq1_levels[eq[0]]), eq1_levels[eq[0]].depth},
            {distance(&m, group2, ARRAY_LEN(group2), &eq2_levels[eq[1]]), eq2_levels[eq[1]].depth},
            {distance(&m, group36, ARRAY_LEN(group36), eq36), eq36->depth},
            {distance(&m, group4, ARRAY_LEN(group4), &eq4_levels[eq[3]]), eq4_levels[eq[3]].depth},
            {0, 1}, /* EQ5 has one metric: its vectors have no distance */
        };
        score = macro_score(eq);
        for (unsigned g = 0; g < ARRAY_LEN(groups); g++) {
                unsigned lower = next_lower(eq, g);
                if (lower == 0)
                        continue;
                n++;
                sum += (score - lower) * groups[g].steps * (840 / groups[g].depth);
        }
        /* score - sum / (840 n), rounded half up */
        if (n > 0)
                score = (2 * (score * 840 * n - sum) + 840 * n) / (2 * 840 * n);
        *ret_tenths = score;
        return true;
}
