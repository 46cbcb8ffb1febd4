#include "codegen/elf.h"

#include <string.h>

/* The layout is that of the System V ABI's chapters 4 and 5. */
enum {
    HEADER_SIZE = 64,
    HEADER_SECTIONS = 40,
    HEADER_ENTRY_SIZE = 58,
    HEADER_COUNT = 60,
    HEADER_NAMES = 62,
    SECTION_SIZE = 64,
    SECTION_NAME = 0,
    SECTION_TYPE = 4,
    SECTION_OFFSET = 24,
    SECTION_BYTES = 32,
    SECTION_LINK = 40,
    SYMBOL_SIZE = 24,
    SYMBOL_NAME = 0,
    SYMBOL_INFO = 4,
    SYMBOL_SECTION = 6,
    TYPE_SYMBOLS = 2,
    TYPE_NO_BITS = 8,
    BINDING_WEAK = 2
};

static uint64_t number(const unsigned char *at, unsigned bytes) {
    uint64_t value = 0;
    for (unsigned i = bytes; i-- > 0;) value = value << 8 | at[i];
    return value;
}

bool elf_open(ElfFile *elf, const void *bytes, size_t size) {
    static const unsigned char magic[] = {0x7f, 'E', 'L', 'F', 2, 1}; /* 64 bits, little-endian */
    if (size < HEADER_SIZE || memcmp(bytes, magic, sizeof magic) != 0) return false;
    elf->bytes = bytes;
    elf->size = size;
    elf->sections = number(elf->bytes + HEADER_SECTIONS, 8);
    elf->section_count = (uint32_t)number(elf->bytes + HEADER_COUNT, 2);
    elf->names_section = (uint32_t)number(elf->bytes + HEADER_NAMES, 2);
    if (number(elf->bytes + HEADER_ENTRY_SIZE, 2) != SECTION_SIZE) return false;
    return elf->sections <= size &&
           elf->section_count <= (size - elf->sections) / SECTION_SIZE;
}

/* The text at an offset of a string section; NULL unless it ends inside. */
static const char *text_at(const ElfSection *strings, uint64_t offset) {
    if (strings->data == NULL || offset >= strings->size) return NULL;
    const char *text = (const char *)strings->data + offset;
    return memchr(text, '\0', strings->size - offset) != NULL ? text : NULL;
}

static bool section_bare(const ElfFile *elf, uint32_t index, ElfSection *section, uint64_t *name) {
    if (index >= elf->section_count) return false;
    const unsigned char *at = elf->bytes + elf->sections + (uint64_t)index * SECTION_SIZE;
    uint64_t offset = number(at + SECTION_OFFSET, 8);
    *name = number(at + SECTION_NAME, 4);
    section->name = "";
    section->type = (uint32_t)number(at + SECTION_TYPE, 4);
    section->link = (uint32_t)number(at + SECTION_LINK, 4);
    section->size = number(at + SECTION_BYTES, 8);
    section->data = NULL;
    if (section->type == TYPE_NO_BITS) return true;
    if (offset > elf->size || section->size > elf->size - offset) return false;
    section->data = elf->bytes + offset;
    return true;
}

bool elf_section(const ElfFile *elf, uint32_t index, ElfSection *section) {
    uint64_t name, names_name;
    ElfSection names;
    if (!section_bare(elf, index, section, &name)) return false;
    if (!section_bare(elf, elf->names_section, &names, &names_name)) return false;
    const char *text = text_at(&names, name);
    if (text != NULL) section->name = text;
    return true;
}

bool elf_section_find(const ElfFile *elf, const char *name, ElfSection *section) {
    for (uint32_t i = 0; i < elf->section_count; i++)
        if (elf_section(elf, i, section) && strcmp(section->name, name) == 0) return true;
    return false;
}

static bool symbol_table(const ElfFile *elf, ElfSection *table) {
    uint64_t name;
    for (uint32_t i = 0; i < elf->section_count; i++)
        if (section_bare(elf, i, table, &name) && table->type == TYPE_SYMBOLS) return true;
    return false;
}

uint32_t elf_symbol_count(const ElfFile *elf) {
    ElfSection table;
    return symbol_table(elf, &table) ? (uint32_t)(table.size / SYMBOL_SIZE) : 0;
}

bool elf_symbol(const ElfFile *elf, uint32_t index, ElfSymbol *symbol) {
    ElfSection table, strings;
    uint64_t name;
    if (!symbol_table(elf, &table) || index >= table.size / SYMBOL_SIZE) return false;
    if (!section_bare(elf, table.link, &strings, &name)) return false;
    const unsigned char *at = table.data + (uint64_t)index * SYMBOL_SIZE;
    const char *text = text_at(&strings, number(at + SYMBOL_NAME, 4));
    symbol->name = text != NULL ? text : "";
    symbol->is_weak = at[SYMBOL_INFO] >> 4 == BINDING_WEAK;
    symbol->is_undefined = number(at + SYMBOL_SECTION, 2) == 0;
    return true;
}
