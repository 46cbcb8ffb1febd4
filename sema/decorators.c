/* Decorators: what they take, where they stand, and what they set. */
#include <string.h>

#include "sema/declare.h"

typedef enum Takes { NOTHING, TEXT, MAYBE_TEXT, LOOPS } Takes;

typedef enum DecoratorKind {
#define DECORATOR(kind, name, takes, later) DECORATOR_##kind,
#include "sema/decorators.def"
} DecoratorKind;

typedef struct DecoratorRow {
    const char *name;
    Takes takes;
    const char *later;
} DecoratorRow;

static const DecoratorRow rows[] = {
#define DECORATOR(kind, name, takes, later) {name, takes, later},
#include "sema/decorators.def"
};

/* What other languages write, and what does it here. */
static const struct {
    const char *name, *fix, *advice;
} habits[] = {
    {"always_inline", "inline", NULL},
    {"forceinline", "inline", NULL},
    {"no_inline", "noinline", NULL},
    {"njit", NULL, "every function is compiled: no decorator is needed"},
    {"jit", NULL, "every function is compiled: no decorator is needed"},
    {"vectorize", NULL, "a function of numbers is applied to whole arrays as it is: `f(x)`"},
    {"staticmethod", NULL, "a function that needs no `self` stands outside the struct"},
    {"property", NULL, "call it like any method"},
    {"dataclass", NULL, "every struct is made by naming its fields in order: `P(1.0, 2.0)`"},
    {"value", NULL, "structs of numbers are copied freely: no decorator is needed"},
    {"register_passable", NULL, "structs of numbers travel in registers where C's rules say so"},
    {"parameter", NULL, "`@parameter` stands before `if` and `for`"},
    {"extern", NULL, "C functions are declared with `extern fn`"},
    {"unroll", NULL, "`@parameter for` unrolls a loop"},
};

/* ---- Reports --------------------------------------------------------------------------------- */

static void report_unknown(Checker *c, const Decorator *decorator) {
    Context *cx = c->cx;
    const char *name = text_of(cx, decorator->name.name);
    Diag *d = diag_add(cx, K0223, decorator->span, "there is no decorator `@%s`", name);
    for (size_t i = 0; i < ARRAY_LEN(habits); i++) {
        if (strcmp(habits[i].name, name) != 0) continue;
        if (habits[i].advice != NULL) diag_note(cx, d, "%s", habits[i].advice);
        if (habits[i].fix == NULL) return;
        Fix *fix = diag_fix(cx, d, FIX_AUTOMATIC, "in kc this is `@%s`", habits[i].fix);
        fix_replace(cx, fix, decorator->name.span, habits[i].fix);
        return;
    }
    const char *names[ARRAY_LEN(rows)];
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) names[i] = rows[i].name;
    const char *near = nearest_text(name, names, ARRAY_LEN(rows));
    if (near != NULL) {
        Fix *fix = diag_fix(cx, d, FIX_AUTOMATIC, "did you mean `@%s`?", near);
        fix_replace(cx, fix, decorator->name.span, near);
        return;
    }
    diag_note(
        cx, d,
        "there are `@export`, `@inline`, `@noinline`, `@fp(\"strict\")`, `@fused(loops=1)`, "
        "`@must_vectorize`, `@noalloc`, `@test` and `@bench`");
}

/* The string between the parentheses; NULL after reporting anything else there. */
static const Expr *text_argument(Checker *c, const Decorator *decorator, Takes takes) {
    Context *cx = c->cx;
    const char *name = text_of(cx, decorator->name.name);
    uint32_t count = decorator->args.len;
    if (count == 0 && takes != TEXT) return NULL;
    const Arg *arg = count > 0 ? &decorator->args.data[0] : NULL;
    if (takes != NOTHING && count == 1 && arg->key.name.id == 0) {
        if (arg->value->kind == EXPR_ERROR) return NULL;
        if (arg->value->kind == EXPR_STRING && !arg->value->string.is_bytes) return arg->value;
    }
    if (takes == NOTHING) {
        Diag *d = diag_add(cx, K0224, decorator->span, "`@%s` takes no arguments", name);
        Fix *fix = diag_fix(cx, d, FIX_AUTOMATIC, "write `@%s` alone", name);
        fix_replace(cx, fix,
                    (Span){decorator->span.file, decorator->name.span.end, decorator->span.end},
                    "");
        return NULL;
    }
    Diag *d = diag_add(cx, K0224, decorator->span, "`@%s` takes one string", name);
    diag_note(cx, d,
              takes == TEXT ? "as in `@fp(\"strict\")`"
                            : "as in `@export(\"name_in_c\")`, or none: `@export`");
    return NULL;
}

static void report_misplaced(Checker *c, const Decorator *decorator, const char *where,
                             const char *note) {
    Diag *d = diag_add(c->cx, K0224, decorator->span, "`@%s` does not go with %s",
                       text_of(c->cx, decorator->name.name), where);
    if (note != NULL) diag_note(c->cx, d, "%s", note);
}

void decorators_refuse(Checker *c, const DecoratorVec *decorators, const char *what) {
    for (uint32_t i = 0; i < decorators->len; i++) {
        const Decorator *decorator = &decorators->data[i];
        const char *name = text_of(c->cx, decorator->name.name);
        bool is_known = false;
        for (size_t k = 0; k < ARRAY_LEN(rows); k++) is_known |= strcmp(rows[k].name, name) == 0;
        if (is_known) {
            report_misplaced(c, decorator, what, "decorators are for functions");
        } else {
            report_unknown(c, decorator);
        }
    }
}

/* ---- What they set --------------------------------------------------------------------------- */

static void set_fp(Checker *c, FnSymbol *fn, const Expr *text) {
    /* In the order of the IR's FpMode. */
    static const char *const modes[] = {"contract", "strict", "reproducible", "fast"};
    Context *cx = c->cx;
    const char *mode = arena_strndup(cx->arena, text->string.bytes, text->string.length);
    for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
        if (strcmp(modes[i], mode) != 0) continue;
        fn->has_fp = true;
        fn->fp = (int)i;
        return;
    }
    Diag *d = diag_add(cx, K0224, text->span, "there is no floating-point mode `%s`", mode);
    const char *near = nearest_text(mode, modes, ARRAY_LEN(modes));
    if (near != NULL) {
        Fix *fix = diag_fix(cx, d, FIX_AUTOMATIC, "did you mean `%s`?", near);
        fix_replace(cx, fix, text->span, arena_printf(cx->arena, "\"%s\"", near));
    } else {
        diag_note(cx, d, "the modes are `strict`, `contract`, `reproducible` and `fast`");
    }
}

static void set_export(Checker *c, FnSymbol *fn, const Decorator *decorator, const Expr *text) {
    Context *cx = c->cx;
    if (fn->owner != NULL) {
        report_misplaced(c, decorator, "a method", "export a function that calls the method");
    } else if (fn->parent != NULL) {
        report_misplaced(c, decorator, "a nested function", "move the function to the top level");
    } else if (fn->is_extern) {
        report_misplaced(c, decorator, "an `extern fn`", "the function is C's already");
    } else {
        fn->is_exported = true;
        fn->symbol = fn->name;
        if (text != NULL) fn->symbol = name_of(cx->names, text->string.bytes, text->string.length);
        export_check(c, fn, text != NULL ? text->span : fn->decl->name.span);
    }
}

static void set_inline(Checker *c, FnSymbol *fn, const Decorator *decorator, bool is_inline) {
    if (fn->is_extern) {
        report_misplaced(c, decorator, "an `extern fn`", "kc does not see the function's body");
    } else if (is_inline ? fn->is_noinline : fn->is_inline) {
        report_misplaced(c, decorator, is_inline ? "`@noinline`" : "`@inline`", NULL);
    } else if (is_inline) {
        fn->is_inline = true;
    } else {
        fn->is_noinline = true;
    }
}

static void set_noalloc(Checker *c, FnSymbol *fn, const Decorator *decorator) {
    if (fn->is_extern) {
        report_misplaced(c, decorator, "an `extern fn`", "kc does not see what C code allocates");
    } else {
        fn->is_noalloc = true;
    }
}

static void set_must_vectorize(Checker *c, FnSymbol *fn, const Decorator *decorator) {
    if (fn->is_extern) {
        report_misplaced(c, decorator, "an `extern fn`", "kc does not see the function's loops");
    } else {
        fn->must_vectorize = true;
    }
}

static void set_test(Checker *c, const FnSymbol *fn, const Decorator *decorator) {
    if (fn->params.len == 0 && fn->owner == NULL && !fn->is_extern) return;
    const char *where = fn->is_extern ? "an `extern fn`"
                        : fn->owner   ? "a method"
                                      : "a function that has parameters";
    report_misplaced(c, decorator, where, "tests and benchmarks run on their own");
}

/* `loops=k`, k being written as a number. */
static void set_fused(Checker *c, FnSymbol *fn, const Decorator *decorator) {
    enum { MOST_LOOPS = 1000 };
    const Arg *arg = decorator->args.len == 1 ? &decorator->args.data[0] : NULL;
    bool is_count = arg != NULL && arg->key.name.id != 0 && arg->value->kind == EXPR_INT &&
                    strcmp(text_of(c->cx, arg->key.name), "loops") == 0 &&
                    arg->value->integer.value <= MOST_LOOPS;
    if (arg != NULL && arg->value->kind == EXPR_ERROR) return;
    if (fn->is_extern) {
        report_misplaced(c, decorator, "an `extern fn`", "kc does not see the function's loops");
    } else if (is_count) {
        fn->is_fused = true;
        fn->fused_loops = (uint32_t)arg->value->integer.value;
    } else {
        Diag *d = diag_add(c->cx, K0224, decorator->span,
                           "`@fused` takes the number of loops that the function may become");
        diag_note(c->cx, d, "as in `@fused(loops=1)`");
    }
}

static void apply(Checker *c, FnSymbol *fn, const Decorator *decorator, DecoratorKind kind) {
    if (rows[kind].later != NULL) {
        report_later(c, decorator->span, rows[kind].later);
        return;
    }
    if (kind == DECORATOR_FUSED) {
        set_fused(c, fn, decorator);
        return;
    }
    uint32_t errors = c->cx->diags.errors;
    const Expr *text = text_argument(c, decorator, rows[kind].takes);
    if (c->cx->diags.errors != errors) return;
    switch (kind) {
    case DECORATOR_EXPORT: set_export(c, fn, decorator, text); return;
    case DECORATOR_INLINE: set_inline(c, fn, decorator, true); return;
    case DECORATOR_NOINLINE: set_inline(c, fn, decorator, false); return;
    case DECORATOR_FP:
        if (text != NULL) set_fp(c, fn, text);
        return;
    case DECORATOR_TEST:
    case DECORATOR_BENCH: set_test(c, fn, decorator); return;
    case DECORATOR_NOALLOC: set_noalloc(c, fn, decorator); return;
    case DECORATOR_MUST_VECTORIZE: set_must_vectorize(c, fn, decorator); return;
    case DECORATOR_FUSED: break;
    }
    UNREACHABLE();
}

static bool is_repeated(Checker *c, const DecoratorVec *decorators, uint32_t index) {
    for (uint32_t i = 0; i < index; i++) {
        if (!name_eq(decorators->data[i].name.name, decorators->data[index].name.name)) continue;
        Diag *d = diag_add(c->cx, K0224, decorators->data[index].span, "`@%s` is given twice",
                           text_of(c->cx, decorators->data[i].name.name));
        diag_label(c->cx, d, decorators->data[i].span, "the first");
        return true;
    }
    return false;
}

void decorators_apply(Checker *c, FnSymbol *fn) {
    const DecoratorVec *decorators = &fn->decl->decorators;
    for (uint32_t i = 0; i < decorators->len; i++) {
        if (is_repeated(c, decorators, i)) continue;
        const char *name = text_of(c->cx, decorators->data[i].name.name);
        size_t kind = 0;
        while (kind < ARRAY_LEN(rows) && strcmp(rows[kind].name, name) != 0) kind++;
        if (kind == ARRAY_LEN(rows)) {
            report_unknown(c, &decorators->data[i]);
        } else {
            apply(c, fn, &decorators->data[i], (DecoratorKind)kind);
        }
    }
}
