/* Where a value to own is wanted. What is new is taken as it is; what a name owns is moved with `^` or
 * copied with `.copy()`, visibly. A `def` copies by itself, and says so. */
#include <ctype.h>
#include <string.h>

#include "sema/declare.h"
#include "sema/expr.h"

/* ---- Is the place used again? ---------------------------------------------------------------- */

static bool is_word(char c) { return isalnum((unsigned char)c) || c == '_'; }

/* So many bytes are looked at in all, for the sake of files with thousands of errors. */
enum { MOST_READ = 1 << 24 };

/* Source text that is gone through word by word, without comments and strings. */
typedef struct Words {
    const char *text;
    uint32_t at, end;
} Words;

static void skip_until(Words *w, const char *closers) {
    while (w->at < w->end && strchr(closers, w->text[w->at]) == NULL) w->at++;
}

/* Whether there is a word at w->at, after skipping what is none. */
static bool word_next(Words *w) {
    for (; w->at < w->end; w->at++) {
        char c = w->text[w->at];
        if (c == '#') skip_until(w, "\n");
        if (c == '"' || c == '\'') {
            w->at++;
            skip_until(w, c == '"' ? "\"\n" : "'\n");
        }
        if (is_word(c)) return true;
    }
    return false;
}

static bool starts_with(const Words *w, const char *text, uint32_t length) {
    return w->at + length <= w->end && memcmp(w->text + w->at, text, length) == 0 &&
           (w->at + length == w->end || !is_word(w->text[w->at + length]));
}

/* Whether the place is written again in the function behind it: `p.a`, or all of `p`. */
static bool is_mentioned_later(FnChecker *f, const PlaceRoot *root, Span at) {
    const char *text = source_of(&f->c->cx->sources, at)->text;
    const char *name = text_of(f->c->cx, root->local->name);
    uint32_t length = (uint32_t)strlen(name);
    Words w = {text, at.end, f->fn->decl->body.span.end};
    Program *program = f->c->program;
    if (program->words_read > MOST_READ) return true;
    program->words_read += w.end > w.at ? w.end - w.at : 0;
    while (word_next(&w)) {
        bool is_field = w.at > 0 && text[w.at - 1] == '.';
        bool is_part = w.at + length < w.end && text[w.at + length] == '.' && !root->is_whole;
        if (!is_field && starts_with(&w, name, length) &&
            (!is_part || starts_with(&w, text + at.start, at.end - at.start))) {
            return true;
        }
        while (w.at < w.end && is_word(text[w.at])) w.at++;
    }
    return false;
}

/* Whether moving the place would leave something that needs it. */
static bool move_would_break(FnChecker *f, const PlaceRoot *root, Span at) {
    const Local *local = root->local;
    if (local->convention == CONVENTION_INOUT) return true;
    if (f->loop_depth > 0 && local->span.start < f->loop_start) return true;
    return is_mentioned_later(f, root, at);
}

/* ---- K0304 ----------------------------------------------------------------------------------- */

static bool is_walked(const PlaceRoot *root) { return root->local && root->local->is_counter; }

static bool is_borrowed(const PlaceRoot *root) {
    return root->local && root->local->is_param && root->local->convention == CONVENTION_BORROWED;
}

static bool can_move(const PlaceRoot *root) {
    return root->local && !is_borrowed(root) && !is_walked(root) && !root->element &&
           !root->guarded;
}

static void label_owner(FnChecker *f, Diag *d, const PlaceRoot *root) {
    Context *cx = f->c->cx;
    if (root->global) {
        diag_label(cx, d, root->global->span, "a module constant, which stays where it is");
        return;
    }
    const Local *local = root->local;
    const char *name = text_of(cx, local->name);
    if (is_borrowed(root)) {
        diag_label(cx, d, local->span, "`%s` is borrowed here, so it cannot be moved either", name);
    } else if (local->is_param && local->convention == CONVENTION_INOUT) {
        diag_label(cx, d, local->span, "`%s` is `inout`: the caller gets it back", name);
    } else if (is_walked(root)) {
        diag_label(cx, d, local->span, "`%s` is an element of what this loop walks over", name);
    }
}

static void report_not_owned(FnChecker *f, const Expr *e, const PlaceRoot *root, const char *label,
                             bool is_return) {
    Context *cx = f->c->cx;
    const char *type = type_text(cx, expr_type(f, e));
    Diag *d = diag_add(cx, K0304, e->span, "%s is %s %s; it is not copied implicitly",
                       expr_quote(f, e), article(type), type);
    diag_primary_label(cx, d, "%s", label);
    label_owner(f, d, root);
    bool copies = type_copies(expr_type(f, e)), moves = can_move(root);
    bool breaks = moves && move_would_break(f, root, e->span);
    FixKind moving = breaks ? FIX_SUGGESTED : FIX_AUTOMATIC;
    FixKind copying = moves && !breaks ? FIX_SUGGESTED : FIX_AUTOMATIC;
    if (moves && !breaks) suggest_after(f, d, moving, "move it", "", e, "^");
    if (copies) {
        suggest_after(f, d, copying, "copy it", is_return ? "return " : "", e, ".copy()");
    }
    if (moves && breaks) suggest_after(f, d, moving, "move it", "", e, "^");
    const ParamInfo *param = is_borrowed(root) ? param_of(f, root->local) : NULL;
    if (param != NULL && !root->element && !root->guarded) {
        Fix *fix = diag_fix(cx, d, FIX_SUGGESTED, "take it over from the caller: `%s`",
                            param_with(f, param, "owned"));
        fix_convention(f, fix, param, "owned");
    }
    if (!copies && !moves) diag_note(cx, d, "%s %s is never copied", article(type), type);
}

/* ---- Taking ---------------------------------------------------------------------------------- */

typedef struct Taking {
    FnChecker *f;
    const char *label;
    bool is_return;
} Taking;

/* `return t` of what the function owns moves it without a mark. */
static bool leaves_with_return(const Taking *t, const PlaceRoot *root) {
    const Local *local = root->local;
    return t->is_return && can_move(root) &&
           (!local->is_param || local->convention == CONVENTION_OWNED);
}

static void take_place(const Taking *t, Expr *e) {
    FnChecker *f = t->f;
    PlaceRoot root = place_root(f, e);
    if (!root_is_named(&root) || leaves_with_return(t, &root)) return;
    if (t->is_return && root.guarded && !root.element && root.local && !is_borrowed(&root) &&
        !f->is_def) {
        report_guarded_field(f, e, e->span, &root);
        return;
    }
    if (f->is_def && type_copies(expr_type(f, e))) {
        expr_info(f->c, e)->is_copied = true;
    } else {
        report_not_owned(f, e, &root, t->label, t->is_return);
    }
}

static void take(const Taking *t, Expr *e) {
    e = expr_bare(e);
    const Type *type = expr_type(t->f, e);
    if (!type_owns(type)) return;
    if (type->kind == TYPE_TASK) task_given(t->f, e);
    if (e->kind == EXPR_TUPLE) {
        for (uint32_t i = 0; i < e->items.len; i++) take(t, e->items.data[i]);
    } else if (e->kind == EXPR_COND && !type_is_array(type)) {
        take(t, e->cond.then);
        take(t, e->cond.otherwise);
    } else {
        take_place(t, e);
    }
}

void take_owned(FnChecker *f, Expr *e, const char *label) {
    take(&(Taking){f, label, false}, e);
}

void take_returned(FnChecker *f, Expr *e) {
    take(&(Taking){f, "the result would be a second owner", true}, e);
}

/* ---- Raw pointers ---------------------------------------------------------------------------- */

static bool holds_pointer(const Type *type) {
    if (type->kind == TYPE_POINTER) return true;
    if (type->kind == TYPE_TUPLE) {
        for (uint32_t i = 0; i < type->item_count; i++) {
            if (holds_pointer(type->items[i])) return true;
        }
    }
    return false;
}

/* "`t`" of `t.ptr()`, or "the memory". */
static const char *pointed_at(FnChecker *f, const Expr *value) {
    const ExprInfo *info = expr_info(f->c, expr_bare((Expr *)value));
    bool is_ptr = info->role == ROLE_BUILTIN && info->builtin == BUILTIN_M_PTR;
    return is_ptr ? expr_quote(f, info->args[0]) : "the memory behind it";
}

void check_kept_pointer(FnChecker *f, const Expr *value, Span span) {
    if (f->unsafe_depth > 0 || !holds_pointer(expr_type(f, value))) return;
    Context *cx = f->c->cx;
    const char *what = pointed_at(f, value);
    Diag *d = diag_add(cx, K0383, span,
                       "storing a raw pointer needs `unsafe:` – kc cannot keep %s alive for it",
                       what);
    diag_primary_label(cx, d, "the pointer would be kept here");
    diag_note(cx, d,
              "inside `unsafe:` you promise that the memory outlives the pointer; an index or a View "
              "needs no promise");
}
