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

static LLVMMetadataRef list_debug(Emit *e, const IrType *type) {
    LLVMMetadataRef count = scalar_debug(e, SCALAR_I64);
    LLVMMetadataRef members[] = {member(e, "data", pointer_debug(e, type->elem), 64, 0),
                                 member(e, "length", count, 64, 64),
                                 member(e, "capacity", count, 64, 128)};
    StrBuf name = {0};
    ir_type_print(e->module->cx, type, &name);
    LLVMMetadataRef made = record(e, strbuf_text(&name), 192, 64, members, 3);
    strbuf_free(&name);
    return made;
}

/* How masks are kept is the target's own business. */
static LLVMMetadataRef vec_debug(Emit *e, const IrType *type) {
    Debug *d = e->debug;
    if (type->scalar == SCALAR_BOOL) return LLVMDIBuilderCreateUnspecifiedType(d->di, "mask", 4);
    LLVMMetadataRef range = LLVMDIBuilderGetOrCreateSubrange(d->di, 0, type->lanes);
    return LLVMDIBuilderCreateVectorType(d->di, 8 * (uint64_t)type->size, 0, scalar_debug(e, type->scalar), &range, 1);
}

/* What is behind the handle is libkcrt's own. */
static LLVMMetadataRef arena_debug(Emit *e) {
    Debug *d = e->debug;
    LLVMMetadataRef hidden = LLVMDIBuilderCreateUnspecifiedType(d->di, "kc_arena", 8);
    return LLVMDIBuilderCreatePointerType(d->di, hidden, 64, 64, 0, "", 0);
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
    case IR_LIST: return *slot = list_debug(e, type);
    case IR_ARENA: return *slot = arena_debug(e);
    case IR_VEC: return *slot = vec_debug(e, type);
    case IR_STR:
    case IR_ARRAY:
    case IR_TASK: break;
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

static void place_record(FnEmit *f, LLVMValueRef slot, LLVMMetadataRef variable, Span span) {
    Emit *e = f->e;
    LLVMDIBuilderInsertDeclareRecordAtEnd(e->debug->di, slot, variable, no_expression(e),
                                          location(e, span), LLVMGetInsertBlock(f->b));
}

void debug_variable(FnEmit *f, const Op *var, LLVMValueRef slot) {
    Emit *e = f->e;
    if (e->debug == NULL || name_eq(var->attr.var.name, NO_NAME)) return;
    LLVMMetadataRef type = type_debug(e, op_result(var)->type->elem);
    if (type == NULL) return;
    place_record(f, slot, local(f, text_of(e->module->cx, var->attr.var.name), var->span, type),
                 var->span);
}

static bool has_debug_type(const IrType *type) {
    return type->kind == IR_SCALAR || type->kind == IR_STRUCT || type->kind == IR_BUF ||
           type->kind == IR_ARENA;
}

/* At -O0 every named value has a stack slot, with -g and without: LLVM's fast code generator is
 * swayed by records of values, and not by records of places. */
static LLVMValueRef slot_of_named(FnEmit *f, const Value *value) {
    Emit *e = f->e;
    if (e->options->opt_level > 0) return NULL;
    LLVMValueRef slot =
        stack_slot(f, type_memory(e, value->type), text_of(e->module->cx, value->name));
    LLVMValueRef llvm = f->values[value->id].llvm;
    memory_store(f, value_to_memory(f, value->type, llvm), slot, ROOT_SLOT);
    return slot;
}

static void value_record(FnEmit *f, const Value *value, LLVMValueRef slot, LLVMMetadataRef variable,
                         Span span) {
    Emit *e = f->e;
    if (slot != NULL) place_record(f, slot, variable, span);
    else
        LLVMDIBuilderInsertDbgValueRecordAtEnd(e->debug->di, f->values[value->id].llvm, variable,
                                               no_expression(e), location(e, span),
                                               LLVMGetInsertBlock(f->b));
}

void debug_value(FnEmit *f, const Value *value) {
    Emit *e = f->e;
    bool is_fn_param = value->def == NULL && value->region == NULL;
    if (is_fn_param || !has_debug_type(value->type)) return;
    LLVMValueRef slot = slot_of_named(f, value);
    if (e->debug == NULL) return;
    LLVMMetadataRef type = type_debug(e, value->type);
    LLVMMetadataRef variable = local(f, text_of(e->module->cx, value->name), f->place, type);
    value_record(f, value, slot, variable, f->place);
}

/* ---- Windows and arrays ---------------------------------------------------------------------- */

/* A view is kept in parts, and each is a fragment of the variable. */
static void fragment_record(FnEmit *f, LLVMMetadataRef variable, LLVMValueRef part, uint32_t word) {
    enum { DWARF_LLVM_FRAGMENT = 0x1000 };
    Emit *e = f->e;
    uint64_t ops[] = {DWARF_LLVM_FRAGMENT, 64 * (uint64_t)word, 64};
    LLVMMetadataRef where = LLVMDIBuilderCreateExpression(e->debug->di, ops, ARRAY_LEN(ops));
    LLVMDIBuilderInsertDbgValueRecordAtEnd(e->debug->di, part, variable, where,
                                           location(e, f->place), LLVMGetInsertBlock(f->b));
}

/* The array behind a parameter is shown as the parameter. */
static bool is_of_param(const FnEmit *f, Name name) {
    for (uint32_t i = 0; i < f->ir->params.len; i++)
        if (name_eq(f->ir->params.data[i].name, name)) return true;
    return false;
}

void debug_view(FnEmit *f, const Value *value, const EmitView *view) {
    Emit *e = f->e;
    if (value->def == NULL || is_of_param(f, value->name)) return;
    LLVMValueRef slot = NULL;
    if (e->options->opt_level == 0) {
        LLVMValueRef packed = view_pack(f, view);
        slot = stack_slot(f, LLVMTypeOf(packed), text_of(e->module->cx, value->name));
        memory_store(f, packed, slot, ROOT_SLOT);
    }
    if (e->debug == NULL) return;
    LLVMMetadataRef variable =
        local(f, text_of(e->module->cx, value->name), f->place, type_debug(e, value->type));
    if (slot != NULL) {
        place_record(f, slot, variable, f->place);
        return;
    }
    fragment_record(f, variable, view->data, 0);
    for (uint32_t i = 0; i < view->rank; i++) {
        fragment_record(f, variable, view->dim[i], 1 + i);
        if (view->strided) fragment_record(f, variable, view->stride[i], 1 + view->rank + i);
    }
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
static void param_record(FnEmit *f, uint32_t index) {
    Emit *e = f->e;
    Debug *d = e->debug;
    const IrParam *p = &f->ir->params.data[index];
    LLVMValueRef slot = f->param_slots[index];
    if (slot == NULL && f->values[p->value->id].llvm != NULL) slot = slot_of_named(f, p->value);
    if (d == NULL || (slot == NULL && f->values[p->value->id].llvm == NULL)) return;
    const char *name = text_of(e->module->cx, p->name);
    LLVMMetadataRef type = type_debug(e, p->value->type);
    Span span = p->span.file == d->scope_file ? p->span : f->ir->span;
    LLVMMetadataRef variable = LLVMDIBuilderCreateParameterVariable(
        d->di, d->scope, name, strlen(name), index + 1, file_of(e, d->scope_file),
        place_of(e, span).line, type, true, LLVMDIFlagZero);
    value_record(f, p->value, slot, variable, f->ir->span);
}

void debug_params(FnEmit *f) {
    for (uint32_t i = 0; i < f->ir->params.len; i++)
        if (!name_eq(f->ir->params.data[i].name, NO_NAME)) param_record(f, i);
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

static LLVMMetadataRef unit_create(Emit *e, LLVMDIBuilderRef di, LLVMMetadataRef file,
                                   LLVMDWARFEmissionKind kind) {
    static const char producer[] = "kc " KC_VERSION;
    LLVMSetIsNewDbgInfoFormat(e->mod, true);
    flag_add(e, "Debug Info Version", LLVMDebugMetadataVersion());
    flag_add(e, "Dwarf Version", DWARF_VERSION);
    return LLVMDIBuilderCreateCompileUnit(di, LLVMDWARFSourceLanguageC11, file, producer,
                                          sizeof producer - 1, e->options->opt_level > 0, "", 0, 0,
                                          "", 0, kind, 0, false, false, "", 0, "", 0);
}

/* Where there is debug information LLVM also describes stack frames, and the directives for that
 * change how it orders instructions. So that -g changes nothing, objects without it describe their
 * frames as well (.debug_frame, which is not loaded): an empty unit makes LLVM do that. */
static void frames_only(Emit *e) {
    LLVMDIBuilderRef di = LLVMCreateDIBuilder(e->mod);
    LLVMMetadataRef file = LLVMDIBuilderCreateFile(di, "k", 1, ".", 1);
    unit_create(e, di, file, LLVMDWARFEmissionLineTablesOnly);
    LLVMDIBuilderFinalize(di);
    LLVMDisposeDIBuilder(di);
}

void debug_start(Emit *e) {
    if (!e->options->debug_info) {
        frames_only(e);
        return;
    }
    Debug *d = e->debug = arena_new(e->scratch, Debug);
    uint32_t files = e->module->cx->sources.files.len;
    d->file_count = files > 0 ? files : 1;
    d->files = arena_array(e->scratch, LLVMMetadataRef, d->file_count);
    d->scopes = arena_array(e->scratch, LLVMMetadataRef, d->file_count);
    d->types = arena_array(e->scratch, LLVMMetadataRef, e->module->types.len);
    d->di = LLVMCreateDIBuilder(e->mod);
    d->unit = unit_create(e, d->di, file_of(e, main_file(e->module)), LLVMDWARFEmissionFull);
}

void debug_finish(Emit *e) {
    if (e->debug == NULL) return;
    LLVMDIBuilderFinalize(e->debug->di);
    LLVMDisposeDIBuilder(e->debug->di);
}
