/* Sizes as the user would write them. */
#include <inttypes.h>

#include "sema/size.h"

/* `?` stands for every size that has no name. */
static void print_sym(const Context *cx, const SizeSym *sym, StrBuf *out) {
    strbuf_puts(out, sym->name.id != 0 ? text_of(cx, sym->name) : "?");
}

static void print_product(const Context *cx, const SizeTerm *term, uint64_t magnitude,
                          StrBuf *out) {
    bool is_first = true;
    if (magnitude != 1 || term->sym_count == 0) {
        strbuf_printf(out, "%" PRIu64, magnitude);
        is_first = false;
    }
    for (uint32_t i = 0; i < term->sym_count; i++) {
        if (!is_first) strbuf_putc(out, '*');
        print_sym(cx, term->syms[i], out);
        is_first = false;
    }
}

/* `n - 1`, and `8 - n` rather than `-n + 8`: a positive term comes first where there is one. */
void size_print(const Context *cx, const Size *size, StrBuf *out) {
    const SizeTerm *terms;
    uint32_t count = size_terms(size, &terms);
    if (count == 0) {
        strbuf_putc(out, '0');
        return;
    }
    uint32_t lead = 0;
    while (lead < count && terms[lead].coefficient < 0) lead++;
    if (lead == count) lead = 0;
    for (uint32_t i = 0; i < count; i++) {
        /* The leading term, then the others in order. */
        const SizeTerm *term = &terms[i == 0 ? lead : i <= lead ? i - 1 : i];
        bool negative = term->coefficient < 0;
        uint64_t magnitude = negative ? -(uint64_t)term->coefficient : (uint64_t)term->coefficient;
        if (i == 0) {
            if (negative) strbuf_putc(out, '-');
        } else {
            strbuf_puts(out, negative ? " - " : " + ");
        }
        print_product(cx, term, magnitude, out);
    }
}
