#include "ir/ownership/check.h"

#include <string.h>

const char *source_text(const Check *ck, Span span) {
    if (span_is_none(span)) return "";
    const Source *source = source_of(&ck->cx->sources, span);
    return arena_strndup(ck->arena, source->text + span.start, span.end - span.start);
}

/* The word that stands before the span, on its line. */
static const char *word_before(const Check *ck, Span span) {
    if (span_is_none(span)) return "";
    const char *text = source_of(&ck->cx->sources, span)->text;
    uint32_t end = span.start, start;
    while (end > 0 && (text[end - 1] == ' ' || text[end - 1] == '(')) end--;
    for (start = end; start > 0 && text[start - 1] >= 'a' && text[start - 1] <= 'z';) start--;
    return arena_strndup(ck->arena, text + start, end - start);
}

const char *fn_text(const Check *ck, const IrFn *fn) { return text_of(ck->cx, fn->source_name); }

bool op_is_in_region(const Op *op, const Region *region) {
    for (const Region *r = op->parent; r != NULL; r = r->parent ? r->parent->parent : NULL) {
        if (r == region) return true;
    }
    return false;
}

bool op_is_inside(const Op *op, const Op *outer) {
    for (const Op *at = op->parent->parent; at != NULL; at = at->parent->parent) {
        if (at == outer) return true;
    }
    return false;
}

static bool is_choice(const Op *op) {
    return op->kind == OP_IF || op->kind == OP_FOR || op->kind == OP_WHILE || op->kind == OP_TRY || op_is_space(op);
}

const Op *choice_around(const Op *op, const Op *to, const Region **arm) {
    for (const Region *r = op->parent; r != NULL && r->parent != NULL; r = r->parent->parent) {
        if (to != NULL && op_is_in_region(to, r)) return NULL;
        if (!is_choice(r->parent)) continue;
        if (arm != NULL) *arm = r;
        return r->parent;
    }
    return NULL;
}

/* An IF may come from a statement, whose condition is its span; from `and`, `or`; or from a
 * conditional expression. */
static const char *statement_word(const Check *ck, const Op *op) {
    const char *word = op->result_count == 0 ? word_before(ck, op->span) : "";
    return strcmp(word, "if") == 0 || strcmp(word, "elif") == 0 ? word : NULL;
}

static const char *if_text(const Check *ck, const Op *op, const Region *arm) {
    bool then = arm == op->regions[0];
    const char *word = statement_word(ck, op), *text = source_text(ck, op->span);
    if (word != NULL || *text == '\0') {
        return arena_printf(ck->arena, "when this `%s` is %staken", word ? word : "if",
                            then ? "" : "not ");
    }
    if (strstr(text, " if ") != NULL && strstr(text, " else ") != NULL) {
        return then ? "when this condition is true" : "when this condition is false";
    }
    return then ? "when the left side of `and` is true" : "when the left side of `or` is false";
}

const char *choice_text(Check *ck, const Op *op, const Op *to, const Op **choice) {
    const Region *arm = NULL;
    const Op *around = choice_around(op, to, &arm);
    if (choice != NULL) *choice = around;
    if (around == NULL) return NULL;
    switch ((int)around->kind) {
    case OP_IF: return if_text(ck, around, arm);
    case OP_TRY:
        return arm == around->regions[0] ? "unless an error comes first" : "when an error comes";
    default:
        if (arm == around->regions[around->region_count - 1]) return "when this loop ends";
        return "if this loop runs";
    }
}

const char *choice_name(const Check *ck, const Op *choice) {
    switch ((int)choice->kind) {
    case OP_IF: {
        const char *word = statement_word(ck, choice);
        return word != NULL && strcmp(word, "elif") == 0 ? "`elif`" : "`if`";
    }
    case OP_TRY: return "`try`";
    case OP_UNSAFE: return "`unsafe` block";
    case OP_TASK: return "call";
    default: return "loop";
    }
}

bool type_can_copy(const IrType *type) {
    switch (type->kind) {
    case IR_ARENA:
    case IR_TASK:
    case IR_REF: return false;
    case IR_LIST: return type_can_copy(type->elem);
    case IR_STRUCT:
        if (type->del != NULL) return false;
        for (uint32_t i = 0; i < type->field_count; i++) {
            if (!type_can_copy(type->fields[i].type)) return false;
        }
        return true;
    case IR_SCALAR:
    case IR_VEC:
    case IR_STR:
    case IR_BUF:
    case IR_VIEW:
    case IR_ARRAY: return true;
    }
    return false;
}

Op *consumer_of(const Op *op) {
    if (op->result_count == 0) return NULL;
    const Value *value = op_result(op);
    for (Op *at = op->next; at != NULL; at = at->next) {
        for (uint32_t i = 0; i < at->operand_count; i++) {
            if (at->operands[i] != value) continue;
            return at->kind == OP_BUF ? consumer_of(at) : at;
        }
    }
    return NULL;
}

/* `consume(t^)` with `t^` replaced. */
static const char *call_with(const Check *ck, const Op *call, Span part, const char *with) {
    Span span = call->span;
    if (span.file != part.file || part.start < span.start || part.end > span.end) return with;
    Span head = {span.file, span.start, part.start}, tail = {span.file, part.end, span.end};
    return arena_printf(ck->arena, "%s%s%s", source_text(ck, head), with, source_text(ck, tail));
}

/* Whether they stand in different arms of one choice, so that a path meets one of them at most. */
static bool are_alternatives(const Op *a, const Op *b) {
    for (const Region *home = a->parent; home->parent != NULL; home = home->parent->parent) {
        const Op *choice = home->parent;
        if (choice->kind != OP_IF) continue;
        const Region *other = choice->regions[choice->regions[0] == home];
        for (const Region *at = b->parent; at != NULL; at = at->parent ? at->parent->parent : NULL)
            if (at == other) return true;
    }
    return false;
}

static bool is_written_move(const Check *ck, const Op *move) {
    const char *text = source_text(ck, move->span);
    size_t length = strlen(text);
    return length > 0 && text[length - 1] == '^';
}

/* Whether the place gets another value in the block, after event number `from`. */
static bool is_refilled(const Graph *g, const GraphBlock *block, uint32_t from, uint32_t place) {
    for (uint32_t i = from + 1; i < block->events.len; i++) {
        const Event *event = &block->events.data[i];
        if (event->kind == EVENT_STORE && place_is_within(g, place, event->place)) return true;
    }
    return false;
}

/* The other arms of the choice that `move` is in may move the place as well. */
static void fix_alternatives(Check *ck, Fix *fix, const Op *move, uint32_t place,
                             const char *text) {
    const Graph *g = ck->flow->graph;
    for (uint32_t b = 0; b < g->blocks.len; b++) {
        for (uint32_t i = 0; i < g->blocks.data[b].events.len; i++) {
            const Event *event = &g->blocks.data[b].events.data[i];
            if (event->kind != EVENT_MOVE || event->place != place || event->op == move) continue;
            bool counts = is_written_move(ck, event->op) && are_alternatives(move, event->op) &&
                          !is_refilled(g, &g->blocks.data[b], i, place);
            if (counts)
                fix_replace(ck->cx, fix, event->op->span, text);
        }
    }
}

void fix_copy(Check *ck, Diag *d, const Op *move, uint32_t place, bool shows_call) {
    const Graph *g = ck->flow->graph;
    if (place == NO_PLACE || !is_written_move(ck, move)) return;
    if (!type_can_copy(g->places.data[place].type)) return;
    const char *text = arena_printf(ck->arena, "%s.copy()", place_text(g, place));
    const Op *consumer = consumer_of(move);
    bool is_call = shows_call && consumer != NULL && consumer->kind == OP_CALL;
    const char *shown = is_call ? call_with(ck, consumer, move->span, text) : text;
    if (strchr(shown, '\n') != NULL) shown = text;
    Fix *fix = diag_fix(ck->cx, d, FIX_AUTOMATIC, "move a copy instead: `%s`", shown);
    fix_replace(ck->cx, fix, move->span, text);
    fix_alternatives(ck, fix, move, place, text);
}
