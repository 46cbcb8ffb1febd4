/* Dense arrays of several dimensions as one of a single dimension, and rows that lie behind others.
 *
 * Where `grid[z, y, x]` was loaded, `grid[z + 1, y, x + 1]` has the same place in another row: as many rows on as
 * the first dimension steps over. So the lanes keep their places and the base moves, by the same for all lanes:
 * no product is computed anew, and a target without an instruction for gathers takes the places out of vectors
 * once. Lanes that are off read the first element of the row that the base moves to; it is there, since a lane
 * that is on reads it or what lies behind it. */
#include "ir/passes/spmd.h"

#include <string.h>

static Value *dim_of(Builder *b, Value *view, uint32_t i) {
    Value *known = view_dim(view, i);
    return known != NULL ? known : build_dim(b, view, i);
}

Value *flattened(Widen *w, Value *view) {
    if (!value_is_outside(w, view) || view->type->strided) return NULL;
    if (view->type->rank == 1) {
        Builder b = *w->before;
        narrow_bound(w, dim_of(&b, view, 0));
        return view;
    }
    for (uint32_t i = 0; i < w->flats.len; i++)
        if (w->flats.data[i].view == view) return w->flats.data[i].flat;
    Builder b = *w->before;
    Value *total = NULL;
    for (uint32_t i = 0; i < view->type->rank; i++) {
        Value *dim = dim_of(&b, view, i);
        narrow_bound(w, dim); /* so that no product wraps */
        total = total == NULL ? dim : build_binary(&b, OP_MUL, total, dim);
        if (i > 0) narrow_bound(w, total);
    }
    Value *flat = build_view(&b, build_unary(&b, OP_BUF, view), &total, 1);
    vec_push(w->s->pass->scratch, &w->flats, ((FlatView){view, flat}));
    return flat;
}

/* ---- Rows ------------------------------------------------------------------------------------ */

/* How many rows behind those of `lead` the elements lie, as a number for each dimension but the last, and how
 * far on in them. */
static bool is_behind(const Op *load, const Op *lead, int64_t *rows, int64_t *further) {
    uint32_t last = load->operands[0]->type->rank - 1;
    bool some = false;
    if (load->operands[0] != lead->operands[0] || load->parent != lead->parent) return false;
    for (uint32_t i = 0; i < last; i++) {
        if (!affine_difference(load->operands[1 + i], lead->operands[1 + i], &rows[i]) || rows[i] < 0) return false;
        some = some || rows[i] > 0;
    }
    return some && affine_difference(load->operands[1 + last], lead->operands[1 + last], further);
}

/* The array as rows, and the number of the row. */
static Value *rows_of(Widen *w, Value *view, const int64_t *rows, Value **row) {
    Builder b = *w->before;
    uint32_t last = view->type->rank - 1;
    Value *dims[2] = {dim_of(&b, view, 0), dim_of(&b, view, last)};
    *row = build_i64(&b, rows[0]);
    for (uint32_t i = 1; i < last; i++) {
        Value *dim = dim_of(&b, view, i);
        dims[0] = build_binary(&b, OP_MUL, dims[0], dim);
        *row = build_binary(&b, OP_ADD, build_binary(&b, OP_MUL, *row, dim), build_i64(&b, rows[i]));
    }
    return build_view(&b, build_unary(&b, OP_BUF, view), dims, 2);
}

void row_lead(Widen *w, const Op *load, Value *index) {
    Lead lead = {load, w->mask, w->b.region, index};
    if (load->operands[0]->type->rank > 1) vec_push(w->s->pass->scratch, &w->leads, lead);
}

/* The lead that the load is some rows behind, best at the same place in them; NULL: there is none. */
static const Lead *lead_of(Widen *w, const Op *load, int64_t *rows, int64_t *further) {
    const Lead *found = NULL;
    for (uint32_t i = 0; i < w->leads.len && (found == NULL || *further != 0); i++) {
        const Lead *lead = &w->leads.data[i];
        int64_t these[8], on;
        if (lead->mask != w->mask || lead->region != w->b.region) continue;
        if (!is_behind(load, lead->load, these, &on) || (found != NULL && on != 0)) continue;
        memcpy(rows, these, sizeof these);
        *further = on;
        found = lead;
    }
    return found;
}

bool row_access(Widen *w, const Op *load, Value **view, Value **indices) {
    int64_t rows[8], further = 0;
    const Lead *lead = lead_of(w, load, rows, &further);
    if (lead == NULL) return false;
    *view = rows_of(w, load->operands[0], rows, &indices[0]);
    pass_remark(w->s->pass, w->s->fn, load->span, REMARK_PAIRED,
                "gathered by the index of an element in a row before");
    Value *on = build_int(&w->b, ir_scalar(w->m, lead->index->type->scalar), further);
    indices[1] = further == 0 ? lead->index
                              : build_binary(&w->b, OP_ADD, lead->index, build_splat(&w->b, on, w->lanes));
    return true;
}
