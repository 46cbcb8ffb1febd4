/* Methods of SIMD values. */
#include "sema/expr.h"

#include <string.h>

/* What a method takes and gives. `v` is the value, T its lanes' type, W their number. */
typedef enum Shape {
    SHAPE_CAST,     /* [U]() */
    SHAPE_BITS,     /* [U]() */
    SHAPE_SHUFFLE,  /* [i, j, ..]() or of another v */
    SHAPE_TWICE,    /* another v -> 2 W */
    SHAPE_HALVES,   /* -> two of W / 2 */
    SHAPE_ROTATE,   /* a known number */
    SHAPE_SAME,     /* -> v */
    SHAPE_SLICE,    /* two known numbers */
    SHAPE_INSERT,   /* a known number, fewer lanes */
    SHAPE_LOOKUP,   /* numbers of lanes */
    SHAPE_REDUCE,   /* -> T */
    SHAPE_BITWISE,  /* -> T, of integers */
    SHAPE_ASK,      /* mask -> bool */
    SHAPE_COUNT,    /* mask -> int */
    SHAPE_MOVEMASK, /* mask -> u64 */
    SHAPE_PACK,     /* mask of W -> v */
    SHAPE_SATURATE, /* another v, of integers */
    SHAPE_WIDE      /* another v, of integers -> twice the bits */
} Shape;

typedef struct MethodRow {
    Builtin method;
    Shape shape;
    uint32_t low, high; /* arguments in parentheses */
} MethodRow;

static const MethodRow rows[] = {
    {BUILTIN_V_CAST, SHAPE_CAST, 0, 0},
    {BUILTIN_V_BITCAST, SHAPE_BITS, 0, 0},
    {BUILTIN_V_SHUFFLE, SHAPE_SHUFFLE, 0, 1},
    {BUILTIN_V_INTERLEAVE, SHAPE_TWICE, 1, 1},
    {BUILTIN_V_DEINTERLEAVE, SHAPE_HALVES, 0, 0},
    {BUILTIN_V_ROTATE, SHAPE_ROTATE, 1, 1},
    {BUILTIN_V_REVERSE, SHAPE_SAME, 0, 0},
    {BUILTIN_V_SLICE, SHAPE_SLICE, 2, 2},
    {BUILTIN_V_JOIN, SHAPE_TWICE, 1, 1},
    {BUILTIN_V_INSERT, SHAPE_INSERT, 2, 2},
    {BUILTIN_V_LOOKUP, SHAPE_LOOKUP, 1, 1},
    {BUILTIN_V_REDUCE_ADD, SHAPE_REDUCE, 0, 0},
    {BUILTIN_V_REDUCE_MUL, SHAPE_REDUCE, 0, 0},
    {BUILTIN_V_REDUCE_MIN, SHAPE_REDUCE, 0, 0},
    {BUILTIN_V_REDUCE_MAX, SHAPE_REDUCE, 0, 0},
    {BUILTIN_V_REDUCE_AND, SHAPE_BITWISE, 0, 0},
    {BUILTIN_V_REDUCE_OR, SHAPE_BITWISE, 0, 0},
    {BUILTIN_V_ANY, SHAPE_ASK, 0, 0},
    {BUILTIN_V_ALL, SHAPE_ASK, 0, 0},
    {BUILTIN_V_COUNT, SHAPE_COUNT, 0, 0},
    {BUILTIN_V_FIRST, SHAPE_COUNT, 0, 0},
    {BUILTIN_V_MOVEMASK, SHAPE_MOVEMASK, 0, 0},
    {BUILTIN_V_COMPRESS, SHAPE_PACK, 1, 1},
    {BUILTIN_V_EXPAND, SHAPE_PACK, 1, 1},
    {BUILTIN_V_ADD_SAT, SHAPE_SATURATE, 1, 1},
    {BUILTIN_V_SUB_SAT, SHAPE_SATURATE, 1, 1},
    {BUILTIN_V_MUL_WIDE, SHAPE_WIDE, 1, 1},
};

static const MethodRow *row_of(FnChecker *f, Name name) {
    const char *text = text_of(f->c->cx, name);
    for (uint32_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (strcmp(builtin_name(rows[i].method), text) == 0) return &rows[i];
    }
    return NULL;
}

typedef struct SimdCall {
    FnChecker *f;
    Expr *e;
    const MethodRow *row;
    const Type *type;          /* of the value */
    const ArgVec *in_brackets; /* or NULL */
    Expr **args;               /* the value, those in parentheses, those in brackets */
    uint32_t count;
} SimdCall;

static const Type *finish(SimdCall *m, const Type *type) {
    warn_split(m->f, type, m->e->span);
    return expr_set_builtin(m->f, m->e, m->row->method, type, m->args, m->count);
}

/* NULL: reported. */
static const Type *refuse(SimdCall *m, const char *takes) {
    Diag *d = diag_add(m->f->c->cx, K0285, m->e->span, "`%s` is there for %s",
                       builtin_name(m->row->method), takes);
    diag_label(m->f->c->cx, d, m->args[0]->span, "%s", expr_and_type(m->f, m->args[0]));
    return expr_poison(m->f, m->e);
}

/* Argument `i` becomes a value of the type. */
static bool takes(SimdCall *m, uint32_t i, const Type *type) {
    const char *what =
        arena_printf(m->f->c->cx->arena, "the argument of `%s`", builtin_name(m->row->method));
    return check_assignable(m->f, m->args[i], type, what, NO_SPAN) &&
           !type_is_error(expr_type(m->f, m->args[i]));
}

/* A number between 0 and `most` that the compiler knows. */
static bool known(SimdCall *m, uint32_t i, int64_t most, int64_t *number) {
    FnChecker *f = m->f;
    Expr *arg = m->args[i];
    const char *name = builtin_name(m->row->method);
    const Const *constant = check_constant(f, arg, type_int(f->c->types),
                                           arena_printf(f->c->cx->arena, "a lane of `%s`", name));
    if (!constant || !convert_index(f, arg, "the number of a lane")) return false;
    bool fits = constant->kind == CONST_INT && constant->integer >= 0 && constant->integer <= most;
    *number = fits ? (int64_t)constant->integer : 0;
    if (fits) return true;
    StrBuf text = {0};
    const_print(constant, &text);
    Diag *d = diag_add(f->c->cx, K0262, arg->span, "there is no lane %s", strbuf_text(&text));
    diag_note(f->c->cx, d, "lanes of `%s` run from 0 to %lld here", name, (long long)most);
    strbuf_free(&text);
    return false;
}

static bool is_power(int64_t lanes) {
    return lanes >= 2 && lanes <= MAX_WIDTH && (lanes & (lanes - 1)) == 0;
}

static const Type *refuse_lanes(SimdCall *m, int64_t lanes) {
    Diag *d = diag_add(m->f->c->cx, K0287, m->e->span, "this would have %lld lane%s",
                       (long long)lanes, lanes == 1 ? "" : "s");
    diag_note(m->f->c->cx, d, "a SIMD value has a power of two of lanes, from 2 to 1024");
    return expr_poison(m->f, m->e);
}

static const Type *of_lanes(SimdCall *m, int64_t lanes) {
    if (!is_power(lanes)) return refuse_lanes(m, lanes);
    return finish(m, type_vector(m->f->c->types, m->type->elem, (uint32_t)lanes));
}

/* ---- Each shape ------------------------------------------------------------------------------ */

/* The one number type in the brackets, or NULL. */
static const Type *bracket_elem(SimdCall *m) {
    const char *name = builtin_name(m->row->method);
    if (!m->in_brackets || m->in_brackets->len != 1) {
        Diag *d = diag_add(m->f->c->cx, K0285, m->e->span, "`%s` needs one type in square brackets",
                           name);
        diag_note(m->f->c->cx, d, "as in `v.%s[i32]()`", name);
        return NULL;
    }
    Expr *written = m->in_brackets->data[0].value;
    const Type *elem = resolve_type(m->f, written, false);
    if (type_is_error(elem)) return NULL;
    if (elem->kind == TYPE_SCALAR) return elem;
    diag_add(m->f->c->cx, K0285, written->span, "`%s` needs a number type, and this is `%s`", name,
             type_text(m->f->c->cx, elem));
    return NULL;
}

static const Type *shape_cast(SimdCall *m) {
    const Type *elem = bracket_elem(m);
    if (!elem) return expr_poison(m->f, m->e);
    const Type *type = type_vector(m->f->c->types, elem, m->type->lanes);
    warn_split(m->f, type, m->e->span);
    return expr_set_args(m->f, m->e, ROLE_CONVERT, type, m->args, 1);
}

static const Type *shape_bits(SimdCall *m) {
    const Type *elem = bracket_elem(m);
    if (!elem) return expr_poison(m->f, m->e);
    if (type_is_bool(elem) || type_is_mask(m->type))
        return refuse(m, "numbers; the bits of a mask are `m.movemask()`");
    uint32_t bits = m->type->lanes * scalar_bits(m->type->elem->scalar);
    uint32_t lanes = bits / scalar_bits(elem->scalar);
    if (!is_power(lanes)) return refuse_lanes(m, lanes);
    return finish(m, type_vector(m->f->c->types, elem, lanes));
}

static const Type *shape_shuffle(SimdCall *m) {
    if (!m->in_brackets) {
        Diag *d = diag_add(m->f->c->cx, K0285, m->e->span,
                           "`shuffle` needs the numbers of lanes in square brackets");
        diag_note(m->f->c->cx, d,
                  "as in `v.shuffle[1, 0, 3, 2]()`; numbers of the run time are for `lookup`");
        return expr_poison(m->f, m->e);
    }
    bool two = m->e->call.args.len == 1;
    if (two && !takes(m, 1, m->type)) return expr_poison(m->f, m->e);
    int64_t number, most = (two ? 2 : 1) * (int64_t)m->type->lanes - 1;
    for (uint32_t i = 1 + two; i < m->count; i++) {
        if (!known(m, i, most, &number)) return expr_poison(m->f, m->e);
    }
    return of_lanes(m, m->in_brackets->len);
}

static const Type *shape_slice(SimdCall *m) {
    int64_t first, end;
    if (!known(m, 1, m->type->lanes, &first) || !known(m, 2, m->type->lanes, &end)) {
        return expr_poison(m->f, m->e);
    }
    return of_lanes(m, end - first);
}

static const Type *shape_insert(SimdCall *m) {
    int64_t first;
    const Type *part = check_value(m->f, m->args[2], m->type);
    if (!known(m, 1, m->type->lanes, &first) || type_is_error(part)) return expr_poison(m->f, m->e);
    if (!type_is_vector(part) || part->elem != m->type->elem) {
        diag_add(m->f->c->cx, K0285, m->args[2]->span, "`insert` takes lanes of `%s`, but %s",
                 type_text(m->f->c->cx, m->type->elem), expr_and_type(m->f, m->args[2]));
        return expr_poison(m->f, m->e);
    }
    if (first + part->lanes <= m->type->lanes) return finish(m, m->type);
    Diag *d =
        diag_add(m->f->c->cx, K0262, m->args[1]->span,
                 "%u lanes from %lld on reach beyond the last", part->lanes, (long long)first);
    diag_note(m->f->c->cx, d, "lanes run from 0 to %u", m->type->lanes - 1);
    return expr_poison(m->f, m->e);
}

static const Type *shape_lookup(SimdCall *m) {
    const Type *which = check_value(m->f, m->args[1], NULL);
    if (type_is_error(which)) return expr_poison(m->f, m->e);
    if (type_is_vector(which) && type_is_integer(which->elem)) {
        return finish(m, type_vector(m->f->c->types, m->type->elem, which->lanes));
    }
    diag_add(m->f->c->cx, K0285, m->args[1]->span, "`lookup` takes the numbers of lanes, but %s",
             expr_and_type(m->f, m->args[1]));
    return expr_poison(m->f, m->e);
}

static const Type *shape_wide(SimdCall *m) {
    static const Scalar wider[SCALAR_COUNT] = {
        [SCALAR_I8] = SCALAR_I16, [SCALAR_I16] = SCALAR_I32, [SCALAR_I32] = SCALAR_I64,
        [SCALAR_U8] = SCALAR_U16, [SCALAR_U16] = SCALAR_U32, [SCALAR_U32] = SCALAR_U64,
    };
    Scalar scalar = m->type->elem->scalar;
    if (!scalar_is_int(scalar) || wider[scalar] == 0) return refuse(m, "integers of up to 32 bits");
    if (!takes(m, 1, m->type)) return expr_poison(m->f, m->e);
    Types *types = m->f->c->types;
    return finish(m, type_vector(types, type_scalar(types, wider[scalar]), m->type->lanes));
}

static const Type *shape_halves(SimdCall *m) {
    if (m->type->lanes < 4) return refuse_lanes(m, 1);
    const Type *half = type_vector(m->f->c->types, m->type->elem, m->type->lanes / 2);
    return finish(m, type_tuple(m->f->c->types, (const Type *[]){half, half}, 2));
}

static const Type *shape_rotate(SimdCall *m) {
    int64_t by;
    return known(m, 1, m->type->lanes, &by) ? finish(m, m->type) : expr_poison(m->f, m->e);
}

static const Type *with_other(SimdCall *m, uint32_t lanes) {
    return takes(m, 1, m->type) ? of_lanes(m, lanes) : expr_poison(m->f, m->e);
}

static const Type *shape_pack(SimdCall *m) {
    Types *types = m->f->c->types;
    const Type *mask = type_vector(types, type_bool(types), m->type->lanes);
    return takes(m, 1, mask) ? finish(m, m->type) : expr_poison(m->f, m->e);
}

static const Type *by_shape(SimdCall *m) {
    Types *types = m->f->c->types;
    bool mask = type_is_mask(m->type), ints = type_is_integer(m->type->elem);
    switch (m->row->shape) {
    case SHAPE_CAST: return shape_cast(m);
    case SHAPE_BITS: return shape_bits(m);
    case SHAPE_SHUFFLE: return shape_shuffle(m);
    case SHAPE_TWICE: return with_other(m, 2 * m->type->lanes);
    case SHAPE_HALVES: return shape_halves(m);
    case SHAPE_ROTATE: return shape_rotate(m);
    case SHAPE_SAME: return finish(m, m->type);
    case SHAPE_SLICE: return shape_slice(m);
    case SHAPE_INSERT: return shape_insert(m);
    case SHAPE_LOOKUP: return shape_lookup(m);
    case SHAPE_REDUCE:
        return mask ? refuse(m, "numbers; masks have `any`, `all` and `count`")
                    : finish(m, m->type->elem);
    case SHAPE_BITWISE:
        return ints || mask ? finish(m, m->type->elem) : refuse(m, "integers and masks");
    case SHAPE_ASK:
        return mask ? finish(m, type_bool(types)) : refuse(m, "masks, which comparisons give");
    case SHAPE_COUNT:
        return mask ? finish(m, type_int(types)) : refuse(m, "masks, which comparisons give");
    case SHAPE_MOVEMASK:
        return mask && m->type->lanes <= 64 ? finish(m, type_scalar(types, SCALAR_U64))
                                            : refuse(m, "masks of up to 64 lanes");
    case SHAPE_PACK: return shape_pack(m);
    case SHAPE_SATURATE: return ints ? with_other(m, m->type->lanes) : refuse(m, "integers");
    case SHAPE_WIDE: return shape_wide(m);
    }
    UNREACHABLE();
}

static void collect_args(SimdCall *m, Expr *base) {
    const ArgVec *given = &m->e->call.args;
    bool numbers = m->in_brackets && m->row->shape == SHAPE_SHUFFLE;
    uint32_t extra = numbers ? m->in_brackets->len : 0;
    m->args = arena_array(m->f->c->cx->arena, Expr *, 1 + given->len + extra);
    m->args[m->count++] = base;
    for (uint32_t i = 0; i < given->len; i++) m->args[m->count++] = given->data[i].value;
    for (uint32_t i = 0; i < extra; i++) m->args[m->count++] = m->in_brackets->data[i].value;
}

const Type *check_simd_method(FnChecker *f, Expr *e, Expr *base, Ident name,
                              const ArgVec *in_brackets) {
    SimdCall m = {.f = f,
                  .e = e,
                  .row = row_of(f, name.name),
                  .type = expr_type(f, base),
                  .in_brackets = in_brackets};
    if (!m.row) {
        report_no_field(f, m.type, name);
        check_args_alone(f, &e->call.args);
        return expr_poison(f, e);
    }
    const char *text = builtin_name(m.row->method);
    bool brackets = m.row->shape <= SHAPE_SHUFFLE;
    if (in_brackets && !brackets) {
        diag_add(f->c->cx, K0285, e->call.callee->span, "`%s` takes nothing in square brackets",
                 text);
        return expr_poison(f, e);
    }
    if (!check_arg_count(f, e, m.row->low, m.row->high, text)) return expr_poison(f, e);
    collect_args(&m, base);
    return by_shape(&m);
}
