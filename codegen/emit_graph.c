/* Graphs of tasks: constants say who waits for whom, and one context points to the arguments of each call. */
#include "codegen/emit_args.h"
#include "kc/kcrt.h"

/* kc_status entry(void *context) for call `index` of a graph, whose arguments the context points to there. */
static LLVMValueRef node_function(Emit *e, const IrFn *fn, LLVMValueRef entry, uint32_t index) {
    const char *name = arena_printf(e->scratch, "%s.node%u", text_of(e->module->cx, fn->name), (unsigned)index);
    LLVMValueRef node = LLVMGetNamedFunction(e->mod, name);
    if (node != NULL) return node;
    LLVMTypeRef type = LLVMFunctionType(e->i32, &e->ptr, 1, false);
    node = LLVMAddFunction(e->mod, name, type);
    LLVMSetLinkage(node, LLVMInternalLinkage);
    fn_attributes_add(e, node);
    LLVMBuilderRef b = LLVMCreateBuilderInContext(e->llvm);
    LLVMPositionBuilderAtEnd(b, LLVMAppendBasicBlockInContext(e->llvm, node, "start"));
    LLVMValueRef at = const_i64(e, index);
    LLVMValueRef slot = LLVMBuildGEP2(b, e->ptr, LLVMGetParam(node, 0), &at, 1, "");
    LLVMValueRef block = LLVMBuildLoad2(b, e->ptr, slot, "");
    LLVMBuildRet(b, LLVMBuildCall2(b, type, entry, &block, 1, ""));
    LLVMDisposeBuilder(b);
    return node;
}

static LLVMValueRef constant_global(Emit *e, LLVMValueRef value) {
    LLVMValueRef global = LLVMAddGlobal(e->mod, LLVMTypeOf(value), "graph");
    LLVMSetInitializer(global, value);
    LLVMSetLinkage(global, LLVMPrivateLinkage);
    LLVMSetGlobalConstant(global, true);
    LLVMSetUnnamedAddress(global, LLVMGlobalUnnamedAddr);
    return global;
}

static LLVMValueRef number(Emit *e, uint32_t value) { return const_i32(e, (int32_t)value); }

/* A kc_node: body, name, predecessors, first successor, successors. */
static LLVMValueRef node_constant(FnEmit *f, const Op *graph, const Op *call, uint32_t index, LLVMValueRef *successors,
                                  uint32_t *successor_count) {
    const IrFn *fn = call->attr.callee;
    Emit *e = f->e;
    uint32_t predecessors = 0, first = *successor_count;
    for (uint32_t i = 0; i < graph->attr.lanes.count; i += 2) {
        predecessors += graph->attr.lanes.at[i + 1] == index;
        if (graph->attr.lanes.at[i] == index)
            successors[(*successor_count)++] = number(e, graph->attr.lanes.at[i + 1]);
    }
    LLVMValueRef fields[] = {node_function(e, fn, task_entry(e, fn), index), trace_name(f, fn),
                             number(e, predecessors), number(e, first), number(e, *successor_count - first)};
    return LLVMConstStructInContext(e->llvm, fields, ARRAY_LEN(fields), false);
}

/* A kc_graph. */
static LLVMValueRef graph_constant(FnEmit *f, const Op *graph, uint32_t count) {
    Emit *e = f->e;
    uint32_t index = 0, successor_count = 0;
    LLVMValueRef *nodes = arena_array(e->scratch, LLVMValueRef, count);
    LLVMValueRef *successors = arena_array(e->scratch, LLVMValueRef, graph->attr.lanes.count);
    for (const Op *call = graph->regions[0]->first; call != NULL; call = call->next, index++)
        nodes[index] = node_constant(f, graph, call, index, successors, &successor_count);
    LLVMValueRef all = LLVMConstArray2(LLVMTypeOf(nodes[0]), nodes, count);
    LLVMValueRef order = LLVMConstArray2(e->i32, successors, successor_count);
    LLVMValueRef fields[] = {number(e, count), constant_global(e, all), constant_global(e, order)};
    return constant_global(e, LLVMConstStructInContext(e->llvm, fields, ARRAY_LEN(fields), false));
}

void emit_graph(FnEmit *f, const Op *op) {
    Emit *e = f->e;
    uint32_t count = 0;
    for (const Op *call = op->regions[0]->first; call != NULL; call = call->next) count++;
    if (count == 0) return;
    LLVMValueRef context = stack_slot(f, LLVMArrayType2(e->ptr, count), "context");
    LLVMValueRef storage = stack_slot(f, LLVMArrayType2(e->i32, count), "storage");
    uint32_t index = 0;
    for (const Op *call = op->regions[0]->first; call != NULL; call = call->next, index++) {
        ArgBlock block = arg_block_of(e, call->attr.callee);
        LLVMValueRef at = const_i64(e, index);
        LLVMBuildStore(f->b, arg_block_fill(f, &block, call), LLVMBuildGEP2(f->b, e->ptr, context, &at, 1, ""));
    }
    LLVMValueRef args[] = {graph_constant(f, op, count), context, storage};
    runtime_call(f, RT_GRAPH_RUN, args);
}
