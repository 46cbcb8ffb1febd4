/* Calls.
 *
 * The sizes of the callee are found from the arguments: a dimension that is one name gives the name its
 * value, `2*n + 1` is solved for n when nothing simpler mentions n; every other mention is compared with what
 * it must be, at compile time where the sizes of both sides say it, otherwise by a check before the call. */
#include "ir/lower/lower_internal.h"

/* One argument on its way. */
typedef struct Argument {
    const ParamInfo *param;
    const Expr *expr;
    Value *value;    /* scalar, struct, view */
    Place place;     /* of an inout scalar or struct */
    Value *ref;      /* what is passed for it */
    bool is_copied;  /* `ref` is a copy, written back after the call */
} Argument;

/* One dimension of one array argument. */
typedef struct Mention {
    const Size *formal; /* in the callee's symbols */
    const Size *actual; /* in the caller's, or NULL */
    Value *value;
    Span span;
    bool is_settled;    /* it gave a symbol its value, exactly */
} Mention;

typedef struct SizeMatch {
    Vec(Mention) mentions;
    Vec(SizeValue) values;              /* the callee's symbols */
    Vec(const SizeSym *) syms;          /* those among them whose size in the caller is known... */
    Vec(const Size *) sizes;            /* ...and that size */
} SizeMatch;

typedef struct Call {
    const FnSymbol *symbol;
    IrFn *callee;
    Argument *args;
    uint32_t arg_count;
    SizeMatch match;
    ValueVec operands;
} Call;

/* ---- Arguments ------------------------------------------------------------------------------- */

static bool is_by_ref(const ParamInfo *param) {
    return param->convention == CONVENTION_INOUT && !type_is_array(param->local->type);
}

static Argument evaluate_argument(FnLower *f, const ParamInfo *param, const Expr *e) {
    Argument arg = {.param = param, .expr = e};
    const Type *type = param->local->type;
    if (is_by_ref(param)) {
        arg.place = lower_place(f, e);
    } else if (!type_is_array(type)) {
        arg.value = lower_value(f, e);
    } else if (param->convention == CONVENTION_OWNED && type_is_owned_array(type)) {
        arg.value = lower_owned(f, e);
    } else {
        arg.value = view_as(f, lower_view(f, e), type_is_strided(type));
    }
    return arg;
}

static void evaluate_arguments(FnLower *f, Call *call, const Expr *e) {
    Operands operands;
    operands_of(f, e, &operands);
    call->arg_count = call->symbol->params.len;
    call->args = arena_array(arena_of(f), Argument, call->arg_count);
    KC_CHECK(operands.count == call->arg_count);
    for (uint32_t i = 0; i < call->arg_count; i++) {
        call->args[i] = evaluate_argument(f, &call->symbol->params.data[i], operands.items[i]);
    }
}

/* A variable is passed itself; elements and fields are passed as copies, written back afterwards. */
static void open_place(FnLower *f, Argument *arg) {
    bool is_variable = arg->place.ref && arg->place.path.len == 0;
    arg->ref = arg->place.ref;
    if (is_variable) return;
    f->b.span = arg->expr->span;
    Value *value = place_get(f, &arg->place);
    arg->ref = build_var(&f->b, value->type, NO_NAME);
    build_set(&f->b, arg->ref, value);
    arg->is_copied = true;
}

static void write_back(FnLower *f, Call *call) {
    for (uint32_t i = 0; i < call->arg_count; i++) {
        const Argument *arg = &call->args[i];
        if (arg->is_copied) place_set(f, &arg->place, build_get(&f->b, arg->ref));
    }
}

/* ---- Sizes ----------------------------------------------------------------------------------- */

static Value *match_value(const SizeMatch *m, const SizeSym *sym) {
    for (uint32_t i = 0; i < m->values.len; i++) {
        if (m->values.data[i].sym == sym) return m->values.data[i].value;
    }
    return NULL;
}

static void match_bind(FnLower *f, SizeMatch *m, const SizeSym *sym, Value *value, const Size *size) {
    SizeValue bound = {sym, value};
    vec_push(arena_of(f), &m->values, bound);
    if (!size || size_has_hidden(size)) return;
    vec_push(arena_of(f), &m->syms, sym);
    vec_push(arena_of(f), &m->sizes, size);
}

/* A size of the callee, in values of the caller. Symbols stand for what this call gives them, also when a
 * function calls itself. */
static Value *callee_size(FnLower *f, const SizeMatch *m, const Size *size) {
    uint32_t count = f->sizes.len;
    SizeValue *own = f->sizes.data;
    uint32_t cap = f->sizes.cap;
    f->sizes.data = m->values.data;
    f->sizes.len = f->sizes.cap = m->values.len;
    Value *value = size_value(f, size);
    f->sizes.data = own;
    f->sizes.len = count;
    f->sizes.cap = cap;
    return value;
}

/* The same in sizes of the caller, or NULL. */
static const Size *caller_size(FnLower *f, const SizeMatch *m, const Size *size) {
    const SizeTerm *terms;
    uint32_t count = size_terms(size, &terms);
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t k = 0; k < terms[i].sym_count; k++) {
            bool is_known = false;
            for (uint32_t s = 0; s < m->syms.len; s++) {
                is_known = is_known || m->syms.data[s] == terms[i].syms[k];
            }
            if (!is_known) return NULL;
        }
    }
    return size_substitute(f->p->checked->sizes, size, m->syms.data, m->sizes.data, m->syms.len);
}

/* The caller's size that an int argument is, if it is one. */
static const Size *size_of_argument(FnLower *f, const Expr *e) {
    Sizes *sizes = f->p->checked->sizes;
    e = strip_parens(e);
    const ExprInfo *i = info(f, e);
    if (i->constant && i->constant->kind == CONST_INT) {
        return size_const(sizes, (int64_t)i->constant->integer);
    }
    if (i->role == ROLE_SIZE) return size_of_sym(sizes, i->size);
    if (i->role == ROLE_LOCAL && i->local->size) return size_of_sym(sizes, i->local->size);
    return NULL;
}

static void collect_mentions(FnLower *f, Call *call) {
    for (uint32_t i = 0; i < call->arg_count; i++) {
        const Argument *arg = &call->args[i];
        const Local *local = arg->param->local;
        if (local->size && arg->value) {
            f->b.span = arg->expr->span;
            match_bind(f, &call->match, local->size, as_i64(f, arg->value),
                       size_of_argument(f, arg->expr));
        }
        if (!type_is_array(local->type)) continue;
        const Type *actual = shape_type(f, arg->expr);
        for (uint32_t d = 0; d < local->type->rank; d++) {
            if (dim_is_open(local->type->dims[d])) continue;
            f->b.span = arg->expr->span;
            Mention mention = {.formal = local->type->dims[d], .actual = actual->dims[d],
                               .value = dim_value(f, arg->value, actual, d),
                               .span = arg->expr->span};
            vec_push(arena_of(f), &call->match.mentions, mention);
        }
    }
}

static void match_names(FnLower *f, SizeMatch *m) {
    for (uint32_t i = 0; i < m->mentions.len; i++) {
        Mention *mention = &m->mentions.data[i];
        const SizeSym *sym = size_as_sym(mention->formal);
        if (!sym || match_value(m, sym)) continue;
        match_bind(f, m, sym, mention->value, mention->actual);
        mention->is_settled = true;
    }
}

/* The term `c*s` of a size whose one symbol without a value is s, linear; NULL if there is no such. */
static const SizeTerm *open_term(const SizeMatch *m, const Size *size) {
    const SizeTerm *terms, *open = NULL;
    uint32_t count = size_terms(size, &terms);
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t k = 0; k < terms[i].sym_count; k++) {
            if (match_value(m, terms[i].syms[k])) continue;
            if (open || terms[i].sym_count != 1) return NULL;
            open = &terms[i];
        }
    }
    return open;
}

/* c*s + rest == dim, solved for s. A division that leaves a remainder fails the check of this mention. */
static bool match_solved(FnLower *f, SizeMatch *m, Mention *mention) {
    const SizeTerm *open = open_term(m, mention->formal);
    if (!open) return false;
    Sizes *sizes = f->p->checked->sizes;
    const SizeSym *sym = open->syms[0];
    const Size *term = size_mul(sizes, size_const(sizes, open->coefficient), size_of_sym(sizes, sym));
    const Size *rest = term ? size_sub(sizes, mention->formal, term) : NULL;
    if (!rest) return false;
    f->b.span = mention->span;
    Value *part = build_binary(&f->b, OP_SUB, mention->value, callee_size(f, m, rest));
    const Size *rest_here = caller_size(f, m, rest), *size = NULL;
    if (open->coefficient != 1) {
        part = build_binary(&f->b, OP_FLOORDIV, part, build_i64(&f->b, open->coefficient));
    } else if (rest_here) {
        size = size_sub(sizes, mention->actual, rest_here);
    }
    mention->is_settled = open->coefficient == 1;
    match_bind(f, m, sym, part, size);
    return true;
}

static void check_mention(FnLower *f, const SizeMatch *m, const Mention *mention) {
    f->b.span = mention->span;
    const Size *wanted = caller_size(f, m, mention->formal);
    if (wanted && sizes_agree(f, mention->actual, NULL, wanted, mention->value)) return;
    Value *expected = callee_size(f, m, mention->formal);
    KC_CHECK(expected);
    if (expected != mention->value) check2(f, CHECK_SIZE, mention->value, expected);
}

static void match_sizes(FnLower *f, Call *call) {
    SizeMatch *m = &call->match;
    collect_mentions(f, call);
    match_names(f, m);
    for (bool again = true; again;) {
        again = false;
        for (uint32_t i = 0; i < m->mentions.len; i++) {
            again = match_solved(f, m, &m->mentions.data[i]) || again;
        }
    }
    for (uint32_t i = 0; i < m->mentions.len; i++) {
        if (!m->mentions.data[i].is_settled) check_mention(f, m, &m->mentions.data[i]);
    }
}

/* ---- The call -------------------------------------------------------------------------------- */

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

static void pass_all(FnLower *f, Call *call) {
    for (uint32_t i = 0; i < call->symbol->sizes.len; i++) {
        Value *value = match_value(&call->match, call->symbol->sizes.data[i]);
        KC_CHECK(value);
        pass(f, call, value);
    }
    for (uint32_t i = 0; i < call->arg_count; i++) {
        Argument *arg = &call->args[i];
        if (is_by_ref(arg->param)) {
            open_place(f, arg);
            pass(f, call, arg->ref);
        } else if (type_is_array(arg->param->local->type)) {
            pass_array(f, call, arg);
        } else {
            pass(f, call, arg->value);
        }
    }
}

static void begin_call(FnLower *f, Call *call, const Expr *e) {
    call->symbol = info(f, e)->fn;
    call->callee = lower_fn_ref(f->p, call->symbol);
    evaluate_arguments(f, call, e);
    match_sizes(f, call);
    pass_all(f, call);
    f->b.span = e->span;
}

static Op *finish_call(FnLower *f, Call *call, const Expr *e) {
    f->b.span = e->span;
    Op *op = build_call(&f->b, call->callee, call->operands.data, call->operands.len);
    write_back(f, call);
    return op;
}

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
    return build_alloc(&f->b, ir_type_of(f->p, type->elem), dims, type->rank, false);
}

void lower_call(FnLower *f, const Expr *e, ValueVec *out) {
    Call call = {0};
    begin_call(f, &call, e);
    Value *result = fn_has_out(call.symbol) ? alloc_result(f, &call) : NULL;
    if (result) pass(f, &call, view_buf(f, result));
    Op *op = finish_call(f, &call, e);
    if (result) vec_push(arena_of(f), out, result);
    for (uint32_t i = 0; i < op->result_count; i++) vec_push(arena_of(f), out, op->results[i]);
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
    finish_call(f, &call, e);
}

Value *lower_scalar_call(FnLower *f, const FnSymbol *symbol, Value *const *values, uint32_t count) {
    IrFn *callee = lower_fn_ref(f->p, symbol);
    return op_result(build_call(&f->b, callee, values, count));
}

void lower_print(FnLower *f, const Expr *e) {
    const ExprInfo *i = info(f, e);
    ValueVec items = {0};
    for (uint32_t k = 0; k < i->arg_count; k++) lower_parts(f, i->args[k], false, &items);
    f->b.span = e->span;
    build_print(&f->b, items.data, items.len);
}
