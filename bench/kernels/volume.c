#include <math.h>
#include <stdint.h>

#define STEP 0.03f
#define SWALLOWED 10.0f
#define SCATTERED 4.0f
#define LAMP 40.0f
#define NOTHING_LEFT 0.005f

typedef struct Vec { float x, y, z; } Vec;
typedef struct Span { float near, far; } Span;
typedef struct Grid { int64_t nz, ny, nx; const float *values; } Grid;

static float smaller(float a, float b) { return a < b ? a : b; }
static float larger(float a, float b) { return a > b ? a : b; }
static float dot(Vec a, Vec b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
static Vec at(Vec origin, Vec along, float t) {
    return (Vec){origin.x + along.x * t, origin.y + along.y * t, origin.z + along.z * t};
}

static Span cut(Span span, float origin, float along) {
    float a = -origin / along, b = (1.0f - origin) / along;
    return (Span){larger(span.near, smaller(a, b)), smaller(span.far, larger(a, b))};
}

static Span in_cube(Vec origin, Vec along, float far) {
    Span x = cut((Span){0, far}, origin.x, along.x), y = cut(x, origin.y, along.y);
    return cut(y, origin.z, along.z);
}

static float mix(float t, float a, float b) { return a + t * (b - a); }

static int64_t clamped(float x, int64_t size) {
    int64_t cell = (int64_t)x;
    cell = cell < size - 2 ? cell : size - 2;
    return cell > 0 ? cell : 0;
}

static float density(Vec p, const Grid *grid) {
    float gx = p.x * (float)(grid->nx - 1), gy = p.y * (float)(grid->ny - 1), gz = p.z * (float)(grid->nz - 1);
    int64_t x = clamped(gx, grid->nx), y = clamped(gy, grid->ny), z = clamped(gz, grid->nz);
    float dx = gx - (float)x, dy = gy - (float)y, dz = gz - (float)z;
    int64_t row = grid->nx, layer = grid->ny * grid->nx;
    const float *cell = grid->values + z * layer + y * row + x;
    float d00 = mix(dx, cell[0], cell[1]), d10 = mix(dx, cell[row], cell[row + 1]);
    float d01 = mix(dx, cell[layer], cell[layer + 1]), d11 = mix(dx, cell[layer + row], cell[layer + row + 1]);
    return mix(dz, mix(dy, d00, d10), mix(dy, d01, d11));
}

static float lit(Vec p, Vec lamp, const Grid *grid) {
    Vec way = {lamp.x - p.x, lamp.y - p.y, lamp.z - p.z};
    float squared = dot(way, way), scale = 1.0f / sqrtf(squared);
    Vec along = {way.x * scale, way.y * scale, way.z * scale};
    Span span = in_cube(p, along, sqrtf(squared));
    float depth = 0;
    for (float t = span.near + STEP; t < span.far; t += STEP * 2.0f) depth += density(at(p, along, t), grid);
    return LAMP / squared * expf(-depth * (SWALLOWED + SCATTERED) * STEP * 2.0f);
}

static float march(Vec origin, Vec along, const Grid *grid) {
    Span span = in_cube(origin, along, 1e30f);
    float light = 0, left = 1;
    for (float t = span.near; t < span.far; t += STEP) {
        Vec p = at(origin, along, t);
        float here = density(p, grid);
        if (here > 0) {
            left *= expf(-here * (SWALLOWED + SCATTERED) * STEP);
            if (left < NOTHING_LEFT) break;
            light += left * here * SCATTERED * STEP * lit(p, (Vec){-1, 2, -1.5f}, grid);
        }
    }
    return light;
}

void volume(int64_t nz, int64_t ny, int64_t nx, int64_t h, int64_t w, const float *restrict values,
            float *restrict out) {
    Grid grid = {nz, ny, nx, values};
    for (int64_t j = 0; j < h; j++) {
        for (int64_t i = 0; i < w; i++) {
            float x = 1.6f * ((float)i + 0.5f) / (float)w - 0.8f, y = 1.6f * ((float)j + 0.5f) / (float)h - 0.8f;
            float scale = 1.0f / sqrtf(x * x + y * y + 1.0f);
            Vec along = {(0.6f + x * 0.8f) * scale, y * scale, (0.8f - x * 0.6f) * scale};
            out[j * w + i] = march((Vec){-0.4f, 0.5f, -0.7f}, along, &grid);
        }
    }
}
