#include <math.h>
#include <stdint.h>

#define STEPS 64

static float normal(float x) {
    float l = fabsf(x), k = 1.0f / (1.0f + 0.2316419f * l);
    float poly = k * (0.31938153f + k * (-0.356563782f + k * (1.781477937f + k * (-1.821255978f + k * 1.330274429f))));
    float tail = 0.39894228040f * expf(-l * l * 0.5f) * poly;
    return x > 0 ? 1.0f - tail : tail;
}

static float call_price(float s, float x, float t, float r, float v) {
    float d1 = (logf(s / x) + (r + v * v * 0.5f) * t) / (v * sqrtf(t));
    float d2 = d1 - v * sqrtf(t);
    return s * normal(d1) - x * expf(-r * t) * normal(d2);
}

static float put_price(float s, float x, float t, float r, float v) {
    float u = expf(v * sqrtf(t / (float)STEPS)), d = 1.0f / u;
    float up = (expf(r * t / (float)STEPS) - d) / (u - d);
    float discount = expf(-r * t / (float)STEPS);
    float value[STEPS];
    for (int64_t j = 0; j < STEPS; j++) {
        float gain = x - s * powf(u, (float)(2 * j - STEPS));
        value[j] = gain > 0 ? gain : 0;
    }
    for (int64_t step = 0; step < STEPS - 1; step++) {
        for (int64_t k = 0; k < STEPS - 1 - step; k++) {
            value[k] = ((1.0f - up) * value[k] + up * value[k + 1]) * discount;
        }
    }
    return value[0];
}

void black_scholes(int64_t n, const float *restrict s, const float *restrict x, const float *restrict t,
                   const float *restrict r, const float *restrict v, float *restrict price) {
    for (int64_t i = 0; i < n; i++) price[i] = call_price(s[i], x[i], t[i], r[i], v[i]);
}

void binomial(int64_t n, const float *restrict s, const float *restrict x, const float *restrict t,
              const float *restrict r, const float *restrict v, float *restrict price) {
    for (int64_t i = 0; i < n; i++) price[i] = put_price(s[i], x[i], t[i], r[i], v[i]);
}
