#include <math.h>
#include <stdint.h>

typedef struct Vec { float x, y, z; } Vec;
typedef struct Hit { float t; Vec p, n; } Hit;

static float dot(Vec a, Vec b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
static Vec cross(Vec a, Vec b) {
    return (Vec){a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
}
static Vec scaled(Vec a, float s) { return (Vec){a.x * s, a.y * s, a.z * s}; }
static Vec sum(Vec a, Vec b) { return (Vec){a.x + b.x, a.y + b.y, a.z + b.z}; }
static Vec normalized(Vec a) { return scaled(a, 1.0f / sqrtf(dot(a, a))); }

static Hit sphere(Vec from, Vec along, Vec center, float radius, Hit best) {
    Vec rs = sum(from, scaled(center, -1.0f));
    float b = dot(rs, along), c = dot(rs, rs) - radius * radius, d = b * b - c;
    if (d > 0) {
        float t = -b - sqrtf(d);
        if (t > 0 && t < best.t) {
            Vec p = sum(from, scaled(along, t));
            return (Hit){t, p, normalized(sum(p, scaled(center, -1.0f)))};
        }
    }
    return best;
}

static Hit plane(Vec from, Vec along, Hit best) {
    if (fabsf(along.y) < 1e-17f) return best;
    float t = -(from.y + 0.5f) / along.y;
    if (t > 0 && t < best.t) return (Hit){t, sum(from, scaled(along, t)), {0, 1, 0}};
    return best;
}

static Hit trace(Vec from, Vec along) {
    Hit hit = {1e17f, {0, 0, 0}, {0, 1, 0}};
    hit = sphere(from, along, (Vec){-2, 0, -3.5f}, 0.5f, hit);
    hit = sphere(from, along, (Vec){-0.5f, 0, -3}, 0.5f, hit);
    hit = sphere(from, along, (Vec){1, 0, -2.2f}, 0.5f, hit);
    return plane(from, along, hit);
}

static uint32_t next_random(uint32_t s) {
    s ^= s << 13;
    s ^= s >> 17;
    return s ^ (s << 5);
}
static float unit(uint32_t s) { return (float)(int32_t)(s >> 8) * 5.9604645e-8f; }

static float sky(Hit hit, uint32_t state, int32_t samples) {
    Vec n = hit.n, start = sum(hit.p, scaled(n, 0.0001f));
    Vec side = fabsf(n.x) < 0.6f ? (Vec){1, 0, 0} : (Vec){0, 1, 0};
    Vec s = normalized(cross(side, n)), t = cross(n, s);
    float blocked = 0;
    for (int32_t k = 0; k < samples * samples; k++) {
        state = next_random(state);
        float theta = sqrtf(unit(state));
        state = next_random(state);
        float phi = 6.2831853f * unit(state);
        float a = cosf(phi) * theta, b = sinf(phi) * theta, c = sqrtf(1 - theta * theta);
        Vec along = sum(sum(scaled(s, a), scaled(t, b)), scaled(n, c));
        if (trace(start, along).t < 1e16f) blocked += 1;
    }
    float all = (float)(samples * samples);
    return (all - blocked) / all;
}

void occlusion(int64_t h, int64_t w, int32_t samples, float *restrict out) {
    for (int64_t j = 0; j < h; j++) {
        for (int64_t i = 0; i < w; i++) {
            float x = ((float)i - (float)w * 0.5f) / ((float)w * 0.5f);
            float y = -((float)j - (float)h * 0.5f) / ((float)h * 0.5f);
            Hit hit = trace((Vec){0, 0, 0}, normalized((Vec){x, y, -1}));
            uint32_t state = (uint32_t)(j * w + i) * 747796405u + 2891336453u;
            out[j * w + i] = hit.t < 1e16f ? sky(hit, state, samples) : 0.0f;
        }
    }
}
