/* Between the files that load modules and declare what is in them (modules.c, module_find.c,
 * declare*.c, export.c, statements' and functions' bodies in check_*.c). All memory is the
 * compilation's arena. */
#ifndef KC_SEMA_DECLARE_H
#define KC_SEMA_DECLARE_H

#include "sema/check.h"

/* ---- Modules --------------------------------------------------------------------------------- */

typedef enum ModuleState {
    MODULE_WAITING, /* given on the command line, and not looked at yet */
    MODULE_LOADING, /* its imports are being loaded: meeting it again is a cycle */
    MODULE_READY    /* everything in it has been declared */
} ModuleState;

/* Every ModuleSymbol is the head of one of these. */
typedef struct Module {
    ModuleSymbol symbol;
    Scope *scope;
    const char *path; /* of the file, or NULL: DType, and folders of modules */
    ModuleState state;
    const struct Module *importer; /* who asked for it first, and where */
    Span import_span;
    StmtVec waiting; /* imports that nobody has wanted a name of; NULL where somebody has */
} Module;
typedef Vec(Module *) ModuleVec;

/* A feature that has been answered with K0401. */
typedef struct LaterReport {
    const char *feature;
    Diag *diag;
    Span last;
} LaterReport;

/* Errors of a task leave where it is waited for, which has to be in sight of its `spawn`. */
typedef enum TaskSite {
    TASK_NONE,
    TASK_SPAWN, /* of a task that gets no name here */
    TASK_KEPT,  /* one that does, or is waited for at once */
    TASK_WAIT,
    TASK_MOVE   /* the name is given on */
} TaskSite;

/* A place where an error can leave its function: a call, or a `raise`. Whether a `def` raises is known
 * when all bodies have been checked. */
typedef struct RaiseSite {
    FnSymbol *from;
    const FnSymbol *to; /* the one that is called; NULL for `raise`, and of tasks with a name */
    const Local *task;  /* TASK_WAIT, TASK_MOVE: its name, or NULL */
    Span span;
    const char *later;  /* the feature, where an error cannot be handled by this version; or NULL */
    bool is_handled;    /* inside a `try` */
    TaskSite part;      /* of the life of a task */
} RaiseSite;

/* A nested function, and where it stands. */
typedef struct NestedFn {
    FnSymbol *fn;
    Scope *scope;
    uint32_t unsafe_depth;
    bool is_broken; /* its body has errors */
} NestedFn;

/* Who has a name in the object file, or a name that C sees. */
typedef struct NameOwner {
    Name name;
    Span span;
    const FnSymbol *fn; /* NULL for a struct */
} NameOwner;

/* A type in the place of an element, met before it is known whether it owns. */
typedef struct ElementUse {
    const Type *elem;
    Span span;
    bool is_list; /* of a List; otherwise of an array */
} ElementUse;

/* A variable that gets another value, or may get one from a function that it is passed to. */
typedef struct Replacement {
    const FnSymbol *fn; /* whose body it is in */
    Local *local;       /* the variable; NULL for a field or an element */
    const Type *type;   /* of the place */
    const char *name;   /* as written */
    const char *how;    /* "moved", "resized"; NULL: as `callee` does it with `param` */
    const FnSymbol *callee;
    uint32_t param;
    Span span;
} Replacement;

/* A conversion that a `def` makes by itself. */
typedef struct ConversionSite {
    Name fn;
    const Expr *e; /* ExprInfo.converted, unless something took it back */
    bool in_loop;
} ConversionSite;

/* The whole program: what check_program works through. */
typedef struct Program {
    ModuleVec loading;     /* every file, as it is met */
    ModuleVec modules;     /* imported before importing */
    ModuleVec mains;       /* those of the command line, in the same order */
    FnSymbolVec bodies;    /* to be checked; grows while libraries are loaded */
    Vec(LaterReport) laters;
    Vec(NameOwner *) owners; /* by Name.id */
    Vec(Span) broken;        /* the lines of statements that could not be read */
    uint32_t struct_count;
    bool is_sorting;         /* it is not known yet which structs of the module own or look */
    Vec(ElementUse) elements; /* of the structs being sorted */
    bool is_declaring;       /* signatures are not complete yet */
    Vec(Symbol *) running;   /* constants being worked out, each for the one before it */
    Vec(Replacement) replacements;
    Vec(uint32_t) scans;     /* by Name.id: the last scan that met the name (scan_sizes.c) */
    uint32_t scan;           /* of the function that is being checked */
    uint32_t copies;         /* of bodies of `@parameter for` */
    Vec(RaiseSite) raises;
    Vec(ConversionSite) conversions;
    Vec(NestedFn *) nested;
    uint32_t words_read;     /* bytes of source that take.c has gone through */
    uint32_t nearest_budget; /* how many more names may be compared for "did you mean" */
} Program;

static inline Module *module_of(const ModuleSymbol *symbol) { return (Module *)(uintptr_t)symbol; }

/* prelude.c: the builtins whose home is the module of that name. */
void builtins_add(Checker *c, Scope *scope, const char *home);
/* A module without a file: its scope stands alone. */
Module *module_pseudo(Checker *c, const char *name);
/* The files of the command line, and all they import. */
void mains_load(Checker *c, const Ast *const *mains, uint32_t count);
/* Binds what the module's import statements name in its scope: now, or when it is wanted. */
void imports_declare(Checker *c, Module *module);
/* Before a name is looked up in another module's scope; NO_NAME: any may be. */
void module_want(Checker *c, Module *module, Name name);

/* module_find.c: where a module's file is. NULL if nowhere. */
typedef struct FoundModule {
    const char *path;
    bool is_library;
} FoundModule;
bool module_find(Checker *c, const Module *importer, const IdentVec *path, FoundModule *found);
/* K0203, with where was looked, what is near, or what kc has in place of a Python package. */
void report_unknown_module(Checker *c, const Module *importer, const IdentVec *path);
/* The same path for the same file, as far as its text tells. */
const char *path_normal(Checker *c, const char *path);

/* ---- Declarations ---------------------------------------------------------------------------- */

/* Names, structs, signatures, constants of a module, in this order. Its imports are ready. */
void module_declare(Checker *c, Module *module);
void declare_struct_fields(Checker *c, Module *module, StructSymbol *s);
/* The function of a declaration without parameters in square brackets, in a scope of its own. */
FnSymbol *declare_copy(Checker *c, ModuleSymbol *module, Scope *scope, const FnDecl *decl);
/* type_kinds.c: reports elements that cannot be, once the structs are known. */
void check_element_uses(Checker *c);
void declare_methods(Checker *c, Module *module, StructSymbol *s);
/* Reports structs of the module that contain themselves. */
void report_struct_cycles(Checker *c, Module *module);
/* A name that stands for something already reported: silent wherever it is used. */
void symbol_poison(Checker *c, Symbol *symbol);
void scope_add_poison(Checker *c, Scope *scope, Name name, Span span);
/* A statement that the parser could not read: names that it may have defined are not reported. */
void note_broken(Checker *c, Span span);
/* K0202, unless the name is new in `scope`. */
bool name_is_new(Checker *c, const Scope *scope, Ident name, const char *what);
/* Default values of parameters, in the scope around the function. */
void check_defaults(Checker *c, FnSymbol *fn, Scope *scope);
/* Initial values of fields. */
void check_initials(Checker *c, Module *module, StructSymbol *s);
/* constants.c: while signatures are being declared, a call in `e` cannot be looked at; reports
 * it. What a function gives is not known at compile time anyway. */
bool report_early_call(FnChecker *f, const Expr *e, const char *what);
/* K0202, unless no function among `fns` has the same parameters. */
bool overload_is_new(Checker *c, const FnSymbolVec *fns, const FnSymbol *fn);
/* "a function", "a struct", ... */
const char *symbol_words(const Symbol *symbol);
FnChecker fn_checker(Checker *c, FnSymbol *fn, ModuleSymbol *module, Scope *scope);

/* constants.c: gives the symbol its type, and its value unless it names a type. */
void constant_define(FnChecker *f, Symbol *symbol, Expr *type, Expr *value, bool is_let);
/* globals.c: a constant of array type, or a value that cannot be one; false for all others, of which
 * nothing is said. `written` is the type, or NULL. */
bool global_define(FnChecker *f, Symbol *symbol, const Type *written, Expr *value);

/* result_of.c: `-> View[f32, ?] of a`. The signature has its types. */
void declare_result_of(FnChecker *f, const FnDecl *decl);

/* decorators.c */
void decorators_apply(Checker *c, FnSymbol *fn);
void decorators_refuse(Checker *c, const DecoratorVec *decorators, const char *what);

/* export.c */
/* Whether C can have a function of that symbol and signature; claims the name. */
void export_check(Checker *c, FnSymbol *fn, Span name_span);
/* Gives the function its unique name in the object file. */
void symbol_assign(Checker *c, FnSymbol *fn);
void struct_symbol_assign(Checker *c, StructSymbol *s);
/* `text`, or with `between` and a number behind it when that is taken. */
Name name_unique(Checker *c, const char *text, const char *between, Span span, const FnSymbol *fn);

/* source_text.c: text of the source on one line, without comments; a docstring without its
 * indentation. */
const char *source_line_of(Checker *c, Span span);
const char *doc_text(Checker *c, const Expr *docstring);
/* The first line of a longer place, without the colon at its end: what stands for a whole block. */
Span span_head(Checker *c, Span span);

/* ---- Bodies ---------------------------------------------------------------------------------- */

void check_body_in(Checker *c, FnSymbol *fn, Scope *outer);
void check_stmt(FnChecker *f, Stmt *s);
void check_binding(FnChecker *f, Stmt *s);   /* let, var */
void check_assign(FnChecker *f, Stmt *s);    /* check_assign.c */
void check_loop(FnChecker *f, Stmt *s);      /* for, while: check_loop.c */
void check_unrolled(FnChecker *f, Stmt *s);  /* @parameter for: check_loop.c */
/* The names of a tuple's items, each with its type; `types` gets them (TYPE_ERROR after a
 * report). */
void take_apart(FnChecker *f, Expr *value, const Type *type, uint32_t count, const char *what,
                const Type **types);

/* raises.c */
void check_raise(FnChecker *f, Stmt *s);
void check_try(FnChecker *f, Stmt *s);
/* `fn` is called at `span`, and may fail. `is_each`: once for each element. */
void note_call(FnChecker *f, const FnSymbol *fn, Span span, bool is_each);
/* The call that was noted last is made by a task. */
void note_spawn(FnChecker *f, const FnSymbol *fn, Span span);
/* `value` becomes what `local` stands for: NULL where it is waited for at once. */
void note_task_kept(FnChecker *f, const Expr *value, Local *local);
void note_task(FnChecker *f, const Local *task, Span span, TaskSite part);
/* When all bodies have been checked: finds out which `def`s raise, and reports errors that nobody
 * handles. */
void raises_settle(Checker *c);

/* replaced.c, when all bodies have been checked: Local.is_replaced, K0384, and sizes that would not
 * hold. */
void replaced_settle(Checker *c);
/* conversions.c, likewise: N0396 or K0397, and Checked.conversions. */
void conversions_settle(Checker *c);

/* check_unsafe.c */
void check_unsafe(FnChecker *f, Stmt *s);
/* The argument becomes parameter `index` of `fn`, which may keep it: K0383 outside of `unsafe:`. */
void check_escaping(FnChecker *f, const FnSymbol *fn, uint32_t index, const Expr *arg);

/* nested.c: functions in functions. */
void check_nested_fn(FnChecker *f, Stmt *s);
const NestedFn *nested_find(Checker *c, const FnSymbol *fn); /* NULL if it stands in no function */
/* Checks a copy of the body of a nested function, in place, as a loop runs it. */
void check_run_body(FnChecker *f, const NestedFn *nested, Block *body, Local *counter);
/* The function whose `return` stands here: one that is checked in place, or the whole. */
static inline FnSymbol *returning_fn(const FnChecker *f) {
    return f->inlining != NULL ? f->inlining->fn : f->fn;
}

/* reduce_clause.c: `reduce(+: s)`. Before the body, and after it. */
void check_reductions(FnChecker *f, Stmt *s);
void check_reduced_uses(FnChecker *f, const Stmt *s);

/* flow.c, after the statements of a body: paths that lack a `return`, statements never reached. */
void flow_check(Checker *c, FnSymbol *fn);
/* initialised.c: `var x: T` that is read before it has a value. */
void initialised_check(Checker *c, FnSymbol *fn);

#endif
