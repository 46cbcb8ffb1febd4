/* The pipeline, step by step, for the commands: each step needs the one before it and says whether it
 * worked; errors are in the context. */
#ifndef KC_DRIVER_COMPILE_H
#define KC_DRIVER_COMPILE_H

#include "codegen/codegen.h"
#include "driver/options.h"
#include "ir/ir.h"
#include "ir/options.h"
#include "lexer/lexer.h"
#include "parser/ast.h"
#include "sema/checked.h"

typedef struct Compilation {
    const Options *options;
    Context *cx;
    AstIds ids;
    Target target;             /* of a list, the first */
    TargetList targets;        /* all that -march names */
    Vec(struct Compilation *) others; /* the same sources for the rest of them: see variants.h */
    IrOptions ir;
    uint32_t input_count;      /* how many of the options' inputs are sources: all, unless changed */
    const char *data_dir;      /* where stdlib/ and errors/ are, or NULL */
    Vec(const Source *) sources; /* the inputs */
    Vec(Tokens *) tokens;        /* beside sources */
    Vec(const Ast *) asts;       /* beside sources */
    Checked *checked;
    IrModule *module;
    uint32_t threads;          /* at most, for variants and for parts of objects */
    struct Remarks *remarks;   /* collects what the passes decide, when not NULL */
    bool told;                 /* the diagnostics have been printed */
    StrBuf trace;              /* what --print-after and the like show, when it is shown later */
    bool traces_later;
    bool keeps_main;           /* see compile_keep_main */
    bool stopped;              /* --stop-after ended the pipeline early */
} Compilation;

/* Reads the options that all commands share. `status` is set when it fails. */
bool compile_begin(Compilation *c, const Options *options, int *status);
/* Prints the diagnostics (text to standard error, or JSON to standard output) and frees everything.
 * Returns the command's exit status, given the one it would have had without errors. */
int compile_end(Compilation *c, int status);

void compile_set_target(Compilation *c, const Target *target);

bool compile_read(Compilation *c);     /* inputs to Sources */
bool compile_lex(Compilation *c);      /* ... to tokens */
bool compile_parse(Compilation *c);    /* ... to Asts: true even with syntax errors */
bool compile_check(Compilation *c);    /* ... to Checked: false when there are errors */
bool compile_lower(Compilation *c);    /* ... to IR */
bool compile_own(Compilation *c);      /* only reports what breaks the rules of ownership */
void compile_drop(Compilation *c);     /* after compile_own: values end where they are used last */
void compile_erase(Compilation *c);    /* after compile_drop: stage OWNED is over */
bool compile_promise(Compilation *c);  /* after compile_erase: only reports what breaks a promise */
bool compile_optimise(Compilation *c); /* ... through the passes, as far as --stop-after says: false when
                                          the first of them, the check of ownership, found errors */
/* All of the above. */
bool compile_to_ir(Compilation *c);
/* main() is no symbol of an object, but something to run: keeps it through the passes. */
void compile_keep_main(Compilation *c);
void compile_keep_all(Compilation *c); /* the same for every function */
/* What codegen is told: all variants, once they are compiled. Lives as long as the compilation. */
CodegenOptions compile_codegen_options(Compilation *c);
void compile_codegen(Compilation *c, CodegenOutput output, StrBuf *out);

/* A usage error with the nearest name of a pass. */
void report_unknown_pass(const Options *options, const char *name);

/* The folder that holds stdlib/ and errors/: beside the program, or share/kc under its prefix. NULL
 * when neither is there. */
const char *find_data_dir(Arena *arena);

#endif
