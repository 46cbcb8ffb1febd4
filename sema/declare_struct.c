/* Structs: fields, methods, what owns and what looks, and structs that would contain themselves. */
#include <string.h>

#include "sema/declare.h"
#include "sema/expr.h"

/* ---- Fields ---------------------------------------------------------------------------------- */

static bool field_holds(const Type *type) {
    return type->kind == TYPE_SCALAR || type->kind == TYPE_VECTOR || type->kind == TYPE_STRUCT ||
           type->kind == TYPE_ARRAY || type->kind == TYPE_LIST || type->kind == TYPE_ARENA || type->kind == TYPE_POINTER;
}

static const Type *field_type(FnChecker *f, const FieldDecl *field) {
    Checker *c = f->c;
    if (field->type == NULL) {
        const char *name = text_of(c->cx, field->name.name);
        Diag *d = diag_add(c->cx, K0219, field->name.span, "the field `%s` has no type", name);
        diag_note(c->cx, d, "write it behind the name: `var %s: f32`", name);
        return type_error(c->types);
    }
    const Type *type = resolve_type(f, field->type, false);
    if (type_is_error(type) || field_holds(type)) return type;
    Diag *d = diag_add(c->cx, K0225, field->type->span, "a field cannot be `%s`",
                       type_text(c->cx, type));
    diag_note(c->cx, d,
              type->kind == TYPE_TASK
                  ? "a task is waited for where it was started"
                  : "the fields of a struct are numbers, bools, SIMD values, arrays, views, lists, arenas and "
                    "other structs");
    return type_error(c->types);
}

static bool field_is_new(Checker *c, const StructSymbol *s, Ident name) {
    Context *cx = c->cx;
    for (uint32_t i = 0; i < s->fields.len; i++) {
        if (!name_eq(s->fields.data[i].name, name.name)) continue;
        Diag *d = diag_add(cx, K0202, name.span, "the field `%s` is defined already",
                           text_of(cx, name.name));
        diag_label(cx, d, s->fields.data[i].span, "the first `%s`", text_of(cx, name.name));
        return false;
    }
    return true;
}

static void check_initial(FnChecker *f, const StructSymbol *s, const FieldInfo *field) {
    Context *cx = f->c->cx;
    const char *what = arena_printf(cx->arena, "the field `%s`", text_of(cx, field->name));
    if (!check_assignable(f, field->initial, field->type, what, field->span)) return;
    if (type_is_error(expr_type(f, field->initial)) || expr_constant(f, field->initial)) return;
    Diag *d = diag_add(cx, K0234, field->initial->span,
                       "the initial value of a field is known at compile time");
    diag_note(cx, d, "give the value where the `%s` is made", text_of(cx, s->name));
}

void declare_struct_fields(Checker *c, Module *module, StructSymbol *s) {
    FnChecker f = fn_checker(c, NULL, &module->symbol, module->scope);
    for (uint32_t i = 0; i < s->decl->fields.len; i++) {
        const FieldDecl *field = &s->decl->fields.data[i];
        const Type *type = field_type(&f, field);
        if (!field_is_new(c, s, field->name)) continue;
        FieldInfo info = {field->name.name, field->name.span, type, field->initial};
        vec_push(c->cx->arena, &s->fields, info);
    }
    if (s->decl->fields.len > 0) return;
    Diag *d = diag_add(c->cx, K0222, s->decl->name.span, "the struct `%s` has no fields",
                       text_of(c->cx, s->name));
    diag_note(c->cx, d, "a field is written `var x: f32`; C has no empty structs");
}

void check_initials(Checker *c, Module *module, StructSymbol *s) {
    FnChecker f = fn_checker(c, NULL, &module->symbol, module->scope);
    for (uint32_t i = 0; i < s->fields.len; i++) {
        const FieldInfo *field = &s->fields.data[i];
        if (field->initial != NULL && !type_is_error(field->type)) check_initial(&f, s, field);
    }
}

/* ---- Sorts ----------------------------------------------------------------------------------- */

static bool has_method(Checker *c, const StructSymbol *s, const char *name) {
    for (uint32_t i = 0; i < s->decl->methods.len; i++) {
        const Stmt *stmt = s->decl->methods.data[i];
        if (stmt->kind == STMT_FN && strcmp(text_of(c->cx, stmt->fn->name.name), name) == 0)
            return true;
    }
    return false;
}

static const FieldInfo *find_field(const StructSymbol *s, bool (*is)(const Type *)) {
    for (uint32_t i = 0; i < s->fields.len; i++) {
        if (is(s->fields.data[i].type)) return &s->fields.data[i];
    }
    return NULL;
}

static void report_mixed(Checker *c, const StructSymbol *s, const FieldInfo *owner,
                         const FieldInfo *window) {
    Context *cx = c->cx;
    const char *name = text_of(cx, s->name), *view = text_of(cx, window->name);
    Diag *d;
    if (owner != NULL) {
        d = diag_add(cx, K0344, window->span, "struct `%s` mixes owned memory (`%s`) with a view (`%s`)",
                     name, text_of(cx, owner->name), view);
        diag_label(cx, d, owner->span, "`%s` owns its memory", text_of(cx, owner->name));
    } else {
        d = diag_add(cx, K0344, window->span, "struct `%s` has a `__del__` and a view (`%s`)", name,
                     view);
        diag_label(cx, d, s->decl->name.span, "a struct with `__del__` owns what it holds");
    }
    diag_primary_label(cx, d, "this looks into memory of others");
    diag_fix(cx, d, FIX_SUGGESTED, "keep the position as an Int and make the view when you need it");
}

/* Says what the struct is, from its fields, which are known. */
static void sort_struct(Checker *c, StructSymbol *s) {
    bool has_del = has_method(c, s, "__del__");
    const FieldInfo *owner = find_field(s, type_owns), *window = find_field(s, type_looks);
    s->owns = owner != NULL || has_del;
    s->looks = window != NULL;
    s->copies = !has_del;
    for (uint32_t i = 0; i < s->fields.len; i++) {
        s->copies = s->copies && type_copies(s->fields.data[i].type);
    }
    if (s->owns && s->looks) report_mixed(c, s, owner, window);
}

/* ---- Circles --------------------------------------------------------------------------------- */

typedef enum Mark { MARK_NEW, MARK_OPEN, MARK_DONE } Mark;

/* A walk along fields without recursion: a chain of structs may be as long as the file. */
typedef struct Step {
    StructSymbol *strukt;
    uint32_t field;
} Step;

typedef struct Walk {
    Checker *c;
    Module *module;
    Mark *marks; /* by StructSymbol.id */
    Vec(Step) steps;
} Walk;

/* The struct that a field holds, itself or in a list; or NULL. */
static const StructSymbol *held_struct(const Type *type) {
    while (type->kind == TYPE_LIST) type = type->elem;
    return type->kind == TYPE_STRUCT ? type->strukt : NULL;
}

static void report_circle(Walk *walk, uint32_t from) {
    Context *cx = walk->c->cx;
    const Step *first = &walk->steps.data[from];
    const FieldInfo *field = &first->strukt->fields.data[first->field];
    const char *name = text_of(cx, first->strukt->name);
    bool is_direct = from + 1 == walk->steps.len;
    Diag *d = diag_add(cx, K0221, field->span,
                       is_direct ? "the struct `%s` contains itself"
                                 : "the struct `%s` contains itself, by way of others",
                       name);
    for (uint32_t i = from; i < walk->steps.len && i < from + 8; i++) {
        const FieldInfo *at = &walk->steps.data[i].strukt->fields.data[walk->steps.data[i].field];
        const char *outer = text_of(cx, walk->steps.data[i].strukt->name);
        const char *inner = text_of(cx, held_struct(at->type)->name);
        if (i == from) {
            diag_primary_label(cx, d, "every `%s` holds %s `%s`", outer, article(inner), inner);
        } else {
            diag_label(cx, d, at->span, "every `%s` holds %s `%s`", outer, article(inner), inner);
        }
    }
    diag_note(cx, d,
              "such a value would have no end; keep the values in one list, and store an index");
    const Step *last = &vec_last(&walk->steps); /* the circle is cut where it closes */
    last->strukt->fields.data[last->field].type = type_error(walk->c->types);
}

static uint32_t step_of(const Walk *walk, const StructSymbol *s) {
    for (uint32_t i = 0; i < walk->steps.len; i++) {
        if (walk->steps.data[i].strukt == s) return i;
    }
    return walk->steps.len;
}

/* Visits the next field of the last step; a struct met for the first time becomes a step. */
static void walk_on(Walk *walk) {
    Step *step = &vec_last(&walk->steps);
    if (step->field == step->strukt->fields.len) {
        walk->marks[step->strukt->id] = MARK_DONE;
        sort_struct(walk->c, step->strukt);
        walk->steps.len--;
        if (walk->steps.len > 0) vec_last(&walk->steps).field++;
        return;
    }
    const StructSymbol *held = held_struct(step->strukt->fields.data[step->field].type);
    bool is_inner = held != NULL && held->module == &walk->module->symbol;
    Mark mark = is_inner ? walk->marks[held->id] : MARK_DONE;
    if (mark == MARK_OPEN) report_circle(walk, step_of(walk, held));
    if (mark == MARK_NEW) {
        walk->marks[held->id] = MARK_OPEN;
        StructSymbol *inner = (StructSymbol *)(uintptr_t)held; /* one of this module */
        vec_push(walk->c->cx->arena, &walk->steps, ((Step){inner, 0}));
    } else {
        vec_last(&walk->steps).field++;
    }
}

void report_struct_cycles(Checker *c, Module *module) {
    Walk walk = {c, module, arena_array(c->cx->arena, Mark, c->program->struct_count + 1), {0}};
    for (uint32_t i = 0; i < module->symbol.structs.len; i++) {
        StructSymbol *s = module->symbol.structs.data[i];
        if (walk.marks[s->id] != MARK_NEW) continue;
        walk.marks[s->id] = MARK_OPEN;
        vec_push(c->cx->arena, &walk.steps, ((Step){s, 0}));
        while (walk.steps.len > 0) walk_on(&walk);
    }
}

/* ---- Methods --------------------------------------------------------------------------------- */

bool is_special_name(const char *name) {
    size_t length = strlen(name);
    return length > 4 && strncmp(name, "__", 2) == 0 && strcmp(name + length - 2, "__") == 0;
}

/* `__add__`, `__len__` and the like are made by the language in a later version. */
static bool report_special(Checker *c, Ident name) {
    const char *text = text_of(c->cx, name.name);
    bool is_known = strcmp(text, "__init__") == 0 || strcmp(text, "__del__") == 0;
    if (is_known || !is_special_name(text)) return false;
    report_later(c, name.span, "methods that operators call, such as `__add__`,");
    return true;
}

static bool method_name_is_free(Checker *c, const StructSymbol *s, Ident name) {
    Context *cx = c->cx;
    for (uint32_t i = 0; i < s->fields.len; i++) {
        if (!name_eq(s->fields.data[i].name, name.name)) continue;
        Diag *d = diag_add(cx, K0202, name.span, "`%s` is both a field and a method of `%s`",
                           text_of(cx, name.name), text_of(cx, s->name));
        diag_label(cx, d, s->fields.data[i].span, "the field");
        return false;
    }
    return true;
}

static bool method_is_new(Checker *c, const StructSymbol *s, const FnSymbol *fn) {
    FnSymbolVec same = {0};
    for (uint32_t i = 0; i < s->methods.len; i++) {
        if (name_eq(s->methods.data[i]->name, fn->name))
            vec_push(c->cx->arena, &same, s->methods.data[i]);
    }
    return overload_is_new(c, &same, fn);
}

static void report_signature(Checker *c, const FnSymbol *fn, const char *wanted) {
    Context *cx = c->cx;
    Diag *d = diag_add(cx, K0220, fn->decl->signature, "`%s` is written `%s`",
                       text_of(cx, fn->name), wanted);
    diag_note(cx, d, "`__init__` gives every field its value; `__del__` ends what the value owns");
}

/* `__init__(inout self, ...)` and `__del__(owned self)`. */
static void keep_special(Checker *c, StructSymbol *s, FnSymbol *fn) {
    const char *text = text_of(c->cx, fn->name);
    if (!is_special_name(text) || fn->params.len == 0) return;
    bool is_init = strcmp(text, "__init__") == 0;
    Convention wanted = is_init ? CONVENTION_INOUT : CONVENTION_OWNED;
    bool fits = fn->params.data[0].convention == wanted && fn->result->kind == TYPE_VOID &&
                (is_init || (fn->params.len == 1 && !fn->decl->raises));
    if (!fits && !type_is_error(fn->result)) {
        report_signature(c, fn, is_init ? "fn __init__(inout self, ...)" : "fn __del__(owned self)");
    }
    if (is_init && s->init == NULL) s->init = fn;
    if (!is_init) s->del = fn;
}

void declare_methods(Checker *c, Module *module, StructSymbol *s) {
    for (uint32_t i = 0; i < s->decl->methods.len; i++) {
        Stmt *stmt = s->decl->methods.data[i];
        if (stmt->kind != STMT_FN) continue;
        Ident name = stmt->fn->name;
        if (report_special(c, name) || !method_name_is_free(c, s, name)) continue;
        FnSymbol *fn = declare_fn(c, &module->symbol, module->scope, stmt, s, NULL);
        if (fn == NULL || !method_is_new(c, s, fn)) continue;
        vec_push(c->cx->arena, &s->methods, fn);
        keep_special(c, s, fn);
    }
}
