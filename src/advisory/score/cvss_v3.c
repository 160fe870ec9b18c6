/*
 * CVSS 3.0 and 3.1 base scores (3.1 specification, 7.1 and 7.4). Temporal and environmental metrics are checked and do
 * not count. Roundup is 3.1's (appendix A) for both: 3.0 defines the same function, but lets floating-point noise
 * through.
 */
#include "advisory/score/cvss_priv.h"

enum { M_AV, M_AC, M_PR, M_UI, M_S, M_C, M_I, M_A };

static const struct cvss_metric metrics3[] = {
    [M_AV] = {"AV", "NALP", true},
    [M_AC] = {"AC", "LH", true},
    [M_PR] = {"PR", "NLH", true},
    [M_UI] = {"UI", "NR", true},
    [M_S] = {"S", "UC", true},
    [M_C] = {"C", "HLN", true},
    [M_I] = {"I", "HLN", true},
    [M_A] = {"A", "HLN", true},
    {"E", "XUPFH", false},
    {"RL", "XOTWU", false},
    {"RC", "XURC", false},
    {"CR", "XLMH", false},
    {"IR", "XLMH", false},
    {"AR", "XLMH", false},
    {"MAV", "XNALP", false},
    {"MAC", "XLH", false},
    {"MPR", "XNLH", false},
    {"MUI", "XNR", false},
    {"MS", "XUC", false},
    {"MC", "XNLH", false},
    {"MI", "XNLH", false},
    {"MA", "XNLH", false},
};

/* The weight that stands at the value's place in the metric's letters. */
static double weight(const struct cvss_vector *v, size_t metric, const double *weights)
{
        const char *at = strchr(metrics3[metric].values, v->value[metric]);

        return weights[at - metrics3[metric].values];
}

static uint32_t roundup_tenths(double score)
{
        uint64_t n = (uint64_t)(score * 100000.0 + 0.5);

        return (uint32_t)(n % 10000 == 0 ? n / 10000 : n / 10000 + 1);
}

bool cvss3_score(struct span metrics, uint32_t *ret_tenths, struct err *e)
{
        static const double av[] = {0.85, 0.62, 0.55, 0.2}, ac[] = {0.77, 0.44}, ui[] = {0.85, 0.62};
        static const double pr[] = {0.85, 0.62, 0.27}, pr_changed[] = {0.85, 0.68, 0.5}, cia[] = {0.56, 0.22, 0};
        struct cvss_vector v = {0};
        double iss, impact, exploitability, score;
        bool changed;

        if (!cvss_vector_parse(metrics, metrics3, ARRAY_LEN(metrics3), false, &v, e))
                return false;
        changed = v.value[M_S] == 'C';
        iss = 1 - (1 - weight(&v, M_C, cia)) * (1 - weight(&v, M_I, cia)) * (1 - weight(&v, M_A, cia));
        impact = 6.42 * iss;
        if (changed) {
                double power = 1;
                for (int i = 0; i < 15; i++)
                        power *= iss - 0.02;
                impact = 7.52 * (iss - 0.029) - 3.25 * power;
        }
        exploitability = 8.22 * weight(&v, M_AV, av) * weight(&v, M_AC, ac) * weight(&v, M_UI, ui) *
                         weight(&v, M_PR, changed ? pr_changed : pr);
        score = (impact + exploitability) * (changed ? 1.08 : 1);
        if (impact <= 0)
                score = 0;
        *ret_tenths = roundup_tenths(score > 10 ? 10 : score);
        return true;
}
