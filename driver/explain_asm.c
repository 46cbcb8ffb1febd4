/* LLVM's assembly says in comments which blocks make up a loop ("=>This Inner Loop Header", "in Loop:
 * Header=BB0_14"), and in .loc lines which source line the instructions are for. That is read here, a line at a
 * time; a source line's loops may be several (vectors, and what they leave over), of which the one that does
 * most is shown. */
#include "driver/explain_asm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct AsmBlock {
    const char *text, *end;
    const char *name;   /* "BB0_14", or NULL */
    const char *loop;   /* the innermost loop around, by its header's name; or NULL */
    uint32_t fn;        /* index into functions */
    bool is_header;     /* of an innermost loop */
} AsmBlock;

typedef struct AsmLoop {
    uint32_t header;    /* index into blocks */
    const Source *source;
    uint32_t line, score;
    uint32_t others;    /* loops of the same source line that are not shown */
    bool is_hidden;
} AsmLoop;

typedef struct AsmReader {
    const Compilation *c;
    const char *comment; /* begins one: "#" or "//" */
    Vec(const IrFn *) fns;
    Vec(const Source *) files; /* by their number in .loc */
    Vec(AsmBlock) blocks;
    Vec(AsmLoop) loops;
    StrBuf *out;
    const Source *home; /* of the function under way: lines of others say which */
} AsmReader;

static Arena *arena_of(const AsmReader *a) { return a->c->cx->arena; }

/* ---- Lines ----------------------------------------------------------------------------------- */

static const char *line_end(const char *line) {
    const char *end = strchr(line, '\n');
    return end != NULL ? end : line + strlen(line);
}

static const char *line_next(const char *line) {
    const char *end = line_end(line);
    return *end != '\0' ? end + 1 : end;
}

static const char *line_find(const char *line, const char *words) {
    const char *found = strstr(line, words);
    return found != NULL && found < line_end(line) ? found : NULL;
}

static bool begins(const char *line, const char *words) {
    return strncmp(line, words, strlen(words)) == 0;
}

static bool is_instruction(const AsmReader *a, const char *line) {
    return line[0] == '\t' && line[1] != '.' && !begins(line + 1, a->comment);
}

static const char *block_name(const AsmReader *a, const char *from) {
    return arena_strndup(arena_of(a), from, strcspn(from, ": \n"));
}

/* ---- Files, functions, blocks ---------------------------------------------------------------- */

static const Source *source_named(const AsmReader *a, const char *path, size_t length) {
    const Sources *all = &a->c->cx->sources;
    for (uint32_t i = 1; i < all->files.len; i++) {
        const char *name = all->files.data[i]->path;
        if (strlen(name) == length && memcmp(name, path, length) == 0) return all->files.data[i];
    }
    return NULL;
}

/* .file 1 "." "a.k" */
static void file_read_line(AsmReader *a, const char *line) {
    char *after;
    unsigned long number = strtoul(line + strlen("\t.file\t"), &after, 10);
    if (after == line + strlen("\t.file\t") || number > 1 << 16) return;
    const char *end = line_end(line);
    while (end > after && *end != '"') end--;
    const char *start = end - (end > after);
    while (start > after && *start != '"') start--;
    while (a->files.len <= number) vec_push(arena_of(a), &a->files, NULL);
    a->files.data[number] = source_named(a, start + 1, (size_t)(end - start - 1));
}

static const IrFn *fn_named(const AsmReader *a, const char *name) {
    const IrModule *module = a->c->module;
    for (uint32_t i = 0; i < module->fns.len; i++)
        if (strcmp(text_of(a->c->cx, module->fns.data[i]->name), name) == 0) return module->fns.data[i];
    return NULL;
}

static void function_begin(AsmReader *a, const char *name) {
    const IrFn *fn = fn_named(a, arena_strndup(arena_of(a), name, strcspn(name, " \n")));
    vec_push(arena_of(a), &a->fns, fn);
}

static void block_begin(AsmReader *a, const char *line) {
    if (a->blocks.len > 0) a->blocks.data[a->blocks.len - 1].end = line;
    AsmBlock block = {.text = line, .end = line + strlen(line), .fn = a->fns.len};
    if (begins(line, ".LBB")) block.name = block_name(a, line + 2);
    vec_push(arena_of(a), &a->blocks, block);
}

/* What a comment says of the block under way. */
static void block_note(AsmReader *a, const char *line) {
    if (a->blocks.len == 0) return;
    AsmBlock *block = &a->blocks.data[a->blocks.len - 1];
    const char *loop = line_find(line, "in Loop: Header=");
    if (loop != NULL) block->loop = block_name(a, loop + strlen("in Loop: Header="));
    if (line_find(line, "This Inner Loop Header") == NULL) return;
    block->is_header = true;
    block->loop = block->name;
}

static void assembly_read(AsmReader *a, const char *assembly) {
    const char *bb = arena_printf(arena_of(a), "%s %%bb.", a->comment);
    for (const char *line = assembly; *line != '\0'; line = line_next(line)) {
        const char *function = line_find(line, "-- Begin function ");
        if (function != NULL) function_begin(a, function + strlen("-- Begin function "));
        else if (begins(line, "\t.file\t")) file_read_line(a, line);
        if (begins(line, ".LBB") || begins(line, bb) || begins(line, ".Lfunc_end")) block_begin(a, line);
        if (!is_instruction(a, line)) block_note(a, line);
    }
}

/* ---- Loops ----------------------------------------------------------------------------------- */

typedef struct Place {
    const Source *source;
    uint32_t line;
} Place;

/* .loc 1 12 9; line 0 is nowhere, and changes nothing. */
static void place_read(const AsmReader *a, const char *line, Place *place) {
    unsigned file, number;
    if (sscanf(line, "\t.loc\t%u %u", &file, &number) != 2 || number == 0) return;
    if (file >= a->files.len || a->files.data[file] == NULL) return;
    *place = (Place){a->files.data[file], number};
}

static bool is_in(const AsmReader *a, const AsmBlock *block, uint32_t header) {
    const AsmBlock *of = &a->blocks.data[header];
    return block->fn == of->fn && block->loop != NULL && strcmp(block->loop, of->name) == 0;
}

/* Wide registers do more. */
static uint32_t line_score(const char *line) {
    return line_find(line, "%zmm") != NULL ? 4 : line_find(line, "%ymm") != NULL ? 2 : 1;
}

static AsmLoop loop_measure(const AsmReader *a, uint32_t header) {
    AsmLoop loop = {.header = header};
    Place place = {0};
    for (uint32_t i = 0; i < a->blocks.len; i++) {
        const AsmBlock *block = &a->blocks.data[i];
        if (!is_in(a, block, header)) continue;
        for (const char *line = block->text; line < block->end; line = line_next(line)) {
            place_read(a, line, &place);
            if (is_instruction(a, line)) loop.score += line_score(line);
            if (loop.source == NULL) loop.source = place.source, loop.line = place.line;
        }
    }
    return loop;
}

/* Of two loops of one source line in one function, the lesser is hidden. */
static void loop_add(AsmReader *a, AsmLoop loop) {
    for (uint32_t i = 0; i < a->loops.len; i++) {
        AsmLoop *known = &a->loops.data[i];
        bool is_same = a->blocks.data[known->header].fn == a->blocks.data[loop.header].fn &&
                       known->source == loop.source && known->line == loop.line;
        if (!is_same || known->is_hidden) continue;
        AsmLoop *lesser = known->score < loop.score ? known : &loop;
        AsmLoop *greater = lesser == known ? &loop : known;
        greater->others += 1 + lesser->others;
        lesser->is_hidden = true;
    }
    vec_push(arena_of(a), &a->loops, loop);
}

/* ---- Printing -------------------------------------------------------------------------------- */

static void put_source_line(AsmReader *a, Place place) {
    uint32_t length;
    const char *text = source_line(place.source, place.line, &length);
    while (length > 0 && *text == ' ') text++, length--;
    strbuf_printf(a->out, "%5u | %.*s", place.line, (int)length, text);
    if (place.source != a->home) strbuf_printf(a->out, "    (%s)", place.source->path);
    strbuf_putc(a->out, '\n');
}

static void put_instruction(AsmReader *a, const char *line) {
    const char *end = line_end(line), *comment = line_find(line, a->comment);
    if (comment != NULL) end = comment;
    while (end > line && (end[-1] == ' ' || end[-1] == '\t')) end--;
    const char *rest = line + 1;
    size_t length = strcspn(rest, "\t\n");
    if (length > (size_t)(end - rest)) length = (size_t)(end - rest);
    const char *operands = rest + length < end ? rest + length + 1 : end;
    strbuf_printf(a->out, "      |       %-*.*s %.*s", operands < end ? 13 : 0, (int)length, rest,
                  (int)(end - operands), operands);
    while (strbuf_text(a->out)[a->out->len - 1] == ' ') a->out->len--;
    strbuf_putc(a->out, '\n');
}

static void put_block(AsmReader *a, const AsmBlock *block, Place *shown) {
    Place place = *shown;
    if (block->name != NULL) strbuf_printf(a->out, "      |   .L%s:\n", block->name);
    for (const char *line = block->text; line < block->end; line = line_next(line)) {
        place_read(a, line, &place);
        if (!is_instruction(a, line)) continue;
        bool moved = place.source != NULL && (place.source != shown->source || place.line != shown->line);
        if (moved) put_source_line(a, place);
        *shown = place;
        put_instruction(a, line);
    }
}

static void put_loop(AsmReader *a, const AsmLoop *loop) {
    Place shown = {loop->source, loop->line};
    if (loop->source != NULL) put_source_line(a, shown);
    for (uint32_t i = 0; i < a->blocks.len; i++)
        if (is_in(a, &a->blocks.data[i], loop->header)) put_block(a, &a->blocks.data[i], &shown);
    if (loop->others > 0)
        strbuf_printf(a->out, "      |   and %u more %s for what is left over\n", loop->others,
                      loop->others == 1 ? "loop" : "loops");
}

static void put_function(AsmReader *a, const IrFn *fn) {
    const Source *source = a->home = source_of(&a->c->cx->sources, fn->span);
    const char *name = text_of(a->c->cx, fn->source_name);
    if (source == NULL) strbuf_printf(a->out, "%s\n", name);
    else
        strbuf_printf(a->out, "%s:%u: %s\n", source->path, source_line_col(source, fn->span.start).line,
                      name);
}

static bool is_wanted(const AsmReader *a, const IrFn *fn, const char *wanted) {
    return fn != NULL && (wanted == NULL || strcmp(text_of(a->c->cx, fn->source_name), wanted) == 0);
}

void explain_asm(const Compilation *c, const char *assembly, const char *wanted, StrBuf *out) {
    AsmReader a = {.c = c, .out = out, .comment = c->target.arch == ARCH_AARCH64 ? "//" : "#"};
    const IrFn *before = NULL;
    vec_push(arena_of(&a), &a.fns, NULL); /* what stands before the first function */
    assembly_read(&a, assembly);
    for (uint32_t i = 0; i < a.blocks.len; i++)
        if (a.blocks.data[i].is_header && a.blocks.data[i].name != NULL) loop_add(&a, loop_measure(&a, i));
    for (uint32_t i = 0; i < a.loops.len; i++) {
        const AsmLoop *loop = &a.loops.data[i];
        const IrFn *fn = a.fns.data[a.blocks.data[loop->header].fn - 1];
        if (loop->is_hidden || !is_wanted(&a, fn, wanted)) continue;
        if (fn != before) {
            if (before != NULL) strbuf_putc(out, '\n');
            put_function(&a, fn);
        }
        put_loop(&a, loop);
        before = fn;
    }
    if (before == NULL) strbuf_puts(out, "no loop is left in the code\n");
}
