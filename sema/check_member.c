/* Fields, members of modules, and what is written where one of them is meant. */
#include "sema/expr.h"

#include <string.h>

typedef struct Habit {
    const char *name, *advice;
} Habit;

/* What arrays of other libraries have. */
static const Habit array_habits[] = {
    {"T", "there is no transposed view; index it as `x[j, i]`"},
    {"ndim", "the number of dimensions is part of the type"},
    {"size", "`len()` is the size of the first dimension, `shape` has them all"},
    {"dtype", "the element type is part of the type"},
    {"length", "the size of the first dimension is `x.len()`"},
    {"reshape", "an array keeps the shape that it is made with"},
    {"append", "an array keeps the size that it is made with"},
    {"astype", "`f32(x)` converts every element"},
    {"dot", "the product of vectors and matrices is `x @ y`"},
    {"std", "write it out: `sqrt(mean((x - mean(x)) ** 2))`"},
};

const char *type_kind_words(const Type *type) {
    switch (type->kind) {
    case TYPE_ERROR:
    case TYPE_VOID: return "nothing";
    case TYPE_VECTOR: return "a SIMD value";
    case TYPE_SCALAR:
    case TYPE_INT_LITERAL:
    case TYPE_FLOAT_LITERAL: return type_is_bool(type) ? "a bool" : "a number";
    case TYPE_STR: return "a string";
    case TYPE_RANGE: return "a range";
    case TYPE_TUPLE: return "a tuple";
    case TYPE_STRUCT: return "a struct";
    case TYPE_ARRAY: return "an array";
    case TYPE_LIST: return "a list";
    case TYPE_ARENA: return "an arena";
    case TYPE_TASK: return "a task";
    case TYPE_POINTER: return "a raw pointer";
    case TYPE_FAILURE: return "an error";
    }
    UNREACHABLE();
}

typedef Vec(const char *) Words;

static void add_array_words(FnChecker *f, Words *words) {
    Arena *arena = f->c->cx->arena;
#define METHOD(kind, name) vec_push(arena, words, name);
#include "sema/builtins.def"
}

static void add_vector_words(FnChecker *f, Words *words) {
    Arena *arena = f->c->cx->arena;
#define SIMD_METHOD(kind, name) vec_push(arena, words, name);
#include "sema/builtins.def"
}

static void add_struct_words(FnChecker *f, const StructSymbol *s, Words *words) {
    Context *cx = f->c->cx;
    for (uint32_t i = 0; i < s->fields.len; i++) {
        vec_push(cx->arena, words, text_of(cx, s->fields.data[i].name));
    }
    for (uint32_t i = 0; i < s->methods.len; i++) {
        vec_push(cx->arena, words, text_of(cx, s->methods.data[i]->name));
    }
}

static bool add_habit(Context *cx, Diag *d, const char *name) {
    for (uint32_t i = 0; i < ARRAY_LEN(array_habits); i++) {
        if (strcmp(array_habits[i].name, name) != 0) continue;
        diag_note(cx, d, "%s", array_habits[i].advice);
        return true;
    }
    return false;
}

/* All the names there are, while they are few. */
static void list_words(Context *cx, Diag *d, const Words *words) {
    if (words->len == 0 || words->len > 8) return;
    StrBuf list = {0};
    for (uint32_t i = 0; i < words->len; i++) {
        strbuf_printf(&list, "%s`%s`", i ? ", " : "", words->data[i]);
    }
    diag_note(cx, d, "it has %s", strbuf_text(&list));
    strbuf_free(&list);
}

void report_no_field(FnChecker *f, const Type *type, Ident name) {
    Context *cx = f->c->cx;
    const char *text = text_of(cx, name.name);
    Diag *d = diag_add(cx, K0259, name.span, "`%s` has no field or method `%s`",
                       type_text(cx, type), text);
    Words words = {0};
    if (type_is_array(type)) {
        if (add_habit(cx, d, text)) return;
        add_array_words(f, &words);
    } else if (type_is_vector(type)) {
        add_vector_words(f, &words);
    } else if (type->kind == TYPE_STRUCT) {
        add_struct_words(f, type->strukt, &words);
    } else if (type->kind == TYPE_STR) {
        diag_note(cx, d,
                  "strings are only printed: `print(\"x =\", x)` prints both with a space between");
        return;
    } else {
        diag_note(cx, d, "%s has neither fields nor methods", type_kind_words(type));
        return;
    }
    const char *near = nearest_text(text, words.data, words.len);
    if (near) {
        Fix *fix = diag_fix(cx, d, FIX_AUTOMATIC, "did you mean `%s`?", near);
        fix_replace(cx, fix, name.span, near);
    } else if (type_is_vector(type)) {
        diag_note(cx, d, "what there is for numbers is a function: `abs(v)`, `sqrt(v)` from `math`, `popcount(v)` from `bits`");
    } else {
        list_words(cx, d, &words);
    }
}

void report_no_member(FnChecker *f, const ModuleSymbol *m, Ident name) {
    Context *cx = f->c->cx;
    const char *text = text_of(cx, name.name);
    Diag *d = diag_add(cx, K0259, name.span, "module `%s` has no `%s`", text_of(cx, m->name), text);
    const Scope *scope = module_scope(f->c, m);
    Words words = {0};
    for (uint32_t i = 0; i < scope->symbols.len; i++) {
        const char *word = text_of(cx, scope->symbols.data[i]->name);
        if (word[0] != '_') vec_push(cx->arena, &words, word);
    }
    const char *near = nearest_text(text, words.data, words.len);
    if (near) {
        Fix *fix = diag_fix(cx, d, FIX_AUTOMATIC, "did you mean `%s`?", near);
        fix_replace(cx, fix, name.span, near);
    } else {
        list_words(cx, d, &words);
    }
}

static const Type *check_module_member(FnChecker *f, Expr *e, const ModuleSymbol *module) {
    Context *cx = f->c->cx;
    Symbol *symbol = expr_symbol(f, e);
    if (!symbol) {
        report_no_member(f, module, e->member.name);
        return expr_poison(f, e);
    }
    if (text_of(cx, e->member.name.name)[0] == '_') {
        diag_add(cx, K0286, e->member.name.span, "`%s` is private to module `%s`",
                 text_of(cx, e->member.name.name), text_of(cx, module->name));
        return expr_poison(f, e);
    }
    return check_symbol(f, e, symbol);
}

static const Type *check_field(FnChecker *f, Expr *e, const StructSymbol *s, const Type *type) {
    Context *cx = f->c->cx;
    Name name = e->member.name.name;
    for (uint32_t i = 0; i < s->fields.len; i++) {
        if (!name_eq(s->fields.data[i].name, name)) continue;
        if (!s->fields.data[i].type) return expr_poison(f, e);
        const Type *field = type_with_fresh(f->c->types, s->fields.data[i].type, e->span);
        expr_set(f, e, ROLE_FIELD, field);
        expr_info(f->c, e)->index = i;
        return field;
    }
    for (uint32_t i = 0; i < s->methods.len; i++) {
        if (!name_eq(s->methods.data[i]->name, name)) continue;
        Diag *d = diag_add(cx, K0250, e->span, "`%s` is a method, not a value", text_of(cx, name));
        Fix *fix = diag_fix(cx, d, FIX_AUTOMATIC, "call it");
        fix_replace(cx, fix, span_after(e->span), "()");
        return expr_poison(f, e);
    }
    report_no_field(f, type, e->member.name);
    return expr_poison(f, e);
}

static const Type *check_array_member(FnChecker *f, Expr *e, const Type *type) {
    Context *cx = f->c->cx;
    Builtin method = method_find(f, e->member.name.name);
    if (method == BUILTIN_M_SHAPE) return check_shape(f, e, e->member.base);
    if (method == BUILTIN_NONE) {
        report_no_field(f, type, e->member.name);
    } else {
        Diag *d = diag_add(cx, K0250, e->span, "`%s` is a method, not a value",
                           text_of(cx, e->member.name.name));
        Fix *fix = diag_fix(cx, d, FIX_AUTOMATIC, "call it");
        fix_replace(cx, fix, span_after(e->span), "()");
    }
    return expr_poison(f, e);
}

const Type *check_member(FnChecker *f, Expr *e) {
    const ModuleSymbol *module = expr_module(f, e->member.base);
    if (module) return check_module_member(f, e, module);
    const Type *type = check_value(f, e->member.base, NULL);
    if (type_is_error(type)) return expr_poison(f, e);
    if (type->kind == TYPE_STRUCT) return check_field(f, e, type->strukt, type);
    if (type_is_array(type)) return check_array_member(f, e, type);
    bool is_message = method_find(f, e->member.name.name) == BUILTIN_M_MESSAGE;
    if (type->kind == TYPE_FAILURE && is_message) {
        return expr_set_builtin(f, e, BUILTIN_M_MESSAGE, type_str(f->c->types), &e->member.base, 1);
    }
    report_no_field(f, type, e->member.name);
    return expr_poison(f, e);
}
