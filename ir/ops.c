/* The tables of operations and checks, made from ops.def and checks.def. */
#include "ir/ir.h"

#define PURE OP_FLAG_PURE
#define COMMUTES OP_FLAG_COMMUTES
#define READS OP_FLAG_READS
#define WRITES OP_FLAG_WRITES
#define ENDS OP_FLAG_ENDS
#define EFFECT OP_FLAG_EFFECT
#define OWNED OP_FLAG_OWNED

const OpInfo op_infos[OP_COUNT] = {
#define OP(kind, mnemonic, operands, results, regions, attr, flags)                                \
    {mnemonic, operands, results, regions, ATTR_##attr, flags},
#include "ir/ops.def"
#undef OP
};

const CheckInfo check_infos[CHECK_COUNT] = {
#define CHECK(kind, mnemonic, message, operands, name0, name1, name2)                              \
    {mnemonic, message, operands, {name0, name1, name2}},
#include "ir/checks.def"
#undef CHECK
};
