/* The pass table as data, and the check of its contracts.
 *
 * The pipeline is a list of steps; whether it is in a sensible order is a question about data, so
 * that it is asked of the real pipeline at start-up and of wrong ones in the tests. */
#ifndef KC_IR_PASSES_CONTRACT_H
#define KC_IR_PASSES_CONTRACT_H

#include "ir/passes/pass.h"

typedef enum PassId {
#define PASS(kind, name, function, requires, establishes, breaks, description) PASS_##kind,
#include "ir/passes/passes.def"
#undef PASS
    PASS_COUNT
} PassId;

typedef enum PassFact {
#define FACT(kind, description) FACT_##kind,
#include "ir/passes/passes.def"
#undef FACT
    FACT_COUNT
} PassFact;

typedef struct PassInfo {
    const char *name;
    PassRun run;
    uint32_t requires, establishes, breaks; /* bit sets of PassFact */
    const char *description;
} PassInfo;

typedef struct PassStep {
    PassId pass;
    int level;      /* the lowest -O level that runs it */
    uint32_t group; /* neighbours of one group run to a fixed point; 0: once */
} PassStep;

typedef struct PassOrder {
    PassId before, after;
    const char *why;
} PassOrder;

/* How often a group is repeated at most: each round exposes what the last one left; after three
 * there is next to nothing on real programs, and the bound keeps compile time linear. */
enum { PASS_GROUP_LIMIT = 3 };

extern const PassInfo pass_infos[PASS_COUNT];

const PassStep *pass_steps(uint32_t *count);
const PassOrder *pass_orders(uint32_t *count);

/* True when the steps keep every contract at every level; otherwise a line for each broken one. */
bool pass_steps_check(const PassStep *steps, uint32_t count, StrBuf *problems);

#endif
