#include "driver/call.h"

#include <string.h>

#include "driver/ffi_call.h"
#include "kc/kcrt.h"

/* ---- Finding the function ---------------------------------------------------------------------- */

typedef bool (*FnVisitor)(void *user, const FnSymbol *fn);

static bool is_callable(const FnSymbol *fn) {
    return (fn->is_exported || fn->is_main) && !fn->is_extern;
}

/* Calls `visit` for each exported function of the main files until it returns true. */
static const FnSymbol *find_fn(const Compilation *c, FnVisitor visit, void *user) {
    for (uint32_t m = 0; m < c->checked->modules.len; m++) {
        const ModuleSymbol *module = c->checked->modules.data[m];
        if (!module->is_main) continue;
        for (uint32_t i = 0; i < module->fns.len; i++)
            if (is_callable(module->fns.data[i]) && visit(user, module->fns.data[i]))
                return module->fns.data[i];
    }
    return NULL;
}

typedef struct NameQuery {
    const Context *cx;
    const char *name;
    const char *names[256];
    size_t count;
} NameQuery;

static bool has_name(void *user, const FnSymbol *fn) {
    const NameQuery *query = user;
    return strcmp(text_of(query->cx, fn->name), query->name) == 0 ||
           strcmp(text_of(query->cx, fn->symbol), query->name) == 0;
}

static bool collect_name(void *user, const FnSymbol *fn) {
    NameQuery *query = user;
    query->names[query->count++] = text_of(query->cx, fn->name);
    return query->count == ARRAY_LEN(query->names);
}

bool call_find(Compilation *c, const char *name, const FnSymbol **fn, const IrFn **ir) {
    NameQuery query = {.cx = c->cx, .name = name};
    *fn = find_fn(c, has_name, &query);
    *ir = *fn ? ir_fn_find(c->module, (*fn)->symbol) : NULL;
    return *ir != NULL;
}

const char *call_nearest(Compilation *c, const char *name) {
    NameQuery query = {.cx = c->cx};
    find_fn(c, collect_name, &query);
    return nearest_text(name, query.names, query.count);
}

/* ---- Parameters -------------------------------------------------------------------------------- */

static const Type *param_type(const Call *call, uint32_t i) {
    return call->fn->params.data[i].local->type;
}

/* Where the IR's parameters for source parameter `i` begin: sizes come first, and each array is followed
 * by its `?` dimensions. */
static uint32_t ir_index(const Call *call, uint32_t i) {
    uint32_t at = call->fn->sizes.len;
    for (uint32_t p = 0; p < i; p++)
        for (at++; at < call->ir->params.len && call->ir->params.data[at].kind == PARAM_SIZE;) at++;
    return at;
}

const IrType *call_param_type(const Call *call, uint32_t i, uint32_t *rank) {
    const IrType *type = call->ir->params.data[ir_index(call, i)].value->type;
    const Type *source = param_type(call, i);
    *rank = type_is_array(source) ? source->rank : 0;
    return type->kind == IR_BUF || type->kind == IR_VIEW || type->kind == IR_REF ? type->elem : type;
}

bool call_param_is_output(const Call *call, uint32_t i) {
    const ParamInfo *param = &call->fn->params.data[i];
    return param->convention == CONVENTION_INOUT || type_is_mutable_window(param->local->type);
}

Call *call_begin(Compilation *c, const FnSymbol *fn, const IrFn *ir) {
    Arena *arena = arena_create();
    Call *call = arena_new(arena, Call);
    *call = (Call){.c = c, .arena = arena, .fn = fn, .ir = ir};
    call->args = arena_array(arena, Datum, fn->params.len);
    call->sizes = arena_array(arena, int64_t, fn->sizes.len);
    call->slots = arena_array(arena, RunArg, ir->params.len);
    call->result_count = fn->result_is_known_shape ? 1 : ir->results.len;
    call->results = arena_array(arena, Datum, call->result_count);
    for (uint32_t i = 0; i < fn->sizes.len; i++) call->sizes[i] = -1;
    return call;
}

void call_end(Call *call) {
    for (uint32_t i = 0; i < call->fn->params.len; i++) datum_free(&call->args[i]);
    for (uint32_t i = 0; i < call->result_count; i++) datum_free(&call->results[i]);
    arena_destroy(call->arena);
}

/* ---- Sizes ------------------------------------------------------------------------------------- */

static int size_position(const Call *call, const SizeSym *sym) {
    for (uint32_t i = 0; i < call->fn->sizes.len; i++)
        if (call->fn->sizes.data[i] == sym) return (int)i;
    return -1;
}

/* The value of `size` as `known + coefficient * (the size at position unknown)`; false when more than
 * one symbol is unknown, or one stands in a product. */
typedef struct LinearSize {
    int64_t known, coefficient;
    int unknown; /* -1: none */
} LinearSize;

static bool evaluate_size(const Call *call, const Size *size, LinearSize *out) {
    const SizeTerm *terms;
    uint32_t count = size_terms(size, &terms);
    *out = (LinearSize){.unknown = -1};
    for (uint32_t t = 0; t < count; t++) {
        int64_t product = terms[t].coefficient;
        int unknown = -1;
        for (uint32_t s = 0; s < terms[t].sym_count; s++) {
            int at = size_position(call, terms[t].syms[s]);
            if (at >= 0 && call->sizes[at] >= 0)
                product *= call->sizes[at];
            else if (at < 0 || unknown >= 0)
                return false;
            else
                unknown = at;
        }
        if (unknown < 0) {
            out->known += product;
        } else if (out->unknown < 0 || out->unknown == unknown) {
            out->unknown = unknown;
            out->coefficient += product;
        } else {
            return false;
        }
    }
    return true;
}

static bool is_hidden(const Size *size) {
    const SizeSym *sym = size_as_sym(size);
    return sym && sym->kind == SIZE_HIDDEN;
}

/* Binds what dimension `k` of argument `i` tells, or checks it. Sets `*progress` when a size was found. */
static bool bind_dimension(Call *call, uint32_t i, uint32_t k, bool *progress, const char **reason) {
    const Size *size = param_type(call, i)->dims[k];
    int64_t actual = call->args[i].shape[k];
    LinearSize linear;
    if (is_hidden(size) || !evaluate_size(call, size, &linear)) return true;
    if (linear.unknown < 0 && linear.known == actual) return true;
    if (linear.unknown >= 0 && linear.coefficient != 0) {
        int64_t rest = actual - linear.known;
        if (rest % linear.coefficient == 0 && rest / linear.coefficient >= 0) {
            call->sizes[linear.unknown] = rest / linear.coefficient;
            *progress = true;
            return true;
        }
    }
    StrBuf text = {0};
    size_print(call->c->cx, size, &text);
    *reason = arena_printf(call->c->cx->arena, "argument `%s` has size %lld in dimension %u; `%s` is %s%lld",
                           text_of(call->c->cx, call->fn->params.data[i].local->name),
                           (long long)actual, k, strbuf_text(&text),
                           linear.unknown < 0 ? "" : "more than ", (long long)linear.known);
    strbuf_free(&text);
    return false;
}

static bool bind_sizes(Call *call, const char **reason) {
    for (bool progress = true; progress;) {
        progress = false;
        for (uint32_t i = 0; i < call->fn->params.len; i++)
            for (uint32_t k = 0; k < call->args[i].rank; k++)
                if (!bind_dimension(call, i, k, &progress, reason)) return false;
    }
    for (uint32_t i = 0; i < call->fn->sizes.len; i++) {
        if (call->sizes[i] >= 0) continue;
        *reason = arena_printf(call->c->cx->arena, "the size `%s` does not follow from the arguments",
                               text_of(call->c->cx, call->fn->sizes.data[i]->name));
        return false;
    }
    return true;
}

/* ---- Slots: the C ABI's view of the arguments -------------------------------------------------- */

static RunArg slot_bytes(Call *call, const void *bytes, size_t size) {
    return (RunArg){arena_copy(call->arena, bytes, size), size};
}

static RunArg slot_pointer(Call *call, const Datum *datum) {
    RunArg slot = slot_bytes(call, &datum->data, sizeof datum->data);
    slot.bytes = (size_t)datum_count(datum) * datum->elem->size;
    return slot;
}

static RunArg slot_window(Call *call, const Datum *datum) {
    struct {
        void *data;
        int64_t numbers[2 * VALUE_MAX_RANK];
    } window = {.data = datum->data};
    int64_t stride = 1;
    for (uint32_t k = datum->rank; k-- > 0; stride *= datum->shape[k]) {
        window.numbers[k] = datum->shape[k];
        window.numbers[datum->rank + k] = stride;
    }
    RunArg slot = slot_bytes(call, &window, sizeof(void *) + 2 * datum->rank * sizeof(int64_t));
    slot.bytes = (size_t)datum_count(datum) * datum->elem->size;
    return slot;
}

static RunArg slot_of(Call *call, const IrParam *param, const Datum *datum) {
    switch (param->kind) {
    case PARAM_SCALAR:
    case PARAM_STRUCT: return (RunArg){datum->data, datum->elem->size};
    case PARAM_REF:
    case PARAM_ARRAY:
    case PARAM_OUT: return slot_pointer(call, datum);
    case PARAM_STRIDED: return slot_window(call, datum);
    case PARAM_ARENA: /* what a user writes is no arena */
    case PARAM_SIZE: break;
    }
    UNREACHABLE();
}

static void fill_slots(Call *call) {
    for (uint32_t i = 0; i < call->fn->sizes.len; i++)
        call->slots[i] = slot_bytes(call, &call->sizes[i], sizeof(int64_t));
    for (uint32_t i = 0; i < call->fn->params.len; i++) {
        uint32_t at = ir_index(call, i);
        call->slots[at] = slot_of(call, &call->ir->params.data[at], &call->args[i]);
        bool is_dense = call->ir->params.data[at].kind == PARAM_ARRAY;
        for (uint32_t k = 0; k < call->args[i].rank; k++)
            if (is_dense && is_hidden(param_type(call, i)->dims[k]))
                call->slots[++at] = slot_bytes(call, &call->args[i].shape[k], sizeof(int64_t));
    }
}

/* The caller-provided result of known shape. */
static bool make_out(Call *call, const char **reason) {
    uint32_t last = call->ir->params.len - 1;
    const IrParam *out = &call->ir->params.data[last];
    const Type *type = call->fn->result;
    int64_t shape[VALUE_MAX_RANK] = {0};
    for (uint32_t k = 0; k < type->rank; k++) {
        LinearSize linear;
        if (!evaluate_size(call, type->dims[k], &linear) || linear.known < 0) {
            *reason = "the result would have a negative size";
            return false;
        }
        shape[k] = linear.known;
    }
    if (!datum_alloc(&call->results[0], out->value->type->elem, type->rank, shape)) {
        *reason = "the result does not fit memory";
        return false;
    }
    call->slots[last] = slot_pointer(call, &call->results[0]);
    return true;
}

bool call_prepare(Call *call, const char **reason) {
    if (!bind_sizes(call, reason)) return false;
    fill_slots(call);
    return !call->fn->result_is_known_shape || make_out(call, reason);
}

/* ---- Running ----------------------------------------------------------------------------------- */

/* Copies the elements of a window, row by row, to `*to`. */
static void gather(const Datum *datum, const int64_t *strides, const char *from, uint32_t dim,
                   char **to) {
    if (dim == datum->rank) {
        memcpy(*to, from, datum->elem->size);
        *to += datum->elem->size;
        return;
    }
    for (int64_t i = 0; i < datum->shape[dim]; i++)
        gather(datum, strides, from + i * strides[dim] * (int64_t)datum->elem->size, dim + 1, to);
}

/* A returned view looks into an argument: keep a copy, so that every result is ours to free. */
static void copy_window(Datum *datum, const int64_t *strides) {
    Datum window = *datum;
    if (!datum_alloc(datum, window.elem, window.rank, window.shape)) fatal("out of memory");
    char *to = datum->data;
    gather(&window, strides, window.data, 0, &to);
}

bool call_result_is_owned(const Call *call, uint32_t i) {
    const Type *type = call->fn->result;
    return type_is_owned_array(type->kind == TYPE_TUPLE ? type->items[i] : type);
}

static void read_result(Call *call, uint32_t i, const char *at) {
    const IrType *type = call->ir->results.data[i];
    Datum *datum = &call->results[i];
    if (type->kind != IR_VIEW) {
        *datum = (Datum){.elem = type, .data = arena_copy(call->arena, at, type->size)};
        return;
    }
    *datum = (Datum){.elem = type->elem, .rank = type->rank};
    size_t shape_bytes = type->rank * sizeof(int64_t);
    int64_t strides[VALUE_MAX_RANK], step = 1;
    memcpy(&datum->data, at, sizeof(void *));
    memcpy(datum->shape, at + sizeof(void *), shape_bytes);
    for (uint32_t k = type->rank; k-- > 0; step *= datum->shape[k]) strides[k] = step;
    if (type->strided) memcpy(strides, at + sizeof(void *) + shape_bytes, shape_bytes);
    if (!call_result_is_owned(call, i)) copy_window(datum, strides);
}

/* What the callee took over, or only lent, is not ours to free. */
static void forget_moved(Call *call) {
    for (uint32_t i = 0; i < call->fn->params.len; i++)
        if (call->fn->params.data[i].convention == CONVENTION_OWNED && call->args[i].rank > 0)
            call->args[i].data = NULL;
}

RunStatus call_run(Call *call, Engine *engine) {
    size_t offsets[64];
    KC_CHECK(call->ir->results.len <= ARRAY_LEN(offsets));
    char *room = arena_alloc(call->arena, result_layout(call->ir, offsets) + 16);
    RunStatus status = engine_call(engine, call->ir, call->slots, room);
    forget_moved(call);
    if (status != RUN_OK) {
        if (!call->fn->result_is_known_shape) call->result_count = 0;
        return status;
    }
    for (uint32_t i = 0; i < call->ir->results.len; i++) read_result(call, i, room + offsets[i]);
    return RUN_OK;
}
