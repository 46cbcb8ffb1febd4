#include "codegen/dispatch.h"

#include "codegen/target.h"

#include <string.h>

enum { NAME_BYTES = 24 }; /* of an architecture's name and its NUL; a row of @kc.names has 4 more */

/* ---- The choice ------------------------------------------------------------------------------ */

static uint32_t need_count(const char *needs) {
    uint32_t count = *needs != '\0';
    for (const char *c = needs; *c != '\0'; c++) count += *c == ',';
    return count;
}

/* The last variant that KC_ARCH=`name` admits: the one of that name, or else the largest that needs
 * no more than the architecture does; the first in any case, since something has to run. */
static uint32_t cap_of(const TargetRow *row, const Variant *variants, uint32_t count) {
    uint32_t cap = 1;
    for (uint32_t i = 0; i < count; i++) {
        if (strcmp(variants[i].target->march, row->name) == 0) return i + 1;
        if (need_count(variants[i].target->needs) <= need_count(row->needs)) cap = i + 1;
    }
    return cap;
}

static void name_row(StrBuf *rows, const char *name, uint32_t cap) {
    size_t length = strlen(name);
    KC_CHECK(length < NAME_BYTES);
    strbuf_printf(rows, "%s\n  { [%d x i8], i32 } { [%d x i8] c\"%s", rows->len > 0 ? "," : "",
                  NAME_BYTES, NAME_BYTES, name);
    for (size_t k = length; k < NAME_BYTES; k++) strbuf_puts(rows, "\\00");
    strbuf_printf(rows, "\", i32 %u }", cap);
}

/* Architectures, and what else the variants are called. */
static void names_text(TargetArch arch, const Variant *variants, uint32_t count, StrBuf *out) {
    StrBuf rows = {0};
    uint32_t row_count = 0;
    for (uint32_t i = 0; i < target_row_count; i++) {
        const TargetRow *row = &target_rows[i];
        if (row->arch != arch) continue;
        name_row(&rows, row->name, cap_of(row, variants, count));
        row_count++;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (variants[i].target->tune == NULL) continue;
        name_row(&rows, variants[i].target->march, i + 1);
        row_count++;
    }
    strbuf_printf(out, "@kc.names = internal constant [%u x { [%d x i8], i32 }] [%s ]\n",
                  row_count, NAME_BYTES, strbuf_text(&rows));
    strbuf_printf(out, "@kc.name.count = internal constant i64 %u\n", row_count);
    strbuf_free(&rows);
}

/* i32 @kc.cap(): the last variant that the environment admits; a name that nobody knows admits
 * all. */
static const char cap_text[] =
    "@kc.key = internal constant [8 x i8] c\"KC_ARCH\\00\"\n"
    "declare extern_weak ptr @\"getenv\"(ptr)\n"
    "define internal i32 @kc.cap() {\n"
    "start:\n"
    "  %can.ask = icmp ne ptr @\"getenv\", null\n"
    "  br i1 %can.ask, label %ask, label %none\n"
    "ask:\n"
    "  %text = call ptr @\"getenv\"(ptr @kc.key)\n"
    "  %is.set = icmp ne ptr %text, null\n"
    "  br i1 %is.set, label %row, label %none\n"
    "row:\n"
    "  %r = phi i64 [ 0, %ask ], [ %r.next, %next ]\n"
    "  %name = getelementptr { [24 x i8], i32 }, ptr @kc.names, i64 %r\n"
    "  br label %byte\n"
    "byte:\n"
    "  %i = phi i64 [ 0, %row ], [ %i.next, %same ]\n"
    "  %p = getelementptr i8, ptr %name, i64 %i\n"
    "  %q = getelementptr i8, ptr %text, i64 %i\n"
    "  %c = load i8, ptr %p\n"
    "  %d = load i8, ptr %q\n"
    "  %equal = icmp eq i8 %c, %d\n"
    "  br i1 %equal, label %same, label %next\n"
    "same:\n"
    "  %i.next = add i64 %i, 1\n"
    "  %ends = icmp eq i8 %c, 0\n"
    "  br i1 %ends, label %found, label %byte\n"
    "next:\n"
    "  %r.next = add i64 %r, 1\n"
    "  %count = load i64, ptr @kc.name.count\n"
    "  %more = icmp ult i64 %r.next, %count\n"
    "  br i1 %more, label %row, label %none\n"
    "found:\n"
    "  %place = getelementptr { [24 x i8], i32 }, ptr @kc.names, i64 %r, i32 1\n"
    "  %cap = load i32, ptr %place\n"
    "  ret i32 %cap\n"
    "none:\n"
    "  ret i32 -1\n"
    "}\n";

/* i32 @kc.choose(): the number of the best variant from 1, or 0 when even the first needs more than
 * there is. */
static void choose_text(TargetArch arch, const Variant *variants, uint32_t count, StrBuf *out) {
    strbuf_puts(out, "@kc.variant = global i32 0\n"
                     "define i32 @kc.choose() {\n"
                     "  %have = call { i64, i64, i64 } @kc.probe()\n"
                     "  %cap = call i32 @kc.cap()\n"
                     "  %h0 = extractvalue { i64, i64, i64 } %have, 0\n"
                     "  %h1 = extractvalue { i64, i64, i64 } %have, 1\n"
                     "  %h2 = extractvalue { i64, i64, i64 } %have, 2\n"
                     "  %best0 = add i32 0, 0\n");
    for (uint32_t v = 1; v <= count; v++) {
        uint64_t masks[PROBE_WORDS];
        probe_masks(arch, variants[v - 1].target->needs, masks);
        strbuf_printf(out, "  %%ok%u.0 = icmp uge i32 %%cap, %u\n", v, v);
        for (unsigned w = 0; w < PROBE_WORDS; w++)
            strbuf_printf(out,
                          "  %%m%u.%u = and i64 %%h%u, %lld\n"
                          "  %%e%u.%u = icmp eq i64 %%m%u.%u, %lld\n"
                          "  %%ok%u.%u = and i1 %%ok%u.%u, %%e%u.%u\n",
                          v, w, w, (long long)masks[w], v, w, v, w, (long long)masks[w], v, w + 1,
                          v, w, v, w);
        strbuf_printf(out, "  %%best%u = select i1 %%ok%u.%d, i32 %u, i32 %%best%u\n", v, v,
                      PROBE_WORDS, v, v - 1);
    }
    strbuf_printf(out,
                  "  store atomic i32 %%best%u, ptr @kc.variant monotonic, align 4\n"
                  "  ret i32 %%best%u\n}\n",
                  count, count);
}

/* Runs once, so that it is made small; on any processor, so that it is of the baseline. */
static void choice_attributes(Emit *e) {
    for (LLVMValueRef fn = LLVMGetFirstFunction(e->mod); fn; fn = LLVMGetNextFunction(fn)) {
        size_t length;
        const char *name = LLVMGetValueName2(fn, &length);
        static const char *const made[] = {"kc.choose", "kc.cap",  "kc.probe",
                                           "kc.leaf",   "kc.cpuid", "kc.xcr0"};
        for (size_t i = 0; i < ARRAY_LEN(made); i++) {
            if (strcmp(name, made[i]) != 0) continue;
            fn_attributes_add(e, fn);
            attribute_add(e, fn, LLVMAttributeFunctionIndex, "cold", 0);
            attribute_add(e, fn, LLVMAttributeFunctionIndex, "minsize", 0);
            attribute_add(e, fn, LLVMAttributeFunctionIndex, "optsize", 0);
        }
    }
}

static void choice_add(Emit *e, const Variant *variants, uint32_t count) {
    StrBuf text = {0};
    TargetArch arch = e->target->arch;
    names_text(arch, variants, count, &text);
    strbuf_puts(&text, cap_text);
    probe_text(arch, &text);
    choose_text(arch, variants, count, &text);
    text_link(e, "the choice of a variant", strbuf_text(&text));
    strbuf_free(&text);
    LLVMSetLinkage(LLVMGetNamedFunction(e->mod, "kc.choose"), LLVMInternalLinkage);
    LLVMSetLinkage(LLVMGetNamedGlobal(e->mod, "kc.variant"), LLVMInternalLinkage);
    choice_attributes(e);
}

/* ---- The entries ----------------------------------------------------------------------------- */

typedef struct Entry {
    Emit *e;
    const IrFn *ir;
    const EmitFn *out;
    const Variant *variants;
    uint32_t count;
} Entry;

/* Structs among the stack arguments. LLVM 19 moves them when it jumps, over the return address. */
static bool has_stack_structs(const AbiFn *abi) {
    for (uint32_t i = 0; i < abi->param_count; i++)
        if (abi->params[i].kind == ABI_STACK) return true;
    return false;
}

/* The same arguments, in the same places: a jump. */
static void jump_to(const Entry *entry, LLVMBuilderRef b, LLVMValueRef target) {
    Emit *e = entry->e;
    LLVMValueRef from = LLVMGetBasicBlockParent(LLVMGetInsertBlock(b));
    const AbiFn *abi = &entry->out->abi;
    LLVMValueRef *args = arena_array(e->scratch, LLVMValueRef, abi->llvm_count + 1);
    for (uint32_t i = 0; i < abi->llvm_count; i++) args[i] = LLVMGetParam(from, i);
    LLVMValueRef call = LLVMBuildCall2(b, abi->type, target, args, abi->llvm_count, "");
    fn_abi_attributes(e, abi, call, true);
    LLVMSetTailCallKind(call, has_stack_structs(abi) ? LLVMTailCallKindNoTail
                                                     : LLVMTailCallKindMustTail);
    if (LLVMGetTypeKind(LLVMTypeOf(call)) == LLVMVoidTypeKind) LLVMBuildRetVoid(b);
    else LLVMBuildRet(b, call);
}

/* Jumps to the variant of a number; the builder stays in the block for any other. */
static void jump_by_number(const Entry *entry, LLVMValueRef from, LLVMBuilderRef b,
                           LLVMValueRef number) {
    Emit *e = entry->e;
    LLVMBasicBlockRef other = LLVMAppendBasicBlockInContext(e->llvm, from, "other");
    LLVMValueRef choice = LLVMBuildSwitch(b, number, other, entry->count);
    for (uint32_t i = 0; i < entry->count; i++) {
        const char *suffix = entry->variants[i].target->suffix;
        const char *symbol =
            arena_printf(e->scratch, "%s%s", text_of(e->module->cx, entry->ir->name), suffix);
        LLVMValueRef target = LLVMGetNamedFunction(e->mod, symbol);
        if (target == NULL) { /* of another part */
            target = LLVMAddFunction(e->mod, symbol, entry->out->abi.type);
            fn_abi_attributes(e, &entry->out->abi, target, false);
        }
        LLVMBasicBlockRef block = LLVMAppendBasicBlockInContext(e->llvm, from, suffix + 2);
        LLVMAddCase(choice, const_i32(e, (int32_t)i + 1), block);
        LLVMPositionBuilderAtEnd(b, block);
        jump_to(entry, b, target);
    }
    LLVMPositionBuilderAtEnd(b, other);
}

static void none_runs(const Entry *entry, LLVMBuilderRef b) {
    Emit *e = entry->e;
    StrBuf message = {0};
    strbuf_puts(&message, "this processor runs no variant of the function:");
    for (uint32_t i = 0; i < entry->count; i++)
        strbuf_printf(&message, "%s `%s`", i == 0 ? "" : ",", entry->variants[i].target->march);
    FnEmit f = {.e = e, .ir = entry->ir, .b = b, .place = entry->ir->span};
    Name name = entry->ir->source_name;
    Panic panic = {.message = strbuf_text(&message),
                   .function = text_of(e->module->cx,
                                       name_eq(name, NO_NAME) ? entry->ir->name : name),
                   .path = place_path(&f, f.place),
                   .line = place_line(&f, f.place)};
    panic_call(&f, panic_constant(e, &panic), NULL, 0);
    strbuf_free(&message);
}

/* The first call: kept apart, so that the others need no stack. */
static LLVMValueRef first_call_add(const Entry *entry, LLVMBuilderRef b) {
    Emit *e = entry->e;
    const char *name =
        arena_printf(e->scratch, "k.first.%s", text_of(e->module->cx, entry->ir->name));
    LLVMValueRef first = LLVMAddFunction(e->mod, name, entry->out->abi.type);
    LLVMSetLinkage(first, LLVMInternalLinkage);
    fn_attributes_add(e, first);
    fn_abi_attributes(e, &entry->out->abi, first, false);
    attribute_add(e, first, LLVMAttributeFunctionIndex, "cold", 0);
    attribute_add(e, first, LLVMAttributeFunctionIndex, "noinline", 0);
    LLVMPositionBuilderAtEnd(b, LLVMAppendBasicBlockInContext(e->llvm, first, "start"));
    LLVMValueRef choose = LLVMGetNamedFunction(e->mod, "kc.choose");
    LLVMTypeRef type = LLVMGlobalGetValueType(choose);
    jump_by_number(entry, first, b, LLVMBuildCall2(b, type, choose, NULL, 0, ""));
    if (entry->variants[0].target->needs[0] != '\0') none_runs(entry, b);
    else LLVMBuildUnreachable(b);
    return first;
}

static void entry_add(const Entry *entry) {
    Emit *e = entry->e;
    LLVMBuilderRef b = LLVMCreateBuilderInContext(e->llvm);
    LLVMValueRef first = first_call_add(entry, b);
    LLVMPositionBuilderAtEnd(b,
                             LLVMAppendBasicBlockInContext(e->llvm, entry->out->fn, "start"));
    LLVMValueRef number =
        LLVMBuildLoad2(b, e->i32, LLVMGetNamedGlobal(e->mod, "kc.variant"), "variant");
    LLVMSetOrdering(number, LLVMAtomicOrderingMonotonic);
    LLVMSetAlignment(number, 4);
    jump_by_number(entry, entry->out->fn, b, number);
    jump_to(entry, b, first);
    LLVMDisposeBuilder(b);
}

void dispatch_add(Emit *e, const Variant *variants, uint32_t count) {
    choice_add(e, variants, count);
    Span nowhere = NO_SPAN;
    need_add(e, "getenv", nowhere);
    if (probe_symbol(e->target->arch) != NULL)
        need_add(e, probe_symbol(e->target->arch), nowhere);
    for (uint32_t i = 0; i < e->module->fns.len; i++) {
        const IrFn *fn = e->module->fns.data[i];
        if (!fn->is_exported) continue;
        fn_declare(e, fn);
        Entry entry = {e, fn, &e->fns[fn->id], variants, count};
        entry_add(&entry);
    }
}
