/* What `kc info` prints: read back from the object, by LLVM's object reader. */
#include "codegen/codegen.h"

#include <llvm-c/Core.h>
#include <llvm-c/Object.h>
#include <string.h>

#define INFO_SECTION ".kc.info"

/* The undefined symbols of an ELF object are those without a section; LLVM's C API tells no binding, so
 * which are weak is known by name. */
static bool is_weak(const char *symbol) { return strcmp(symbol, "kc_panic") == 0; }

static bool is_defined(LLVMBinaryRef binary, LLVMSymbolIteratorRef symbol) {
    LLVMSectionIteratorRef section = LLVMObjectFileCopySectionIterator(binary);
    LLVMMoveToContainingSection(section, symbol);
    bool defined = !LLVMObjectFileIsSectionIteratorAtEnd(binary, section);
    LLVMDisposeSectionIterator(section);
    return defined;
}

/* The text of .kc.info, or NULL. */
static const char *info_text(LLVMBinaryRef binary, Arena *arena) {
    const char *text = NULL;
    LLVMSectionIteratorRef section = LLVMObjectFileCopySectionIterator(binary);
    for (; !LLVMObjectFileIsSectionIteratorAtEnd(binary, section); LLVMMoveToNextSection(section)) {
        const char *name = LLVMGetSectionName(section);
        if (name == NULL || strcmp(name, INFO_SECTION) != 0) continue;
        text = arena_strndup(arena, LLVMGetSectionContents(section), LLVMGetSectionSize(section));
        break;
    }
    LLVMDisposeSectionIterator(section);
    return text;
}

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

/* Where the source needs the symbol, as recorded; NULL for what LLVM needs by itself. */
static const char *place_of_need(Arena *arena, const char *text, const char *symbol) {
    const char *line;
    size_t length = strlen(symbol);
    while ((line = next_line(arena, &text, "need")) != NULL)
        if (strncmp(line, symbol, length) == 0 && line[length] == ' ') return line + length + 1;
    return NULL;
}

static void print_needs(StrBuf *out, Arena *arena, LLVMBinaryRef binary, const char *text, bool deps) {
    uint32_t count = 0;
    LLVMSymbolIteratorRef symbol = LLVMObjectFileCopySymbolIterator(binary);
    for (; !LLVMObjectFileIsSymbolIteratorAtEnd(binary, symbol); LLVMMoveToNextSymbol(symbol)) {
        const char *name = LLVMGetSymbolName(symbol);
        if (name == NULL || name[0] == '\0' || name[0] == '.' || is_defined(binary, symbol)) continue;
        if (strcmp(name, "_GLOBAL_OFFSET_TABLE_") == 0) continue; /* the linker makes it */
        if (count++ == 0) strbuf_puts(out, deps ? "" : "needs\n");
        strbuf_printf(out, deps ? "%s%s" : "  %s%s", name, is_weak(name) ? " (weak)" : "");
        const char *place = deps ? place_of_need(arena, text, name) : NULL;
        if (deps) strbuf_printf(out, "  %s", place != NULL ? place : "copying or filling memory");
        strbuf_putc(out, '\n');
    }
    LLVMDisposeSymbolIterator(symbol);
    if (count == 0 && !deps) strbuf_puts(out, "needs\n  nothing\n");
}

static void print_all(StrBuf *out, Arena *arena, LLVMBinaryRef binary, const char *text,
                      const char *path, bool deps) {
    if (!deps) {
        const char *at = text, *version = next_line(arena, &at, "kc");
        at = text;
        const char *target = next_line(arena, &at, "target");
        strbuf_printf(out, "%s: made by kc %s for %s\nfunctions\n", path,
                      version != NULL ? version : "?", target != NULL ? target : "?");
        print_functions(out, arena, text);
    }
    print_needs(out, arena, binary, text, deps);
}

bool object_info_print(const void *bytes, size_t size, const char *path, bool deps, StrBuf *out,
                       const char **reason) {
    static const unsigned char elf[] = {0x7f, 'E', 'L', 'F'};
    *reason = "not an object file";
    if (size < 64 || memcmp(bytes, elf, sizeof elf) != 0) return false;
    LLVMContextRef context = LLVMContextCreate();
    LLVMMemoryBufferRef buffer = LLVMCreateMemoryBufferWithMemoryRangeCopy(bytes, size, path);
    char *message = NULL;
    LLVMBinaryRef binary = LLVMCreateBinary(buffer, context, &message);
    bool ok = false;
    if (binary == NULL) {
        LLVMDisposeMessage(message);
    } else {
        Arena *arena = arena_create();
        const char *text = info_text(binary, arena);
        *reason = "not made by kc: it has no section " INFO_SECTION;
        ok = text != NULL;
        if (ok) print_all(out, arena, binary, text, path, deps);
        arena_destroy(arena);
        LLVMDisposeBinary(binary);
    }
    LLVMDisposeMemoryBuffer(buffer);
    LLVMContextDispose(context);
    return ok;
}
