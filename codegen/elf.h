/* Reading and joining ELF objects: 64 bits, little-endian, as kc writes them. LLVM's C API tells
 * neither a symbol's binding nor its type, and joins no objects. Everything is checked against the size of the file; nothing is
 * copied. */
#ifndef KC_CODEGEN_ELF_H
#define KC_CODEGEN_ELF_H

#include "support/strbuf.h"

typedef struct ElfFile {
    const unsigned char *bytes;
    size_t size;
    uint64_t sections; /* offset of the section headers */
    uint32_t section_count, names_section;
} ElfFile;

typedef struct ElfSection {
    const char *name; /* NUL-terminated */
    uint32_t type, link;
    const unsigned char *data; /* NULL when it has none in the file */
    uint64_t size;
} ElfSection;

typedef struct ElfSymbol {
    const char *name;
    bool is_undefined, is_weak;
} ElfSymbol;

bool elf_open(ElfFile *elf, const void *bytes, size_t size);
bool elf_section(const ElfFile *elf, uint32_t index, ElfSection *section);
bool elf_section_find(const ElfFile *elf, const char *name, ElfSection *section);
/* How many symbols there are, and the one at an index. */
uint32_t elf_symbol_count(const ElfFile *elf);
bool elf_symbol(const ElfFile *elf, uint32_t index, ElfSymbol *symbol);

/* ---- elf_join.c ------------------------------------------------------------------------------ */

/* One object of several that LLVM made for one architecture, as `ld -r` would: the sections of all
 * side by side, what one needs and another defines bound by name. Of notes about the whole object
 * the first part's count. */
void elf_join(const StrBuf *parts, uint32_t count, StrBuf *out);

#endif
