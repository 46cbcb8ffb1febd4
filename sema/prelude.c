/* What every module sees without importing it. */
#include "sema/declare.h"

#include <string.h>

static const char *const builtin_names[BUILTIN_COUNT] = {
    [BUILTIN_NONE] = "",
#define BUILTIN(kind, name, home) [BUILTIN_##kind] = name,
#define METHOD(kind, name) [BUILTIN_##kind] = name,
#define SIMD_METHOD(kind, name) [BUILTIN_##kind] = name,
#include "sema/builtins.def"
};

const char *builtin_name(Builtin builtin) { return builtin_names[builtin]; }

Builtin builtin_of_method(Builtin method) {
    switch ((int)method) {
    case BUILTIN_M_SUM: return BUILTIN_SUM;
    case BUILTIN_M_PROD: return BUILTIN_PROD;
    case BUILTIN_M_MEAN: return BUILTIN_MEAN;
    case BUILTIN_M_MIN: return BUILTIN_MIN;
    case BUILTIN_M_MAX: return BUILTIN_MAX;
    case BUILTIN_M_ANY: return BUILTIN_ANY;
    case BUILTIN_M_ALL: return BUILTIN_ALL;
    case BUILTIN_M_ARGMIN: return BUILTIN_ARGMIN;
    case BUILTIN_M_ARGMAX: return BUILTIN_ARGMAX;
    default: return method;
    }
}

static Symbol *add(Checker *c, Scope *scope, SymbolKind kind, const char *name) {
    return scope_add(c, scope, kind, name_of_str(c->cx->names, name), NO_SPAN);
}

static void add_scalar(Checker *c, Scope *scope, const char *name, Scalar scalar) {
    add(c, scope, SYM_SCALAR, name)->scalar = scalar;
}

static void add_type(Checker *c, Scope *scope, const char *name, const Type *type) {
    Symbol *symbol = add(c, scope, SYM_ALIAS, name);
    symbol->alias.state = ALIAS_DONE;
    symbol->alias.type = type;
}

void builtins_add(Checker *c, Scope *scope, const char *home) {
    static const struct {
        Builtin builtin;
        const char *name, *home;
    } rows[] = {
#define BUILTIN(kind, name, home) {BUILTIN_##kind, name, home},
#include "sema/builtins.def"
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (strcmp(rows[i].home, home) != 0) continue;
        add(c, scope, SYM_BUILTIN, rows[i].name)->builtin = rows[i].builtin;
    }
}

static void add_types(Checker *c, Scope *scope) {
    for (Scalar scalar = 0; scalar < SCALAR_COUNT; scalar++) {
        add_scalar(c, scope, scalar_spelling(scalar), scalar);
    }
#define SCALAR_NAME(name, kind) add_scalar(c, scope, name, SCALAR_##kind);
#define ARRAY_NAME(name, kind) add(c, scope, SYM_ARRAY, name)->form = FORM_##kind;
#define KIND_NAME(name, kind) add(c, scope, SYM_KIND, name)->type_kind = TYPE_##kind;
#define LATER(name, what) add(c, scope, SYM_LATER, name)->feature = what;
#include "sema/prelude.def"
    add_type(c, scope, "str", type_str(c->types));
    add_type(c, scope, "Error", type_failure(c->types));
    add(c, scope, SYM_RUN_LOOP, "parallelize")->is_simd = false;
    add(c, scope, SYM_RUN_LOOP, "vectorize")->is_simd = true;
}

Scope *prelude_create(Checker *c) {
    Scope *scope = scope_new(c, NULL);
    add_types(c, scope);
    builtins_add(c, scope, "prelude");
    Module *dtype = module_pseudo(c, "DType");
#define DTYPE(name, kind) add_scalar(c, dtype->scope, name, SCALAR_##kind);
#include "sema/prelude.def"
    add(c, scope, SYM_MODULE, "DType")->module = &dtype->symbol;
    return scope;
}
