#include "ir/ownership/parallel_report.h"

#include <string.h>

enum { SEARCH_DEPTH = 40 };

/* ---- Names ----------------------------------------------------------------------------------- */

const char *parallel_source(const Context *cx, Arena *arena, Span span) {
    if (span_is_none(span)) return "";
    const Source *source = source_of(&cx->sources, span);
    return arena_strndup(arena, source->text + span.start, span.end - span.start);
}

const char *reduce_sign(OpKind kind) {
    if (kind == OP_ADD) return "+";
    if (kind == OP_MUL) return "*";
    if (kind == OP_MIN) return "min";
    if (kind == OP_MAX) return "max";
    if (kind == OP_AND) return "and";
    return kind == OP_OR ? "or" : NULL;
}

const IrVar *parallel_var(const Value *root) {
    return root->def != NULL && root->def->kind == OP_VAR ? &root->def->attr.var : NULL;
}

static const char *root_text(const Context *cx, const Value *root) {
    const IrVar *var = parallel_var(root);
    Name name = var ? var->name : root->name;
    return name.id != 0 ? text_of(cx, name) : "this value";
}

const char *parallel_place(const Context *cx, Arena *arena, const Value *ref) {
    if (ref->def == NULL || ref->def->kind != OP_FIELD) return root_text(cx, ref);
    const IrType *in = ref->def->operands[0]->type->elem;
    return arena_printf(arena, "%s.%s", parallel_place(cx, arena, ref->def->operands[0]),
                        text_of(cx, in->fields[ref->def->attr.index].name));
}

/* `out[0]`, `m[1, 2]`, `p.a[0]`; indices from `element`, or without any: `p.a`. */
static const char *path_text(const Context *cx, const Indices *x, const Access *access,
                             const int64_t *element) {
    const char *text = root_text(cx, access->root);
    bool is_open = false;
    for (uint32_t i = 0; i < access->path.len; i++) {
        const PathStep *step = &access->path.data[i];
        if (is_open && (step->is_field || step->opens)) {
            text = arena_printf(x->arena, "%s]", text);
            is_open = false;
        }
        if (step->is_field) {
            text = arena_printf(x->arena, "%s.%s", text,
                                text_of(cx, step->in->fields[step->field].name));
        } else if (element != NULL) {
            int64_t at = element[i] == ANY_ELEMENT ? 0 : element[i];
            text = arena_printf(x->arena, "%s%s%lld", text, is_open ? ", " : "[", (long long)at);
            is_open = true;
        }
    }
    return is_open ? arena_printf(x->arena, "%s]", text) : text;
}

static bool takes_all(const Access *access) {
    for (uint32_t i = 0; i < access->path.len; i++)
        if (!access->path.data[i].is_field && access->path.data[i].at != NULL) return false;
    return true;
}

/* ---- Labels ---------------------------------------------------------------------------------- */

/* "`scale` changes `t` (`inout t`)" */
static const char *call_text(const Context *cx, const Indices *x, const Access *access) {
    const char *what = path_text(cx, x, access, NULL);
    const char *callee = text_of(cx, access->op->attr.callee->source_name);
    const char *source = access->arg->source, *end = strchr(source, ':');
    if (access->arg->convention == ARG_INOUT && end != NULL)
        source = arena_strndup(x->arena, source, (size_t)(end - source));
    return arena_printf(x->arena, "`%s` %s `%s` (`%s`)", callee,
                        access->is_write ? "changes" : "reads", what, source);
}

static const char *access_text(const Context *cx, const Indices *x, const Access *access) {
    if (access->arg != NULL && access->arg->source != NULL) return call_text(cx, x, access);
    return access->is_write ? "written here" : "read here";
}

static void label_both(Context *cx, Diag *d, const Indices *x, const Access *at,
                       const Access *other) {
    diag_primary_label(cx, d, "%s", access_text(cx, x, at));
    if (other != at && other->op != at->op)
        diag_label(cx, d, other->op->span, "%s", access_text(cx, x, other));
    diag_label(cx, d, x->loop->span, "these iterations run at the same time");
}

/* ---- K0371 ----------------------------------------------------------------------------------- */

static const char *symbol_text(const Context *cx, const Indices *x, const Index *symbol) {
    const char *text = symbol->is_size ? "" : parallel_place(cx, x->arena, symbol->value);
    return symbol->value->name.id != 0 ? text_of(cx, symbol->value->name) : text;
}

/* "for example when `k` is 0": what the example assumes, where that is not plain to see. */
static void note_numbers(Context *cx, Diag *d, const Indices *x, const Witness *w) {
    const char *text = "";
    uint32_t said = 0;
    for (uint32_t i = 0; i < w->numbers.len; i++) {
        const WitnessNumber *number = &w->numbers.data[i];
        const char *name = symbol_text(cx, x, number->symbol);
        if (*name == '\0' || strcmp(name, "this value") == 0) continue;
        text = arena_printf(x->arena, "%s%s`%s` is %lld", text, said++ ? " and " : "", name,
                            (long long)number->number);
    }
    if (said > 0) diag_note(cx, d, "for example when %s", text);
}

static void report_two_writes(Context *cx, const Indices *x, const Witness *w) {
    /* What comes second in the source is the mistake, to those who read from the top. */
    bool swap = w->early->op->span.start > w->late->op->span.start;
    const Access *at = swap ? w->early : w->late, *other = swap ? w->late : w->early;
    const Access *longer = other->path.len > at->path.len ? other : at;
    const char *element = path_text(cx, x, longer, w->element.data);
    bool all = takes_all(w->early) && takes_all(w->late);
    long long first = (long long)w->first, second = (long long)w->second;
    Diag *d =
        all ? diag_add(cx, K0371, at->op->span, "iterations %lld and %lld both change all of `%s`",
                       first, second, path_text(cx, x, at, NULL))
            : diag_add(cx, K0371, at->op->span, "iterations %lld and %lld both write `%s`", first,
                       second, element);
    label_both(cx, d, x, at, other);
    note_numbers(cx, d, x, w);
}

static void report_read_and_write(Context *cx, const Indices *x, const Witness *w) {
    bool late_reads = w->early->is_write;
    const Access *reads = late_reads ? w->late : w->early,
                 *writes = late_reads ? w->early : w->late;
    long long reader = (long long)(late_reads ? w->second : w->first);
    long long writer = (long long)(late_reads ? w->first : w->second);
    const Access *longer = reads->path.len > writes->path.len ? reads : writes;
    const char *whole = path_text(cx, x, reads, NULL);
    const char *element = path_text(cx, x, longer, w->element.data);
    const char *verb = takes_all(writes) ? "changes" : "writes";
    Diag *d;
    if (takes_all(reads) && !takes_all(writes))
        d = diag_add(cx, K0371, reads->op->span,
                     "iteration %lld reads all of `%s`, part of which iteration %lld %s", reader,
                     whole, writer, verb);
    else if (takes_all(reads))
        d = diag_add(cx, K0371, reads->op->span,
                     "iteration %lld reads all of `%s`, which iteration %lld %s", reader, whole,
                     writer, verb);
    else
        d = diag_add(cx, K0371, reads->op->span,
                     "iteration %lld reads `%s`, which iteration %lld %s", reader, element, writer,
                     verb);
    label_both(cx, d, x, reads, writes);
    note_numbers(cx, d, x, w);
    diag_note(cx, d, "write to a second tensor, so that `%s` stays as it is while the loop runs",
              whole);
}

void report_race(Context *cx, const Indices *x, const Witness *witness) {
    if (witness->early->is_write && witness->late->is_write)
        report_two_writes(cx, x, witness);
    else
        report_read_and_write(cx, x, witness);
}

/* ---- K0372 ----------------------------------------------------------------------------------- */

/* What the proof cannot see through: an unknown, or what rounds. */
static const Index *find_unknown(const Index *index, int depth) {
    if (index == NULL || depth == 0 || !index->varies) return NULL;
    bool rounds = index->kind == INDEX_FLOORDIV || index->kind == INDEX_MOD;
    if (index->kind == INDEX_UNKNOWN || (rounds && index->value != NULL)) return index;
    if (index->kind == INDEX_STEP) return NULL;
    const Index *found = find_unknown(index->a, depth - 1);
    return found ? found : find_unknown(index->b, depth - 1);
}

static const Index *unknown_of(const Access *access) {
    for (uint32_t i = 0; i < access->path.len; i++) {
        const Index *found = find_unknown(access->path.data[i].at, SEARCH_DEPTH);
        if (found != NULL) return found;
    }
    return NULL;
}

/* An index that was read from memory has its source; a variable at least its name. */
static const char *unknown_text(const Context *cx, const Indices *x, const Index *unknown) {
    const Value *value = unknown->value;
    if (value->def == NULL) return value->name.id != 0 ? text_of(cx, value->name) : "";
    if (value->def->kind == OP_GET) return parallel_place(cx, x->arena, value->def->operands[0]);
    const char *source = parallel_source(cx, x->arena, value->def->span);
    /* An element that a loop gives has the name of the loop's variable. */
    return strchr(source, '[') == NULL && value->name.id != 0 ? text_of(cx, value->name) : source;
}

/* How `reduce` writes the operation of `y[k] = y[k] op e`, or NULL. */
static const char *reduction_of_store(const Op *op) {
    const Op *value = op->kind == OP_STORE ? op->operands[1]->def : NULL;
    if (value == NULL || value->operand_count != 2) return NULL;
    const char *sign = reduce_sign(value->kind);
    for (uint32_t i = 0; i < 2 && sign != NULL; i++) {
        const Op *load = value->operands[i]->def;
        if (load == NULL || load->kind != OP_LOAD || load->operand_count + 1 != op->operand_count)
            continue;
        uint32_t same = 0;
        while (same + 1 < load->operand_count && load->operands[same + 1] == op->operands[same + 2])
            same++;
        if (same + 1 == load->operand_count) return sign;
    }
    return NULL;
}

static void label_unknown(Context *cx, Diag *d, const Indices *x, const Access *a, const Access *b,
                          const char *place) {
    const Index *unknown = unknown_of(a);
    bool is_own = a->is_write && b->is_write;
    if (unknown == NULL) unknown = unknown_of(b);
    const char *text = unknown ? unknown_text(cx, x, unknown) : "";
    if (*text == '\0') {
        diag_primary_label(cx, d, "what this touches in different iterations may overlap");
        return;
    }
    Span span = unknown->value->def ? unknown->value->def->span : a->op->span;
    diag_label(cx, d, span,
               is_own ? "`%s` could be the same for two iterations"
                      : "`%s` could be an element that another iteration uses",
               text);
    bool is_loaded = unknown->value->def != NULL && unknown->value->def->kind == OP_LOAD;
    if (is_loaded && is_own && strchr(text, '[') != NULL && reduction_of_store(a->op) == NULL)
        diag_note(cx, d, "loop over the output instead and gather: `%s[i] = …[%s]`", place, text);
}

void report_unknown(Context *cx, const Indices *x, const Access *a, const Access *b) {
    const Access *writes = a->is_write ? a : b, *other = writes == a ? b : a;
    const char *place = path_text(cx, x, writes, NULL);
    Diag *d =
        other->is_write
            ? diag_add(cx, K0372, writes->op->span,
                       "cannot show that iterations write different elements of `%s`", place)
            : diag_add(cx, K0372, writes->op->span,
                       "cannot show that no iteration reads what another writes in `%s`", place);
    if (!other->is_write) diag_label(cx, d, other->op->span, "read here");
    label_unknown(cx, d, x, writes, other, place);
    const char *sign = reduction_of_store(writes->op);
    if (sign != NULL && other->is_write)
        diag_note(cx, d, "where elements are combined, say how: `reduce(%s: %s)`", sign, place);
    const Source *source = source_of(&cx->sources, writes->op->span);
    if (source == NULL) return;
    diag_note(cx, d, "if %s, say so: `unsafe:` around line %u",
              other->is_write ? "the indices are all different"
                              : "no two iterations share an element",
              (unsigned)source_line_col(source, writes->op->span.start).line);
}
