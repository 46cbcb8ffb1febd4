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
    bool is_library;  /* from the standard library */
    ModuleState state;
    const struct Module *importer; /* who asked for it first, and where */
    Span import_span;
} Module;
typedef Vec(Module *) ModuleVec;

/* A feature that has been answered with K0401. */
typedef struct LaterReport {
    const char *feature;
    Diag *diag;
    Span last;
} LaterReport;

/* Who has a name in the object file, or a name that C sees. */
typedef struct NameOwner {
    Name name;
    Span span;
    const FnSymbol *fn; /* NULL for a struct */
} NameOwner;

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
    bool is_declaring;       /* signatures are not complete yet */
    Vec(Symbol *) running;   /* constants being worked out, each for the one before it */
    uint32_t copies;         /* of bodies of `@parameter for` */
    uint32_t nearest_budget; /* how many more names may be compared for "did you mean" */
} Program;

static inline Module *module_of(const ModuleSymbol *symbol) { return (Module *)(uintptr_t)symbol; }

/* prelude.c: the builtins whose home is the module of that name. */
void builtins_add(Checker *c, Scope *scope, const char *home);
/* A module without a file: its scope stands alone. */
Module *module_pseudo(Checker *c, const char *name);
/* The files of the command line, and all they import. */
void mains_load(Checker *c, const Ast *const *mains, uint32_t count);
/* Binds the names of an import statement in the importer's scope. */
void import_declare(Checker *c, Module *importer, Stmt *stmt);

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

/* decorators.c */
void decorators_apply(Checker *c, FnSymbol *fn);
void decorators_refuse(Checker *c, const DecoratorVec *decorators, const char *what);

/* export.c */
/* Whether C can have a function of that symbol and signature; claims the name. */
void export_check(Checker *c, FnSymbol *fn, Span name_span);
/* Gives the function its unique name in the object file. */
void symbol_assign(Checker *c, FnSymbol *fn);
void struct_symbol_assign(Checker *c, StructSymbol *s);

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

/* flow.c, after the statements of a body: paths that lack a `return`, statements never reached. */
void flow_check(Checker *c, FnSymbol *fn);
/* initialised.c: `var x: T` that is read before it has a value. */
void initialised_check(Checker *c, FnSymbol *fn);

#endif
