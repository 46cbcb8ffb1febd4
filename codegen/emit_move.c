/* Overlapping copies. LLVM turns a loop like x[i] = x[i + 1] into llvm.memmove, which becomes a
 * call of memmove: a symbol that kernels do not ask for. They bring a function of their own
 * instead. */
#include "codegen/emit.h"

#include <llvm-c/DebugInfo.h>
#include <string.h>

/* Thirty-two bytes at a time, then one: forwards, unless the destination begins inside the
 * source. */
static const char move_text[] =
    "define void @kc.move(ptr %to, ptr %from, i64 %size) {\n"
    "start:\n"
    "  %ti = ptrtoint ptr %to to i64\n"
    "  %fi = ptrtoint ptr %from to i64\n"
    "  %ahead = sub i64 %ti, %fi\n"
    "  %inside = icmp ult i64 %ahead, %size\n"
    "  br i1 %inside, label %back.head, label %head\n"
    "head:\n"
    "  %i = phi i64 [ 0, %start ], [ %i32, %body ]\n"
    "  %left = sub i64 %size, %i\n"
    "  %wide = icmp uge i64 %left, 32\n"
    "  br i1 %wide, label %body, label %tail.head\n"
    "body:\n"
    "  %f = getelementptr i8, ptr %from, i64 %i\n"
    "  %v = load <4 x i64>, ptr %f, align 1\n"
    "  %t = getelementptr i8, ptr %to, i64 %i\n"
    "  store <4 x i64> %v, ptr %t, align 1\n"
    "  %i32 = add i64 %i, 32\n"
    "  br label %head\n"
    "tail.head:\n"
    "  %j = phi i64 [ %i, %head ], [ %j1, %tail ]\n"
    "  %some = icmp ult i64 %j, %size\n"
    "  br i1 %some, label %tail, label %done\n"
    "tail:\n"
    "  %fj = getelementptr i8, ptr %from, i64 %j\n"
    "  %vj = load i8, ptr %fj, align 1\n"
    "  %tj = getelementptr i8, ptr %to, i64 %j\n"
    "  store i8 %vj, ptr %tj, align 1\n"
    "  %j1 = add i64 %j, 1\n"
    "  br label %tail.head\n"
    "back.head:\n"
    "  %n = phi i64 [ %size, %start ], [ %n32, %back ]\n"
    "  %bwide = icmp uge i64 %n, 32\n"
    "  br i1 %bwide, label %back, label %end.head\n"
    "back:\n"
    "  %n32 = sub i64 %n, 32\n"
    "  %fb = getelementptr i8, ptr %from, i64 %n32\n"
    "  %vb = load <4 x i64>, ptr %fb, align 1\n"
    "  %tb = getelementptr i8, ptr %to, i64 %n32\n"
    "  store <4 x i64> %vb, ptr %tb, align 1\n"
    "  br label %back.head\n"
    "end.head:\n"
    "  %m = phi i64 [ %n, %back.head ], [ %m1, %end ]\n"
    "  %more = icmp ne i64 %m, 0\n"
    "  br i1 %more, label %end, label %done\n"
    "end:\n"
    "  %m1 = sub i64 %m, 1\n"
    "  %fe = getelementptr i8, ptr %from, i64 %m1\n"
    "  %ve = load i8, ptr %fe, align 1\n"
    "  %te = getelementptr i8, ptr %to, i64 %m1\n"
    "  store i8 %ve, ptr %te, align 1\n"
    "  br label %end.head\n"
    "done:\n"
    "  ret void\n"
    "}\n";

static bool is_memmove(LLVMValueRef instruction) {
    if (LLVMIsACallInst(instruction) == NULL) return false;
    LLVMValueRef callee = LLVMGetCalledValue(instruction);
    if (LLVMIsAFunction(callee) == NULL) return false;
    static const char prefix[] = "llvm.memmove.";
    size_t length;
    return strncmp(LLVMGetValueName2(callee, &length), prefix, sizeof prefix - 1) == 0;
}

static void replace(Emit *e, LLVMBuilderRef b, LLVMValueRef move) {
    LLVMValueRef helper = helper_function(e, "kc.move", move_text, false);
    LLVMPositionBuilderBefore(b, move);
    LLVMSetCurrentDebugLocation2(b, LLVMInstructionGetDebugLoc(move));
    LLVMValueRef size = LLVMBuildIntCast2(b, LLVMGetOperand(move, 2), e->i64, false, "");
    LLVMValueRef args[] = {LLVMGetOperand(move, 0), LLVMGetOperand(move, 1), size};
    LLVMBuildCall2(b, LLVMGlobalGetValueType(helper), helper, args, 3, "");
    LLVMInstructionEraseFromParent(move);
}

static void replace_in(Emit *e, LLVMBuilderRef b, LLVMBasicBlockRef block) {
    LLVMValueRef next;
    for (LLVMValueRef at = LLVMGetFirstInstruction(block); at != NULL; at = next) {
        next = LLVMGetNextInstruction(at);
        if (is_memmove(at)) replace(e, b, at);
    }
}

void memmoves_replace(Emit *e) {
    LLVMBuilderRef b = LLVMCreateBuilderInContext(e->llvm);
    for (LLVMValueRef fn = LLVMGetFirstFunction(e->mod); fn != NULL; fn = LLVMGetNextFunction(fn))
        for (LLVMBasicBlockRef block = LLVMGetFirstBasicBlock(fn); block != NULL;
             block = LLVMGetNextBasicBlock(block))
            replace_in(e, b, block);
    LLVMDisposeBuilder(b);
}
