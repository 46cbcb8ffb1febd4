/* Generic functions, and the functions that are made of them: generics.c. */
#ifndef KC_SEMA_GENERICS_H
#define KC_SEMA_GENERICS_H

#include "sema/check.h"

/* What a parameter in square brackets stands for. */
typedef enum Bound {
    BOUND_NONE, /* reported */
    BOUND_INT,  /* a number that is known at compile time; the others are types */
    BOUND_FLOAT,
    BOUND_INTEGER,
    BOUND_NUMBER,
    BOUND_TYPE
} Bound;

/* One parameter's type, or its number. */
typedef struct Choice {
    const Type *type; /* NULL: the number */
    int64_t number;
} Choice;

/* The function that one choice of all parameters makes. */
typedef struct GenericCopy {
    const Choice *choices;
    FnSymbol *fn;
} GenericCopy;

typedef struct GenericFn {
    const FnDecl *decl;
    ModuleSymbol *module;
    Scope *scope;
    Vec(Bound) bounds; /* by parameter */
    Vec(GenericCopy) copies;
    bool is_broken; /* something was reported: calls say nothing more */
} GenericFn;

GenericFn *generic_declare(Checker *c, ModuleSymbol *module, Scope *scope, const FnDecl *decl);
/* Queues copies for the bounds themselves. */
void generic_check(Checker *c, GenericFn *generic);
/* A call of functions among which some are generic; `in_brackets` may be NULL. */
const Type *call_generic(FnChecker *f, Expr *e, const Symbol *symbol, const ArgVec *in_brackets,
                         const Type *wanted);

#endif
