/* What `kc info` prints: read back from the object. */
#include "codegen/codegen.h"
#include "codegen/elf.h"

#include <string.h>

#define INFO_SECTION ".kc.info"

/* The rest of the first line that begins with `key`, then of the next, ...; NULL at the end. */
static const char *next_line(Arena *arena, const char **at, const char *key) {
    size_t key_length = strlen(key);
    while (**at != '\0') {
        const char *line = *at;
        size_t length = strcspn(line, "\n");
        *at = line + length + (line[length] == '\n');
        if (length <= key_length || strncmp(line, key, key_length) != 0) continue;
        if (line[key_length] != ' ') continue;
        return arena_strndup(arena, line + key_length + 1, length - key_length - 1);
    }
    return NULL;
}

static void print_functions(StrBuf *out, Arena *arena, const char *text) {
    const char *line;
    while ((line = next_line(arena, &text, "fn")) != NULL) {
        size_t name = strcspn(line, " ");
        bool has_signature = line[name] == ' ' && line[name + 1] != '\0';
        strbuf_printf(out, "  %.*s", (int)name, line);
        if (has_signature) strbuf_printf(out, "\n      %s", line + name + 1);
        strbuf_putc(out, '\n');
    }
}

/* "avx2 __avx2 256 +avx,+avx2": the name, what its entries end in, its width, what it needs. */
static void print_variants(StrBuf *out, Arena *arena, const char *text) {
    const char *line;
    for (uint32_t count = 0; (line = next_line(arena, &text, "variant")) != NULL; count++) {
        if (count == 0) strbuf_puts(out, "variants\n");
        size_t name = strcspn(line, " ");
        const char *suffix = line + name + (line[name] == ' ');
        size_t suffix_length = strcspn(suffix, " ");
        const char *bits = suffix + suffix_length + (suffix[suffix_length] == ' ');
        size_t bits_length = strcspn(bits, " ");
        strbuf_printf(out, "  %.*s  ...%.*s", (int)name, line, (int)suffix_length, suffix);
        if (strncmp(bits, "0", bits_length) != 0)
            strbuf_printf(out, "  %.*s bits", (int)bits_length, bits);
        strbuf_puts(out, "\n      needs");
        if (bits[bits_length] == '\0') strbuf_puts(out, " nothing more");
        for (const char *c = bits + bits_length; *c != '\0'; c++)
            if (*c == '+') strbuf_putc(out, ' ');
            else if (*c != ',' && *c != ' ') strbuf_putc(out, *c);
        strbuf_putc(out, '\n');
    }
}

/* Where the source needs the symbol, as recorded; NULL for what LLVM needs by itself. */
static const char *place_of_need(Arena *arena, const char *text, const char *symbol) {
    const char *line;
    size_t length = strlen(symbol);
    while ((line = next_line(arena, &text, "need")) != NULL)
        if (strncmp(line, symbol, length) == 0 && line[length] == ' ') return line + length + 1;
    return NULL;
}

/* What no line of the source is to blame for. */
static const char *why_needed(const char *symbol) {
    bool chooses = strcmp(symbol, "getenv") == 0 || strcmp(symbol, "getauxval") == 0;
    return chooses ? "the choice of a variant" : "copying or filling memory";
}

static void print_needs(StrBuf *out, Arena *arena, const ElfFile *elf, const char *text,
                        bool deps) {
    uint32_t count = 0;
    for (uint32_t i = 1; i < elf_symbol_count(elf); i++) {
        ElfSymbol symbol;
        if (!elf_symbol(elf, i, &symbol) || !symbol.is_undefined || symbol.name[0] == '\0')
            continue;
        if (strcmp(symbol.name, "_GLOBAL_OFFSET_TABLE_") == 0) continue; /* the linker makes it */
        if (count++ == 0 && !deps) strbuf_puts(out, "needs\n");
        strbuf_printf(out, deps ? "%s%s" : "  %s%s", symbol.name, symbol.is_weak ? " (weak)" : "");
        const char *place = deps ? place_of_need(arena, text, symbol.name) : NULL;
        if (deps) strbuf_printf(out, "  %s", place != NULL ? place : why_needed(symbol.name));
        strbuf_putc(out, '\n');
    }
    if (count == 0 && !deps) strbuf_puts(out, "needs\n  nothing\n");
}

static void print_all(StrBuf *out, Arena *arena, const ElfFile *elf, const char *text,
                      const char *path, bool deps) {
    if (!deps) {
        const char *at = text, *version = next_line(arena, &at, "kc");
        at = text;
        const char *target = next_line(arena, &at, "target");
        strbuf_printf(out, "%s: made by kc %s for %s\nfunctions\n", path,
                      version != NULL ? version : "?", target != NULL ? target : "?");
        print_functions(out, arena, text);
        print_variants(out, arena, text);
    }
    print_needs(out, arena, elf, text, deps);
}

bool object_info_print(const void *bytes, size_t size, const char *path, bool deps, StrBuf *out,
                       const char **reason) {
    ElfFile elf;
    ElfSection info;
    if (!elf_open(&elf, bytes, size)) {
        *reason = "not an object file";
        return false;
    }
    if (!elf_section_find(&elf, INFO_SECTION, &info) || info.data == NULL) {
        *reason = "not made by kc: it has no section " INFO_SECTION;
        return false;
    }
    Arena *arena = arena_create();
    const char *text = arena_strndup(arena, (const char *)info.data, info.size);
    print_all(out, arena, &elf, text, path, deps);
    arena_destroy(arena);
    return true;
}
