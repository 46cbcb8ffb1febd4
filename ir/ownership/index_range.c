#include "ir/ownership/index_range.h"

#include <string.h>

enum { LOOK_THROUGH = 12, STEP_LIMIT = 1 << 20 };

/* ---- Numbers --------------------------------------------------------------------------------- */

IndexValues index_values(Arena *arena, const IrFn *fn) {
    return (IndexValues){arena, arena_array(arena, const Value *, fn->next_value)};
}

static Poly poly_symbol(IndexValues *in, const Value *value) {
    in->values[value->id] = value;
    return poly_var(value->id + 1);
}

static Poly poly_look(IndexValues *in, const Value *value, uint32_t depth) {
    int64_t number;
    if (value_is_int(value, &number)) return poly_const(number);
    const Op *op = value->def;
    if (op == NULL || depth == 0 || !ir_is_int(value->type)) return poly_symbol(in, value);
    Poly a, b, result;
    switch ((int)op->kind) {
    case OP_ADD:
    case OP_SUB:
    case OP_MUL:
        a = poly_look(in, op->operands[0], depth - 1);
        b = poly_look(in, op->operands[1], depth - 1);
        result = op->kind == OP_ADD   ? poly_add(&a, &b)
                 : op->kind == OP_SUB ? poly_sub(&a, &b)
                                      : poly_mul(&a, &b);
        break;
    case OP_NEG:
        a = poly_look(in, op->operands[0], depth - 1);
        result = poly_negate(&a);
        break;
    case OP_CAST: /* narrow arithmetic wraps on its own: the narrow value is a name, not looked into
                   */
        if (!ir_is_int(op->operands[0]->type) || op->operands[0]->type->size > value->type->size) {
            return poly_symbol(in, value);
        }
        return poly_symbol(in, op->operands[0]);
    default: return poly_symbol(in, value);
    }
    return result.lost ? poly_symbol(in, value) : result;
}

Poly index_poly(IndexValues *in, const Value *value) {
    return poly_look(in, value, LOOK_THROUGH);
}

/* Sizes, and indices of loops from 0 up. */
static bool is_natural(const void *user, uint32_t var) {
    const IndexValues *in = user;
    const Value *value = in->values[var - 1];
    int64_t lo, step;
    if (value->region == NULL) return value->def != NULL && value->def->kind == OP_DIM;
    const Op *op = value->region->parent;
    if (op == NULL) return false;
    if (op_is_space(op)) return true;
    return op->kind == OP_FOR && value_is_int(op->operands[0], &lo) && lo >= 0 &&
           value_is_int(op->operands[2], &step) && step > 0;
}

static bool region_holds(const Region *outer, const Region *inner) {
    while (inner != NULL && inner != outer) {
        inner = inner->parent != NULL ? inner->parent->parent : NULL;
    }
    return inner == outer;
}

static bool poly_depends_on(const IndexValues *in, const IndexPoly *p, const Region *region) {
    for (uint32_t i = 0; p != NULL && i < p->count; i++) {
        for (uint32_t k = 0; k < POLY_DEGREE && p->terms[i].vars[k] != NO_POLY_VAR; k++) {
            const Value *value = in->values[p->terms[i].vars[k] - 1];
            const Region *home = value->def != NULL ? value->def->parent : value->region;
            if (home != NULL && region_holds(region, home)) return true;
        }
    }
    return false;
}

static const IndexPoly *poly_keep(IndexValues *in, const Poly *p) {
    if (p->lost) return NULL;
    size_t size = p->count * sizeof(PolyTerm);
    IndexPoly *kept = arena_alloc(in->arena, sizeof(IndexPoly) + size);
    kept->count = p->count;
    if (size > 0) memcpy(kept->terms, p->terms, size);
    return kept;
}

static Poly poly_back(const IndexPoly *kept) {
    Poly p = {.lost = kept == NULL};
    if (kept == NULL) return p;
    p.count = kept->count;
    if (kept->count > 0) memcpy(p.terms, kept->terms, kept->count * sizeof(PolyTerm));
    return p;
}

/* ---- Frames ---------------------------------------------------------------------------------- */

static size_t frame_size(uint32_t rank) { return sizeof(Frame) + rank * sizeof(FrameDim); }

const Frame *frame_whole(IndexValues *in, uint32_t rank) {
    Frame *frame = arena_alloc(in->arena, frame_size(rank));
    frame->rank = frame->view_rank = rank;
    Poly zero = poly_const(0);
    const IndexPoly *start = poly_keep(in, &zero);
    for (uint32_t i = 0; i < rank; i++) frame->dims[i] = (FrameDim){start, NULL, i, 1};
    return frame;
}

/* start + step * at; lost where the window's own start is unknown. */
static Poly position(const Frame *frame, uint32_t dim, const Poly *at) {
    Poly start = poly_back(frame->dims[frame->dims[dim].view_dim].start);
    Poly step = poly_const(frame->dims[dim].view_step);
    Poly offset = poly_mul(at, &step);
    return poly_add(&start, &offset);
}

static void set_range(IndexValues *in, FrameDim *dim, const Poly *start, const Poly *end) {
    dim->start = poly_keep(in, start);
    dim->end = poly_keep(in, end);
}

static void pick_element(IndexValues *in, Frame *frame, Value *const *indices, uint32_t count) {
    Poly lost = {.lost = true};
    for (uint32_t i = 0; i < count && i < frame->view_rank; i++) {
        Poly index = index_poly(in, indices[i]);
        Poly start = frame->dims[i].view_step != 0 ? position(frame, i, &index) : lost;
        Poly end = poly_plus(&start, 1);
        set_range(in, &frame->dims[frame->dims[i].view_dim], &start, &end);
    }
    frame->view_rank = 0;
}

/* A step other than 1 leaves gaps; the range then is from the first to the last element. */
static void pick_dim(IndexValues *in, Frame *frame, uint32_t i, Value *const *triple) {
    int64_t step, old = frame->dims[i].view_step;
    FrameDim *dim = &frame->dims[frame->dims[i].view_dim];
    if (!value_is_int(triple[2], &step) || step <= 0 || step > STEP_LIMIT || old == 0 ||
        old > STEP_LIMIT) {
        dim->start = dim->end = NULL;
        frame->dims[i].view_step = 0;
        return;
    }
    Poly offset = index_poly(in, triple[0]), length = index_poly(in, triple[1]);
    Poly start = position(frame, i, &offset);
    frame->dims[i].view_step = old * step;
    Poly stride = poly_const(old * step), last = poly_plus(&length, -1);
    Poly reach = poly_mul(&last, &stride), end = poly_add(&start, &reach);
    end = poly_plus(&end, 1);
    set_range(in, dim, &start, &end);
}

static void pick_slice(IndexValues *in, Frame *frame, const Op *op) {
    uint32_t kept = 0, rank = frame->view_rank;
    for (uint32_t i = 0; i < rank && 1 + 3 * i + 2 < op->operand_count; i++) {
        pick_dim(in, frame, i, op->operands + 1 + 3 * i);
        if (op->attr.mask >> i & 1) continue;
        frame->dims[kept].view_dim = frame->dims[i].view_dim;
        frame->dims[kept++].view_step = frame->dims[i].view_step;
    }
    frame->view_rank = kept;
}

const Frame *frame_narrow(IndexValues *in, const Frame *frame, const Op *op) {
    if (frame == NULL) return NULL;
    Frame *narrow = arena_copy(in->arena, frame, frame_size(frame->rank));
    switch ((int)op->kind) {
    case OP_SLICE: pick_slice(in, narrow, op); return narrow;
    case OP_ITEM:
    case OP_LOAD:
        pick_element(in, narrow, op->operands + 1, op->operand_count - 1);
        return narrow;
    case OP_STORE:
        pick_element(in, narrow, op->operands + 2, op->operand_count - 2);
        return narrow;
    case OP_FIELD:
        if (narrow->field_count < FRAME_FIELDS) {
            narrow->fields[narrow->field_count++] = op->attr.index;
        }
        return narrow;
    default: return frame;
    }
}

const Frame *frame_blur(IndexValues *in, const Frame *frame) {
    if (frame == NULL) return NULL;
    Frame *blurred = arena_copy(in->arena, frame, frame_size(frame->rank));
    for (uint32_t i = 0; i < frame->rank; i++) blurred->dims[i].view_step = 0;
    return blurred;
}

static bool not_before(const IndexValues *in, const IndexPoly *later, const IndexPoly *earlier) {
    if (later == NULL || earlier == NULL) return false;
    Poly a = poly_back(later), b = poly_back(earlier), distance = poly_sub(&a, &b);
    return poly_is_never_negative(&distance, is_natural, in);
}

bool frames_disjoint(IndexValues *in, const Frame *a, const Frame *b) {
    if (a == NULL || b == NULL || a->rank != b->rank) return false;
    for (uint32_t i = 0; i < a->field_count && i < b->field_count; i++) {
        if (a->fields[i] != b->fields[i]) return true;
    }
    for (uint32_t i = 0; i < a->rank; i++) {
        if (not_before(in, a->dims[i].start, b->dims[i].end) ||
            not_before(in, b->dims[i].start, a->dims[i].end)) {
            return true;
        }
    }
    return false;
}

static bool same_number(const IndexPoly *a, const IndexPoly *b) {
    Poly x = poly_back(a), y = poly_back(b);
    return a == b || (a != NULL && b != NULL && poly_equal(&x, &y));
}

bool frames_same(const Frame *a, const Frame *b) {
    if (a == NULL || b == NULL || a->rank != b->rank || a->field_count != b->field_count) {
        return false;
    }
    for (uint32_t i = 0; i < a->field_count; i++) {
        if (a->fields[i] != b->fields[i]) return false;
    }
    for (uint32_t i = 0; i < a->rank; i++) {
        if (!same_number(a->dims[i].start, b->dims[i].start)) return false;
        if (!same_number(a->dims[i].end, b->dims[i].end)) return false;
    }
    return true;
}

bool frame_depends_on(IndexValues *in, const Frame *frame, const Region *region) {
    for (uint32_t i = 0; frame != NULL && i < frame->rank; i++) {
        if (poly_depends_on(in, frame->dims[i].start, region)) return true;
        if (poly_depends_on(in, frame->dims[i].end, region)) return true;
    }
    return false;
}
