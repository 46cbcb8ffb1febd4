/* Ops as text. Each reads `results = mnemonic attribute operands : types { regions }`, with indices
 * in brackets after what they index. */
#include "ir/literal.h"
#include "ir/print.h"
#include "ir/value.h"
#include "ir/words.h"

#include <string.h>

static void print_values(Printer *p, Value *const *values, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        if (i != 0) strbuf_puts(p->out, ", ");
        label_print(&p->labels, values[i], p->out);
    }
}

static void print_bracketed(Printer *p, Value *const *values, uint32_t count) {
    strbuf_putc(p->out, '[');
    print_values(p, values, count);
    strbuf_putc(p->out, ']');
}

/* `name (role "type")`; without the parentheses what `var x: T = ...` of the source gives. */
static void print_var(Printer *p, const IrVar *var) {
    StrBuf *out = p->out;
    if (var->name.id != 0) ir_name_print(p->cx, var->name, out);
    bool placed = p->files != NULL && !span_is_none(var->declared);
    if (var->role == role_without_word(var->name) && var->type == NULL && !placed) return;
    strbuf_printf(out, var->name.id != 0 ? " (%s" : "(%s", role_words[var->role]);
    if (var->type != NULL) {
        strbuf_putc(out, ' ');
        ir_quoted_print(var->type, strlen(var->type), out);
    }
    print_span(p, var->declared);
    strbuf_putc(out, ')');
}

static void print_lanes(const Op *op, StrBuf *out) {
    for (uint32_t i = 0; i < op->attr.lanes.count; i++)
        strbuf_printf(out, "%s%u", i == 0 ? "[" : ", ", op->attr.lanes.at[i]);
    strbuf_puts(out, "] ");
}

/* What stands between the mnemonic and the operands. */
static void print_attr(Printer *p, const Op *op) {
    StrBuf *out = p->out;
    switch (op_info(op)->attr) {
    case ATTR_BITS:
        if (op->result_count == 1 && ir_is_scalar(op->results[0]->type))
            literal_print(op->results[0]->type->scalar, op->attr.bits, out);
        return;
    case ATTR_TEXT:
        if (op->attr.text.bytes == NULL) return;
        ir_quoted_print(op->attr.text.bytes, op->attr.text.length, out);
        strbuf_putc(out, ' ');
        return;
    case ATTR_VAR: print_var(p, &op->attr.var); return;
    case ATTR_TYPE:
        ir_type_print(p->cx, op->attr.type, out);
        strbuf_putc(out, ' ');
        return;
    case ATTR_FLAG:
        if (op->attr.flag) strbuf_printf(out, "%s ", flag_word(op->kind));
        return;
    case ATTR_REDUCE: strbuf_printf(out, "%s ", reduce_words[op->attr.reduce]); return;
    case ATTR_LOOP:
        if (op->attr.loop.is_simd) strbuf_puts(out, "simd ");
        if (op->attr.loop.is_parallel) strbuf_puts(out, "parallel ");
        if (op->attr.loop.independent) strbuf_puts(out, "independent ");
        if (op->attr.loop.in_step) strbuf_puts(out, "in_step ");
        if (op->attr.loop.lanes_most != 0) strbuf_printf(out, "within %u ", op->attr.loop.lanes_most);
        if (op->attr.loop.reduces) strbuf_puts(out, "reduces ");
        if (op->attr.loop.is_lanes) strbuf_puts(out, "lanes ");
        if (op->attr.loop.is_vector) strbuf_puts(out, "vector ");
        if (op->attr.loop.is_graph) strbuf_puts(out, "graph ");
        if (op->attr.loop.whole) strbuf_puts(out, "whole ");
        if (op->attr.loop.runs) strbuf_puts(out, "running ");
        if (op->attr.loop.streams) strbuf_puts(out, "streaming ");
        if (op->attr.loop.is_seldom) strbuf_puts(out, "seldom ");
        return;
    case ATTR_CALLEE:
        strbuf_putc(out, '@');
        ir_name_print(p->cx, op->attr.callee->name, out);
        return;
    case ATTR_CHECK:
        strbuf_printf(out, "%s ", check_infos[op->attr.check.kind].mnemonic);
        if (op->attr.check.message == NULL) return;
        ir_quoted_print(op->attr.check.message, strlen(op->attr.check.message), out);
        strbuf_putc(out, ' ');
        return;
    case ATTR_LANES: print_lanes(op, out); return;
    case ATTR_NONE: case ATTR_INDEX: case ATTR_MASK: return;
    }
}

static void print_slice(Printer *p, const Op *op) {
    print_values(p, op->operands, 1);
    for (uint32_t i = 1; i + 2 < op->operand_count; i += 3) {
        strbuf_puts(p->out, op->attr.mask >> (i / 3) & 1 ? ", drop " : ", ");
        print_bracketed(p, op->operands + i, 3);
    }
}

/* `%view[%i, %j]`, and a mask behind it. */
static void print_indexed(Printer *p, const Op *op, uint32_t first) {
    uint32_t count = op->operand_count - first, rank = op->operands[0]->type->rank;
    bool masked = op_is_vector_access(op->kind) && count == rank + 1;
    print_values(p, op->operands, 1);
    print_bracketed(p, op->operands + first, count - masked);
    if (!masked) return;
    strbuf_puts(p->out, ", ");
    print_values(p, op->operands + op->operand_count - 1, 1);
}

static void print_operands(Printer *p, const Op *op) {
    uint32_t count = op->operand_count;
    bool indexed = op_is_indexed(op->kind) && count >= 1;
    if (op->kind == OP_SLICE && count >= 1) {
        print_slice(p, op);
    } else if (indexed) {
        print_indexed(p, op, 1);
    } else if (op_is_store(op->kind) && count >= 2) {
        print_values(p, op->operands + 1, 1);
        strbuf_puts(p->out, ", ");
        print_indexed(p, op, 2);
    } else if (op->kind == OP_CALL) {
        strbuf_putc(p->out, '(');
        print_values(p, op->operands, count);
        strbuf_putc(p->out, ')');
    } else {
        print_values(p, op->operands, count);
    }
    if (op_info(op)->attr == ATTR_INDEX) strbuf_printf(p->out, ", %u", op->attr.index);
}

static void print_result_types(Printer *p, const Op *op) {
    for (uint32_t i = 0; i < op->result_count; i++) {
        strbuf_puts(p->out, i == 0 ? " : " : ", ");
        ir_type_print(p->cx, op->results[i]->type, p->out);
    }
}

void print_op_head(Printer *p, const Op *op) {
    print_values(p, op->results, op->result_count);
    if (op->result_count != 0) strbuf_puts(p->out, " = ");
    strbuf_puts(p->out, op_info(op)->mnemonic);
    size_t end = p->out->len;
    strbuf_putc(p->out, ' ');
    print_attr(p, op);
    print_operands(p, op);
    /* Ops with neither attribute nor operands end in their mnemonic. */
    while (p->out->len > end && p->out->data[p->out->len - 1] == ' ')
        p->out->data[--p->out->len] = '\0';
    print_result_types(p, op);
    if (op->inlined_from.id != 0) {
        strbuf_puts(p->out, " from ");
        ir_name_print(p->cx, op->inlined_from, p->out);
    }
    print_span(p, op->span);
}

static void print_block(Printer *p, const Region *region, uint32_t depth) {
    if (region->param_count != 0) {
        strbuf_puts(p->out, " |");
        print_values(p, region->params, region->param_count);
        strbuf_putc(p->out, '|');
    }
    strbuf_puts(p->out, " {\n");
    print_region(p, region, depth + 1);
    strbuf_pad(p->out, ' ', 4 * depth);
    strbuf_putc(p->out, '}');
}

static bool region_is_empty(const Region *region) {
    return region->first == NULL && region->param_count == 0;
}

static void print_op(Printer *p, const Op *op, uint32_t depth) {
    strbuf_pad(p->out, ' ', 4 * depth);
    print_op_head(p, op);
    for (uint32_t i = 0; i < op->region_count; i++) {
        if (region_may_miss(op->kind, i) && region_is_empty(op->regions[i])) continue;
        const char *word = region_word(op->kind, i);
        if (word != NULL) strbuf_printf(p->out, " %s", word);
        print_block(p, op->regions[i], depth);
    }
    strbuf_putc(p->out, '\n');
}

void print_region(Printer *p, const Region *region, uint32_t depth) {
    for (const Op *op = region->first; op != NULL; op = op->next) print_op(p, op, depth);
}
