/* Calls.
 *
 * Arguments are evaluated from left to right: plain values are copied and owners moved in their turn, places
 * only found. When the call starts the places are opened, in order, and the sizes are found. */
#include "ir/lower/lower_match.h"
#include "ir/lower/lower_spawn.h"

/* One argument on its way. */
typedef struct Argument {
    const ParamInfo *param;
    const Expr *expr; /* NULL: the place of a new struct, for `__init__` */
    Passing passing;
    Waiting waiting;  /* a value that has been found, ... */
    Path path;        /* ...or a place that will be opened */
    bool is_place;
    Value *value;     /* what is passed, or the array behind it */
    Value *place;     /* that the callee holds for its time: a ref, or NULL */
} Argument;

typedef struct Call {
    const FnSymbol *symbol;
    IrFn *callee;
    Argument *args;
    uint32_t arg_count;
    SizeMatch match;
    ValueVec operands;
} Call;

/* ---- In their turn --------------------------------------------------------------------------- */

static bool arg_is_written(const Argument *arg) {
    return arg->param->convention == CONVENTION_INOUT || type_writes(arg->param->local->type);
}

static void find_place(FnLower *f, Argument *arg) {
    arg->path = path_of(f, arg->expr);
    arg->is_place = true;
}

/* x.view() says itself when x is looked at; a name, a field, a window wait until the call starts. */
static void find_memory(FnLower *f, Argument *arg) {
    const Expr *e = arg->expr;
    bool is_choice = strip_parens(e)->kind == EXPR_COND;
    if (is_in_memory(f, e) && !is_choice) {
        find_place(f, arg);
        if (!arg->path.has_method) return;
        Place place = place_open(f, &arg->path, arg_is_written(arg));
        arg->is_place = false;
        arg->waiting = wait_with(f, place_view(f, &place, arg_is_written(arg), e->span));
        return;
    }
    arg->waiting = wait_with(f, lower_view(f, e, arg_is_written(arg)));
}

static void evaluate_argument(FnLower *f, Argument *arg) {
    const Type *type = arg->param->local->type;
    arg->passing = param_passing(arg->param);
    if (!arg->expr) return;
    bool is_given = arg->param->convention == CONVENTION_OWNED;
    switch (arg->passing) {
    case PASS_VALUE:
    case PASS_TENSOR: arg->waiting = wait_with(f, lower_kept(f, arg->expr, type)); return;
    case PASS_ARENA:
        if (is_given) arg->waiting = wait_with(f, lower_owned(f, arg->expr));
        else find_place(f, arg);
        return;
    case PASS_PLACE: find_place(f, arg); return;
    case PASS_MEMORY: find_memory(f, arg); return;
    }
}

static void evaluate_arguments(FnLower *f, Call *call, const Expr *e) {
    Operands operands;
    operands_of(f, e, &operands);
    call->arg_count = call->symbol->params.len;
    call->args = arena_array(arena_of(f), Argument, call->arg_count);
    KC_CHECK(operands.count == call->arg_count);
    for (uint32_t i = 0; i < call->arg_count; i++) {
        call->args[i].param = &call->symbol->params.data[i];
        call->args[i].expr = operands.items[i];
        evaluate_argument(f, &call->args[i]);
    }
}

/* ---- When the call starts -------------------------------------------------------------------- */

static void open_place(FnLower *f, Argument *arg) {
    Place place = place_open(f, &arg->path, arg_is_written(arg));
    Span span = strip_parens(arg->expr)->span;
    if (arg->passing == PASS_MEMORY) {
        arg->value = place_view(f, &place, arg_is_written(arg), span);
        return;
    }
    place.span = span;
    arg->place = place_as_ref(f, &place);
    f->b.span = span;
    arg->value = arg->passing == PASS_ARENA ? build_get(&f->b, arg->place) : arg->place;
}

static void open_argument(FnLower *f, Argument *arg, const Expr *call) {
    const Type *type = arg->param->local->type;
    f->b.span = call->span;
    if (!arg->expr) arg->value = arg->place = temporary_place(f, ir_type_of(f->p, type));
    else if (arg->is_place) open_place(f, arg);
    else arg->value = waited(f, &arg->waiting);
    if (arg->passing == PASS_MEMORY) arg->value = view_as(f, arg->value, type_is_strided(type));
}

static void match_argument(FnLower *f, Call *call, const Argument *arg) {
    const Local *local = arg->param->local;
    if (local->size && arg->passing == PASS_VALUE) {
        match_int(f, &call->match, local->size, arg->value, arg->expr);
    }
    if (!type_is_array(local->type)) return;
    f->b.span = arg->expr->span;
    bool is_ref = arg->passing == PASS_PLACE;
    Value *view = is_ref ? build_lend(&f->b, arg->value, false) : arg->value;
    match_array(f, &call->match, local->type, view, arg->expr);
}

static void pass(FnLower *f, Call *call, Value *value) {
    vec_push(arena_of(f), &call->operands, value);
}

static void pass_array(FnLower *f, Call *call, const Argument *arg) {
    const Type *type = arg->param->local->type;
    f->b.span = arg->expr->span;
    if (type_is_strided(type)) {
        pass(f, call, arg->value);
        return;
    }
    pass(f, call, view_buf(f, arg->value));
    for (uint32_t d = 0; d < type->rank; d++) {
        if (!dim_is_open(type->dims[d])) continue;
        pass(f, call, dim_value(f, arg->value, shape_type(f, arg->expr), d));
    }
}

static void begin_call(FnLower *f, Call *call, const Expr *e) {
    call->symbol = info(f, e)->fn;
    call->callee = lower_fn_ref(f->p, call->symbol, f->fp);
    evaluate_arguments(f, call, e);
    for (uint32_t i = 0; i < call->arg_count; i++) open_argument(f, &call->args[i], e);
    for (uint32_t i = 0; i < call->arg_count; i++) match_argument(f, call, &call->args[i]);
    match_sizes(f, &call->match);
    for (uint32_t i = 0; i < call->symbol->sizes.len; i++) {
        Value *value = match_value(&call->match, call->symbol->sizes.data[i]);
        KC_CHECK(value);
        pass(f, call, value);
    }
    for (uint32_t i = 0; i < call->arg_count; i++) {
        const Argument *arg = &call->args[i];
        bool is_array = arg->passing == PASS_MEMORY || arg->passing == PASS_TENSOR;
        if (is_array) pass_array(f, call, arg);
        else pass(f, call, arg->value);
    }
    f->b.span = e->span;
}

/* The results without `failed`, which a task keeps. */
static void finish_call(FnLower *f, Call *call, const Expr *e, ValueVec *out, TaskCall *task) {
    f->b.span = e->span;
    Op *op = build_call(&f->b, call->callee, call->operands.data, call->operands.len);
    uint32_t first = call->callee->raises;
    if (task) task->failed = first ? op->results[0] : build_bool(&f->b, false);
    else if (first) raise_if(f, op->results[0]);
    for (uint32_t i = first; i < op->result_count; i++) vec_push(arena_of(f), out, op->results[i]);
}

/* ---- Results --------------------------------------------------------------------------------- */

/* Memory for a result of known shape. */
static Value *alloc_result(FnLower *f, const Call *call) {
    const Type *type = call->symbol->result;
    Value *dims[MAX_RANK];
    for (uint32_t d = 0; d < type->rank; d++) {
        dims[d] = callee_size(f, &call->match, type->dims[d]);
        KC_CHECK(dims[d]);
        int64_t number;
        bool is_fine = size_as_sym(type->dims[d]) || value_is_int(dims[d], &number);
        if (!is_fine) check1(f, CHECK_LENGTH, dims[d]);
    }
    Value *made = build_alloc(&f->b, ir_type_of(f->p, type->elem), dims, type->rank, false);
    return temporary_of(f, made);
}

/* What `__init__` has made of its new `self`. */
static Value *take_struct(FnLower *f, const Argument *self) {
    bool placed = is_placed(self->param->local->type);
    return placed ? build_move(&f->b, self->place) : build_get(&f->b, self->place);
}

static void add_held(FnLower *f, const Call *call, TaskCall *task) {
    for (uint32_t i = 0; i < call->arg_count; i++) {
        const Argument *arg = &call->args[i];
        bool is_view = arg->passing == PASS_MEMORY;
        if (is_view || arg->place) vec_push(arena_of(f), &task->held, is_view ? arg->value : arg->place);
    }
}

static void lower_call_as(FnLower *f, const Expr *e, ValueVec *out, TaskCall *task) {
    Call call = {0};
    begin_call(f, &call, e);
    Value *result = fn_has_out(call.symbol) ? alloc_result(f, &call) : NULL;
    if (result) pass(f, &call, view_buf(f, build_lend(&f->b, result, true)));
    finish_call(f, &call, e, out, task);
    f->b.span = e->span;
    if (result) vec_push(arena_of(f), out, build_move(&f->b, result));
    bool is_init = call.arg_count > 0 && !call.args[0].expr;
    if (is_init) vec_push(arena_of(f), out, take_struct(f, &call.args[0]));
    if (task) add_held(f, &call, task);
}

void lower_call(FnLower *f, const Expr *e, ValueVec *out) { lower_call_as(f, e, out, NULL); }

void lower_task_call(FnLower *f, const Expr *e, ValueVec *out, TaskCall *task) {
    lower_call_as(f, e, out, task);
}

void lower_call_into(FnLower *f, const Expr *e, Value *into, const Type *type) {
    Call call = {0};
    begin_call(f, &call, e);
    for (uint32_t d = 0; d < type->rank; d++) {
        const Size *size = call.symbol->result->dims[d];
        const Size *here = caller_size(f, &call.match, size);
        Value *value = callee_size(f, &call.match, size), *wanted = dim_value(f, into, type, d);
        if (!sizes_agree(f, here, value, type->dims[d], wanted)) check2(f, CHECK_SIZE, value, wanted);
    }
    pass(f, &call, view_buf(f, into));
    ValueVec none = {0};
    finish_call(f, &call, e, &none, NULL);
}

Value *lower_scalar_call(FnLower *f, const FnSymbol *symbol, Value *const *values, uint32_t count) {
    Op *op = build_call(&f->b, lower_fn_ref(f->p, symbol, f->fp), values, count);
    if (symbol->raises) raise_if(f, op->results[0]);
    return op->results[symbol->raises];
}

void lower_print(FnLower *f, const Expr *e) {
    const ExprInfo *i = info(f, e);
    ValueVec items = {0};
    for (uint32_t k = 0; k < i->arg_count; k++) lower_parts(f, i->args[k], false, &items);
    f->b.span = e->span;
    build_print(&f->b, items.data, items.len);
}
