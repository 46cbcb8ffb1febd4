/* Several objects become one. The layout is that of the System V ABI's chapter 4, whose structs and
 * numbers <elf.h> has. */
#include "codegen/elf.h"

#include <elf.h>
#include <string.h>

#include "support/arena.h"
#include "support/vec.h"

typedef struct Symbol {
    Elf64_Sym sym; /* st_shndx is that of the whole */
    uint32_t part, old;
} Symbol;

typedef struct Section {
    Elf64_Shdr header; /* as the part has it, but for name, link and info */
    const unsigned char *data;
} Section;

typedef struct Part {
    const unsigned char *bytes;
    const Elf64_Shdr *sections;
    const char *names, *strings;
    const Elf64_Sym *symbols;
    uint32_t section_count, symbol_count, symbol_section;
    uint32_t *new_section, *new_symbol; /* by old index; 0: left out */
} Part;

typedef struct Join {
    Arena *arena;
    Part *parts;
    uint32_t part_count;
    Vec(Section) sections;
    Vec(Symbol) locals, globals;
    StrBuf strings;
} Join;

static uint32_t string_add(Join *j, const char *text) {
    if (*text == '\0') return 0;
    uint32_t at = (uint32_t)j->strings.len;
    strbuf_add(&j->strings, text, strlen(text) + 1);
    return at;
}

static void part_open(Join *j, Part *part, const StrBuf *object) {
    const Elf64_Ehdr *header = (const Elf64_Ehdr *)object->data;
    part->bytes = (const unsigned char *)object->data;
    part->sections = (const Elf64_Shdr *)(part->bytes + header->e_shoff);
    part->section_count = header->e_shnum;
    part->names = (const char *)part->bytes + part->sections[header->e_shstrndx].sh_offset;
    part->new_section = arena_array(j->arena, uint32_t, part->section_count);
    for (uint32_t i = 1; i < part->section_count; i++) {
        const Elf64_Shdr *section = &part->sections[i];
        KC_CHECK(section->sh_type != SHT_GROUP && section->sh_type != SHT_SYMTAB_SHNDX);
        if (section->sh_type != SHT_SYMTAB) continue;
        part->symbol_section = i;
        part->symbols = (const Elf64_Sym *)(part->bytes + section->sh_offset);
        part->symbol_count = (uint32_t)(section->sh_size / sizeof(Elf64_Sym));
        part->strings =
            (const char *)part->bytes + part->sections[section->sh_link].sh_offset;
    }
    part->new_symbol = arena_array(j->arena, uint32_t, part->symbol_count);
}

/* ---- Sections -------------------------------------------------------------------------------- */

/* What a joined object has once. */
static bool is_of_whole(const Part *part, const Elf64_Shdr *section) {
    return section->sh_type == SHT_RISCV_ATTRIBUTES ||
           strcmp(part->names + section->sh_name, ".note.GNU-stack") == 0;
}

static void sections_take(Join *j, uint32_t number) {
    Part *part = &j->parts[number];
    for (uint32_t i = 1; i < part->section_count; i++) {
        const Elf64_Shdr *old = &part->sections[i];
        bool made_anew = old->sh_type == SHT_SYMTAB || old->sh_type == SHT_STRTAB;
        if (made_anew || (number > 0 && is_of_whole(part, old))) continue;
        Section section = {.header = *old, .data = part->bytes + old->sh_offset};
        section.header.sh_name = string_add(j, part->names + old->sh_name);
        vec_push(j->arena, &j->sections, section);
        part->new_section[i] = j->sections.len - 1;
    }
}

/* ---- Symbols --------------------------------------------------------------------------------- */

static bool is_defined(const Elf64_Sym *sym) { return sym->st_shndx != SHN_UNDEF; }

/* Two symbols of one name: the definition stays; what one part cannot do without is not weak. */
static void symbol_meet(Elf64_Sym *known, const Elf64_Sym *met, const char *name) {
    if (is_defined(known) && is_defined(met)) KC_BUG("two parts define `%s`", name);
    if (is_defined(met)) *known = *met;
    else if (!is_defined(known) && ELF64_ST_BIND(met->st_info) == STB_GLOBAL)
        known->st_info = met->st_info;
}

static uint32_t global_find(const Join *j, const char *name) {
    for (uint32_t i = 0; i < j->globals.len; i++)
        if (strcmp(j->strings.data + j->globals.data[i].sym.st_name, name) == 0) return i;
    return j->globals.len;
}

static void symbol_take(Join *j, uint32_t number, uint32_t index) {
    Part *part = &j->parts[number];
    const char *name = part->strings + part->symbols[index].st_name;
    Symbol made = {part->symbols[index], number, index};
    if (is_defined(&made.sym) && made.sym.st_shndx < SHN_LORESERVE) {
        made.sym.st_shndx = (Elf64_Half)part->new_section[made.sym.st_shndx];
        if (!is_defined(&made.sym)) return; /* it marks a place in a section that was left out */
    }
    if (ELF64_ST_BIND(made.sym.st_info) == STB_LOCAL) {
        made.sym.st_name = string_add(j, name);
        part->new_symbol[index] = j->locals.len;
        vec_push(j->arena, &j->locals, made);
        return;
    }
    uint32_t at = global_find(j, name);
    part->new_symbol[index] = at;
    if (at < j->globals.len) {
        made.sym.st_name = j->globals.data[at].sym.st_name;
        symbol_meet(&j->globals.data[at].sym, &made.sym, name);
        return;
    }
    made.sym.st_name = string_add(j, name);
    vec_push(j->arena, &j->globals, made);
}

static void symbols_take(Join *j) {
    vec_push(j->arena, &j->locals, (Symbol){0});
    for (uint32_t p = 0; p < j->part_count; p++)
        for (uint32_t i = 1; i < j->parts[p].symbol_count; i++) symbol_take(j, p, i);
    /* Locals come first, so that the place of a global is known only now. */
    for (uint32_t p = 0; p < j->part_count; p++) {
        Part *part = &j->parts[p];
        for (uint32_t i = 1; i < part->symbol_count; i++)
            if (ELF64_ST_BIND(part->symbols[i].st_info) != STB_LOCAL)
                part->new_symbol[i] += j->locals.len;
    }
}

/* ---- The whole ------------------------------------------------------------------------------- */

/* Relocations name symbols by their index. */
static void relocations_adapt(Join *j, const Part *part, Section *section) {
    size_t count = section->header.sh_size / sizeof(Elf64_Rela);
    Elf64_Rela *all = arena_array(j->arena, Elf64_Rela, count);
    memcpy(all, section->data, count * sizeof *all);
    for (size_t i = 0; i < count; i++) {
        uint64_t symbol = part->new_symbol[ELF64_R_SYM(all[i].r_info)];
        all[i].r_info = ELF64_R_INFO(symbol, ELF64_R_TYPE(all[i].r_info));
    }
    section->data = (const unsigned char *)all;
}

static void sections_adapt(Join *j, uint32_t symbol_section) {
    for (uint32_t p = 0; p < j->part_count; p++) {
        const Part *part = &j->parts[p];
        for (uint32_t i = 1; i < part->section_count; i++) {
            if (part->new_section[i] == 0) continue;
            Section *section = &j->sections.data[part->new_section[i]];
            Elf64_Shdr *header = &section->header;
            bool is_of_symbols = header->sh_link == part->symbol_section;
            header->sh_link = is_of_symbols ? symbol_section : part->new_section[header->sh_link];
            if (header->sh_type != SHT_RELA) continue;
            header->sh_info = part->new_section[header->sh_info];
            relocations_adapt(j, part, section);
        }
    }
}

static void pad(StrBuf *out, size_t start, uint64_t align) {
    while (align > 1 && (out->len - start) % align != 0) strbuf_putc(out, '\0');
}

static Section symbols_section(Join *j, uint32_t string_section) {
    uint32_t count = j->locals.len + j->globals.len;
    Elf64_Sym *all = arena_array(j->arena, Elf64_Sym, count);
    for (uint32_t i = 0; i < j->locals.len; i++) all[i] = j->locals.data[i].sym;
    for (uint32_t i = 0; i < j->globals.len; i++) all[j->locals.len + i] = j->globals.data[i].sym;
    return (Section){.header = {.sh_name = string_add(j, ".symtab"),
                                .sh_type = SHT_SYMTAB,
                                .sh_size = count * sizeof *all,
                                .sh_link = string_section,
                                .sh_info = j->locals.len,
                                .sh_addralign = 8,
                                .sh_entsize = sizeof *all},
                     .data = (const unsigned char *)all};
}

static Section strings_section(Join *j) {
    uint32_t name = string_add(j, ".strtab");
    return (Section){.header = {.sh_name = name,
                                .sh_type = SHT_STRTAB,
                                .sh_size = j->strings.len,
                                .sh_addralign = 1},
                     .data = (const unsigned char *)j->strings.data};
}

static void write_all(Join *j, StrBuf *out) {
    Elf64_Ehdr header = *(const Elf64_Ehdr *)j->parts[0].bytes;
    size_t start = out->len;
    strbuf_add(out, (const char *)&header, sizeof header);
    for (uint32_t i = 1; i < j->sections.len; i++) {
        Section *section = &j->sections.data[i];
        pad(out, start, section->header.sh_addralign);
        section->header.sh_offset = out->len - start;
        if (section->header.sh_type != SHT_NOBITS)
            strbuf_add(out, (const char *)section->data, section->header.sh_size);
    }
    pad(out, start, 8);
    header.e_shoff = out->len - start;
    header.e_shnum = (Elf64_Half)j->sections.len;
    header.e_shstrndx = (Elf64_Half)(j->sections.len - 1);
    for (uint32_t i = 0; i < j->sections.len; i++)
        strbuf_add(out, (const char *)&j->sections.data[i].header, sizeof(Elf64_Shdr));
    memcpy(out->data + start, &header, sizeof header);
}

void elf_join(const StrBuf *parts, uint32_t count, StrBuf *out) {
    Join j = {.arena = arena_create(), .part_count = count};
    j.parts = arena_array(j.arena, Part, count);
    strbuf_putc(&j.strings, '\0');
    vec_push(j.arena, &j.sections, (Section){0});
    for (uint32_t i = 0; i < count; i++) {
        part_open(&j, &j.parts[i], &parts[i]);
        sections_take(&j, i);
    }
    KC_CHECK(j.sections.len + 2 < SHN_LORESERVE);
    symbols_take(&j);
    sections_adapt(&j, j.sections.len);
    Section symbols = symbols_section(&j, j.sections.len + 1);
    vec_push(j.arena, &j.sections, symbols);
    Section strings = strings_section(&j);
    vec_push(j.arena, &j.sections, strings);
    write_all(&j, out);
    strbuf_free(&j.strings);
    arena_destroy(j.arena);
}
