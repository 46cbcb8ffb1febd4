/* What C sees: names that it can use, each once, and types that it can pass; and the names of
 * all other functions in the object file. */
#include <string.h>

#include "sema/declare.h"

/* ---- Names ----------------------------------------------------------------------------------- */

/* Words of C11 and C++17 that could be the name of a function here. */
static const char *const c_words[] = {
    "alignas",  "alignof",       "and",          "and_eq",   "asm",
    "auto",     "bitand",        "bitor",        "bool",     "break",
    "case",     "catch",         "char",         "class",    "compl",
    "const",    "const_cast",    "constexpr",    "continue", "decltype",
    "default",  "delete",        "do",           "double",   "dynamic_cast",
    "else",     "enum",          "explicit",     "export",   "extern",
    "false",    "float",         "for",          "friend",   "goto",
    "if",       "inline",        "int",          "long",     "main",
    "mutable",  "namespace",     "new",          "noexcept", "not",
    "not_eq",   "nullptr",       "operator",     "or",       "or_eq",
    "private",  "protected",     "public",       "register", "reinterpret_cast",
    "restrict", "return",        "short",        "signed",   "sizeof",
    "static",   "static_assert", "static_cast",  "struct",   "switch",
    "template", "this",          "thread_local", "throw",    "true",
    "try",      "typedef",       "typeid",       "typename", "typeof",
    "union",    "unsigned",      "using",        "virtual",  "void",
    "volatile", "wchar_t",       "while",        "xor",      "xor_eq",
};

static bool is_c_word(const char *name) {
    for (size_t i = 0; i < ARRAY_LEN(c_words); i++) {
        if (strcmp(c_words[i], name) == 0) return true;
    }
    return false;
}

static bool is_c_identifier(const char *name) {
    if (name[0] == '\0' || (name[0] >= '0' && name[0] <= '9')) return false;
    for (const char *at = name; *at != '\0'; at++) {
        bool fits = (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') || *at == '_' ||
                    (*at >= '0' && *at <= '9');
        if (!fits) return false;
    }
    return true;
}

/* Functions of C's library that compilers call by themselves. */
static bool is_called_by_compilers(const char *name) {
    return strcmp(name, "memcpy") == 0 || strcmp(name, "memmove") == 0 ||
           strcmp(name, "memset") == 0 || strcmp(name, "memcmp") == 0;
}

/* Why C cannot use the name, or NULL. */
static const char *c_objection(const char *name) {
    if (!is_c_identifier(name)) return "names in C are made of the letters a to z, digits and `_`";
    if (strcmp(name, "main") == 0) return "C programs start with a function of that name";
    if (is_c_word(name)) return "the word means something else in C or C++";
    if (name[0] == '_' && (name[1] == '_' || (name[1] >= 'A' && name[1] <= 'Z'))) {
        return "C keeps names that start like this for itself";
    }
    return strncmp(name, "kc_", 3) == 0 ? "names that start with `kc_` belong to kc's runtime"
                                        : NULL;
}

static bool check_c_name(Checker *c, const FnSymbol *fn, Span span) {
    Context *cx = c->cx;
    const char *name = text_of(cx, fn->symbol), *objection = c_objection(name);
    if (fn->is_exported && is_called_by_compilers(name))
        objection = "compilers call C's function of that name";
    bool has_nul = strlen(name) != name_length(cx->names, fn->symbol);
    if (objection == NULL && !has_nul) return true;
    Diag *d = diag_add(cx, K0226, span, "C cannot have a function named `%s`", name);
    diag_note(cx, d, "%s", has_nul ? "the name contains a NUL" : objection);
    if (name_eq(fn->symbol, fn->name) && fn->is_exported) {
        diag_note(cx, d, "give C another name with `@export(\"other_name\")`");
    }
    return false;
}

static NameOwner *owner_of(Checker *c, Name name) {
    const Program *program = c->program;
    return name.id < program->owners.len ? program->owners.data[name.id] : NULL;
}

static void owner_set(Checker *c, Name name, Span span, const FnSymbol *fn) {
    Program *program = c->program;
    while (program->owners.len <= name.id) vec_push(c->cx->arena, &program->owners, NULL);
    NameOwner *owner = arena_new(c->cx->arena, NameOwner);
    *owner = (NameOwner){name, span, fn};
    program->owners.data[name.id] = owner;
}

/* Two `extern fn` of one name mean one C function, so they must say the same. */
static bool same_c_function(const FnSymbol *a, const FnSymbol *b) {
    if (!a->is_extern || !b->is_extern || a->result != b->result) return false;
    if (a->params.len != b->params.len || a->is_pure != b->is_pure) return false;
    for (uint32_t i = 0; i < a->params.len; i++) {
        const Type *x = a->params.data[i].local->type, *y = b->params.data[i].local->type;
        bool same = x == y || (type_is_array(x) && type_is_array(y) && x->elem == y->elem &&
                               x->form == y->form && x->rank == y->rank);
        if (!same || a->params.data[i].convention != b->params.data[i].convention) return false;
    }
    return true;
}

static void claim_c_name(Checker *c, const FnSymbol *fn, Span span) {
    Context *cx = c->cx;
    const NameOwner *owner = owner_of(c, fn->symbol);
    if (owner == NULL) {
        owner_set(c, fn->symbol, span, fn);
        return;
    }
    if (owner->fn != NULL && same_c_function(owner->fn, fn)) return;
    const char *name = text_of(cx, fn->symbol);
    Diag *d = diag_add(cx, K0227, span, "C would see two different things named `%s`", name);
    diag_label(cx, d, owner->span, owner->fn ? "the other function" : "a struct");
    bool are_overloads = owner->fn != NULL && name_eq(owner->fn->name, fn->name);
    diag_note(cx, d,
              are_overloads && fn->is_exported
                  ? "C does not choose functions by the types of their arguments; give each its "
                    "name with `@export(\"name\")`"
                  : "give one of them another name");
}

/* ---- Types ----------------------------------------------------------------------------------- */

static bool is_plain(const Type *type) {
    if (type_is_vector(type)) return false;
    if (type->kind == TYPE_STRUCT && type_is_plain(type)) {
        for (uint32_t i = 0; i < type->strukt->fields.len; i++) {
            const Type *field = type->strukt->fields.data[i].type;
            if (field && !is_plain(field)) return false;
        }
    }
    return type_is_error(type) || type_is_plain(type);
}

static bool c_can_take(const Type *type) {
    return is_plain(type) || type->kind == TYPE_ARENA ||
           (type_is_array(type) && is_plain(type->elem));
}

/* A view is two words of C, a pointer and its sizes, as long as it lies side by side. */
static bool c_can_get(const FnSymbol *fn, const Type *type) {
    if (type->kind == TYPE_VOID || is_plain(type) || type_is_owned_array(type)) return true;
    if (type_is_array(type)) return fn->is_exported && !type_is_strided(type);
    if (type->kind != TYPE_TUPLE) return false;
    for (uint32_t i = 0; i < type->item_count; i++) {
        if (!is_plain(type->items[i])) return false;
    }
    return true;
}

static const char *type_objection(const Type *type) {
    switch (type->kind) {
    case TYPE_VECTOR:
        return "C has no SIMD values: pass an array, and move them with `x.load[W](i)` and "
               "`x.store(i, v)`";
    case TYPE_STR: return "strings are for messages only";
    case TYPE_LIST: return "a list is known to kc alone; pass a Tensor";
    case TYPE_TASK: return "a task is waited for where it was started";
    case TYPE_ARENA: return "an arena belongs to whoever made it; take it as an `inout` parameter";
    case TYPE_FAILURE: return "errors reach C as the status of a function that `raises`";
    case TYPE_STRUCT:
        if (type_is_plain(type)) return "C has no SIMD values, and the struct holds one";
        return type_looks(type) ? "C does not know what the views in it look into; pass them one by one"
                                : "C would not know how to free what it owns; pass its fields one by one";
    case TYPE_POINTER: break;
    case TYPE_TUPLE: return "a tuple that C gets holds numbers, bools and structs";
    case TYPE_ARRAY:
        return "elements that do not lie side by side cannot be handed to C; return a `Tensor`, or "
               "write to an `inout` parameter";
    case TYPE_ERROR:
    case TYPE_VOID:
    case TYPE_SCALAR:
    case TYPE_INT_LITERAL:
    case TYPE_FLOAT_LITERAL:
    case TYPE_RANGE: break;
    }
    return "C passes numbers, bools, structs and arrays";
}

static void report_type(Checker *c, const FnSymbol *fn, const Type *type, Span span,
                        const char *verb) {
    Context *cx = c->cx;
    Diag *d = diag_add(cx, K0225, span, "C cannot %s `%s`", verb, type_text(cx, type));
    diag_label(cx, d, fn->decl->name.span,
               fn->is_extern ? "this function is C's" : "this function is exported to C");
    diag_note(cx, d, "%s", type_objection(type));
}

static void check_c_types(Checker *c, const FnSymbol *fn) {
    for (uint32_t i = 0; i < fn->params.len; i++) {
        const Type *type = fn->params.data[i].local->type;
        const Expr *written = fn->decl->params.data[i].type;
        if (c_can_take(type)) continue;
        bool is_tuple = type->kind == TYPE_TUPLE;
        report_type(c, fn, type, written ? written->span : fn->params.data[i].span,
                    is_tuple ? "pass the tuple" : "pass");
    }
    if (fn->decl->result != NULL && !c_can_get(fn, fn->result)) {
        report_type(c, fn, fn->result, fn->decl->result->span, "return");
    }
}

void export_check(Checker *c, FnSymbol *fn, Span name_span) {
    if (check_c_name(c, fn, name_span)) claim_c_name(c, fn, name_span);
    check_c_types(c, fn);
}

/* ---- The names of everything else ------------------------------------------------------------ */

static void add_type(const Context *cx, const Type *type, StrBuf *out) {
    if (type_is_array(type)) {
        static const char *const forms[] = {"tensor", "view", "mutview", "strided", "mutstrided"};
        strbuf_printf(out, "%s%u_", forms[type->form], type->rank);
        type = type->elem;
    }
    if (type->kind == TYPE_STRUCT) {
        strbuf_puts(out, text_of(cx, type->strukt->symbol));
    } else if (type_is_vector(type)) {
        strbuf_printf(out, "%sx%u", scalar_spelling(type->elem->scalar), type->lanes);
    } else if (type->kind == TYPE_SCALAR) {
        strbuf_puts(out, scalar_spelling(type->scalar));
    } else {
        strbuf_puts(out, "other");
    }
}

static bool has_overloads(Checker *c, const FnSymbol *fn) {
    if (fn->parent != NULL) return false;
    uint32_t count = 0;
    if (fn->owner != NULL) {
        for (uint32_t i = 0; i < fn->owner->methods.len; i++) {
            count += name_eq(fn->owner->methods.data[i]->name, fn->name);
        }
    } else {
        const Symbol *symbol = scope_find_here(module_scope(c, fn->module), fn->name);
        count = symbol != NULL && symbol->kind == SYM_FNS ? symbol->fns.len : 1;
    }
    return count > 1;
}

Name name_unique(Checker *c, const char *text, const char *between, Span span, const FnSymbol *fn) {
    Context *cx = c->cx;
    Name name = name_of_str(cx->names, text);
    for (uint32_t i = 2; owner_of(c, name) != NULL; i++) {
        name = name_of_str(cx->names, arena_printf(cx->arena, "%s%s%u", text, between, i));
    }
    owner_set(c, name, span, fn);
    return name;
}

/* `module.name`, `module.P.method`, `module.outer.inner`; overloads end in their types. */
void symbol_assign(Checker *c, FnSymbol *fn) {
    Context *cx = c->cx;
    Span span = fn->decl->name.span;
    if (fn->is_extern) {
        fn->symbol = fn->name;
        export_check(c, fn, span);
    }
    if (fn->symbol.id != 0) return;
    StrBuf text = {0};
    if (fn->parent != NULL) {
        strbuf_printf(&text, "%s.", text_of(cx, fn->parent->symbol));
    } else {
        strbuf_printf(&text, "%s.", text_of(cx, fn->module->name));
        if (fn->owner != NULL) strbuf_printf(&text, "%s.", text_of(cx, fn->owner->name));
    }
    strbuf_puts(&text, text_of(cx, fn->name));
    for (uint32_t i = 0; has_overloads(c, fn) && i < fn->params.len; i++) {
        if (fn->owner != NULL && i == 0) continue;
        strbuf_putc(&text, '.');
        add_type(cx, fn->params.data[i].local->type, &text);
    }
    fn->symbol = name_unique(c, strbuf_text(&text), ".", span, fn);
    strbuf_free(&text);
}

void struct_symbol_assign(Checker *c, StructSymbol *s) {
    Context *cx = c->cx;
    const char *name = text_of(cx, s->name);
    if (owner_of(c, s->name) != NULL) {
        name = arena_printf(cx->arena, "%s_%s", text_of(cx, s->module->name), name);
    }
    s->symbol = name_unique(c, name, "_", s->decl->name.span, NULL);
}
