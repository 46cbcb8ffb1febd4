/* Names as C and C++ can bear them. */
#include "codegen/header.h"

#include <string.h>

static const char *const reserved[] = {
#define RESERVED(name) #name,
#include "codegen/c_reserved.def"
#undef RESERVED
};

bool c_name_is_reserved(const char *name) {
    for (size_t i = 0; i < ARRAY_LEN(reserved); i++)
        if (strcmp(reserved[i], name) == 0) return true;
    bool of_implementation =
        name[0] == '_' && (name[1] == '_' || (name[1] >= 'A' && name[1] <= 'Z'));
    return of_implementation || strncmp(name, "kc_", 3) == 0 || strncmp(name, "KC_", 3) == 0;
}

static bool is_identifier_byte(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           (unsigned char)c >= 0x80;
}

const char *c_name(Arena *arena, const char *name) {
    char *clean = arena_strndup(arena, name, strlen(name));
    for (char *c = clean; *c != '\0'; c++)
        if (!is_identifier_byte(*c)) *c = '_';
    if (clean[0] >= '0' && clean[0] <= '9') clean = arena_printf(arena, "v%s", clean);
    if (clean[0] == '\0') clean = arena_printf(arena, "arg");
    /* A leading underscore stays reserved whatever follows. */
    if (c_name_is_reserved(clean) && clean[0] == '_') clean = arena_printf(arena, "v%s", clean);
    while (c_name_is_reserved(clean) && strncmp(clean, "kc_", 3) != 0 &&
           strncmp(clean, "KC_", 3) != 0)
        clean = arena_printf(arena, "%s_", clean);
    if (c_name_is_reserved(clean)) clean = arena_printf(arena, "v_%s", clean);
    return clean;
}

const char *c_field_name(const Header *h, const IrType *type, uint32_t field) {
    const char **names = arena_array(h->scratch, const char *, field + 1);
    for (uint32_t i = 0; i <= field; i++) {
        const char *name = names[i] = c_name(h->scratch, text_of(h->cx, type->fields[i].name));
        for (uint32_t k = 0; k < i; k++)
            if (strcmp(names[k], name) == 0) names[i] = arena_printf(h->scratch, "%s_%u", name, i);
    }
    return names[field];
}

static bool is_struct_name(const Header *h, const char *name) {
    for (uint32_t i = 0; i < h->module->types.len; i++) {
        const IrType *type = h->module->types.data[i];
        if (type->kind == IR_STRUCT && strcmp(c_struct_name(h, type), name) == 0) return true;
    }
    return false;
}

/* `name` with `_` appended until no struct and none of the `count` names has it. */
static const char *apart_from(const Header *h, const char *const *names, uint32_t count, const char *name) {
    bool again = true;
    while (again) {
        again = is_struct_name(h, name);
        for (uint32_t i = 0; i < count && !again; i++) again = strcmp(names[i], name) == 0;
        if (again) name = arena_printf(h->scratch, "%s_", name);
    }
    return name;
}

/* Each depends on those before it, so all are made at once. */
static const char *const *param_names(const Header *h, const IrFn *fn) {
    const char **names = h->param_names[fn->id];
    if (names != NULL) return names;
    names = h->param_names[fn->id] = arena_array(h->scratch, const char *, fn->params.len + 1);
    for (uint32_t i = 0; i < fn->params.len; i++)
        names[i] = apart_from(h, names, i, c_name(h->scratch, text_of(h->cx, fn->params.data[i].name)));
    return names;
}

const char *c_param_name(const Header *h, const IrFn *fn, uint32_t param) { return param_names(h, fn)[param]; }

const char *c_out_name(const Header *h, const IrFn *fn, uint32_t result) {
    const char *name = fn->results.len == 1 ? "result" : arena_printf(h->scratch, "r%u", result);
    return apart_from(h, param_names(h, fn), fn->params.len, name);
}
