/* `let` and `var`. */
#include "sema/declare.h"
#include "sema/expr.h"

static const char *name_list(Checker *c, const IdentVec *names) {
    StrBuf list = {0};
    for (uint32_t i = 0; i < names->len; i++) {
        strbuf_printf(&list, "%s`%s`", i == 0 ? "" : ", ", text_of(c->cx, names->data[i].name));
    }
    const char *text = arena_strndup(c->cx->arena, strbuf_text(&list), list.len);
    strbuf_free(&list);
    return text;
}

void take_apart(FnChecker *f, Expr *value, const Type *type, uint32_t count, const char *what,
                const Type **types) {
    Context *cx = f->c->cx;
    bool fits = type->kind == TYPE_TUPLE && type->item_count == count;
    for (uint32_t i = 0; i < count; i++) types[i] = fits ? type->items[i] : type_error(f->c->types);
    if (fits || type_is_error(type)) return;
    if (type->kind == TYPE_TUPLE) {
        Diag *d = diag_add(cx, K0212, value->span, "there are %u names, but %u values", count,
                           type->item_count);
        diag_primary_label(cx, d, "this is `%s`", type_text(cx, type));
        diag_note(cx, d, "the names are %s", what);
        return;
    }
    Diag *d = diag_add(cx, K0212, value->span, "only a tuple can be taken apart, and this is %s",
                       type_kind_words(type));
    diag_primary_label(cx, d, "this is `%s`", type_text(cx, type));
    if (type_is_array(type)) {
        diag_note(cx, d, "take its elements one by one: `let a = x[0]`");
    } else {
        diag_note(cx, d, "several values are written with commas between: `1.0, 2.0`");
    }
}

/* The type that is written, or NULL. */
static const Type *written_type(FnChecker *f, Stmt *s) {
    return s->binding.type != NULL ? resolve_type(f, s->binding.type, false) : NULL;
}

static const Type *value_type(FnChecker *f, Stmt *s, const Type *written, const char *what) {
    Expr *value = s->binding.value;
    if (value == NULL) return written != NULL ? written : type_error(f->c->types);
    uint32_t names = s->binding.names.len;
    const char *label = arena_printf(f->c->cx->arena, "%s would %s", what,
                                     names == 1 ? "be a second owner" : "have second owners");
    if (written == NULL) {
        const Type *type = check_value(f, value, NULL);
        if (names == 1 || type->kind == TYPE_TUPLE) take_owned(f, value, label);
        return type;
    }
    if (type_is_error(written)) {
        check_expr(f, value, NULL);
        return written;
    }
    bool fits = check_assignable(f, value, written, what, s->binding.type->span);
    bool keeps = type_owns(written) || written->kind == TYPE_TUPLE; /* a window only looks */
    if (fits && keeps) take_owned(f, value, label);
    return written;
}

/* The known value of a `let` of a number. */
static const Const *known_value(FnChecker *f, const Stmt *s, const Type *type) {
    if (s->binding.is_var || s->binding.value == NULL || type->kind != TYPE_SCALAR) return NULL;
    const Const *constant = expr_constant(f, s->binding.value);
    return constant != NULL ? const_convert(f->c, constant, type) : NULL;
}

static void add_local(FnChecker *f, Stmt *s, Ident name, const Type *type, const Const *constant) {
    Local *local = local_new(f, name.name, name.span, type, s->binding.is_var);
    if (local->is_var) leave_sizes_open(f, local, s->binding.type == NULL);
    local->constant = constant;
    local->is_empty = s->binding.value == NULL;
    local_declare(f, local);
    note_task_kept(f, s->binding.value, local);
    StmtInfo *info = stmt_info(f->c, s);
    vec_push(f->c->cx->arena, &info->locals, local);
}

static void check_several(FnChecker *f, Stmt *s, const Type *written) {
    const IdentVec *names = &s->binding.names;
    const char *what = name_list(f->c, names);
    const Type *type = value_type(f, s, written, what);
    const Type **types = arena_array(f->c->cx->arena, const Type *, names->len);
    Expr *value = s->binding.value != NULL ? s->binding.value : s->binding.type;
    if (value == NULL) {
        for (uint32_t i = 0; i < names->len; i++) types[i] = type;
    } else {
        take_apart(f, value, type, names->len, what, types);
    }
    for (uint32_t i = 0; i < names->len; i++) add_local(f, s, names->data[i], types[i], NULL);
}

/* The names are defined after the value: `let x = x + 1` speaks of an `x` from outside. */
void check_binding(FnChecker *f, Stmt *s) {
    const IdentVec *names = &s->binding.names;
    const Type *written = written_type(f, s);
    if (names->len != 1) {
        check_several(f, s, written);
        return;
    }
    Context *cx = f->c->cx;
    const char *what = arena_printf(cx->arena, "`%s`", text_of(cx, names->data[0].name));
    const Type *type = value_type(f, s, written, what);
    add_local(f, s, names->data[0], type, known_value(f, s, type));
}
