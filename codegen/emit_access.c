/* What LLVM is told about memory: which accesses overlap nothing, and which loops are free of
 * dependences.
 *
 * A pointer parameter says `noalias` itself. The pointer inside a strided parameter cannot, so
 * where a function has one each `restrict` parameter becomes an alias scope. */
#include "codegen/emit.h"

#include <llvm-c/DebugInfo.h>
#include <llvm-c/IRReader.h>
#include <string.h>

void metadata_set(Emit *e, LLVMValueRef instruction, const char *kind, LLVMMetadataRef node) {
    unsigned id = LLVMGetMDKindIDInContext(e->llvm, kind, (unsigned)strlen(kind));
    LLVMSetMetadata(instruction, id, LLVMMetadataAsValue(e->llvm, node));
}

/* A node that is its own first operand, so that no other equals it. */
static LLVMMetadataRef self_node(Emit *e, LLVMMetadataRef *rest, uint32_t count) {
    enum { MOST = 8 };
    LLVMMetadataRef operands[MOST];
    KC_CHECK(count < MOST);
    LLVMMetadataRef self = LLVMTemporaryMDNode(e->llvm, NULL, 0);
    operands[0] = self;
    for (uint32_t i = 0; i < count; i++) operands[i + 1] = rest[i];
    LLVMMetadataRef node = LLVMMDNodeInContext2(e->llvm, operands, count + 1);
    LLVMMetadataReplaceAllUsesWith(self, node);
    return node;
}

/* ---- Alias scopes ---------------------------------------------------------------------------- */

static bool has_root(const IrParam *p) {
    return p->is_restrict &&
           (p->kind == PARAM_ARRAY || p->kind == PARAM_OUT || p->kind == PARAM_STRIDED);
}

void access_scopes_make(FnEmit *f) {
    Emit *e = f->e;
    bool needed = false;
    uint32_t count = 0;
    for (uint32_t i = 0; i < f->ir->params.len; i++) {
        const IrParam *p = &f->ir->params.data[i];
        needed |= has_root(p) && p->kind == PARAM_STRIDED;
        if (has_root(p)) f->values[p->value->id].root = ++count;
    }
    if (!needed) return;
    f->root_count = count;
    f->scope_lists = arena_array(e->scratch, LLVMMetadataRef, count + 1);
    f->noalias_lists = arena_array(e->scratch, LLVMMetadataRef, count + 1);
    LLVMMetadataRef domain = self_node(e, NULL, 0);
    LLVMMetadataRef *scopes = arena_array(e->scratch, LLVMMetadataRef, count + 1);
    LLVMMetadataRef *others = arena_array(e->scratch, LLVMMetadataRef, count + 1);
    for (uint32_t i = 1; i <= count; i++) {
        scopes[i] = self_node(e, &domain, 1);
        f->scope_lists[i] = LLVMMDNodeInContext2(e->llvm, &scopes[i], 1);
    }
    for (uint32_t i = 1; i <= count; i++) {
        uint32_t len = 0;
        for (uint32_t j = 1; j <= count; j++)
            if (j != i) others[len++] = scopes[j];
        if (len > 0) f->noalias_lists[i] = LLVMMDNodeInContext2(e->llvm, others, len);
    }
}

/* ---- Access groups --------------------------------------------------------------------------- */

static void count_independent(void *user, Op *op) {
    Emit *e = user;
    if (op->kind == OP_FOR && op->attr.loop.independent) e->group_count++;
}

/* An access group is a distinct node without operands. The C API cannot make one; LLVM's text
 * can. */
void access_groups_make(Emit *e) {
    for (uint32_t i = 0; i < e->module->fns.len; i++)
        if (fn_is_here(e, e->module->fns.data[i]))
            region_walk(e->module->fns.data[i]->body, count_independent, e);
    if (e->group_count == 0) return;
    StrBuf text = {0};
    strbuf_puts(&text, "!groups = !{");
    for (uint32_t i = 0; i < e->group_count; i++) strbuf_printf(&text, "%s!%u", i ? ", " : "", i);
    strbuf_puts(&text, "}\n");
    for (uint32_t i = 0; i < e->group_count; i++) strbuf_printf(&text, "!%u = distinct !{}\n", i);
    LLVMMemoryBufferRef buffer =
        LLVMCreateMemoryBufferWithMemoryRangeCopy(text.data, text.len, "groups");
    LLVMModuleRef parsed;
    char *message = NULL;
    if (LLVMParseIRInContext(e->llvm, buffer, &parsed, &message)) KC_BUG("%s", message);
    LLVMValueRef *nodes = arena_array(e->scratch, LLVMValueRef, e->group_count);
    LLVMGetNamedMetadataOperands(parsed, "groups", nodes);
    e->groups = arena_array(e->scratch, LLVMMetadataRef, e->group_count);
    for (uint32_t i = 0; i < e->group_count; i++) e->groups[i] = LLVMValueAsMetadata(nodes[i]);
    LLVMDisposeModule(parsed);
    strbuf_free(&text);
}

LLVMMetadataRef access_group_new(Emit *e) {
    KC_CHECK(e->groups_used < e->group_count);
    return e->groups[e->groups_used++];
}

/* The groups of all independent loops around: the one node, or a list of them. */
static LLVMMetadataRef groups_here(FnEmit *f) {
    LLVMMetadataRef groups[16];
    uint32_t count = 0;
    for (const EmitLoop *loop = f->loop; loop != NULL && count < ARRAY_LEN(groups);
         loop = loop->outer)
        if (loop->group != NULL) groups[count++] = loop->group;
    return count == 0   ? NULL
           : count == 1 ? groups[0]
                        : LLVMMDNodeInContext2(f->e->llvm, groups, count);
}

void access_mark(FnEmit *f, LLVMValueRef instruction, uint32_t root) {
    if (root != 0 && f->root_count != 0) {
        metadata_set(f->e, instruction, "alias.scope", f->scope_lists[root]);
        if (f->noalias_lists[root] != NULL)
            metadata_set(f->e, instruction, "noalias", f->noalias_lists[root]);
    }
    LLVMMetadataRef groups = groups_here(f);
    if (groups != NULL) metadata_set(f->e, instruction, "llvm.access.group", groups);
}

/* ---- Loops ----------------------------------------------------------------------------------- */

static void look_for_loop(void *user, Op *op) {
    bool *found = user;
    if (op->kind == OP_FOR || op->kind == OP_WHILE) *found = true;
}

static void look_for_set(void *user, Op *op) {
    bool *found = user;
    *found = *found || op->kind == OP_SET;
}

static LLVMMetadataRef flag_node(Emit *e, const char *name, LLVMMetadataRef value) {
    LLVMMetadataRef operands[] = {LLVMMDStringInContext2(e->llvm, name, strlen(name)), value};
    return LLVMMDNodeInContext2(e->llvm, operands, 2);
}

static bool has_inner_loop(const Op *loop) {
    bool found = false;
    region_walk(loop->regions[0], look_for_loop, &found);
    return found;
}

static void look_for_vector_loop(void *user, Op *op) {
    bool *found = user;
    *found = *found || (op->kind == OP_FOR && op->attr.loop.is_vector);
}

bool loop_stays_rolled(const Op *loop) {
    bool found = loop->kind == OP_FOR && loop->attr.loop.is_vector;
    if (loop->kind == OP_FOR) region_walk(loop->regions[0], look_for_vector_loop, &found);
    return found;
}

static LLVMMetadataRef stays_rolled(Emit *e) {
    LLVMMetadataRef still = LLVMMDStringInContext2(e->llvm, "llvm.loop.unroll.disable", 24);
    return LLVMMDNodeInContext2(e->llvm, &still, 1);
}

/* Loops over vectors, and what they leave over, stay as they are: how wide and how long they should be
 * was decided where they were made. The innermost begin with a line of the cache: processors fetch a line at a time, so
 * a short loop that lies in two may take twice as long. */
static LLVMMetadataRef vector_metadata(Emit *e, const Op *loop) {
    enum { LINE = 64 };
    LLVMMetadataRef yes = LLVMValueAsMetadata(LLVMConstInt(e->i1, 1, false));
    LLVMMetadataRef one = LLVMValueAsMetadata(const_i32(e, 1));
    LLVMMetadataRef notes[] = {flag_node(e, "llvm.loop.isvectorized", one),
                               flag_node(e, "llvm.loop.interleave.count", one),
                               flag_node(e, "llvm.loop.mustprogress", yes),
                               stays_rolled(e),
                               flag_node(e, "llvm.loop.align", LLVMValueAsMetadata(const_i32(e, LINE)))};
    return self_node(e, notes, has_inner_loop(loop) ? 4 : 5);
}

/* An independent loop says that its accesses are parallel, so no test for overlap is made at run time. A loop around
 * loops over vectors gains nothing from being there several times. Where LLVM is the one that makes vectors, registers
 * having no fixed width, an innermost one also asks for them whatever LLVM thinks of the cost. */
LLVMMetadataRef loop_metadata(FnEmit *f, const Op *loop, LLVMMetadataRef group) {
    Emit *e = f->e;
    if (loop->attr.loop.is_vector) return vector_metadata(e, loop);
    LLVMMetadataRef notes[3];
    uint32_t count = 0;
    if (loop_stays_rolled(loop)) notes[count++] = stays_rolled(e);
    if (group == NULL) return count == 0 ? NULL : self_node(e, notes, count);
    notes[count++] = flag_node(e, "llvm.loop.parallel_accesses", group);
    bool reorders = false; /* asked for vectors, LLVM would put accumulations in another order */
    if (!loop->attr.loop.reduces) region_walk(loop->regions[0], look_for_set, &reorders);
    if (!has_inner_loop(loop) && !reorders && e->target->vector_bits == 0) {
        LLVMMetadataRef yes = LLVMValueAsMetadata(LLVMConstInt(e->i1, 1, false));
        notes[count++] = flag_node(e, "llvm.loop.vectorize.enable", yes);
    }
    return self_node(e, notes, count);
}
