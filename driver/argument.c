#include "driver/argument.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver/npy.h"
#include "support/file.h"
#include "support/floats.h"

/* ---- Shapes: 1000, 3x4 ------------------------------------------------------------------------- */

static bool parse_shape(Arena *arena, const char *text, uint32_t rank, int64_t *shape,
                        const char **reason) {
    uint32_t count = 0;
    const char *at = text;
    for (;;) {
        char *end;
        long long size = strtoll(at, &end, 10);
        if (end == at || size < 0 || count == VALUE_MAX_RANK) break;
        shape[count++] = size;
        at = end;
        if (*at != 'x') break;
        at++;
    }
    if (*at == '\0' && count == rank) return true;
    *reason = *at ? arena_printf(arena, "`%s` is no shape; write 1000 or 3x4", text)
                  : arena_printf(arena, "shape `%s` has %u dimensions; %u are needed", text, count, rank);
    return false;
}

/* ---- Generators -------------------------------------------------------------------------------- */

typedef enum Generator { GEN_ZEROS, GEN_ONES, GEN_IOTA, GEN_RANDOM, GEN_COUNT } Generator;
static const char *const generator_names[GEN_COUNT] = {"zeros:", "ones:", "iota:", "random:"};

/* splitmix64: Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014. */
static uint64_t random_next(uint64_t *state) {
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static void store_number(Scalar scalar, double value, void *at) {
    uint64_t bits = (uint64_t)(int64_t)value;
    if (scalar == SCALAR_F16) bits = f16_from_f64(value);
    if (scalar == SCALAR_BF16) bits = bf16_from_f64(value);
    if (scalar == SCALAR_F32) bits = bits_of_f32((float)value);
    if (scalar == SCALAR_F64) bits = bits_of_f64(value);
    if (scalar == SCALAR_BOOL) bits = value != 0;
    memcpy(at, &bits, scalar_bytes(scalar));
}

static double generate(Generator generator, Scalar scalar, int64_t i, uint64_t *seed) {
    switch (generator) {
    case GEN_ZEROS: return 0;
    case GEN_ONES: return 1;
    case GEN_IOTA: return (double)i;
    case GEN_RANDOM: {
        uint64_t bits = random_next(seed);
        if (scalar == SCALAR_BOOL) return (double)(bits & 1);
        return scalar_is_float(scalar) ? (double)(bits >> 40) * 0x1p-24 : (double)(bits % 100);
    }
    case GEN_COUNT: break;
    }
    UNREACHABLE();
}

static bool read_generator(Arena *arena, const char *text, Generator generator, const IrType *elem,
                           uint32_t rank, uint64_t *seed, Datum *out, const char **reason) {
    int64_t shape[VALUE_MAX_RANK];
    if (rank == 0 || elem->kind != IR_SCALAR) {
        *reason = "only arrays of numbers can be generated";
        return false;
    }
    if (!parse_shape(arena, text + strlen(generator_names[generator]), rank, shape, reason))
        return false;
    if (!datum_alloc(out, elem, rank, shape)) {
        *reason = "it does not fit memory";
        return false;
    }
    int64_t count = datum_count(out);
    for (int64_t i = 0; i < count; i++)
        store_number(elem->scalar, generate(generator, elem->scalar, i, seed),
                     (char *)out->data + (size_t)i * elem->size);
    return true;
}

/* ---- Files ------------------------------------------------------------------------------------- */

static bool ends_with(const char *text, const char *end) {
    size_t length = strlen(text), tail = strlen(end);
    return length >= tail && strcmp(text + length - tail, end) == 0;
}

static bool read_raw(Arena *arena, const char *text, const IrType *elem, uint32_t rank, Datum *out,
                     const char **reason) {
    const char *colon = strrchr(text, ':');
    const char *path = colon ? arena_strndup(arena, text, (size_t)(colon - text)) : text;
    StrBuf file = {0};
    int64_t shape[VALUE_MAX_RANK] = {0};
    bool ok = (!colon || parse_shape(arena, colon + 1, rank, shape, reason)) &&
              file_read(path, &file, reason);
    if (ok && !colon) {
        shape[0] = (int64_t)(file.len / elem->size);
        ok = rank == 1;
        if (!ok) *reason = "raw elements of several dimensions need a shape: @file:480x640";
    }
    if (ok && !datum_alloc(out, elem, rank, shape)) {
        *reason = "it does not fit memory";
        ok = false;
    }
    if (ok && (size_t)datum_count(out) * elem->size != file.len) {
        *reason = arena_printf(arena, "the file has %zu bytes; %lld elements of %u bytes are needed",
                               file.len, (long long)datum_count(out), elem->size);
        datum_free(out);
        ok = false;
    }
    if (ok && file.len > 0) memcpy(out->data, file.data, file.len);
    strbuf_free(&file);
    return ok;
}

static bool read_file_argument(Arena *arena, const char *text, const IrType *elem, uint32_t rank,
                               Datum *out, const char **reason) {
    if (rank == 0) {
        *reason = "a file holds an array; a single value is needed";
        return false;
    }
    bool ok = ends_with(text, ".npy") ? npy_read(arena, text, elem, rank, out, reason)
                                      : read_raw(arena, text, elem, rank, out, reason);
    if (!ok) *reason = arena_printf(arena, "`%s`: %s", text, *reason);
    return ok;
}

bool argument_read(Arena *arena, const char *text, const IrType *elem, uint32_t rank,
                   uint64_t *seed, Datum *out, const char **reason) {
    if (*text == '@') return read_file_argument(arena, text + 1, elem, rank, out, reason);
    for (int g = 0; g < GEN_COUNT; g++)
        if (strncmp(text, generator_names[g], strlen(generator_names[g])) == 0)
            return read_generator(arena, text, (Generator)g, elem, rank, seed, out, reason);
    const char *at = text;
    ValueTree *tree = value_parse(arena, &at, reason);
    if (tree && *at) {
        *reason = arena_printf(arena, "`%s` after the value", at);
        tree = NULL;
    }
    return tree && datum_from_tree(arena, tree, elem, rank, out, reason);
}
