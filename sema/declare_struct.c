/* Structs: fields of plain types, methods, and structs that would contain themselves. */
#include <string.h>

#include "sema/declare.h"
#include "sema/expr.h"

/* ---- Fields ---------------------------------------------------------------------------------- */

/* Arrays and windows in structs come with the rules of ownership. */
static bool report_array_field(FnChecker *f, const Expr *type) {
    const Expr *base = type->kind == EXPR_INDEX ? type->index.base : type;
    const Symbol *symbol = base->kind == EXPR_NAME ? scope_find(f->scope, base->name) : NULL;
    if (symbol == NULL || symbol->kind != SYM_ARRAY) return false;
    bool owns = symbol->form == FORM_TENSOR;
    report_later(f->c, type->span,
                 owns ? "structs that own arrays" : "structs that hold views of arrays");
    return true;
}

static const Type *field_type(FnChecker *f, const FieldDecl *field) {
    Checker *c = f->c;
    Context *cx = c->cx;
    if (field->type == NULL || report_array_field(f, field->type)) return type_error(c->types);
    const Type *type = resolve_type(f, field->type, false);
    if (type_is_error(type) || type->kind == TYPE_SCALAR || type->kind == TYPE_STRUCT) return type;
    if (type_is_array(type)) {
        report_later(c, field->type->span, "structs that own arrays");
        return type_error(c->types);
    }
    Diag *d = diag_add(cx, K0225, field->type->span, "a field cannot be `%s`", type_text(cx, type));
    diag_note(cx, d, "the fields of a struct are numbers, bools and other structs");
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
        const char *inner = text_of(cx, at->type->strukt->name);
        if (i == from) {
            diag_primary_label(cx, d, "every `%s` holds %s `%s`", outer, article(inner), inner);
        } else {
            diag_label(cx, d, at->span, "every `%s` holds %s `%s`", outer, article(inner), inner);
        }
    }
    diag_note(cx, d,
              "such a value would be infinitely large; keep the values in an array, and store an "
              "index");
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
        walk->steps.len--;
        if (walk->steps.len > 0) vec_last(&walk->steps).field++;
        return;
    }
    const Type *type = step->strukt->fields.data[step->field].type;
    bool is_inner = type->kind == TYPE_STRUCT && type->strukt->module == &walk->module->symbol;
    Mark mark = is_inner ? walk->marks[type->strukt->id] : MARK_DONE;
    if (mark == MARK_OPEN) report_circle(walk, step_of(walk, type->strukt));
    if (mark == MARK_NEW) {
        walk->marks[type->strukt->id] = MARK_OPEN;
        StructSymbol *inner = (StructSymbol *)(uintptr_t)type->strukt; /* one of this module */
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

/* `__init__`, `__del__`, `__add__`: made by the language in a later version. */
static bool report_special(Checker *c, Ident name) {
    const char *text = text_of(c->cx, name.name);
    size_t length = strlen(text);
    bool is_special =
        length > 4 && strncmp(text, "__", 2) == 0 && strcmp(text + length - 2, "__") == 0;
    if (is_special) {
        report_later(c, name.span,
                     "methods that the language calls by itself, such as `__init__`,");
    }
    return is_special;
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

void declare_methods(Checker *c, Module *module, StructSymbol *s) {
    for (uint32_t i = 0; i < s->decl->methods.len; i++) {
        Stmt *stmt = s->decl->methods.data[i];
        if (stmt->kind != STMT_FN) continue;
        Ident name = stmt->fn->name;
        if (report_special(c, name) || !method_name_is_free(c, s, name)) continue;
        FnSymbol *fn = declare_fn(c, &module->symbol, module->scope, stmt, s, NULL);
        if (fn != NULL && method_is_new(c, s, fn)) vec_push(c->cx->arena, &s->methods, fn);
    }
}
