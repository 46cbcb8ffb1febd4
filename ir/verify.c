/* The verifier. A module is well formed when:
 *
 *  Structure
 *   1. Ops, regions and values are linked both ways: an op's region holds it, a result names its
 *      op, a region its op and its function; ids of ops and values are unique and below the
 *      function's next.
 *   2. An op has as many operands, results and regions as its row in ops.def says. Regions of FOR
 *      have one parameter, those of MAP and REDUCE one for each size, all i64; others have none.
 *   3. Every operand is visible: a parameter of the function or of an enclosing region, or a result
 *      of an op that stands before, in this region or in one around it. What the first region of a
 *      WHILE defines is not visible in the others.
 *   4. YIELD, BREAK, CONTINUE, RETURN and RAISE stand at the end of their region and nowhere else.
 *   5. A region that gives values (both of an IF with results, those of MAP and REDUCE, the first
 *      of a WHILE) ends in one of these; YIELD gives as many values as are wanted, of their
 *      types. Elsewhere a YIELD gives none. A function's body has no YIELD.
 *   6. BREAK and CONTINUE stand within the body of a FOR or WHILE; between them and the loop there
 *      is no MAP, no REDUCE and no condition of a WHILE; in a loop's `done` they belong to the loop
 *      around. RETURN stands within no MAP and no REDUCE; nor does RAISE, which stands within the
 *      first region of a TRY or in a function that raises.
 *   7. The body of a function with results does not end without RETURN or RAISE; RETURN gives the
 *      function's results, in number and type.
 *
 *  Types (verify_types.c, verify_space.c, verify_place.c)
 *   8. Types are the module's own; views and arrays have 1 to 8 dimensions; elements, fields and what
 *      variables hold are no arrays and no refs; tensors and tasks occur in stage OWNED only.
 *   9. Arithmetic has operands and result of one type, of the kind that ops.def names (numbers,
 *      floats, integers, integers or bool); comparisons give bool; CAST and BITCAST go between
 *      scalars. All of this holds for vectors, which agree in their number of lanes. Accesses to
 *      several elements have i64 indices or vectors of i64 or i32, and a mask of as many lanes.
 *  10. A constant's bits fit its type. Indices of EXTRACT, INSERT, DIM and STRIDE are in range.
 *  11. Only VAR, FIELD and ITEM give refs. A ref is used by CALL, by SPAWN, and as the first operand of
 *      the ops on places, and holds what they want.
 *  12. VIEW, STRIDED, SLICE, LOAD, STORE, ALLOC have an i64 for each dimension of each kind that
 *      they take, and agree in element type. A SLICE keeps at least one dimension.
 *  13. MAP, ELEM, ASSIGN, REDUCE and array types occur in stage TENSOR only; ASSIGN's sides agree
 *      in rank and element; REDUCE's result fits its kind.
 *  14. CHECK has the operands of its row in checks.def: i64 unless noted there; only TRUE has a
 *      message, and it always has one; MEMORY is never written.
 *  15. FOR runs over i64; conditions are bool; PRINT takes scalars, vectors, texts and views of scalars.
 *  16. CALL names a function of the module, and agrees with its parameters and results; `failed`
 *      comes first when it raises.
 *  17. Ops flagged OWNED occur in stage OWNED only; there the rules of verify_owned.c hold too.
 *
 *  Functions
 *  18. Names of functions are unique. A function is extern exactly when it has no body.
 *  19. A parameter's type fits its kind (PARAM_ in ir.h); a count of elements is a parameter of
 *      type i64; results are no refs and no arrays. */
#include "ir/verify.h"
#include "ir/value.h"
#include "ir/verifier.h"

/* ---- Problems -------------------------------------------------------------------------------- */

static void problem_start(Verifier *v) {
    v->count++;
    strbuf_puts(v->problems, "fn ");
    ir_name_print(v->module->cx, v->fn->name, v->problems);
    strbuf_puts(v->problems, ": ");
}

bool problem_fn(Verifier *v, const char *format, ...) {
    problem_start(v);
    va_list args;
    va_start(args, format);
    strbuf_vprintf(v->problems, format, args);
    va_end(args);
    strbuf_putc(v->problems, '\n');
    return false;
}

static void print_op_name(Verifier *v, const Op *op) {
    if (!v->has_labels) v->labels = labels_of_fn(v->scratch, v->fn);
    v->has_labels = true;
    for (uint32_t i = 0; i < op->result_count; i++) {
        if (i != 0) strbuf_puts(v->problems, ", ");
        label_print(&v->labels, op->results[i], v->problems);
    }
    if (op->result_count != 0) strbuf_puts(v->problems, " = ");
    strbuf_printf(v->problems, "%s: ", op_info(op)->mnemonic);
}

bool problem_op(Verifier *v, const Op *op, const char *format, ...) {
    problem_start(v);
    print_op_name(v, op);
    va_list args;
    va_start(args, format);
    strbuf_vprintf(v->problems, format, args);
    va_end(args);
    strbuf_putc(v->problems, '\n');
    return false;
}

const char *shown_type(Verifier *v, const IrType *type) {
    StrBuf text = {0};
    ir_type_print(v->module->cx, type, &text);
    const char *kept = arena_strndup(v->scratch, strbuf_text(&text), text.len);
    strbuf_free(&text);
    return kept;
}

static const char *shown_value(Verifier *v, const Value *value) {
    StrBuf text = {0};
    if (!v->has_labels) v->labels = labels_of_fn(v->scratch, v->fn);
    v->has_labels = true;
    label_print(&v->labels, value, &text);
    const char *kept = arena_strndup(v->scratch, strbuf_text(&text), text.len);
    strbuf_free(&text);
    return kept;
}

/* ---- Values and operands --------------------------------------------------------------------- */

static bool value_define(Verifier *v, const Value *value) {
    if (value->id >= v->fn->next_value || v->value_seen[value->id])
        return problem_fn(v, "%s: its id %u is not its own", shown_value(v, value), value->id);
    v->value_seen[value->id] = true;
    v->visible[value->id] = value;
    return verify_type(v, value->type) ||
           problem_fn(v, "%s: type `%s` is not well formed", shown_value(v, value),
                      shown_type(v, value->type));
}

static void value_hide(Verifier *v, const Value *value) {
    if (value->id < v->fn->next_value) v->visible[value->id] = NULL;
}

static bool verify_operands(Verifier *v, const Op *op) {
    bool good = true;
    for (uint32_t i = 0; i < op->operand_count; i++) {
        const Value *operand = op->operands[i];
        if (operand->id < v->fn->next_value && v->visible[operand->id] == operand) continue;
        good = problem_op(v, op, "operand %s is not visible here", shown_value(v, operand));
    }
    return good;
}

static bool count_fits(int wanted, uint32_t found) {
    return wanted == VARIADIC || (uint32_t)wanted == found;
}

static bool verify_counts(Verifier *v, const Op *op) {
    const OpInfo *info = op_info(op);
    if (!count_fits(info->operands, op->operand_count))
        return problem_op(v, op, "has %u operands, wants %d", op->operand_count, info->operands);
    if (!count_fits(info->results, op->result_count))
        return problem_op(v, op, "has %u results, wants %d", op->result_count, info->results);
    if (!count_fits(info->regions, op->region_count))
        return problem_op(v, op, "has %u regions, wants %d", op->region_count, info->regions);
    return true;
}

static void verify_links(Verifier *v, const Op *op, const Region *region) {
    const Op *before = op->prev != NULL ? op->prev->next : region->first;
    const Op *after = op->next != NULL ? op->next->prev : region->last;
    if (op->parent != region || before != op || after != op)
        problem_op(v, op, "is not linked into its region");
    if (op->id >= v->fn->next_op || v->op_seen[op->id])
        problem_op(v, op, "its id %u is not its own", op->id);
    else
        v->op_seen[op->id] = true;
    for (uint32_t i = 0; i < op->result_count; i++)
        if (op->results[i]->def != op || op->results[i]->index != i)
            problem_op(v, op, "result %u does not name it", i);
    for (uint32_t i = 0; i < op->region_count; i++)
        if (op->regions[i]->parent != op || op->regions[i]->fn != v->fn)
            problem_op(v, op, "region %u does not name it", i);
}

/* ---- Ends of regions ------------------------------------------------------------------------- */

static bool is_array_body(const Region *region) {
    return region->parent != NULL && op_is_space(region->parent);
}

/* Whether the region has to give values (invariant 5). */
static bool gives_values(const Region *region) {
    const Op *op = region->parent;
    if (op == NULL) return false;
    return is_array_body(region) || (op->kind == OP_IF && op->result_count != 0) ||
           (op->kind == OP_WHILE && region == op->regions[0]);
}

static void verify_jump(Verifier *v, const Op *jump) {
    for (const Region *region = jump->parent; region->parent != NULL;
         region = region->parent->parent) {
        const Op *around = region->parent;
        if (is_array_body(region)) break;
        if (around->kind == OP_FOR && region == around->regions[0]) return;
        if (around->kind == OP_WHILE && region == around->regions[1]) return;
        if (around->kind == OP_WHILE && region == around->regions[0]) break;
    }
    problem_op(v, jump, "stands in no loop that it could leave");
}

static void verify_return(Verifier *v, const Op *op) {
    for (const Region *region = op->parent; region->parent != NULL;
         region = region->parent->parent)
        if (is_array_body(region))
            problem_op(v, op, "stands within a %s", op_info(region->parent)->mnemonic);
    if (op->operand_count != v->fn->results.len) {
        problem_op(v, op, "gives %u values, the function has %u results", op->operand_count,
                   v->fn->results.len);
        return;
    }
    for (uint32_t i = 0; i < op->operand_count; i++)
        if (operand_type(op, i) != v->fn->results.data[i])
            problem_op(v, op, "value %u has type `%s`, the function's result `%s`", i,
                       shown_type(v, operand_type(op, i)),
                       shown_type(v, v->fn->results.data[i]));
}

static bool is_always_true(const Region *condition) {
    uint64_t bits;
    const Op *yield = condition->last;
    return yield != NULL && yield->kind == OP_YIELD && yield->operand_count == 1 &&
           value_is_const(yield->operands[0], &bits) && bits != 0;
}

/* Whether some BREAK below leaves the loop that this region belongs to. */
static bool has_break(const Region *region) {
    for (const Op *op = region->first; op != NULL; op = op->next) {
        if (op->kind == OP_BREAK) return true;
        bool loop = op->kind == OP_FOR || op->kind == OP_WHILE;
        /* Of an inner loop only `done` can leave this one. */
        for (uint32_t i = loop ? op->region_count - 1 : 0; i < op->region_count; i++)
            if (has_break(op->regions[i])) return true;
    }
    return false;
}

static bool falls_through(const Region *region);

static bool some_falls_through(const Op *op) {
    for (uint32_t i = 0; i < op->region_count; i++)
        if (falls_through(op->regions[i])) return true;
    return false;
}

/* Whether control can come to the end of the region without RETURN. */
static bool falls_through(const Region *region) {
    const Op *last = region->last;
    if (last == NULL) return true;
    if (last->region_count != (uint32_t)op_info(last)->regions) return true; /* malformed */
    switch ((int)last->kind) {
    case OP_IF: case OP_TRY: case OP_UNSAFE: case OP_TASK: return some_falls_through(last);
    case OP_FOR: return falls_through(last->regions[1]) || has_break(last->regions[0]);
    case OP_WHILE:
        return (!is_always_true(last->regions[0]) && falls_through(last->regions[2])) ||
               has_break(last->regions[1]);
    default: return !op_ends(last) || last->kind == OP_YIELD;
    }
}

static void verify_end(Verifier *v, const Region *region) {
    const Op *last = region->last;
    if (gives_values(region) && (last == NULL || !op_ends(last)))
        problem_op(v, region->parent, "a region that gives values does not end in `yield`");
    if (region->parent == NULL && v->fn->results.len != 0 && falls_through(region))
        problem_fn(v, "its end is reached without `return`");
}

/* ---- Regions --------------------------------------------------------------------------------- */

static void verify_region(Verifier *v, const Region *region);

static void verify_op(Verifier *v, const Op *op, const Region *region) {
    verify_links(v, op, region);
    bool visible = verify_operands(v, op);
    bool counts = verify_counts(v, op);
    for (uint32_t i = 0; i < op->region_count; i++) verify_region(v, op->regions[i]);
    for (uint32_t i = 0; i < op->result_count; i++) value_define(v, op->results[i]);
    if (counts && visible) verify_op_types(v, op);
    if (op_ends(op) && op->next != NULL) problem_op(v, op, "stands before the end of its region");
    if (op->kind == OP_BREAK || op->kind == OP_CONTINUE) verify_jump(v, op);
    if (op->kind == OP_RETURN) verify_return(v, op);
}

static void verify_region_params(Verifier *v, const Region *region) {
    for (uint32_t i = 0; i < region->param_count; i++) {
        const Value *param = region->params[i];
        value_define(v, param);
        if (param->region != region || param->index != i || param->type != ir_i64(v->fn->module))
            problem_op(v, region->parent, "parameter %u of its region is malformed", i);
    }
}

static void verify_region(Verifier *v, const Region *region) {
    if (region->parent != NULL) verify_region_params(v, region);
    for (const Op *op = region->first; op != NULL; op = op->next) verify_op(v, op, region);
    verify_end(v, region);
    for (const Op *op = region->first; op != NULL; op = op->next)
        for (uint32_t i = 0; i < op->result_count; i++) value_hide(v, op->results[i]);
    for (uint32_t i = 0; i < region->param_count; i++) value_hide(v, region->params[i]);
}

/* ---- Functions ------------------------------------------------------------------------------- */

/* C has no vectors: they only travel between functions of the module. */
static bool param_type_fits(const IrFn *fn, ParamKind kind, const IrType *type) {
    switch (kind) {
    case PARAM_SIZE: return type->kind == IR_SCALAR && type->scalar == SCALAR_I64;
    case PARAM_SCALAR:
        return type->kind == IR_SCALAR || type->kind == IR_STR ||
               (type->kind == IR_VEC && !fn->is_exported && !fn->is_extern);
    case PARAM_STRUCT:
        return !ir_is_lanewise(type) && type->kind != IR_REF && type->kind != IR_ARRAY;
    case PARAM_REF: return type->kind == IR_REF;
    case PARAM_ARENA: return type->kind == IR_ARENA;
    case PARAM_ARRAY: case PARAM_OUT: return type->kind == IR_BUF;
    case PARAM_STRIDED: return type->kind == IR_VIEW && type->strided;
    }
    KC_BUG("function %u: a parameter has kind %d", fn->id, (int)kind);
}

static void verify_param(Verifier *v, const IrParam *param, uint32_t index) {
    value_define(v, param->value);
    if (param->value->def != NULL || param->value->region != NULL || param->value->index != index)
        problem_fn(v, "parameter %u is not linked", index);
    if (!param_type_fits(v->fn, param->kind, param->value->type))
        problem_fn(v, "parameter %s has type `%s`, which its kind does not take",
                   shown_value(v, param->value), shown_type(v, param->value->type));
    const Value *count = param->element_count;
    if (count == NULL) return;
    for (uint32_t i = 0; i < v->fn->params.len; i++)
        if (v->fn->params.data[i].value == count && count->type == ir_i64(v->fn->module)) return;
    problem_fn(v, "the count of parameter %s is no i64 parameter", shown_value(v, param->value));
}

static bool takes_range(const IrFn *fn) {
    for (uint32_t i = 0; i < 4; i++)
        if (i >= fn->params.len || fn->params.data[i].value->type != ir_i64(fn->module)) return false;
    return fn->results.len == 0;
}

static bool is_task_shape(const IrFn *fn) {
    const IrType *first = fn->params.len > 0 ? fn->params.data[0].value->type : NULL;
    bool is_told = first != NULL && first->kind == IR_REF && ir_is_scalar(first->elem) &&
                   first->elem->scalar == SCALAR_BOOL;
    return is_told && fn->results.len == 0 && !fn->raises;
}

static void verify_fn(Verifier *v, const IrFn *fn) {
    uint32_t before = v->count;
    v->fn = fn;
    v->has_labels = false;
    v->visible = arena_array(v->scratch, const Value *, fn->next_value);
    v->value_seen = arena_array(v->scratch, bool, fn->next_value);
    v->op_seen = arena_array(v->scratch, bool, fn->next_op);
    for (uint32_t i = 0; i < fn->params.len; i++) verify_param(v, &fn->params.data[i], i);
    for (uint32_t i = 0; i < fn->results.len; i++) {
        const IrType *type = fn->results.data[i];
        bool fits = type->kind != IR_REF && type->kind != IR_ARRAY && verify_type(v, type);
        if (!fits)
            problem_fn(v, "result %u has type `%s`", i, shown_type(v, type));
    }
    if (fn->is_range && !takes_range(fn))
        problem_fn(v, "is called for a range and does not begin with `from`, `to`, `grain` and `whole`");
    if (fn->is_task && !is_task_shape(fn))
        problem_fn(v, "is a task, and does not begin with a ref of a `bool`, or gives results");
    if (fn->is_extern != (fn->body == NULL))
        problem_fn(v, fn->is_extern ? "is extern and has a body" : "has no body");
    if (fn->body == NULL) return;
    if (fn->body->fn != fn || fn->body->parent != NULL || fn->body->param_count != 0)
        problem_fn(v, "its body is malformed");
    else
        verify_region(v, fn->body);
    if (v->module->owned_stage && v->count == before) verify_owned(v);
}

bool ir_verify(const IrModule *module, StrBuf *problems) {
    Verifier v = {.module = module, .problems = problems, .scratch = arena_create()};
    bool *taken = arena_array(v.scratch, bool, names_count(module->cx->names) + 1);
    for (uint32_t i = 0; i < module->fns.len; i++) {
        const IrFn *fn = module->fns.data[i];
        verify_fn(&v, fn);
        if (fn->id != i || fn->module != module) problem_fn(&v, "is not linked into its module");
        if (taken[fn->name.id]) problem_fn(&v, "has the name of another function");
        taken[fn->name.id] = true;
    }
    arena_destroy(v.scratch);
    return v.count == 0;
}
