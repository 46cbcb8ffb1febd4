#include <math.h>
#include <stdint.h>

#define FAR 1e17f

typedef struct Vec { float x, y, z; } Vec;
typedef struct Ray { Vec origin, along; } Ray;
typedef struct Hit { float t; Vec p, n; } Hit;

static Vec vec(float x, float y, float z) { return (Vec){x, y, z}; }
static float dot(Vec a, Vec b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
static Vec cross(Vec a, Vec b) {
    return vec(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x);
}
static Vec scaled(Vec a, float s) { return vec(a.x * s, a.y * s, a.z * s); }
static Vec sum(Vec a, Vec b) { return vec(a.x + b.x, a.y + b.y, a.z + b.z); }
static Vec difference(Vec a, Vec b) { return vec(a.x - b.x, a.y - b.y, a.z - b.z); }
static Vec normalized(Vec a) { return scaled(a, 1.0f / sqrtf(dot(a, a))); }

static void meet_sphere(const Ray *ray, Vec center, float radius, Hit *hit) {
    Vec from_center = difference(ray->origin, center);
    float b = dot(from_center, ray->along), c = dot(from_center, from_center) - radius * radius;
    float d = b * b - c;
    if (d > 0) {
        float t = -b - sqrtf(d);
        if (t > 0 && t < hit->t) {
            hit->t = t;
            hit->p = sum(ray->origin, scaled(ray->along, t));
            hit->n = normalized(difference(hit->p, center));
        }
    }
}

static void meet_plane(const Ray *ray, Vec p, Vec n, Hit *hit) {
    float v = dot(ray->along, n);
    if (fabsf(v) < 1e-17f) return;
    float t = dot(difference(p, ray->origin), n) / v;
    if (t > 0 && t < hit->t) {
        hit->t = t;
        hit->p = sum(ray->origin, scaled(ray->along, t));
        hit->n = n;
    }
}

static Hit trace(Ray ray) {
    Hit hit = {FAR, vec(0, 0, 0), vec(0, 1, 0)};
    meet_sphere(&ray, vec(-2, 0, -3.5f), 0.5f, &hit);
    meet_sphere(&ray, vec(-0.5f, 0, -3), 0.5f, &hit);
    meet_sphere(&ray, vec(1, 0, -2.2f), 0.5f, &hit);
    meet_plane(&ray, vec(0, -0.5f, 0), vec(0, 1, 0), &hit);
    return hit;
}

static float next_random(uint32_t *state) {
    uint32_t s = *state;
    s ^= s << 13;
    s ^= s >> 17;
    s ^= s << 5;
    *state = s;
    return (float)(int32_t)(s >> 8) * 5.9604645e-8f;
}

static float open_sky(const Hit *hit, int32_t rays, uint32_t *state) {
    Vec n = hit->n, start = sum(hit->p, scaled(n, 0.0001f));
    Vec side = fabsf(n.x) < 0.6f ? vec(1, 0, 0) : vec(0, 1, 0);
    Vec s = normalized(cross(side, n)), t = cross(n, s);
    float blocked = 0;
    for (int32_t k = 0; k < rays * rays; k++) {
        float radius = sqrtf(next_random(state));
        float phi = 6.2831853f * next_random(state);
        Vec a = scaled(s, cosf(phi) * radius), b = scaled(t, sinf(phi) * radius);
        Vec c = scaled(n, sqrtf(1 - radius * radius));
        Ray ray = {start, sum(sum(a, b), c)};
        if (trace(ray).t < FAR) blocked += 1;
    }
    float all = (float)(rays * rays);
    return (all - blocked) / all;
}

void occlusion(int64_t h, int64_t w, int32_t samples, int32_t rays, float *restrict out) {
    float half_w = (float)w * 0.5f, half_h = (float)h * 0.5f;
    for (int64_t j = 0; j < h; j++) {
        for (int64_t i = 0; i < w; i++) {
            uint32_t state = (uint32_t)(j * w + i) * 747796405u + 2891336453u;
            float light = 0;
            for (int32_t u = 0; u < samples; u++) {
                for (int32_t v = 0; v < samples; v++) {
                    float x = ((float)i + (float)u / (float)samples - half_w) / half_w;
                    float y = -((float)j + (float)v / (float)samples - half_h) / half_h;
                    Ray ray = {vec(0, 0, 0), normalized(vec(x, y, -1))};
                    Hit hit = trace(ray);
                    if (hit.t < FAR) light += open_sky(&hit, rays, &state);
                }
            }
            out[j * w + i] = light / (float)(samples * samples);
        }
    }
}
