#include "ir/analysis/memory.h"

/* Chains of slices and variables longer than this are not followed: none are written by hand, and
 * variables that feed each other would be followed for ever. */
enum { CHAIN_LIMIT = 32 };

const Value *ref_base(const Value *ref) {
    while (ref->def != NULL && (ref->def->kind == OP_FIELD || ref->def->kind == OP_LANE_ITEM))
        ref = ref->def->operands[0];
    return ref;
}

static bool is_in_memory(const Value *ref) {
    const Value *base = ref_base(ref);
    return base->def != NULL && base->def->kind == OP_ITEM;
}

bool set_is_local(const Op *op) {
    if (op->kind != OP_SET) return false;
    return !is_in_memory(op->operands[0]);
}

bool place_is_read(const Op *op) {
    if (op->kind == OP_ITEMS) return !is_in_memory(op->operands[0]);
    if (op->kind != OP_GET || is_in_memory(op->operands[0])) return false;
    const Op *def = op->operands[0]->def;
    return def == NULL || def->kind == OP_FIELD || def->kind == OP_LANE_ITEM;
}

static bool passes_place_to_change(const Op *call) {
    const IrFn *callee = call->attr.callee;
    for (uint32_t i = 0; i < call->operand_count; i++)
        if (call->operands[i]->type->kind == IR_REF && callee->params.data[i].is_written) return true;
    return false;
}

bool place_may_change(const Op *op) {
    if (op->kind == OP_CALL) return passes_place_to_change(op);
    if (op->kind == OP_JOIN) return true;
    bool changes = op->kind == OP_SET || op->kind == OP_APPEND || op->kind == OP_TAKE;
    if (!changes || is_in_memory(op->operands[0])) return false;
    const Value *ref = op->operands[0];
    return op->kind != OP_SET || ref->def == NULL || ref->def->kind != OP_VAR ||
           ref->type->elem->kind == IR_STRUCT || ref->type->elem->kind == IR_LIST;
}

bool type_reaches_memory(const IrType *type) {
    switch (type->kind) {
    case IR_SCALAR:
    case IR_VEC:
    case IR_STR: return false;
    case IR_BUF:
    case IR_VIEW:
    case IR_ARRAY:
    case IR_LIST:
    case IR_ARENA:
    case IR_TASK: return true;
    case IR_REF: return type_reaches_memory(type->elem);
    case IR_STRUCT: break;
    }
    for (uint32_t i = 0; i < type->field_count; i++)
        if (type_reaches_memory(type->fields[i].type)) return true;
    return false;
}

typedef struct Collector {
    Arena *arena;
    Memory *memory;
} Collector;

static void op_note(void *user, Op *op) {
    Collector *collector = user;
    Memory *memory = collector->memory;
    for (uint32_t i = 0; i < op->operand_count; i++) {
        const Value *operand = op->operands[i];
        if (operand->type->kind != IR_REF) continue;
        VarFacts *facts = &memory->vars[operand->id];
        if (op->kind == OP_GET) {
            facts->gets++;
        } else if (op->kind == OP_SET && i == 0) {
            VarSet *set = arena_new(collector->arena, VarSet);
            *set = (VarSet){op, facts->first};
            facts->first = set;
            facts->sets++;
        } else {
            facts->escapes = true;
        }
    }
}

Memory memory_of(Arena *arena, const IrFn *fn) {
    Memory memory = {fn, fn->next_value, arena_array(arena, VarFacts, fn->next_value)};
    Collector collector = {arena, &memory};
    if (fn->body != NULL) region_walk(fn->body, op_note, &collector);
    return memory;
}

const VarFacts *memory_var(const Memory *memory, const Value *ref) {
    if (ref->def == NULL || ref->def->kind != OP_VAR || ref->id >= memory->len) return NULL;
    return &memory->vars[ref->id];
}

/* ---- Roots ----------------------------------------------------------------------------------- */

static const IrParam *param_of(const IrFn *fn, const Value *value) {
    for (uint32_t i = 0; i < fn->params.len; i++)
        if (fn->params.data[i].value == value) return &fn->params.data[i];
    return NULL;
}

static Root root_find(const Memory *memory, const Value *view, uint32_t depth);

static bool roots_same(const Root *a, const Root *b) {
    return a->kind == b->kind && a->value == b->value;
}

/* The root of everything the variable ever holds, null views left aside. */
static Root var_root(const Memory *memory, const Value *ref, uint32_t depth) {
    Root found = {.kind = ROOT_NULL}, unknown = {.kind = ROOT_UNKNOWN};
    const VarFacts *facts = memory_var(memory, ref);
    if (facts == NULL || facts->escapes || facts->sets > CHAIN_LIMIT) return unknown;
    for (const VarSet *set = facts->first; set != NULL; set = set->next) {
        Root root = root_find(memory, set->set->operands[1], depth);
        if (root.kind == ROOT_NULL) continue;
        if (found.kind != ROOT_NULL && !roots_same(&found, &root)) return unknown;
        found = root;
    }
    return found;
}

/* What a lent struct or list owns lies apart from the caller's other arguments. What it looks into
 * may be anywhere. */
static Root place_root(const Memory *memory, const Value *ref) {
    const Value *base = ref_base(ref);
    const IrParam *param = base->def == NULL ? param_of(memory->fn, base) : NULL;
    return param == NULL ? (Root){.kind = ROOT_UNKNOWN} : (Root){ROOT_PLACE, base, param, NULL};
}

static Root ref_root(const Memory *memory, const Value *ref, uint32_t depth) {
    const Value *base = ref_base(ref);
    if (base->def == NULL) return place_root(memory, ref);
    return base == ref ? var_root(memory, ref, depth) : (Root){.kind = ROOT_UNKNOWN};
}

static Root root_seen(Root root, const Value *view) {
    if (root.kind == ROOT_UNKNOWN || root.kind == ROOT_PLACE) root.seen = view;
    return root;
}

static Root root_find(const Memory *memory, const Value *view, uint32_t depth) {
    while (view->def != NULL && depth-- > 0) {
        const Op *def = view->def;
        bool is_fresh =
            def->kind == OP_ALLOC || def->kind == OP_ALLOC_IN || def->kind == OP_DATA;
        if (is_fresh) return (Root){ROOT_ALLOC, view, NULL, NULL};
        if (def->kind == OP_NULLVIEW) return (Root){ROOT_NULL, view, NULL, NULL};
        if (def->kind == OP_GET)
            return root_seen(ref_root(memory, def->operands[0], depth / 2), view);
        if (def->kind == OP_ITEMS) return root_seen(place_root(memory, def->operands[0]), view);
        bool is_window = def->kind == OP_SLICE || def->kind == OP_VIEW || def->kind == OP_STRIDED ||
                         def->kind == OP_BUF || def->kind == OP_CELLS;
        if (!is_window) return root_seen((Root){.kind = ROOT_UNKNOWN}, view);
        view = def->operands[0];
    }
    const IrParam *param = view->def == NULL ? param_of(memory->fn, view) : NULL;
    return param == NULL ? root_seen((Root){.kind = ROOT_UNKNOWN}, view)
                         : (Root){ROOT_PARAM, view, param, NULL};
}

Root memory_root(const Memory *memory, const Value *view) {
    return root_find(memory, view, CHAIN_LIMIT);
}

/* One of the two is in a struct or list of the caller: apart from an argument that overlaps nothing
 * else, but for one that was given to this function, which may have put it there. */
static bool places_may_overlap(const Root *a, const Root *b) {
    const Root *other = a->kind == ROOT_PLACE ? b : a;
    bool is_apart = other->kind == ROOT_PARAM && other->param->is_restrict && !other->param->is_owned;
    return !is_apart;
}

/* `value` is there when the allocation is made: so it cannot lead to that. */
static bool is_older(const Value *value, const Value *alloc) {
    enum { LOOK_BACK = 256 };
    const Region *home = value->def == NULL ? value->region : value->def->parent;
    const Op *at = alloc->def;
    while (at != NULL && home != NULL && at->parent != home) at = at->parent->parent;
    if (at == NULL || value->def == NULL) return at != NULL || home == NULL;
    for (uint32_t i = 0; at != NULL && i < LOOK_BACK; i++, at = at->prev)
        if (at->prev == value->def) return true;
    return false;
}

static bool is_apart_by_age(const Root *a, const Root *b) {
    return a->kind == ROOT_ALLOC && b->seen != NULL && is_older(b->seen, a->value);
}

bool roots_may_overlap(const Root *a, const Root *b) {
    if (a->kind == ROOT_NULL || b->kind == ROOT_NULL) return false;
    if (is_apart_by_age(a, b) || is_apart_by_age(b, a)) return false;
    if (a->kind == ROOT_UNKNOWN || b->kind == ROOT_UNKNOWN || a->value == b->value) return true;
    if (a->kind == ROOT_PLACE || b->kind == ROOT_PLACE) return places_may_overlap(a, b);
    if (a->kind == ROOT_ALLOC || b->kind == ROOT_ALLOC) return false;
    return !a->param->is_restrict && !b->param->is_restrict;
}

typedef struct StoreScan {
    const Memory *memory;
    Root root;
    bool found;
} StoreScan;

static void store_note(void *user, Op *op) {
    StoreScan *scan = user;
    bool stores = op->kind == OP_STORE || op->kind == OP_VSTORE || op->kind == OP_SCATTER || op->kind == OP_PACK;
    if (!stores || scan->found) return;
    Root root = memory_root(scan->memory, op->operands[0]);
    scan->found = roots_may_overlap(&root, &scan->root);
}

bool elements_may_change(const Memory *memory, const Region *region, const Value *view) {
    StoreScan scan = {.memory = memory, .root = memory_root(memory, view)};
    region_walk((Region *)region, store_note, &scan);
    return scan.found;
}

/* The name of the view or of a window of it, whichever the user gave one. */
const char *root_text(Arena *arena, const Memory *memory, const Root *root) {
    if (root->value == NULL || root->kind == ROOT_UNKNOWN) return "memory of unknown origin";
    Name name = root->value->name;
    if (root->kind == ROOT_PARAM && name.id == 0) name = root->param->name;
    if (name.id == 0) return "a temporary array";
    return arena_printf(arena, "`%s`", text_of(memory->fn->module->cx, name));
}

/* ---- Windows --------------------------------------------------------------------------------- */

Value *view_dim(const Value *view, uint32_t dim) {
    const Op *op = view->def;
    if (op == NULL) return NULL;
    if (op->kind == OP_VIEW || op->kind == OP_STRIDED) return op->operands[1 + dim];
    if (op->kind == OP_ALLOC || op->kind == OP_DATA || op_gives_array(op)) return op->operands[dim];
    if (op->kind != OP_SLICE) return NULL;
    uint32_t rank = (op->operand_count - 1) / 3;
    for (uint32_t d = 0, kept = 0; d < rank; d++) {
        if (op->attr.mask & (1u << d)) continue;
        if (kept++ == dim) return op->operands[1 + 3 * d + 1];
    }
    return NULL;
}

Value *map_copied(const Op *map) {
    const Region *body = map->regions[0];
    const Op *load = body->first;
    bool is_copy = load != NULL && load->kind == OP_LOAD && load->next != NULL &&
                   load->next == body->last && load->next->operands[0] == op_result(load);
    for (uint32_t k = 0; is_copy && k < map->operand_count; k++)
        is_copy = load->operands[1 + k] == body->params[k];
    return is_copy ? load->operands[0] : NULL;
}

const Value *value_behind_dim(const Value *value) {
    for (uint32_t i = 0; i < CHAIN_LIMIT; i++) {
        const Op *op = value->def;
        if (op == NULL || op->kind != OP_DIM) return value;
        const Value *size = view_dim(op->operands[0], op->attr.index);
        if (size == NULL) return value;
        value = size;
    }
    return value;
}

const Value *view_behind_get(const Memory *memory, const Value *view) {
    const Op *op = view->def;
    if (op == NULL || op->kind != OP_GET) return view;
    const VarFacts *facts = memory_var(memory, op->operands[0]);
    if (facts == NULL || facts->escapes || facts->sets != 1) return view;
    const Op *set = facts->first->set;
    return set->parent == op->operands[0]->def->parent ? set->operands[1] : view;
}

/* One slice undone: the index into what was sliced. */
static bool slice_undo(const Op *slice, Element *element) {
    uint32_t rank = (slice->operand_count - 1) / 3, kept = 0;
    Affine index[8];
    for (uint32_t d = 0; d < rank; d++) {
        Value *const *range = slice->operands + 1 + 3 * d;
        int64_t step;
        index[d] = affine_of(range[0], NULL, NULL);
        if (slice->attr.mask & (1u << d)) continue;
        if (!value_is_int(range[2], &step)) return false;
        if (!affine_add(&index[d], &element->index[kept++], step)) return false;
    }
    element->base = slice->operands[0];
    element->rank = rank;
    for (uint32_t d = 0; d < rank; d++) element->index[d] = index[d];
    return true;
}

bool element_of(const Memory *memory, const Value *view, const Affine *indices, Element *element) {
    element->base = view;
    element->rank = view->type->rank;
    for (uint32_t d = 0; d < element->rank; d++) element->index[d] = indices[d];
    for (uint32_t i = 0; i < CHAIN_LIMIT; i++) {
        element->base = view_behind_get(memory, element->base);
        const Op *op = element->base->def;
        if (op == NULL || op->kind != OP_SLICE) return true;
        if (!slice_undo(op, element)) return false;
    }
    return false;
}

bool element_accessed(const Memory *memory, const Op *op, Element *element) {
    const Value *view = op->operands[0];
    uint32_t first = op->kind == OP_STORE || op->kind == OP_VSTORE ? 2 : 1;
    Affine index[8];
    for (uint32_t d = 0; d < view->type->rank; d++) index[d] = affine_of(op->operands[first + d], NULL, NULL);
    return element_of(memory, view, index, element);
}

bool bases_equal(const Value *a, const Value *b) {
    if (a == b) return true;
    const Op *x = a->def, *y = b->def;
    if (x == NULL || y == NULL || x->kind != OP_VIEW || y->kind != OP_VIEW) return false;
    if (x->operands[0] != y->operands[0] || a->type != b->type) return false;
    for (uint32_t d = 1; d < a->type->rank; d++)
        if (!values_equal(x->operands[1 + d], y->operands[1 + d])) return false;
    return true;
}
