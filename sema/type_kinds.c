/* What arrays, lists, tasks and pointers may be made of. */
#include <string.h>

#include "sema/declare.h"
#include "sema/expr.h"

static const Type *poison(FnChecker *f) { return type_error(f->c->types); }

/* ---- Elements -------------------------------------------------------------------------------- */

static void report_window_element(Checker *c, const ElementUse *use) {
    Context *cx = c->cx;
    const char *owner = use->is_list ? "List" : "Tensor";
    const char *elem = type_text(cx, use->elem);
    Diag *d;
    if (type_is_array(use->elem)) {
        const char *form = arena_strndup(cx->arena, elem, strcspn(elem, "["));
        d = diag_add(cx, K0343, use->span, "a %s owns its elements, and a %s cannot be owned",
                     owner, form);
    } else {
        d = diag_add(cx, K0343, use->span,
                     "a %s owns its elements, and a `%s` cannot be owned: it holds views", owner,
                     elem);
    }
    diag_primary_label(cx, d, "it would only look into memory of others");
    if (!use->is_list || !type_is_array(use->elem)) {
        diag_note(cx, d, "store indices, and make the views when you need them");
        return;
    }
    const Type *owned =
        type_array(c->types, FORM_TENSOR, use->elem->elem, use->elem->dims, use->elem->rank);
    Fix *fix = diag_fix(cx, d, FIX_SUGGESTED, "store indices, or copy the data: `List[%s]`",
                        type_text(cx, owned));
    fix_replace(cx, fix, use->span, type_text(cx, owned));
}

static bool list_holds(const Type *type) {
    return type->kind == TYPE_SCALAR || type->kind == TYPE_STRUCT || type->kind == TYPE_ARRAY ||
           type->kind == TYPE_LIST || type->kind == TYPE_ARENA || type->kind == TYPE_POINTER;
}

/* Memory that is shared has the layout of C, which SIMD values have none of. */
static bool has_lanes(const Type *type) {
    if (type->kind != TYPE_STRUCT) return type_is_vector(type);
    for (uint32_t i = 0; i < type->strukt->fields.len; i++) {
        const Type *field = type->strukt->fields.data[i].type;
        if (field && has_lanes(field)) return true;
    }
    return false;
}

static bool array_holds(const Type *type) {
    return type->kind == TYPE_SCALAR || (type->kind == TYPE_STRUCT && !type_owns(type));
}

static void report_element(Context *cx, const ElementUse *use) {
    const char *text = type_text(cx, use->elem);
    const char *format = use->is_list
                             ? "a list cannot hold values of type `%s`"
                             : "the elements of an array are numbers, bools or plain structs, not `%s`";
    Diag *d = diag_add(cx, K0280, use->span, format, text);
    if (use->elem->kind == TYPE_TASK)
        diag_note(cx, d, "a task is waited for where it was started: give each a name of its own; the same "
                         "call for many parts is a loop, `parallel for i in range(n): ...`");
    else if (use->is_list)
        return;
    else if (type_is_array(use->elem))
        diag_note(cx, d, "an array of several dimensions is written `Tensor[f32, h, w]`; several arrays "
                         "are a `List[%s]`", text);
    else if (has_lanes(use->elem))
        diag_note(cx, d, "store the numbers, and move them with `x.load[W](i)` and `x.store(i, v)`");
    else if (type_owns(use->elem))
        diag_note(cx, d, "what owns memory is kept in a list: `List[%s]`", text);
}

static bool element_fits(Checker *c, const ElementUse *use) {
    Context *cx = c->cx;
    const Type *elem = use->elem;
    if (type_looks(elem) && (use->is_list || elem->kind == TYPE_STRUCT || type_is_array(elem))) {
        report_window_element(c, use);
        return false;
    }
    if (!has_lanes(elem) && (use->is_list ? list_holds(elem) : array_holds(elem))) return true;
    report_element(cx, use);
    return false;
}

/* While structs are declared, nobody knows yet which of them own: the answer waits for that. */
static bool element_use(FnChecker *f, const Type *elem, Span span, bool is_list) {
    Program *program = f->c->program;
    ElementUse use = {elem, span, is_list};
    bool is_open = elem->kind == TYPE_STRUCT && program->is_sorting &&
                   elem->strukt->module == f->module;
    if (!is_open) return element_fits(f->c, &use);
    vec_push(f->c->cx->arena, &program->elements, use);
    return true;
}

void check_element_uses(Checker *c) {
    Program *program = c->program;
    for (uint32_t i = 0; i < program->elements.len; i++) {
        element_fits(c, &program->elements.data[i]);
    }
    program->elements.len = 0;
}

const Type *resolve_element(FnChecker *f, Expr *e, bool bind_sizes) {
    const Type *elem = resolve_type(f, e, bind_sizes);
    if (type_is_error(elem) || element_use(f, elem, e->span, false)) return elem;
    return poison(f);
}

/* ---- List[T], Task[T], CPtr[T] --------------------------------------------------------------- */

static const char *kind_spelling(TypeKind kind) {
    if (kind == TYPE_LIST) return "List";
    if (kind == TYPE_TASK) return "Task";
    if (kind == TYPE_VECTOR) return "SIMD";
    return kind == TYPE_POINTER ? "CPtr" : "Arena";
}

static const Type *bare_kind(FnChecker *f, const Expr *e, TypeKind kind) {
    Types *types = f->c->types;
    if (kind == TYPE_ARENA) return type_arena(types);
    if (kind == TYPE_TASK) return type_task(types, type_void(types));
    Diag *d = diag_add(f->c->cx, K0280, e->span, "%s needs the type of %s", expr_quote(f, e),
                       kind == TYPE_LIST ? "its elements" : "what it points to");
    diag_note(f->c->cx, d, "as in `%s[f32]`", kind_spelling(kind));
    return poison(f);
}

/* The sizes of what lists hold and tasks give are numbers or `?`: a name would mean another size in each
 * function. */
static bool sizes_are_plain(FnChecker *f, const Type *type, const Expr *e) {
    for (uint32_t i = 0; i < type->rank; i++) {
        int64_t value;
        const SizeSym *sym = size_as_sym(type->dims[i]);
        if (size_is_const(type->dims[i], &value) || (sym && sym->kind == SIZE_HIDDEN)) continue;
        Diag *d = diag_add(f->c->cx, K0280, e->span,
                           "the sizes of elements are numbers or `?`, and %s is neither",
                           size_text(f, type->dims[i]));
        diag_note(f->c->cx, d, "write `?`: each element has its own size");
        return false;
    }
    return true;
}

static const Type *list_of(FnChecker *f, Expr *e) {
    const Type *elem = resolve_type(f, e, false);
    if (type_is_error(elem)) return elem;
    if (!element_use(f, elem, e->span, true)) return poison(f);
    if (type_is_array(elem) && !sizes_are_plain(f, elem, e)) return poison(f);
    return type_list(f->c->types, elem);
}

static const Type *task_of(FnChecker *f, Expr *e) {
    const Type *result = resolve_type(f, e, false);
    if (type_is_error(result)) return result;
    if (type_is_array(result) && !sizes_are_plain(f, result, e)) return poison(f);
    return type_task(f->c->types, result);
}

static const Type *pointer_of(FnChecker *f, Expr *e) {
    const Type *elem = resolve_type(f, e, false);
    if (type_is_error(elem)) return elem;
    if (array_holds(elem) && !has_lanes(elem)) return type_pointer(f->c->types, elem);
    diag_add(f->c->cx, K0280, e->span, "a CPtr points to numbers, bools or plain structs, not `%s`",
             type_text(f->c->cx, elem));
    return poison(f);
}

const Type *resolve_kind(FnChecker *f, Expr *e, TypeKind kind) {
    if (kind == TYPE_VECTOR) return resolve_vector(f, e);
    if (e->kind != EXPR_INDEX) return bare_kind(f, e, kind);
    const ArgVec *args = &e->index.args;
    bool takes_one = kind == TYPE_LIST || kind == TYPE_TASK || kind == TYPE_POINTER;
    if (!takes_one || args->len != 1) {
        const char *name = kind_spelling(kind);
        if (takes_one) {
            diag_add(f->c->cx, K0280, e->span, "`%s` has one type in square brackets: `%s[f32]`",
                     name, name);
        } else {
            diag_add(f->c->cx, K0280, e->span, "`%s` has nothing in square brackets", name);
        }
        return poison(f);
    }
    Expr *arg = args->data[0].value;
    if (kind == TYPE_LIST) return list_of(f, arg);
    return kind == TYPE_TASK ? task_of(f, arg) : pointer_of(f, arg);
}
