/* What the files of the reader share: its state, and the small steps. All of them stop quietly once
 * a mistake was reported (token.h), and give something harmless back. */
#ifndef KC_IR_READ_H
#define KC_IR_READ_H

#include "ir/idmap.h"
#include "ir/ir.h"
#include "ir/token.h"

typedef struct PendingCall {
    Op *op;
    Name callee;
    Span span;
} PendingCall;

typedef struct PendingDel {
    const IrType *type;
    Name name;
    Span span;
} PendingDel;

typedef struct Reader {
    KirTokens t;
    Context *cx;
    IrModule *module;
    IrFn *fn;               /* being read */
    IdMap labels;           /* of `fn`: label key -> Value */
    IdMap structs;          /* name id -> IrType */
    IdMap fns;              /* name id -> IrFn */
    IdMap files;            /* number in the text -> file of the context, for `loc` */
    bool has_files;         /* places are those of sources: what has no `loc` is nowhere */
    Vec(PendingCall) calls; /* callees may stand further down */
    Vec(PendingDel) dels;   /* likewise */
    uint32_t depth;         /* of regions, or of types */
} Reader;

/* ---- Steps: read_step.c ---------------------------------------------------------------------- */

bool at_punct(const Reader *r, char c);
bool at_word(const Reader *r, const char *word);
bool take_punct(Reader *r, char c); /* steps over it if it is there */
bool take_word(Reader *r, const char *word);
bool expect_punct(Reader *r, char c, const char *where);
/* A word or a quoted name. */
Name expect_name(Reader *r, const char *what);
/* A quoted text without NULs. */
const char *expect_text(Reader *r, const char *what);
int64_t expect_number(Reader *r, int64_t lowest, int64_t highest, const char *what);
/* Which of `words` stands here; `count` when none does. Does not step. */
uint32_t word_index(const Reader *r, const char *const *words, uint32_t count);
/* ` loc file:start:end`; without one the place in this text, or nowhere (see has_files). */
Span read_loc(Reader *r, Span otherwise);

void label_define(Reader *r, const KirToken *label, Value *value);
Value *expect_value(Reader *r); /* NULL after an error */

/* ---- Types: read_type.c ---------------------------------------------------------------------- */

/* Never NULL: after an error it is i64. */
const IrType *read_type(Reader *r);
void read_struct(Reader *r);

/* ---- Functions: read_fn.c -------------------------------------------------------------------- */

/* From `export` or `fn` on. */
void read_fn(Reader *r);

/* ---- Ops: read_op.c -------------------------------------------------------------------------- */

/* `{ ops }` into the region. */
void read_region(Reader *r, Region *region);

#endif
