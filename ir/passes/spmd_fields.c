/* Fields of structs of two or four, `ps[i].x`: each is brought out of whole structs by shuffles that the other fields share
 * (cse finds that).
 *
 * Where shuffles cross the halves of registers slowly (AVX2), each half is loaded with the structs of its own lanes, 16 bytes
 * at a time. Of two fields, each is every second element of two vectors then; with four, what is left is to transpose 4 by 4
 * quarters, in both halves at once. Elsewhere two fields of four at a time come out of each pair of vectors, side by side,
 * and one of them out of both pairs. */
#include "ir/passes/spmd.h"

enum { TWO = 2, FOUR = 4, CHUNK_BYTES = 16 };

typedef struct Fields {
    Widen *w;
    Value *view, *first, **indices;
    uint32_t count;
    uint32_t each, at;
    uint32_t lanes; /* of a register */
    uint32_t chunk; /* elements of 16 bytes */
} Fields;

static Value *loaded(const Fields *f, uint32_t from, uint32_t lanes) {
    Builder *b = &f->w->b;
    f->indices[f->count - 1] = from == 0 ? f->first : build_binary(b, OP_ADD, f->first, build_i64(b, from));
    return build_vload(b, f->view, f->indices, lanes, NULL);
}

/* ---- By halves of registers ------------------------------------------------------------------- */

/* Chunks number `k` of both halves, which have as many as a struct has fields. */
static Value *chunks(const Fields *f, uint32_t from, uint32_t k) {
    Value *low = loaded(f, from + k * f->chunk, f->chunk);
    if (f->lanes == f->chunk) return low;
    return lanes_joined(&f->w->b, low, loaded(f, from + (f->each + k) * f->chunk, f->chunk));
}

/* The elements of each field of four side by side. */
static Value *chunks_of_four(const Fields *f, uint32_t from, uint32_t k) {
    uint32_t half = f->chunk, quarter = half / FOUR;
    Value *both = chunks(f, from, k);
    uint16_t pick[MAX_LANES];
    if (quarter < 2) return both;
    for (uint32_t i = 0; i < f->lanes; i++)
        pick[i] = (uint16_t)(i / half * half + i % quarter * FOUR + i % half / quarter);
    return build_shuffle(&f->w->b, both, both, pick, f->lanes);
}

/* In each half, parts (of `size` elements) `first` and the one behind it: of a and of b by turns, or (`whole`) both of
 * a, then both of b. */
static Value *parts(const Fields *f, Value *a, Value *b, uint32_t first, uint32_t size, bool whole) {
    uint16_t pick[MAX_LANES];
    for (uint32_t i = 0; i < f->lanes; i++) {
        uint32_t part = i % f->chunk / size, of_b = whole ? part / 2 : part % 2;
        uint32_t number = first + (whole ? part % 2 : part / 2);
        pick[i] = (uint16_t)(of_b * f->lanes + i / f->chunk * f->chunk + number * size + i % size);
    }
    return build_shuffle(&f->w->b, a, b, pick, f->lanes);
}

/* Of numbers of 8 bytes a chunk holds half a struct: the field is in every second one. */
static Value *register_of_four(const Fields *f, uint32_t from) {
    uint32_t at = f->at, quarter = f->chunk / FOUR;
    if (quarter == 0) return parts(f, chunks(f, from, at / 2), chunks(f, from, at / 2 + 2), at % 2, 1, false);
    Value *whole[FOUR];
    for (uint32_t k = 0; k < FOUR; k++) whole[k] = chunks_of_four(f, from, k);
    Value *low = parts(f, whole[0], whole[1], at / 2 * 2, quarter, false);
    Value *high = parts(f, whole[2], whole[3], at / 2 * 2, quarter, false);
    return parts(f, low, high, at % 2 * 2, quarter, true);
}

/* Chunks of two fields are so few that they are put together from whole registers: loads are what such loops do most. */
static Value *chunks_of_two(const Fields *f, uint32_t from, uint32_t k) {
    uint16_t pick[MAX_LANES];
    if (f->lanes == f->chunk) return chunks(f, from, k);
    for (uint32_t i = 0; i < f->lanes; i++)
        pick[i] = (uint16_t)(i / f->chunk * f->lanes + k * f->chunk + i % f->chunk);
    return build_shuffle(&f->w->b, loaded(f, from, f->lanes), loaded(f, from + f->lanes, f->lanes), pick, f->lanes);
}

static Value *register_of_two(const Fields *f, uint32_t from) {
    uint32_t half = f->chunk;
    uint16_t pick[MAX_LANES];
    for (uint32_t i = 0; i < f->lanes; i++) {
        uint32_t number = i % half * TWO;
        pick[i] = (uint16_t)(number / half * f->lanes + i / half * half + number % half + f->at);
    }
    return build_shuffle(&f->w->b, chunks_of_two(f, from, 0), chunks_of_two(f, from, 1), pick, f->lanes);
}

static Value *lanes_of_chunks(const Fields *f, uint32_t from, uint32_t lanes) {
    if (lanes == f->lanes) return f->each == TWO ? register_of_two(f, from) : register_of_four(f, from);
    Value *low = lanes_of_chunks(f, from, lanes / 2);
    return lanes_joined(&f->w->b, low, lanes_of_chunks(f, from + lanes / 2 * f->each, lanes / 2));
}

/* ---- By pairs of vectors ---------------------------------------------------------------------- */

static Value *lanes_of_pairs(const Fields *f) {
    uint32_t lanes = f->w->lanes, half = lanes / 2, at = f->at;
    uint16_t both[MAX_LANES], one[MAX_LANES];
    Value *whole[FOUR];
    for (uint32_t k = 0; k < FOUR; k++) whole[k] = loaded(f, k * lanes, lanes);
    for (uint32_t i = 0; i < lanes; i++) {
        both[i] = (uint16_t)(i % half * FOUR + at / 2 * 2 + i / half);
        one[i] = (uint16_t)(i / half * lanes + at % 2 * half + i % half);
    }
    Value *low = build_shuffle(&f->w->b, whole[0], whole[1], both, lanes);
    Value *high = build_shuffle(&f->w->b, whole[2], whole[3], both, lanes);
    return build_shuffle(&f->w->b, low, high, one, lanes);
}

Value *field_of_few(Widen *w, Value *view, Value **indices, uint32_t count, uint32_t each, uint32_t at) {
    const IrOptions *options = w->s->pass->options;
    Fields f = {.w = w, .view = view, .first = indices[count - 1], .indices = indices, .count = count, .each = each, .at = at};
    f.lanes = register_lanes(w, view->type->elem);
    f.chunk = CHUNK_BYTES / view->type->elem->size;
    bool by_halves = options->has_word_masks && !options->has_masks && f.lanes >= f.chunk;
    if (w->mask != NULL || (each != TWO && each != FOUR)) return NULL;
    if (by_halves) return lanes_of_chunks(&f, 0, w->lanes);
    return each == FOUR && w->lanes >= FOUR ? lanes_of_pairs(&f) : NULL;
}
