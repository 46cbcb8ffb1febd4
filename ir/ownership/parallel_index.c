#include "ir/ownership/parallel_index.h"

#include "ir/ownership/parallel_call.h"

enum { PATH_BITS = 7, MOST_FIELDS = (1 << PATH_BITS) - 2, DIM_BITS = 4 };

/* ---- Variables ------------------------------------------------------------------------------- */

bool op_is_within(const Op *op, const Op *loop) {
    for (; op != NULL; op = op->parent ? op->parent->parent : NULL)
        if (op == loop) return true;
    return false;
}

bool value_is_inside(const Value *value, const Op *loop) {
    if (value->def != NULL) return op_is_within(value->def, loop);
    return value->region != NULL && op_is_within(value->region->parent, loop);
}

const Value *ref_root(const Value *ref) {
    while (ref->def != NULL && ref->def->kind == OP_FIELD) ref = ref->def->operands[0];
    return ref->def == NULL || ref->def->kind == OP_VAR ? ref : NULL;
}

static bool changes_first_operand(OpKind kind) {
    return kind == OP_SET || kind == OP_MOVE || kind == OP_APPEND || kind == OP_TAKE ||
           kind == OP_RESET || kind == OP_WAIT || kind == OP_DROP;
}

const Value *op_changed_ref(const Op *op, uint32_t index) {
    const Value *operand = op->operands[index];
    if (operand->type->kind != IR_REF) return NULL;
    if (op->kind == OP_CALL) {
        const IrArg *arg = call_arg(op, index);
        return arg != NULL && arg->convention == ARG_INOUT ? operand : NULL;
    }
    return index == 0 && changes_first_operand(op->kind) ? operand : NULL;
}

static void look_at_op(void *user, Op *op) {
    Indices *x = user;
    x->order[op->id] = x->op_count++;
    if (op->kind == OP_CHECK && op->attr.check.kind == CHECK_TRUE)
        vec_push(x->arena, &x->asserts, op);
    for (uint32_t i = 0; i < op->operand_count; i++) {
        const Value *ref = op_changed_ref(op, i), *root = ref ? ref_root(ref) : NULL;
        if (root == NULL) continue;
        x->changes[root->id]++;
        if (op->kind == OP_SET) vec_push(x->arena, &x->sets[root->id], op);
    }
}

const Op *var_only_set(const Indices *x, const Value *root) {
    if (x->changes[root->id] != 1 || x->sets[root->id].len != 1 || root->def == NULL) return NULL;
    const Op *set = x->sets[root->id].data[0];
    return set->operands[0] == root && set->parent == root->def->parent ? set : NULL;
}

static void mark_changed(void *user, Op *op) {
    Indices *x = user;
    for (uint32_t i = 0; i < op->operand_count; i++) {
        const Value *ref = op_changed_ref(op, i), *root = ref ? ref_root(ref) : NULL;
        if (root != NULL) x->changed_in[root->id] = x->loop_number;
    }
}

static bool op_changes(const Op *op, const Value *root) {
    for (uint32_t i = 0; i < op->operand_count; i++) {
        const Value *ref = op_changed_ref(op, i);
        if (ref != NULL && ref_root(ref) == root) return true;
    }
    for (uint32_t r = 0; r < op->region_count; r++)
        for (const Op *inner = op->regions[r]->first; inner != NULL; inner = inner->next)
            if (op_changes(inner, root)) return true;
    return false;
}

/* What `op` reads of the variable is what the loop finds there in all its iterations. */
static bool reads_what_loop_finds(const Indices *x, const Op *op, const Value *root) {
    if (x->changed_in[root->id] == x->loop_number) return false;
    if (x->changes[root->id] == 0 || var_only_set(x, root) != NULL) return true;
    if (op_is_within(op, x->loop)) return !value_is_inside(root, x->loop);
    for (const Op *o = op->next; o != NULL; o = o->next) {
        if (op_changes(o, root)) return false;
        if (op_is_within(x->loop, o)) return true;
    }
    return false;
}

/* ---- Nodes ----------------------------------------------------------------------------------- */

static Index *node_new(Indices *x, IndexKind kind, const Index *a, const Index *b) {
    Index *node = arena_new(x->arena, Index);
    node->kind = kind;
    node->id = x->all.len;
    node->a = a;
    node->b = b;
    node->varies = (a != NULL && a->varies) || (b != NULL && b->varies);
    node->is_steady = (a == NULL || a->is_steady) && (b == NULL || b->is_steady);
    vec_push(x->arena, &x->all, node);
    return node;
}

enum { KEY_SYMBOL = 0xFF, KEY_NUMBER = 0xFE, KEY_RANGE = 0xFD }; /* above all of IndexKind */

static uintptr_t *shared_at(Indices *x, uint64_t kind, uint64_t a, uint64_t b) {
    return idmap_at(&x->shared, kind << 56 | a << 28 | b);
}

const Index *index_number(Indices *x, int64_t number) {
    bool is_small = number >= 0 && number < 1 << 20;
    uintptr_t *slot = is_small ? shared_at(x, KEY_NUMBER, 0, (uint64_t)number) : NULL;
    if (slot != NULL && *slot != 0) return (const Index *)*slot;
    Index *node = node_new(x, INDEX_NUMBER, NULL, NULL);
    node->number = number;
    if (slot != NULL) *slot = (uintptr_t)node;
    return node;
}

const Index *index_unknown(Indices *x, const Value *value) {
    Index *node = node_new(x, INDEX_UNKNOWN, NULL, NULL);
    node->value = value;
    node->varies = true;
    node->is_steady = false;
    return node;
}

const Index *index_step(Indices *x, const Index *extent, const Index *step) {
    Index *node = node_new(x, INDEX_STEP, extent, step);
    node->varies = true;
    node->is_steady = x->iteration == NULL; /* that of the parallel loop comes first */
    if (x->iteration == NULL) x->iteration = node;
    return node;
}

const Index *index_range(Indices *x, const Index *extent, uint32_t number) {
    uintptr_t *slot = shared_at(x, KEY_RANGE, extent->id, number);
    if (*slot != 0) return (const Index *)*slot;
    const Index *node = index_step(x, extent, index_number(x, 1));
    *shared_at(x, KEY_RANGE, extent->id, number) = (uintptr_t)node; /* the table may have grown */
    return node;
}

const Index *index_make(Indices *x, IndexKind kind, const Index *a, const Index *b) {
    if (kind == INDEX_ADD && a->kind == INDEX_NUMBER && a->number == 0) return b;
    if ((kind == INDEX_ADD || kind == INDEX_SUB) && b->kind == INDEX_NUMBER && b->number == 0)
        return a;
    if (kind == INDEX_MUL && b->kind == INDEX_NUMBER && b->number == 1) return a;
    uintptr_t *slot = shared_at(x, kind, a->id, b ? b->id : 0);
    if (*slot == 0) *slot = (uintptr_t)node_new(x, kind, a, b);
    return (const Index *)*slot;
}

/* `path` tells apart what is read of one value. */
static const Index *symbol(Indices *x, const Value *value, uint32_t path, bool is_size) {
    uintptr_t *slot =
        idmap_at(&x->shared, (uint64_t)KEY_SYMBOL << 56 | (uint64_t)path << 32 | value->id);
    if (*slot == 0) {
        Index *node = node_new(x, INDEX_SYMBOL, NULL, NULL);
        node->value = value;
        node->is_size = is_size;
        *slot = (uintptr_t)node;
    }
    return (const Index *)*slot;
}

static const Index *leaf(Indices *x, const Value *value, bool is_size) {
    return value_is_inside(value, x->loop) ? index_unknown(x, value) : symbol(x, value, 0, is_size);
}

/* ---- Values ---------------------------------------------------------------------------------- */

/* The fields on the way from a variable to `ref`, as a number; false when there are too many. */
static bool path_of(const Value *ref, uint32_t *path) {
    uint32_t count = 0;
    for (*path = 0; ref->def != NULL && ref->def->kind == OP_FIELD; ref = ref->def->operands[0]) {
        if (++count > 2 || ref->def->attr.index >= MOST_FIELDS) return false;
        *path = *path << PATH_BITS | (ref->def->attr.index + 1);
    }
    return true;
}

/* What `op` reads at `ref`; `what` is 1 for its value, 2 and more for its sizes. */
static const Index *index_of_place(Indices *x, const Op *op, const Value *ref, uint32_t what) {
    const Value *root = ref_root(ref), *read = op->results[0];
    uint32_t path = 0;
    bool is_size = what > 1;
    if (root == NULL || !path_of(ref, &path) || !reads_what_loop_finds(x, op, root))
        return leaf(x, read, is_size);
    if (value_is_inside(root, x->loop)) return index_unknown(x, read);
    return symbol(x, root, path << DIM_BITS | what, is_size);
}

static const Index *index_of_get(Indices *x, const Op *get) {
    const Value *ref = get->operands[0], *root = ref_root(ref);
    const Op *set = root == ref && root != NULL ? var_only_set(x, root) : NULL;
    return set ? index_of(x, set->operands[1]) : index_of_place(x, get, ref, 1);
}

const Index *index_size(Indices *x, const Value *view, uint32_t dim) {
    const Op *def = view->def;
    if (def == NULL) return leaf(x, view, true);
    if (def->kind == OP_VIEW || def->kind == OP_STRIDED) return index_of(x, def->operands[1 + dim]);
    if (def->kind == OP_ALLOC || def->kind == OP_DATA) return index_of(x, def->operands[dim]);
    if (def->kind == OP_SLICE) {
        uint32_t from = 0;
        for (uint32_t kept = 0;; from++) {
            if (def->attr.mask >> from & 1) continue;
            if (kept++ == dim) break;
        }
        return index_of(x, def->operands[1 + 3 * from + 1]);
    }
    if (def->kind != OP_LEND && def->kind != OP_GET) return leaf(x, view, true);
    const Value *ref = def->operands[0], *root = ref_root(ref);
    const Op *set = root == ref && root != NULL ? var_only_set(x, root) : NULL;
    if (set != NULL) return index_size(x, set->operands[1], dim);
    return index_of_place(x, def, ref, 2 + dim);
}

static const Index *index_of_loop(Indices *x, const Op *loop) {
    const Index *lo = index_of(x, loop->operands[0]), *hi = index_of(x, loop->operands[1]);
    int64_t step;
    if (!value_is_int(loop->operands[2], &step)) {
        const Index *by = index_of(x, loop->operands[2]);
        return index_make(x, INDEX_ADD, lo, index_step(x, NULL, by));
    }
    bool is_down = step < 0;
    const Index *extent = index_make(x, INDEX_SUB, is_down ? lo : hi, is_down ? hi : lo);
    const Index *by = index_number(x, is_down && step != INT64_MIN ? -step : step);
    return index_make(x, is_down ? INDEX_SUB : INDEX_ADD, lo, index_step(x, extent, by));
}

static const Index *index_of_param(Indices *x, const Value *value) {
    if (value->region == NULL || value->region->parent == NULL) {
        bool is_size = false;
        for (uint32_t i = 0; i < x->fn->params.len; i++)
            is_size |=
                x->fn->params.data[i].value == value && x->fn->params.data[i].kind == PARAM_SIZE;
        return symbol(x, value, 0, is_size);
    }
    const Op *owner = value->region->parent;
    if (!op_is_within(owner, x->loop)) return symbol(x, value, 0, false);
    if (owner->kind == OP_FOR) return index_of_loop(x, owner);
    if (op_is_space(owner))
        return index_step(x, index_of(x, owner->operands[value->index]), index_number(x, 1));
    return index_unknown(x, value);
}

static const Index *index_of_two(Indices *x, IndexKind kind, const Op *op, bool swapped) {
    const Index *a = index_of(x, op->operands[swapped]), *b = index_of(x, op->operands[!swapped]);
    return index_make(x, kind, a, b);
}

/* Arithmetic of `Int`, and conditions over it. NULL: it is something else. */
static const Index *index_of_arithmetic(Indices *x, const Op *op) {
    OpKind kind = op->kind;
    if (op->operand_count == 0 || (op->operands[0]->type != ir_i64(x->fn->module) &&
                                   op->operands[0]->type != ir_bool(x->fn->module)))
        return NULL;
    if (kind == OP_ADD) return index_of_two(x, INDEX_ADD, op, false);
    if (kind == OP_SUB) return index_of_two(x, INDEX_SUB, op, false);
    if (kind == OP_MUL) return index_of_two(x, INDEX_MUL, op, false);
    if (kind == OP_MIN) return index_of_two(x, INDEX_MIN, op, false);
    if (kind == OP_MAX) return index_of_two(x, INDEX_MAX, op, false);
    if (kind == OP_FLOORDIV) return index_of_two(x, INDEX_FLOORDIV, op, false);
    if (kind == OP_MOD) return index_of_two(x, INDEX_MOD, op, false);
    if (kind == OP_EQ) return index_of_two(x, INDEX_EQ, op, false);
    if (kind == OP_NE) return index_of_two(x, INDEX_NE, op, false);
    if (kind == OP_LT || kind == OP_GT) return index_of_two(x, INDEX_LT, op, kind == OP_GT);
    if (kind == OP_LE || kind == OP_GE) return index_of_two(x, INDEX_LE, op, kind == OP_GE);
    if (op->operands[0]->type != ir_bool(x->fn->module)) {
        if (kind != OP_NEG) return NULL;
        return index_make(x, INDEX_SUB, index_number(x, 0), index_of(x, op->operands[0]));
    }
    if (kind == OP_AND) return index_of_two(x, INDEX_AND, op, false);
    if (kind == OP_OR) return index_of_two(x, INDEX_OR, op, false);
    if (kind == OP_NOT) return index_make(x, INDEX_NOT, index_of(x, op->operands[0]), NULL);
    return NULL;
}

static const Index *index_of_shift(Indices *x, const Op *op) {
    int64_t count;
    if (!value_is_int(op->operands[1], &count) || count < 0 || count > 62) return NULL;
    const Index *factor = index_number(x, INT64_C(1) << count);
    return index_make(x, INDEX_MUL, index_of(x, op->operands[0]), factor);
}

/* `a and b` and `a or b` are IFs that yield a bool. */
static const Index *index_of_choice(Indices *x, const Op *op, uint32_t result) {
    const Op *then = op->regions[0]->last, *other = op->regions[1]->last;
    if (op->kind != OP_IF || op->results[result]->type != ir_bool(x->fn->module) || then == NULL ||
        other == NULL || then->kind != OP_YIELD || other->kind != OP_YIELD)
        return NULL;
    const Index *condition = index_of(x, op->operands[0]);
    const Index *yes = index_make(x, INDEX_AND, condition, index_of(x, then->operands[result]));
    const Index *no = index_make(x, INDEX_AND, index_make(x, INDEX_NOT, condition, NULL),
                                 index_of(x, other->operands[result]));
    return index_make(x, INDEX_OR, yes, no);
}

static const Index *build_index(Indices *x, const Value *value) {
    int64_t number;
    uint64_t bits;
    if (value_is_int(value, &number)) return index_number(x, number);
    if (value_is_const(value, &bits) && value->type == ir_bool(x->fn->module))
        return index_number(x, bits != 0);
    if (value->def == NULL) return index_of_param(x, value);
    const Op *op = value->def;
    const Index *found = NULL;
    if (op->kind == OP_GET)
        found = index_of_get(x, op);
    else if (op->kind == OP_DIM)
        found = index_size(x, op->operands[0], op->attr.index);
    else if (op->kind == OP_SHL && value->type == ir_i64(x->fn->module))
        found = index_of_shift(x, op);
    else if (op->kind == OP_IF)
        found = index_of_choice(x, op, value->index);
    else
        found = index_of_arithmetic(x, op);
    return found ? found : leaf(x, value, false);
}

const Index *index_of(Indices *x, const Value *value) {
    if (x->of_value[value->id] == NULL) {
        const Index *index = build_index(x, value);
        x->of_value[value->id] = index;
        bool is_rounded = index->kind == INDEX_FLOORDIV || index->kind == INDEX_MOD;
        if (is_rounded && index->value == NULL) x->all.data[index->id]->value = value;
        vec_push(x->arena, &x->asked, value->id);
    }
    return x->of_value[value->id];
}

/* ---- Loops ----------------------------------------------------------------------------------- */

Indices *indices_create(Arena *arena, IrFn *fn) {
    Indices *x = arena_new(arena, Indices);
    x->arena = arena;
    x->fn = fn;
    x->of_value = arena_array(arena, const Index *, fn->next_value);
    x->sets = arena_array(arena, ConstOpVec, fn->next_value);
    x->changes = arena_array(arena, uint32_t, fn->next_value);
    x->changed_in = arena_array(arena, uint32_t, fn->next_value);
    x->order = arena_array(arena, uint32_t, fn->next_op);
    region_walk(fn->body, look_at_op, x);
    return x;
}

void indices_enter(Indices *x, const Op *loop) {
    while (x->asked.len > 0) x->of_value[vec_pop(&x->asked)] = NULL;
    x->shared = (IdMap){.arena = x->arena};
    x->all.len = 0;
    vec_push(x->arena, &x->all, NULL);
    x->loop = loop;
    x->loop_number++;
    region_walk(loop->regions[0], mark_changed, x);
    x->iteration = NULL;
    index_of(x, loop->regions[0]->params[0]);
}
