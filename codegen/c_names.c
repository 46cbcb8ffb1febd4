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

static bool is_struct_name(const Header *h, const char *name) {
    for (uint32_t i = 0; i < h->module->types.len; i++) {
        const IrType *type = h->module->types.data[i];
        if (type->kind == IR_STRUCT && strcmp(c_struct_name(h, type), name) == 0) return true;
    }
    return false;
}

const char *c_param_name(const Header *h, const IrFn *fn, uint32_t param) {
    const char *name = c_name(h->scratch, text_of(h->cx, fn->params.data[param].name));
    bool again = true;
    while (again) {
        again = is_struct_name(h, name);
        for (uint32_t i = 0; i < param && !again; i++)
            again = strcmp(c_param_name(h, fn, i), name) == 0;
        if (again) name = arena_printf(h->scratch, "%s_", name);
    }
    return name;
}

/* ---- Exported names -------------------------------------------------------------------------- */

/* Symbols that LLVM's code calls by name. */
static bool is_called_by_compilers(const char *name) {
    static const char *const names[] = {"memcpy", "memmove", "memset", "memcmp", "main"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (strcmp(names[i], name) == 0) return true;
    return false;
}

static bool is_c_identifier(const char *name) {
    if (name[0] == '\0' || (name[0] >= '0' && name[0] <= '9')) return false;
    for (const char *c = name; *c != '\0'; c++)
        if (!is_identifier_byte(*c)) return false;
    return true;
}

static void report_name(Context *cx, const IrFn *fn, const char *name, const char *why) {
    Diag *d = diag_add(cx, K0502, fn->span, "`%s` cannot be exported to C: %s", name, why);
    diag_primary_label(cx, d, "this function would have the symbol `%s`", name);
    diag_note(cx, d, "give it another name in C, as in `@export(\"%s_kernel\")`, or rename it",
              is_c_identifier(name) ? name : "my");
}

bool exports_check(const IrModule *module) {
    Context *cx = module->cx;
    bool fine = true;
    for (uint32_t i = 0; i < module->fns.len; i++) {
        const IrFn *fn = module->fns.data[i];
        if (!fn->is_exported || fn->is_main) continue;
        const char *name = text_of(cx, fn->name), *why = NULL;
        if (!is_c_identifier(name)) why = "that is no name in C";
        else if (strncmp(name, "kc_", 3) == 0)
            why = "names that begin with `kc_` are the runtime's";
        else if (is_called_by_compilers(name))
            why = "compilers give that name a meaning of its own";
        else if (c_name_is_reserved(name)) why = "C, or C++, has that word for itself";
        if (why == NULL) continue;
        report_name(cx, fn, name, why);
        fine = false;
    }
    return fine;
}
