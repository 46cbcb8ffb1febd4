#include "ir/ownership/parallel_window.h"

typedef struct Tracer {
    Indices *x;
    Vec(const Value *) open; /* variables of the body whose values are being looked at */
    bool is_cyclic;          /* one of them was met again */
} Tracer;

static void trace_value(Tracer *t, const Value *value, int64_t field, WindowVec *out);
static void trace_ref(Tracer *t, const Value *ref, WindowVec *out);

/* ---- Windows --------------------------------------------------------------------------------- */

static void add_field(Indices *x, Window *w, const IrType *in, uint32_t field) {
    PathStep step = {.is_field = true, .field = field, .in = in};
    vec_push(x->arena, &w->path, step);
}

static void add_dims(Indices *x, Window *w, uint32_t rank) {
    w->dim_count = 0;
    for (uint32_t i = 0; i < rank && !w->is_blurred; i++) {
        WindowDim dim = {w->path.len, index_number(x, 0), index_number(x, 1), NULL};
        PathStep step = {.opens = i == 0};
        vec_push(x->arena, &w->path, step);
        w->dims[w->dim_count++] = dim;
    }
}

static const Index *element_at(Indices *x, const WindowDim *dim, const Index *k) {
    return index_make(x, INDEX_ADD, dim->first, index_make(x, INDEX_MUL, k, dim->every));
}

static void remove_dim(Window *w, uint32_t dim) {
    for (uint32_t i = dim; i + 1 < w->dim_count; i++) w->dims[i] = w->dims[i + 1];
    w->dim_count--;
}

void window_index(Indices *x, Window *w, Value *const *indices, uint32_t count) {
    if (w->is_blurred || count > w->dim_count) return;
    for (uint32_t i = 0; i < count; i++) {
        const WindowDim *dim = &w->dims[0];
        w->path.data[dim->at].at = element_at(x, dim, index_of(x, indices[i]));
        remove_dim(w, 0);
    }
}

/* `ranges` are the operands of a SLICE: offset, length and step of each dimension. */
static void narrow(Indices *x, Window *w, Value *const *ranges, uint32_t rank, uint32_t dropped) {
    if (w->is_blurred || rank != w->dim_count) return;
    for (uint32_t i = 0, at = 0; i < rank; i++) {
        WindowDim *dim = &w->dims[at];
        const Index *first = element_at(x, dim, index_of(x, ranges[3 * i]));
        if (dropped >> i & 1) {
            w->path.data[dim->at].at = first;
            remove_dim(w, at);
            continue;
        }
        dim->first = first;
        dim->length = index_of(x, ranges[3 * i + 1]);
        dim->every = index_make(x, INDEX_MUL, index_of(x, ranges[3 * i + 2]), dim->every);
        at++;
    }
}

/* A value that a variable keeps may have been computed elsewhere in the iteration: what is not the same
 * there is forgotten. */
static void forget_unsteady(Window *w) {
    for (uint32_t i = 0; i < w->path.len; i++) {
        PathStep *step = &w->path.data[i];
        if (step->at != NULL && !step->at->is_steady) step->at = NULL;
    }
    for (uint32_t i = 0; i < w->dim_count; i++) {
        WindowDim *dim = &w->dims[i];
        if (dim->first->is_steady && dim->every->is_steady &&
            (dim->length == NULL || dim->length->is_steady))
            continue;
        dim->length = NULL;
        w->is_blurred = true;
    }
}

static void mark_several(WindowVec *out, uint32_t first) {
    for (uint32_t i = first; i < out->len; i++)
        out->data[i].is_one_of_several |= out->len - first > 1;
}

/* ---- Where values come from ------------------------------------------------------------------ */

static void trace_captured(Tracer *t, const Value *root, WindowVec *out) {
    Window w = {.root = root};
    vec_push(t->x->arena, out, w);
}

/* `field` of what a variable of the body may hold: one window for each SET. */
static void trace_local(Tracer *t, const Value *root, int64_t field, WindowVec *out) {
    for (uint32_t i = 0; i < t->open.len; i++) {
        if (t->open.data[i] != root) continue;
        t->is_cyclic = true;
        return;
    }
    Indices *x = t->x;
    uint32_t first = out->len;
    vec_push(x->arena, &t->open, root);
    for (uint32_t i = 0; i < x->sets[root->id].len; i++) {
        const Op *set = x->sets[root->id].data[i];
        const Op *place = set->operands[0] == root ? NULL : set->operands[0]->def;
        if (place == NULL)
            trace_value(t, set->operands[1], field, out);
        else if (field < 0 || place->attr.index == (uint32_t)field)
            trace_value(t, set->operands[1], -1, out);
    }
    t->open.len--;
    if (var_only_set(x, root) != NULL) return;
    mark_several(out, first);
    for (uint32_t i = first; i < out->len; i++) {
        forget_unsteady(&out->data[i]);
        out->data[i].is_blurred |= t->is_cyclic;
    }
}

/* What is at `ref` looks into other memory, or is memory of its own. */
static void trace_content(Tracer *t, const Value *ref, int64_t field, WindowVec *out) {
    const Value *root = ref_root(ref);
    if (root == NULL || !value_is_inside(root, t->x->loop)) {
        uint32_t first = out->len;
        trace_ref(t, ref, out);
        if (field < 0) return;
        for (uint32_t i = first; i < out->len; i++)
            add_field(t->x, &out->data[i], ref->type->elem, (uint32_t)field);
        return;
    }
    if (!ir_type_looks(root->type->elem)) return;
    bool is_field = ref != root;
    trace_local(t, root, is_field ? (int64_t)ref->def->attr.index : field, out);
}

static void trace_ref(Tracer *t, const Value *ref, WindowVec *out) {
    Indices *x = t->x;
    uint32_t first = out->len;
    const Op *def = ref->def;
    if (def == NULL || def->kind == OP_VAR) {
        if (!value_is_inside(ref, x->loop)) trace_captured(t, ref, out);
        return;
    }
    if (def->kind != OP_FIELD && def->kind != OP_ITEM) return;
    if (def->kind == OP_FIELD)
        trace_ref(t, def->operands[0], out);
    else
        trace_value(t, def->operands[0], -1, out);
    for (uint32_t i = first; i < out->len; i++) {
        if (def->kind == OP_FIELD)
            add_field(x, &out->data[i], def->operands[0]->type->elem, def->attr.index);
        else
            window_index(x, &out->data[i], def->operands + 1, def->operand_count - 1);
    }
}

static void trace_struct(Tracer *t, const Op *op, int64_t field, WindowVec *out) {
    for (uint32_t i = 0; i < op->operand_count; i++)
        if ((field < 0 || field == (int64_t)i) && ir_type_looks(op->operands[i]->type))
            trace_value(t, op->operands[i], -1, out);
}

static bool is_from_outside(const Tracer *t, const Value *value) {
    return !value_is_inside(value, t->x->loop);
}

/* A view, as one that the code around the loop made; it is no place, but it has a name for us. */
static void trace_outer(Tracer *t, const Value *value, WindowVec *out) {
    uint32_t first = out->len;
    trace_captured(t, value, out);
    if (value->type->kind == IR_VIEW) add_dims(t->x, &out->data[first], value->type->rank);
}

/* Gives each window the dimensions of the view that it is. */
static void open_dims(Tracer *t, const Value *view, uint32_t first, WindowVec *out) {
    for (uint32_t i = first; i < out->len; i++)
        if (out->data[i].dim_count == 0 && view->type->kind == IR_VIEW)
            add_dims(t->x, &out->data[i], view->type->rank);
}

static void trace_place(Tracer *t, const Value *value, int64_t field, WindowVec *out) {
    const Value *ref = value->def->operands[0], *root = ref_root(ref);
    uint32_t first = out->len;
    trace_content(t, ref, field, out);
    /* Through a variable of the body, the windows have their dimensions already. */
    if (root == NULL || is_from_outside(t, root)) open_dims(t, value, first, out);
}

static void trace_value(Tracer *t, const Value *value, int64_t field, WindowVec *out) {
    const Op *op = value->def;
    uint32_t first = out->len;
    if (op == NULL) {
        if (is_from_outside(t, value)) trace_outer(t, value, out);
        return;
    }
    OpKind kind = op->kind;
    if (kind == OP_LEND || kind == OP_GET) {
        trace_place(t, value, field, out);
    } else if (kind == OP_SLICE) {
        trace_value(t, op->operands[0], -1, out);
        for (uint32_t i = first; i < out->len; i++)
            narrow(t->x, &out->data[i], op->operands + 1, op->operands[0]->type->rank,
                   op->attr.mask);
    } else if (kind == OP_BUF) {
        trace_value(t, op->operands[0], -1, out);
    } else if (kind == OP_VIEW || kind == OP_STRIDED) {
        trace_value(t, op->operands[0], -1, out);
        for (uint32_t i = first; i < out->len; i++) out->data[i].is_blurred = true;
    } else if (kind == OP_EXTRACT) {
        trace_value(t, op->operands[0], op->attr.index, out);
        if (op->operands[0]->def && op->operands[0]->def->kind == OP_GET)
            open_dims(t, value, first, out);
    } else if (kind == OP_STRUCT) {
        trace_struct(t, op, field, out);
    } else if (kind == OP_SELECT) {
        trace_value(t, op->operands[1], field, out);
        trace_value(t, op->operands[2], field, out);
        mark_several(out, first);
    }
    /* What comes out of a CALL looks into what the callee was given, and so touches nothing more. */
}

void windows_of_view(Indices *x, const Value *view, WindowVec *out) {
    Tracer t = {.x = x};
    trace_value(&t, view, -1, out);
}

void windows_of_ref(Indices *x, const Value *ref, WindowVec *out) {
    Tracer t = {.x = x};
    trace_ref(&t, ref, out);
}

void windows_of_content(Indices *x, const Value *ref, WindowVec *out) {
    Tracer t = {.x = x};
    trace_content(&t, ref, -1, out);
}
