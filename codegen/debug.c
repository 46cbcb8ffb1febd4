/* DWARF for -g: files, lines, functions, variables, types.
 *
 * Debug records hang on instructions and are none themselves, so the code stays the same. Folders
 * are given as ".": the same source gives the same bytes wherever it is compiled. */
#include "codegen/emit.h"

#include <llvm-c/DebugInfo.h>
#include <string.h>

/* Version 5 comes with an index of names that covers our unit only, and gdb 13 then overlooks all
 * units that lack one. */
enum {
    DWARF_BOOLEAN = 2,
    DWARF_FLOAT = 4,
    DWARF_SIGNED = 5,
    DWARF_UNSIGNED = 7,
    DWARF_VERSION = 4
};

struct Debug {
    LLVMDIBuilderRef di;
    LLVMMetadataRef unit;
    LLVMMetadataRef *files;  /* by source file; [0] is the module's own for "nowhere" */
    LLVMMetadataRef *types;  /* by IrType id */
    LLVMMetadataRef scope;   /* the function under way */
    LLVMMetadataRef *scopes; /* the same, seen from each file */
    uint32_t scope_file, file_count;
};

/* ---- Files and places ------------------------------------------------------------------------ */

static LLVMMetadataRef file_of(Emit *e, uint32_t file) {
    Debug *d = e->debug;
    if (d->files[file] != NULL) return d->files[file];
    const char *path =
        file == 0 ? arena_printf(e->scratch, "%s.k", text_of(e->module->cx, e->module->name))
                  : e->module->cx->sources.files.data[file]->path;
    return d->files[file] = LLVMDIBuilderCreateFile(d->di, path, strlen(path), ".", 1);
}

static LineCol place_of(Emit *e, Span span) {
    const Source *source = source_of(&e->module->cx->sources, span);
    return source == NULL ? (LineCol){0, 0} : source_line_col(source, span.start);
}

/* Code of another file stands in the function once it has been inlined. */
static LLVMMetadataRef scope_in(Emit *e, uint32_t file) {
    Debug *d = e->debug;
    if (file == 0 || file == d->scope_file) return d->scope;
    if (d->scopes[file] == NULL)
        d->scopes[file] = LLVMDIBuilderCreateLexicalBlockFile(d->di, d->scope, file_of(e, file), 0);
    return d->scopes[file];
}

static LLVMMetadataRef location(Emit *e, Span span) {
    LineCol at = place_of(e, span);
    return LLVMDIBuilderCreateDebugLocation(e->llvm, at.line, at.column, scope_in(e, span.file),
                                            NULL);
}

void debug_place(FnEmit *f, Span span) {
    if (f->e->debug != NULL) LLVMSetCurrentDebugLocation2(f->b, location(f->e, span));
}

/* ---- Types ----------------------------------------------------------------------------------- */

static LLVMMetadataRef type_debug(Emit *e, const IrType *type);

static LLVMMetadataRef scalar_debug(Emit *e, Scalar scalar) {
    const char *name = scalar_spelling(scalar);
    unsigned encoding = DWARF_UNSIGNED; /* bf16 as well: debuggers would take it for an f16 */
    if (scalar == SCALAR_BOOL) encoding = DWARF_BOOLEAN;
    else if (scalar_is_signed(scalar)) encoding = DWARF_SIGNED;
    else if (scalar_is_float(scalar) && scalar != SCALAR_BF16) encoding = DWARF_FLOAT;
    return LLVMDIBuilderCreateBasicType(e->debug->di, name, strlen(name), 8 * scalar_bytes(scalar),
                                        encoding, LLVMDIFlagZero);
}

static LLVMMetadataRef pointer_debug(Emit *e, const IrType *elem) {
    return LLVMDIBuilderCreatePointerType(e->debug->di, type_debug(e, elem), 64, 64, 0, "", 0);
}

static LLVMMetadataRef member(Emit *e, const char *name, LLVMMetadataRef type, uint64_t bits,
                              uint64_t offset) {
    Debug *d = e->debug;
    return LLVMDIBuilderCreateMemberType(d->di, d->unit, name, strlen(name), file_of(e, 0), 0, bits,
                                         0, offset, LLVMDIFlagZero, type);
}

static LLVMMetadataRef record(Emit *e, const char *name, uint64_t bits, uint32_t align,
                              LLVMMetadataRef *members, uint32_t count) {
    Debug *d = e->debug;
    return LLVMDIBuilderCreateStructType(d->di, d->unit, name, strlen(name), file_of(e, 0), 0, bits,
                                         align, LLVMDIFlagZero, NULL, members, count, 0, NULL, "",
                                         0);
}

static LLVMMetadataRef struct_debug(Emit *e, const IrType *type) {
    LLVMMetadataRef *members = arena_array(e->scratch, LLVMMetadataRef, type->field_count);
    for (uint32_t i = 0; i < type->field_count; i++) {
        const IrField *field = &type->fields[i];
        members[i] =
            member(e, text_of(e->module->cx, field->name), type_debug(e, field->type),
                   8 * (uint64_t)field->type->size, 8 * (uint64_t)ir_field_offset(type, i));
    }
    return record(e, text_of(e->module->cx, type->name), 8 * (uint64_t)type->size, 8 * type->align,
                  members, type->field_count);
}

static LLVMMetadataRef view_debug(Emit *e, const IrType *type) {
    Debug *d = e->debug;
    LLVMMetadataRef range = LLVMDIBuilderGetOrCreateSubrange(d->di, 0, type->rank);
    uint64_t bits = 64 * (uint64_t)type->rank;
    LLVMMetadataRef sizes =
        LLVMDIBuilderCreateArrayType(d->di, bits, 64, scalar_debug(e, SCALAR_I64), &range, 1);
    LLVMMetadataRef members[] = {member(e, "data", pointer_debug(e, type->elem), 64, 0),
                                 member(e, "shape", sizes, bits, 64),
                                 member(e, "stride", sizes, bits, 64 + bits)};
    StrBuf name = {0};
    ir_type_print(e->module->cx, type, &name);
    uint32_t count = type->strided ? 3 : 2;
    LLVMMetadataRef made =
        record(e, strbuf_text(&name), 64 + (count - 1) * bits, 64, members, count);
    strbuf_free(&name);
    return made;
}

static LLVMMetadataRef type_debug(Emit *e, const IrType *type) {
    LLVMMetadataRef *slot = &e->debug->types[type->id];
    if (*slot != NULL) return *slot;
    switch (type->kind) {
    case IR_SCALAR: return *slot = scalar_debug(e, type->scalar);
    case IR_STRUCT: return *slot = struct_debug(e, type);
    case IR_BUF:
    case IR_REF: return *slot = pointer_debug(e, type->elem);
    case IR_VIEW: return *slot = view_debug(e, type);
    case IR_STR:
    case IR_ARRAY: break;
    }
    return NULL;
}

/* ---- Variables ------------------------------------------------------------------------------- */

static LLVMMetadataRef no_expression(Emit *e) {
    return LLVMDIBuilderCreateExpression(e->debug->di, NULL, 0);
}

static LLVMMetadataRef local(FnEmit *f, const char *name, Span span, LLVMMetadataRef type) {
    Debug *d = f->e->debug;
    uint32_t file = span.file != 0 ? span.file : d->scope_file;
    return LLVMDIBuilderCreateAutoVariable(d->di, scope_in(f->e, span.file), name, strlen(name),
                                           file_of(f->e, file), place_of(f->e, span).line, type,
                                           true, LLVMDIFlagZero, 0);
}

void debug_variable(FnEmit *f, const Op *var, LLVMValueRef slot) {
    Emit *e = f->e;
    if (e->debug == NULL || name_eq(var->attr.name, NO_NAME)) return;
    LLVMMetadataRef type = type_debug(e, op_result(var)->type->elem);
    if (type == NULL) return;
    LLVMMetadataRef variable = local(f, text_of(e->module->cx, var->attr.name), var->span, type);
    LLVMDIBuilderInsertDeclareRecordAtEnd(e->debug->di, slot, variable, no_expression(e),
                                          location(e, var->span), LLVMGetInsertBlock(f->b));
}

static void value_record(FnEmit *f, LLVMValueRef value, LLVMMetadataRef variable, Span span) {
    Emit *e = f->e;
    LLVMDIBuilderInsertDbgValueRecordAtEnd(e->debug->di, value, variable, no_expression(e),
                                           location(e, span), LLVMGetInsertBlock(f->b));
}

void debug_value(FnEmit *f, const Value *value) {
    Emit *e = f->e;
    bool is_fn_param = value->def == NULL && value->region == NULL;
    if (e->debug == NULL || is_fn_param || name_eq(value->name, NO_NAME)) return;
    LLVMMetadataRef type = type_debug(e, value->type);
    LLVMValueRef llvm = f->values[value->id].llvm;
    if (type == NULL || llvm == NULL || value->type->kind == IR_REF) return;
    LLVMMetadataRef variable = local(f, text_of(e->module->cx, value->name), f->place, type);
    value_record(f, llvm, variable, f->place);
}

/* ---- Functions ------------------------------------------------------------------------------- */

static LLVMMetadataRef subroutine_type(FnEmit *f) {
    Emit *e = f->e;
    uint32_t count = 0;
    LLVMMetadataRef *types = arena_array(e->scratch, LLVMMetadataRef, 1 + f->ir->params.len);
    types[count++] = f->ir->results.len == 1 ? type_debug(e, f->ir->results.data[0]) : NULL;
    for (uint32_t i = 0; i < f->ir->params.len; i++)
        types[count++] = type_debug(e, f->ir->params.data[i].value->type);
    return LLVMDIBuilderCreateSubroutineType(e->debug->di, file_of(e, f->ir->span.file), types,
                                             count, LLVMDIFlagZero);
}

void debug_fn_start(FnEmit *f) {
    Emit *e = f->e;
    Debug *d = e->debug;
    if (d == NULL) return;
    const IrFn *fn = f->ir;
    Name source_name = name_eq(fn->source_name, NO_NAME) ? fn->name : fn->source_name;
    const char *name = text_of(e->module->cx, source_name);
    size_t linkage_length;
    const char *linkage = LLVMGetValueName2(f->out->fn, &linkage_length);
    uint32_t line = place_of(e, fn->span).line;
    LLVMMetadataRef file = file_of(e, fn->span.file);
    d->scope = LLVMDIBuilderCreateFunction(
        d->di, file, name, strlen(name), linkage, linkage_length, file, line, subroutine_type(f),
        !fn->is_exported, true, line, LLVMDIFlagPrototyped, e->options->opt_level > 0);
    d->scope_file = fn->span.file;
    memset(d->scopes, 0, d->file_count * sizeof *d->scopes);
    LLVMSetSubprogram(f->out->fn, d->scope);
    f->place = fn->span;
    debug_place(f, fn->span);
}

/* A struct that came in registers is shown where it was put together. */
static void param_record(FnEmit *f, uint32_t index, LLVMMetadataRef variable) {
    Emit *e = f->e;
    LLVMValueRef slot = f->param_slots[index];
    const Value *value = f->ir->params.data[index].value;
    if (slot == NULL) value_record(f, f->values[value->id].llvm, variable, f->ir->span);
    else
        LLVMDIBuilderInsertDeclareRecordAtEnd(e->debug->di, slot, variable, no_expression(e),
                                              location(e, f->ir->span), LLVMGetInsertBlock(f->b));
}

void debug_params(FnEmit *f) {
    Emit *e = f->e;
    Debug *d = e->debug;
    if (d == NULL) return;
    for (uint32_t i = 0; i < f->ir->params.len; i++) {
        const IrParam *p = &f->ir->params.data[i];
        const char *name = text_of(e->module->cx, p->name);
        LLVMMetadataRef type = type_debug(e, p->value->type);
        bool is_held = f->values[p->value->id].llvm != NULL || f->param_slots[i] != NULL;
        if (type == NULL || !is_held || name[0] == '\0') continue;
        Span span = p->span.file == d->scope_file ? p->span : f->ir->span;
        LLVMMetadataRef variable = LLVMDIBuilderCreateParameterVariable(
            d->di, d->scope, name, strlen(name), i + 1, file_of(e, d->scope_file),
            place_of(e, span).line, type, true, LLVMDIFlagZero);
        param_record(f, i, variable);
    }
}

/* ---- The whole ------------------------------------------------------------------------------- */

static void flag_add(Emit *e, const char *name, uint32_t value) {
    LLVMMetadataRef number = LLVMValueAsMetadata(LLVMConstInt(e->i32, value, false));
    LLVMAddModuleFlag(e->mod, LLVMModuleFlagBehaviorWarning, name, strlen(name), number);
}

static uint32_t main_file(const IrModule *module) {
    for (uint32_t i = 0; i < module->fns.len; i++)
        if (module->fns.data[i]->is_exported && module->fns.data[i]->span.file != 0)
            return module->fns.data[i]->span.file;
    return 0;
}

void debug_start(Emit *e) {
    if (!e->options->debug_info) return;
    Debug *d = e->debug = arena_new(e->scratch, Debug);
    uint32_t files = e->module->cx->sources.files.len;
    d->file_count = files > 0 ? files : 1;
    d->files = arena_array(e->scratch, LLVMMetadataRef, d->file_count);
    d->scopes = arena_array(e->scratch, LLVMMetadataRef, d->file_count);
    d->types = arena_array(e->scratch, LLVMMetadataRef, e->module->types.len);
    LLVMSetIsNewDbgInfoFormat(e->mod, true);
    d->di = LLVMCreateDIBuilder(e->mod);
    flag_add(e, "Debug Info Version", LLVMDebugMetadataVersion());
    flag_add(e, "Dwarf Version", DWARF_VERSION);
    static const char producer[] = "kc " KC_VERSION;
    d->unit = LLVMDIBuilderCreateCompileUnit(
        d->di, LLVMDWARFSourceLanguageC11, file_of(e, main_file(e->module)), producer,
        sizeof producer - 1, e->options->opt_level > 0, "", 0, 0, "", 0, LLVMDWARFEmissionFull, 0,
        false, false, "", 0, "", 0);
}

void debug_finish(Emit *e) {
    if (e->debug == NULL) return;
    LLVMDIBuilderFinalize(e->debug->di);
    LLVMDisposeDIBuilder(e->debug->di);
}
