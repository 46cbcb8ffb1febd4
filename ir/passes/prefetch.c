/* prefetch: rows that a stencil in three dimensions begins to read are asked for one row ahead, where its arrays are large.
 *
 *     for z:                                          for z:
 *         for y:                                          for y:
 *             for x by 16:                     =>             for x by 16:
 *                 .. m[z, y, x] .. m[z + 4, y, x]                 prefetch m[z + 4, y + 1, x]
 *                                                                 .. m[z, y, x] .. m[z + 4, y, x]
 *
 * Requires: stage LOOP; works on loops over vectors.
 * Establishes: nothing that others rely on.
 * Breaks: nothing.
 *
 * Such a loop goes along more rows at once than a processor follows by itself, and each is short: it waits for memory at the
 * beginning of nearly every row. Most of its rows were accessed before, one row or one plane ago. Those that were not
 * come from memory, and where the next of them lies is known.
 *
 * In the caches that is only in the way, so the loop is there twice, and sizes decide when the program runs. Where planes are a
 * multiple of a page apart all their rows want the same few lines of a cache, and what was asked for early would be gone again.
 *
 * Legality: it is a hint, and any address will do. Profitability: several planes are done at a time (`jam`), so that rows are
 * many; along those of a picture, processors keep up by themselves. */
#include "ir/analysis/memory.h"
#include "ir/passes/cloner.h"
#include "ir/passes/forms.h"
#include "ir/passes/runs.h"

enum {
    LEAST_ROWS = 4,           /* at once; fewer are followed by processors */
    MOST_ROWS = 16,           /* that are asked for in a turn; more take longer than they save */
    MOST_ACCESSES = 128,
    FAR_BYTES = 8 << 20,      /* of an array; less stays in a cache */
    PAGE = 4096               /* bytes after which lines of the first cache are the same */
};

/* A vector of a row, which all indices but the last one choose. */
typedef struct RowAccess {
    const Value *view;
    Value *const *indices;
    Element at;
} RowAccess;

/* A loop over vectors in one over rows, in one over planes. */
typedef struct Nest {
    Op *vectors, *rows, *planes;
    int64_t row_step, plane_step;
    Vec(RowAccess) accesses;
} Nest;

typedef struct Prefetch {
    PassContext *pass;
    Memory memory;
} Prefetch;

/* ---- What is accessed --------------------------------------------------------------------------- */

static const Value *index_of(const Op *loop) { return loop->regions[0]->params[0]; }

/* Where it is follows from the loops' indices, and from what comes from outside. */
static bool is_known_ahead(const Nest *nest, const RowAccess *access) {
    for (uint32_t d = 0; d < access->view->type->rank; d++) {
        Affine form = affine_of(access->indices[d], NULL, NULL);
        for (uint32_t i = 0; i < form.count; i++) {
            const Value *term = form.terms[i].value;
            if (term != index_of(nest->vectors) && value_is_made_in(term, nest->vectors)) return false;
        }
    }
    return true;
}

static void access_note(Prefetch *p, Nest *nest, const Op *op) {
    uint32_t before = op->kind == OP_VLOAD ? 1 : 2;
    if (op->kind != OP_VLOAD && op->kind != OP_VSTORE) return;
    const Value *view = op->operands[0];
    if (view->type->rank < 3 || value_is_made_in(view, nest->vectors)) return;
    RowAccess access = {.view = view, .indices = op->operands + before};
    if (!element_accessed(&p->memory, op, &access.at) || !is_known_ahead(nest, &access)) return;
    vec_push(p->pass->scratch, &nest->accesses, access);
}

/* How far the place that `other` accesses lies ahead, in iterations of the loop; false: somewhere else as well. */
static bool way_ahead(const RowAccess *access, const RowAccess *other, const Op *loop, int64_t step, const Op *inner,
                      int64_t *ahead) {
    *ahead = 0;
    for (uint32_t d = 0; d + 1 < access->at.rank; d++) {
        Affine gap = other->at.index[d];
        int64_t distance, factor = affine_factor(&access->at.index[d], index_of(loop)) * step;
        if (!affine_add(&gap, &access->at.index[d], -1) || !affine_is_const(&gap, &distance)) return false;
        bool swept = inner != NULL && affine_factor(&access->at.index[d], index_of(inner)) != 0;
        if (distance == 0 || swept) continue;
        if (factor == 0 || distance % factor != 0 || *ahead != 0) return false;
        *ahead = distance / factor;
    }
    return true;
}

static bool moves_with(const RowAccess *access, const Op *loop) {
    for (uint32_t d = 0; d + 1 < access->at.rank; d++)
        if (affine_factor(&access->at.index[d], index_of(loop)) != 0) return true;
    return false;
}

/* An earlier iteration of the loop accesses that row as well. */
static bool was_accessed(const Nest *nest, const RowAccess *access, const Op *loop, int64_t step, const Op *inner) {
    for (uint32_t i = 0; i < nest->accesses.len; i++) {
        const RowAccess *other = &nest->accesses.data[i];
        int64_t ahead;
        bool is_one = bases_equal(access->at.base, other->at.base) && way_ahead(access, other, loop, step, inner, &ahead);
        if (is_one && ahead > 0) return true;
    }
    return false;
}

static bool is_same_row(const Nest *nest, const RowAccess *a, const RowAccess *b) {
    int64_t ahead;
    return bases_equal(a->at.base, b->at.base) && way_ahead(a, b, nest->rows, nest->row_step, NULL, &ahead) && ahead == 0;
}

/* The rows that no iteration before accesses. 0: none, too many, or no planes are passed on from iteration to iteration. */
static uint32_t new_rows(const Nest *nest, const RowAccess *rows[MOST_ROWS]) {
    uint32_t count = 0;
    bool has_old_planes = false;
    for (uint32_t i = 0; i < nest->accesses.len; i++) {
        const RowAccess *access = &nest->accesses.data[i];
        bool is_old = was_accessed(nest, access, nest->planes, nest->plane_step, nest->rows);
        has_old_planes = has_old_planes || is_old;
        if (is_old || !moves_with(access, nest->rows) || was_accessed(nest, access, nest->rows, nest->row_step, NULL)) continue;
        for (uint32_t k = 0; k < count && !is_old; k++) is_old = is_same_row(nest, rows[k], access);
        if (is_old) continue;
        if (count == MOST_ROWS) return 0;
        rows[count++] = access;
    }
    return has_old_planes ? count : 0;
}

/* ---- Apply -------------------------------------------------------------------------------------- */

/* The array is larger than caches are, and its planes no multiple of a page apart. */
static Value *is_worth_it(Builder *b, const Nest *nest, const RowAccess *access) {
    const IrType *type = access->view->type;
    Value *size = build_i64(b, type->elem->size), *apart = size;
    for (uint32_t d = type->rank; d-- > 0;) {
        Affine form = affine_of(access->indices[d], NULL, NULL);
        if (affine_factor(&form, index_of(nest->planes)) != 0) apart = size;
        size = build_binary(b, OP_MUL, size, build_dim(b, (Value *)access->view, d));
    }
    Value *is_large = build_binary(b, OP_LT, build_i64(b, FAR_BYTES), size);
    Value *in_page = build_binary(b, OP_AND, apart, build_i64(b, PAGE - 1));
    return build_binary(b, OP_AND, is_large, build_binary(b, OP_NE, in_page, build_i64(b, 0)));
}

static void prefetch_build(Builder *b, const Nest *nest, const RowAccess *access) {
    Value *operands[9] = {(Value *)access->view};
    uint32_t rank = access->view->type->rank;
    for (uint32_t d = 0; d < rank; d++) {
        Affine form = affine_of(access->indices[d], NULL, NULL);
        form.constant += affine_factor(&form, index_of(nest->rows)) * nest->row_step;
        operands[1 + d] = form_build(b, &form);
    }
    build_op(b, OP_PREFETCH, operands, 1 + rank, NULL, 0, 0);
}

static void remark_add(Prefetch *p, const Nest *nest) {
    if (span_is_none(nest->planes->span)) return;
    pass_remark(p->pass, nest->planes->parent->fn, nest->planes->span, REMARK_REWRITTEN,
                "of arrays beyond %d MiB, the rows that are next are asked for ahead of time", FAR_BYTES >> 20);
}

static void nest_apply(Prefetch *p, const Nest *nest, const RowAccess *const *rows, uint32_t count) {
    Op *loop = nest->vectors;
    Builder b = builder_before(nest->planes);
    Value *far = is_worth_it(&b, nest, rows[0]);
    b = builder_before(loop);
    Op *branch = build_if(&b, far, NULL, 0);
    b = builder_at_end(branch->regions[1], loop->span);
    loop_copy(p->pass->scratch, &b, loop, loop->operands[0], loop->operands[1]);
    op_unlink(loop);
    op_append(branch->regions[0], loop);
    b = builder_before(loop->regions[0]->first);
    for (uint32_t i = 0; i < count; i++) prefetch_build(&b, nest, rows[i]);
    remark_add(p, nest);
    p->pass->changed = true;
}

static void nest_visit(Prefetch *p, Nest *nest) {
    const RowAccess *rows[MOST_ROWS];
    for (Op *op = nest->vectors->regions[0]->first; op != NULL; op = op->next) access_note(p, nest, op);
    if (nest->accesses.len > MOST_ACCESSES) return;
    uint32_t count = new_rows(nest, rows);
    if (count >= LEAST_ROWS) nest_apply(p, nest, rows, count);
}

/* ---- The walk ----------------------------------------------------------------------------------- */

static Op *loop_around(const Op *op, int64_t *step) {
    Op *around = op->parent->parent;
    return around != NULL && around->kind == OP_FOR && value_is_int(around->operands[2], step) && *step > 0 ? around : NULL;
}

static bool has_loop(const Region *region) {
    for (const Op *op = region->first; op != NULL; op = op->next)
        for (uint32_t i = 0; i < op->region_count; i++)
            if (op->kind == OP_FOR || op->kind == OP_WHILE || has_loop(op->regions[i])) return true;
    return false;
}

static void loop_visit(Prefetch *p, Op *loop) {
    int64_t step;
    if (!loop->attr.loop.is_vector || !value_is_int(loop->operands[2], &step) || step <= 1) return;
    Nest nest = {.vectors = loop};
    nest.rows = loop_around(loop, &nest.row_step);
    if (nest.rows == NULL || has_loop(loop->regions[0])) return;
    nest.planes = loop_around(nest.rows, &nest.plane_step);
    if (nest.planes != NULL && nest.planes->attr.loop.whole) nest_visit(p, &nest);
}

static void region_visit(Prefetch *p, Region *region) {
    for (Op *op = region->first; op != NULL; op = op->next) {
        if (op->kind == OP_FOR) loop_visit(p, op);
        for (uint32_t i = 0; i < op->region_count; i++) region_visit(p, op->regions[i]);
    }
}

void prefetch_run(PassContext *pass, IrModule *module) {
    Prefetch p = {.pass = pass};
    for (uint32_t i = 0; i < module->fns.len; i++) {
        IrFn *fn = module->fns.data[i];
        if (fn->body == NULL) continue;
        p.memory = memory_of(pass->scratch, fn);
        region_visit(&p, fn->body);
    }
}
