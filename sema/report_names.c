/* Names that stand for nothing, and features that are not compiled yet. */
#include <string.h>

#include "sema/declare.h"

/* ---- K0401 ----------------------------------------------------------------------------------- */

enum { MORE_PLACES = 3 };

/* What to write until then, by the start of the feature's name. */
static const struct {
    const char *feature, *advice;
} meanwhile[] = {
    {"generic structs", "write one struct for each type"},
    {"functions that raise", "write the loop over the elements: `for i in range(n)`"},
    {"parameters that are tuples", "write one parameter for each item"},
    {"`return`s from loops", "leave the loop with `break`, and the iteration behind it"},
    {"tasks that make a value", "make it in a function, and spawn that: `let h = spawn make_it(x)`"},
    {"`def` functions whose", "write the types: `def f(x: f32, n: int):`"},
    {"calls of nested functions",
     "pass the variable as an argument, or run it as the body of a loop: `parallelize[body](n)`"},
    {"structs that own", "pass the array beside the struct"},
    {"structs that hold", "pass the view beside the struct"},
    {"arenas", "`Tensor[f32](n)` makes an array that is freed by itself"},
    {"lists", "`Tensor[f32](n)` makes an array of n elements"},
    {"methods that the language",
     "every struct is made by naming its fields in order: `P(1.0, 2.0)`"},
    {"byte strings", "an array of bytes is a `Tensor[u8, n]`"},
};

static void note_meanwhile(Context *cx, Diag *d, const char *feature) {
    for (size_t i = 0; i < ARRAY_LEN(meanwhile); i++) {
        if (strncmp(feature, meanwhile[i].feature, strlen(meanwhile[i].feature)) == 0) {
            diag_note(cx, d, "%s", meanwhile[i].advice);
        }
    }
}

static LaterReport *later_find(Checker *c, const char *feature) {
    for (uint32_t i = 0; i < c->program->laters.len; i++) {
        LaterReport *report = &c->program->laters.data[i];
        if (strcmp(report->feature, feature) == 0) return report;
    }
    return NULL;
}

void report_later(Checker *c, Span span, const char *feature) {
    Context *cx = c->cx;
    LaterReport *before = later_find(c, feature);
    if (before != NULL) {
        bool is_same = before->last.file == span.file && before->last.start == span.start;
        bool is_near = before->diag->span.file == span.file;
        if (is_near && !is_same && before->diag->labels.len < MORE_PLACES) {
            diag_label(cx, before->diag, span, "and here");
        }
        before->last = span;
        return;
    }
    Diag *d = diag_add(cx, K0401, span, "%s are not compiled by this version", feature);
    diag_note(cx, d, "they are part of the language, and a later version of kc will compile them");
    note_meanwhile(cx, d, feature);
    vec_push(cx->arena, &c->program->laters, ((LaterReport){feature, d, span}));
}

/* ---- K0201 ----------------------------------------------------------------------------------- */

typedef struct Habit {
    const char *name, *fix, *advice;
} Habit;

static const Habit habits[] = {
#define HABIT(name, fix, advice) {name, fix, advice},
#include "sema/prelude.def"
};

static bool is_private(const char *text) { return text[0] == '_'; }

static const Local *ended_local(const FnChecker *f, Name name, Span span) {
    if (f->fn == NULL) return NULL;
    for (uint32_t i = f->fn->locals.len; i-- > 0;) {
        const Local *local = f->fn->locals.data[i];
        if (name_eq(local->name, name) && local->span.start < span.start) return local;
    }
    return NULL;
}

/* A variable of a block that has ended. */
static bool explain_ended(FnChecker *f, Diag *d, Name name, Span span) {
    const Local *local = ended_local(f, name, span);
    if (local == NULL) return false;
    Context *cx = f->c->cx;
    diag_label(cx, d, local->span, "this `%s` ends with the block it is in", text_of(cx, name));
    diag_note(cx, d, "define `%s` before that block to use it here as well", text_of(cx, name));
    return true;
}

static bool explain_field(FnChecker *f, Diag *d, Name name, Span span) {
    const StructSymbol *owner = f->fn ? f->fn->owner : NULL;
    if (owner == NULL) return false;
    Context *cx = f->c->cx;
    bool is_field = false;
    for (uint32_t i = 0; i < owner->fields.len; i++) {
        is_field |= name_eq(owner->fields.data[i].name, name);
    }
    for (uint32_t i = 0; i < owner->methods.len; i++) {
        is_field |= name_eq(owner->methods.data[i]->name, name);
    }
    if (!is_field) return false;
    Fix *fix = diag_fix(cx, d, FIX_AUTOMATIC, "it is part of `self`");
    fix_replace(cx, fix, span_before(span), "self.");
    return true;
}

static bool explain_habit(FnChecker *f, Diag *d, Name name, Span span) {
    Context *cx = f->c->cx;
    const char *text = text_of(cx, name);
    for (size_t i = 0; i < ARRAY_LEN(habits); i++) {
        if (strcmp(habits[i].name, text) != 0) continue;
        if (habits[i].advice[0] != '\0') diag_note(cx, d, "%s", habits[i].advice);
        if (habits[i].fix[0] != '\0') {
            Fix *fix = diag_fix(cx, d, FIX_AUTOMATIC, "in kc this is `%s`", habits[i].fix);
            fix_replace(cx, fix, span, habits[i].fix);
        }
        return true;
    }
    return false;
}

/* ---- What an import would bring -------------------------------------------------------------- */

/* Where an import goes: before the first statement of the file. */
static void fix_import(FnChecker *f, Diag *d, const char *statement) {
    Context *cx = f->c->cx;
    const Ast *ast = f->module ? f->module->ast : NULL;
    if (ast == NULL || ast->stmts.len == 0) return;
    Span first = ast->stmts.data[0]->span;
    if (ast->stmts.data[0]->kind == STMT_FN && ast->stmts.data[0]->fn->decorators.len > 0) {
        first = ast->stmts.data[0]->fn->decorators.data[0].span;
    }
    Fix *fix = diag_fix(cx, d, FIX_AUTOMATIC, "import it with `%s`", statement);
    fix_replace(cx, fix, span_before(first), arena_printf(cx->arena, "%s\n", statement));
}

static bool explain_import_from(FnChecker *f, Diag *d, const Module *module, Name name) {
    Context *cx = f->c->cx;
    if (module->scope == NULL || module->path == NULL) return false;
    const Symbol *symbol = scope_find_here(module->scope, name);
    if (symbol == NULL || symbol->kind == SYM_MODULE || is_private(text_of(cx, name))) return false;
    const char *from = text_of(cx, module->symbol.name), *text = text_of(cx, name);
    diag_note(cx, d, "module `%s` has a `%s`", from, text);
    fix_import(f, d, arena_printf(cx->arena, "from %s import %s", from, text));
    return true;
}

/* Something that another module of the program offers, or the library's `math` or `bits`, or one of
 * these modules itself. */
static bool explain_import(FnChecker *f, Diag *d, Name name) {
    static const char *const libraries[] = {"math", "bits"};
    Context *cx = f->c->cx;
    for (size_t i = 0; i < ARRAY_LEN(libraries); i++) {
        ModuleSymbol *library = module_of_library(f->c, libraries[i]);
        if (library == NULL || library == f->module) continue;
        if (strcmp(text_of(cx, name), libraries[i]) == 0) {
            fix_import(f, d, arena_printf(cx->arena, "import %s", libraries[i]));
            return true;
        }
        module_want(f->c, module_of(library), name);
        if (explain_import_from(f, d, module_of(library), name)) return true;
    }
    const ModuleVec *modules = &f->c->program->modules;
    for (uint32_t i = 0; i < modules->len; i++) {
        if (&modules->data[i]->symbol == f->module) continue;
        if (explain_import_from(f, d, modules->data[i], name)) return true;
    }
    return false;
}

/* ---- Statements that could not be read ------------------------------------------------------- */

void note_broken(Checker *c, Span span) {
    const Source *source = source_of(&c->cx->sources, span);
    if (source == NULL) return;
    while (span.start > 0 && source->text[span.start - 1] != '\n') span.start--;
    while (span.end < source->length && source->text[span.end] != '\n') span.end++;
    vec_push(c->cx->arena, &c->program->broken, span);
}

static bool is_word_char(char c) {
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (unsigned char)c >= 0x80;
}

static bool line_mentions(const char *text, const char *end, const char *word) {
    size_t length = strlen(word);
    for (const char *at = text; at + length <= end; at++) {
        if (memcmp(at, word, length) != 0) continue;
        bool starts = at == text || !is_word_char(at[-1]);
        if (starts && (at + length == end || !is_word_char(at[length]))) return true;
    }
    return false;
}

/* The statement that would have defined the name may be one of those that were reported. */
static bool may_be_broken(FnChecker *f, Name name, Span span) {
    const Source *source = source_of(&f->c->cx->sources, span);
    for (uint32_t i = 0; source != NULL && i < f->c->program->broken.len; i++) {
        Span broken = f->c->program->broken.data[i];
        if (broken.file != span.file || broken.start > span.start) continue;
        const char *word = text_of(f->c->cx, name);
        if (line_mentions(source->text + broken.start, source->text + broken.end, word))
            return true;
    }
    return false;
}

/* ---- All of it ------------------------------------------------------------------------------- */

static void explain_nearest(FnChecker *f, Diag *d, Name name, Span span) {
    Context *cx = f->c->cx;
    const char *near = scope_nearest(f->c, f->scope, name);
    if (near == NULL) return;
    const Symbol *symbol = scope_find(f->scope, name_of_str(cx->names, near));
    if (symbol != NULL && !span_is_none(symbol->span) && symbol->span.file == span.file) {
        diag_label(cx, d, symbol->span, "`%s` is defined here", near);
    }
    Fix *fix = diag_fix(cx, d, FIX_AUTOMATIC, "did you mean `%s`?", near);
    fix_replace(cx, fix, span, near);
}

void report_unknown_name(FnChecker *f, Name name, Span span) {
    Context *cx = f->c->cx;
    if (name.id == 0 || may_be_broken(f, name, span)) return;
    const char *text = text_of(cx, name);
    Diag *d = diag_add(cx, K0201, span, "there is no `%s` here", text);
    if (explain_ended(f, d, name, span) || explain_field(f, d, name, span)) return;
    if (strcmp(text, "self") == 0) {
        diag_note(cx, d, "only methods of a struct have a `self`, as their first parameter");
        return;
    }
    if (explain_import(f, d, name) || explain_habit(f, d, name, span)) return;
    explain_nearest(f, d, name, span);
}
