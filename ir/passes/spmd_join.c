/* Several vectors folded at once, into one number each.
 *
 * Each fold alone goes from all lanes to half of them, and so on: at the end, registers are nearly empty. Of two vectors
 * the halves fill one register, and one operation is a step for both:
 *
 *     a0 a1 a2 a3        a0 a1 b0 b1
 *                   ->        op        ->   a b
 *     b0 b1 b2 b3        a2 a3 b2 b3
 *
 * Lanes are combined as FOLD does, so that sums have the same bits. In blocks of 128 bits or less two halves that go
 * into one register come from the same 128 bits of theirs, for which processors have instructions. */
#include "ir/passes/spmd.h"

enum { BLOCK_BITS = 128 };

/* A vector of several numbers, each in lanes of its own. */
typedef struct Joined {
    Value *vector;
    uint32_t count;
    uint32_t starts[MOST_JOINED]; /* the first lane of each number */
} Joined;

typedef struct Join {
    const FoldStep *step;
    Builder *b;
    uint32_t each;  /* lanes of each number */
    uint32_t block; /* lanes of 128 bits */
} Join;

/* Which lanes of two vectors stand side by side, and the numbers that these are of. */
typedef struct Layout {
    uint16_t low[MAX_LANES], high[MAX_LANES];
    uint32_t lanes;
} Layout;

static Value *laid_out(const Join *j, const Layout *layout, Value *a, Value *b) {
    Value *low = build_shuffle(j->b, a, b, layout->low, layout->lanes);
    Value *high = build_shuffle(j->b, a, b, layout->high, layout->lanes);
    return j->step->combine(j->step->user, j->b, low, high);
}

static void half_place(Layout *layout, uint32_t from, uint32_t half) {
    for (uint32_t i = 0; i < half; i++, layout->lanes++) {
        layout->low[layout->lanes] = (uint16_t)(from + i);
        layout->high[layout->lanes] = (uint16_t)(from + half + i);
    }
}

/* The halves of the numbers that begin in some lanes of `from`; its lanes count from `base` on. */
static void halves_place(const Join *j, const Joined *from, uint32_t base, uint32_t begin, uint32_t end, Layout *layout,
                         uint32_t *starts) {
    for (uint32_t i = 0; i < from->count; i++) {
        uint32_t start = from->starts[i];
        if (start < begin || start >= end) continue;
        starts[i] = layout->lanes;
        half_place(layout, base + start, j->each / 2);
    }
}

/* Two vectors of as many numbers are one of all of them. */
static Joined pair_joined(const Join *j, const Joined *a, const Joined *b) {
    Layout layout = {.lanes = 0};
    Joined both = {.count = a->count + b->count};
    uint32_t width = a->vector->type->lanes, window = j->each > j->block ? width : j->block;
    for (uint32_t at = 0; at < width; at += window) {
        halves_place(j, a, 0, at, at + window, &layout, both.starts);
        halves_place(j, b, width, at, at + window, &layout, both.starts + a->count);
    }
    both.vector = laid_out(j, &layout, a->vector, b->vector);
    return both;
}

/* Numbers of more than a block move together into half of the lanes. */
static void numbers_narrow(const Join *j, Joined *all) {
    Layout layout = {.lanes = 0};
    for (uint32_t i = 0; i < all->count; i++) {
        uint32_t start = all->starts[i];
        all->starts[i] = layout.lanes;
        half_place(&layout, start, j->each / 2);
    }
    all->vector = laid_out(j, &layout, all->vector, all->vector);
}

/* Within blocks the other half comes beside the one; lanes that nobody asks for are combined as well. */
static void halves_meet(const Join *j, Joined *all) {
    uint16_t lanes[MAX_LANES];
    uint32_t width = all->vector->type->lanes;
    for (uint32_t i = 0; i < width; i++) lanes[i] = (uint16_t)(i ^ (j->each / 2));
    Value *other = build_shuffle(j->b, all->vector, all->vector, lanes, width);
    all->vector = j->step->combine(j->step->user, j->b, all->vector, other);
}

static Value *numbers_picked(const Join *j, const Joined *all) {
    uint16_t lanes[MOST_JOINED];
    bool is_whole = all->vector->type->lanes == all->count;
    for (uint32_t i = 0; i < all->count; i++) {
        lanes[i] = (uint16_t)all->starts[i];
        is_whole = is_whole && all->starts[i] == i;
    }
    return is_whole ? all->vector : build_shuffle(j->b, all->vector, all->vector, lanes, all->count);
}

Value *vectors_fold(Builder *b, Value **vectors, uint32_t count, const FoldStep *step) {
    Joined joined[MOST_JOINED];
    const IrType *type = vectors[0]->type;
    Join j = {step, b, type->lanes, BLOCK_BITS / scalar_bits(type->scalar)};
    for (uint32_t i = 0; i < count; i++) joined[i] = (Joined){.vector = vectors[i], .count = 1};
    for (; count > 1; count /= 2, j.each /= 2)
        for (uint32_t i = 0; i < count / 2; i++) joined[i] = pair_joined(&j, &joined[2 * i], &joined[2 * i + 1]);
    for (; j.each > 1; j.each /= 2) {
        if (j.each > j.block) numbers_narrow(&j, &joined[0]);
        else halves_meet(&j, &joined[0]);
    }
    return numbers_picked(&j, &joined[0]);
}
