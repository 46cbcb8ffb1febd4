#include "ir/ownership/check_ends.h"

#include <string.h>

static const char *owner_text(const Check *ck, const Loan *loan) {
    return place_text(ck->flow->graph, loan->place);
}

static const IrVar *owner_of(const Check *ck, const Loan *loan) {
    return place_var(ck->flow->graph, place_root(ck->flow->graph, loan->place));
}

static bool blame_loan(Check *ck, const Loan *loan) { return check_blame(ck, loan->place); }

static Span span_of_value(const Op *leave, const Value *value) {
    bool has_span = value->def != NULL && !span_is_none(value->def->span);
    return has_span ? value->def->span : leave->span;
}

/* The expression behind a value that may have been SET first: `p.a = a.tensor[f32](4)`. */
static const Value *stored_value(const Borrow *borrow) {
    return borrow->op != NULL && borrow->op->kind == OP_SET ? borrow->op->operands[1] : NULL;
}

/* ---- Blocks ---------------------------------------------------------------------------------- */

/* The block of the source that the variable is declared in. */
static const Op *block_of(const Check *ck, const Loan *loan) {
    const Graph *g = ck->flow->graph;
    const Region *region = g->places.data[loan->place].var->def->parent;
    return region->parent;
}

static void label_declared(Check *ck, Diag *d, const Loan *loan, const char *format) {
    const IrVar *var = owner_of(ck, loan);
    const Op *def = ck->flow->graph->places.data[loan->place].var->def;
    Span span = !span_is_none(var->declared) ? var->declared : def != NULL ? def->span : NO_SPAN;
    if (span_is_none(span)) return;
    const char *text = place_text(ck->flow->graph, place_root(ck->flow->graph, loan->place));
    const char *quoted = var->name.id ? arena_printf(ck->arena, "`%s`", text) : text;
    diag_label(ck->cx, d, span, "%s %s", quoted, format);
}

static void report_arena_block(Check *ck, const Borrow *borrow, const Loan *loan) {
    const char *block = choice_name(ck, block_of(ck, loan));
    const Value *value = stored_value(borrow);
    const char *who = borrow->name ? arena_printf(ck->arena, "`%s`", borrow->name) : "this value";
    Diag *d = check_error(ck, K0352, borrow->span, "%s would outlive the arena `%s`", who,
                          owner_text(ck, loan));
    diag_primary_label(ck->cx, d, "lives in `%s`", owner_text(ck, loan));
    label_declared(ck, d, loan, arena_printf(ck->arena, "only exists inside this %s", block));
    if (value != NULL) fix_append_copy(ck, d, value);
}

void report_outlives_block(Check *ck, uint32_t block, LiveName holder, const Loan *loan) {
    if (!blame_loan(ck, loan)) return;
    Borrow borrow = borrow_of(ck, holder, loan, NULL);
    if (loan->kind == LOAN_LIVES && !borrow.is_window) {
        report_arena_block(ck, &borrow, loan);
        return;
    }
    Point use, start = {block, UINT32_MAX};
    bool again;
    const Mention *first = NULL;
    const Liveness *l = ck->flow->live;
    for (uint32_t i = l->first[holder]; i < l->first[holder + 1] && first == NULL; i++) {
        if (l->mentions[i].block == block) first = &l->mentions[i];
    }
    Span span = borrow.span;
    if (first != NULL) {
        use = (Point){first->block, first->event};
        if (event_at(ck, use)->op != NULL) span = event_at(ck, use)->op->span;
    } else if (next_use(ck, holder, start, &use, &again) && event_at(ck, use)->op != NULL) {
        span = event_at(ck, use)->op->span;
    }
    const char *kind = choice_name(ck, block_of(ck, loan)), *owner = owner_text(ck, loan);
    const char *who = borrow.name ? arena_printf(ck->arena, "`%s`", borrow.name) : "a view";
    bool is_named = owner_of(ck, loan)->name.id != 0;
    const char *whose = is_named ? arena_printf(ck->arena, "`%s`", owner) : "a temporary value";
    Diag *d = check_error(ck, K0342, span, "%s still %s %s, but %s only exists inside this %s", who,
                          borrow.is_task ? "works on" : "looks into", whose,
                          is_named ? whose : "that", kind);
    diag_primary_label(ck->cx, d, "used here");
    if (is_named) label_declared(ck, d, loan, "is declared here");
    label_borrow(ck, d, &borrow, loan, NULL);
    if (is_named) diag_fix(ck->cx, d, FIX_SUGGESTED, "declare `%s` before the %s", owner, kind);
}

/* ---- Results --------------------------------------------------------------------------------- */

/* `t.view()` of `t.view()`; the returned expression is nothing but a view of all of the place. */
static bool views_all(const Check *ck, const Op *leave, const Value *value, const char *name) {
    const char *text = source_text(ck, span_of_value(leave, value));
    return strcmp(text, name) == 0 ||
           strcmp(text, arena_printf(ck->arena, "%s.view()", name)) == 0 ||
           strcmp(text, arena_printf(ck->arena, "%s.view_mut()", name)) == 0;
}

/* "Tensor[f32, ?]" for "View[f32, ?]" or "MutView[f32, ?] of t". */
static const char *tensor_type_text(const Check *ck) {
    const char *result = ck->fn->result;
    const char *open = result != NULL ? strchr(result, '[') : NULL;
    const char *close = result != NULL ? strrchr(result, ']') : NULL;
    if (open == NULL || close == NULL || strstr(result, "View[") == NULL) return NULL;
    return arena_printf(ck->arena, "Tensor%.*s", (int)(close + 1 - open), open);
}

/* The result's type in the signature, with ` of a` behind it. */
static Span result_span(const Check *ck) {
    Span span = ck->fn->result_span;
    if (span_is_none(span)) return span;
    const char *text = source_of(&ck->cx->sources, span)->text + span.end;
    if (strncmp(text, " of ", 4) == 0) span.end += 4 + (uint32_t)strcspn(text + 4, ":, \n#");
    return span;
}

/* What the view looks into lives in an arena of this function. */
static bool lives_here(const Check *ck, const Value *value) {
    const Loans *l = ck->flow->loans;
    LoanSet set = l->sets.data[l->set_of[value->id]];
    for (uint32_t i = 0; i < set.count; i++) {
        const Loan *loan = l->all.data[set.ids[i]];
        if (loan->kind != LOAN_LIVES) continue;
        VarRole role = owner_of(ck, loan)->role;
        if (role != VAR_BORROWED && role != VAR_INOUT) return true;
    }
    return false;
}

static void fix_return_tensor(Check *ck, Diag *d, const Op *leave, const Value *value,
                              const Loan *loan) {
    const char *type = tensor_type_text(ck), *name = owner_text(ck, loan);
    Span span = span_of_value(leave, value), result = result_span(ck);
    const char *text = source_text(ck, span);
    bool is_direct = loan->op != NULL && (loan->op == value->def || value->def->kind == OP_SLICE);
    if (type == NULL || span_is_none(result) || *text == '\0' || !is_direct) return;
    bool is_all = views_all(ck, leave, value, name);
    bool is_whole = place_root(ck->flow->graph, loan->place) == loan->place;
    bool is_itself = is_all && is_whole && !lives_here(ck, value);
    const char *with = is_itself ? name : arena_printf(ck->arena, "%s.copy()", is_all ? name : text);
    Fix *fix = diag_fix(ck->cx, d, FIX_AUTOMATIC, "return %s: `-> %s` and `return %s`",
                        is_itself ? "the tensor itself" : "a copy", type, with);
    fix_replace(ck->cx, fix, result, type);
    fix_replace(ck->cx, fix, span, with);
}

/* An `owned` tensor that is only looked at can be borrowed. */
static void fix_borrow_instead(Check *ck, Diag *d, const Loan *loan) {
    const IrVar *var = owner_of(ck, loan);
    const char *text = source_text(ck, var->declared);
    const char *owned = strstr(text, "owned ");
    if (owned == NULL) return;
    const char *rest = arena_printf(ck->arena, "%.*s%s", (int)(owned - text), text, owned + 6);
    Fix *fix = diag_fix(ck->cx, d, FIX_AUTOMATIC, "borrow it instead: `%s`", rest);
    fix_replace(ck->cx, fix, var->declared, rest);
}

void report_returned_view(Check *ck, const Op *leave, const Value *value, const Loan *loan) {
    if (!blame_loan(ck, loan)) return;
    const char *fn = fn_text(ck, ck->fn);
    const IrVar *var = owner_of(ck, loan);
    bool is_named = var->name.id != 0, is_task = loan->kind == LOAN_TASK;
    const char *owner = owner_text(ck, loan);
    const char *whose = is_named ? arena_printf(ck->arena, "`%s`", owner) : "a temporary value";
    Diag *d =
        check_error(ck, K0341, span_of_value(leave, value),
                    is_task ? "cannot return a task that works on %s: %s is freed when `%s` returns"
                            : "cannot return a view of %s: %s is freed when `%s` returns",
                    whose, is_named ? whose : "it", fn);
    diag_primary_label(ck->cx, d, is_task ? "works on %s" : "looks into %s", whose);
    if (var->role == VAR_OWNED) {
        diag_label(ck->cx, d, var->declared, "`%s` owns `%s`", fn, text_of(ck->cx, var->name));
        fix_borrow_instead(ck, d, loan);
    } else {
        if (is_named) label_declared(ck, d, loan, "lives here");
        if (!is_task) fix_return_tensor(ck, d, leave, value, loan);
    }
}

void report_wrong_of(Check *ck, const Op *leave, const Value *value, int32_t arg) {
    const IrFn *fn = ck->fn;
    const char *promised = text_of(ck->cx, fn->args.data[fn->result_of].name);
    const char *got = text_of(ck->cx, fn->args.data[arg].name);
    Diag *d = check_error(ck, K0345, span_of_value(leave, value),
                          "`%s` promises a view of `%s`, but this returns a view of `%s`",
                          fn_text(ck, fn), promised, got);
    diag_primary_label(ck->cx, d, "looks into `%s`", got);
    diag_label(ck->cx, d, fn->result_span, "promised here");
    const char *result = fn->result != NULL ? fn->result : "";
    const char *of = strstr(result, " of ");
    int length = of != NULL ? (int)(of - result) : (int)strlen(result);
    diag_fix(ck->cx, d, FIX_SUGGESTED, "`-> %.*s of %s`", length, result, got);
}

/* ---- Arenas ---------------------------------------------------------------------------------- */

void report_outlives_arena(Check *ck, const Op *leave, const Value *value, const Loan *loan) {
    if (!blame_loan(ck, loan)) return;
    const char *arena = owner_text(ck, loan), *fn = fn_text(ck, ck->fn);
    const char *text = source_text(ck, span_of_value(leave, value));
    bool is_name = *text != '\0' && strpbrk(text, "([ \n") == NULL;
    Diag *d = check_error(ck, K0352, span_of_value(leave, value), "%s would outlive the arena `%s`",
                          is_name ? arena_printf(ck->arena, "`%s`", text) : "this value", arena);
    diag_primary_label(ck->cx, d, "lives in `%s`", arena);
    label_declared(ck, d, loan, arena_printf(ck->arena, "is freed when `%s` returns", fn));
    fix_append_copy(ck, d, value);
}

void report_exported(Check *ck, Span span, const Value *value, const Loan *loan) {
    if (!blame_loan(ck, loan)) return;
    bool has_span = value->def != NULL && !span_is_none(value->def->span);
    Diag *d = check_error(ck, K0382, has_span ? value->def->span : span,
                          "an exported function cannot return memory that lives in the arena `%s`",
                          owner_text(ck, loan));
    diag_primary_label(ck->cx, d, "C could not see where this lives");
    label_declared(ck, d, loan, "is the caller's");
    fix_append_copy(ck, d, value);
}

void report_stored(Check *ck, uint32_t place, const Loan *loan) {
    if (!blame_loan(ck, loan)) return;
    Borrow borrow = borrow_of(ck, place, loan, NULL);
    const char *fn = fn_text(ck, ck->fn), *root = place_text(ck->flow->graph, place);
    const Value *value = stored_value(&borrow);
    bool lives = loan->kind == LOAN_LIVES;
    Diag *d = lives
                  ? check_error(ck, K0352, borrow.span, "`%s` would outlive the arena `%s`", root,
                                owner_text(ck, loan))
                  : check_error(ck, K0341, borrow.span,
                                "`%s` cannot keep a view of `%s`: `%s` is freed when `%s` returns",
                                root, owner_text(ck, loan), owner_text(ck, loan), fn);
    diag_primary_label(ck->cx, d, lives ? "lives in `%s`" : "looks into `%s`",
                       owner_text(ck, loan));
    label_declared(ck, d, loan, arena_printf(ck->arena, "is freed when `%s` returns", fn));
    if (lives && value != NULL) fix_append_copy(ck, d, value);
}

void report_stored_exported(Check *ck, uint32_t place, const Loan *loan) {
    if (!blame_loan(ck, loan)) return;
    Borrow borrow = borrow_of(ck, place, loan, NULL);
    const Value *value = stored_value(&borrow);
    Diag *d =
        check_error(ck, K0382, borrow.span,
                    "an exported function cannot give `%s` memory that lives in the arena `%s`",
                    place_text(ck->flow->graph, place), owner_text(ck, loan));
    diag_primary_label(ck->cx, d, "C could not see where this lives");
    if (value != NULL) fix_append_copy(ck, d, value);
}

/* ---- Tasks ----------------------------------------------------------------------------------- */

static void note_end(void *user, Op *op) {
    Span *last = user;
    if (op->span.file == last->file && op->span.end > last->end) *last = op->span;
}

typedef struct FirstSet {
    const Value *var;
    const Op *set;
} FirstSet;

static void note_set(void *user, Op *op) {
    FirstSet *first = user;
    bool sets = op->kind == OP_SET && op->operands[0] == first->var;
    if (sets && first->set == NULL) first->set = op;
}

/* Where the variable first gets a task; where it is declared, if it never does. */
static const Op *start_of_task(const Check *ck, uint32_t task) {
    const Op *var = ck->flow->graph->places.data[task].var->def;
    FirstSet first = {op_result(var), NULL};
    region_walk(var->parent, note_set, &first);
    return first.set != NULL ? first.set : var;
}

/* `h.wait()` as the last line of the block in which `h` is started. */
static void fix_wait(Check *ck, Diag *d, uint32_t task) {
    const Op *start = start_of_task(ck, task);
    const Source *source = source_of(&ck->cx->sources, start->span);
    if (source == NULL) return;
    Span last = start->span;
    region_walk(start->parent, note_end, &last);
    const Op *end = start->parent->last;
    bool leaves = end != NULL && end->kind == OP_RETURN && end->operand_count > 0;
    uint32_t at = leaves ? end->span.start : last.end;
    LineCol line = source_line_col(source, at);
    uint32_t indent = 0, length,
             first = source->line_starts.data[source_line_col(source, start->span.start).line - 1];
    while (source->text[first + indent] == ' ' || source->text[first + indent] == '\t') indent++;
    source_line(source, line.line, &length);
    uint32_t row = source->line_starts.data[line.line - 1];
    const char *wait = arena_printf(ck->arena, "%.*s%s.wait()", (int)indent, source->text + first,
                                    place_text(ck->flow->graph, task));
    Fix *fix = diag_fix(ck->cx, d, FIX_AUTOMATIC, "`%s.wait()` before the end of the %s",
                        place_text(ck->flow->graph, task),
                        start->parent->parent == NULL ? "function" : "block");
    Span where = {start->span.file, leaves ? row : row + length, leaves ? row : row + length};
    fix_replace(ck->cx, fix, where, arena_printf(ck->arena, leaves ? "%s\n" : "\n%s", wait));
}

static Span span_of_spawn(const Check *ck, uint32_t task) {
    const Op *start = start_of_task(ck, task);
    const Op *spawn = start->kind == OP_SET ? start->operands[1]->def : NULL;
    return spawn != NULL ? spawn->span : start->span;
}

static bool is_waited_somewhere(const Check *ck, uint32_t task) {
    const Graph *g = ck->flow->graph;
    for (uint32_t b = 0; b < g->blocks.len; b++) {
        for (uint32_t i = 0; i < g->blocks.data[b].events.len; i++) {
            const Event *event = &g->blocks.data[b].events.data[i];
            if (event->kind == EVENT_MOVE && place_is_within(g, event->place, task)) return true;
        }
    }
    return false;
}

void report_unwaited(Check *ck, uint32_t task, const Op *replaced_by) {
    const Graph *g = ck->flow->graph;
    if (g->places.data[task].var->def == NULL || !check_blame(ck, task)) return;
    bool is_named = place_var(g, place_root(g, task))->name.id != 0;
    bool is_lost = replaced_by != NULL || !is_waited_somewhere(ck, task);
    Span span = span_of_spawn(ck, task);
    Diag *d = is_named ? check_error(ck, K0361, span, "the task `%s` is %s waited for",
                                     place_text(g, task), is_lost ? "never" : "not always")
                       : check_error(ck, K0361, span, "this task is never waited for");
    diag_primary_label(ck->cx, d, "started here");
    if (replaced_by != NULL) {
        diag_label(ck->cx, d, replaced_by->span, "`%s` gets another task here",
                   place_text(g, task));
    } else if (!is_named) {
        diag_fix(ck->cx, d, FIX_SUGGESTED,
                 "give it a name, and wait: `let h = spawn ...`, then `h.wait()`");
    } else if (is_lost && g->places.data[task].type->kind == IR_TASK) {
        fix_wait(ck, d, task);
    }
}
