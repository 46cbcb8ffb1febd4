#include <math.h>
#include <stdint.h>
#include <stdlib.h>

static float fade(float t) { return t * t * t * (t * (t * 6.0f - 15.0f) + 10.0f); }
static float mix(float t, float a, float b) { return a + t * (b - a); }

static float gradient(int32_t hash, float x, float y, float z) {
    int32_t h = hash & 15;
    float u = h < 8 ? x : y;
    float v = h < 4 ? y : h == 12 || h == 14 ? x : z;
    return ((h & 1) == 0 ? u : -u) + ((h & 2) == 0 ? v : -v);
}

static float noise(float x, float y, float z, const int32_t *hashes) {
    float fx = floorf(x), fy = floorf(y), fz = floorf(z);
    int32_t ix = (int32_t)fx & 255, iy = (int32_t)fy & 255, iz = (int32_t)fz & 255;
    float rx = x - fx, ry = y - fy, rz = z - fz;
    float u = fade(rx), v = fade(ry), w = fade(rz);
    int32_t a = hashes[ix] + iy, aa = hashes[a] + iz, ab = hashes[a + 1] + iz;
    int32_t b = hashes[ix + 1] + iy, ba = hashes[b] + iz, bb = hashes[b + 1] + iz;
    float low = mix(v, mix(u, gradient(hashes[aa], rx, ry, rz), gradient(hashes[ba], rx - 1, ry, rz)),
                    mix(u, gradient(hashes[ab], rx, ry - 1, rz), gradient(hashes[bb], rx - 1, ry - 1, rz)));
    float high = mix(v, mix(u, gradient(hashes[aa + 1], rx, ry, rz - 1), gradient(hashes[ba + 1], rx - 1, ry, rz - 1)),
                     mix(u, gradient(hashes[ab + 1], rx, ry - 1, rz - 1), gradient(hashes[bb + 1], rx - 1, ry - 1, rz - 1)));
    return mix(w, low, high);
}

void turbulence(int64_t h, int64_t w, int32_t octaves, float dx, float dy, const int32_t *restrict hashes,
                float *restrict out) {
    for (int64_t j = 0; j < h; j++) {
        for (int64_t i = 0; i < w; i++) {
            float x = (float)i * dx, y = (float)j * dy, total = 0, scale = 1;
            for (int32_t k = 0; k < octaves; k++) {
                total += fabsf(noise(x * scale, y * scale, 0.6f * scale, hashes)) / scale;
                scale *= 2;
            }
            out[j * w + i] = total;
        }
    }
}
